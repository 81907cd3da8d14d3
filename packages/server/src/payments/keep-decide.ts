import type { Refusal } from '../kernel/index.ts';
import type { Work } from './work.ts';

/**
 * The shop takes its cancelling back: what was paid, or is being paid while the channel closes it, stays. Said again it changes nothing.
 * What is closed or has gone back is not brought back by it.
 */
export function keepOrder(work: Work, paymentId: string): Refusal | undefined {
  const { order } = work;
  const params = { order_no: order.orderNo };
  const payment = order.payments.find(({ id }) => id === paymentId);
  if (!payment) return { code: 'payment.not_found', params: { payment: paymentId } };
  if (payment.closingCause !== 'cancel_by_shop') return { code: 'order.not_cancelled', params };
  if (payment.state === 'closed') return { code: 'order.nothing_to_keep', params };
  if (order.cancelledAt === undefined) return undefined;
  const attempt = order.attempts.find(({ id }) => id === payment.settledBy);
  if (attempt && attempt.receivedMinor <= attempt.refundingMinor) return { code: 'order.given_back', params };
  work.keep();
  return undefined;
}

/** Cancelled, kept and cancelled again while the channel still closes it: the last word counts. */
export function cancelAgain(work: Work, paymentId: string): void {
  const payment = work.order.payments.find(({ id }) => id === paymentId);
  if (payment?.state === 'closing' && payment.closingCause === 'cancel_by_shop' && work.order.cancelledAt === undefined)
    work.change({ cancelledAt: work.at });
}
