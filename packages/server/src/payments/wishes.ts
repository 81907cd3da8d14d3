import type { Instant } from '../kernel/index.ts';
import { priorities } from '../platform/jobs.ts';
import type { JobWish, Priority } from '../platform/jobs.ts';
import { choreWish } from '../platform/chores.ts';
import type { Attempt } from './attempt.ts';
import type { Order } from './order.ts';
import type { ProductRule } from '../channels/contract/index.ts';
import type { Refund } from './refund.ts';

type About = Pick<Attempt, 'bucket' | 'id' | 'accountId'>;

const laneOf = (accountId: string, operation: string): string => `${accountId}/${operation}`;

function wish(about: About, operation: string, dueAt: Instant, priority: Priority): JobWish {
  const { bucket, id, accountId } = about;
  return { bucket, kind: operation, subject: id, lane: laneOf(accountId, operation), dueAt, priority };
}

export const submitWish = (attempt: About, at: Instant): JobWish => wish(attempt, 'pay.submit', at, priorities.payer);

export function queryWish(attempt: Attempt, dueAt: Instant, at: Instant): JobWish {
  const isWatched = attempt.watchedUntil !== undefined && attempt.watchedUntil > at;
  return wish(attempt, 'pay.query', dueAt, isWatched ? priorities.payer : priorities.plan);
}

/** A code payment in doubt is cancelled, which gives paid money back; every other attempt is closed, which is refused once it is paid. */
const closeOperationOf = (rule: ProductRule): 'pay.cancel' | 'pay.close' =>
  rule.codePayment ? 'pay.cancel' : 'pay.close';

export const closeWish = (attempt: About, rule: ProductRule, dueAt: Instant): JobWish =>
  wish(attempt, closeOperationOf(rule), dueAt, priorities.operator);

/** Two refunds of one trade keep the channel's gap. */
export const refundWish = (refund: Refund, dueAt: Instant): JobWish => ({
  ...wish(refund, 'refund.submit', dueAt, priorities.operator),
  gapKey: `refund/${refund.attemptId}`,
});

export const refundQueryWish = (refund: Refund, dueAt: Instant): JobWish =>
  wish(refund, 'refund.query', dueAt, priorities.plan);

/** What our own clock asks for: expiry of a payment, a surplus that the policy acts on, a payment that the shop had cancelled. */
export type ChoreKind = 'payments.expire' | 'payments.surplus_due' | 'payments.paid_after_cancel';

export function orderChore(
  kind: ChoreKind,
  order: Pick<Order, 'bucket' | 'id'>,
  part: string,
  dueAt: Instant,
): JobWish {
  const made = choreWish(kind, part, dueAt);
  return { ...made, bucket: order.bucket, payload: { order: order.id, part } };
}
