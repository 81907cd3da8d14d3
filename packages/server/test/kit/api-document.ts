import fastify from 'fastify';
import type { Random } from '../stories/random.ts';

export type Schema = {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly format?: string;
};

type Content = Readonly<Record<string, { readonly schema?: Schema }>>;
export type Parameter = {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
};
export type Operation = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | undefined;
  readonly takesFile: boolean;
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
};

type Written = {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Operation['responses'];
};
export type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Written>>>>;
  readonly components: { readonly schemas?: Readonly<Record<string, unknown>> };
};

/** With what it points at put in its places; a document that points at nothing is broken. */
function resolved(part: unknown, { components }: Document): unknown {
  if (typeof part !== 'object' || part === null) return part;
  if (Array.isArray(part)) return part.map((one) => resolved(one, { components, paths: {} }));
  if ('$ref' in part) {
    const target = components.schemas?.[String(part.$ref).replace('#/components/schemas/', '')];
    if (target === undefined) throw new Error(`the document points at nothing: ${String(part.$ref)}`);
    return resolved(target, { components, paths: {} });
  }
  const inner = Object.entries(part).filter(([name]) => name !== '$id');
  return Object.fromEntries(inner.map(([name, one]) => [name, resolved(one, { components, paths: {} })]));
}

/** What a document of OpenAPI 3.1 says can be asked, and how it will be answered. */
export function operationsOf(document: Document): Operation[] {
  const paths = resolved(document.paths, document) as Document['paths'];
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody, responses }]) => ({
      ...{ method: method.toUpperCase() as Operation['method'], path, parameters, responses },
      body: requestBody?.content['application/json']?.schema,
      takesFile: requestBody === undefined ? false : !('application/json' in requestBody.content),
    })),
  );
}

export type Judge = (schema: Schema, value: unknown) => string | undefined;

/** A judge who reads schemas with the framework's validator, and turns nothing into something else on the way. */
export async function makeJudge(): Promise<Judge> {
  const plain = { coerceTypes: false, useDefaults: false, removeAdditional: false, strict: false } as const;
  const host = fastify({ ajv: { customOptions: plain } });
  let judge: Judge = () => 'no judge';
  host.get('/', (request, reply) => {
    judge = (schema, value) => {
      const validate = request.compileValidationSchema(schema);
      const [first] = validate(value) ? [] : (validate.errors ?? []);
      return first && `${first.instancePath} ${first.message}`;
    };
    return reply.send('');
  });
  await host.inject('/');
  return judge;
}

/** What is known to be there, by the name of the member or parameter that holds it. */
export class Known {
  readonly #values = new Map<string, string[]>();

  learn(name: string, value: unknown): void {
    if (typeof value !== 'string' || value === '' || value.length > 100) return;
    const list = this.#values.get(name) ?? [];
    if (list.includes(value)) return;
    list.push(value);
    if (list.length > 40) list.splice(10, 1); // the first ones are of every kind, and stay
    this.#values.set(name, list);
  }

  /** Every text of an answer, under its name. */
  learnAll(value: unknown, name = ''): void {
    if (Array.isArray(value)) for (const item of value.slice(0, 3)) this.learnAll(item, name);
    else if (typeof value === 'object' && value !== null)
      for (const [inner, item] of Object.entries(value)) this.learnAll(item, inner);
    else if (/(^|_)(id|no|number|digest|serial)$/.test(name)) {
      this.learn(name, value);
      if (name.endsWith('_id')) this.learn('id', value);
    }
  }

  of(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }
}

const letters = 'abcXYZ0189_.-';
const formed: readonly string[] = ['CNY', '1s', 'https://shop.example/back', 'A1', 'repush', 'http://127.0.0.1:9/x'];

function textOf(random: Random, name: string, schema: Schema, known: Known): string {
  const { minLength = 0, maxLength = 40, pattern, format } = schema;
  if (format === 'date-time')
    return random.pick(['2015-10-28T16:30:00+08:00', '2015-10-28T08:40:00Z', '2016-01-01T00:00:00.5+08:00']);
  const there = known.of(name);
  if (there.length > 0 && random.chance(0.8)) return random.pick(there);
  if (format === 'uuid') return `00000000-0000-4000-8000-${String(random.below(1e6)).padStart(12, '0')}`;
  const length = random.between(Math.max(minLength, 1), Math.max(minLength, Math.min(maxLength, 12)));
  const free = Array.from({ length }, () => letters.charAt(random.below(letters.length))).join('');
  if (pattern === undefined) return free;
  const fitting = [...formed, free].filter((one) => new RegExp(pattern).test(one));
  return fitting.length > 0 ? random.pick(fitting) : free;
}

/** A value that the schema allows, as far as its words tell. */
export function valueOf(random: Random, name: string, schema: Schema, known: Known): unknown {
  const { anyOf, allOf, properties = {}, required = [], items } = schema;
  if (schema.enum) return random.pick(schema.enum);
  if ('const' in schema) return schema.const;
  if (anyOf) return valueOf(random, name, random.pick(anyOf), known);
  if (allOf) return Object.assign({}, ...allOf.map((one) => valueOf(random, name, one, known)));
  switch (schema.type) {
    case 'object': {
      const given = Object.entries(properties).filter(([inner]) => required.includes(inner) || random.chance(0.5));
      return Object.fromEntries(given.map(([inner, one]) => [inner, valueOf(random, inner, one, known)]));
    }
    case 'array': {
      const count = random.between(Math.max(schema.minItems ?? 0, 0), Math.min(schema.maxItems ?? 3, 3));
      return Array.from({ length: count }, () => valueOf(random, name, items ?? {}, known));
    }
    case 'integer':
    case 'number': {
      const { minimum = -1000, maximum = 1_000_000 } = schema;
      return random.chance(0.3)
        ? random.pick([minimum, maximum])
        : random.between(minimum, Math.min(maximum, minimum + 10_000));
    }
    case 'boolean':
      return random.chance(0.5);
    case 'null':
      return null;
    case 'string':
      return textOf(random, name, schema, known);
    case undefined:
    default:
      return random.pick([{}, 'text', 1, null]);
  }
}
