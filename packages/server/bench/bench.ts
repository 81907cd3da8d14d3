import type { BenchServer } from './server.ts';

/** The middle and the ends of what several rounds gave. */
export type Spread = { readonly median: number; readonly low: number; readonly high: number };

/** What a ratio must reach. Absent in a figure: it is shown and nobody judges it. */
export type Target = { readonly atLeast: number } | { readonly atMost: number };

/** One comparison. Both sides ran in the same rounds of the same run, so that the machine's speed falls out of the ratio. */
export type Figure = {
  readonly bench: string;
  readonly measure: string;
  readonly against: string;
  readonly unit: string;
  readonly subject: Spread;
  readonly baseline: Spread;
  /** Subject ÷ baseline, round by round. */
  readonly ratio: Spread;
  readonly rounds: number;
  readonly target?: Target;
  readonly verdict: Verdict;
};

export type Verdict = 'pass' | 'FAIL' | 'shown';

/** Figures of this machine that explain the ratios, such as cost by size. Cells are text already. */
export type Table = {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
};

export type BenchResult = { readonly figures: readonly Figure[]; readonly tables: readonly Table[] };

export type BenchContext = {
  /** Smallest sizes and one round: proves that a bench works, and nothing about speed. */
  readonly quick: boolean;
  /** Started by the first bench that asks for it. */
  readonly server: () => Promise<BenchServer>;
  readonly tell: (line: string) => void;
};

export type Bench = {
  readonly name: string;
  readonly says: string;
  readonly run: (context: BenchContext) => Promise<BenchResult>;
};

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
  return { median, low: sorted[0] ?? NaN, high: sorted.at(-1) ?? NaN };
}

export function verdictOf(ratio: number, target: Target | undefined): Verdict {
  if (target === undefined) return 'shown';
  const reached = 'atLeast' in target ? ratio >= target.atLeast : ratio <= target.atMost;
  return reached ? 'pass' : 'FAIL';
}

type Named = Pick<Figure, 'bench' | 'measure' | 'against' | 'unit'> & { readonly target?: Target };

/** Makes the figure of pairs that were measured side by side. */
export function figureOf(
  named: Named,
  pairs: readonly { readonly subject: number; readonly baseline: number }[],
): Figure {
  const ratio = spreadOf(pairs.map(({ subject, baseline }) => subject / baseline));
  return {
    ...named,
    subject: spreadOf(pairs.map((pair) => pair.subject)),
    baseline: spreadOf(pairs.map((pair) => pair.baseline)),
    ratio,
    rounds: pairs.length,
    verdict: verdictOf(ratio.median, named.target),
  };
}

/** Runs things by turns, each round beginning with another one, so that a disturbance meets all of them. */
export async function byTurns<T, R>(
  rounds: number,
  things: readonly T[],
  run: (thing: T, round: number) => Promise<R>,
): Promise<R[][]> {
  const results: R[][] = [];
  for (let round = 0; round < rounds; round += 1) {
    const row: R[] = new Array<R>(things.length);
    for (let step = 0; step < things.length; step += 1) {
      const index = (step + round) % things.length;
      const thing = things[index];
      if (thing !== undefined) row[index] = await run(thing, round);
    }
    results.push(row);
  }
  return results;
}

/** Wall seconds of some work. */
export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

/** `amount` with three digits that count, grouped: 12,300 · 4.56 · 0.0123. */
export function shortText(amount: number): string {
  if (!Number.isFinite(amount)) return '–';
  const digits = { maximumSignificantDigits: 3, useGrouping: true } as const;
  return new Intl.NumberFormat('en', digits).format(amount);
}
