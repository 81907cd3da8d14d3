// Goal: whatever is sent, the API answers in the form that its own document promises, takes nothing that the document forbids, and keeps the
// books right.
// Method: requests made from the served OpenAPI document and from requests that work, most of them spoiled in one or two places, many at once,
// beside payers who pay and workers who work. Seeded: a failure prints the seed and what was sent.
//   LIUSHUI_FUZZ_SEED=7 LIUSHUI_FUZZ_REQUESTS=20000 npm test -- packages/server/test/journeys/api-fuzz.test.ts
import { once } from 'node:events';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { roles } from '../../src/identity/index.ts';
import { minutes, seconds } from '../../src/kernel/index.ts';
import { checkLedger } from '../../src/ledger/index.ts';
import { refusalCodes } from '../../src/platform/refusals.ts';
import { Callers } from '../kit/api-callers.ts';
import type { Said } from '../kit/api-callers.ts';
import { Known, makeJudge, operationsOf, valueOf } from '../kit/api-document.ts';
import type { Document, Judge, Operation, Parameter } from '../kit/api-document.ts';
import { edgesOf, spoil } from '../kit/api-mutations.ts';
import type { Draft } from '../kit/api-mutations.ts';
import { samples } from '../kit/api-samples.ts';
import { makeThings } from '../kit/api-things.ts';
import type { Things } from '../kit/api-things.ts';
import { usePayWorld } from '../kit/pay-world.ts';
import { md5Key, merchant } from '../kit/world.ts';
import { randomOf } from '../stories/random.ts';

const seed = Number(process.env['LIUSHUI_FUZZ_SEED'] ?? 20151028);
/** Unless told, as many as some seconds take. */
const requests = Number(process.env['LIUSHUI_FUZZ_REQUESTS'] ?? 0);
const usualMs = 5000;
const atOnce = 8;
const betweenTurns = 200;

const own = usePayWorld('2015-10-28 16:20:00');
const random = randomOf(seed);
const known = new Known();
let callers: Callers;
let things: Things;
let operations: readonly Operation[];
let judge: Judge;
let nonces = 0;

beforeAll(async () => {
  things = await makeThings(own.world);
  callers = new Callers(own.world.app, own.world.server);
  for (const id of ['one', 'two']) await callers.add(id, roles, [merchant]);
  await callers.add('whole', roles, ['*']);
  await callers.add('other', roles, ['other']);
  operations = operationsOf((await callers.call('one', 'GET', '/v1/openapi.json')).body as Document);
  judge = await makeJudge();
  known.learnAll(things);
  for (const [name, value] of Object.entries(things)) known.learn('id', name === 'merchant' ? '' : value);
  known.learn('account_id', things.account);
  known.learn('merchant_id', merchant);
  known.learn('report_id', things.report);
  known.learn('number', things.number);
  known.learn('order_no', things.orderNo);
}, 120_000);

function drawn(operation: Operation): Draft {
  const { method, path, parameters, body } = operation;
  const made = random.chance(0.6) ? samples[`${method} ${path}`]?.(things, `f${(nonces += 1)}`) : undefined;
  const fill = ({ name, schema }: Parameter): string => String(valueOf(random, name, schema, known));
  const ofPath = parameters.filter((one) => one.in === 'path');
  const ofQuery = parameters.filter(
    (one) => one.in === 'query' && (one.required === true || random.chance(one.name === 'wait' ? 0.02 : 0.3)),
  );
  const file = operation.takesFile ? Buffer.from(made?.file ?? 'order_no,status\nX,0\n') : undefined;
  return {
    operation,
    params: Object.fromEntries(
      ofPath.map((one) => [one.name, (random.chance(0.7) ? made?.params?.[one.name] : undefined) ?? fill(one)]),
    ),
    query: made?.query ? Object.entries(made.query) : ofQuery.map((one) => [one.name, fill(one)]),
    body: made ? (made.body ?? {}) : body ? valueOf(random, '', body, known) : {},
    ...(file ? { raw: file } : {}),
    headers: { 'content-type': operation.takesFile ? 'text/csv' : 'application/json' },
    done: [made ? 'sample' : 'drawn'],
  };
}

function wireOf({ operation, params, query, body, raw, headers }: Draft) {
  const encode = (text: string): string => (text.isWellFormed() ? encodeURIComponent(text) : '%ED%A0%80');
  const filled = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => encode(params[name] ?? ''));
  const asked = query.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
  const url = asked === '' ? filled : `${filled}?${asked}`;
  if (operation.method === 'GET') return { url, more: { headers } };
  return { url, more: { headers, payload: raw ?? JSON.stringify(body) } };
}

