// Goal: a shop is never told "failed" of what may have happened, and nothing is done twice.
// Method: answers by list, keys and pauses looked at.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { createLiushui, OutcomeUnknownError, RefusedError, UnreachableError } from './index.ts';
import type { Fetch, LiushuiOptions, NewPayment, Problem } from './index.ts';

const wish: NewPayment = {
  ...{ order_no: 'A1001', amount: 42_000, currency: 'CNY', subject: '茶', account_id: 'A1', product: 'page' },
};

const problem = (status: number, changes: Partial<Problem> = {}): Problem => ({
  ...{ type: '/docs/errors/x', title: 'x', status, code: 'order.already_paid', detail: 'Paid.', detail_zh: '已付。' },
  ...{ params: {}, money: 'not_moved', retry: 'never', way_out: { zh: '看', en: 'Look' }, request_id: 'r1' },
  ...changes,
});

type Step = { readonly status: number; readonly body: unknown } | Error | 'hang';
const done: Step = { status: 201, body: { order_no: 'A1001', state: 'unpaid' } };
const busy: Step = { status: 503, body: problem(503, { code: 'server.busy', retry: 'after' }) };
const running: Step = {
  ...{ status: 409, body: problem(409, { code: 'idempotency.still_running', retry: 'same_key', money: 'unknown' }) },
};
const bug: Step = {
  status: 500,
  body: problem(500, { code: 'server.bug_in_doubt', retry: 'same_key', money: 'unknown' }),
};
const paid: Step = { status: 409, body: problem(409) };
const gateway: Step = { status: 502, body: '<html>Bad Gateway</html>' };
const noLogin: Step = { status: 401, body: problem(401, { code: 'auth.token_revoked' }) };
const broken: Step = Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNRESET', syscall: 'read' } });
const unreached: Step = Object.assign(new TypeError('fetch failed'), {
  cause: { code: 'ECONNREFUSED', errors: [{ code: 'ECONNREFUSED' }, { code: 'ECONNREFUSED' }] },
});
const halfReached: Step = Object.assign(new TypeError('fetch failed'), {
  cause: { errors: [{ code: 'ECONNREFUSED' }, { code: 'ECONNRESET' }] },
});

type Seen = { readonly url: string; readonly key: string | undefined; readonly body: string | undefined };

function play(steps: readonly Step[], more: Partial<LiushuiOptions> = {}) {
  const left = [...steps];
  const seen: Seen[] = [];
  const pauses: number[] = [];
  const fetch: Fetch = async (url, { headers, body, signal }) => {
    seen.push({ url, key: headers['idempotency-key'], body });
    const step = left.shift();
    if (step === undefined) throw new Error('asked more often than expected');
    if (step === 'hang')
      return new Promise((_, fail) => signal.addEventListener('abort', () => fail(signal.reason as Error)));
    if (step instanceof Error) throw step;
    const text = typeof step.body === 'string' ? step.body : JSON.stringify(step.body);
    return { status: step.status, headers: { get: () => 'r1' }, text: async () => text };
  };
  const sleep = async (ms: number): Promise<void> => void pauses.push(ms);
  const options = { baseUrl: 'http://liushui.test/', key: 'k', fetch, sleep, random: () => 1, timeoutMs: 20, ...more };
  return { liushui: createLiushui(options), seen, pauses, left };
}

const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    (error: unknown) => error,
  );

test.each<
  [string, readonly Step[], 'answer' | typeof RefusedError | typeof OutcomeUnknownError | typeof UnreachableError]
>([
  ['answered', [done], 'answer'],
  ['not reached, then answered', [unreached, done], 'answer'],
  ['still running, then answered', [running, running, done], 'answer'],
  ['busy, then answered', [busy, done], 'answer'],
  ['a gateway in between, then answered', [gateway, done], 'answer'],
  ['refused', [paid], RefusedError],
  ['refused after a doubtful try: the word of the record', [bug, paid], RefusedError],
  ['busy to the end: the server says that nothing moved', [busy, busy, busy, busy], RefusedError],
  ['never reached', [unreached, unreached, unreached, unreached], UnreachableError],
  ['no word in time', ['hang'], OutcomeUnknownError],
  ['the connection broke', [broken], OutcomeUnknownError],
  ['one of two addresses was reached and broke', [halfReached], OutcomeUnknownError],
  ['a success that cannot be read', [{ status: 201, body: '{"order_no":' }], OutcomeUnknownError],
  ['a refusal that is not ours', [{ status: 403, body: '<html>' }], OutcomeUnknownError],
  ['led elsewhere', [{ status: 307, body: '' }], OutcomeUnknownError],
  ['still running to the end', [running, running, running, running], OutcomeUnknownError],
  ['in doubt to the end', [bug, bug, bug, bug], OutcomeUnknownError],
  [
    'a gateway, then not reached: the first may have gone through',
    [gateway, unreached, unreached, unreached],
    OutcomeUnknownError,
  ],
  ['in doubt, then busy', [bug, busy, busy, busy], OutcomeUnknownError],
  ['in doubt, then shut out at the door', [bug, noLogin], OutcomeUnknownError],
  ['not reached, then no word', [unreached, 'hang'], OutcomeUnknownError],
])('a payment is wished, %s', async (_name, steps, end) => {
  const { liushui, seen, left } = play(steps);
  const ended = liushui.payments.create(wish);
  if (end === 'answer') expect(await ended).toMatchObject({ order_no: 'A1001' });
  else expect(await errorOf(ended)).toBeInstanceOf(end);
  expect(left).toEqual([]);
  expect(seen).toHaveLength(steps.length);
  expect(new Set(seen.map(({ key, body }) => `${key} ${body}`)).size).toBe(1);
});

