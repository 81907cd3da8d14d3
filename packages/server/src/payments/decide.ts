import { done, refuse } from '../kernel/index.ts';
import type { Instant, Money, Refusal } from '../kernel/index.ts';
import type { Decision, RecordKey } from '../platform/commands.ts';
import { nextCloseAt, nextQueryAt } from './asking.ts';
import type { Attempt } from './attempt.ts';
import { observeAttempt } from './observe-attempt.ts';
import type { DecideParts, HeardOfAttempt } from './observe-attempt.ts';
import { closePayment, openPayment, watchAttempt } from './opening.ts';
import type { Order } from './order.ts';
import { productOf } from './policy.ts';
import {
  askAboutRefund,
  commandRefund,
  createRefund,
  nextRefundAskAt,
  observeRefund,
  refuseRefund,
} from './refund-decide.ts';
import type { HeardOfRefund, RefundWish } from './refund-decide.ts';
import { adoptSurplus, refundSurplus, resolveSurplus } from './surplus-decide.ts';
import type { SurplusVerdict } from './surplus-decide.ts';
import { Work } from './work.ts';
import type { NoticeRow, OrderEffect } from './work.ts';

export type NewAttempt = Pick<
  Attempt,
  | 'id'
  | 'serialNo'
  | 'accountId'
  | 'channel'
  | 'product'
  | 'scene'
  | 'amount'
  | 'subject'
  | 'deadlineAt'
  | 'notifyUrl'
  | 'returnUrl'
  | 'payerSealed'
>;

export type NewOrder = Pick<Order, 'merchantId' | 'orderNo' | 'subject' | 'returnUntil' | 'waybillNo'> & {
  readonly due: Money;
};

type Input =
  | {
      readonly kind: 'open';
      readonly order: NewOrder;
      readonly paymentId: string;
      readonly expiresAt: Instant;
      readonly attempt: NewAttempt;
      /** Leaves other attempts open, so that the payer may choose between them. */
      readonly keepOthers: boolean;
    }
  | { readonly kind: 'cancel'; readonly paymentId: string }
  | { readonly kind: 'expire'; readonly paymentId: string }
  | { readonly kind: 'keep'; readonly paymentId: string }
  | { readonly kind: 'paid_after_cancel'; readonly wish: RefundWish; readonly paymentId: string }
  | { readonly kind: 'watch'; readonly attemptId: string; readonly until: Instant }
  | {
      readonly kind: 'heard';
      readonly attemptId: string;
      readonly heard: HeardOfAttempt;
      /** The message that says it, kept in the same transaction. */
      readonly notice?: NoticeRow;
    }
  | { readonly kind: 'refund_news'; readonly attemptId: string; readonly refundNo: string; readonly notice: NoticeRow }
  | { readonly kind: 'refund'; readonly wish: RefundWish }
  | { readonly kind: 'refund_act'; readonly refundId: string; readonly told: 'approve' | 'withdraw' | 'topped_up' }
  | { readonly kind: 'refund_heard'; readonly refundId: string; readonly heard: HeardOfRefund }
  | { readonly kind: 'surplus_due'; readonly surplusId: string; readonly wish: RefundWish }
  | {
      readonly kind: 'surplus';
      readonly surplusId: string;
      readonly verdict: SurplusVerdict;
      readonly by: string;
      readonly reason: string;
    }
  | { readonly kind: 'adopt'; readonly surplusId: string; readonly by: string };

export type OrderInput = Input & { readonly key: RecordKey };

/** The order as it now is, and when the job that brought the news is due again. */
export type OrderAnswer = { readonly order: Order; readonly againAt?: Instant; readonly part?: string };

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
      if (input.notice) work.add({ kind: 'notice', notice: input.notice });
      observeAttempt(work, input.attemptId, input.heard, parts);
      return undefined;
    case 'refund_heard':
      observeRefund(work, input.refundId, input.heard, parts);
      return undefined;
    case 'cancel':
      return closePayment(work, input.paymentId, 'cancel_by_shop', parts);
    case 'expire':
      return closePayment(work, input.paymentId, 'deadline', parts);
    case 'watch':
      watchAttempt(work, input.attemptId, input.until, parts);
      return undefined;
    case 'keep':
      work.keep();
      return undefined;
    case 'refund':
      return askRefund(work, input.wish, parts);
    case 'refund_act':
      commandRefund(work, input.refundId, input.told);
      return undefined;
    case 'paid_after_cancel':
      return work.order.cancelledAt === undefined ? undefined : askRefund(work, input.wish, parts);
    case 'surplus_due':
      return refundSurplus(work, input.surplusId, input.wish, parts);
    case 'surplus':
      return resolveSurplus(work, input.surplusId, input.verdict, input.by, input.reason);
    case 'adopt':
      return adoptSurplus(work, input.surplusId, input.by, parts);
    default:
      return input satisfies never;
  }
}

/** The shop's number again is the same refund: other words under it are refused, the same ones change nothing. */
function askRefund(work: Work, wish: RefundWish, parts: DecideParts): Refusal | undefined {
  const known = work.order.refunds.find(({ shopRefundNo }) => shopRefundNo === wish.shopRefundNo);
  if (known) {
    const isSame = known.amount.minor === wish.amount.minor && known.attemptId === wish.attemptId;
    return isSame ? undefined : { code: 'refund.other_terms', params: { refund_no: wish.shopRefundNo } };
  }
  const refusal = refuseRefund(work, wish, parts);
  if (!refusal) createRefund(work, wish, parts);
  return refusal;
}

/** When the job that brought this is due again; everything else wishes for its jobs itself. */
function againAtOf(work: Work, input: Acted, parts: DecideParts): Instant | undefined {
  if (input.kind === 'refund_heard')
    return input.heard.by === 'query' ? nextRefundAskAt(work.refund(input.refundId), parts, work.at) : undefined;
  if (input.kind !== 'heard') return undefined;
  const attempt = work.attempt(input.attemptId);
  const policy = parts.policyOf(attempt.accountId);
  const rule = productOf(policy, attempt.product);
  if (!rule) return undefined;
  const isAbsent = input.heard.isAbsent === true;
  // What does not exist cannot be closed: it is asked about instead until its deadline has passed.
  if (input.heard.by === 'close')
    return attempt.state === 'closing' && !isAbsent ? nextCloseAt(attempt, work.at) : undefined;
  return input.heard.by === 'query' ? nextQueryAt(attempt, rule, policy.pay.queryFloorMs, work.at) : undefined;
}