/** What a reader of JSON gets: nothing at all is an empty body, and a mark of the order of bytes may be there (RFC 8259 §8.1). */
function sentOf({ raw, body }: Pick<Draft, 'raw' | 'body'>): unknown {
  const text = raw ? raw.toString('utf8').replace(/^\ufeff/, '') : JSON.stringify(body);
  return JSON.parse(text === '' ? '{}' : text);
}

/** What the document says of this request: why it must not be carried out, or nothing. */
function forbidden({ operation, params, query, body, raw, headers }: Draft): string | undefined {
  for (const { name, in: place, schema, required } of operation.parameters) {
    if (place === 'header') continue;
    const given = place === 'path' ? [params[name]] : query.filter(([one]) => one === name).map(([, value]) => value);
    if (given.length > 1) return `${name} is doubled`;
    const [text] = given;
    if (text === undefined && required === true) return `${name} is missing`;
    const isNumber = schema.type === 'integer';
    const value = isNumber && /^-?\d+$/.test(text ?? '') ? Number(text) : text;
    const wrong = text === undefined ? undefined : judge(schema, value);
    if (wrong !== undefined) return `${name}: ${wrong}`;
  }
  if (!operation.body || operation.takesFile) return undefined;
  if (!/^application\/json\b/i.test(headers['content-type'] ?? '')) return 'the type of the body';
  try {
    return judge(operation.body, sentOf({ raw, body }));
  } catch (error) {
    return String(error);
  }
}

