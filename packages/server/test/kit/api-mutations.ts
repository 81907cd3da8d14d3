import type { Random } from '../stories/random.ts';
import type { Operation, Parameter, Schema } from './api-document.ts';

/** One request, in parts that can be spoiled. */
export type Draft = {
  readonly operation: Operation;
  readonly params: Readonly<Record<string, string>>;
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Undefined: nothing is sent. */
  readonly body: unknown;
  /** Sent instead of the body. */
  readonly raw?: Buffer | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** What was done to it, for whoever reads of a failure. */
  readonly done: readonly string[];
};

/** Texts that have broken programs: for databases, pages, shells, writers of JSON, and readers from the right. */
export const hostileTexts: readonly string[] = [
  ...[
    '',
    ' ',
    '\u0000',
    'a\u0000b',
    '\ud800',
    '\udfff\ud800',
    '\u202eabc\u202c',
    '\u200f\u05d0',
    '\u{1f9e8}'.repeat(40),
  ],
  ...[
    `'; drop table numbers; --`,
    `" or 1=1 --`,
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '{{7*7}}',
  ],
  ...[
    '../../etc/passwd',
    '%00',
    '%',
    '%2500',
    '$(id)',
    '`id`',
    '\r\nset-cookie: a=b',
    '\n',
    '\t',
    '\u2028',
    '\ufeff',
    '\ufffd',
  ],
  ...[
    'null',
    'undefined',
    'NaN',
    'true',
    '__proto__',
    'constructor',
    'toString',
    '0x10',
    '1e3',
    '-0',
    '12',
    '\u0663',
    '1,000',
  ],
  ...['P-0', 'R-0', 'W-1\u0000', 'msg_', 'I-99999999999999999999', 'C--1', '9'.repeat(64), '9'.repeat(300)],
  ...['2015-10-28', '2015-02-31T00:00:00Z', '2015-10-28T16:20:60Z', '2015-10-28T23:59:60Z', '0000-01-01T00:00:00Z'],
  ...['9999-12-31T23:59:59Z', '2015-10-28 16:20:00Z', '2015-10-28T16:20:00', '+275760-09-13T00:00:00Z'],
  ...['XXX', 'USD', 'JPY', 'cny', 'CNY ', '\uff23\uff2e\uff39', 'x'.repeat(201), 'x'.repeat(1001), 'x'.repeat(10_000)],
];

const hostileNumbers: readonly number[] = [
  ...[
    0,
    -0,
    -1,
    1,
    0.5,
    1.005,
    100.001,
    1e21,
    1e308,
    -1e308,
    5e-324,
    2 ** 31,
    2 ** 32,
    2 ** 53,
    2 ** 53 + 2,
    2 ** 63,
    2 ** 64,
  ],
  ...[999_999_999_999, 1_000_000_000_000, 1_000_000_000_001, -(2 ** 53), 1e-7],
];

