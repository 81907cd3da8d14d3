// Goal: whichever of payer, shop, channel and our own process comes first, money is booked once, for what it is, and nobody is told otherwise.
// Method: the simulated gateway with its own books, named faults, and a moved clock. Which test plays which rule: docs/money-in-races.md.
import { afterEach, expect, test } from 'vitest';
import { adoptLateMoney, keepPayment, watchPayment } from '../../src/payments/index.ts';
import { bucketOf } from '../../src/kernel/index.ts';
import type { Order } from '../../src/payments/index.ts';
import { codeOf, paidOnce, stepsOn } from '../kit/pay-steps.ts';
import type { Begun } from '../kit/pay-steps.ts';
import { expectEqualBooks, usePayWorld } from '../kit/pay-world.ts';
import { wang } from '../kit/world.ts';

const own = usePayWorld('2015-10-05 09:00:00');
const { begin, paid, cancel, load, seen, pay, open, fault, lift, refund, agree, events, cases, states, calls } =
  stepsOn(() => own.world);
const pass = (ms: number) => own.world.pass(ms);
const s = 1000;
const m = 60 * s;
const h = 60 * m;

afterEach(() => expectEqualBooks(own.world));

async function offersOf(serialNo: string): Promise<readonly { readonly code: string; readonly amount_fen: number }[]> {
  const books = await own.world.get<{ offers: { code: string; amount_fen: number }[] }>(
    `/openapi/books?out_trade_nos=${serialNo}`,
  );
  return books.offers;
}

test('first terms win: another price of the order is another attempt, and what the first was frozen with is never rebuilt', async () => {
  const { order, attempt, serialNo } = await begin();
  const { orderNo } = order;
  await open(serialNo);
  const cheaper = await begin({ orderNo, amount: { ...attempt.amount, minor: 9000n } });
  await pass(10 * s);
  expect((await offersOf(serialNo)).map((offer) => offer.amount_fen)).toEqual([10_000]);
  expect((await offersOf(cheaper.serialNo)).map((offer) => offer.amount_fen)).toEqual([9000]);
  expect((await pay(serialNo)).refused).toBe('TRADE_HAS_CLOSE');
  await pay(cheaper.serialNo);
  await pass(10 * s);
  expect(await states(order)).toEqual({ ...paidOnce, attempts: ['closed', 'succeeded'] });
  expect((await seen(order)).attempts.map(({ receivedMinor }) => receivedMinor)).toEqual([0n, 9000n]);
});

test.each([
  { now: 9000n, surplus: [], refunds: [], opened: ['payment.amount_differs'], order: 'paid' },
  { now: 11_000n, surplus: ['returned'], refunds: ['refunded'], opened: [], order: 'unpaid' },
])(
  'repriced while the payer pays the old price: it settles an order that costs $now fen if that is no less, and goes back if it is',
  async ({ now, surplus, refunds, opened, order: is }) => {
    const { order, attempt, serialNo } = await begin();
    await fault('never_notify', serialNo, { times: 9 });
    expect((await pay(serialNo)).refused).toBe(null);
    const other = await begin({ orderNo: order.orderNo, amount: { ...attempt.amount, minor: now } });
    await pass(10 * m);
    expect(await states(order)).toMatchObject({ order: is, surplus, refunds });
    expect(await cases(order)).toEqual(opened);
    if (is === 'unpaid') await pay(other.serialNo);
    await pass(31 * m);
    const ends = is === 'paid' ? ['succeeded', 'closed'] : ['succeeded', 'succeeded'];
    expect(await states(order)).toMatchObject({ order: 'paid', attempts: ends });
  },
);

test('repriced after the first payment closed: the lower price settles the order', async () => {
  const { order, attempt } = await begin();
  await pass(45 * m);
  expect((await states(order)).payments).toEqual(['closed']);
  const again = await begin({ orderNo: order.orderNo, amount: { ...attempt.amount, minor: 9000n } });
  await pay(again.serialNo);
  await pass(10 * s);
  expect(await states(order)).toMatchObject({ order: 'paid', payments: ['closed', 'paid'], surplus: [], refunds: [] });
  expect((await seen(order)).due).toEqual({ ...attempt.amount, minor: 9000n });
  expect(await cases(order)).toEqual([]);
});

