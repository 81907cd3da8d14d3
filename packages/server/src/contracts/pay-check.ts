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

/** One number of the kind `limits`, with the row that states it. */
export type Limit = { readonly max: number } & Pick<Held<'limits'>, 'source' | 'about'>;

/**
 * Each limit is that of the nearest row which states it: a product with a limit of its own for one payment stays under the day and the month of its
 * account.
 */
export function limitOf(
  terms: AccountTerms,
  name: keyof TermValue<'limits'>,
  { product, scene }: Subject,
): Limit | undefined {
  for (const { value, source, about } of terms.all('limits', product, scene)) {
    const max = value[name];
    if (max !== undefined) return { max, source, about };
  }
  return undefined;
}

/** Limit of one payment. */
export function refuseLimit(terms: AccountTerms, { amount, ...subject }: WishedAmount): Refusal | undefined {
  const single = limitOf(terms, 'single_minor', subject);
  if (!single || amount.minor <= BigInt(single.max)) return undefined;
  const params = { minor: String(amount.minor), max: String(single.max), source: single.source };
  return { code: 'contract.amount_over_limit', params };
}

const sumLimits = [
  { name: 'day_minor', sum: 'dayMinor', code: 'contract.day_limit' },
  { name: 'month_minor', sum: 'monthMinor', code: 'contract.month_limit' },
] as const;

/** What is left of the limits of a day and a month. Money that may still come counts for nothing: most of what is open is never paid. */
export function refuseUsedUp(
  terms: AccountTerms,
  { amount, ...subject }: WishedAmount,
  used: readonly Used[],
): Refusal | undefined {
  for (const { name, sum, code } of sumLimits) {
    const limit = limitOf(terms, name, subject);
    if (!limit) continue;
    const spent = usedWithin(limit, used)[sum];
    if (spent + amount.minor <= BigInt(limit.max)) continue;
    const params = { minor: String(amount.minor), used: String(spent), max: String(limit.max), source: limit.source };
    return { code, params };
  }
  const counted = limitOf(terms, 'day_count', subject);
  if (!counted) return undefined;
  const { dayCount } = usedWithin(counted, used);
  if (dayCount < counted.max) return undefined;
  return { code: 'contract.day_count', params: { used: dayCount, max: counted.max, source: counted.source } };
}

/** A limit counts all that it speaks of: one of every product counts the others, too. */
function usedWithin({ about }: Limit, used: readonly Used[]): Omit<Used, 'product' | 'scene'> {
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
