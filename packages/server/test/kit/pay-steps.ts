// What people, shop and channel do in the journeys of money, and what can be seen of it afterwards.
import { performance } from 'node:perf_hooks';
import { proposeTerm } from '../../src/contracts/index.ts';
import type { TermKind } from '../../src/contracts/index.ts';
import { CNY, hours, plus } from '../../src/kernel/index.ts';
import {
  askRefund,
  cancelPayment,
  findOrder,
  handOutOf,
  orderStateOf,
  startPayment,
} from '../../src/payments/index.ts';
import type { Attempt, Order, PaymentWish } from '../../src/payments/index.ts';
import type { App } from '../../src/app/parts.ts';
import { merchant, people } from '../stories/people.ts';
import type { Doors } from './pay-side.ts';

export type Stage = Doors & {
  readonly app: App;
  readonly accountId: string;
  readonly pass: (ms: number) => Promise<void>;
};
export type Begun = {
  readonly order: Order;
  readonly attempt: Attempt;
  readonly serialNo: string;
  readonly url: string;
};
export type Fault = { readonly method?: string; readonly times?: number; readonly params?: object };
export type Named = Pick<Order, 'orderNo'>;

/** A hundred yuan for a thing. */
export const price = { minor: 10_000n, currency: CNY } as const;

