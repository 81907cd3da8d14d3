// What the journeys have in common: orders on both sides, a port's list, and the way from it to a plan that has run.
import {
  countWaiting,
  decidePlan,
  importPayments,
  importPortList,
  judgeReport,
  proposeRepush,
  runPlan,
  showPlan,
  startTriage,
} from '../../src/customs/index.ts';
import type { AdoptedFile, ShownPlan } from '../../src/customs/index.ts';
import { hours, minutes, plus, shanghaiText } from '../../src/kernel/index.ts';
import type { Instant, Result } from '../../src/kernel/index.ts';
import { at, merchant, partner, wang, zhao } from '../kit/world.ts';
import type { World } from '../kit/world.ts';

/** What a step needs of a world when it only asks of us. */
export type Moved = Pick<World, 'app' | 'clock' | 'stepper'>;

export type Order = {
  readonly orderNo: string;
  readonly tradeNo: string;
  readonly requestNo: string;
  readonly waybillNo: string;
  readonly place: string;
  readonly childOrderNo: string;
  readonly pushedNo: string;
  readonly amount: string;
  readonly earlierPushAt?: string;
};

export const paidAt = at('2015-10-27 20:00:00');

export function orderOf(n: number, changes: Partial<Order> = {}): Order {
  const tail = String(n).padStart(6, '0');
  return {
    orderNo: `2015102720000000${tail}`,
    tradeNo: `2015102721001004930000${tail}`,
    requestNo: `LS${tail}`,
    waybillNo: `1130${tail}`,
    place: 'ZONGSHU',
    childOrderNo: '',
    pushedNo: '',
    amount: '420.00',
    ...changes,
  };
}

export function ordersOf(from: number, count: number, changes: Partial<Order> = {}): Order[] {
  return Array.from({ length: count }, (_, index) => orderOf(from + index, changes));
}

export const good = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(JSON.stringify(result.refusal));
  return result.value;
};

export const numbersOf = (orders: readonly Order[]): string[] => orders.map((order) => order.requestNo);

/** Paid at the channel the day before; declared there and swallowed unless told otherwise; their lists wait at the port. */
export async function seed(
  world: World,
  orders: readonly Order[],
  { lost = true, declared = true, amount = '420.00', by = partner } = {},
): Promise<void> {
  const trades = new Map(orders.map((order) => [order.tradeNo, order]));
  await world.post(
    'alipay',
    '/control/trades',
    [...trades.values()].map((order) => ({
      partner: by,
      trade_no: order.tradeNo,
      out_trade_no: order.orderNo,
      amount,
      paid_at: paidAt,
    })),
  );
  if (lost) await fault(world, 'swallow_declaration', orders, { is_repush: false });
  if (declared) await declare(world, orders, by);
  await world.post(
    'port',
    '/control/lists',
    orders.map((order) => ({
      order_no: order.childOrderNo || order.orderNo,
      waybill_no: order.waybillNo,
      at_ms: paidAt + 120_000,
    })),
  );
}

async function declare(world: World, orders: readonly Order[], by: string): Promise<void> {
  await world.post(
    'alipay',
    '/control/declarations',
    orders.map((order, index) => ({
      partner: by,
      out_request_no: order.requestNo,
      trade_no: order.tradeNo,
      place: order.place,
      customs_code: '3301TEST01',
      customs_name: '测试公司',
      amount: order.amount,
      ...(order.childOrderNo === '' ? {} : { is_split: true, sub_out_biz_no: order.childOrderNo }),
      accepted_at_ms: paidAt + 60_000 + index * 1000,
    })),
  );
}

let faults = 0;
export async function fault(
  world: World,
  name: string,
  orders: readonly Order[],
  match: Record<string, unknown> = {},
  more: Record<string, unknown> = {},
): Promise<string> {
  const id = `f${(faults += 1)}`;
  const rule = { id, fault: name, match: { request_nos: numbersOf(orders), ...match }, ...more };
  await world.post('alipay', '/control/faults', [rule]);
  return id;
}

const head =
  'order_no,request_no,place,customs_code,customs_name,declared_amount,is_split,child_order_no,pushed_payment_no,trade_no,waybill_no,paid_at,earlier_push_at,earlier_push_answer';

export function paymentsCsv(orders: readonly Order[]): string {
  const rows = orders.map((order) =>
    [
      order.orderNo,
      order.requestNo,
      order.place,
      '3301TEST01',
      '测试公司',
      order.amount,
      order.childOrderNo === '' ? 'F' : 'T',
      order.childOrderNo,
      order.pushedNo,
      order.tradeNo,
      order.waybillNo,
      '2015-10-27 20:00:00',
      order.earlierPushAt ?? '',
      order.earlierPushAt === undefined ? '' : 'SUCCESS',
    ].join(','),
  );
  return [head, ...rows].join('\n');
}

