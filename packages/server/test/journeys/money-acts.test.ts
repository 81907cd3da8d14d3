// Goal: what people decide about money is carried out once, is told with who and why, and is refused where it cannot be.
// Method: the simulated gateway with its own books, and a moved clock. Which test plays which rule: docs/money-in-races.md.
import { afterEach, expect, test } from 'vitest';
import { CNY } from '../../src/kernel/index.ts';
import {
  controlRefund,
  decideRefundVerdict,
  decideSurplus,
  proposeRefundVerdict,
  proposeSurplus,
  watchPayment,
} from '../../src/payments/index.ts';
import { refundable } from '../../src/payments/order.ts';
import type { Order } from '../../src/payments/index.ts';
import { timestamp } from '../../src/platform/db.ts';
import { paceAt } from '../../src/platform/lane-health.ts';
import { codeOf, stepsOn } from '../kit/pay-steps.ts';
import { expectEqualBooks, seller, usePayWorld } from '../kit/pay-world.ts';
import { wang, zhao } from '../kit/world.ts';

const own = usePayWorld('2015-10-05 09:00:00');
const { begin, wish, refund, seen, pay, fault, lift, agree, events, cases, states, calls } = stepsOn(() => own.world);
const pass = (ms: number) => own.world.pass(ms);
const s = 1000;
const m = 60 * s;
const h = 60 * m;

afterEach(() => expectEqualBooks(own.world));

test('asked too often by many: the gap of the lane doubles, nothing fails, every payment is found, and the pace comes back', async () => {
  const begun = await Promise.all(Array.from({ length: 6 }, () => begin()));
  for (const { serialNo } of begun) {
    await fault('never_notify', serialNo, { times: 99 });
    await fault('isp_limited', serialNo, { method: 'query', times: 1 });
  }
  const pace = async (): Promise<number> => {
    const { app, accountId } = own.world;
    const [row] = await app.db.query<{ pace: number }>(`select ${paceAt('$2')} as pace from lanes where id = $1`, [
      ...[`${accountId}/pay.query`, timestamp(app.clock.now())],
    ]);
    return row?.pace ?? NaN;
  };
  expect(await pace()).toBe(20);
  await pass(2 * m);
  expect(await pace()).toBe(10); // six answers to questions of one moment are one
  for (const { attempt, serialNo } of begun) {
    expect(await calls(attempt.id, 'pay.query')).toEqual(['answered']);
    await pay(serialNo);
  }
  await pass(40 * m);
  for (const { order } of begun) {
    expect(await states(order)).toMatchObject({ order: 'paid', attempts: ['succeeded'] });
    expect(await cases(order)).toEqual([]);
  }
  expect(await pace()).toBe(20);
  // Each asks again when it is due: nobody asks more for having been told so.
  for (const { attempt } of begun) expect((await calls(attempt.id, 'pay.query')).length).toBeLessThanOrEqual(4);
});

test('a program that looks every half minute is bounded in what it asks, and finds the payment that nobody told of', async () => {
  const { order, attempt, serialNo } = await begin();
  await fault('never_notify', serialNo, { times: 99 });
  const { app } = own.world;
  const watchFor = async (ms: number): Promise<void> => {
    for (let at = 0; at < ms; at += 30 * s) {
      await watchPayment(app.payments, app.orders, await seen(order), attempt.id);
      await pass(30 * s);
    }
  };
  await watchFor(25 * m);
  await pay(serialNo);
  await watchFor(2.5 * m); // the next question is two minutes away at most
  expect(await states(order)).toMatchObject({ order: 'paid', attempts: ['succeeded'] });
  expect((await calls(attempt.id, 'pay.query')).length).toBeLessThanOrEqual(18);
});

/** Paid at two cashiers: the second receipt is a surplus. */
async function doubled(): Promise<Order> {
  const first = await begin();
  const second = await begin({ orderNo: first.order.orderNo, product: 'wap', keepOthers: true });
  await pay(first.serialNo);
  await pass(s);
  await pay(second.serialNo);
  await pass(5 * s);
  return seen(first.order);
}

const propose = (order: Order) =>
  proposeSurplus(own.world.app.payments, wang, order, order.surplus[0]?.id ?? '', 'person_refund', 'he called');

