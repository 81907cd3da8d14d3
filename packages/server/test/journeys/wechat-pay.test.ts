// Goal: WeChat Pay through the same doors as every channel: paid once, whoever says what in which order; our books equal its own.
// Method: its simulator, written from the same documents by somebody else, with named faults, on a moved clock.
import { afterEach, expect, test } from 'vitest';
import { testAccount } from '../../src/accounts/index.ts';
import { Secret } from '../../src/kernel/index.ts';
import {
  controlRefund,
  decideRefundVerdict,
  handOutOf,
  proposeRefundVerdict,
  watchPayment,
} from '../../src/payments/index.ts';
import type { Order, PaymentWish } from '../../src/payments/index.ts';
import { codeOf, paidOnce, price, stepsOn } from '../kit/pay-steps.ts';
import { people } from '../stories/people.ts';
import { expectEqualBooks } from '../kit/pay-world.ts';
import { addWechatAccount, depositMerchant, subMchid, useWechatWorld } from '../kit/wechat-world.ts';

const own = useWechatWorld('2026-12-01 10:00:00');
const { wish, seen, pay, cancel, refund, events, cases, states, calls } = stepsOn(() => own.world);
const s = 1000;
const m = 60 * s;
let faults = 0;

afterEach(() => expectEqualBooks(own.world));

type Begun = { readonly order: Order; readonly attemptId: string; readonly serialNo: string };

/** The shop begins; the order is made at the channel before anybody sees a code. */
async function begun(changes: Partial<PaymentWish> = {}): Promise<Begun> {
  const started = await wish({ product: 'native', ...changes });
  if (!started.ok) throw new Error(JSON.stringify(started.refusal));
  const { order, attempt } = started.value;
  return { order, attemptId: attempt.id, serialNo: attempt.serialNo };
}

async function open(changes: Partial<PaymentWish> = {}): Promise<Begun> {
  const one = await begun(changes);
  await own.world.pass(s);
  return one;
}

async function paid(changes: Partial<PaymentWish> = {}): Promise<Begun> {
  const one = await open(changes);
  expect((await pay(one.serialNo)).refused).toBe(null);
  await own.world.pass(10 * s);
  return one;
}

async function fault(name: string, match: Readonly<Record<string, unknown>>, times = 1, params = {}): Promise<string> {
  const id = `wechat-${(faults += 1)}`;
  await own.world.post('/control/faults', [{ id, fault: name, times, params, match }]);
  return id;
}

const about = ({ serialNo }: Begun) => ({ out_trade_nos: [serialNo] });

async function handOut({ order }: Begun) {
  const attempt = (await seen(order)).attempts[0];
  return attempt && (await handOutOf(own.world.app.payments, attempt));
}

test('the test of an account asks about an order that nobody made', async () => {
  const { app, accountId } = own.world;
  expect(await testAccount(app.customs, app.transport, accountId)).toMatchObject({ ok: true });
});

test('a native order is handed out as a code, paid, notified twice, and booked and told once', async () => {
  const one = await open();
  expect(await handOut(one)).toMatchObject({ kind: 'code', text: expect.stringMatching(/^weixin:/) as string });
  await fault('notify_twice', about(one));
  await pay(one.serialNo);
  await own.world.pass(30 * m);
  expect(await states(one.order)).toEqual(paidOnce);
  expect(await events(one.order)).toEqual(['payment.succeeded']);
});

