// Goal: an idempotent channel that answers SUCCESS and sends nothing is never believed, by whatever path its SUCCESS comes in.
// Method: each path is played by the simulator; at the end our states and counts are compared with its books and the port's.
import { expect, test } from 'vitest';
import { rebuildDeclarations } from '../../src/customs/rebuild.ts';
import { minutes, plus } from '../../src/kernel/index.ts';
import { useWorld } from '../kit/world.ts';
import {
  adopt,
  ago,
  approvedPlan,
  booksOf,
  fault,
  list,
  ordersOf,
  repush,
  runToEnd,
  seed,
  statesOf,
  triage,
} from './steps.ts';
import type { Order } from './steps.ts';

const own = useWorld('2015-10-28 16:20:00');
const delivered = ['at_eport', 'at_customs', 'released', 'closed'];
let next = 1;
const take = (count: number, changes: Partial<Order> = {}): Order[] =>
  ordersOf((next += count) - count, count, changes);

/** No word of ours may say more than the books. */
async function expectUnbelieved(orders: readonly Order[]): Promise<void> {
  for (const state of await statesOf(own.world, orders)) expect(delivered).not.toContain(state);
}

test('a list of re-pushes that the channel answers with SUCCESS and does not carry out has no effect', async () => {
  const orders = take(4);
  await seed(own.world, orders);
  await fault(own.world, 'no_effect_repush', orders, { is_repush: true });
  const shown = await repush(own.world, orders);
  expect(await booksOf(own.world, orders, shown.since)).toMatchObject({ attempts: 4, executed: 0, reached: 0 });
  expect(shown).toMatchObject({ effective: 0, ineffective: 4, counts: { byEvidence: { E0: 4 }, pushes: 4 } });
  await expectUnbelieved(orders);
});

for (const reading of ['A', 'B', 'C', 'none'] as const) {
  test(`with answers signed by reading ${reading}, exactly those count that the channel carried out`, async () => {
    const orders = take(5);
    const [dead, alive] = [orders.slice(0, 2), orders.slice(2)];
    await own.world.post('alipay', '/control/settings', { signing_reading: reading });
    await seed(own.world, orders);
    await fault(own.world, 'no_effect_repush', dead, { is_repush: true });
    const shown = await repush(own.world, orders);
    expect(await booksOf(own.world, orders, shown.since)).toMatchObject({ attempts: 5, executed: 3, reached: 3 });
    expect(shown).toMatchObject({ effective: 3, ineffective: 2, counts: { byEvidence: { E0: 2, E2: 3 } } });
    await expectUnbelieved(dead);
    expect(await statesOf(own.world, alive)).not.toContain('missing_reported');
    const unsigned = await own.world.app.db.query<{ unsigned: boolean }>(
      'select i.unsigned from plan_items i join customs_declarations d on d.bucket = i.bucket and d.id = i.declaration_id where i.evidence = $1 and d.request_no = any($2::text[])',
      ['E2', alive.map((order) => order.requestNo)],
    );
    // Only reading A says that the records themselves are signed.
    expect(unsigned.map((row) => row.unsigned)).toEqual(alive.map(() => reading !== 'A'));
    await own.world.post('alipay', '/control/settings', { signing_reading: 'A' });
  });
}

test('a push of the old system that was answered SUCCESS a minute ago is no proof, and ours waits for the gap', async () => {
  const orders = take(2, { earlierPushAt: ago(own.world, minutes(1)) });
  const pushedAt = plus(own.world.clock.now(), -minutes(1));
  await seed(own.world, orders);
  await adopt(own.world, orders);
  expect(await statesOf(own.world, orders)).toEqual(['accepted', 'accepted']);
  const { id } = await list(own.world, orders);
  await triage(own.world, id);
  const since = own.world.clock.now();
  const shown = await runToEnd(own.world, await approvedPlan(own.world, id));
  expect(shown).toMatchObject({ effective: 2, ineffective: 0, counts: { pushes: 2 } });
  const sent = await own.world.app.db.query<{ at: number }>(
    "select created_at as at from exchanges where operation = 'customs.declare' and created_at >= $1",
    [new Date(since).toISOString()],
  );
  expect(sent).toHaveLength(2);
  for (const { at } of sent) expect(at - pushedAt).toBeGreaterThanOrEqual(minutes(6) - 1000);
  expect(await booksOf(own.world, orders, since)).toMatchObject({ attempts: 2, executed: 2, reached: 2 });
});

