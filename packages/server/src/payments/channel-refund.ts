import { plus } from '../kernel/index.ts';
import type { Instant, Outcome, Trust } from '../kernel/index.ts';
import type { CloseFacts, TradeFacts } from '../channels/contract/index.ts';
import type { Attempt } from './attempt.ts';
import { refundBegun, refundDone } from './books.ts';
import type { DecideParts } from './decide-parts.ts';
import { paymentCase, refundEvent, surplusEvent } from './news.ts';
import { notRefunded } from './order.ts';
import { refundReasons } from './refund-reasons.texts.ts';
import { isLiveRefund } from './refund.ts';
import type { Refund } from './refund.ts';
import { surplusTable } from './surplus.ts';
import { queryWish } from './wishes.ts';
import type { OrderEffect, Work } from './work.ts';

type Heard = {
  readonly by: string;
  readonly outcome: Outcome<TradeFacts | CloseFacts>;
  readonly trust: Trust;
  readonly heardAt: Instant;
};

/**
 * The channel says that money went back which nobody here gave back: its own cancel of a paid code, or somebody at its console. What it has
 * received of an attempt that we hold for unpaid is asked first; then receipt and refund are booked for what they are.
 */
export function heardGivenBack(
  work: Work,
  id: string,
  heard: Heard,
  facts: TradeFacts | undefined,
  parts: DecideParts,
): void {
  if (heard.trust !== 'verified' || heard.outcome.kind !== 'succeeded') return;
  const told = heard.outcome.facts;
  const isCancelled = heard.by === 'close' && 'action' in told && told.action === 'refunded';
  if (!isCancelled && !(heard.by === 'query' && facts?.isGivenBack === true)) return;
  const attempt = work.attempt(id);
  if (attempt.receivedMinor > 0n) return bookGivenBack(work, id, heard, parts);
  const { queryFloorMs } = parts.policyOf(attempt.accountId).pay;
  if (isCancelled) work.add({ kind: 'job', wish: queryWish(attempt, plus(work.at, queryFloorMs), work.at) });
}

/** A refund that was made at the channel is born refunded, under a number that no call of ours ever carries. */
function bookGivenBack(work: Work, id: string, { heardAt }: Heard, { policyOf, ids }: DecideParts): void {
  const attempt = work.attempt(id);
  const amount = notRefunded(attempt);
  const before = work.order.refunds.filter((one) => one.attemptId === id);
  if (before.some(({ state }) => isLiveRefund(state)))
    return work.add(paymentCase('payment.contradiction', attempt, { state: attempt.state, said: 'given back' }));
  if (amount.minor <= 0n) return;
  const back = policyOf(attempt.accountId).feeBack(attempt, before, amount);
  const refundNo = `C${attempt.serialNo}-${before.length + 1}`;
  const { bucket, orderId, paymentId, merchantId, accountId } = attempt;
  const refund: Refund = {
    ...{ bucket, id: ids.next(), orderId, paymentId, attemptId: id, merchantId, accountId },
    ...{ shopRefundNo: refundNo, refundNo, state: 'refunded', origin: 'channel', amount },
    ...{ reason: refundReasons.atChannel.zh, feeBackMinor: back.minor, feeRule: back.rule, asked: 0, sentTries: 0 },
    ...{ why: '', createdAt: work.at, refundedAt: heardAt, endedAt: heardAt },
  };
  work.putRefund(refund);
  work.putAttempt({ ...attempt, refundingMinor: attempt.refundingMinor + amount.minor });
  work.add(
    { kind: 'entry', draft: { ...refundBegun(work.order, refund), force: 'fact' } },
    { kind: 'entry', draft: refundDone(work.order, refund) },
    { kind: 'number', row: { bucket, merchantId, number: refundNo, kind: 'refund', record: refund.id } },
    refundEvent('refund.succeeded', work.order, refund),
  );
  endHeldSurplus(work, refund);
  if (attempt.sharedMinor > 0n) work.add(stillShared(attempt));
}

/**
 * All of it went back, and receivers still have a part, or are promised one. Whether theirs was taken back as well the news does not say, so
 * nothing of it is booked: a person looks.
 */
const stillShared = (attempt: Attempt): OrderEffect =>
  paymentCase('payment.contradiction', attempt, {
    ...{ state: attempt.state, said: 'given back whole, parts of it are shared' },
    shared: String(attempt.sharedMinor),
  });

function endHeldSurplus(work: Work, refund: Refund): void {
  const held = work.order.surplus.find(({ attemptId, state }) => attemptId === refund.attemptId && state === 'held');
  if (!held) return;
  const refunding = { ...held, state: surplusTable.step(held.state, 'command', 'policy_refund').becomes };
  const next = { ...refunding, refundId: refund.id, decidedBy: 'channel' };
  const returned = {
    ...next,
    state: surplusTable.step(next.state, 'obs', 'refund_refunded').becomes,
    endedAt: work.at,
  };
  work.putSurplus(returned);
  work.add(surplusEvent('surplus.refunding', work.order, next), surplusEvent('surplus.resolved', work.order, returned));
}
