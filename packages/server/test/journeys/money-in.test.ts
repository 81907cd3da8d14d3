// Goal: an order is paid once, whoever says what in which order; our books equal the channel's.
// Method: the simulated gateway with its own books, named faults, and a moved clock.
import { afterEach, expect, test } from 'vitest';
import { checkLedger } from '../../src/ledger/index.ts';
import { CNY } from '../../src/kernel/index.ts';
import {
  askRefund,
  cancelPayment,
  findOrder,
  handOutOf,
  orderStateOf,
  startPayment,
  watchPayment,
} from '../../src/payments/index.ts';
import type { Order, PaymentWish } from '../../src/payments/index.ts';
import { usePayWorld } from '../kit/pay-world.ts';
import { merchant, wang } from '../kit/world.ts';

const own = usePayWorld('2015-10-28 16:20:00');
const s = 1000;
const m = 60 * s;
let orders = 0;

async function begin(changes: Partial<PaymentWish> = {}): Promise<{ order: Order; serialNo: string; url: string }> {
  const { app, accountId } = own.world;
  const started = await startPayment(app.payments, app.orders, wang, {
    ...{
      merchantId: merchant,
      orderNo: `A${(orders += 1)}`,
      amount: { minor: 10_000n, currency: CNY },
      subject: '测试商品',
    },
    ...{ accountId, product: 'page', ...changes },
  });
  if (!started.ok) throw new Error(JSON.stringify(started.refusal));
  const { order, attempt } = started.value;
  const handOut = await handOutOf(app.payments, attempt);
  const url = handOut?.kind === 'url' ? handOut.url : '';
  if (url !== '') await fetch(url, { redirect: 'manual' });
  return { order, serialNo: attempt.serialNo, url };
}

async function seen({ orderNo }: Pick<Order, 'orderNo'>): Promise<Order> {
  const order = await findOrder(own.world.app, { merchantId: merchant, orderNo });
  if (!order) throw new Error(`no order ${orderNo}`);
  return order;
}

const pay = (serialNo: string, more: object = {}) =>
  own.world.post<{ refused: string | null }>('/control/openapi/pay', { out_trade_no: serialNo, ...more });

type Fault = { readonly method?: string; readonly times?: number; readonly params?: object };

const fault = (name: string, serialNo: string, { method, times = 1, params = {} }: Fault = {}) =>
  own.world.post('/control/faults', [
    { fault: name, times, params, match: { out_trade_nos: [serialNo], ...(method === undefined ? {} : { method }) } },
  ]);

type TheirTrade = {
  readonly out_trade_no: string;
  readonly trade_no: string;
  readonly status: string;
  readonly paid_at: string | null;
  readonly amount_fen: number;
  readonly refunded_fen: number;
};

async function theirs(serialNos: readonly string[]): Promise<readonly TheirTrade[]> {
  const books = await own.world.get<{ trades: TheirTrade[] }>(`/openapi/books?out_trade_nos=${serialNos.join(',')}`);
  return books.trades;
}

const events = async (orderNo: string): Promise<string[]> => {
  const rows = await own.world.app.db.query<{ type: string }>(
    `select type from webhook_events where body::jsonb->'data'->>'order_no' = $1 order by at, type`,
    [orderNo],
  );
  return rows.map(({ type }) => type);
};

const cases = async (): Promise<string[]> => {
  const rows = await own.world.app.db.query<{ kind: string }>(`select kind from cases where state = 'open' order by 1`);
  return rows.map(({ kind }) => kind);
};

const states = async (order: Pick<Order, 'orderNo'>) => {
  const now = await seen(order);
  return {
    order: orderStateOf(now),
    payments: now.payments.map(({ state }) => state),
    attempts: now.attempts.map(({ state }) => state),
    surplus: now.surplus.map(({ state }) => state),
    refunds: now.refunds.map(({ state }) => state),
  };
};

const paidOnce = { order: 'paid', payments: ['paid'], attempts: ['succeeded'], surplus: [], refunds: [] };

/** Whatever happened: what we booked at this place is what the channel has, and the laws of the ledger hold. */
afterEach(async () => {
  const { app, accountId } = own.world;
  expect(await checkLedger(app.db)).toEqual([]);
  const ours = await app.db.query<{ serial_no: string; received: bigint; refunded: bigint }>(
    `select a.serial_no, a.received_minor as received,
       coalesce((select sum(r.amount_minor) from refunds r where r.bucket = a.bucket and r.attempt_id = a.id
         and r.state = 'refunded'), 0)::int8 as refunded from payment_attempts a order by 1`,
  );
  const trades = new Map((await theirs(ours.map((one) => one.serial_no))).map((one) => [one.out_trade_no, one]));
  const told = ours.map((one) => ({
    no: one.serial_no,
    received: Number(one.received),
    refunded: Number(one.refunded),
  }));
  const real = ours.map(({ serial_no: no }) => {
    const trade = trades.get(no);
    return { no, received: trade?.paid_at ? trade.amount_fen : 0, refunded: trade?.refunded_fen ?? 0 };
  });
  expect(told).toEqual(real);
  const [place] = await app.db.query<{ sum: bigint }>(
    `select coalesce(sum(balance), 0)::int8 as sum from slots where account = $1`,
    [`channel_receivable:p=${accountId}:c=CNY`],
  );
  expect(Number(place?.sum)).toBe(told.reduce((sum, one) => sum + one.received - one.refunded, 0));
});

