import { assert } from '../kernel/index.ts';
import type { TermScene } from '../channels/contract/index.ts';
import { by, exactOf, exactText, halfUp, isLess, sum, times, whole } from './decimal.ts';
import type { Exact } from './decimal.ts';
import { why } from './fees.texts.ts';
import type { TermValue } from './kinds.ts';
import type { AccountTerms } from './terms.ts';

/** What the contract says of the fee of a payment and of what comes back of it. */
export type FeeRule = {
  readonly fee: TermValue<'fee'>;
  readonly back: TermValue<'fee_return'>;
};

/** The rule as it holds for a product in a scene; undefined where no fee is known. Where nobody says what comes back, nothing does. */
export function feeRuleOf(terms: AccountTerms, product: string, scene: TermScene): FeeRule | undefined {
  const fee = terms.find('fee', product, scene);
  const back = terms.find('fee_return', product, scene);
  return (
    fee && { fee: fee.value, back: back?.value ?? { kind: 'none', reading: undefined, smallest_minor: undefined } }
  );
}

export type PayFee = {
  /** Half up to the minor unit, not below the minimum, and the fixed part. */
  readonly minor: bigint;
  /** In words that are kept beside the figure: `0.006 min 8 fixed 30`. */
  readonly rule: string;
  /** Before rounding, in minor units: `118.8`. */
  readonly exact: string;
};

/** What the channel will take of a payment; the statement has the last word. */
export function payFee(
  terms: AccountTerms,
  { product, scene, amount }: { readonly product: string; readonly scene: TermScene; readonly amount: bigint },
): PayFee | undefined {
  const rule = feeRuleOf(terms, product, scene);
  if (!rule) return undefined;
  const { rate, min_minor: min, fixed_minor: fixed } = rule.fee;
  const exact = exactFee(rule.fee, amount);
  const words = [
    rate,
    ...(min === undefined ? [] : [`min ${min}`]),
    ...(fixed === undefined ? [] : [`fixed ${fixed}`]),
  ];
  return { minor: halfUp(exact), rule: words.join(' '), exact: exactText(exact) };
}

function exactFee({ rate, min_minor: min = 0, fixed_minor: fixed = 0 }: TermValue<'fee'>, amount: bigint): Exact {
  assert(amount >= 0n, `a fee of ${amount}`);
  const byRate = times(exactOf(rate), amount);
  const least = whole(BigInt(min));
  return sum(isLess(byRate, least) ? least : byRate, whole(BigInt(fixed)));
}

export type RefundedPart = { readonly minor: bigint; readonly feeBack: bigint };

export type Refunding = {
  readonly paid: bigint;
  /** What was taken for the payment, and the same before rounding. */
  readonly fee: bigint;
  readonly exactFee: string;
  /** Refunds of the payment that were made or are under way, the oldest first. */
  readonly refundedBefore: readonly RefundedPart[];
  readonly amount: bigint;
};

export type FeeBack = {
  readonly minor: bigint;
  /** `rate_min a`: kept beside the figure. */
  readonly rule: string;
  /** What remains of the fee for good if the rest is refunded in one piece. */
  readonly lossIfRestFollows: bigint;
  readonly why: { readonly zh: string; readonly en: string };
};

/** What the channel will give back of its fee with this refund: known before the refund is made. */
export function feeBack(rule: FeeRule, refunding: Refunding): FeeBack {
  const { paid, fee, amount, refundedBefore } = refunding;
  const { back } = rule;
  const minor = backOf(rule, refunding);
  const after = [...refundedBefore, { minor: amount, feeBack: minor }];
  const rest = paid - total(after, 'minor');
  const last = rest === 0n ? 0n : backOf(rule, { ...refunding, refundedBefore: after, amount: rest });
  // A refund within the day's net lowers what the day is charged: nothing of it is lost, and no figure stands beside the refund.
  const lossIfRestFollows = back.kind === 'daily_net' ? 0n : fee - total(after, 'feeBack') - last;
  const name = back.kind === 'rate_min' ? `rate_min ${back.reading ?? 'a'}` : back.kind;
  return { minor, rule: name, lossIfRestFollows, why: why[back.kind] };
}

const total = (parts: readonly RefundedPart[], what: keyof RefundedPart): bigint =>
  parts.reduce((all, part) => all + part[what], 0n);

const least = (one: bigint, other: bigint): bigint => (one < other ? one : other);

function backOf(rule: FeeRule, refunding: Refunding): bigint {
  const { paid, fee, exactFee: exact, amount, refundedBefore } = refunding;
  const before = total(refundedBefore, 'minor');
  assert(amount > 0n && before + amount <= paid, `a refund of ${amount} after ${before} of ${paid}`);
  const left = fee - total(refundedBefore, 'feeBack');
  const atOnce = amount === paid;
  const { kind, reading = 'a', smallest_minor: smallest = 1 } = rule.back;
  const byRate = (): bigint => halfUp(times(exactOf(rule.fee.rate), amount));
  /** On the fee before rounding: on the rounded one, one of two tiny parts would always reach half a unit. */
  const share = (): bigint => halfUp(by(times(exactOf(exact), amount), paid));
  /** A part that gives less than the channel's smallest unit gives nothing. */
  const noTinyPart = (part: bigint): bigint => (part < BigInt(smallest) ? 0n : least(part, left));
  switch (kind) {
    case 'none':
    case 'daily_net':
      return 0n;
    case 'full_only':
      return atOnce ? fee : 0n;
    case 'rate':
    case 'single_negative':
      return noTinyPart(byRate());
    case 'rate_min':
      if (reading === 'c' && atOnce) return fee;
      return reading === 'b' && byRate() < BigInt(rule.fee.min_minor ?? 0) ? 0n : noTinyPart(byRate());
    case 'proportional':
      return noTinyPart(share());
    case 'until_full':
      return before + amount === paid ? left : noTinyPart(share());
    case 'percent_only':
      return least(noTinyPart(byRate()), greatest(0n, left - BigInt(rule.fee.fixed_minor ?? 0)));
  }
}

const greatest = (one: bigint, other: bigint): bigint => (one > other ? one : other);

/** The fee of a day where refunds are set off against payments first (`daily_net`): by rate on what is left, and nothing on a negative day. */
export function dayFee({ fee }: FeeRule, day: { readonly paid: bigint; readonly refunded: bigint }): bigint {
  return halfUp(times(exactOf(fee.rate), greatest(0n, day.paid - day.refunded)));
}