test('what only asks may be asked again, and ends as not reached', async () => {
  const order = { status: 200, body: { order_no: 'A1001' } };
  expect(await play(['hang', broken, order]).liushui.orders.get('A1001')).toEqual(order.body);
  expect(await errorOf(play([broken, broken, broken, broken]).liushui.orders.get('A1'))).toBeInstanceOf(
    UnreachableError,
  );
});

test('each call has a key of its own, and an unknown outcome hands it out to ask again with', async () => {
  const { liushui, seen } = play([done, 'hang', done]);
  await liushui.payments.create(wish);
  const unknown = await errorOf(liushui.payments.create(wish));
  if (!(unknown instanceof OutcomeUnknownError)) throw new Error('expected doubt');
  expect(unknown).not.toBeInstanceOf(RefusedError);
  expect(unknown.about).toEqual({ order_no: 'A1001' });
  expect(unknown.message).toContain('it has not failed');
  await liushui.payments.create(wish, { idempotencyKey: unknown.key });
  const [first, second, third] = seen.map(({ key }) => key);
  expect(second).not.toBe(first);
  expect(third).toBe(second);
});

test('a refusal says its code, the way out and what became of the money', async () => {
  const refused = await errorOf(play([paid]).liushui.payments.create(wish));
  expect(refused).toMatchObject({
    ...{ code: 'order.already_paid', status: 409, moneyMoved: 'not_moved', requestId: 'r1' },
    wayOut: { zh: '看', en: 'Look' },
  });
});

test('pauses double with jitter up to five seconds, and are as long as the server asks', async () => {
  const slow = play([unreached, unreached, done]);
  await slow.liushui.payments.create(wish);
  expect(slow.pauses).toEqual([200, 400]);
  const early = play([unreached, done], { random: () => 0 });
  await early.liushui.payments.create(wish);
  expect(early.pauses).toEqual([100]);
  const told = {
    status: 503,
    body: problem(503, { code: 'server.busy', retry: 'after', params: { after_seconds: 3 } }),
  };
  const asked = play([told, done]);
  await asked.liushui.payments.create(wish);
  expect(asked.pauses).toEqual([3000]);
});

test('a failure that is not to be repeated is not', async () => {
  const set = { status: 500, body: problem(500, { code: 'server.item_quarantined', retry: 'never' }) };
  expect(await errorOf(play([set]).liushui.payments.create(wish))).toBeInstanceOf(RefusedError);
});

test.each([0, -1, 1.5, Number.NaN, 2 ** 53])(
  'an amount of %d leaves the shop as an error, not as a request',
  (amount) => {
    const { liushui, seen } = play([]);
    expect(() => liushui.payments.create({ ...wish, amount })).toThrow(TypeError);
    expect(() => liushui.refunds.create('p', { refund_no: 'R1', amount, reason: 'x' })).toThrow(TypeError);
    expect(seen).toEqual([]);
  },
);

test('numbers are carried as they are, and none can lead to another address', async () => {
  const { liushui, seen } = play([done, done]);
  await liushui.orders.get('2015/10#7', { wait: 3, merchant_id: 'demo' });
  expect(seen[0]?.url).toBe('http://liushui.test/v1/orders/2015%2F10%237?merchant_id=demo&wait=3s');
  for (const no of ['', '.', '..']) expect(() => liushui.orders.get(no)).toThrow(TypeError);
  expect(() => liushui.orders.get('A1', { wait: 31 })).toThrow(TypeError);
});

test('no error and nothing told for the log holds the key of the API', async () => {
  const told: unknown[] = [];
  const { liushui } = play([paid, 'hang'], { key: 'very-secret', onCall: (one) => told.push(one) });
  const errors = [await errorOf(liushui.payments.create(wish)), await errorOf(liushui.payments.create(wish))];
  expect(told).toHaveLength(2);
  expect(told[0]).toMatchObject({ method: 'POST', path: '/v1/payments', tries: 1, status: 409, requestId: 'r1' });
  const words =
    errors.map((error) => `${String(error)} ${JSON.stringify(error)}`).join() + JSON.stringify([told, liushui]);
  expect(words).not.toContain('very-secret');
});

test('by the real fetch: refused before sending is not reached, broken after it is unknown', async () => {
  const server = createServer((request) => request.socket.destroy()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const liushui = createLiushui({ baseUrl, key: 'k', sleep: () => Promise.resolve(), timeoutMs: 5000 });
  expect(await errorOf(liushui.payments.create(wish))).toBeInstanceOf(OutcomeUnknownError);
  await new Promise((resolve) => server.close(resolve));
  expect(await errorOf(liushui.payments.create(wish))).toBeInstanceOf(UnreachableError);
});

test('a page for the payer whose address was lost with its answer is made again under another key, as the address is shown once', async () => {
  const repeated: Step = { status: 201, body: { id: 'c1', url: null, expires_at: '2026-12-01T10:30:00+08:00' } };
  const fresh: Step = { status: 201, body: { ...(repeated.body as object), id: 'c2', url: 'http://liushui.test/c/x' } };
  const { liushui, seen } = play([gateway, repeated, fresh]);
  const { account_id: _account, product: _product, ...cashier } = wish;
  expect(await liushui.cashiers.create(cashier, { idempotencyKey: 'k1' })).toMatchObject({
    id: 'c2',
    url: 'http://liushui.test/c/x',
  });
  expect(seen.map(({ key }) => key === 'k1')).toEqual([true, true, false]);
});
