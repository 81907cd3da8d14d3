// Goal: what goes back goes back once, never exceeds what was received, and is booked where it was.
// Method: the simulated gateway with its own books, named faults, and a moved clock. Which test plays which rule: docs/money-in-races.md.
import { afterEach, expect, test } from 'vitest';
import { controlRefund, decideRefund, decideSurplus, proposeSurplus } from '../../src/payments/index.ts';
import { seller } from '../kit/pay-side.ts';
import { codeOf, paidOnce, stepsOn } from '../kit/pay-steps.ts';
import { expectEqualBooks, usePayWorld } from '../kit/pay-world.ts';
import { wang, zhao } from '../kit/world.ts';
import { people } from '../stories/people.ts';

const own = usePayWorld('2015-10-05 09:00:00');
const { begin, paid, seen, pay, fault, refund, agree, events, cases, states, calls } = stepsOn(() => own.world);
const pass = (ms: number) => own.world.pass(ms);
const s = 1000;
const m = 60 * s;

afterEach(() => expectEqualBooks(own.world));

test('one refund more than the contract allows is refused, also when both are asked for at once', async () => {
  await agree('wap', 'refund_count', { max: 2 });
  const { order } = await paid({ product: 'wap' });
  expect(codeOf(await refund(order, 'R1', 100n))).toBe('done');
  const both = await Promise.all([refund(order, 'R2', 100n), refund(order, 'R3', 100n)]);
  expect(both.map(codeOf).toSorted()).toEqual(['contract.refund_count_reached', 'done']);
  await pass(m);
  expect((await states(order)).refunds).toEqual(['refunded', 'refunded']);
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

/** The process ends when the word is committed, before the order is told of it. */
const end = () => Promise.reject(new Error('killed'));
const killed = { tell: end, tellAll: end };

async function waitingForTwo(shopRefundNo: string) {
  const { order } = await paid();
  const asked = await refund(order, shopRefundNo);
  if (!asked.ok) throw new Error(asked.refusal.code);
  const { id, approvalId = '', state } = asked.value.refund;
  expect(state).toBe('awaiting_approval');
  return { order, id, approvalId };
}

test('approved, and killed before the refund was told: the same word again completes it, by whoever says it, and it goes once', async () => {
  await agree('*', 'refund_approval_above', { minor: 5000 });
  const { app } = own.world;
  const { order, id, approvalId } = await waitingForTwo('R1');
  await expect(decideRefund(app.payments, killed, zhao, approvalId, 'approve', '')).rejects.toThrow('killed');
  await pass(m);
  expect((await states(order)).refunds).toEqual(['awaiting_approval']);
  const say = (who: typeof zhao, verdict: 'approve' | 'refuse', digest?: string) =>
    decideRefund(app.payments, app.orders, who, approvalId, verdict, 'once more', digest).then(codeOf);
  expect(await say(zhao, 'refuse')).toBe('approval.already_decided');
  expect(await say(zhao, 'approve', '0'.repeat(64))).toBe('approval.already_decided');
  // Who comes a moment later finds it completed by the other.
  const both = await Promise.all([say(zhao, 'approve'), say(people.li, 'approve')]);
  expect(both).toContain('done');
  expect(['done', 'approval.already_decided']).toEqual(expect.arrayContaining(both));
  await pass(m);
  expect((await states(order)).refunds).toEqual(['refunded']);
  expect(await calls(id, 'refund.submit')).toEqual(['answered']);
  expect(await say(zhao, 'approve')).toBe('approval.already_decided');
});

test('refused, and killed before the refund was told: the same word again takes it back, and its money is free', async () => {
  const { app } = own.world;
  const { order, id, approvalId } = await waitingForTwo('R1');
  await expect(decideRefund(app.payments, killed, zhao, approvalId, 'refuse', 'kept')).rejects.toThrow('killed');
  const say = (verdict: 'approve' | 'refuse') =>
    decideRefund(app.payments, app.orders, people.li, approvalId, verdict, '').then(codeOf);
  expect(await say('approve')).toBe('approval.already_decided');
  expect(await say('refuse')).toBe('done');
  await pass(m);
  expect(await states(order)).toMatchObject({ refunds: ['cancelled'] });
  expect(await calls(id, 'refund.submit')).toEqual([]);
  expect(codeOf(await refund(order, 'R2', 10_000n))).toBe('done');
});

test('a surplus that two people keep is kept once, also when the process was killed before it was told', async () => {
  const first = await begin();
  const second = await begin({ orderNo: first.order.orderNo, product: 'wap', keepOthers: true });
  await pay(first.serialNo);
  await pay(second.serialNo);
  await pass(5 * s);
  const { app } = own.world;
  const held = await seen(first.order);
  const proposed = await proposeSurplus(app.payments, wang, held, held.surplus[0]?.id ?? '', 'person_keep', 'a gift');
  if (!proposed.ok) throw new Error(proposed.refusal.code);
  const { approvalId } = proposed.value;
  await expect(decideSurplus(app.payments, killed, zhao, approvalId, 'approve', 'seen')).rejects.toThrow('killed');
  const again = () => decideSurplus(app.payments, app.orders, people.li, approvalId, 'approve', '').then(codeOf);
  expect(await again()).toBe('done');
  expect(await again()).toBe('approval.already_decided');
  await pass(10 * m);
  const { surplus } = await seen(first.order);
  expect(surplus).toMatchObject([{ state: 'kept', decidedBy: 'zhao', reason: 'seen' }]);
});