test.each<[string, Partial<PaymentWish>, RegExp]>([
  ['jsapi', { payerId: new Secret('oLiushui0000000000000000test') }, /"package":"prepay_id=wx.*"signType":"RSA"/],
  ['mini', { payerId: new Secret('oLiushui0000000000000000test') }, /"package":"prepay_id=wx/],
  ['app', {}, /"package":"Sign=WXPay"/],
])('%s hands out what the wallet is called with, and is paid', async (product, payer, text) => {
  const one = await open({ product, ...payer });
  expect(await handOut(one)).toMatchObject({ kind: 'sdk', text: expect.stringMatching(text) as string });
  await pay(one.serialNo, payer.payerId ? { openid: 'oLiushui0000000000000000test' } : {});
  await own.world.pass(10 * s);
  expect(await states(one.order)).toEqual(paidOnce);
});

test('h5 names the address of the payer and hands out a link that leads back', async () => {
  const wanted = { product: 'h5', returnUrl: 'https://shop.example.com/back?order=1' };
  expect(codeOf(await wish(wanted))).toBe('payment.needs');
  const one = await open({ ...wanted, payerAddress: new Secret('203.0.113.7') });
  const back = '&redirect_url=https%3A%2F%2Fshop.example.com%2Fback%3Forder%3D1';
  expect(await handOut(one)).toMatchObject({ kind: 'url', url: expect.stringContaining(back) as string });
  await pay(one.serialNo);
  await own.world.pass(10 * s);
  expect(await states(one.order)).toEqual(paidOnce);
});

test('never notified: asking finds the payment', async () => {
  const one = await open();
  await fault('never_notify', about(one), 99);
  await pay(one.serialNo);
  const { app } = own.world;
  await watchPayment(app.payments, app.orders, one.order, one.attemptId);
  await own.world.pass(10 * s);
  expect(await states(one.order)).toEqual(paidOnce);
});

test('a forged message is kept and refused, and books nothing; one about another amount holds delivery', async () => {
  const one = await open();
  await own.world.post('/control/forge', { out_trade_no: one.serialNo });
  await own.world.pass(5 * s);
  expect((await states(one.order)).order).toBe('unpaid');
  const kept = await own.world.app.db.query(`select 1 from inbound_notices where state = 'refused'`);
  expect(kept.length).toBeGreaterThan(0);
  const amount = { total: 9999, payer_total: 9999, currency: 'CNY', payer_currency: 'CNY' };
  const fields = { trade_state: 'SUCCESS', transaction_id: '4200009999202612010000000009', amount };
  await own.world.post('/control/forge', { out_trade_no: one.serialNo, signed: true, fields });
  await own.world.pass(5 * s);
  expect((await states(one.order)).order).toBe('unpaid');
  expect(await cases(one.order)).toContain('payment.amount_differs');
});

test('a message that is a probe, or five minutes old, is refused; what comes after it is believed', async () => {
  const [probed, late] = [await open(), await open()];
  await fault('notify_probe', about(probed));
  await fault('notify_stale', about(late));
  await pay(probed.serialNo);
  await pay(late.serialNo);
  await own.world.pass(30 * s);
  expect(await states(probed.order)).toEqual(paidOnce);
  await own.world.pass(10 * m);
  expect(await states(late.order)).toEqual(paidOnce);
});

test.each(['probe', 'unsigned', 'unknown_serial'])(
  'an order whose answer nobody vouches for (%s) is asked about, and made again for its code',
  async (name) => {
    await fault(name, { api: 'native' });
    const one = await open();
    await own.world.pass(10 * m);
    expect((await states(one.order)).attempts).toEqual(['trade_open']);
    expect(await handOut(one)).toMatchObject({ kind: 'code' });
    expect(await calls(one.attemptId, 'pay.submit')).toHaveLength(2);
    await pay(one.serialNo);
    await own.world.pass(10 * s);
    expect(await states(one.order)).toEqual(paidOnce);
  },
);

test('an order that hangs after it was booked is found and handed out; one that hangs before is never paid', async () => {
  await fault('book_then_hang', { api: 'native' });
  const booked = await begun();
  await own.world.pass(10 * m);
  expect(await handOut(booked)).toMatchObject({ kind: 'code' });
  await pay(booked.serialNo);
  await own.world.pass(10 * s);
  expect(await states(booked.order)).toEqual(paidOnce);
  await fault('hang_before_booking', { api: 'native' });
  const lost = await begun();
  await own.world.pass(60 * m);
  expect(await states(lost.order)).toMatchObject({ order: 'unpaid', payments: ['closed'] });
  expect(await cases(lost.order)).toEqual([]);
});

test('nobody pays: closed at the channel after the deadline, and told once', async () => {
  const one = await open();
  await own.world.pass(60 * m);
  expect(await states(one.order)).toMatchObject({ order: 'unpaid', payments: ['closed'], attempts: ['closed'] });
  expect(await events(one.order)).toEqual(['payment.closed']);
  expect((await pay(one.serialNo)).refused).not.toBe(null);
});

test('close against pay: the payment lands first, the payer wins, and what the shop had cancelled goes back', async () => {
  const one = await open();
  await fault('close_loses', about(one));
  await cancel(one.order);
  await own.world.pass(10 * s);
  expect(await states(one.order)).toMatchObject({ payments: ['paid'], attempts: ['succeeded'] });
  await own.world.pass(20 * m);
  expect(await states(one.order)).toMatchObject({ order: 'cancelled', refunds: ['refunded'] });
  expect(await events(one.order)).toEqual(['payment.succeeded', 'refund.succeeded']);
});

test.each(['book_then_hang', 'unsigned'])(
  'a close that is not heard (%s) is repeated until there is evidence',
  async (name) => {
    const one = await open();
    await fault(name, { api: 'close', ...about(one) });
    await cancel(one.order);
    await own.world.pass(10 * m);
    expect(await states(one.order)).toMatchObject({ order: 'cancelled', payments: ['closed'], attempts: ['closed'] });
  },
);

test('refunds in part and in full, a minute apart, with news that are only a reason to ask', async () => {
  const { order } = await paid();
  expect(codeOf(await refund(order, 'R1', 2500n))).toBe('done');
  await own.world.pass(5 * m);
  expect((await states(order)).refunds).toEqual(['refunded']);
  expect(codeOf(await refund(order, 'R2', 2500n))).toBe('done');
  await own.world.pass(5 * m);
  expect(codeOf(await refund(order, 'R3'))).toBe('done');
  await own.world.pass(5 * m);
  expect((await states(order)).refunds).toEqual(['refunded', 'refunded', 'refunded']);
  expect(codeOf(await refund(order, 'R4', 1n))).toBe('refund.exceeds_refundable');
});

/** When the channel was called about each refund of the order, in seconds after the first. */
async function sentAfter({ orderNo }: Order): Promise<readonly number[]> {
  const rows = await own.world.app.db.query<{ s: number }>(
    `select extract(epoch from e.created_at - min(e.created_at) over ())::float8 as s
     from refunds r join merchant_orders o on o.bucket = r.bucket and o.id = r.order_id
       join exchange_subjects t on t.bucket = r.bucket and t.subject = r.id and t.operation = 'refund.submit'
       join exchanges e on e.bucket = t.exchange_bucket and e.id = t.exchange_id
     where o.order_no = $1 order by e.created_at`,
    [orderNo],
  );
  return rows.map((row) => row.s);
}

test.each([
  ['which was sent late', undefined, 60],
  ['of which nothing was heard for half a minute', 'book_then_hang', 90],
])('two refunds of one order keep the gap from the sending of the first, %s', async (_case, late, seconds) => {
  const { app, accountId } = own.world;
  const { order } = await paid();
  if (late !== undefined) await fault(late, { api: 'refund' });
  const isHeld = late === undefined;
  const hold = (at: string | null) =>
    app.db.query('update lanes set paused_at = $2 where id = $1', [`${accountId}/refund.submit`, at]);
  if (isHeld) await hold('2026-12-01T00:00:00Z');
  expect(codeOf(await refund(order, 'R1', 2500n))).toBe('done');
  await own.world.pass(61 * s);
  expect(codeOf(await refund(order, 'R2', 2500n))).toBe('done');
  if (isHeld) await hold(null);
  await own.world.pass(10 * m);
  const [, second = 0, ...others] = await sentAfter(order);
  expect(others).toEqual([]);
  expect(second).toBeGreaterThanOrEqual(seconds);
  expect((await states(order)).refunds).toEqual(['refunded', 'refunded']);
});

test.each(['book_then_hang', 'hang_before_booking', 'frequency_limited_booked'])(
  'a refund whose answer is unclear (%s) is asked about and made once',
  async (name) => {
    const { order } = await paid();
    await fault(name, { api: 'refund' });
    await refund(order, 'R1', 2500n);
    await own.world.pass(60 * m);
    expect((await states(order)).refunds).toEqual(['refunded']);
    expect(await cases(order)).toEqual([]);
  },
);

test('an empty purse ends nothing: the refund waits, and goes again under its number once there is money', async () => {
  const { order } = await paid();
  await own.world.post('/control/funds', { mchid: '1800000042', basic: 0 });
  await refund(order, 'R1', 2500n);
  await own.world.pass(m);
  expect((await states(order)).refunds).toEqual(['waiting_funds']);
  expect(await cases(order)).toEqual(['refund.funds_short']);
  await own.world.post('/control/funds', { mchid: '1800000042', basic: 100_000_000 });
  const now = await seen(order);
  const toppedUp = await controlRefund(own.world.app.orders, people.wang, now, now.refunds[0]?.id ?? '', 'topped_up');
  expect(codeOf(toppedUp)).toBe('done');
  await own.world.pass(10 * m);
  expect((await states(order)).refunds).toEqual(['refunded']);
});

test('a refund that cannot be delivered is with a person, and keeps its part of the order from another', async () => {
  const { order } = await paid();
  await fault('refund_abnormal', { api: 'refund' });
  await refund(order, 'R1', 2500n);
  await own.world.pass(10 * m);
  expect((await states(order)).refunds).toEqual(['abnormal']);
  expect(await cases(order)).toEqual(['refund.contradiction']);
  expect(codeOf(await refund(order, 'R2'))).toBe('done');
  await own.world.pass(10 * m);
  expect((await states(order)).refunds).toEqual(['abnormal', 'refunded']);
});

test('what the channel has taken on is not called failed, by nobody', async () => {
  const { app } = own.world;
  const { order } = await paid();
  await fault('refund_stuck', { api: 'refund' });
  await refund(order, 'R1', 2500n);
  await own.world.pass(10 * m);
  expect((await states(order)).refunds).toEqual(['processing']);
  const now = await seen(order);
  const propose = (verdict: 'failed' | 'refunded') =>
    proposeRefundVerdict(app.payments, people.wang, now, now.refunds[0]?.id ?? '', verdict, 'letter').then(codeOf);
  expect(await propose('failed')).toBe('refund.not_waiting');
  expect(await propose('refunded')).toBe('done');
});

test('called failed by two people, and then taken on by the channel: a case, and it is asked about until it ends', async () => {
  const { app } = own.world;
  const { order } = await paid();
  const deaf = await fault('system_error_not_booked', { api: 'refund' }, 999);
  const blind = await fault('system_error_not_booked', { api: 'refund_query' }, 999);
  await refund(order, 'R1', 2500n);
  await own.world.pass(10 * m);
  const now = await seen(order);
  const { id = '', refundNo = '' } = now.refunds[0] ?? {};
  const asked = await proposeRefundVerdict(app.payments, people.wang, now, id, 'failed', 'letter');
  if (!asked.ok) throw new Error(asked.refusal.code);
  const decided = await decideRefundVerdict(
    app.payments,
    app.orders,
    people.zhao,
    asked.value.approvalId,
    'approve',
    '',
  );
  expect(codeOf(decided)).toBe('done');
  await own.world.remove(`/control/faults/${deaf}`);
  await own.world.remove(`/control/faults/${blind}`);
  // Somebody's earlier request arrives after all.
  const { bucket, id: orderId, attempts } = await seen(order);
  const heard = { by: 'answer', trust: 'verified', heardAt: app.clock.now() } as const;
  const facts = { refundNo, amount: { ...price, minor: 2500n }, channelStatus: 'PROCESSING' };
  const outcome = { kind: 'accepted', facts } as const;
  await app.orders.tell({
    key: { bucket, id: orderId },
    kind: 'refund_heard',
    refundId: id,
    heard: { ...heard, outcome },
  });
  expect(attempts[0]?.refundingMinor).toBe(0n);
  expect(await cases(order)).toContain('refund.contradiction');
  await own.world.pass(2 * m);
  expect((await calls(id, 'refund.query')).length).toBeGreaterThan(0);
});

test('a refund that the channel gave up has failed, and what it held is free for another number', async () => {
  const { order } = await paid();
  await fault('refund_closed', { api: 'refund' });
  await refund(order, 'R1');
  await own.world.pass(10 * m);
  expect((await states(order)).refunds).toEqual(['failed']);
  expect(codeOf(await refund(order, 'R2'))).toBe('done');
  await own.world.pass(10 * m);
  expect((await states(order)).refunds).toEqual(['failed', 'refunded']);
});

/** Another account of the merchant's at the same gateway. */
async function another(more: Readonly<Record<string, string>>): Promise<string> {
  const { app, accountId } = own.world;
  const [direct] = await app.db.query<{ url: string }>(
    `select settings->>'gateway_url' as url from channel_accounts where id = $1`,
    [accountId],
  );
  const settings = { gateway_url: direct?.url ?? '', ...more };
  const added = await app.db.transaction((tx) => addWechatAccount(tx, app, settings));
  if (!added.ok) throw new Error(added.refusal.code);
  return added.value.id;
}

test('a service provider collects, closes and refunds for its sub-merchant', async () => {
  const accountId = await another({ sub_mchid: subMchid });
  const { order } = await paid({ accountId });
  expect(await states(order)).toEqual(paidOnce);
  await refund(order, 'R1', 2500n);
  await own.world.pass(5 * m);
  expect((await states(order)).refunds).toEqual(['refunded']);
  const unpaid = await open({ accountId });
  await cancel(unpaid.order);
  await own.world.pass(10 * s);
  expect((await states(unpaid.order)).attempts).toEqual(['closed']);
  await expectEqualBooks({ ...own.world, accountId });
});

test('a person refunds on the merchant web site: the sealed notice of version 2 is a reason to ask, and a person looks', async () => {
  // Its books differ until a person has looked, so it has an account of its own.
  const { order, serialNo } = await paid({ accountId: await another({ caller_address: '203.0.113.7' }) });
  const [{ notifyUrl } = { notifyUrl: '' }] = (await seen(order)).attempts;
  await depositMerchant(own.world, { v2_refund_notify_url: notifyUrl });
  await own.world.post('/control/refund', { out_trade_no: serialNo, amount_fen: 2500 });
  await own.world.pass(m);
  const [notice] = await own.world.app.db.query<{ state: string; kind: string }>(
    `select state, reading->>'kind' as kind from inbound_notices order by received_at desc limit 1`,
  );
  expect(notice).toEqual({ state: 'told', kind: 'refund' });
  expect(await cases(order)).toEqual(['payment.contradiction']);
});