test('an order that came with adopted payments under an id of its own takes a payment of ours', async () => {
  const orderNo = 'ADOPTED-1';
  await own.world.app.db.query(
    `insert into merchant_orders (bucket, id, merchant_id, order_no, subject, version, created_at)
     values ($1, gen_random_uuid(), 'demo', $2, '', 1, now())`,
    [bucketOf('demo', orderNo), orderNo],
  );
  const { order, serialNo } = await begin({ orderNo });
  await pay(serialNo);
  await pass(10 * s);
  expect(await states(order)).toEqual(paidOnce);
});

test('many doors, one trade: five cashiers of one number, paid at the third, are one receipt', async () => {
  const { order, attempt, serialNo } = await begin();
  for (const _door of [2, 3, 4, 5]) await load(attempt);
  const doors = await offersOf(serialNo);
  expect(doors).toHaveLength(5);
  expect((await pay(serialNo, { code: doors[2]?.code })).refused).toBe(null);
  for (const { code } of doors) expect((await pay(serialNo, { code })).refused).toBe('TRADE_HAS_SUCCESS');
  await pass(30 * m);
  expect(await states(order)).toEqual(paidOnce);
  expect(await events(order)).toEqual(['payment.succeeded']);
});

test('second scanner: the first opened the trade and waits, another takes a cashier of his own and pays', async () => {
  const { order, serialNo } = await begin();
  await open(serialNo);
  await pass(2 * m);
  const second = await begin({ orderNo: order.orderNo, product: 'wap' });
  await pay(second.serialNo);
  await pass(m);
  expect(await states(order)).toMatchObject({ order: 'paid', attempts: ['closed', 'succeeded'], surplus: [] });
  expect((await pay(serialNo)).refused).toBe('TRADE_HAS_CLOSE');
});

test('deleted is not closed: a trade that the payer deleted from his bills is paid by an old link', async () => {
  const { order, serialNo } = await begin();
  const [door] = await offersOf(serialNo);
  await open(serialNo);
  await pass(25 * m);
  expect((await states(order)).attempts).toEqual(['trade_open']);
  await pay(serialNo, { code: door?.code });
  await pass(10 * s);
  expect(await states(order)).toEqual(paidOnce);
});

test('burnt number: what was closed is never shown again, the next payment has another number', async () => {
  const { order, serialNo } = await begin();
  await open(serialNo);
  await pass(45 * m);
  expect(await states(order)).toMatchObject({ payments: ['closed'], attempts: ['closed'] });
  expect(await load((await seen(order)).attempts[0]!)).toBe('');
  const again = await begin({ orderNo: order.orderNo });
  expect(again.serialNo).not.toBe(serialNo);
  expect(await offersOf(serialNo)).toHaveLength(1);
  await pay(again.serialNo);
  await pass(10 * s);
  expect(await states(order)).toMatchObject({ order: 'paid', payments: ['closed', 'paid'] });
  expect(await events(order)).toEqual(['payment.closed', 'payment.succeeded']);
});

const hidden: string[] = [];
/** The channel does not know the number, and tells of its payment late. */
async function hide(serialNo: string, lateMs: number): Promise<void> {
  const params = { code: '40004', sub_code: 'ACQ.TRADE_NOT_EXIST' };
  for (const method of ['query', 'close'])
    hidden.push(await fault('business_error', serialNo, { method, times: 99, params }));
  await fault('notify_late', serialNo, { params: { ms: lateMs } });
}

/** It knows again. Until its message comes we do not know better than it did. */
const lifted = () => Promise.all(hidden.splice(0).map(lift));

/** Paid in time, and the channel neither tells nor knows it until the next morning, or later. */
async function paidAndHidden(changes: Parameters<typeof begin>[0] = {}, lateMs = 12 * h): Promise<Begun> {
  const begun = await begin(changes);
  await hide(begun.serialNo, lateMs);
  await pass(20 * m);
  await pay(begun.serialNo);
  await pass(2 * h);
  expect(await states(begun.order)).toMatchObject({ order: 'unpaid', payments: ['closed'], attempts: ['closed'] });
  await lifted();
  return begun;
}

test('late and adopted: the shop still delivers, a new payment is born paid and the closed one stays closed', async () => {
  const { order } = await paidAndHidden();
  await pass(10 * h + 30 * s);
  const late = await seen(order);
  expect(late.surplus).toMatchObject([{ state: 'held', why: 'late' }]);
  expect((await adoptLateMoney(own.world.app.orders, wang, late, late.surplus[0]?.id ?? '')).ok).toBe(true);
  await pass(h);
  expect(await states(order)).toMatchObject({
    ...{ order: 'paid', payments: ['closed', 'paid'], attempts: ['closed'], surplus: ['adopted'], refunds: [] },
  });
  expect(await events(order)).toEqual([
    ...['payment.closed', 'surplus.received', 'payment.succeeded', 'surplus.resolved'],
  ]);
});

