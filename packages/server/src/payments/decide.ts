import { done, refuse } from '../kernel/index.ts';
import type { Instant, Refusal } from '../kernel/index.ts';
import type { Decision } from '../platform/commands.ts';
import { nextCloseAt, nextLookAt, nextQueryAt } from './asking.ts';
import { isOpenAttempt } from './attempt.ts';
import { refuseAttemptVerdict } from './attempt-word.ts';
import { observeAttempt, wasSaidPaid, worthOf } from './observe-attempt.ts';
import type { DecideParts } from './decide-parts.ts';
import type { OrderAnswer, OrderInput } from './inputs.ts';
import { cancelAgain, keepOrder } from './keep-decide.ts';
import { lookAt } from './looks.ts';
import { closePayment, expirePayments, openPayment } from './opening.ts';
import { paymentCase } from './news.ts';
import type { Order } from './order.ts';
import { askAtOnce, giveUpAttempt } from './payer-acts.ts';
import { productOf } from './policy.ts';
import {
  askAboutRefund,
  commandRefund,
  createRefund,
  nextRefundAskAt,
  refuseVerdict,
  observeRefund,
  refuseOther,
  refuseRefund,
} from './refund-decide.ts';
import type { HeardOfRefund, RefundWish } from './refund-decide.ts';
import { adoptSurplus, refundSurplus, resolveSurplus, sendSurplusBack } from './surplus-decide.ts';
import { Work } from './work.ts';
import { orderChore } from './wishes.ts';
import type { OrderEffect } from './work.ts';

/** Pure: the order as it stands and one thing that is wanted or heard; the order as it then is, and all that is to be committed with it. */
export function decideOrder(
  parts: DecideParts,
  record: Order | undefined,
  input: OrderInput,
  at: Instant,
): Decision<Order, OrderEffect, OrderAnswer> {
  if (input.kind === 'open') return openPayment(parts, record, input, at);
  if (!record) return { result: refuse('order.not_found', { order: input.key.id }) };
  const work = new Work(record, at);
  const refusal = actOn(work, input, parts);
  if (refusal) return { result: { ok: false, refusal } };
  if (input.audit && work.order !== record) work.add({ kind: 'audit', entry: input.audit });
  const againAt = againAtOf(work, input, parts);
  return work.end(done({ order: work.order, ...(againAt === undefined ? {} : { againAt }) }));
}

type Acted = Exclude<OrderInput, { readonly kind: 'open' }>;

function actOn(work: Work, input: Acted, parts: DecideParts): Refusal | undefined {
  switch (input.kind) {
    case 'refund_news':
      askAboutRefund(work, input.attemptId, input.refundNo);
      work.add({ kind: 'notice', notice: input.notice });
      return undefined;
    case 'heard':
      return hear(work, input, parts);
    case 'refund_heard':
      return hearRefund(work, input.refundId, input.heard, parts);
    case 'cancel':
      return cancelOrder(work, input.paymentId, parts);
    case 'expire':
      return closePayment(work, input.paymentId, 'deadline', parts);
    case 'watch':
      (input.atOnce === true ? askAtOnce : lookAt)(work, input.attemptId, input.until, parts);
      return undefined;
    case 'give_up':
      return giveUpAttempt(work, input.attemptId, parts);
    case 'keep':
      return keepOrder(work, input.paymentId);
    case 'refund':
      return askRefund(work, input.wish, parts, input.version);
    case 'refund_act':
      commandRefund(work, input.refundId, input.told);
      return undefined;
    case 'paid_after_cancel':
      if (work.order.cancelledAt !== undefined) giveBackCancelled(work, input.wish, parts);
      return undefined;
    case 'surplus_due':
      return refundSurplus(work, input.surplusId, input.wish, parts);
    case 'surplus':
      return resolveSurplus(work, input.surplusId, input.verdict, input.by, input.reason);
    case 'surplus_back':
      return sendSurplusBack(work, input.surplusId, input, parts);
    case 'adopt':
      return adoptSurplus(work, input.surplusId, input.by, parts);
    default:
      return input satisfies never;
  }
}

