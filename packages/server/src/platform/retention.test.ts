import { expect, test } from 'vitest';
import { days, plus } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { cutOff, decideTerm, termAt } from './retention.ts';
import type { OwnTerm } from './retention.ts';
import { retentionClasses, retentionClassNames } from './retention.data.ts';

const now = Date.parse('2026-11-22T01:30:00+08:00') as Instant;
const term = (days: number, validFrom: Instant): OwnTerm => ({ class: 'audit', days, validFrom, decidedBy: 'chen' });

test('the newest own term that has begun counts, and none lets go of anything before its minimum', () => {
  expect(termAt('audit', [], now)).toBe(1826);
  const own = [term(400, plus(now, -days(9))), term(300, plus(now, -days(2))), term(200, plus(now, days(1)))];
  expect(termAt('audit', own, plus(now, -days(5)))).toBe(400);
  expect(termAt('audit', own, now)).toBe(300);
  expect(termAt('audit', own, plus(now, days(1)))).toBe(200);
  expect(termAt('cases', own, now)).toBe(1826);
  expect(termAt('audit', [term(3, now)], now)).toBe(184);
});

test('the cut is a whole day in Beijing', () => {
  expect(new Date(cutOff(7, now)).toISOString()).toBe('2026-11-14T16:00:00.000Z');
});

test('a term below the minimum is refused, a shorter one begins after a week, a longer one at once', () => {
  expect(decideTerm('exchanges', 1095, [], now)).toMatchObject({ refusal: { code: 'retention.below_minimum' } });
  expect(decideTerm('exchanges', 1096, [], now)).toMatchObject({
    value: { before: 1826, validFrom: plus(now, days(7)) },
  });
  expect(decideTerm('exchanges', 4000, [], now)).toMatchObject({ value: { validFrom: now } });
  expect(decideTerm('toString', 4000, [], now)).toMatchObject({ refusal: { code: 'retention.unknown_class' } });
  for (const odd of [1.5, NaN, 1e9]) expect(decideTerm('audit', odd, [], now).ok).toBe(false);
});

test('no class is kept for less than its minimum, and trade records for three years whatever leap day there is', () => {
  for (const name of retentionClassNames) {
    const { days: usual, minimumDays } = retentionClasses[name];
    expect(usual, name).toBeGreaterThanOrEqual(minimumDays);
  }
  for (const name of ['records', 'exchanges', 'reports', 'plans', 'packs', 'approvals', 'cases'] as const)
    expect(retentionClasses[name].minimumDays, name).toBeGreaterThanOrEqual(1096);
});