test('late and returned: the shop says nothing, and the money goes back to where it came from', async () => {
  const { order } = await paidAndHidden();
  await pass(12 * h);
  expect(await states(order)).toMatchObject({ order: 'unpaid', payments: ['closed'], surplus: ['returned'] });
  expect((await events(order)).toSorted()).toEqual([
    ...['payment.closed', 'refund.succeeded', 'surplus.received', 'surplus.refunding', 'surplus.resolved'],
  ]);
});

test('past the window: late money that the channel would not take back is held with a person, and a refund is refused', async () => {
  await agree('app', 'refund_window', { days: 1 });
  const { order } = await paid({ product: 'app' });
  await pass(23 * h);
  expect(codeOf(await refund(order, 'R1', 100n))).toBe('done');
  await pass(2 * h);
  expect(codeOf(await refund(order, 'R2', 100n))).toBe('contract.refund_window_over');
  const late = await paidAndHidden({ product: 'app' }, 30 * h);
  await pass(29 * h);
  expect(await states(late.order)).toMatchObject({ payments: ['closed'], surplus: ['held'], refunds: [] });
  expect(await cases(late.order)).toEqual(['payment.surplus_held']);
});

test('second success a day later: the sibling was paid in time, and the channel tells of it when all seems over', async () => {
  const first = await begin();
  const second = await begin({ orderNo: first.order.orderNo, product: 'wap', keepOthers: true });
  await hide(second.serialNo, 24 * h);
  await pay(first.serialNo);
  await pay(second.serialNo);
  await pass(2 * h);
  expect(await states(first.order)).toMatchObject({ order: 'paid', attempts: ['succeeded', 'closed'], surplus: [] });
  await lifted();
  await pass(23 * h);
  expect((await seen(first.order)).surplus).toMatchObject([{ state: 'returned', why: 'second_success' }]);
  expect((await events(first.order)).filter((type) => type === 'payment.succeeded')).toHaveLength(1);
});

test('close refused, paid: the payer pays in the last second, and the close at the deadline finds it', async () => {
  const { order, serialNo } = await begin();
  await fault('never_notify', serialNo, { times: 99 });
  await open(serialNo);
  await pass(30 * m - s);
  await pay(serialNo);
  await pass(m);
  expect(await states(order)).toEqual(paidOnce);
  expect(await events(order)).toEqual(['payment.succeeded']);
  await pass(10 * m); // a deadline is nobody's wish: the money stays
  expect(await states(order)).toEqual(paidOnce);
});

test('the shop cancels while the payer pays, and then keeps the order after all: nothing goes back', async () => {
  const { order, serialNo } = await begin();
  await open(serialNo);
  await pass(2 * m);
  await fault('close_loses', serialNo);
  await cancel(order);
  await pass(10 * s);
  expect(await states(order)).toMatchObject({ payments: ['paid'], refunds: [] });
  const keep = async () =>
    codeOf(
      await keepPayment(own.world.app.orders, wang, await seen(order), order.payments[0]?.id ?? '', 'still on stock'),
    );
  expect(await keep()).toBe('done');
  expect(await keep()).toBe('done');
  await pass(10 * m);
  expect(await states(order)).toEqual(paidOnce);
  const said = await own.world.app.db.query(
    'select act, actor, reason from audit_entries where subject = $1 order by at, id',
    [order.payments[0]?.id],
  );
  expect(said).toEqual([
    { act: 'payment.cancelled', actor: 'wang', reason: '' },
    { act: 'payment.kept', actor: 'wang', reason: 'still on stock' },
  ]);
});

test('nothing to keep: an order that nobody cancelled, one that was closed unpaid, and one whose money went back', async () => {
  const keep = async (order: Order) => {
    const now = await seen(order);
    return codeOf(await keepPayment(own.world.app.orders, wang, now, now.payments[0]?.id ?? ''));
  };
  const { order: bought } = await paid();
  expect(await keep(bought)).toBe('order.not_cancelled');
  const { order: closed, serialNo } = await begin();
  await open(serialNo);
  await pass(m);
  await cancel(closed);
  await pass(10 * s);
  expect(await keep(closed)).toBe('order.nothing_to_keep');
  const given = await begin();
  await open(given.serialNo);
  await pass(m);
  await fault('close_loses', given.serialNo);
  await cancel(given.order);
  await pass(10 * m);
  expect(await keep(given.order)).toBe('order.given_back');
  expect(await states(given.order)).toMatchObject({ order: 'cancelled', refunds: ['refunded'] });
});

