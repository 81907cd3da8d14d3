// Goal: what is unknown is never called failed, is asked about before it is sent again, and is sent again only after the gap.
// Method: the simulator hangs, drops, refuses and forgets; afterwards our words and counts are compared with its books.
import { expect, test } from 'vitest';
import { runPlan, startTriage } from '../../src/customs/index.ts';
import { hours, minutes, plus, seconds } from '../../src/kernel/index.ts';
import type { Instant } from '../../src/kernel/index.ts';
import { merchant, useWorld, wang } from '../kit/world.ts';
import {
  adopt,
  approvedPlan,
  booksOf,
  fault,
  good,
  list,
  orderOf,
  ordersOf,
  repush,
  runToEnd,
  seed,
  statesOf,
  triage,
} from './steps.ts';
import type { Order } from './steps.ts';

const own = useWorld('2015-10-28 16:20:00');
let next = 1;
const take = (count: number, changes: Partial<Order> = {}): Order[] =>
  ordersOf((next += count) - count, count, changes);

type Said = { kind: string; at: Instant };

async function factsOf(order: Order | undefined): Promise<Said[]> {
  return own.world.app.db.query<Said>(
    `select f.kind, f.heard_at as at from customs_facts f join customs_declarations d on d.bucket = f.bucket and d.id = f.declaration_id
     where d.request_no = $1 order by f.heard_at, f.id`,
    [order?.requestNo],
  );
}

const asks = ['channel_record', 'channel_not_found', 'query_in_doubt'];

/** Between two pushes of one declaration the channel was asked, and the gap passed. */
async function expectAskedBetween(order: Order | undefined): Promise<void> {
  const calls = await own.world.app.db.query<{ operation: string; at: Instant }>(
    `select x.operation, x.created_at as at from customs_declarations d join exchange_subjects s on s.subject = d.id
       join exchanges x on x.bucket = s.exchange_bucket and x.id = s.exchange_id
     where d.request_no = $1 order by x.created_at`,
    [order?.requestNo],
  );
  const pushes = calls.filter((call) => call.operation === 'customs.declare');
  expect(pushes.length).toBeGreaterThan(1);
  for (const [index, push] of pushes.entries()) {
    const before = pushes[index - 1];
    if (!before) continue;
    expect(push.at - before.at).toBeGreaterThanOrEqual(minutes(5));
    const between = calls.filter((call) => call.at > before.at && call.at < push.at);
    expect(between.map((call) => call.operation)).toContain('customs.query');
  }
}

test('a call that is booked and hangs is in doubt, then proved by asking, and not sent again', async () => {
  const orders = take(1);
  await seed(own.world, orders);
  await fault(own.world, 'book_then_hang', orders, { operation: 'declare', is_repush: true });
  await adopt(own.world, orders);
  const { id } = await list(own.world, orders);
  await triage(own.world, id);
  const plan = await approvedPlan(own.world, id);
  const since = own.world.clock.now();
  good(await runPlan(own.world.app.customs, wang, plan));
  await own.world.stepper.runUntil(plus(since, seconds(15)));
  expect(await statesOf(own.world, orders)).toEqual(['in_doubt']);
  const shown = await runToEnd(own.world, plan);
  expect(shown).toMatchObject({ effective: 1, counts: { pushes: 1 } });
  expect(await booksOf(own.world, orders, since)).toMatchObject({ attempts: 1, executed: 1, reached: 1 });
});

test('a call that hangs before it is booked is asked about, and sent again after the gap', async () => {
  const orders = take(1);
  await seed(own.world, orders);
  await fault(own.world, 'hang_before_booking', orders, { operation: 'declare', is_repush: true }, { times: 1 });
  const shown = await repush(own.world, orders);
  expect(shown).toMatchObject({ effective: 1, counts: { pushes: 2, byEvidence: { E2: 1 } } });
  expect(await booksOf(own.world, orders, shown.since)).toMatchObject({ attempts: 2, executed: 1, reached: 1 });
  const said = await factsOf(orders[0]);
  expect(said.filter((fact) => fact.kind.startsWith('push_')).map((fact) => fact.kind)).toEqual([
    'push_started',
    'push_in_doubt',
    'push_started',
    'push_accepted',
  ]);
  await expectAskedBetween(orders[0]);
});

for (const name of [
  'drop_connection_after_booking',
  'http_500',
  'html_instead',
  'truncated',
  'system_error_booked',
  'about_another',
  'unknown_code',
])
  test(`${name}: whatever the answer was, the books and we agree in the end, and nothing is sent twice`, async () => {
    const orders = take(2);
    await seed(own.world, orders);
    await fault(own.world, name, orders, { operation: 'declare', is_repush: true }, { times: 2 });
    const shown = await repush(own.world, orders);
    expect(await booksOf(own.world, orders, shown.since)).toMatchObject({ attempts: 2, executed: 2, reached: 2 });
    expect(shown).toMatchObject({ effective: 2, ineffective: 0, counts: { pushes: 2 } });
    expect(await statesOf(own.world, orders)).not.toContain('refused_by_channel');
  });

