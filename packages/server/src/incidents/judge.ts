import { minutes, plus } from '../kernel/index.ts';
import type { Instant, Proportion } from '../kernel/index.ts';
import { findOnset } from './onset.ts';
import type { Onset } from './onset.ts';
import type { RuleId } from './incident.ts';
import type { Counted, Curves, Refused, WatchedGroup } from './look-store.ts';
import {
  isOverdue,
  isQuiet,
  isRefusalBurst,
  isSilence,
  isSuccession,
  mainWait,
  silenceWaits,
  waits,
  windowOf,
} from './rules.ts';
import type { Cohort } from './rules.ts';
import { finishedCohorts, usualShare } from './usual.ts';

/** A rule that holds now, with its figures. */
export type Found = { readonly rule: RuleId; readonly figure: number; readonly of: number; readonly word: string };

/** All that a look knows of one watched group. */
export type GroupView = {
  readonly group: WatchedGroup;
  /** A place that never answers with codes says nothing by its silence. */
  readonly givesCodes: boolean;
  readonly curves: Curves;
  readonly usual: ReadonlyMap<string, Counted>;
  readonly refused: readonly Refused[];
};

export type Judged = {
  readonly group: WatchedGroup;
  readonly found: readonly Found[];
  /** The main rule holds at this minute; an alarm when it did a minute ago. */
  readonly overdue: boolean;
  /** By the shorter window: the longer one still holds what is over. */
  readonly quiet: boolean;
  readonly window: Proportion;
  readonly usual: number;
  readonly onset: Onset | undefined;
};

const nothing: Counted = { asked: 0, found: 0 };
const baselineOf = (wait: number): string => `silent_${wait}`;
const refusalOf = (code: string): string => `refusal_${code}`;

export function judgeGroup(view: GroupView, now: Instant): Judged {
  const { group, curves, givesCodes } = view;
  const usualOf = (what: string): number => usualShare(view.usual.get(what) ?? nothing);
  const usual = usualOf(baselineOf(mainWait));
  const cohorts = givesCodes ? (curves.get(mainWait) ?? []) : [];
  const window = windowOf(cohorts, mainWait, now);
  const overdue = isOverdue(cohorts, usual, now);
  const found: Found[] = [];
  if (overdue && isSuccession(group.hotAt, now))
    found.push({ rule: 'D1', figure: window.hits, of: window.of, word: '' });
  found.push(...burstsOf(view, now));
  const silent = silenceWaits.find(
    (wait) => givesCodes && isSilence(curves.get(wait) ?? [], wait, usualOf(baselineOf(wait)), now),
  );
  if (silent !== undefined) found.push({ rule: 'D4', figure: 0, of: silent, word: '' });
  return {
    ...{ group, found, overdue, window, usual },
    quiet: isQuiet(window, usual),
    onset: findOnset(cohorts, mainWait, usual, now),
  };
}

/** Refusals of the last hour by code. What customs said of the rest is in the youngest curve. */
const refusalWindowMs = minutes(60);

function burstsOf({ curves, refused, usual }: GroupView, now: Instant): Found[] {
  const from = plus(now, -refusalWindowMs);
  const cohorts = curves.get(waits[0]) ?? [];
  const of = sumOf(cohorts.filter(({ minute }) => minute >= from)).asked;
  const asked = usual.get(baselineOf(waits[0]))?.asked ?? 0;
  const byCode = Map.groupBy(
    refused.filter(({ minute }) => minute >= from),
    ({ code }) => code,
  );
  return [...byCode].flatMap(([code, own]) => {
    const hits = own.reduce((sum, { found }) => sum + found, 0);
    const before = usual.get(refusalOf(code))?.found ?? 0;
    const share = asked === 0 ? 0 : before / asked;
    return isRefusalBurst({ hits, of: Math.max(of, hits) }, share)
      ? [{ rule: 'D3' as const, figure: hits, of: Math.max(of, hits), word: code }]
      : [];
  });
}

function sumOf(cohorts: readonly Cohort[]): Cohort {
  const asked = cohorts.reduce((sum, cohort) => sum + cohort.asked, 0);
  const silent = cohorts.reduce((sum, cohort) => sum + cohort.silent, 0);
  return { minute: 0 as Instant, asked, silent };
}

export type BaselineCount = Counted & { readonly minute: Instant; readonly what: string };

/** What this look adds to the baselines of a group in which nothing is wrong. */
export function countForBaselines({ group, curves, refused }: GroupView, now: Instant): BaselineCount[] {
  const before = group.lookedAt ?? plus(now, -minutes(1));
  const counts: BaselineCount[] = waits.flatMap((wait) =>
    finishedCohorts(curves.get(wait) ?? [], wait, before, now).map(({ minute, asked, silent }) => ({
      ...{ minute, asked, found: silent },
      what: baselineOf(wait),
    })),
  );
  // Refusals take longer than receipts: they are counted with the half-hour cohorts.
  const minutesOfAge = new Set(finishedCohorts(curves.get(30) ?? [], 30, before, now).map(({ minute }) => minute));
  const refusals = refused.filter(({ minute }) => minutesOfAge.has(minute));
  return [
    ...counts,
    ...refusals.map(({ minute, code, found }) => ({ minute, what: refusalOf(code), asked: 0, found })),
  ];
}