function deep(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

function hostileValue(random: Random, was: unknown): unknown {
  return random.pick<() => unknown>([
    () => random.pick(hostileTexts),
    () => random.pick(hostileTexts),
    () => random.pick(hostileNumbers),
    () => random.pick(hostileNumbers),
    () => random.pick([null, true, false, [], {}, [[]], { a: 1 }]),
    () => [was],
    () => [was, was],
    () => JSON.stringify(was),
    () => ({ [random.pick(hostileTexts)]: was }),
    () => Array.from({ length: 2000 }, () => was),
    () => deep(random.pick([5, 500, 5000])),
    () => (random.chance(0.1) ? 'x'.repeat(1024 * 1024) : 'x'.repeat(5000)),
  ])();
}

type Place = { readonly holder: Record<string, unknown> | unknown[]; readonly name: string | number };

function placesIn(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, unknown> | unknown[];
  const names: (string | number)[] = Array.isArray(holder) ? [...holder.keys()] : Object.keys(holder);
  return names.flatMap((name) => [{ holder, name }, ...placesIn((holder as Record<string | number, unknown>)[name])]);
}

/** `__proto__` as a name of its own, as a reader of JSON makes it. */
function put({ holder, name }: Place, value: unknown): void {
  Object.defineProperty(holder, name, { value, enumerable: true, writable: true, configurable: true });
}

function spoilBody(random: Random, draft: Draft): Draft {
  const body: unknown = structuredClone(draft.body);
  const places = placesIn(body);
  if (places.length === 0 || random.chance(0.05))
    return { ...draft, body: hostileValue(random, {}), done: [...draft.done, 'whole body'] };
  const place = random.pick(places);
  const act = random.pick(['take away', 'add', 'replace', 'replace', 'replace'] as const);
  if (act === 'take away' && !Array.isArray(place.holder)) Reflect.deleteProperty(place.holder, place.name);
  else if (act === 'add')
    put({ ...place, name: random.pick([...hostileTexts, 'extra', 'merchant_id', 'id']) }, hostileValue(random, 1));
  else put(place, hostileValue(random, (place.holder as Record<string | number, unknown>)[place.name]));
  return { ...draft, body, done: [...draft.done, `${act} ${place.name}`] };
}

function spoilBytes(random: Random, draft: Draft): Draft {
  const json = JSON.stringify(draft.body ?? {});
  const texts: readonly (() => string | Buffer)[] = [
    () => json.slice(0, random.below(json.length + 1)),
    () => `${json}${json}`,
    () => `\ufeff${json}`,
    () => Buffer.from(json, 'utf16le'),
    () => Buffer.concat([Buffer.from(json.slice(0, -1)), Buffer.from([0xff, 0xfe]), Buffer.from('}')]),
    () => json.replace(/:(\d+)/, ':1e999'),
    () => json.replace(/:(\d+)/, ':-$1'),
    () => json.replace(/:(\d+)/, ':$1.000000000000000000001'),
    () => json.replace(/^\{/, '{"__proto__":{"amount":1},'),
    () => json.replace(/^\{/, '{"constructor":{"prototype":{"x":1}},'),
    () => json.replace(/"/g, "'"),
    () => '[]'.repeat(1000),
    () => '['.repeat(100_000),
    () => random.pick(['null', '""', '0', 'true', '[]', '{}', 'NaN', 'a=1&b=2', '<a/>', ' ', '\n']),
    () => Buffer.from(Array.from({ length: 200 }, () => random.below(256))),
  ];
  return { ...draft, raw: Buffer.from(random.pick(texts)()), done: [...draft.done, 'bytes'] };
}

function spoilQuery(random: Random, draft: Draft): Draft {
  const names = draft.operation.parameters.filter((one) => one.in === 'query').map((one: Parameter) => one.name);
  const name = random.pick([...names, ...names, 'limit', 'unknown', '__proto__', 'merchant_id']);
  const odd = [
    '0',
    '-1',
    '1001',
    '1e3',
    '1.5',
    'NaN',
    '99999999999999999999',
    ' 1',
    '+1',
    '0s',
    '31s',
    '1',
    'W10',
    'WzEsMl0',
  ];
  const value = random.pick([...hostileTexts, ...odd, ...odd]);
  const doubled = draft.query.length > 0 && random.chance(0.3) ? [random.pick(draft.query)] : [];
  const added = random.pick([`${name}[]`, name, name, name, name]);
  const query = [
    ...draft.query.filter(([one]) => one !== name || random.chance(0.3)),
    ...doubled,
    [added, value] as const,
  ];
  return { ...draft, query, done: [...draft.done, `query ${name}`] };
}

function spoilPath(random: Random, draft: Draft): Draft {
  const names = Object.keys(draft.params);
  if (names.length === 0) return spoilQuery(random, draft);
  const name = random.pick(names);
  return {
    ...draft,
    params: { ...draft.params, [name]: random.pick(hostileTexts) },
    done: [...draft.done, `path ${name}`],
  };
}

function spoilHeaders(random: Random, draft: Draft): Draft {
  const types = [
    'text/plain',
    'application/xml',
    'application/json; charset=gbk',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded',
  ];
  const [name, value] = random.pick<() => readonly [string, string]>([
    () => [
      'content-type',
      random.pick([...types, 'application/json;', 'APPLICATION/JSON', '/', 'application/octet-stream']),
    ],
    () => [
      'idempotency-key',
      random.pick(['', ' ', 'x'.repeat(200), 'x'.repeat(201), 'a b', '"quoted"', '\u00fc', 'a,b', '"']),
    ],
    () => [
      'authorization',
      random.pick(['', 'Bearer', 'Bearer ', 'Basic eDp5', 'Bearer a b', `Bearer ${'x'.repeat(5000)}`, 'bearer null']),
    ],
    () => ['x-forwarded-for', random.pick(['127.0.0.1', 'nowhere', '::1, 10.0.0.1', "'"])],
    () => ['accept-language', random.pick(['zh', 'zh-CN;q=2', '*;q=x', ',,,', 'x'.repeat(4000)])],
    () => ['accept', random.pick(['text/html', 'application/xml;q=1', '*/*;q=0'])],
    () => ['content-encoding', random.pick(['gzip', 'br', 'x'])],
    () => ['x-huge', 'x'.repeat(100_000)],
  ])();
  return { ...draft, headers: { ...draft.headers, [name]: value }, done: [...draft.done, `header ${name}`] };
}

/** Values at the bounds of a schema, just beyond them, and of the types that are taken for it by mistake. */
export function edgesOf({
  type,
  minimum = 0,
  maximum = 2 ** 53,
  maxLength = 1000,
  enum: words,
}: Schema): readonly unknown[] {
  if (words) return ['nonsense', null];
  if (type === 'integer')
    return [minimum - 1, minimum, -1, 0, maximum + 1, 1.5, String(Math.max(minimum, 1)), true, null];
  if (type === 'string') return ['', 'x'.repeat(maxLength + 1), 'a\u0000b', '\ud800', 12, null];
  if (type === 'boolean') return ['true', 1, null];
  return type === 'array' ? [[], 'a', null] : [{}, [], 'a', null];
}

/** One mistake more in a request, of a kind that fits it. */
export function spoil(random: Random, draft: Draft): Draft {
  const kinds = [spoilPath, spoilQuery, spoilHeaders];
  const ofBody = draft.operation.method === 'POST' ? [spoilBody, spoilBody, spoilBody, spoilBody, spoilBytes] : [];
  return random.pick([...kinds, ...ofBody])(random, draft);
}
