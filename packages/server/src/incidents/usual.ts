import { days, minutes } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import type { Cohort, Wait } from './rules.ts';

/**
 * Six classes of four hours, Beijing time, weekdays and weekends together: receipts are made by machines, whose nights differ from their
 * days more than their Sundays from their Mondays; and a group of one in five minutes fills a class with 670 in a fortnight, where finer
 * classes would hold too few to tell 1 % from 3 %.
 */
export const hourClassHours = 4;
export const shanghaiOffsetHours = 8;

export function hourClassOf(at: Instant): number {
  const hour = Math.floor(at / 3_600_000) + shanghaiOffsetHours;
  return Math.floor((hour % 24) / hourClassHours);
}

export const usualForMs = days(14);

/**
 * A cohort is counted five minutes after it has aged: then it has been asked, and the share is that of the middle of the rule's window,
 * with which it will be compared.
 */
const countedAfterMinutes = 5;
/** After a pause only the last quarter of an hour is counted: what is older had more time for its receipts. */
const countedAtMostMs = minutes(15);

/** Cohorts that come of age for the baseline between two looks. */
export function finishedCohorts(cohorts: readonly Cohort[], wait: Wait, before: Instant, now: Instant): Cohort[] {
  const ageMs = minutes(wait + countedAfterMinutes + 1);
  const from = Math.max(before, now - countedAtMostMs) - ageMs;
  return cohorts.filter(({ minute }) => minute > from && minute <= now - ageMs);
}

/** How far back a look needs cohorts for this. */
export const cohortsNeededMs = minutes(60 + countedAfterMinutes + 2) + countedAtMostMs;

/** Before there is a history the share is small rather than nothing. */
export function usualShare({ asked, found }: { readonly asked: number; readonly found: number }): number {
  return (found + 0.5) / (asked + 100);
}
