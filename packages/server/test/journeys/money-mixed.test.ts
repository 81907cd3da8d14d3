// Goal: one order through two channels: whichever of them pays, closes, hangs, tells late or not at all, money is booked once for what it
// is, and the books of both are ours.
// Method: both simulators on one moved clock, each with named faults; every race is played in both directions. Listed in docs/money-in-races.md.
import { afterEach, describe, expect, test } from 'vitest';
import { adoptLateMoney } from '../../src/payments/index.ts';
import type { PaymentWish } from '../../src/payments/index.ts';
import { useStages } from '../kit/money-ground.ts';
import { paidOnce, price, stepsOn } from '../kit/pay-steps.ts';
import type { Begun, Named } from '../kit/pay-steps.ts';
import { expectEqualBooks, openApi } from '../kit/pay-world.ts';
import { wechatPay } from '../kit/wechat-world.ts';
import { wang } from '../kit/world.ts';

const own = useStages('2026-12-01 10:00:00', { alipay: openApi, wechat: wechatPay });
const pass = (ms: number) => own.world.alipay.pass(ms);
const s = 1000;
const m = 60 * s;
const h = 60 * m;
let orders = 0;

const steps = { alipay: stepsOn(() => own.world.alipay), wechat: stepsOn(() => own.world.wechat) };
const { seen, states, events, cases, cancel } = steps.alipay;
type Name = keyof typeof steps;
const products: Readonly<Record<Name, string>> = { alipay: 'page', wechat: 'native' };
const unknownNumber: Readonly<Record<Name, object>> = {
  alipay: { code: '40004', sub_code: 'ACQ.TRADE_NOT_EXIST' },
  wechat: { code: 'ORDER_NOT_EXIST' },
};

afterEach(async () => {
  await expectEqualBooks(own.world.alipay);
  await expectEqualBooks(own.world.wechat);
});

/** A payment at this channel, its page or code in the payer's hands. */
async function begin(at: Name, changes: Partial<PaymentWish> = {}): Promise<Begun> {
  const begun = await steps[at].begin({ orderNo: `M${(orders += 1)}`, product: products[at], ...changes });
  await pass(s);
  return begun;
}

/** Both are open at once, as in two tabs. */
async function beginBoth(first: Name, second: Name) {
  const one = await begin(first);
  const { orderNo } = one.order;
  return { one, two: await begin(second, { orderNo, keepOthers: true }), order: one.order };
}

const pay = (at: Name, { serialNo }: Begun) => steps[at].pay(serialNo);
const never = (at: Name, { serialNo }: Begun) => steps[at].fault('never_notify', serialNo, { times: 99 });
const soon = async (order: Named) => (await states(order)).attempts.toSorted();

const hidden: (() => Promise<void>)[] = [];
/** The channel denies the number and tells of its payment late. */
async function hide(at: Name, { serialNo }: Begun, lateMs: number): Promise<void> {
  for (const method of ['query', 'close']) {
    const id = await steps[at].fault('business_error', serialNo, { method, times: 99, params: unknownNumber[at] });
    hidden.push(() => steps[at].lift(id));
  }
  await steps[at].fault('notify_late', serialNo, { params: { ms: lateMs } });
}
const lifted = () => Promise.all(hidden.splice(0).map((lift) => lift()));

