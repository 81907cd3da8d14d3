// Goal: a payer's code of WeChat is charged once or not at all, and no other attempt begins before that is certain; our books equal its own.
// Method: its simulator over version 2, with payers who pay, hesitate and refuse, named faults, and a moved clock.
import { afterEach, expect, test } from 'vitest';
import { Secret } from '../../src/kernel/index.ts';
import type { PaymentWish } from '../../src/payments/index.ts';
import { codeOf, paidOnce, price, stepsOn } from '../kit/pay-steps.ts';
import type { Begun } from '../kit/pay-steps.ts';
import { expectEqualBooks } from '../kit/pay-world.ts';
import { addWechatAccount, subMchid, useWechatWorld } from '../kit/wechat-world.ts';

const own = useWechatWorld('2026-12-02 10:00:00');
const { wish, begin, seen, cancel, fault, pay, refund, events, cases, states, calls, policiesRead } = stepsOn(
  () => own.world,
);
const pass = (ms: number) => own.world.pass(ms);
const s = 1000;
const m = 60 * s;

afterEach(() => expectEqualBooks(own.world));

let codes = 0;
async function charge(does: object, changes: Partial<PaymentWish> = {}): Promise<Begun> {
  const code = `1300000000000${String((codes += 1)).padStart(5, '0')}`;
  await own.world.post('/control/codes', { auth_code: code, ...does });
  return begin({ product: 'code', payerCode: new Secret(code), ...changes });
}

test('a code that is charged at once is paid by the answer, and refunded like any other', async () => {
  const { order, attempt } = await charge({ does: 'pay' });
  await pass(2 * s);
  expect(await states(order)).toEqual(paidOnce);
  expect(await calls(attempt.id, 'pay.query')).toEqual([]);
  expect(await events(order)).toEqual(['payment.succeeded']);
  await refund(order, 'R1', 2500n);
  await pass(5 * m);
  expect((await states(order)).refunds).toEqual(['refunded']);
});

test('the payer is asked for his password, and pays while we ask', async () => {
  const { order, attempt } = await charge({ does: 'ask', after_ms: 20_000 });
  await pass(10 * s);
  expect(await states(order)).toMatchObject({ order: 'unpaid', attempts: ['trade_open'] });
  await pass(m);
  expect(await states(order)).toEqual(paidOnce);
  expect(await calls(attempt.id, 'pay.cancel')).toEqual([]);
});

test('undecided: after 45 seconds it is reversed until that is definite, and no other attempt begins before', async () => {
  const { order, attempt } = await charge({ does: 'ask' });
  await pass(40 * s);
  expect(await calls(attempt.id, 'pay.cancel')).toEqual([]);
  await fault('recall', attempt.serialNo, { method: 'reverse', times: 2 });
  await pass(6 * s);
  expect(codeOf(await wish({ orderNo: order.orderNo, product: 'native' }))).toBe('payment.undecided');
  await pass(2 * m);
  expect(await states(order)).toMatchObject({ order: 'unpaid', attempts: ['closed'] });
  expect((await calls(attempt.id, 'pay.cancel')).length).toBeGreaterThan(2);
  const again = await begin({ orderNo: order.orderNo, product: 'native' });
  await pass(s);
  await pay(again.serialNo);
  await pass(10 * s);
  expect(await states(order)).toMatchObject({ order: 'paid', attempts: ['closed', 'succeeded'] });
});

test('the password comes just before the reversal, which comes too soon after it: the payer wins', async () => {
  const { order, attempt } = await charge({ does: 'ask' });
  await fault('close_loses', attempt.serialNo, { method: 'reverse' });
  await pass(2 * m);
  expect(await states(order)).toEqual(paidOnce);
  expect(await calls(attempt.id, 'pay.cancel')).toHaveLength(1);
});

test('charged, and nothing heard until it was reversed: what came in and went back is booked both ways', async () => {
  const { order, attempt } = await prepared('book_then_hang');
  await fault('unsigned', attempt.serialNo, { method: 'query', times: 9 });
  await pass(10 * m);
  const now = await seen(order);
  expect(now.attempts).toMatchObject([{ receivedMinor: 10_000n, refundingMinor: 10_000n }]);
  expect(now.refunds).toMatchObject([{ state: 'refunded', origin: 'channel', amount: price }]);
  expect(now.surplus).toMatchObject([{ state: 'returned' }]);
  expect(await states(order)).toMatchObject({ order: 'unpaid' });
});

