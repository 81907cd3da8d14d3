import { days, done, plus, seconds } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import type { TermScene } from '../channels/contract/index.ts';
import { refuseAs } from '../platform/refusals.ts';
import { sourceOf } from './terms.ts';
import type { AccountTerms } from './terms.ts';

export type WishedRefund = {
  readonly product: string;
  readonly scene: TermScene;
  readonly paidAt: Instant;
  readonly at: Instant;
  /** Refunds of the payment that were made or are under way. */
  readonly count: number;
  /** When the last of them was asked for. */
  readonly lastAt?: Instant;
  /** Less than the whole payment. */
  readonly isPartial: boolean;
};

/** Until when the channel takes refunds of a payment; undefined: no window is known. */
export function refundableUntil(
  terms: AccountTerms,
  { product, scene, paidAt }: Pick<WishedRefund, 'product' | 'scene' | 'paidAt'>,
): Instant | undefined {
  const window = terms.find('refund_window', product, scene);
  return window && plus(paidAt, days(window.value.days));
}

/**
 * Whether the contract lets this refund be asked for. What no term speaks of is let through: the channel then says what it thinks.
 * @returns refusals contract.refund_not_permitted, .refund_partial, .refund_window_over, .refund_count_reached, .refund_too_soon.
 */
export function refundCheck(terms: AccountTerms, wish: WishedRefund): Result<void> {
  return rightTo(terms, wish) ?? timeFor(terms, wish) ?? done(undefined);
}

function rightTo(terms: AccountTerms, { product, scene, isPartial }: WishedRefund): Result<never> | undefined {
  const permission = terms.find('refund_permission', product, scene);
  if (permission?.value.allowed === 'no') return refuseAs('contract.refund_not_permitted', { ...sourceOf(permission) });
  const partial = terms.find('refund_partial', product, scene);
  if (isPartial && partial?.value.allowed === 'no')
    return refuseAs('contract.refund_partial', { ...sourceOf(partial) });
  return undefined;
}

function timeFor(terms: AccountTerms, wish: WishedRefund): Result<never> | undefined {
  const { product, scene, at, count, lastAt } = wish;
  const window = terms.find('refund_window', product, scene);
  const endedAt = refundableUntil(terms, wish);
  if (window && endedAt !== undefined && at >= endedAt)
    return refuseAs('contract.refund_window_over', { days: window.value.days, endedAt, ...sourceOf(window) });
  const counted = terms.find('refund_count', product, scene);
  if (counted && count >= counted.value.max)
    return refuseAs('contract.refund_count_reached', { count, max: counted.value.max, ...sourceOf(counted) });
  const gap = terms.find('refund_gap', product, scene);
  const readyAt = gap && lastAt !== undefined ? plus(lastAt, seconds(gap.value.seconds)) : undefined;
  if (gap && readyAt !== undefined && at < readyAt)
    return refuseAs('contract.refund_too_soon', { seconds: gap.value.seconds, readyAt, ...sourceOf(gap) });
  return undefined;
}
