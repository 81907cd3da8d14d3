import type { FundFlow } from './types.ts';

// Fen in JavaScript numbers, as everywhere in the simulator; only products of two amounts need more than 2^53.

/** The fee on an amount, rounded half up. */
export function feeOf(amountFen: number, feePpm: number): number {
  return Math.floor((amountFen * feePpm + 500_000) / 1_000_000);
}

export type FeeBack = {
  readonly flow: FundFlow;
  readonly feePpm: number;
  readonly amountFen: number;
  readonly feeFen: number;
  readonly returnedFen: number;
  /** All refunds with this one. */
  readonly refundedFen: number;
  readonly refundFen: number;
};

/**
 * What a refund gives back of the fee. Old flow: refund times rate, rounded half up each time, never more than is left. New
 * flow: the share of all refunds so far, so that the last one brings the rest.
 */
export function feeBackOf(refund: FeeBack): number {
  const left = refund.feeFen - refund.returnedFen;
  if (refund.flow === 'old') return Math.min(left, feeOf(refund.refundFen, refund.feePpm));
  const [fee, refunded, amount] = [BigInt(refund.feeFen), BigInt(refund.refundedFen), BigInt(refund.amountFen)];
  return Math.max(0, Number((2n * fee * refunded + amount) / (2n * amount)) - refund.returnedFen);
}
