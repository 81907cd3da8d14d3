import { expect, test } from 'vitest';
import { RateLimit } from './rate-limit.ts';

test('a key may send a burst, then keeps its pace, and does not slow another one', () => {
  const limit = new RateLimit({ burst: 3, perSecond: 2 });
  expect([0, 0, 0, 0].map(() => limit.take('a', 1000))).toEqual([0, 0, 0, 1]);
  expect(limit.take('b', 1000)).toBe(0);
  expect(limit.take('a', 1400)).toBe(1);
  expect(limit.take('a', 1500)).toBe(0);
  expect(limit.take('a', 1500)).toBe(1);
  expect([0, 0, 0, 0].map(() => limit.take('a', 9999))).toEqual([0, 0, 0, 1]);
});

test('many keys make it forget the one that was quiet longest, not grow', () => {
  const limit = new RateLimit({ burst: 1, perSecond: 0.001 });
  limit.take('quiet', 0);
  for (let n = 0; n < 10_000; n += 1) limit.take(`k${n}`, 0);
  expect(limit.take('k9999', 0)).toBeGreaterThan(0);
  expect(limit.take('quiet', 0)).toBe(0);
});
