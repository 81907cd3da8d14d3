// Goal: what a machine cannot settle becomes a case once, and evidence closes it; a case that a person closed stays closed.
// Method: the port's list names another payment number, or the channel answers nothing for a day; the rows of the cases table tell.
import { expect, test } from 'vitest';
import { closeCase, listCases } from '../../src/cases/index.ts';
import { importPortList, judgeReport } from '../../src/customs/index.ts';
import { rebuildDeclarations } from '../../src/customs/rebuild.ts';
import { hours, plus } from '../../src/kernel/index.ts';
import { merchant, useWorld, wang } from '../kit/world.ts';
import { adopt, fault, good, list, ordersOf, seed, triage } from './steps.ts';
import type { Order } from './steps.ts';

const own = useWorld('2015-10-28 16:20:00');
let next = 1;
const take = (count: number): Order[] => ordersOf((next += count) - count, count);

async function casesOf([order]: readonly Order[]): Promise<string[]> {
  const all = await listCases(own.world.app.db, { merchants: [merchant], limit: 1000 });
  return all
    .filter((one) => one.params['orderNo'] === order?.orderNo)
    .sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }))
    .map((one) => `${one.kind} ${one.state}`);
}

/** The port's list, naming this payment number for every row. */
async function listNaming(orders: readonly Order[], paymentNo: string): Promise<string> {
  const rows = orders.map((order) => `${order.orderNo},${order.waybillNo},${paymentNo},0`);
  const bytes = Buffer.from(['订单号,运单号,支付id,出关状态', ...rows].join('\n'));
  const file = { merchantId: merchant, fileName: `${paymentNo}.csv`, bytes, meaning: 'missing' as const };
  return good(await importPortList(own.world.app.customs, wang, file)).report.id;
}

test('a list that names another payment number than the channel pushed opens a case once; a right list ends it', async () => {
  const orders = take(1);
  const [order] = orders;
  await seed(own.world, orders);
  await adopt(own.world, orders);
  const wrong = await listNaming(orders, '2015102721001004930000999999');
  expect(Object.values(await triage(own.world, wrong))).toEqual(['7']);
  good(await judgeReport(own.world.app.customs, wrong));
  expect(await casesOf(orders)).toEqual(['customs.numbers_differ open']);
  const right = await listNaming(orders, order?.tradeNo ?? '');
  expect(Object.values(await triage(own.world, right))).toEqual(['14']);
  expect(await casesOf(orders)).toEqual(['customs.numbers_differ closed']);
});

test('a case about numbers that a person closed is not opened again by judging the same report', async () => {
  const orders = take(1);
  await seed(own.world, orders);
  await adopt(own.world, orders);
  const report = await listNaming(orders, '2015102721001004930000999998');
  await triage(own.world, report);
  const { app, clock } = own.world;
  const [open] = await listCases(app.db, { merchants: [merchant], state: 'open', limit: 10 });
  good(await app.db.transaction((tx) => closeCase(tx, open?.id ?? '', clock.now())));
  await triage(own.world, report);
  expect(await casesOf(orders)).toEqual(['customs.numbers_differ closed']);
  // Reported missing anew is new trouble, until the port lets it go.
  await triage(own.world, await listNaming(orders, '2015102721001004930000999997'));
  expect(await casesOf(orders)).toEqual(['customs.numbers_differ closed', 'customs.numbers_differ open']);
  await list(own.world, orders, orders);
  expect(await casesOf(orders)).toEqual(['customs.numbers_differ closed', 'customs.numbers_differ closed']);
});

test('a query without a clear answer for a day opens a case, whatever its words; the first clear answer ends it', async () => {
  const orders = take(1);
  await seed(own.world, orders);
  await adopt(own.world, orders);
  const { id } = await list(own.world, orders);
  const since = own.world.clock.now();
  const { alipayUrl, stepper } = own.world;
  const remove = (rule: string) => fetch(`${alipayUrl}/control/faults/${rule}`, { method: 'DELETE' });
  const silent = await fault(own.world, 'http_500', orders, { operation: 'query' });
  await triage(own.world, id);
  await stepper.runUntil(plus(since, hours(10)));
  await remove(silent);
  const page = await fault(own.world, 'html_instead', orders, { operation: 'query' });
  await stepper.runUntil(plus(since, hours(23)));
  expect(await casesOf(orders)).toEqual([]);
  await stepper.runUntil(plus(since, hours(26)));
  expect(await casesOf(orders)).toEqual(['customs.query_in_doubt_long open']);
  await remove(page);
  await stepper.runUntil(plus(since, hours(28)));
  expect(await casesOf(orders)).toEqual(['customs.query_in_doubt_long closed']);
  const { app } = own.world;
  const keys = await app.db.query<{ bucket: number; id: string }>('select bucket, id from customs_declarations');
  expect((await rebuildDeclarations(app.customs, keys, { write: false })).differing).toEqual([]);
});
