import { assert } from '../kernel/index.ts';
import type { PartBack } from '../payments/index.ts';

/**
 * In proportion, rounded down (去尾): what is lost by rounding is the merchant's to pay, as far as he has it. Beyond that a fen more comes from the
 * first parts, so that all but a fen can be refunded as well as all. No receiver gives more than he has; parts of nothing are left out.
 */
export function backShares(having: readonly PartBack[], refunded: bigint, whole: bigint): readonly PartBack[] {
  assert(refunded >= 0n && whole >= 0n, 'a refund of less than nothing');
  if (whole === 0n || refunded > whole) return [];
  const back = having.map(({ part, minor }) => ({ part, minor: (minor * refunded) / whole }));
  const free = whole - sumOf(having);
  let short = refunded - free - sumOf(back);
  return back
    .map(({ part, minor }, index) => {
      const more = short > 0n && minor < (having[index]?.minor ?? 0n) ? 1n : 0n;
      short -= more;
      return { part, minor: minor + more };
    })
    .filter(({ minor }) => minor > 0n);
}

const sumOf = (parts: readonly PartBack[]): bigint => parts.reduce((sum, { minor }) => sum + minor, 0n);
