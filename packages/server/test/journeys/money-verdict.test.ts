// Goal: what the channel never ends is ended by two people, with evidence, once, and never against what the channel has said.
// Method: the simulated gateway with its own books, named faults, and a moved clock. Which test plays which rule: docs/money-in-races.md.
import { afterEach, expect, test } from 'vitest';
import { Secret } from '../../src/kernel/index.ts';
import { decideAttemptVerdict, proposeAttemptVerdict } from '../../src/payments/index.ts';
import type { AttemptVerdict } from '../../src/payments/index.ts';
import { codeOf, paidOnce, stepsOn } from '../kit/pay-steps.ts';
import type { Begun } from '../kit/pay-steps.ts';
import { expectEqualBooks, usePayWorld } from '../kit/pay-world.ts';
import { wang, zhao } from '../kit/world.ts';

const own = usePayWorld('2015-10-05 09:00:00');
const { begin, wish, seen, pay, fault, lift, events, cases, states } = stepsOn(() => own.world);
const pass = (ms: number) => own.world.pass(ms);
const m = 60_000;
const evidence = 'statement of 5 October, line 12';

let codes = 0;

/** A payer's code was charged, and the channel is silent ever since. Returns the faults that silence it. */
async function lost(
  how: 'book_then_hang' | 'hang_before_booking',
  told: 'never_notify' | 'notify_late' = 'never_notify',
): Promise<Begun & { silence: readonly string[] }> {
  const code = `2800000000000002${(codes += 1)}`;
  await own.world.post('/control/openapi/codes', [{ auth_code: code, does: 'pay' }]);
  const begun = await begin({ product: 'barcode', payerCode: new Secret(code) });
  await fault(how, begun.serialNo, { method: 'pay' });
  await fault(told, begun.serialNo, { times: 99, params: { ms: 120 * m } });
  const deaf = (method: string) => fault('system_error_not_booked', begun.serialNo, { method, times: 999 });
  return { ...begun, silence: [await deaf('query'), await deaf('cancel')] };
}

const propose = async ({ order, attempt }: Begun, verdict: AttemptVerdict) =>
  proposeAttemptVerdict(own.world.app.payments, wang, await seen(order), attempt.id, { verdict, evidence });

/** Asked for, and how it is decided by somebody. */
async function asked(begun: Begun, verdict: AttemptVerdict) {
  const proposed = await propose(begun, verdict);
  if (!proposed.ok) throw new Error(proposed.refusal.code);
  const { payments, orders } = own.world.app;
  return (who: typeof zhao) =>
    decideAttemptVerdict(payments, orders, who, proposed.value.approvalId, 'approve', 'seen').then(codeOf);
}

afterEach(() => expectEqualBooks(own.world));

test('a charge whose result never came is paid as two people say, with from where it is known, and once', async () => {
  const begun = await lost('book_then_hang');
  await pass(40 * m);
  expect((await states(begun.order)).attempts).toEqual(['closing']);
  expect(await cases(begun.order)).toEqual(['payment.in_doubt_long']);
  const decide = await asked(begun, 'paid');
  expect(await decide(wang)).toBe('auth.role_missing');
  expect(await decide(zhao)).toBe('done');
  expect(await decide(zhao)).toBe('attempt.not_waiting');
  expect(await states(begun.order)).toEqual(paidOnce);
  expect(await events(begun.order)).toEqual(['payment.succeeded']);
});

test('a charge that two people call unpaid no longer stands in the way of the next, and late money is still found', async () => {
  const begun = await lost('book_then_hang', 'notify_late');
  await pass(40 * m);
  expect(codeOf(await wish({ orderNo: begun.order.orderNo }))).toBe('payment.closing');
  const decide = await asked(begun, 'unpaid');
  expect(await decide(zhao)).toBe('done');
  expect((await states(begun.order)).attempts).toEqual(['closed']);
  const again = await begin({ orderNo: begun.order.orderNo });
  await pay(again.serialNo);
  await pass(m);
  expect(await states(begun.order)).toMatchObject({ order: 'paid', attempts: ['closed', 'succeeded'] });
  // They were wrong: the channel had booked it, and says so as soon as it speaks again. That money is kept apart and goes back.
  for (const id of begun.silence) await lift(id);
  await pass(60 * m);
  expect((await seen(begun.order)).surplus).toMatchObject([{ attemptId: begun.attempt.id }]);
});

test('nobody calls unpaid what the payer or the channel may still change: not before the moment that calls a person', async () => {
  const begun = await lost('hang_before_booking');
  await pass(2 * m);
  expect(codeOf(await propose(begun, 'unpaid'))).toBe('attempt.too_early');
  await pass(40 * m);
  const decide = await asked(begun, 'unpaid');
  expect(await decide(zhao)).toBe('done');
  expect((await states(begun.order)).attempts).toEqual(['closed']);
});

test('a trade number of another payment is taken for nobody: refunds would go to that buyer', async () => {
  const other = await begin();
  await pay(other.serialNo);
  await pass(m);
  const tradeNo = (await seen(other.order)).attempts[0]?.tradeNo ?? '';
  const begun = await lost('hang_before_booking');
  await pass(40 * m);
  const now = await seen(begun.order);
  const word = { verdict: 'paid', evidence, tradeNo } as const;
  const asked = await proposeAttemptVerdict(own.world.app.payments, wang, now, begun.attempt.id, word);
  expect(codeOf(asked)).toBe('attempt.trade_of_another');
});

test('what the channel says before they decide stands', async () => {
  const begun = await lost('book_then_hang');
  await pass(40 * m);
  const decide = await asked(begun, 'unpaid');
  for (const id of begun.silence) await lift(id);
  await pass(60 * m);
  const ended = await states(begun.order);
  expect(await decide(zhao)).toBe('attempt.not_waiting');
  expect(await states(begun.order)).toEqual(ended);
});
