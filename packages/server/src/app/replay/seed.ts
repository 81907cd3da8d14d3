import { shanghaiText } from '../../kernel/index.ts';
import { dayNames, faultRules } from './scenario.data.ts';
import { isRecoverable, listAfterMs } from './scenario.ts';
import type { Order, Scenario } from './scenario.ts';
import { partner, partnerAtChannel } from './world.ts';
import type { ReplayPlan, ReplayWorld } from './world.ts';

const place = 'ZONGSHU';
const customsCode = '3301TEST01';
const { customsName } = dayNames;

/** Plays the day into the simulators: trades, what the old system declared, the port's lists, and what went wrong. */
export async function seedSimulators(world: ReplayWorld, scenario: Scenario, plan: ReplayPlan): Promise<void> {
  const { simulators } = world;
  const all = [...scenario.incident, ...scenario.unaffected];
  await simulators.post('alipay', '/control/reset', {});
  await simulators.post('alipay', '/control/settings', { signing_reading: plan.signing });
  await simulators.post('alipay', '/control/faults', faultsOf(scenario.incident));
  await simulators.post('alipay', '/control/seed', {
    partners: [partnerAtChannel],
    trades: all.map((order) => ({
      partner,
      trade_no: order.tradeNo,
      out_trade_no: order.orderNo,
      amount: order.amount,
      paid_at: order.paidAt,
      payer: { name: dayNames.payer, id_no: '999999190001010015' },
    })),
    declarations: all.map((order) => ({
      partner,
      out_request_no: order.requestNo,
      trade_no: order.tradeNo,
      place,
      customs_code: customsCode,
      customs_name: customsName,
      amount: order.amount,
      accepted_at_ms: order.acceptedAt,
      ...(order.pushedByHandAt === undefined ? {} : { pushes_at_ms: [order.pushedByHandAt] }),
    })),
    lists: all.map((order) => ({
      order_no: order.orderNo,
      waybill_no: order.waybillNo,
      payment_no: order.fault === 'other_number' ? wrongNumber(order) : order.tradeNo,
      amount: order.amount,
      at_ms: order.acceptedAt + listAfterMs,
    })),
  });
}

/** The order document was built from an older payment: its number differs from the one that the channel pushed. */
function wrongNumber(order: Order): string {
  return `${order.tradeNo.slice(0, 8)}99${order.tradeNo.slice(10)}`;
}

function faultsOf(incident: readonly Order[]): unknown[] {
  const byFault = Map.groupBy(incident, (order) => order.fault);
  const rules: unknown[] = [];
  for (const [kind, orders] of byFault) {
    const fault = kind === undefined ? undefined : faultRules[kind].fault;
    const requestNos = orders.map((order) => order.requestNo);
    if (fault) rules.push({ id: kind, ...fault, times: orders.length, match: { is_repush: false, request_nos: requestNos } });
  }
  const dead = incident.filter((order) => !isRecoverable(order)).map((order) => order.requestNo);
  rules.push({ id: 'no_effect', fault: 'no_effect_repush', match: { is_repush: true, request_nos: dead } });
  // What the channel forgot is new to it when it comes again: then it is swallowed instead.
  const forgotten = incident.filter((order) => order.fault === 'forgotten' && !isRecoverable(order));
  const again = forgotten.map((order) => order.requestNo);
  rules.push({ id: 'swallowed_again', fault: 'swallow_declaration', match: { operation: 'declare', request_nos: again } });
  return rules;
}

const headings =
  'order_no,request_no,place,customs_code,customs_name,declared_amount,is_split,child_order_no,pushed_payment_no,trade_no,waybill_no,paid_at,earlier_push_at,earlier_push_answer';

/** The merchant's own export of payments, as `import payments` takes it; `withPushes` once they have happened. */
export function paymentFile(orders: readonly Order[], withPushes: boolean): Uint8Array {
  const rows = orders.map((order) => {
    const pushed = withPushes ? order.pushedByHandAt : undefined;
    return [
      order.orderNo,
      order.fault === 'no_request_no' ? '' : order.requestNo,
      place,
      customsCode,
      customsName,
      order.amount,
      'F',
      '',
      order.tradeNo,
      order.tradeNo,
      order.waybillNo,
      shanghaiText(order.paidAt),
      pushed === undefined ? '' : shanghaiText(pushed),
      pushed === undefined ? '' : 'SUCCESS',
    ].join(',');
  });
  return Buffer.from([headings, ...rows, ''].join('\n'));
}

type TheirRow = {
  readonly out_request_no: string;
  readonly attempts: readonly { readonly at: number }[];
  readonly port?: { readonly payment_received_at?: number };
};

/** Of a declaration in the channel's books: when it was sent, executed or not, and when the port received the payment. */
export type BookRow = {
  readonly requestNo: string;
  readonly sentAt: readonly number[];
  readonly receivedAt: number | undefined;
};

/** The channel's books, to compare ours with. Of each page only that is kept: the whole of it is as large as all that the server holds. */
export async function readBooks(world: ReplayWorld): Promise<BookRow[]> {
  const rows: BookRow[] = [];
  const page = 2000;
  for (;;) {
    const text = await world.simulators.get('alipay', `/control/books/declarations?limit=${page}&offset=${rows.length}`);
    const { declarations } = JSON.parse(text) as { declarations: TheirRow[] };
    for (const { out_request_no: requestNo, attempts, port } of declarations)
      rows.push({ requestNo, sentAt: attempts.map(({ at }) => at), receivedAt: port?.payment_received_at });
    if (declarations.length < page) return rows;
  }
}
