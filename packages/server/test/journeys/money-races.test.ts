// Goal: whichever of payer, shop, channel and our own process comes first, money is booked once, for what it is, and nobody is told otherwise.
// Method: the simulated gateway with its own books, named faults, and a moved clock. Which test plays which rule: docs/money-in-races.md.
import { afterEach, expect, test } from 'vitest';
import { addAccount } from '../../src/accounts/index.ts';
import vectors from '../../src/channels/alipay/fixtures/vectors-openapi.json' with { type: 'json' };
import mapi from '../../src/channels/alipay/fixtures/vectors.json' with { type: 'json' };
import { Secret } from '../../src/kernel/index.ts';
import { adoptLateMoney, cancelPayment, controlRefund, watchPayment } from '../../src/payments/index.ts';
import { bothBooks, brokenLaws } from '../kit/pay-books.ts';
import { seller } from '../kit/pay-side.ts';
import { paidOnce, price, stepsOn } from '../kit/pay-steps.ts';
import type { Begun } from '../kit/pay-steps.ts';
import { usePayWorld } from '../kit/pay-world.ts';
import { md5Key, merchant, partner, wang } from '../kit/world.ts';

const own = usePayWorld('2015-10-28 16:20:00');
const steps = stepsOn(() => own.world);
const { wish, begin, load, seen, pay, open, fault, lift, refund, events, cases, states, calls } = steps;
const s = 1000;
const m = 60 * s;
const h = 60 * m;
const pass = (ms: number) => own.world.pass(ms);

afterEach(async () => {
  const { app, accountId } = own.world;
  const { ours, theirs } = await bothBooks(app.db, own.world, accountId);
  expect(ours).toEqual(theirs);
  expect(await brokenLaws(app.db)).toEqual([]);
});

async function paid(changes: Parameters<typeof begin>[0] = {}): Promise<Begun> {
  const begun = await begin(changes);
  await pay(begun.serialNo);
  await pass(10 * s);
  return begun;
}

const cancel = (order: Begun['order']) => cancelPayment(own.world.app.orders, wang, order, order.payments[0]?.id ?? '');

async function offersOf(serialNo: string): Promise<readonly { readonly code: string; readonly amount_fen: number }[]> {
  const books = await own.world.get<{ offers: { code: string; amount_fen: number }[] }>(
    `/openapi/books?out_trade_nos=${serialNo}`,
  );
  return books.offers;
}

const codeOf = (result: { readonly ok: boolean; readonly refusal?: { readonly code: string } }): string =>
  result.ok ? 'done' : (result.refusal?.code ?? '');

