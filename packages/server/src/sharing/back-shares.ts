import { assert } from '../kernel/index.ts';
import type { PartBack } from '../payments/index.ts';

/**
 * In proportion, rounded down (去尾): no receiver ever gives more than his share, and what is lost by rounding is the merchant's to pay. A refund of
 * all that is left takes all that they have. Parts of nothing are left out.
 */
export function backShares(having: readonly PartBack[], refunded: bigint, whole: bigint): readonly PartBack[] {
  assert(refunded >= 0n && whole >= 0n, 'a refund of less than nothing');
  if (whole === 0n || refunded > whole) return [];
  return having
    .map(({ part, minor }) => ({ part, minor: (minor * refunded) / whole }))
    .filter(({ minor }) => minor > 0n);
}
