import type { Refusal } from '../kernel/index.ts';
import type { Attempt, PartBack } from '../payments/index.ts';
import { findPart, leftOf } from './shared-order.ts';
import type { SharedOrder } from './shared-order.ts';

/** A part that is named twice is one part, and as much of it comes back as both say. */
export function addedUp(named: readonly PartBack[]): readonly PartBack[] {
  const sums = new Map<string, bigint>();
  for (const { part, minor } of named) sums.set(part, (sums.get(part) ?? 0n) + minor);
  return [...sums].map(([part, minor]) => ({ part, minor }));
}

const exceedsPart = (asked: bigint, left: bigint, { amount }: Attempt): Refusal => ({
  code: 'share.exceeds_part',
  params: { asked: String(asked), left: String(left), currency: amount.currency },
});

/** Only receivers of this payment give back with its refund, each what he has of it at most; no entry makes room for another one of its part. */
export function refuseBack(shared: SharedOrder, attempt: Attempt, named: readonly PartBack[]): Refusal | undefined {
  const wrong = named.find(({ minor }) => minor <= 0n);
  if (wrong) return exceedsPart(wrong.minor, 0n, attempt);
  for (const { part: id, minor } of addedUp(named)) {
    const found = findPart(shared, id);
    if (found?.share.attemptId !== attempt.id) return { code: 'share.part_not_found', params: { part: id } };
    const left = leftOf(shared, found.part);
    if (minor > left) return exceedsPart(minor, left, attempt);
  }
  return undefined;
}