test('first terms win: another price under the same order number is refused, and the open cashier keeps its own', async () => {
  const { order, attempt, serialNo } = await begin();
  const { orderNo } = order;
  expect(codeOf(await wish({ orderNo, amount: { ...attempt.amount, minor: 9000n } }))).toBe('order.other_terms');
  await load(attempt);
  expect((await offersOf(serialNo)).map((offer) => offer.amount_fen)).toEqual([10_000, 10_000]);
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

/** Paid in time, and the channel neither tells nor knows it until the next morning. */
async function paidAndHidden(changes: Parameters<typeof begin>[0] = {}): Promise<Begun> {
  const begun = await begin(changes);
  const unknown = { code: '40004', sub_code: 'ACQ.TRADE_NOT_EXIST' };
  const hidden = await Promise.all([
    fault('business_error', begun.serialNo, { method: 'query', times: 99, params: unknown }),
    fault('business_error', begun.serialNo, { method: 'close', times: 99, params: unknown }),
  ]);
  await fault('notify_late', begun.serialNo, { params: { ms: 12 * h } });
  await pass(20 * m);
  await pay(begun.serialNo);
  await pass(2 * h);
  expect(await states(begun.order)).toMatchObject({ order: 'unpaid', payments: ['closed'], attempts: ['closed'] });
  await Promise.all(hidden.map(lift));
  // Until the message comes we do not know better than the channel: our books are equal again after it.
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

test('success after full refund: the sibling that was still open pays, and goes back with a case that asks why', async () => {
  const first = await begin();
  const second = await begin({ orderNo: first.order.orderNo, product: 'wap', keepOthers: true });
  await pay(first.serialNo);
  await pass(10 * s);
  expect((await refund(first.order, 'R1')).ok).toBe(true);
  await pass(m);
  expect((await pay(second.serialNo)).refused).toBe(null);
  await pass(10 * m);
  expect(await states(first.order)).toMatchObject({
    ...{ payments: ['paid'], attempts: ['succeeded', 'succeeded'], surplus: ['returned'] },
    refunds: ['refunded', 'refunded'],
  });
  expect(await cases(first.order)).toContain('payment.surplus_after_refund');
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
  const [payment] = order.payments;
  await own.world.app.orders.tell({ key: order, kind: 'keep', paymentId: payment?.id ?? '' });
  await pass(10 * m);
  expect(await states(order)).toEqual(paidOnce);
});

let codes = 0;
async function charge(does: object, changes: Parameters<typeof begin>[0] = {}): Promise<Begun> {
  const code = `2800000000000001${(codes += 1)}`;
  await own.world.post('/control/openapi/codes', [{ auth_code: code, ...does }]);
  return begin({ product: 'barcode', payerCode: new Secret(code), ...changes });
}

test('a code that is charged at once is paid by the answer', async () => {
  const { order } = await charge({ does: 'pay' });
  await pass(10 * s);
  expect(await states(order)).toEqual(paidOnce);
});

test('undecided code payment: the payer is asked for his password, and pays while we ask', async () => {
  const { order } = await charge({ does: 'ask', after_ms: 20_000 });
  await pass(10 * s);
  expect((await states(order)).order).toBe('unpaid');
  await pass(m);
  expect(await states(order)).toEqual(paidOnce);
});

test('undecided code payment: after its time it is cancelled until that is definite, and no other begins before', async () => {
  const { order } = await charge({ does: 'ask' });
  await pass(15 * s);
  expect(codeOf(await wish({ orderNo: order.orderNo }))).toBe('payment.undecided');
  await pass(2 * m);
  expect((await states(order)).attempts).toEqual(['closed']);
  const again = await begin({ orderNo: order.orderNo });
  await pay(again.serialNo);
  await pass(10 * s);
  expect(await states(order)).toMatchObject({ order: 'paid', attempts: ['closed', 'succeeded'] });
});

test.each(['never_notify', 'notify_before_answer'])(
  'undecided code payment: the password comes just before the cancel, which gives the money back (%s); both are booked',
  async (told) => {
    const { order, serialNo } = await charge({ does: 'ask' });
    await fault('close_loses', serialNo, { method: 'cancel' });
    await fault(told, serialNo, { times: 99 });
    await pass(10 * m);
    const now = await seen(order);
    expect(now.attempts).toMatchObject([{ receivedMinor: 10_000n, refundingMinor: 10_000n }]);
    expect(now.refunds).toMatchObject([{ state: 'refunded', origin: 'channel', amount: price }]);
    const isPaid = now.payments[0]?.state === 'paid';
    expect(now.surplus.map(({ state }) => state)).toEqual(isPaid ? [] : ['returned']);
    expect(await cases(order)).toEqual(isPaid ? ['payment.contradiction'] : []);
    expect(await events(order)).toContain('refund.succeeded');
  },
);

test('notice before the answer: the payment is booked by it, and the late answer changes nothing', async () => {
  const code = '28000000000000019';
  await own.world.post('/control/openapi/codes', [{ auth_code: code, does: 'pay' }]);
  await own.world.post('/control/faults', [{ fault: 'notify_before_answer', times: 1, match: { event: 'paid' } }]);
  const { order, serialNo } = await begin({ product: 'barcode', payerCode: new Secret(code) });
  await fault('slow_ms', serialNo, { method: 'pay', params: { ms: 5000 } });
  await pass(m);
  expect(await states(order)).toEqual(paidOnce);
  expect(await events(order)).toEqual(['payment.succeeded']);
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

test('refund news on the pay address brings the question forward, and is no second receipt', async () => {
  const { order, serialNo } = await paid();
  await fault('refund_hang_booked', serialNo, { method: 'refund' });
  expect((await refund(order, 'R1', 4000n)).ok).toBe(true);
  await pass(2 * m);
  expect(await states(order)).toEqual({ ...paidOnce, refunds: ['refunded'] });
  expect(await events(order)).toEqual(['payment.succeeded', 'refund.succeeded']);
});

test('two refunds in one list that together exceed what was received: one is made', async () => {
  const { order } = await paid();
  const both = await Promise.all([refund(order, 'R1', 7000n), refund(order, 'R2', 7000n)]);
  expect(both.map(codeOf).toSorted()).toEqual(['done', 'refund.exceeds_refundable']);
  await pass(m);
  expect((await states(order)).refunds).toEqual(['refunded']);
});

test('empty purse: the refund waits for money and goes again under its own number', async () => {
  const { order } = await paid();
  const setBalance = (balance: string) => own.world.post('/control/openapi/balance', { seller_id: seller, balance });
  await setBalance('0.00');
  expect((await refund(order, 'R1')).ok).toBe(true);
  await pass(5 * m);
  expect((await states(order)).refunds).toEqual(['waiting_funds']);
  expect(await cases(order)).toEqual(['refund.funds_short']);
  await setBalance('1000000.00');
  const now = await seen(order);
  expect(codeOf(await controlRefund(own.world.app.orders, wang, now, now.refunds[0]?.id ?? '', 'topped_up'))).toBe(
    'done',
  );
  await pass(m);
  expect((await states(order)).refunds).toEqual(['refunded']);
  expect(await calls(now.refunds[0]?.id ?? '', 'refund.submit')).toEqual(['answered', 'answered']);
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

test('inside the wallet: the trade is born at the call, and a hanging call opens it once', async () => {
  const payerId = new Secret('2088000000000042');
  const { order, attempt, serialNo } = await begin({ product: 'create', payerId });
  await fault('book_then_hang', serialNo, { method: 'create' });
  await pass(2 * m);
  expect(await calls(attempt.id, 'pay.submit')).toEqual(['silent', 'answered']);
  expect((await seen(order)).attempts[0]?.handOut?.kind).toBe('trade');
  await pay(serialNo);
  await pass(m);
  expect(await states(order)).toEqual(paidOnce);
});

test('inside the wallet: a call that hung before it was booked ends unpaid by proof, and another attempt is paid', async () => {
  const payerId = new Secret('2088000000000042');
  const { order, serialNo } = await begin({ product: 'create', payerId });
  await fault('hang_before_booking', serialNo, { method: 'create' });
  await pass(m);
  const again = await begin({ orderNo: order.orderNo });
  await pay(again.serialNo);
  await pass(h);
  expect(await states(order)).toMatchObject({ order: 'paid', attempts: ['closed', 'succeeded'], surplus: [] });
});

/** An application in certificate mode whose content is encrypted, at the same simulator. */
async function certified(): Promise<string> {
  const { app, post } = own.world;
  const [appId, sellerId, { keys, A1 }] = ['2015102800000002', '2088000000000017', vectors];
  await post('/control/openapi/apps', [
    {
      ...{ app_id: appId, seller_id: sellerId, alipay_private_key_pem: mapi.keys.alipay_private_pkcs8 },
      ...{ app_cert_pem: keys.app_cert, alipay_cert_pem: keys.alipay_cert, alipay_root_cert_pem: keys.root_bundle },
      ...{ aes_key: A1.aes_key_base64, balance: '1000000.00' },
    },
  ]);
  const [first] = await app.db.query<{ gateway: string }>(
    `select settings ->> 'openapi_gateway_url' as gateway from channel_accounts where id = $1`,
    [own.world.accountId],
  );
  const gateway = first?.gateway ?? '';
  const added = await app.db.transaction((tx) =>
    addAccount(tx, app.customs, {
      ...{ merchantId: merchant, channel: 'alipay', name: 'certified' },
      settings: {
        ...{ partner, gateway_url: gateway, openapi_gateway_url: gateway, openapi_mode: 'cert' },
        ...{ app_id: appId, seller_id: sellerId, content_encryption: 'AES' },
      },
      secrets: {
        ...{ md5_key: new Secret(md5Key), app_private_key: new Secret(mapi.keys.app_private_pkcs8) },
        ...{ app_cert: new Secret(keys.app_cert), alipay_cert: new Secret(keys.alipay_cert) },
        ...{ alipay_root_cert: new Secret(keys.root_bundle), content_key: new Secret(A1.aes_key_base64) },
      },
    }),
  );
  if (!added.ok) throw new Error(JSON.stringify(added.refusal));
  return added.value.id;
}

test('certificate mode with encrypted content: a code is ordered, paid, told, refunded in part and closed like any other', async () => {
  const accountId = await certified();
  await steps.policiesRead();
  const { order, serialNo } = await begin({ accountId, product: 'precreate' });
  await pass(10 * s);
  await pay(serialNo);
  await pass(10 * s);
  expect(await states(order)).toEqual(paidOnce);
  expect((await refund(order, 'R1', 2500n)).ok).toBe(true);
  const other = await begin({ accountId });
  await open(other.serialNo);
  await cancel(other.order);
  await pass(2 * m);
  expect(await states(order)).toEqual({ ...paidOnce, refunds: ['refunded'] });
  expect((await states(other.order)).attempts).toEqual(['closed']);
  const { ours, theirs } = await bothBooks(own.world.app.db, own.world, accountId);
  expect(ours).toEqual(theirs);
});
