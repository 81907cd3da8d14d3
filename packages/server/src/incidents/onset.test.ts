import { expect, test } from 'vitest';
import { minutes, plus } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { findOnset } from './onset.ts';

const now = minutes(1000) as Instant;
const curve = (silentOf: (age: number) => number, asked = 20) =>
  Array.from({ length: 60 }, (_, index) => ({
    minute: plus(now, -minutes(index + 1)),
    asked,
    silent: silentOf(index + 1),
  }));

test('everything silent from one minute on: that minute, within one', () => {
  const onset = findOnset(
    curve((age) => (age <= 14 ? 20 : 0)),
    10,
    0.01,
    now,
  );
  expect(onset).toEqual({ at: plus(now, -minutes(14)), withinMinutes: 1, lastAffectedAt: plus(now, -minutes(11)) });
});

test('single late receipts before it do not move the onset', () => {
  const onset = findOnset(
    curve((age) => (age <= 14 ? 20 : age % 10 === 0 ? 1 : 0)),
    10,
    0.01,
    now,
  );
  expect(onset?.at).toBe(plus(now, -minutes(14)));
});

test('a loss of one in ten is found within its own uncertainty', () => {
  const onset = findOnset(
    curve((age) => (age <= 40 && age % 2 === 0 ? 4 : 0)),
    10,
    0.01,
    now,
  );
  expect(Math.abs((onset?.at ?? 0) - plus(now, -minutes(40)))).toBeLessThanOrEqual(minutes(onset?.withinMinutes ?? 0));
});

test('nothing silent has no onset', () => {
  expect(
    findOnset(
      curve(() => 0),
      10,
      0.01,
      now,
    ),
  ).toBeUndefined();
});
