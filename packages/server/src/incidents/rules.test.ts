import { expect, test } from 'vitest';
import { minutes, plus } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import {
  isBacklog,
  isOverdue,
  isQuiet,
  isRefusalBurst,
  isReportedMissing,
  isSilence,
  isSuccession,
  isUnwell,
  thresholdOf,
  windowOf,
} from './rules.ts';
import type { Cohort } from './rules.ts';

const now = minutes(1000) as Instant;

/** Newest first: minutes of age, how many can be judged, how many of them are silent. */
const cohorts = (...list: readonly (readonly [age: number, asked: number, silent: number])[]): Cohort[] =>
  list.map(([age, asked, silent]) => ({ minute: plus(now, -minutes(age)), asked, silent }));

test('the window holds the last fifteen minutes of aged cohorts, or forty where those are fewer', () => {
  const busy = Array.from({ length: 60 }, (_, index) => [index + 1, 10, 1] as const);
  expect(windowOf(cohorts(...busy), 10, now)).toEqual({ of: 150, hits: 15 });
  const slow = Array.from({ length: 60 }, (_, index) => [index * 5 + 1, 1, 0] as const);
  expect(windowOf(cohorts(...slow), 10, now)).toEqual({ of: 40, hits: 0 });
});

test('what is not ten minutes old yet, or older than six hours, is in no window', () => {
  expect(windowOf(cohorts([1, 50, 50], [10, 50, 50], [11, 3, 1], [369, 4, 2], [372, 50, 50]), 10, now)).toEqual({
    of: 7,
    hits: 3,
  });
});

const verdicts = `
  asked silent usual  overdue
      7      7 0      no       fewer than eight prove nothing
      8      4 0      no       nor do fewer than five silent ones
      8      5 0      yes
     40      4 0      no
     40      5 0.012  yes
    420     25 0.012  no
    420     36 0.012  yes
    420     36 0.05   no       what is usual is no alarm
`;
test.each(
  verdicts
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/)),
)('of %s asked %s are silent, usually %s: overdue %s', (asked, silent, usual, verdict) => {
  const one = cohorts([12, Number(asked), Number(silent)]);
  expect(isOverdue(one, Number(usual), now)).toBe(verdict === 'yes');
});

test('only two minutes in succession raise the alarm', () => {
  expect(isSuccession(undefined, now)).toBe(false);
  expect(isSuccession(now, now)).toBe(false);
  expect(isSuccession(plus(now, -minutes(1)), now)).toBe(true);
  expect(isSuccession(plus(now, -minutes(2)), now)).toBe(false);
});

test('the threshold is three times the usual share, at least three points above it', () => {
  expect(thresholdOf(0)).toBeCloseTo(0.035);
  expect(thresholdOf(0.012)).toBeCloseTo(0.042);
  expect(thresholdOf(0.05)).toBeCloseTo(0.15);
});

test('a window that holds nothing is not quiet', () => {
  expect(isQuiet({ hits: 0, of: 0 }, 0)).toBe(false);
  expect(isQuiet({ hits: 0, of: 8 }, 0)).toBe(true);
  expect(isQuiet({ hits: 1, of: 8 }, 0)).toBe(false);
});

test('three reports of missing records within ten minutes are an incident; one is after a week without', () => {
  const told = [
    [1, 0],
    [1, 1],
    [2, 5],
    [3, 5],
    [0, 0],
  ] as const;
  expect(told.map(([recent, earlier]) => isReportedMissing({ recent, earlier }))).toEqual([
    true,
    false,
    false,
    true,
    false,
  ]);
});

test('a refusal bursts at five times its usual share and five cases', () => {
  expect(isRefusalBurst({ hits: 4, of: 8 }, 0)).toBe(false);
  expect(isRefusalBurst({ hits: 5, of: 900 }, 0)).toBe(true);
  expect(isRefusalBurst({ hits: 5, of: 1000 }, 0)).toBe(false);
  expect(isRefusalBurst({ hits: 5, of: 40 }, 0.03)).toBe(false);
});

test('silence is twenty receipts to be expected within ten minutes and none that came', () => {
  const silent = Array.from({ length: 10 }, (_, index) => [index + 3, 3, 3] as const);
  expect(isSilence(cohorts(...silent), 2, 0.1, now)).toBe(true);
  expect(isSilence(cohorts(...silent), 2, 0.5, now)).toBe(false);
  expect(isSilence(cohorts([3, 3, 2], ...silent.slice(1)), 2, 0.1, now)).toBe(false);
  expect(isSilence(cohorts([30, 100, 100]), 2, 0.1, now)).toBe(false);
  expect(isSilence(cohorts([3, 100, 100], [4, 100, 100]), 2, 0.1, now)).toBe(false);
});

test('a channel is unwell above one failed call in twenty, of twenty', () => {
  expect(isUnwell({ hits: 19, of: 19 })).toBe(false);
  expect(isUnwell({ hits: 1, of: 20 })).toBe(false);
  expect(isUnwell({ hits: 2, of: 20 })).toBe(true);
});

test('our own backlog is more than fifty late ones, or one that is five minutes late', () => {
  expect(isBacklog({ late: 50, oldestMs: minutes(5) })).toBe(false);
  expect(isBacklog({ late: 51, oldestMs: minutes(2) })).toBe(true);
  expect(isBacklog({ late: 1, oldestMs: minutes(6) })).toBe(true);
});