test('a push within five minutes of one that we were not told of is answered SUCCESS, and not believed', async () => {
  const orders = take(1);
  await seed(own.world, orders);
  await adopt(own.world, orders);
  const { id } = await list(own.world, orders);
  await triage(own.world, id);
  const plan = await approvedPlan(own.world, id);
  // Somebody at another desk pushed it a moment ago, and that push was swallowed.
  await fault(own.world, 'swallow_declaration', orders, {}, { times: 1 });
  await own.world.post('alipay', '/control/declarations', [
    {
      partner: '2088000000000001',
      out_request_no: orders[0]?.requestNo,
      trade_no: orders[0]?.tradeNo,
      place: 'ZONGSHU',
      customs_code: '3301TEST01',
      customs_name: '测试公司',
      amount: '420.00',
      accepted_at_ms: own.world.clock.now(),
    },
  ]);
  const since = plus(own.world.clock.now(), 1);
  const shown = await runToEnd(own.world, plan);
  expect(await booksOf(own.world, orders, since)).toMatchObject({ executed: 0, reached: 0 });
  expect(shown).toMatchObject({ effective: 0 });
  await expectUnbelieved(orders);
});

test('a place without re-push is left out, and when it was let in by mistake its SUCCESS proves nothing', async () => {
  const orders = take(2, { place: 'NANSHAGJ' });
  await seed(own.world, orders);
  await adopt(own.world, orders);
  const { id } = await list(own.world, orders);
  expect(Object.values(await triage(own.world, id))).toEqual(['14', '14']);
  await expect(approvedPlan(own.world, id)).rejects.toThrow('customs.plan_empty');
  await expectUnbelieved(orders);

  const mistaken = take(2, { place: 'NINGBO' });
  await own.world.post('alipay', '/control/settings', { places: { NINGBO: { repush: false } } });
  await seed(own.world, mistaken);
  const shown = await repush(own.world, mistaken);
  expect(await booksOf(own.world, mistaken, shown.since)).toMatchObject({ attempts: 2, executed: 0 });
  expect(shown).toMatchObject({ effective: 0, ineffective: 2 });
  await expectUnbelieved(mistaken);
});

test('a re-push that the channel carries out and customs never hears stays without shown effect', async () => {
  const orders = take(2);
  await seed(own.world, orders);
  await fault(own.world, 'swallow_declaration', orders, { is_repush: true });
  const shown = await repush(own.world, orders);
  expect(await booksOf(own.world, orders, shown.since)).toMatchObject({ executed: 2, reached: 0 });
  expect(shown).toMatchObject({ effective: 0, ineffective: 2, counts: { byEvidence: { E1: 2 } } });
  await expectUnbelieved(orders);
});

test('SUCCESS under a wrong signature is doubt: asked about, and pushed again only while nothing shows', async () => {
  const orders = take(2);
  await seed(own.world, orders);
  await fault(own.world, 'no_effect_repush', orders, { is_repush: true }, { times: 2 });
  await fault(own.world, 'bad_signature', orders, { operation: 'declare', is_repush: true }, { times: 2 });
  const shown = await repush(own.world, orders);
  const books = await booksOf(own.world, orders, shown.since);
  expect(books).toMatchObject({ attempts: 4, executed: 2, reached: 2 });
  expect(shown).toMatchObject({ effective: 2, ineffective: 0, counts: { pushes: 4 } });
});

test('a SUCCESS that names another payment number tells where to look, and proves no delivery', async () => {
  const orders = take(1);
  await seed(own.world, orders);
  await fault(own.world, 'changes_pushed_no', orders, { is_repush: true });
  await fault(own.world, 'swallow_declaration', orders, { is_repush: true });
  const shown = await repush(own.world, orders);
  expect(shown).toMatchObject({ effective: 0, ineffective: 1 });
  await expectUnbelieved(orders);
  const [row] = await own.world.app.db.query<{ numbers: string[] }>(
    "select summary->'pushedPaymentNos' as numbers from customs_declarations where request_no = $1",
    [orders[0]?.requestNo],
  );
  expect(row?.numbers).toHaveLength(2);
});

test('"declared already" says that an earlier declaration stands: asked about, never failed, never proved', async () => {
  const orders = take(1);
  await seed(own.world, orders);
  const params = { code: 'SAME_CUSTOMS_DECLARE_ONCE', text: '同一笔交易在同一海关只能报关一次' };
  await fault(own.world, 'business_error', orders, { is_repush: true }, { params });
  const shown = await repush(own.world, orders);
  const books = await booksOf(own.world, orders, shown.since);
  expect(shown).toMatchObject({ effective: 0, ineffective: 1, counts: { byState: { judged: 1 } } });
  expect(shown.counts.pushes).toBe(books.attempts);
  expect(books.attempts).toBeLessThanOrEqual(5);
  for (const gap of books.gaps) expect(gap).toBeGreaterThanOrEqual(minutes(5));
  await expectUnbelieved(orders);
});

test('after all of this, summaries made anew from the facts are those that were kept', async () => {
  await own.world.stepper.runUntil(plus(own.world.clock.now(), minutes(10)));
  const keys = await own.world.app.db.query<{ bucket: number; id: string }>(
    'select bucket, id from customs_declarations',
  );
  const rebuilt = await rebuildDeclarations(own.world.app, keys, { write: false });
  expect(rebuilt.looked).toBe(next - 1);
  expect(rebuilt.differing).toEqual([]);
});
