import { Compile } from 'typebox/compile';
import type { TSchema } from 'typebox';
import type { Refusal } from '../kernel/index.ts';
import { badInput } from './problems.ts';

/**
 * Checks bodies as they are. Fastify's own check makes a text of an address into the number that its schema wants, and would do the same to
 * a body: `true` were one fen, `null` none, and "12" twelve.
 */
export function checkerOf(schema: TSchema): (body: unknown) => Refusal | undefined {
  const validator = Compile(schema);
  return (body) => {
    if (validator.Check(body)) return undefined;
    const errors = validator.Errors(body);
    // Of a union every branch complains before the union does: the last one speaks of the whole.
    const last = errors.at(-1);
    const names: unknown[] = [last?.params].flatMap((params) =>
      params && 'requiredProperties' in params
        ? params.requiredProperties
        : params && 'additionalProperties' in params
          ? params.additionalProperties
          : [],
    );
    const field = [last?.instancePath.slice(1), names[0]].filter((part) => typeof part === 'string' && part !== '');
    return badInput(field.join('/') || 'body', '', last?.message);
  };
}