test('while the channel answers no question, nothing is sent a second time, and no effect is denied', async () => {
  const orders = take(1);
  await seed(own.world, orders);
  await fault(own.world, 'hang_before_booking', orders, { operation: 'declare', is_repush: true }, { times: 1 });
  await adopt(own.world, orders);
  const { id } = await list(own.world, orders);
  await triage(own.world, id);
  const plan = await approvedPlan(own.world, id);
  const since = own.world.clock.now();
  const mute = await fault(own.world, 'http_500', orders, { operation: 'query' });
  const waiting = await runToEnd(own.world, plan, minutes(50));
  expect(waiting).toMatchObject({
    open: 1,
    effective: 0,
    ineffective: 0,
    counts: { byState: { pushed: 1 }, pushes: 1 },
  });
  expect(await booksOf(own.world, orders, since)).toMatchObject({ attempts: 1 });
  const asked = (await factsOf(orders[0])).filter((fact) => fact.at > since && asks.includes(fact.kind));
  expect(asked).toHaveLength(1); // the same doubt, many times: one fact
  await fetch(`${own.world.alipayUrl}/control/faults/${mute}`, { method: 'DELETE' });
  const shown = await runToEnd(own.world, plan, hours(2));
  expect(shown.open).toBe(0);
  expect(await statesOf(own.world, orders)).toEqual(['missing_reported']);
});

test('a query in doubt and then fine ends as if the doubt had not been', async () => {
  const orders = take(12);
  await seed(own.world, orders);
  await adopt(own.world, orders);
  const { id } = await list(own.world, orders);
  await fault(own.world, 'truncated', orders, { operation: 'query' }, { times: 2 });
  await triage(own.world, id);
  await own.world.stepper.runUntil(plus(own.world.clock.now(), minutes(5)));
  const rows = Object.values(await triage(own.world, id));
  expect(rows).toEqual(orders.map(() => '14'));
});

test('a batch refused for one number is halved until that one stands alone; the others are answered', async () => {
  const orders = take(10);
  await seed(own.world, orders);
  await adopt(own.world, orders);
  const { id } = await list(own.world, orders);
  const params = { code: 'INVALID_PARAMETER', text: '参数错误' };
  await fault(own.world, 'unknown_code', orders.slice(3, 4), { operation: 'query' }, { params });
  const rows = await triage(own.world, id);
  const bad = orders[3]?.orderNo ?? '';
  expect(rows[bad]).toBe('19');
  expect(Object.entries(rows).filter(([, row]) => row === '14')).toHaveLength(9);
  const [calls] = await own.world.app.db.query<{ n: bigint }>(
    `select count(distinct (e.bucket, e.id)) as n from exchanges e join exchange_subjects s on s.exchange_bucket = e.bucket and s.exchange_id = e.id
       join customs_declarations d on d.id = s.subject and d.request_no = any($1::text[]) where e.operation = 'customs.query'`,
    [orders.map((order) => order.requestNo)],
  );
  // 10 → 5+5 → 3+2 → 2+1 → 1+1: one bad among ten costs nine calls at most.
  expect(Number(calls?.n)).toBeLessThanOrEqual(9);
});

test("a number that the channel's form forbids is told alone, and keeps nobody waiting", async () => {
  const orders = [...take(3), orderOf(900_001, { requestNo: 'LS:90001' })];
  await seed(own.world, orders.slice(0, 3));
  await adopt(own.world, orders);
  const { id } = await list(own.world, orders);
  expect(Object.values(await triage(own.world, id)).sort()).toEqual(['14', '14', '14', '19']);
  const again = good(await startTriage(own.world.app.customs, wang, id));
  expect(again.asked).toBe(0);
});

test('a declaration that the channel does not know is submitted again with the same number, and proved', async () => {
  const orders = take(2);
  await seed(own.world, orders, { declared: false, lost: false });
  await adopt(own.world, orders);
  const { id } = await list(own.world, orders);
  expect(Object.values(await triage(own.world, id))).toEqual(['4', '4']);
  await own.world.stepper.runUntil(plus(own.world.clock.now(), hours(3)));
  expect(await statesOf(own.world, orders)).toEqual(['missing_reported', 'missing_reported']);
  await triage(own.world, id);
  const since = own.world.clock.now();
  const shown = await runToEnd(own.world, await approvedPlan(own.world, id));
  expect(shown).toMatchObject({ effective: 2, counts: { pushes: 2 } });
  expect(await booksOf(own.world, orders, since)).toMatchObject({ attempts: 2, executed: 2, reached: 2 });
});

test('a call that never left this machine is no attempt; it leaves once the channel can be reached', async () => {
  const orders = take(1);
  await seed(own.world, orders);
  await adopt(own.world, orders);
  const { id } = await list(own.world, orders);
  await triage(own.world, id);
  const plan = await approvedPlan(own.world, id);
  const { db } = own.world.app;
  const since = own.world.clock.now();
  const setGateway = (url: string) =>
    db.query(
      "update channel_accounts set settings = jsonb_set(settings, '{gateway_url}', to_jsonb($2::text)) where id = $1 and merchant_id = $3",
      [own.world.accountId, url, merchant],
    );
  await setGateway('http://127.0.0.1:1/gateway.do');
  good(await runPlan(own.world.app.customs, wang, plan));
  await own.world.stepper.runUntil(plus(since, minutes(1)));
  const [first] = await db.query<{ state: string; pushes: number }>(
    'select state, pushes from plan_items where plan_id = $1',
    [plan],
  );
  expect(first).toEqual({ state: 'due', pushes: 0 });
  expect(await statesOf(own.world, orders)).toEqual(['missing_reported']);
  await setGateway(`${own.world.alipayUrl}/gateway.do`);
  const shown = await runToEnd(own.world, plan, hours(2));
  expect(shown).toMatchObject({ effective: 1, counts: { pushes: 1 } });
  expect(await booksOf(own.world, orders, since)).toMatchObject({ attempts: 1, executed: 1, reached: 1 });
});