export function stepsOn(stage: () => Stage) {
  let orders = 0;
  let faults = 0;
  let aheadMs = 0;

  /** The shop begins a payment as it wishes; refusals come back. */
  const wish = (changes: Partial<PaymentWish> = {}) => {
    const { app, accountId } = stage();
    return startPayment(app.payments, app.orders, people.wang, {
      ...{ merchantId: merchant, orderNo: `A${(orders += 1)}`, amount: price, subject: '测试商品' },
      ...{ accountId, product: 'page', ...changes },
    });
  };

  /** Begins a payment; where there is a cashier the payer's browser loads it. */
  async function begin(changes: Partial<PaymentWish> = {}): Promise<Begun> {
    const started = await wish(changes);
    if (!started.ok) throw new Error(JSON.stringify(started.refusal));
    const { order, attempt } = started.value;
    return { order, attempt, serialNo: attempt.serialNo, url: await load(attempt) };
  }

  /** The payer's browser follows the hand-out; empty when there is none. */
  async function load(attempt: Attempt): Promise<string> {
    const handOut = await handOutOf(stage().app.payments, attempt);
    const url = handOut?.kind === 'url' ? handOut.url : '';
    if (url !== '') await fetch(url, { redirect: 'manual' });
    if (handOut?.kind === 'sdk') await stage().openInWallet(handOut.text);
    return url;
  }

  async function seen({ orderNo }: Named): Promise<Order> {
    const order = await findOrder(stage().app, { merchantId: merchant, orderNo });
    if (!order) throw new Error(`no order ${orderNo}`);
    return order;
  }

  const pay = (serialNo: string, more: object = {}) =>
    stage().post<{ refused: string | null }>('/control/openapi/pay', { out_trade_no: serialNo, ...more });

  /** Begun, paid, told and booked. */
  async function paid(changes: Partial<PaymentWish> = {}): Promise<Begun> {
    const begun = await begin(changes);
    await pay(begun.serialNo);
    await stage().pass(10_000);
    return begun;
  }

  const cancel = (order: Order) => cancelPayment(stage().app.orders, people.wang, order, order.payments[0]?.id ?? '');

  const open = (serialNo: string) => stage().post('/control/openapi/open', { out_trade_no: serialNo });

  /** A message that nothing caused, with a stranger's signature. */
  const forge = (serialNo: string) => stage().post('/control/openapi/forge', { out_trade_no: serialNo, event: 'paid' });

  /** What the channel does wrong about a number; its id, to lift it. */
  async function fault(
    name: string,
    serialNo: string,
    { method, times = 1, params = {} }: Fault = {},
  ): Promise<string> {
    const id = `fault-${(faults += 1)}`;
    const match = { out_trade_nos: [serialNo], ...(method === undefined ? {} : { method }) };
    await stage().post('/control/faults', [{ id, fault: name, times, params, match }]);
    return id;
  }

  const lift = (id: string) => stage().remove(`/control/faults/${id}`);

  const refund = async (order: Named, shopRefundNo: string, minor?: bigint) => {
    const { app } = stage();
    const now = await seen(order);
    const paid = now.payments.find(({ state }) => state === 'paid');
    return askRefund(app.payments, app.orders, people.wang, {
      ...{ order: now, paymentId: paid?.id ?? '', shopRefundNo, reason: '退货' },
      ...(minor === undefined ? {} : { amount: { minor, currency: CNY } }),
    });
  };

  const events = async ({ orderNo }: Named): Promise<readonly string[]> => {
    const rows = await stage().app.db.query<{ type: string }>(
      `select type from webhook_events where body::jsonb->'data'->>'order_no' = $1 order by at, type`,
      [orderNo],
    );
    return rows.map(({ type }) => type);
  };

  /** Open cases about the parts of an order, by kind. */
  const cases = async (order: Named): Promise<readonly string[]> => {
    const { payments, attempts, refunds } = await seen(order);
    const rows = await stage().app.db.query<{ kind: string }>(
      `select kind from cases where state = 'open' and subject = any($1) order by 1`,
      [[...payments, ...attempts, ...refunds].map(({ id }) => id)],
    );
    return rows.map(({ kind }) => kind);
  };

  const states = async (order: Named) => {
    const now = await seen(order);
    return {
      order: orderStateOf(now),
      payments: now.payments.map(({ state }) => state),
      attempts: now.attempts.map(({ state }) => state),
      surplus: now.surplus.map(({ state }) => state),
      refunds: now.refunds.map(({ state }) => state),
    };
  };

  /** How often the channel was called about an attempt or a refund, and what came of it. */
  const calls = async (subject: string, operation: string): Promise<readonly string[]> => {
    const rows = await stage().app.db.query<{ kind: string | null }>(
      `select a.kind from exchange_subjects s
         left join exchange_answers a on a.bucket = s.exchange_bucket and a.exchange_id = s.exchange_id
       where s.subject = $1 and s.operation = $2 order by s.try`,
      [subject, operation],
    );
    return rows.map(({ kind }) => kind ?? 'unheard');
  };

  /** What a new account or contract says is at work from the next reading on; this one does not wait for it. */
  async function policiesRead(): Promise<void> {
    const now = performance.now.bind(performance);
    aheadMs += 2000;
    performance.now = () => now() + aheadMs;
    try {
      await stage().app.payments.policies.load();
    } finally {
      performance.now = now;
    }
  }

  /** A line of the contract for one product of the account, or for all (`*`), at work at once. */
  async function agree(product: string, kind: TermKind, value: Readonly<Record<string, unknown>>): Promise<void> {
    const { app, accountId } = stage();
    const validFrom = plus(app.clock.now(), hours(-1));
    const scene = product === '*' ? '*' : 'online';
    const term = { accountId, product, scene, kind, value, validFrom, source: 'clause 4' };
    const boss = { ...people.wang, roles: ['admin'] } as const;
    const agreed = await proposeTerm(app.customs, boss, term, { reason: 'contract', alone: true });
    if (!agreed.ok) throw new Error(JSON.stringify(agreed.refusal));
    await policiesRead();
  }

  const seeing = { seen, events, cases, states, calls };
  const channelDoes = { pay, open, forge, fault, lift };
  return { ...seeing, ...channelDoes, wish, begin, paid, cancel, load, refund, agree, policiesRead };
}

/** Done, or why not. */
export const codeOf = (result: { readonly ok: boolean; readonly refusal?: { readonly code: string } }): string =>
  result.ok ? 'done' : (result.refusal?.code ?? '');

export const paidOnce = { order: 'paid', payments: ['paid'], attempts: ['succeeded'], surplus: [], refunds: [] };
