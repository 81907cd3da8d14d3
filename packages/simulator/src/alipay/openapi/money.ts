// Fen in JavaScript numbers, as everywhere in the simulator; only products of two amounts need more than 2^53.

/** Alipay's fee on an amount, rounded half up. */
export function feeOf(amountFen: number, feePpm: number): number {
  return Math.floor((amountFen * feePpm + 500_000) / 1_000_000);
}

/** How much of the fee belongs to the part refunded so far, rounded half up; the last part thereby returns the rest. */
export function feeShare(feeFen: number, refundedFen: number, amountFen: number): number {
  if (amountFen === 0) return 0;
  const [fee, refunded, amount] = [BigInt(feeFen), BigInt(refundedFen), BigInt(amountFen)];
  return Number((2n * fee * refunded + amount) / (2n * amount));
}
