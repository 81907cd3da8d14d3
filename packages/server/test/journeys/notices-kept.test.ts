// Goal: a message of a channel is acknowledged once it is kept; whatever happens to us then, its order hears of it, once.
// Method: the simulated gateway's own messages through the real door, with the books away at the wrong moment.
import { afterEach, expect, test } from 'vitest';
import type { Instant } from '../../src/kernel/index.ts';
import { paidOnce, stepsOn } from '../kit/pay-steps.ts';
import { expectEqualBooks, usePayWorld } from '../kit/pay-world.ts';

const own = usePayWorld('2015-10-28 16:20:00');
const { begin, pay, fault, events, cases, states } = stepsOn(() => own.world);
const s = 1000;

afterEach(() => expectEqualBooks(own.world));

type Kept = { readonly state: string; readonly seen: number };

const keptOf = (serialNo: string): Promise<readonly Kept[]> =>
  own.world.app.db.query<Kept>(
    `select state, seen_count as seen from inbound_notices where reading->>'serialNo' = $1 and reading->>'kind' = 'payment'`,
    [serialNo],
  );

const later = (ms: number): void => own.world.clock.moveTo((own.world.clock.now() + ms) as Instant);

/** A moment later the channel's messages come to our door, and are answered. */
async function deliver(): Promise<void> {
  later(5 * s);
  await own.world.post('/control/clock', { now_ms: own.world.clock.now() });
  await own.world.post('/control/openapi/settle', {});
  await own.world.app.notices.idle();
}

const sweep = (): Promise<number> => own.world.app.notices.sweep();

/** Our books cannot be reached while this happens. */
async function withoutBooks(happens: () => Promise<void>): Promise<void> {
  const { db } = own.world.app;
  await db.query('alter table payment_attempts rename to payment_attempts_away');
  await happens().finally(() => db.query('alter table payment_attempts_away rename to payment_attempts'));
}

/** How each message of this payment was answered, in the channel's own books. */
async function answersTo(serialNo: string): Promise<readonly string[]> {
  type Told = { readonly notices: readonly { readonly out_trade_no: string; readonly state: string }[] };
  const { notices } = await own.world.get<Told>('/openapi/books');
  return notices.filter((one) => one.out_trade_no === serialNo).map(({ state }) => state);
}

test('it is told to its order right after it was acknowledged', async () => {
  const { order, serialNo } = await begin();
  await pay(serialNo);
  await deliver();
  expect(await keptOf(serialNo)).toEqual([{ state: 'told', seen: 1 }]);
  expect(await states(order)).toEqual(paidOnce);
});

test('kept while the books are away, it is acknowledged, waits, and is told by whoever looks ten seconds later', async () => {
  const { order, serialNo } = await begin();
  await pay(serialNo);
  await withoutBooks(deliver);
  expect(await answersTo(serialNo)).toEqual(['acknowledged']);
  expect(await keptOf(serialNo)).toEqual([{ state: 'stored', seen: 1 }]);
  expect(await sweep()).toBe(0); // it came a moment ago: another process may have it in its hands
  later(11 * s);
  expect(await sweep()).toBe(1);
  expect(await keptOf(serialNo)).toEqual([{ state: 'told', seen: 1 }]);
  expect(await states(order)).toEqual(paidOnce);
  expect(await events(order)).toEqual(['payment.succeeded']);
  expect(await sweep()).toBe(0);
});

test('what still cannot be told is put off, twice as long each time, and what came after it is told meanwhile', async () => {
  const [first, second] = [await begin(), await begin()];
  await pay(first.serialNo);
  await withoutBooks(async () => {
    await deliver();
    later(11 * s);
    expect(await sweep()).toBe(1);
    later(5 * s);
    expect(await sweep()).toBe(0);
    later(7 * s);
    expect(await sweep()).toBe(1);
  });
  await pay(second.serialNo);
  await deliver();
  expect(await states(second.order)).toEqual(paidOnce);
  later(11 * s);
  expect(await sweep()).toBe(0);
  later(20 * s);
  expect(await sweep()).toBe(1);
  expect(await states(first.order)).toEqual(paidOnce);
});

test('a key that ended since does not unsay what it proved when the message came', async () => {
  const { order, serialNo } = await begin();
  await pay(serialNo);
  await withoutBooks(deliver);
  later(s);
  const { db, clock } = own.world.app;
  const end = `update channel_secrets set valid_to = $1 where field = 'alipay_openapi_public_key' returning id`;
  expect(await db.query(end, [new Date(clock.now()).toISOString()])).toHaveLength(1);
  later(11 * s);
  expect(await sweep()).toBe(1);
  expect(await states(order)).toEqual(paidOnce);
  await db.query(`update channel_secrets set valid_to = null where field = 'alipay_openapi_public_key'`);
});

test('a kept message whose key is gone is for people: its channel has our word that it came', async () => {
  const { order, serialNo } = await begin();
  await pay(serialNo);
  await withoutBooks(deliver);
  const { db } = own.world.app;
  await db.query(`update channel_secrets set field = 'gone' where field = 'alipay_openapi_public_key'`);
  later(11 * s);
  expect(await sweep()).toBe(1);
  await db.query(`update channel_secrets set field = 'alipay_openapi_public_key' where field = 'gone'`);
  expect(await keptOf(serialNo)).toEqual([{ state: 'unknown', seen: 1 }]);
  const open = await db.query(`select kind from cases where kind = 'notice.unknown' and state = 'open'`);
  expect(open).toHaveLength(1);
  await db.query(`update cases set state = 'closed' where kind = 'notice.unknown'`);
  // Asking finds it all the same.
  await own.world.pass(31 * 60 * s);
  expect(await states(order)).toEqual(paidOnce);
});

test('the same message again is counted, acknowledged, and told once', async () => {
  const { order, serialNo } = await begin();
  await fault('notify_twice', serialNo);
  await pay(serialNo);
  await own.world.pass(40 * s);
  const kept = await keptOf(serialNo);
  expect(kept.map(({ state }) => state)).toEqual(kept.map(() => 'told'));
  expect(kept.reduce((sum, { seen }) => sum + seen, 0)).toBe(2);
  expect(await events(order)).toEqual(['payment.succeeded']);
});

test('a kept message that nobody can open any more is for people', async () => {
  const { order, serialNo } = await begin();
  await fault('never_notify', serialNo, { times: 99 });
  await own.world.app.db.query(
    `insert into inbound_notices (bucket, id, account_id, received_at, peer, digest, message, state, read_at, last_seen_at)
     values (0, gen_random_uuid(), $1, $2, 'p', 'd', '\\x00', 'stored', $2, $2)`,
    [own.world.accountId, new Date(own.world.clock.now()).toISOString()],
  );
  later(11 * s);
  expect(await sweep()).toBe(1);
  const open = await own.world.app.db.query(`select kind from cases where kind = 'notice.unknown' and state = 'open'`);
  expect(open).toHaveLength(1);
  expect(await sweep()).toBe(0);
  expect(await cases(order)).toEqual([]);
});

// The last one: time does not come back.
test('after a year away the messages that nobody told are told', async () => {
  const { order, serialNo } = await begin();
  await pay(serialNo);
  await withoutBooks(deliver);
  later(365 * 86_400 * s);
  expect(await sweep()).toBe(1);
  expect(await states(order)).toEqual(paidOnce);
});
