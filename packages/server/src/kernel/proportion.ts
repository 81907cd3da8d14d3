/** How many of how many, where each is a trial of its own. */
export type Proportion = { readonly hits: number; readonly of: number };

export type Interval = { readonly low: number; readonly high: number };

/** z of two-sided confidence. */
export const z95 = 1.959964;
export const z99 = 2.575829;

/** Wilson score interval; [0, 1] when there is nothing to judge by. Source: E. B. Wilson, JASA 22 (1927). */
export function wilson({ hits, of }: Proportion, z: number): Interval {
  if (of === 0) return { low: 0, high: 1 };
  const share = hits / of;
  const z2 = z * z;
  const middle = share + z2 / (2 * of);
  const spread = z * Math.sqrt((share * (1 - share)) / of + z2 / (4 * of * of));
  const whole = 1 + z2 / of;
  return { low: Math.max(0, (middle - spread) / whole), high: Math.min(1, (middle + spread) / whole) };
}

/** Difference of two shares with its interval by score limits. Source: R. G. Newcombe, Statistics in Medicine 17 (1998), method 10. */
export function newcombe(one: Proportion, other: Proportion, z: number): Interval & { readonly difference: number } {
  const share = one.of === 0 ? 0 : one.hits / one.of;
  const otherShare = other.of === 0 ? 0 : other.hits / other.of;
  const difference = share - otherShare;
  const a = wilson(one, z);
  const b = wilson(other, z);
  return {
    difference,
    low: Math.max(-1, difference - Math.hypot(share - a.low, b.high - otherShare)),
    high: Math.min(1, difference + Math.hypot(a.high - share, otherShare - b.low)),
  };
}

/** Chance that `one` shows at least as many hits, were both alike (Fisher's exact test, one-sided). */
export function fisherGreater(one: Proportion, other: Proportion): number {
  const hits = one.hits + other.hits;
  const all = one.of + other.of;
  const whole = logChoose(all, hits);
  let chance = 0;
  for (let k = one.hits; k <= Math.min(hits, one.of); k += 1) {
    if (hits - k > other.of) continue;
    chance += Math.exp(logChoose(one.of, k) + logChoose(other.of, hits - k) - whole);
  }
  return Math.min(1, chance);
}

function logChoose(n: number, k: number): number {
  return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}

function logFactorial(n: number): number {
  let sum = 0;
  for (let k = 2; k <= n; k += 1) sum += Math.log(k);
  return sum;
}