test('foreign: a good signature about another receiver is kept with a case, and books nothing', async () => {
  const { order, serialNo } = await begin();
  await own.world.post('/control/openapi/forge', {
    ...{ out_trade_no: serialNo, event: 'paid', signed: true },
    fields: { seller_id: '2088999999999999', trade_status: 'TRADE_SUCCESS' },
  });
  await pass(5 * s);
  expect((await states(order)).order).toBe('unpaid');
  const [found] = await own.world.app.db.query(`select from cases where kind = 'notice.unknown' and subject like $1`, [
    `%${serialNo}`,
  ]);
  expect(found).toBeDefined();
});

test('closed, and then a signed success: the channel is asked, and its word about money stands', async () => {
  const { order, serialNo } = await begin();
  await open(serialNo);
  await pass(2 * m);
  await cancel(order);
  await pass(10 * s);
  await own.world.post('/control/openapi/forge', {
    ...{ out_trade_no: serialNo, event: 'paid', signed: true, fields: { trade_status: 'TRADE_SUCCESS' } },
  });
  await pass(m);
  expect(await states(order)).toMatchObject({ order: 'cancelled', payments: ['closed'], surplus: [] });
  expect(await cases(order)).toEqual(['payment.contradiction']);
});

test('asked too often: the channel answers that it is too much, nothing fails, and it recovers', async () => {
  const { order, serialNo } = await begin();
  await fault('never_notify', serialNo, { times: 99 });
  await fault('isp_limited', serialNo, { method: 'query', times: 3 });
  await pass(5 * m);
  await pay(serialNo);
  await pass(40 * m);
  expect(await states(order)).toEqual(paidOnce);
  expect(await cases(order)).toEqual([]);
});

test('a payment of half an hour that somebody looks at is asked about ten times at most', async () => {
  const { order, attempt, serialNo } = await begin();
  await fault('never_notify', serialNo, { times: 99 });
  await watchPayment(own.world.app.payments, own.world.app.orders, order, attempt.id);
  await pass(30 * m - 31 * s);
  expect((await states(order)).attempts).toEqual(['cashier_open']);
  expect((await calls(attempt.id, 'pay.query')).length).toBeLessThanOrEqual(10);
  await pay(serialNo);
  await pass(2 * m);
  expect(await states(order)).toEqual(paidOnce);
});

/** No request can be made for the account any more, as after a change of its settings. Returns how to mend it. */
async function unmakeable(): Promise<() => Promise<unknown>> {
  const { app, accountId } = own.world;
  const set = (mode: string) =>
    app.db.query(`update channel_accounts set settings = settings || $2 where id = $1`, [
      ...[accountId, { openapi_mode: mode }],
    ]);
  await set('none');
  return () => set('key');
}

test('questions that cannot be asked for a while prove nothing: a paid attempt is not called unpaid, and is found afterwards', async () => {
  const { order, serialNo } = await begin();
  await fault('never_notify', serialNo, { times: 99 });
  await pay(serialNo);
  const mend = await unmakeable();
  await pass(2 * h);
  expect(await states(order)).toMatchObject({ order: 'unpaid', attempts: ['closing'] });
  expect(await events(order)).not.toContain('payment.closed');
  await mend();
  await pass(2 * h);
  expect(await states(order)).toEqual(paidOnce);
});

test('a refund that was sent is not called failed because it cannot be asked about, nor sent again, for a while', async () => {
  const { order, serialNo } = await paid();
  const deaf = await fault('system_error_not_booked', serialNo, { method: 'fastpay.refund.query', times: 99 });
  await fault('refund_hang_booked', serialNo, { method: 'refund' });
  expect(codeOf(await refund(order, 'R1', 2500n))).toBe('done');
  await pass(5 * s);
  const mend = await unmakeable();
  await lift(deaf);
  await pass(2 * h);
  expect((await states(order)).refunds).toEqual(['in_doubt']);
  expect(await events(order)).not.toContain('refund.failed');
  await mend();
  await pass(2 * h);
  expect((await states(order)).refunds).toEqual(['refunded']);
});

test('what was never sent and cannot be is refused at once, as our own doing', async () => {
  const mend = await unmakeable();
  const { order } = await begin({ product: 'precreate', scene: 'counter' });
  await pass(10 * s);
  expect((await states(order)).attempts).toEqual(['rejected']);
  await mend();
});
