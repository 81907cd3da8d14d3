// Goal: an order is paid once, whoever says what in which order; our books equal the channel's.
// Method: the simulated gateway with its own books, named faults, and a moved clock.
import { afterEach, expect, test } from 'vitest';
import { watchPayment } from '../../src/payments/index.ts';
import { paidOnce, stepsOn } from '../kit/pay-steps.ts';
import { expectEqualBooks, usePayWorld } from '../kit/pay-world.ts';

const own = usePayWorld('2015-10-28 16:20:00');
const { begin, cancel, seen, pay, open, fault, refund, events, cases, states } = stepsOn(() => own.world);
const s = 1000;
const m = 60 * s;

afterEach(() => expectEqualBooks(own.world));

test('a page payment that is notified is booked once and told once', async () => {
  const { order, serialNo } = await begin();
  expect((await pay(serialNo)).refused).toBe(null);
  await own.world.pass(10 * s);
  expect(await states(order)).toEqual(paidOnce);
  expect(await events(order)).toEqual(['payment.succeeded']);
});

test('a notification that comes twice, and a query that says it again, book nothing more', async () => {
  const { order, serialNo } = await begin();
  await fault('notify_twice', serialNo);
  await pay(serialNo);
  await own.world.pass(30 * m);
  expect(await states(order)).toEqual(paidOnce);
  expect(await events(order)).toEqual(['payment.succeeded']);
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
  await open(serialNo);
  await own.world.post('/control/openapi/forge', {
    ...{ out_trade_no: serialNo, event: 'paid', signed: true },
    fields: { total_amount: '99.99', trade_status: 'TRADE_SUCCESS' },
  });
  await own.world.pass(5 * s);
  expect((await states(order)).order).toBe('unpaid');
  expect(await events(order)).toContain('payment.disputed');
  expect(await cases(order)).toContain('payment.amount_differs');
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
  expect(await events(order)).toEqual(['payment.closed']);
});

test('the shop cancels an opened trade: closed by the channel, and told', async () => {
  const { order, serialNo } = await begin();
  await open(serialNo);
  await own.world.pass(2 * m);
  expect((await states(order)).attempts).toEqual(['trade_open']);
  await cancel(order);
  await own.world.pass(10 * s);
  expect(await states(order)).toMatchObject({ order: 'cancelled', payments: ['closed'], attempts: ['closed'] });
  expect((await pay(serialNo)).refused).toBe('TRADE_HAS_CLOSE');
});

test('close against pay: the payment lands first, the payer wins, and what the shop had cancelled goes back', async () => {
  const { order, serialNo } = await begin();
  await open(serialNo);
  await own.world.pass(2 * m);
  await fault('close_loses', serialNo);
  await cancel(order);
  await own.world.pass(10 * s);
  expect(await states(order)).toMatchObject({ payments: ['paid'], attempts: ['succeeded'] });
  await own.world.pass(10 * m);
  expect(await states(order)).toMatchObject({ order: 'cancelled', refunds: ['refunded'] });
  expect(await events(order)).toEqual(['payment.succeeded', 'refund.succeeded']);
});

test.each(['book_then_hang', 'hang_before_booking'])(
  'a close that hangs (%s) is repeated until there is evidence',
  async (name) => {
    const { order, serialNo } = await begin();
    await open(serialNo);
    await own.world.pass(2 * m);
    await fault(name, serialNo, { method: 'close' });
    await cancel(order);
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
  expect((await events(first.order)).toSorted()).toEqual([
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
  expect((await refund(order, 'R1', 4000n)).ok).toBe(true);
  expect((await refund(order, 'R1', 4000n)).ok).toBe(true);
  const [second, third] = await Promise.all([refund(order, 'R2', 6000n), refund(order, 'R3', 6000n)]);
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
  const asked = await refund(order, 'R1');
  expect(asked.ok).toBe(true);
  await own.world.pass(60 * m);
  expect((await states(order)).refunds).toEqual(['refunded']);
});