test('a page payment that is notified is booked once and told once', async () => {
  const { order, serialNo } = await begin();
  expect((await pay(serialNo)).refused).toBe(null);
  await own.world.pass(10 * s);
  expect(await states(order)).toEqual(paidOnce);
  expect(await events(order.orderNo)).toEqual(['payment.succeeded']);
});

test('a notification that comes twice, and a query that says it again, book nothing more', async () => {
  const { order, serialNo } = await begin();
  await fault('notify_twice', serialNo);
  await pay(serialNo);
  await own.world.pass(30 * m);
  expect(await states(order)).toEqual(paidOnce);
  expect(await events(order.orderNo)).toEqual(['payment.succeeded']);
});

test('never notified: asking finds the payment, within the next short gap when somebody waits', async () => {
  const { order, serialNo } = await begin();
  await fault('never_notify', serialNo, { times: 99 });
  await pay(serialNo);
  const attempt = (await seen(order)).attempts[0];
  await watchPayment(own.world.app.payments, own.world.app.orders, order, attempt?.id ?? '');
  await own.world.pass(10 * s);
  expect(await states(order)).toEqual(paidOnce);
});

test('never notified and nobody looks: the planned questions find it, four in half an hour', async () => {
  const { order, serialNo } = await begin();
  await fault('never_notify', serialNo, { times: 99 });
  await pay(serialNo);
  await own.world.pass(31 * m);
  expect(await states(order)).toEqual(paidOnce);
  expect((await seen(order)).attempts[0]?.asked).toBeLessThanOrEqual(4);
});

test('a forged message is kept and refused, and books nothing', async () => {
  const { order, serialNo } = await begin();
  await own.world.post('/control/openapi/forge', { out_trade_no: serialNo, event: 'paid' });
  await own.world.pass(5 * s);
  expect((await states(order)).order).toBe('unpaid');
  const kept = await own.world.app.db.query(`select state from inbound_notices where state = 'refused'`);
  expect(kept.length).toBeGreaterThan(0);
});

test('a signed message about another amount is acknowledged, holds delivery, and books nothing', async () => {
  const { order, serialNo } = await begin();
  await own.world.post('/control/openapi/open', { out_trade_no: serialNo });
  await own.world.post('/control/openapi/forge', {
    ...{ out_trade_no: serialNo, event: 'paid', signed: true },
    fields: { total_amount: '99.99', trade_status: 'TRADE_SUCCESS' },
  });
  await own.world.pass(5 * s);
  expect((await states(order)).order).toBe('unpaid');
  expect(await events(order.orderNo)).toContain('payment.disputed');
  expect(await cases()).toContain('payment.amount_differs');
});

test('not found is not failed: nobody opened the cashier for 29 minutes, then he pays', async () => {
  const { order, serialNo } = await begin();
  await own.world.pass(29 * m);
  expect((await states(order)).attempts).toEqual(['cashier_open']);
  await pay(serialNo);
  await own.world.pass(2 * m);
  expect(await states(order)).toEqual(paidOnce);
});

test('nobody ever pays: closed only when that is proven, after the deadline and its margin', async () => {
  const { order } = await begin();
  await own.world.pass(31 * m);
  expect(await states(order)).toMatchObject({ payments: ['closing'], attempts: ['closing'] });
  await own.world.pass(30 * m);
  expect(await states(order)).toMatchObject({ order: 'unpaid', payments: ['closed'], attempts: ['closed'] });
  expect(await events(order.orderNo)).toEqual(['payment.closed']);
});

test('the shop cancels an opened trade: closed by the channel, and told', async () => {
  const { order, serialNo } = await begin();
  await own.world.post('/control/openapi/open', { out_trade_no: serialNo });
  await own.world.pass(2 * m);
  expect((await states(order)).attempts).toEqual(['trade_open']);
  await cancelPayment(own.world.app.orders, wang, order, order.payments[0]?.id ?? '');
  await own.world.pass(10 * s);
  expect(await states(order)).toMatchObject({ order: 'cancelled', payments: ['closed'], attempts: ['closed'] });
  expect((await pay(serialNo)).refused).toBe('TRADE_HAS_CLOSE');
});

