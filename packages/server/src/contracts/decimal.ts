import { assert } from '../kernel/index.ts';

/** A share of minor units that need not be whole: `over` by `under`, never a float. */
export type Exact = { readonly over: bigint; readonly under: bigint };

export const whole = (count: bigint): Exact => ({ over: count, under: 1n });

const form = /^(\d{1,15})(?:\.(\d{1,12}))?$/;

/** Undefined for signs, blanks and anything else that is no plain decimal of at most twelve places. */
export function parseExact(text: string): Exact | undefined {
  const match = form.exec(text);
  if (!match) return undefined;
  const places = match[2] ?? '';
  return { over: BigInt((match[1] ?? '') + places), under: 10n ** BigInt(places.length) };
}

export function exactOf(text: string): Exact {
  const exact = parseExact(text);
  assert(exact, `"${text}" is no decimal`);
  return exact;
}

export const times = (one: Exact, factor: bigint): Exact => ({ over: one.over * factor, under: one.under });
export const by = (one: Exact, divisor: bigint): Exact => ({ over: one.over, under: one.under * divisor });
export const sum = (one: Exact, other: Exact): Exact => ({
  over: one.over * other.under + other.over * one.under,
  under: one.under * other.under,
});
export const isLess = (one: Exact, other: Exact): boolean => one.over * other.under < other.over * one.under;

/** 四舍五入: half a unit counts as one. */
export function halfUp({ over, under }: Exact): bigint {
  assert(over >= 0n && under > 0n, 'only what is not negative is rounded half up');
  return (2n * over + under) / (2n * under);
}

/** Without an end of zeros: `118.8`. Only for what has decimal places, as rates of amounts have. */
export function exactText({ over, under }: Exact): string {
  const places = under.toString().length - 1;
  assert(under === 10n ** BigInt(places), `${over}/${under} has no decimal form here`);
  const digits = over.toString().padStart(places + 1, '0');
  const cut = digits.length - places;
  const part = digits.slice(cut).replace(/0+$/, '');
  return part === '' ? digits.slice(0, cut) : `${digits.slice(0, cut)}.${part}`;
}
