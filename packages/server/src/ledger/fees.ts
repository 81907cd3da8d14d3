import { assert } from '../kernel/index.ts';

/** What a contract says of fees: `rate` a decimal as text ("0.006" for 0.6 %), `minimum` and `fixed` in minor units. */
export type FeeTerms = {
  readonly rate: string;
  readonly minimum?: bigint | undefined;
  readonly fixed?: bigint | undefined;
};

/** A decimal as a fraction, so that nothing passes through a float. */
function fractionOf(rate: string): { readonly over: bigint; readonly under: bigint } {
  const match = /^(\d{1,3})(?:\.(\d{1,12}))?$/.exec(rate);
  assert(match, `"${rate}" is no rate`);
  const digits = match[2] ?? '';
  return { over: BigInt((match[1] ?? '') + digits), under: 10n ** BigInt(digits.length) };
}

/** Rounded half up (四舍五入) to the minor unit. */
function rateHalfUp(amount: bigint, rate: string): bigint {
  assert(amount >= 0n, `a fee of ${amount}`);
  const { over, under } = fractionOf(rate);
  return (2n * amount * over + under) / (2n * under);
}

/** The fee of a payment: rate half up, not below the minimum, and the fixed part. */
export function feeOf(terms: FeeTerms, amount: bigint): bigint {
  const byRate = rateHalfUp(amount, terms.rate);
  const minimum = terms.minimum ?? 0n;
  return (byRate < minimum ? minimum : byRate) + (terms.fixed ?? 0n);
}

/**
 * What comes back of it with a refund, where the contract gives the rate's part back: half up of the refund alone, so two small halves may
 * give nothing where the whole gave a fen; neither minimum nor fixed part returns; at most `left`, what is left of the fee.
 */
export function feeReturnOf(terms: FeeTerms, refund: bigint, left: bigint): bigint {
  const byRate = rateHalfUp(refund, terms.rate);
  return byRate < left ? byRate : left;
}