async function sendBack(order: Order): Promise<string> {
  const proposed = await propose(order);
  if (!proposed.ok) return proposed.refusal.code;
  const { app } = own.world;
  return codeOf(
    await decideSurplus(app.payments, app.orders, zhao, proposed.value.approvalId, 'approve', 'seen the statement'),
  );
}

const auditOf = (subject: string) =>
  own.world.app.db.query('select act, actor, reason from audit_entries where subject = $1 order by at, id', [subject]);

test('a surplus that its policy would give back later goes back at once when two people say so, and once', async () => {
  const order = await doubled();
  expect(order.surplus).toMatchObject([{ state: 'held' }]);
  expect(await sendBack(order)).toBe('done');
  expect(await sendBack(await seen(order))).toBe('surplus.resolved');
  await pass(10 * m); // the policy's own time comes and finds nothing to do
  expect(await states(order)).toMatchObject({ order: 'paid', surplus: ['returned'], refunds: ['refunded'] });
  const [surplus] = (await seen(order)).surplus;
  expect(surplus).toMatchObject({ decidedBy: 'zhao', reason: 'seen the statement' });
  expect(await auditOf(surplus?.id ?? '')).toEqual([
    { act: 'approval.asked', actor: 'wang', reason: '' },
    { act: 'approval.approved', actor: 'zhao', reason: 'seen the statement' },
    { act: 'approval.used', actor: 'zhao', reason: '' },
  ]);
  expect((await events(order)).filter((type) => type === 'surplus.refunding')).toHaveLength(1);
});

test('a surplus that no policy gives back is sent back by two people, and past the window nobody is asked', async () => {
  await agree('*', 'surplus', { policy: 'keep', delay_seconds: 0 });
  await agree('wap', 'refund_window', { days: 1 });
  const [order, late] = [await doubled(), await doubled()];
  await pass(h);
  expect((await states(order)).surplus).toEqual(['held']);
  const asked = await propose(late);
  expect(await sendBack(order)).toBe('done');
  await pass(24 * h);
  expect((await states(order)).surplus).toEqual(['returned']);
  expect(codeOf(await propose(late))).toBe('contract.refund_window_over');
  // Agreed to too late: refused as well, and it is still held.
  const { app } = own.world;
  if (!asked.ok) throw new Error(asked.refusal.code);
  const decided = await decideSurplus(app.payments, app.orders, zhao, asked.value.approvalId, 'approve', 'late');
  expect(codeOf(decided)).toBe('approval.lapsed');
  expect(await states(late)).toMatchObject({ surplus: ['held'], refunds: [] });
});

test('the contract keeps what it does not allow from beginning: over the limit, out of hours, a counter product online, refunds too close', async () => {
  await agree('*', 'limits', { single_minor: 20_000 });
  await agree('wap', 'hours', { from: '08:00', to: '22:00' });
  await agree('*', 'refund_gap', { seconds: 60 });
  expect(codeOf(await wish({ amount: { minor: 20_001n, currency: CNY } }))).toBe('contract.amount_over_limit');
  expect(codeOf(await wish({ product: 'precreate', scene: 'online' }))).toBe('payment.scene_differs');
  const { order, serialNo } = await begin({ product: 'wap' });
  await pay(serialNo);
  await pass(10 * s);
  expect((await refund(order, 'G1', 1000n)).ok).toBe(true);
  await pass(30 * s);
  expect(codeOf(await refund(order, 'G2', 1000n))).toBe('contract.refund_too_soon');
  await pass(31 * s);
  expect((await refund(order, 'G2', 1000n)).ok).toBe(true);
  await pass(14 * h);
  expect(codeOf(await wish({ product: 'wap' }))).toBe('contract.outside_hours');
  expect((await states(order)).refunds).toEqual(['refunded', 'refunded']);
});

