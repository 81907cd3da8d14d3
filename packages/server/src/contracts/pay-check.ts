import { done, shanghaiText } from '../kernel/index.ts';
import type { Instant, Money, Refusal, Result } from '../kernel/index.ts';
import type { TermScene } from '../channels/contract/index.ts';
import type { TermValue } from './kinds.ts';
import type { AccountTerms, Held } from './terms.ts';

export type WishedPayment = {
  readonly product: string;
  readonly scene: TermScene;
  readonly amount: Money;
  readonly at: Instant;
};

/** What an account has taken by one product in one scene: money received, and payments begun, today and this month in Beijing. */
export type Used = {
  readonly product: string;
  readonly scene: TermScene;
  readonly dayMinor: bigint;
  readonly monthMinor: bigint;
  readonly dayCount: number;
};

/**
 * Whether the contract lets this payment be begun. What no term speaks of is let through: the channel then says what it thinks.
 * @returns refusals contract.scene_not_allowed, .amount_over_limit, .outside_hours.
 */
export function payCheck(terms: AccountTerms, wish: WishedPayment): Result<void> {
  const refusal = refuseScene(terms, wish) ?? refuseLimit(terms, wish) ?? refuseHours(terms, wish);
  return refusal ? { ok: false, refusal } : done(undefined);
}

type Subject = Pick<WishedPayment, 'product' | 'scene'>;

export function refuseScene(terms: AccountTerms, { product, scene }: Subject): Refusal | undefined {
  const allowed = terms.find('scene', product, scene);
  if (allowed?.value.allowed !== 'no') return undefined;
  return { code: 'contract.scene_not_allowed', params: { product, source: allowed.source } };
}

type WishedAmount = Omit<WishedPayment, 'at'>;

/** Limit of one payment. */
export function refuseLimit(terms: AccountTerms, { product, scene, amount }: WishedAmount): Refusal | undefined {
  const limits = terms.find('limits', product, scene);
  const single = limits?.value.single_minor;
  if (!limits || single === undefined || amount.minor <= BigInt(single)) return undefined;
  const params = { minor: String(amount.minor), max: String(single), source: limits.source };
  return { code: 'contract.amount_over_limit', params };
}

/** What is left of the limits of a day and a month. Money that may still come counts for nothing: most of what is open is never paid. */
export function refuseUsedUp(
  terms: AccountTerms,
  { product, scene, amount }: WishedAmount,
  used: readonly Used[],
): Refusal | undefined {
  const limits = terms.find('limits', product, scene);
  if (!limits) return undefined;
  const { value, source } = limits;
  const all = usedWithin(limits, used);
  const minor = String(amount.minor);
  const isOver = (spent: bigint, max: number | undefined): boolean =>
    max !== undefined && spent + amount.minor > BigInt(max);
  if (isOver(all.dayMinor, value.day_minor)) {
    const params = { minor, used: String(all.dayMinor), max: String(value.day_minor), source };
    return { code: 'contract.day_limit', params };
  }
  if (isOver(all.monthMinor, value.month_minor)) {
    const params = { minor, used: String(all.monthMinor), max: String(value.month_minor), source };
    return { code: 'contract.month_limit', params };
  }
  const { day_count: max } = value;
  if (max === undefined || all.dayCount < max) return undefined;
  return { code: 'contract.day_count', params: { used: all.dayCount, max, source } };
}

/** A limit counts all that it speaks of: one of every product counts the others, too. */
function usedWithin({ about }: Held<'limits'>, used: readonly Used[]): Omit<Used, 'product' | 'scene'> {
  const within = used.filter(
    ({ product, scene }) =>
      (about.product === '*' || about.product === product) && (about.scene === '*' || about.scene === scene),
  );
  return {
    dayMinor: within.reduce((sum, one) => sum + one.dayMinor, 0n),
    monthMinor: within.reduce((sum, one) => sum + one.monthMinor, 0n),
    dayCount: within.reduce((sum, one) => sum + one.dayCount, 0),
  };
}

export function refuseHours(
  terms: AccountTerms,
  { product, scene, at }: Omit<WishedPayment, 'amount'>,
): Refusal | undefined {
  const served = terms.find('hours', product, scene);
  if (!served || isWithin(served.value, shanghaiText(at).slice(11, 16))) return undefined;
  const { from, to } = served.value;
  return { code: 'contract.outside_hours', params: { from, to, source: served.source } };
}

/** Hours of service may pass midnight; the end is the first minute without it. */
function isWithin({ from, to }: TermValue<'hours'>, now: string): boolean {
  if (from === to) return true;
  return from < to ? from <= now && now < to : from <= now || now < to;
}
