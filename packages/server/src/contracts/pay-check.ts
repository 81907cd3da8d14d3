import { done, shanghaiText } from '../kernel/index.ts';
import type { Instant, Money, Result } from '../kernel/index.ts';
import type { TermScene } from '../channels/contract/index.ts';
import { refuseAs } from '../platform/refusals.ts';
import type { AccountTerms } from './terms.ts';

export type WishedPayment = {
  readonly product: string;
  readonly scene: TermScene;
  readonly amount: Money;
  readonly at: Instant;
};

/**
 * Whether the contract lets this payment be begun. What no term speaks of is let through: the channel then says what it thinks.
 * @returns refusals contract.scene_not_allowed, .amount_over_limit, .outside_hours.
 */
export function payCheck(terms: AccountTerms, { product, scene, amount, at }: WishedPayment): Result<void> {
  const allowed = terms.find('scene', product, scene);
  if (allowed?.value.allowed === 'no')
    return refuseAs('contract.scene_not_allowed', { product, source: allowed.source });
  const limits = terms.find('limits', product, scene);
  const single = limits?.value.single_minor;
  if (limits && single !== undefined && amount.minor > BigInt(single))
    return refuseAs('contract.amount_over_limit', {
      ...{ minor: String(amount.minor), max: String(single), source: limits.source },
    });
  const served = terms.find('hours', product, scene);
  if (served && !isWithin(served.value, shanghaiText(at).slice(11, 16)))
    return refuseAs('contract.outside_hours', { ...served.value, source: served.source });
  return done(undefined);
}

/** Hours of service may pass midnight; the end is the first minute without it. */
function isWithin({ from, to }: { readonly from: string; readonly to: string }, now: string): boolean {
  if (from === to) return true;
  return from < to ? from <= now && now < to : from <= now || now < to;
}