export async function adopt(world: World, orders: readonly Order[], accountId = world.accountId): Promise<AdoptedFile> {
  const file = { merchantId: merchant, accountId, fileName: 'payments.csv', defaults: {} };
  return good(await importPayments(world.app.customs, wang, { ...file, bytes: Buffer.from(paymentsCsv(orders)) }));
}

/** The port's list as a file; every row is stuck unless it is among the released. */
export async function list(
  world: Moved,
  orders: readonly Pick<Order, 'orderNo' | 'childOrderNo'>[],
  released: readonly Pick<Order, 'orderNo' | 'childOrderNo'>[] = [],
): Promise<{ id: string; unknown: number; stuck: number; again: boolean }> {
  const rows = orders.map((order) => `${order.childOrderNo || order.orderNo},${released.includes(order) ? 1 : 0}`);
  const bytes = Buffer.from(['order_no,exit_status', ...rows].join('\n'));
  const file = { merchantId: merchant, fileName: 'list.csv', bytes, meaning: 'missing' as const };
  const { report, unknown, stuck, again } = good(await importPortList(world.app.customs, wang, file));
  return { id: report.id, unknown, stuck, again };
}

/** Asks about every member and judges: the row of the decision table by order number. */
export async function triage(world: Moved, reportId: string, withinMs = minutes(5)): Promise<Record<string, string>> {
  const { customs } = world.app;
  const start = good(await startTriage(customs, wang, reportId));
  await world.stepper.runUntil(
    plus(world.clock.now(), withinMs),
    async () => (await countWaiting(customs, start)) === 0,
  );
  const judged = good(await judgeReport(customs, reportId));
  return Object.fromEntries(judged.map((member) => [member.orderNo, member.verdict.row.row]));
}

export async function approvedPlan(world: Moved, reportId: string): Promise<string> {
  const { customs } = world.app;
  const { plan } = good(await proposeRepush(customs, wang, { reportId }, { reason: 'test' }));
  good(await decidePlan(customs, zhao, plan.id, 'approve', ''));
  return plan.id;
}

export async function runToEnd(world: Moved, planId: string, withinMs = hours(1)): Promise<ShownPlan> {
  const { app, clock, stepper } = world;
  good(await runPlan(app.customs, wang, planId));
  const show = async (): Promise<ShownPlan> => good(await showPlan(app.db, planId));
  await stepper.runUntil(plus(clock.now(), withinMs), async () => (await show()).open === 0);
  return show();
}

/** The whole way for orders that the port misses: adopted, listed, judged, approved, run. */
export async function repush(world: World, orders: readonly Order[]): Promise<ShownPlan & { readonly since: Instant }> {
  await adopt(world, orders);
  const { id } = await list(world, orders);
  await triage(world, id);
  const since = world.clock.now();
  return { ...(await runToEnd(world, await approvedPlan(world, id))), since };
}

type Attempt = { at: number; executed: boolean; answer: string; why_not?: string };
type View = { out_request_no: string; attempts: Attempt[]; port?: { payment_received_at?: number } };

/** What the simulators' books say of these: attempts since that moment, and which of them were carried out and reached the port. */
export async function booksOf(
  world: World,
  orders: readonly Order[],
  since: Instant,
): Promise<{ attempts: number; executed: number; reached: number; gaps: number[]; answers: string[] }> {
  const body = { request_nos: numbersOf(orders) };
  const { declarations } = (await world.post('alipay', '/control/books/declarations', body)) as {
    declarations: View[];
  };
  const attempts = declarations.flatMap((view) => view.attempts.filter((attempt) => attempt.at >= since));
  const byTime = attempts.map((attempt) => attempt.at).sort((a, b) => a - b);
  return {
    attempts: attempts.length,
    executed: attempts.filter((attempt) => attempt.executed).length,
    reached: declarations.filter((view) => (view.port?.payment_received_at ?? 0) >= since).length,
    gaps: byTime.slice(1).map((moment, index) => moment - (byTime[index] ?? 0)),
    answers: attempts.map((attempt) => attempt.answer),
  };
}

export async function statesOf(world: World, orders: readonly Order[]): Promise<string[]> {
  const rows = await world.app.db.query<{ state: string }>(
    'select state from customs_declarations where request_no = any($1::text[]) order by request_no',
    [numbersOf(orders)],
  );
  return rows.map((row) => row.state);
}

export const ago = (world: World, ms: number): string => shanghaiText(plus(world.clock.now(), -ms));
