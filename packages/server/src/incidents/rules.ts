import { hours, minutes, plus, wilson, z99 } from '../kernel/index.ts';
import type { Instant, Proportion } from '../kernel/index.ts';

/** Ages in minutes at which a group's receipts are counted. The middle one is the main rule's. */
export const waits = [2, 5, 10, 30, 60] as const;
export type Wait = (typeof waits)[number];
export const mainWait: Wait = 10;

/**
 * Declarations that the channel accepted within one minute, as far as they can be judged: port or customs answered, or the channel was
 * asked at that age and knew of no answer. What nobody asked about is in neither figure: its silence is ours.
 */
export type Cohort = { readonly minute: Instant; readonly asked: number; readonly silent: number };

/**
 * Two windows of aged cohorts: the last 15 minutes or the last 40 declarations, whichever holds more, and twice that. A window of fixed
 * length misses almost every incident of groups below five a minute; the longer one shows a loss of one in ten where the shorter one
 * needs luck.
 */
const windows = [
  { ms: minutes(15), least: 40 },
  { ms: minutes(30), least: 80 },
] as const;
type Window = (typeof windows)[number];
const mainWindow: Window = windows[0];
/** Silence that is older says nothing about now. */
export const cohortsKeptMs = hours(6);

/** @param cohorts newest first. */
export function windowOf(
  cohorts: readonly Cohort[],
  wait: Wait,
  now: Instant,
  { ms, least }: Window = mainWindow,
): Proportion {
  const agedUntil = plus(now, -minutes(wait));
  let of = 0;
  let hits = 0;
  for (const { minute, asked, silent } of cohorts) {
    if (plus(minute, minutes(1)) > agedUntil) continue;
    const isRecent = minute >= plus(agedUntil, -ms);
    if ((!isRecent && of >= least) || minute < plus(agedUntil, -cohortsKeptMs)) break;
    of += asked;
    hits += silent;
  }
  return { hits, of };
}

const askedLeast = 8;
const silentLeast = 5;
/** Below this no group's usual share is believed: a fortnight without one late receipt does not make the next one an alarm. */
const usualFloor = 0.005;

/** D1: the share above which a group's silence is no chance. */
export function thresholdOf(usual: number): number {
  const share = Math.max(usual, usualFloor);
  return Math.max(3 * share, share + 0.03);
}

/** D1 at one minute. The alarm needs two minutes in succession. */
export function isOverdue(cohorts: readonly Cohort[], usual: number, now: Instant): boolean {
  return windows.some((window) => isTooMuch(windowOf(cohorts, mainWait, now, window), usual));
}

function isTooMuch(share: Proportion, usual: number): boolean {
  if (share.of < askedLeast || share.hits < silentLeast) return false;
  return wilson(share, z99).low > thresholdOf(usual);
}

/** A look may be a little late; a minute that was left out breaks the succession. */
const successionMs = minutes(2);

export function isSuccession(before: Instant | undefined, now: Instant): boolean {
  return before !== undefined && before < now && now - before < successionMs;
}

/** The share is back where it usually is: also when a window holds too little to raise an alarm, but not when it holds nothing. */
export function isQuiet(window: Proportion, usual: number): boolean {
  return window.of >= askedLeast && window.hits / window.of <= thresholdOf(usual);
}

export const missingWindowMs = minutes(10);
export const missingFreeMs = hours(7 * 24);

/** D2: customs or the port says that payment records are missing. One is enough where nobody said so for a week. */
export function isReportedMissing(missing: { readonly recent: number; readonly earlier: number }): boolean {
  return missing.recent >= 3 || (missing.recent >= 1 && missing.earlier === 0);
}

const refusedLeast = 5;
/** A code that was never seen before counts as one in a thousand. */
const refusalFloor = 0.001;

/** D3: one code of refusal among the answers of the window, far above its usual share. */
export function isRefusalBurst(refused: Proportion, usual: number): boolean {
  if (refused.hits < refusedLeast || refused.of === 0) return false;
  return refused.hits / refused.of > 5 * Math.max(usual, refusalFloor);
}

const silenceWindowMs = minutes(10);
const expectedLeast = 20;
/** Ages at which nothing at all is told from little. */
export const silenceWaits: readonly Wait[] = [2, 5, 10];

/** What can be judged must reach over most of the window: a minute in which nothing came is no silence. */
const silenceSpanMs = minutes(8);

/** D4: twenty receipts or more were to be expected within ten minutes and not one came; by chance less than once in 1e8. */
export function isSilence(cohorts: readonly Cohort[], wait: Wait, usual: number, now: Instant): boolean {
  const agedUntil = plus(now, -minutes(wait));
  const judged = cohorts.filter(
    ({ minute, asked }) =>
      asked > 0 && plus(minute, minutes(1)) <= agedUntil && minute >= plus(agedUntil, -silenceWindowMs),
  );
  const [newest, oldest] = [judged[0], judged.at(-1)];
  if (!newest || !oldest || newest.minute - oldest.minute < silenceSpanMs) return false;
  if (judged.some(({ asked, silent }) => silent < asked)) return false;
  const asked = judged.reduce((sum, cohort) => sum + cohort.asked, 0);
  return asked * (1 - Math.min(usual, 1)) >= expectedLeast;
}

export const callWindowMs = minutes(5);
/** Fewer calls prove nothing: one of ten is an accident. */
const callsLeast = 20;

/** D5: calls of one operation that ended without an answer, or with the server's own error. */
export function isUnwell(failed: Proportion): boolean {
  return failed.of >= callsLeast && failed.hits / failed.of > 0.05;
}

export type Backlog = { readonly late: number; readonly oldestMs: number };
export const lateAfterMs = minutes(1);

/** D6: what we ourselves have not sent in time. */
export function isBacklog({ late, oldestMs }: Backlog): boolean {
  return late > 50 || oldestMs > minutes(5);
}