function hear(work: Work, input: Extract<Acted, { readonly kind: 'heard' }>, parts: DecideParts): Refusal | undefined {
  const { attemptId, heard, notice } = input;
  const attempt = work.attempt(attemptId);
  const refusal = refuseAttemptVerdict(attempt, heard, parts.policyOf(attempt.accountId));
  if (refusal) return refusal;
  if (notice) work.add({ kind: 'notice', notice });
  observeAttempt(work, attemptId, heard, parts);
  expirePayments(work, parts);
  return undefined;
}

function hearRefund(work: Work, id: string, heard: HeardOfRefund, parts: DecideParts): Refusal | undefined {
  const refusal = refuseVerdict(work.refund(id), heard);
  if (!refusal) observeRefund(work, id, heard, parts);
  return refusal;
}

function cancelOrder(work: Work, paymentId: string, parts: DecideParts): Refusal | undefined {
  const refusal = closePayment(work, paymentId, 'cancel_by_shop', parts);
  if (!refusal) cancelAgain(work, paymentId);
  return refusal;
}

/** Money of an order that was cancelled: what cannot go back by itself lies with a person, or it would lie for ever. */
function giveBackCancelled(work: Work, wish: RefundWish, parts: DecideParts): void {
  const refusal = askRefund(work, wish, parts);
  if (!refusal) return;
  const attempt = work.attempt(wish.attemptId);
  const readyAt = refusal.params['readyAt'];
  if (refusal.code === 'contract.refund_too_soon' && typeof readyAt === 'number') {
    const chore = orderChore('payments.paid_after_cancel', work.order, attempt.paymentId, readyAt as Instant);
    return work.add({ kind: 'job', wish: chore });
  }
  work.add(paymentCase('payment.surplus_held', attempt, { why: refusal.code }));
}

/** The shop's number again is the same refund: other words under it are refused, the same ones change nothing. */
function askRefund(work: Work, wish: RefundWish, parts: DecideParts, version?: number): Refusal | undefined {
  // Reckoned anew before anything is compared: what parts bring follows from the order as it was.
  if (version !== undefined && version !== work.order.version)
    return { code: 'refund.order_changed', params: { order_no: work.order.orderNo } };
  const known = work.order.refunds.find(({ shopRefundNo }) => shopRefundNo === wish.shopRefundNo);
  if (known) return refuseOther(known, wish);
  const refusal = refuseRefund(work, wish, parts);
  if (!refusal) createRefund(work, wish, parts);
  return refusal;
}

/** When the job that brought this is due again; everything else wishes for its jobs itself. */
function againAtOf(work: Work, input: Acted, parts: DecideParts): Instant | undefined {
  if (input.kind === 'refund_heard')
    return input.heard.by === 'query'
      ? nextRefundAskAt(work.refund(input.refundId), input.heard.outcome.kind, parts, work.at)
      : undefined;
  if (input.kind !== 'heard') return undefined;
  const attempt = work.attempt(input.attemptId);
  const policy = parts.policyOf(attempt.accountId);
  const rule = productOf(policy, attempt.product);
  if (!rule) return undefined;
  const isAbsent = input.heard.isAbsent === true;
  // What does not exist cannot be closed: it is asked about instead until its deadline has passed.
  if (input.heard.by === 'close')
    return attempt.state === 'closing' && !isAbsent ? nextCloseAt(attempt, work.at) : undefined;
  if (input.heard.by !== 'query') return undefined;
  if (!isOpenAttempt(attempt.state)) {
    const isUnclear = worthOf(attempt, input.heard, rule) === 'in_doubt' && input.heard.disputed === undefined;
    return isUnclear && (!isAbsent || wasSaidPaid(attempt)) ? nextLookAt(attempt, work.at) : undefined;
  }
  return nextQueryAt(attempt, rule, policy.pay.queryFloorMs, work.at);
}
