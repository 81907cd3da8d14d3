import type { Instant, Refusal } from '../kernel/index.ts';
import type { DecideParts } from './decide-parts.ts';
import { closeAttempt } from './observe-attempt.ts';
import { watchAttempt } from './opening.ts';
import { productOf } from './policy.ts';
import type { Work } from './work.ts';

/**
 * The payer says that he has paid, or comes back from his wallet. His word proves nothing: it makes the channel be asked at once, no sooner than
 * it bears, and densely from here on.
 */
export function askAtOnce(work: Work, id: string, until: Instant, parts: DecideParts): void {
  const attempt = work.order.attempts.find((one) => one.id === id);
  if (!attempt) return;
  const { watchedUntil: _before, ...unwatched } = attempt;
  work.putAttempt(unwatched);
  watchAttempt(work, id, until, parts);
}

/**
 * The payer says that he has not paid this way and wants another: it is closed at the channel, and what the channel says of it counts. His code is
 * charged at once and ends by its own plan; a payment that is closing closes it already.
 */
export function giveUpAttempt(work: Work, id: string, parts: DecideParts): Refusal | undefined {
  const attempt = work.order.attempts.find((one) => one.id === id);
  if (!attempt) return { code: 'payment.not_found', params: { payment: id } };
  const rule = productOf(parts.policyOf(attempt.accountId), attempt.product);
  const isLive = work.order.payments.some((payment) => payment.id === attempt.paymentId && payment.state === 'open');
  if (isLive && !rule?.codePayment) closeAttempt(work, id, parts);
  return undefined;
}