/** Words of the inside: where code stands, what a database says, secrets. */
const inside =
  /node_modules|\bat \S+ \(|\.[tj]s:\d+|\bsyntax error at\b|invalid input syntax|violates|relation "|PRIVATE KEY|whsec_/;
const han = /\p{Script=Han}/u;

function wrongProblem(said: Said): string | undefined {
  if (!/^application\/problem\+json/.test(String(said.headers['content-type'])))
    return `type ${String(said.headers['content-type'])}`;
  const {
    code,
    status,
    detail,
    detail_zh: zh,
    way_out: out,
    type,
  } = said.body as Record<string, string> & { way_out: Record<string, string> };
  if (!(refusalCodes as readonly (string | undefined)[]).includes(code)) return `code ${code}`;
  if (Number(status) !== said.status || type !== `/docs/errors/${code}`) return `status ${status}, type ${type}`;
  if (![zh, out['zh']].every((words) => han.test(words ?? ''))) return 'zh';
  if (![detail, out['en']].every((words) => /[a-z]{2}/i.test(words ?? ''))) return 'en';
  if (said.headers['request-id'] !== (said.body as { request_id: string }).request_id) return 'request id';
  return undefined;
}

/** Which law an answer breaks, or nothing. */
function wrongOf(draft: Draft, said: Said): string | undefined {
  const { status, text, body } = said;
  if (status >= 500) return `answered ${status} ${text.slice(0, 300)}`;
  if (inside.test(text) && status >= 400) return `tells of the inside: ${text.slice(0, 500)}`;
  if (text.includes(md5Key)) return 'tells a secret';
  // Refused before a route was found: the answer is a problem all the same.
  const declared = draft.operation.responses[status] ?? (status >= 400 ? draft.operation.responses['4XX'] : undefined);
  if (!declared) return `answers ${status}, which the document does not know`;
  const [[type, { schema }] = ['', {}]] = Object.entries(declared.content ?? {}) as [[string, { schema?: object }]?];
  if (!String(said.headers['content-type']).startsWith(type ?? ''))
    return `type ${String(said.headers['content-type'])}, not ${type}`;
  const isBinary = (schema as { format?: string } | undefined)?.format === 'binary';
  const misfit = schema && !isBinary ? judge(schema, body) : undefined;
  if (misfit !== undefined) return `answer ${status} is not as the document says: ${misfit} ${text.slice(0, 300)}`;
  if (status >= 400) return wrongProblem(said);
  const nonsense = forbidden(draft);
  return nonsense === undefined ? wrongDeed(draft, said) : `carried out although ${nonsense}`;
}

/** An amount that is taken is the one that was sent, in a currency that the account has. */
function wrongDeed({ operation, ...draft }: Draft, said: Said): string | undefined {
  if (operation.method !== 'POST' || !['/v1/payments', '/v1/payments/{id}/refunds'].includes(operation.path))
    return undefined;
  const sent = sentOf(draft) as { amount?: number; currency?: string };
  const answer = said.body as Record<string, unknown> & { attempt?: Record<string, unknown> };
  const taken = answer.attempt ?? answer;
  if (!(Number(taken['amount_minor']) > 0)) return `took ${String(taken['amount_minor'])}`;
  if (sent.amount !== undefined && taken['amount_minor'] !== sent.amount)
    return `took ${String(taken['amount_minor'])}`;
  if (sent.currency !== undefined && taken['currency'] !== sent.currency) return `took ${String(taken['currency'])}`;
  return taken['currency'] === 'CNY' ? undefined : `took ${String(taken['currency'])}`;
}

const answered = { all: 0, carriedOut: 0 };

type Failure = { readonly wrong: string; readonly request: string };

const shown = (draft: Draft): string => {
  const { url, more } = wireOf(draft);
  const sent = JSON.stringify(more).slice(0, 600);
  return `${draft.operation.method} ${url.slice(0, 300)} ${sent} (${draft.done.join(', ')})`;
};

/** Each member of each body that works, at its bounds and beyond them. */
function edges(): Draft[] {
  return operations.flatMap((operation) => {
    const make = samples[`${operation.method} ${operation.path}`];
    return Object.entries((make && operation.body?.properties) ?? {}).flatMap(([name, schema]) =>
      edgesOf(schema).map((edge) => {
        const { params = {}, query = {}, body = {} } = make?.(things, `e${(nonces += 1)}`) ?? {};
        const headers = { 'content-type': 'application/json' };
        const done = [`edge of ${name}`];
        return { operation, params, query: Object.entries(query), body: { ...body, [name]: edge }, headers, done };
      }),
    );
  });
}

function spoiled(): Draft {
  let draft = drawn(random.pick(operations));
  for (let times = random.pick([0, 0, 1, 1, 1, 2, 2]); times > 0; times -= 1) draft = spoil(random, draft);
  return draft;
}

async function trial(draft: Draft, who: string): Promise<Failure | undefined> {
  const { url, more } = wireOf(draft);
  const { method } = draft.operation;
  const twice = method === 'POST' && random.chance(0.1);
  const token = await callers.keyOf(who, 3);
  const key = draft.headers['idempotency-key'] ?? `z${(nonces += 1)}`;
  const headers = { ...(method === 'POST' ? { 'idempotency-key': key } : {}), ...more.headers };
  const from = 'authorization' in more.headers ? { remoteAddress: `198.51.100.${(nonces += 1) % 250}` } : {};
  const said = await callers.send(token, method, url, { ...more, ...from, headers });
  answered.all += 1;
  if (said.status < 300) {
    answered.carriedOut += 1;
    known.learnAll(said.body);
  }
  const wrong = wrongOf(draft, said) ?? (twice ? await wrongAgain(draft, said, token, headers) : undefined);
  return wrong === undefined ? undefined : { wrong, request: shown(draft) };
}

/** The same key with the same bytes gets the same answer; with others it is refused, and nothing more happens. */
async function wrongAgain(
  draft: Draft,
  first: Said,
  token: string,
  headers: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const { url, more } = wireOf(draft);
  const again = await callers.send(token, 'POST', url, { ...more, headers });
  const isKept = again.headers['idempotent-replayed'] === 'true';
  if (isKept && (again.status !== first.status || (first.status >= 400 && !isDeepStrictEqual(again.body, first.body))))
    return `answered again with ${again.status} ${again.text.slice(0, 200)} after ${first.status}`;
  if (first.status < 300 && !isKept) return `carried out twice: ${again.status} ${again.text.slice(0, 200)}`;
  if (!isKept) return undefined;
  const sent = Buffer.from('payload' in more ? more.payload : '');
  if (sent.length === 0) return undefined;
  const bytes = Buffer.concat([sent, Buffer.from(' ')]);
  const other = await callers.send(token, 'POST', url, { payload: bytes, headers });
  const code = (other.body as { code?: string } | undefined)?.code;
  return other.status === 422 && code === 'idempotency.other_body'
    ? undefined
    : `another request under its key: ${other.status} ${code}`;
}

/** Payers pay what they were asked for, workers work, and time goes on. */
async function turn(): Promise<void> {
  const open = await own.world.app.db.query<{ serial_no: string }>(
    `select serial_no from payment_attempts where state not in ('succeeded', 'rejected', 'closed') order by id desc limit 5`,
  );
  for (const { serial_no: no } of open.filter(() => random.chance(0.4)))
    await own.world.post('/control/openapi/pay', { out_trade_no: no }).catch(() => undefined); // nobody has opened it yet
  await own.world.pass(random.pick([seconds(5), seconds(30), minutes(2)]));
}

/** One failure of each kind is shown. */
class Failures {
  readonly #seen = new Map<string, Failure>();

  add(failure: Failure): void {
    const kind = `${failure.wrong.slice(0, 60)} ${failure.request.slice(0, 30)}`.replace(/[0-9a-f-]{36}/g, '');
    if (!this.#seen.has(kind)) this.#seen.set(kind, failure);
  }

  get all(): readonly string[] {
    return [...this.#seen.values()].map(({ wrong, request }) => `${wrong}\n    ${request}`);
  }
}

test('no amount that the document lets in is less than one minor unit', () => {
  const amounts = operations.flatMap(({ path, body, parameters }) => [
    ...Object.entries(body?.properties ?? {}).map(([name, schema]) => ({ path, name, schema })),
    ...parameters.map(({ name, schema }) => ({ path, name, schema })),
  ]);
  const named = amounts.filter(({ name, schema }) => /amount|minor/.test(name) && schema.type === 'integer');
  expect(named.length).toBeGreaterThan(2);
  expect(named.filter(({ schema: { minimum = -1 } }) => minimum < 1)).toEqual([]);
});

test('every member of every body is held to its bounds', async () => {
  const failures = new Failures();
  const drafts = edges();
  expect(drafts.length).toBeGreaterThan(200);
  while (drafts.length > 0) {
    const some = drafts
      .splice(0, atOnce)
      .map((draft) => trial(draft, draft.operation.path.includes('users') ? 'whole' : 'one'));
    for (const failure of await Promise.all(some)) if (failure) failures.add(failure);
  }
  expect(failures.all).toEqual([]);
}, 300_000);

test(`requests from the document, spoiled and not, keep the laws of the API (seed ${seed})`, async () => {
  const failures = new Failures();
  const started = performance.now();
  const isOver = (sent: number): boolean => (requests > 0 ? sent >= requests : performance.now() - started > usualMs);
  const who = ['one', 'one', 'one', 'two', 'two', 'whole', 'other'];
  for (let sent = 0; !isOver(sent) && failures.all.length < 40; sent += atOnce) {
    const some = Array.from({ length: atOnce }, () => trial(spoiled(), random.pick(who)));
    for (const failure of await Promise.all(some)) if (failure) failures.add(failure);
    if (sent % betweenTurns < atOnce) await turn();
  }
  expect(failures.all).toEqual([]);
  expect(answered.carriedOut, 'nothing is tried where everything is refused').toBeGreaterThan(answered.all / 20);
}, 3_600_000);

/** What comes back over a connection of its own, up to its end. */
async function spoken(bytes: string): Promise<Said> {
  const { port } = own.world.server.server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  const pieces: Buffer[] = [];
  socket.on('data', (piece: Buffer) => pieces.push(piece));
  socket.end(bytes, 'latin1');
  await once(socket, 'close');
  const [head = '', text = ''] = Buffer.concat(pieces).toString('utf8').split('\r\n\r\n', 2);
  const [line = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(lines.map((one) => one.toLowerCase().split(/: (.*)/, 2) as [string, string]));
  return {
    status: Number(line.split(' ')[1]),
    headers,
    text,
    body: JSON.parse(text === '' ? 'null' : text) as unknown,
  };
}

test.each([
  ['no HTTP', 'hello\r\n\r\n'],
  ['an unknown method', 'FOO / HTTP/1.1\r\nhost: x\r\n\r\n'],
  ['huge headers', `GET /v1/cases HTTP/1.1\r\nhost: x\r\nx-huge: ${'x'.repeat(64_000)}\r\n\r\n`],
  ['a NUL in a header', 'GET /v1/cases HTTP/1.1\r\nhost: x\r\nx-odd: a\u0000b\r\n\r\n'],
  ['two lengths', 'POST /v1/payments HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}'],
  ['a negative length', 'POST /v1/payments HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n{}'],
  [
    'a length and chunks',
    'POST /v1/payments HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}',
  ],
  ['a broken chunk', 'POST /healthz HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'],
  ['a path that is none', 'GET /v1/numbers/%ff%fe HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'],
])('%s is refused in our form', async (_name, bytes) => {
  const said = await spoken(bytes);
  expect([said.status, wrongProblem(said)]).toEqual([
    expect.toSatisfy((status: number) => status >= 400 && status < 500),
    undefined,
  ]);
});

test('afterwards the process answers, the books balance, and nothing moved but what was asked for', async () => {
  const { app } = own.world;
  expect((await callers.call('one', 'GET', '/healthz')).status).toBe(200);
  expect(await checkLedger(app.db)).toEqual([]);
  const odd = await app.db.query(
    `select 'attempt' as kind, a.id::text from payment_attempts a join merchant_orders o on o.bucket = a.bucket and o.id = a.order_id
       where a.amount_minor <= 0 or a.received_minor < 0 or a.currency <> 'CNY' or a.currency <> o.currency
     union all select 'refund', r.id::text from refunds r join payment_attempts a on a.bucket = r.bucket and a.id = r.attempt_id
       where r.amount_minor <= 0 or r.currency <> a.currency
     union all select 'attempt given back more than it got', a.id::text from payment_attempts a
       where a.refunding_minor > a.received_minor`,
  );
  expect(odd).toEqual([]);
});
