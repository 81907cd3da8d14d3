import { minutes, plus } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import type { Cohort, Wait } from './rules.ts';

export type Onset = {
  readonly at: Instant;
  /** The true first minute lies at most this far from `at`, unless chance was unkind (two units of log likelihood). */
  readonly withinMinutes: number;
  readonly lastAffectedAt: Instant;
};

const clamp = (share: number): number => Math.min(0.995, Math.max(0.005, share));
const doubtful = 2;

/**
 * Where in the curve of cohorts the usual share ends and the trouble begins: the minute from which on the trouble's share explains the
 * rest better than the usual one does.
 * @param cohorts newest first; undefined when none of them is silent.
 */
export function findOnset(cohorts: readonly Cohort[], wait: Wait, usual: number, now: Instant): Onset | undefined {
  const aged = cohorts.filter(({ minute }) => plus(minute, minutes(wait + 1)) <= now);
  const [lastAffected] = aged.filter(({ silent }) => silent > 0);
  if (!lastAffected) return undefined;
  const share = shareOf(newestUntilFive(aged));
  const first = bestStart(aged, usual, share);
  const second = bestStart(aged, usual, shareOf(aged.slice(0, first.index + 1)));
  const best = aged[second.index] ?? lastAffected;
  const spread = second.doubtful.map((index) => Math.abs((aged[index] ?? best).minute - best.minute));
  const withinMinutes = Math.max(1, Math.round(Math.max(0, ...spread) / minutes(1)));
  return { at: best.minute, withinMinutes, lastAffectedAt: lastAffected.minute };
}

/** The newest cohorts until five silent ones are among them: what the trouble looks like while it lasts. */
function newestUntilFive(aged: readonly Cohort[]): readonly Cohort[] {
  let silent = 0;
  const end = aged.findIndex((cohort) => (silent += cohort.silent) >= 5);
  return end < 0 ? aged : aged.slice(0, end + 1);
}

function shareOf(cohorts: readonly Cohort[]): number {
  const asked = cohorts.reduce((sum, cohort) => sum + cohort.asked, 0);
  const silent = cohorts.reduce((sum, cohort) => sum + cohort.silent, 0);
  return asked === 0 ? 0 : silent / asked;
}

/** Going back in time, the sum of what each cohort says for the trouble against the usual; where it is largest, the trouble began. */
function bestStart(
  aged: readonly Cohort[],
  usual: number,
  trouble: number,
): { readonly index: number; readonly doubtful: readonly number[] } {
  const [p, q] = [clamp(Math.max(trouble, usual * 1.5)), clamp(usual)];
  const sums: number[] = [];
  let sum = 0;
  for (const { asked, silent } of aged) {
    sum += silent * Math.log(p / q) + (asked - silent) * Math.log((1 - p) / (1 - q));
    sums.push(sum);
  }
  const best = Math.max(...sums);
  const near = sums.flatMap((one, index) => (one >= best - doubtful && (aged[index]?.silent ?? 0) > 0 ? [index] : []));
  return { index: sums.indexOf(best), doubtful: near };
}
