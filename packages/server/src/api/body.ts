import { Compile } from 'typebox/compile';
import type { Validator } from 'typebox/compile';
import type { TSchema } from 'typebox';
import type { Refusal } from '../kernel/index.ts';
import { badInput, told } from './problems.ts';

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
    const unknown = unknownField(schema, last);
    if (unknown) return unknown;
    const names: unknown[] = [last?.params].flatMap((params) =>
      params && 'requiredProperties' in params ? params.requiredProperties : [],
    );
    const field = [last?.instancePath.slice(1), names[0]].filter((part) => typeof part === 'string' && part !== '');
    return badInput(field.join('/') || 'body', '', last?.message);
  };
}

/** In both languages: what the check says of it is English. The fields of a part are not told: its schema may be one of several. */
function unknownField(
  schema: TSchema,
  error: ReturnType<Validator['Errors']>[number] | undefined,
): Refusal | undefined {
  const params = error?.params;
  if (!error || !params || !('additionalProperties' in params)) return undefined;
  const [name = ''] = params.additionalProperties;
  const fields = 'properties' in schema ? Object.keys(schema.properties as object) : [];
  const known = error.instancePath === '' && fields.length > 0 ? { known: fields.join(', ') } : {};
  const pointer = `${error.instancePath}/${told(name)}`;
  return { code: 'usage.bad_input', params: { unknown: pointer.slice(1), ...known }, pointer };
}
