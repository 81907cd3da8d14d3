import { plus } from '../kernel/index.ts';
import type { Refusal } from '../kernel/index.ts';
import type { Attempt } from './attempt.ts';
import { moneyOf } from './attempt.ts';
import { surplusKept, surplusReceived } from './books.ts';
import { paymentCase, paymentEvent, surplusEvent } from './news.ts';
import type { DecideParts } from './decide-parts.ts';
import { sumsOf } from './order.ts';
import { createRefund, refuseRefund } from './refund-decide.ts';
import type { RefundWish } from './refund-decide.ts';
import { surplusTable } from './surplus.ts';
import type { Surplus } from './surplus.ts';
import { orderChore } from './wishes.ts';
import type { Work } from './work.ts';

/** Books money that the order does not need for what it is, tells the shop, and lets the policy or a person resolve it. */
export function holdSurplus(work: Work, attempt: Attempt, why: Surplus['why'], parts: DecideParts): void {
  const { act, afterMs } = parts.policyOf(attempt.accountId).surplus;
  const actAt = act === 'refund' ? plus(work.at, afterMs) : undefined;
  const { bucket, orderId, paymentId, merchantId } = attempt;
  const surplus: Surplus = {
    ...{ bucket, id: parts.ids.next(), orderId, paymentId, attemptId: attempt.id, merchantId, why, state: 'held' },
    amount: moneyOf(attempt.receivedMinor, attempt.amount.currency),
    ...(actAt === undefined ? {} : { actAt }),
    ...{ reason: '', createdAt: work.at },
  };
  work.putSurplus(surplus);
  work.add(
    { kind: 'entry', draft: surplusReceived(work.order, attempt) },
    surplusEvent('surplus.received', work.order, surplus),
  );
  if (actAt !== undefined)
    work.add({ kind: 'job', wish: orderChore('payments.surplus_due', work.order, surplus.id, actAt) });
  // What no policy sends back lies with a person, or it would lie for ever.
  else work.add(paymentCase('payment.surplus_held', attempt, { why: act, surplus: surplus.id }));
  if (wasGivenBack(work)) work.add(paymentCase('payment.surplus_after_refund', attempt, { surplus: surplus.id }));
}

/** The order was paid and all of it went back already: why could it still be paid? */
function wasGivenBack({ order }: Work): boolean {
  const { received, refunded } = sumsOf(order);
  return received > 0n && received === refunded;
}

/** The policy's time has come: back to where it came from. Nothing happens to what was resolved meanwhile. */
export function refundSurplus(work: Work, id: string, wish: RefundWish, parts: DecideParts): Refusal | undefined {
  const surplus = work.surplus(id);
  const step = surplusTable.step(surplus.state, 'command', 'policy_refund');
  if (step.becomes === surplus.state) return undefined;
  const refusal = refuseRefund(work, wish, parts);
  if (refusal) {
    // Past the window, or not permitted: it is held until people send it back another way.
    work.add(paymentCase('payment.surplus_held', work.attempt(surplus.attemptId), { why: refusal.code, surplus: id }));
    return undefined;
  }
  beginRefund(work, { ...surplus, state: step.becomes, decidedBy: 'policy' }, wish, parts);
  return undefined;
}

function beginRefund(work: Work, surplus: Surplus, wish: RefundWish, parts: DecideParts): void {
  work.putSurplus({ ...surplus, refundId: wish.id });
  createRefund(work, wish, parts);
  work.add(surplusEvent('surplus.refunding', work.order, work.surplus(surplus.id)));
}

/** Two people send it back, before its policy does or without one. Past the window it stays refused, and they hear so. */
export function sendSurplusBack(
  work: Work,
  id: string,
  { wish, by, reason }: { readonly wish: RefundWish; readonly by: string; readonly reason: string },
  parts: DecideParts,
): Refusal | undefined {
  const surplus = work.surplus(id);
  const step = surplusTable.step(surplus.state, 'command', 'person_refund');
  if (step.becomes === surplus.state) return resolved(surplus);
  const refusal = refuseRefund(work, wish, parts);
  if (!refusal) beginRefund(work, { ...surplus, state: step.becomes, decidedBy: by, reason }, wish, parts);
  return refusal;
}

const resolved = ({ id, state }: Surplus): Refusal => ({ code: 'surplus.resolved', params: { surplus: id, state } });

export const surplusVerdicts = ['person_refund', 'person_keep', 'person_credit'] as const;
export type SurplusVerdict = (typeof surplusVerdicts)[number];

/** Two people end a surplus otherwise than by sending it back. */
export function resolveSurplus(
  work: Work,
  id: string,
  verdict: Exclude<SurplusVerdict, 'person_refund'>,
  by: string,
  reason: string,
): Refusal | undefined {
  const surplus = work.surplus(id);
  const step = surplusTable.step(surplus.state, 'command', verdict);
  if (step.becomes === surplus.state) return resolved(surplus);
  const next: Surplus = { ...surplus, state: step.becomes, decidedBy: by, reason, endedAt: work.at };
  end(work, next);
  return undefined;
}

function end(work: Work, next: Surplus): void {
  work.putSurplus(next);
  work.add(
    { kind: 'entry', draft: surplusKept(work.order, work.attempt(next.attemptId), next) },
    surplusEvent('surplus.resolved', work.order, next),
  );
}

/** The shop still delivers: a new payment is born paid, and the closed one stays closed. */
export function adoptSurplus(work: Work, id: string, by: string, { policyOf, ids }: DecideParts): Refusal | undefined {
  const surplus = work.surplus(id);
  const attempt = work.attempt(surplus.attemptId);
  const { adoptWithinMs } = policyOf(attempt.accountId);
  const isPaid = work.order.payments.some(({ state }) => state === 'paid');
  const params = { surplus: id, state: surplus.state };
  if (surplus.state !== 'held') return resolved(surplus);
  if (surplus.why !== 'late' || isPaid || work.at > plus(surplus.createdAt, adoptWithinMs))
    return { code: 'surplus.not_adoptable', params };
  const paymentId = ids.next();
  const { settledBy: _none, closingCause: _over, ...closed } = work.payment(surplus.paymentId);
  work.putPayment({
    ...closed,
    ...{ id: paymentId, state: 'paid', settledBy: attempt.id, bornOf: surplus.id, accountId: attempt.accountId },
    ...{ createdAt: work.at, endedAt: work.at, paidAt: attempt.paidAt ?? work.at },
    ...(attempt.tradeNo === undefined ? {} : { tradeNo: attempt.tradeNo }),
  });
  end(work, { ...surplus, state: 'adopted', decidedBy: by, endedAt: work.at });
  // It speaks of the new payment: the shop has heard that the other one is closed.
  work.add(paymentEvent('payment.succeeded', work.order, { ...attempt, paymentId }, 'adopted'));
  return undefined;
}