test.each([
  { verdict: 'failed', fault: 'refund_hang_not_booked', ends: 'failed', told: 'refund.failed', left: 10_000n },
  { verdict: 'refunded', fault: 'refund_hang_booked', ends: 'refunded', told: 'refund.succeeded', left: 7500n },
] as const)(
  'a refund that the channel leaves open ends as two people say ($verdict), once, with who and from where it is known',
  async ({ verdict, fault: hangs, ends, told, left }) => {
    const { app } = own.world;
    const { order, serialNo } = await begin();
    await pay(serialNo);
    await pass(10 * s);
    const silent = (method: string) => fault('system_error_not_booked', serialNo, { method, times: 999 });
    await silent('fastpay.refund.query');
    await fault(hangs, serialNo, { method: 'refund' });
    expect(codeOf(await refund(order, 'R1', 2500n))).toBe('done');
    await pass(5 * s);
    await silent('refund');
    await pass(25 * h);
    expect((await states(order)).refunds).toEqual(['in_doubt']);
    expect(await cases(order)).toEqual(['refund.in_doubt_long']);
    const now = await seen(order);
    const id = now.refunds[0]?.id ?? '';
    // A channel in trouble is asked, and sent the same number, ever more slowly: nine times in the first hour, then hourly.
    expect((await calls(id, 'refund.query')).length).toBeLessThan(45);
    const asked = await proposeRefundVerdict(app.payments, wang, now, id, verdict, 'statement of 6 October, line 12');
    if (!asked.ok) throw new Error(asked.refusal.code);
    const say = (who: typeof zhao) =>
      decideRefundVerdict(app.payments, app.orders, who, asked.value.approvalId, 'approve', 'seen').then(codeOf);
    expect(await say(wang)).toBe('auth.role_missing');
    expect(await say(zhao)).toBe('done');
    expect(await say(zhao)).toBe('refund.not_waiting');
    expect((await states(order)).refunds).toEqual([ends]);
    expect((await events(order)).filter((type) => type.startsWith('refund.'))).toEqual([told]);
    expect(refundable((await seen(order)).attempts[0]!).minor).toBe(left);
    expect((await auditOf(id)).map((line) => [line['act'], line['actor']])).toEqual([
      ...[
        ['refund.created', 'wang'],
        ['approval.asked', 'wang'],
      ],
      ...[
        ['approval.approved', 'zhao'],
        ['approval.used', 'zhao'],
      ],
    ]);
  },
);

test('what the channel says meanwhile stands: people are not asked about a refund that has ended', async () => {
  const { app } = own.world;
  const { order, serialNo } = await begin();
  await pay(serialNo);
  await pass(10 * s);
  const silent = await fault('system_error_not_booked', serialNo, { method: 'fastpay.refund.query', times: 999 });
  const deaf = await fault('system_error_not_booked', serialNo, { method: 'refund', times: 999 });
  await refund(order, 'R1');
  await pass(m);
  const now = await seen(order);
  const id = now.refunds[0]?.id ?? '';
  const asked = await proposeRefundVerdict(app.payments, wang, now, id, 'failed', 'nothing in the statement');
  if (!asked.ok) throw new Error(asked.refusal.code);
  await lift(silent);
  await lift(deaf);
  await pass(h);
  expect((await states(order)).refunds).toEqual(['refunded']);
  const { approvalId } = asked.value;
  const decided = await decideRefundVerdict(app.payments, app.orders, zhao, approvalId, 'approve', 'seen');
  expect(codeOf(decided)).toBe('refund.not_waiting');
  expect(codeOf(await proposeRefundVerdict(app.payments, wang, await seen(order), id, 'failed', 'x'))).toBe(
    'refund.not_waiting',
  );
});

test('topped up after a day: it is asked about at once, not as late as what was sent before', async () => {
  const { order, serialNo } = await begin();
  await pay(serialNo);
  await pass(10 * s);
  const balance = (text: string) => own.world.post('/control/openapi/balance', { seller_id: seller, balance: text });
  await balance('0.00');
  expect(codeOf(await refund(order, 'R1'))).toBe('done');
  await pass(26 * h);
  expect((await states(order)).refunds).toEqual(['waiting_funds']);
  await balance('1000000.00');
  const now = await seen(order);
  await fault('refund_hang_booked', serialNo, { method: 'refund' });
  await controlRefund(own.world.app.orders, wang, now, now.refunds[0]?.id ?? '', 'topped_up');
  await pass(3 * m);
  expect((await states(order)).refunds).toEqual(['refunded']);
});
