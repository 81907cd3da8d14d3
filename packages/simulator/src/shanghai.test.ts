import { expect, test } from 'vitest';
import { compactTime, receiptTime, spacedTime } from './shanghai.ts';

test('times are written eight hours ahead of UTC, whatever this machine’s zone', () => {
  const beforeMidnight = Date.UTC(2015, 9, 27, 15, 59, 59, 7);
  expect(spacedTime(beforeMidnight)).toBe('2015-10-27 23:59:59');
  expect(receiptTime(beforeMidnight)).toBe('20151027235959007');
  expect(compactTime(beforeMidnight + 993)).toBe('20151028000000');
  expect(spacedTime(Date.UTC(2026, 1, 28, 16, 5))).toBe('2026-03-01 00:05:00');
});