test('close against pay: the payment lands first, the payer wins, and what the shop had cancelled goes back', async () => {
  const { order, serialNo } = await begin();
  await own.world.post('/control/openapi/open', { out_trade_no: serialNo });
  await own.world.pass(2 * m);
  await fault('close_loses', serialNo);
  await cancelPayment(own.world.app.orders, wang, order, order.payments[0]?.id ?? '');
  await own.world.pass(10 * s);
  expect(await states(order)).toMatchObject({ payments: ['paid'], attempts: ['succeeded'] });
  await own.world.pass(10 * m);
  expect(await states(order)).toMatchObject({ order: 'cancelled', refunds: ['refunded'] });
  expect(await events(order.orderNo)).toEqual(['payment.succeeded', 'refund.succeeded']);
});

test.each(['book_then_hang', 'hang_before_booking'])(
  'a close that hangs (%s) is repeated until there is evidence',
  async (name) => {
    const { order, serialNo } = await begin();
    await own.world.post('/control/openapi/open', { out_trade_no: serialNo });
    await own.world.pass(2 * m);
    await fault(name, serialNo, { method: 'close' });
    await cancelPayment(own.world.app.orders, wang, order, order.payments[0]?.id ?? '');
    await own.world.pass(2 * m);
    expect(await states(order)).toMatchObject({ payments: ['closed'], attempts: ['closed'] });
  },
);

test('second success: two attempts of one order are both paid; one settles, the other is a surplus and goes back', async () => {
  const first = await begin();
  const second = await begin({ orderNo: first.order.orderNo, product: 'wap', keepOthers: true });
  await pay(first.serialNo);
  await pay(second.serialNo);
  await own.world.pass(30 * s);
  expect(await states(first.order)).toMatchObject({ order: 'paid', payments: ['paid'], surplus: ['held'] });
  await own.world.pass(10 * m);
  expect(await states(first.order)).toMatchObject({ surplus: ['returned'], refunds: ['refunded'] });
  expect((await events(first.order.orderNo)).sort()).toEqual([
    ...['payment.succeeded', 'refund.succeeded', 'surplus.received', 'surplus.refunding', 'surplus.resolved'],
  ]);
});

test('the payer chooses another product: the old cashier is closed, and if both are paid one is given back', async () => {
  const first = await begin();
  const second = await begin({ orderNo: first.order.orderNo, product: 'wap' });
  expect((await states(first.order)).attempts).toEqual(['closing', 'cashier_open']);
  await pay(second.serialNo);
  await pay(first.serialNo);
  await own.world.pass(15 * m);
  expect(await states(first.order)).toMatchObject({
    ...{ order: 'paid', payments: ['paid'], attempts: ['succeeded', 'succeeded'], surplus: ['returned'] },
  });
});

test('a precreate call that hangs after booking is asked about, sent again with the same number, and paid', async () => {
  const { order, serialNo } = await begin({ product: 'precreate' });
  await fault('book_then_hang', serialNo, { method: 'precreate' });
  await own.world.pass(60 * s);
  const attempt = (await seen(order)).attempts[0];
  expect(attempt?.state).toMatch(/in_doubt|cashier_open/);
  await pay(serialNo);
  await own.world.pass(5 * m);
  expect(await states(order)).toEqual(paidOnce);
});

test('a refund in parts, repeated under its number, never exceeds what was received', async () => {
  const { order, serialNo } = await begin();
  await pay(serialNo);
  await own.world.pass(10 * s);
  const { app } = own.world;
  const ask = async (shopRefundNo: string, minor: bigint) =>
    askRefund(app.payments, app.orders, wang, {
      ...{ order: await seen(order), paymentId: order.payments[0]?.id ?? '', shopRefundNo, reason: '退货' },
      amount: { minor, currency: CNY },
    });
  expect((await ask('R1', 4000n)).ok).toBe(true);
  expect((await ask('R1', 4000n)).ok).toBe(true);
  const [second, third] = await Promise.all([ask('R2', 6000n), ask('R3', 6000n)]);
  expect([second.ok, third.ok].filter(Boolean)).toHaveLength(1);
  await own.world.pass(2 * m);
  expect((await states(order)).refunds).toEqual(['refunded', 'refunded']);
});

test.each([
  'refund_hang_booked',
  'refund_hang_not_booked',
  'system_error_booked',
  'system_error_not_booked',
  'unknown_code',
  'html_instead',
])('a refund whose answer is %s keeps its number until there is proof', async (name) => {
  const { order, serialNo } = await begin();
  await pay(serialNo);
  await own.world.pass(10 * s);
  await fault(name, serialNo, { method: 'refund' });
  const { app } = own.world;
  const asked = await askRefund(app.payments, app.orders, wang, {
    ...{ order: await seen(order), paymentId: order.payments[0]?.id ?? '', shopRefundNo: 'R1', reason: '退货' },
  });
  expect(asked.ok).toBe(true);
  await own.world.pass(60 * m);
  expect((await states(order)).refunds).toEqual(['refunded']);
  expect((await theirs([serialNo]))[0]?.refunded_fen).toBe(10_000);
});