describe.each([
  { first: 'alipay', second: 'wechat' },
  { first: 'wechat', second: 'alipay' },
] as const)('$first, then $second', ({ first, second }) => {
  test('both pay: the one heard first settles, the other goes back where it came from after the time a race needs', async () => {
    const { one, two, order } = await beginBoth(first, second);
    await steps[second].fault('notify_late', two.serialNo, { params: { ms: 4000 } });
    await pay(second, two);
    await pay(first, one);
    await pass(30 * s);
    expect(await states(order)).toMatchObject({ order: 'paid', payments: ['paid'], surplus: ['held'], refunds: [] });
    expect((await seen(order)).surplus[0]?.attemptId).toBe(two.attempt.id);
    await pass(10 * m);
    expect(await states(order)).toMatchObject({ order: 'paid', surplus: ['returned'], refunds: ['refunded'] });
    expect((await events(order)).toSorted()).toEqual([
      ...['payment.succeeded', 'refund.succeeded', 'surplus.received', 'surplus.refunding', 'surplus.resolved'],
    ]);
  });

  test('the payer chooses the other channel: the first is closed there, and cannot be paid any more', async () => {
    const one = await begin(first);
    await steps[first].open(one.serialNo);
    const two = await begin(second, { orderNo: one.order.orderNo });
    await pass(2 * m);
    expect((await pay(first, one)).refused).not.toBe(null);
    await pay(second, two);
    await pass(m);
    expect(await states(one.order)).toEqual({ ...paidOnce, attempts: ['closed', 'succeeded'] });
  });

  test('close one while the other pays, and the closed one was paid a moment before: both are booked, one goes back', async () => {
    const { one, two, order } = await beginBoth(first, second);
    await steps[first].open(one.serialNo);
    await steps[first].fault('close_loses', one.serialNo);
    await pay(second, two);
    await pass(15 * m);
    expect(await states(order)).toMatchObject({
      ...{ order: 'paid', payments: ['paid'], attempts: ['succeeded', 'succeeded'], surplus: ['returned'] },
    });
  });

  test.each(['book_then_hang', 'hang_before_booking'])(
    'the close of one hangs (%s) while the other pays: repeated until it is closed by evidence',
    async (name) => {
      const one = await begin(first);
      await steps[first].open(one.serialNo);
      await pass(m);
      await steps[first].fault(name, one.serialNo, { method: 'close' });
      const two = await begin(second, { orderNo: one.order.orderNo });
      await pay(second, two);
      await pass(5 * m);
      expect(await states(one.order)).toEqual({ ...paidOnce, attempts: ['closed', 'succeeded'] });
    },
  );

  test('neither tells: asking finds both, one settles and one goes back', async () => {
    const { one, two, order } = await beginBoth(first, second);
    await never(first, one);
    await never(second, two);
    await pay(second, two);
    await pay(first, one);
    await pass(45 * m);
    expect(await states(order)).toMatchObject({ order: 'paid', surplus: ['returned'], refunds: ['refunded'] });
    expect((await events(order)).filter((type) => type === 'payment.succeeded')).toHaveLength(1);
  });

  test('second success a day later: the other channel tells of it when all seems over', async () => {
    const { one, two, order } = await beginBoth(first, second);
    await hide(second, two, 24 * h);
    await pay(first, one);
    await pay(second, two);
    await pass(2 * h);
    expect(await states(order)).toMatchObject({ order: 'paid', attempts: ['succeeded', 'closed'], surplus: [] });
    await lifted();
    await pass(23 * h);
    expect((await seen(order)).surplus).toMatchObject([{ state: 'returned', why: 'second_success' }]);
  });

  test('success after full refund: what the other channel collects goes back, and a case asks why it was still open', async () => {
    const { one, two, order } = await beginBoth(first, second);
    // The close that follows the first success never arrives.
    await steps[second].fault('business_error', two.serialNo, {
      method: 'close',
      times: 99,
      params: unknownNumber[second],
    });
    await pay(first, one);
    await pass(10 * s);
    expect((await steps[first].refund(order, 'R1')).ok).toBe(true);
    await pass(3 * m);
    expect((await pay(second, two)).refused).toBe(null);
    await pass(15 * m);
    expect(await states(order)).toMatchObject({ surplus: ['returned'], refunds: ['refunded', 'refunded'] });
    expect(await cases(order)).toContain('payment.surplus_after_refund');
  });

  test('the shop cancels while both are open: both are closed, nobody can pay', async () => {
    const { one, two, order } = await beginBoth(first, second);
    await steps[first].open(one.serialNo);
    await steps[second].open(two.serialNo);
    await pass(2 * m);
    await cancel(order);
    await pass(m);
    expect(await states(order)).toMatchObject({
      order: 'cancelled',
      payments: ['closed'],
      attempts: ['closed', 'closed'],
    });
    for (const refused of [await pay(first, one), await pay(second, two)]) expect(refused.refused).not.toBe(null);
  });

  test('the shop cancels while both pay: both are booked, and all of it goes back', async () => {
    const { one, two, order } = await beginBoth(first, second);
    await steps[first].open(one.serialNo);
    await steps[second].open(two.serialNo);
    await pass(2 * m);
    await steps[first].fault('close_loses', one.serialNo);
    await steps[second].fault('close_loses', two.serialNo);
    await cancel(order);
    await pass(20 * m);
    expect(await states(order)).toMatchObject({ order: 'cancelled', attempts: ['succeeded', 'succeeded'] });
    expect((await seen(order)).refunds.map(({ state }) => state)).toEqual(['refunded', 'refunded']);
  });

  test('closed at both, paid late at one, and the shop still delivers: adopted as a new payment', async () => {
    const { one, two, order } = await beginBoth(first, second);
    await hide(first, one, 12 * h);
    await pass(20 * m);
    await pay(first, one);
    await pass(2 * h);
    expect(await soon(order)).toEqual(['closed', 'closed']);
    expect((await pay(second, two)).refused).not.toBe(null);
    await lifted();
    await pass(10 * h + 30 * s);
    const late = await seen(order);
    expect((await adoptLateMoney(own.world.alipay.app.orders, wang, late, late.surplus[0]?.id ?? '')).ok).toBe(true);
    await pass(h);
    expect(await states(order)).toMatchObject({ order: 'paid', payments: ['closed', 'paid'], surplus: ['adopted'] });
  });

  test('a refund that gets no answer at one channel while the surplus of the other goes back: each goes once', async () => {
    const { one, two, order } = await beginBoth(first, second);
    await pay(first, one);
    await pay(second, two);
    await pass(10 * s);
    await steps[first].fault('book_then_hang', one.serialNo, { method: 'refund' });
    expect((await steps[first].refund(order, 'R1', 4000n)).ok).toBe(true);
    await pass(30 * m);
    expect(await states(order)).toMatchObject({
      order: 'paid',
      surplus: ['returned'],
      refunds: ['refunded', 'refunded'],
    });
  });

  test('another price at the other channel: the first is closed, and the lower price settles', async () => {
    const one = await begin(first);
    const { orderNo } = one.order;
    await steps[first].open(one.serialNo);
    await pass(m);
    const two = await begin(second, { orderNo, amount: { ...price, minor: 9000n } });
    await pass(m);
    expect((await pay(first, one)).refused).not.toBe(null);
    await pay(second, two);
    await pass(m);
    expect(await states(one.order)).toEqual({ ...paidOnce, attempts: ['closed', 'succeeded'] });
    expect((await seen(one.order)).attempts.map(({ receivedMinor }) => receivedMinor)).toEqual([0n, 9000n]);
  });

  test('first terms win at both: the old price is paid while the other channel shows a higher one, and goes back', async () => {
    const one = await begin(first);
    await never(first, one);
    await pay(first, one);
    const { orderNo } = one.order;
    const two = await begin(second, { orderNo, amount: { ...price, minor: 11_000n } });
    await pass(10 * m);
    expect(await states(one.order)).toMatchObject({ order: 'unpaid', surplus: ['returned'] });
    await pay(second, two);
    await pass(m);
    expect(await states(one.order)).toMatchObject({ order: 'paid', attempts: ['succeeded', 'succeeded'] });
  });
});
