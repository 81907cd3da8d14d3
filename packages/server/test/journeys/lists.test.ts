// Goal: whatever order files come in, and however often, no row is lost, none is counted twice, and what they prove is kept.
// Method: payments, port lists and receipts in every order, against the simulators' port.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { importReceipts } from '../../src/customs/index.ts';
import { rebuildDeclarations } from '../../src/customs/rebuild.ts';
import { minutes, plus } from '../../src/kernel/index.ts';
import { merchant, useWorld, wang } from '../kit/world.ts';
import {
  adopt,
  ago,
  approvedPlan,
  booksOf,
  good,
  list,
  orderOf,
  ordersOf,
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

async function summariesOf(orders: readonly Order[]): Promise<Record<string, unknown>[]> {
  const rows = await own.world.app.db.query<{ summary: Record<string, unknown> }>(
    'select summary from customs_declarations where request_no = any($1::text[]) order by request_no',
    [orders.map((order) => order.requestNo)],
  );
  return rows.map((row) => row.summary);
}

test('a list that comes before its payments keeps its rows as unknown, and ties them when the payments come', async () => {
  const orders = take(5);
  const first = await list(own.world, orders);
  expect(first).toMatchObject({ unknown: 5, stuck: 5 });
  await seed(own.world, orders);
  expect(await adopt(own.world, orders.slice(0, 3))).toMatchObject({ adopted: 3, tied: 3 });
  expect(await list(own.world, orders)).toMatchObject({ id: first.id, again: true, unknown: 2 });
  expect(await adopt(own.world, orders)).toMatchObject({ adopted: 2, known: 3, tied: 2 });
  expect(await list(own.world, orders)).toMatchObject({ again: true, unknown: 0 });
  expect(await statesOf(own.world, orders)).toEqual(orders.map(() => 'missing_reported'));
  expect(Object.values(await triage(own.world, first.id))).toEqual(orders.map(() => '14'));
});

test('the same payments again add nothing; a row that says something else of a known one is refused and changes nothing', async () => {
  const orders = take(2);
  expect(await adopt(own.world, orders)).toMatchObject({ adopted: 2, known: 0, refusals: [] });
  const before = await summariesOf(orders);
  expect(await adopt(own.world, orders)).toMatchObject({ adopted: 0, known: 2, refusals: [] });
  const changed = orders.map((order) => ({ ...order, amount: '419.00' }));
  const refused = await adopt(own.world, changed);
  expect(refused).toMatchObject({ adopted: 0, known: 0 });
  expect(refused.refusals.map(({ line, refusal }) => [line, refusal.code])).toEqual([
    [2, 'import.differs_from_known'],
    [3, 'import.differs_from_known'],
  ]);
  expect(await summariesOf(orders)).toEqual(before);
});

test('a request number that comes later makes a declaration that can be asked about, not one that was never made', async () => {
  const [order] = take(1);
  if (!order) return;
  await seed(own.world, [order]);
  expect(await adopt(own.world, [{ ...order, requestNo: '' }])).toMatchObject({ adopted: 1, cannotBeAsked: 1 });
  const { id } = await list(own.world, [order]);
  expect(await triage(own.world, id)).toEqual({ [order.orderNo]: '0' });
  expect(await adopt(own.world, [order])).toMatchObject({ adopted: 0, completed: 1 });
  expect(await summariesOf([order])).toMatchObject([{ pushes: 1, firstAcceptedAt: expect.any(Number) as number }]);
  expect(await triage(own.world, id)).toEqual({ [order.orderNo]: '14' });
});

test('a push of the old system that a second file tells of keeps our own away for the gap', async () => {
  const orders = take(1);
  await seed(own.world, orders);
  await adopt(own.world, orders);
  const { id } = await list(own.world, orders);
  await triage(own.world, id);
  const toldAt = own.world.clock.now();
  expect(await adopt(own.world, [{ ...orders[0], earlierPushAt: ago(own.world, 0) } as Order])).toMatchObject({
    known: 1,
  });
  const shown = await runToEnd(own.world, await approvedPlan(own.world, id));
  expect(shown).toMatchObject({ effective: 1 });
  const [sent] = await own.world.app.db.query<{ at: number }>(
    "select min(created_at) as at from exchanges where operation = 'customs.declare' and created_at >= $1",
    [new Date(toldAt).toISOString()],
  );
  expect((sent?.at ?? 0) - toldAt).toBeGreaterThanOrEqual(minutes(6) - 1000);
});

test('child orders of one payment are told apart by port, list and receipt, and keep the gap of their trade', async () => {
  const parent = orderOf(500_001);
  const children = [1, 2].map((child) => ({
    ...parent,
    requestNo: `LSCHILD${child}`,
    childOrderNo: `${parent.orderNo}-${child}`,
    amount: '200.00',
  }));
  await seed(own.world, children);
  expect(await adopt(own.world, children)).toMatchObject({ adopted: 2 });
  const { id } = await list(own.world, children);
  await triage(own.world, id);
  const since = own.world.clock.now();
  const shown = await runToEnd(own.world, await approvedPlan(own.world, id));
  expect(shown).toMatchObject({ effective: 2, counts: { pushes: 2 } });
  const books = await booksOf(own.world, children, since);
  expect(books).toMatchObject({ attempts: 2, executed: 2, reached: 2 });
  for (const gap of books.gaps) expect(gap).toBeGreaterThanOrEqual(minutes(5));
  const pushed = (await summariesOf(children)).map((summary) => summary['pushedPaymentNos'] as string[]);
  expect(new Set(pushed.flat()).size).toBe(2);

  // A receipt carries the number that was pushed: of the child, never of the trade.
  const tradeReceipt = ceb412([[parent.tradeNo, '100', own.world.clock.now()]]);
  expect(good(await importReceipts(own.world.app.customs, wang, merchant, 'r.xml', tradeReceipt))).toMatchObject({
    tied: 0,
  });
  const childReceipt = ceb412([[pushed[0]?.[0] ?? '', '120', own.world.clock.now()]]);
  expect(good(await importReceipts(own.world.app.customs, wang, merchant, 'r.xml', childReceipt))).toMatchObject({
    tied: 1,
  });
});

test('two legs of one payment are two declarations, pushed in turn and never within the gap', async () => {
  const first = orderOf(500_010, { place: 'HENAN', requestNo: 'LSHENAN1' });
  const legs = [first, { ...first, place: 'ZONGSHU', requestNo: 'LSZONGSHU1' }];
  await seed(own.world, legs);
  expect(await adopt(own.world, legs.slice(0, 1))).toMatchObject({ adopted: 1 });
  const { id } = await list(own.world, [first]);
  expect(await triage(own.world, id)).toEqual({ [first.orderNo]: '6' });
  expect(await adopt(own.world, legs)).toMatchObject({ adopted: 1, known: 1 });
  const both = await list(own.world, legs, []);
  await triage(own.world, both.id);
  const since = own.world.clock.now();
  await runToEnd(own.world, await approvedPlan(own.world, both.id));
  const books = await booksOf(own.world, legs, since);
  expect(books).toMatchObject({ attempts: 2, executed: 2, reached: 2 });
  for (const gap of books.gaps) expect(gap).toBeGreaterThanOrEqual(minutes(5));
});

type Wire = readonly [number: string, status: string, at: number];

function ceb412(receipts: readonly Wire[]): Uint8Array {
  const sample = readFileSync(new URL('../fixtures/ceb/sample-ceb412.xml', import.meta.url), 'utf8');
  const [whole = ''] = /<PaymentReturn>[\s\S]*?<\/PaymentReturn>/.exec(sample) ?? [];
  const rows = receipts.map(([number, status, at]) => {
    const time = new Date(at + 8 * 3_600_000).toISOString().replace(/\D/g, '').slice(0, 17);
    return whole
      .replace(/<payTransactionId>[^<]*/, `<payTransactionId>${number}`)
      .replace(/<returnStatus>[^<]*/, `<returnStatus>${status}`)
      .replace(/<returnTime>[^<]*/, `<returnTime>${time}`)
      .replace(/<returnInfo>[^<]*/, '<returnInfo>');
  });
  return Buffer.from(sample.replace(/<PaymentReturn>[\s\S]*<\/PaymentReturn>/, rows.join('')));
}

test('receipts of customs prove a delivery that the channel never showed, once, however often the file comes', async () => {
  const orders = take(3);
  await seed(own.world, orders);
  await adopt(own.world, orders);
  const { id } = await list(own.world, orders);
  await triage(own.world, id);
  await own.world.post('alipay', '/control/faults', [
    { id: 'mute', fault: 'swallow_declaration', match: { request_nos: orders.map((order) => order.requestNo) } },
  ]);
  const shown = runToEnd(own.world, await approvedPlan(own.world, id), minutes(5));
  expect(await shown).toMatchObject({ effective: 0, open: 3 });
  const now = own.world.clock.now();
  const file = ceb412([
    [orders[0]?.tradeNo ?? '', '120', now],
    [orders[1]?.tradeNo ?? '', '2', paidBefore],
    [orders[2]?.tradeNo ?? '', '1', now],
    ['20151027000000000000999999', '120', now],
  ]);
  const read = good(await importReceipts(own.world.app.customs, wang, merchant, 'r.xml', file));
  expect(read).toMatchObject({ found: 4, tied: 3, unknown: ['20151027000000000000999999'] });
  const before = await summariesOf(orders);
  expect(good(await importReceipts(own.world.app.customs, wang, merchant, 'r.xml', file))).toMatchObject({ tied: 3 });
  expect(await summariesOf(orders)).toEqual(before);
  // Stored after the push: proved. Written before it, or only waiting at the e-port: not.
  const items = await own.world.app.db.query<{ evidence: string; state: string }>(
    `select i.evidence, i.state from plan_items i join customs_declarations d on d.bucket = i.bucket and d.id = i.declaration_id
     where d.request_no = any($1::text[]) order by d.request_no`,
    [orders.map((order) => order.requestNo)],
  );
  expect(items).toEqual([
    { evidence: 'E3', state: 'judged' },
    { evidence: 'E1', state: 'pushed' },
    { evidence: 'E1', state: 'pushed' },
  ]);
  const [kept] = await own.world.app.db.query<{ n: bigint }>(
    "select count(*) as n from customs_facts where kind = 'payment_receipt' and seen_count = 2",
  );
  expect(kept?.n).toBe(3n);
});

const paidBefore = Date.parse('2015-10-28T10:00:00+08:00');

test("the port's own receipts, as its box writes them, tell of a missing record and of a release, twice the same", async () => {
  const orders = take(2);
  await seed(own.world, orders);
  await adopt(own.world, orders);
  const { id } = await list(own.world, orders);
  await triage(own.world, id);
  const told = async (): Promise<unknown> => {
    const { messages } = JSON.parse(await own.world.get('port', '/receipts?after=0&limit=1000')) as {
      messages: { xml: string }[];
    };
    for (const { xml } of messages)
      good(await importReceipts(own.world.app.customs, wang, merchant, 'box.xml', Buffer.from(xml)));
    return summariesOf(orders);
  };
  await told();
  expect(await statesOf(own.world, orders)).toEqual(['missing_reported', 'missing_reported']);
  const shown = await runToEnd(own.world, await approvedPlan(own.world, id));
  expect(shown).toMatchObject({ effective: 2 });
  await own.world.stepper.runUntil(plus(own.world.clock.now(), minutes(15)));
  const once = await told();
  expect(await statesOf(own.world, orders)).toEqual(['released', 'released']);
  expect(await told()).toEqual(once);
});

test('after all of this, summaries made anew from the facts are those that were kept, and a spoilt one is mended', async () => {
  const { db } = own.world.app;
  const keys = await db.query<{ bucket: number; id: string }>('select bucket, id from customs_declarations');
  expect((await rebuildDeclarations(own.world.app, keys, { write: false })).differing).toEqual([]);
  const [spoilt] = keys;
  if (!spoilt) throw new Error('nothing was adopted');
  await db.query(
    `update customs_declarations set summary = summary || '{"pushes": 99}', state = 'released' where bucket = $1 and id = $2`,
    [spoilt.bucket, spoilt.id],
  );
  expect(await rebuildDeclarations(own.world.app, [spoilt], { write: true })).toMatchObject({
    looked: 1,
    differing: [{ fields: ['pushes'], keptState: 'released' }],
    written: 1,
  });
  expect((await rebuildDeclarations(own.world.app, keys, { write: false })).differing).toEqual([]);
});