test.each(['NOTENOUGH', 'AUTHCODEEXPIRE'])(
  'a code that is refused (%s) fails at once, and another may be shown',
  async (code) => {
    const { order } = await charge({ does: 'refuse', err_code: code });
    await pass(2 * s);
    expect((await states(order)).attempts).toEqual(['rejected']);
    await charge({ does: 'pay' }, { orderNo: order.orderNo });
    await pass(2 * s);
    expect(await states(order)).toMatchObject({ order: 'paid', attempts: ['rejected', 'succeeded'] });
  },
);

test.each(['book_then_hang', 'system_error_booked', 'bad_signature', 'drop_connection_after_booking'])(
  'charged, and nobody heard it rightly (%s): asking finds it, and it is never charged again',
  async (name) => {
    const { order, attempt, serialNo } = await prepared(name);
    await pass(2 * m);
    expect(await states(order)).toEqual(paidOnce);
    expect(await calls(attempt.id, 'pay.submit')).toHaveLength(1);
    expect(serialNo).toBe(attempt.serialNo);
  },
);

/** The fault is there before the number is known. */
async function prepared(name: string): Promise<Begun> {
  await own.world.post('/control/faults', [{ fault: name, times: 1, match: { api: 'codepay' } }]);
  return charge({ does: 'pay' });
}

test.each(['book_then_hang', 'unsigned', 'system_error_not_booked'])(
  'a reversal that is not heard (%s) is repeated until asking shows its end',
  async (name) => {
    const { order, attempt } = await charge({ does: 'ask' });
    await fault(name, attempt.serialNo, { method: 'reverse' });
    await pass(5 * m);
    expect(await states(order)).toMatchObject({ order: 'unpaid', attempts: ['closed'], refunds: [] });
  },
);

test('a charge that never arrived is undecided until people have looked: no absence proves anything of a code', async () => {
  const { order, attempt } = await prepared('hang_before_booking');
  await pass(40 * m);
  expect((await states(order)).attempts).toEqual(['closing']);
  expect(await cases(order)).toEqual(['payment.in_doubt_long']);
  expect(await calls(attempt.id, 'pay.submit')).toHaveLength(1);
});

test('the shop gives up at once: it is reversed no sooner than the channel allows', async () => {
  const { order, attempt } = await charge({ does: 'ask' });
  await pass(2 * s);
  await cancel(await seen(order));
  await pass(10 * s);
  expect(await calls(attempt.id, 'pay.cancel')).toEqual([]);
  await pass(m);
  expect(await states(order)).toMatchObject({ order: 'cancelled', attempts: ['closed'] });
});

test('a service provider charges, and reverses over APIv3, for its sub-merchant; without the key of version 2 nobody charges', async () => {
  const { app, accountId } = own.world;
  const [direct] = await app.db.query<{ url: string }>(
    `select settings->>'gateway_url' as url from channel_accounts where id = $1`,
    [accountId],
  );
  const more = { gateway_url: direct?.url ?? '', sub_mchid: subMchid };
  const added = await app.db.transaction((tx) => addWechatAccount(tx, app, more));
  if (!added.ok) throw new Error(added.refusal.code);
  await policiesRead();
  const paid = await charge({ does: 'pay' }, { accountId: added.value.id });
  const undecided = await charge({ does: 'ask' }, { accountId: added.value.id });
  await pass(2 * m);
  expect(await states(paid.order)).toEqual(paidOnce);
  expect((await states(undecided.order)).attempts).toEqual(['closed']);
  await expectEqualBooks({ ...own.world, accountId: added.value.id });
  const without = { ...more, api_v2: 'off', sub_mchid: '1900000110' };
  const second = await app.db.transaction((tx) => addWechatAccount(tx, app, without));
  if (!second.ok) throw new Error(second.refusal.code);
  await policiesRead();
  const { order } = await charge({ does: 'pay' }, { accountId: second.value.id });
  await pass(2 * s);
  expect(await states(order)).toMatchObject({ order: 'unpaid', attempts: ['rejected'] });
});
