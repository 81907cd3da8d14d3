import { expect, test } from 'vitest';
import type { Instant } from '../kernel/index.ts';
import { createIds, seededRandomBytes, systemRandomBytes } from './ids.ts';

const at = 1_645_557_742_000 as Instant;

test('an id has the layout of RFC 9562, version 7', () => {
  // RFC 9562 appendix A.6 uses this moment: 017F22E2-79B0-7…
  const id = createIds({ now: () => at }, systemRandomBytes).next();
  expect(id).toMatch(/^017f22e2-79b0-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('ids rise though the clock stands still, steps back or the counter is used up', () => {
  let now = at;
  const ids = createIds({ now: () => now }, systemRandomBytes);
  const made: string[] = [];
  for (let count = 0; count < 10_000; count++) {
    if (count === 5_000) now = (at - 60_000) as Instant;
    made.push(ids.next());
  }
  expect(made).toEqual([...made].sort());
  expect(new Set(made).size).toBe(made.length);
});

test('ids of one millisecond carry that millisecond, also when the clock has fractions', () => {
  const ids = createIds({ now: () => (at + 0.5) as Instant }, systemRandomBytes);
  for (let count = 0; count < 4096; count++) expect(ids.next().slice(0, 13)).toBe('017f22e2-79b0');
  expect(ids.next().slice(0, 13)).toBe('017f22e2-79b1');
});

test('the same seed gives the same ids, another seed others', () => {
  const take = (seed: string): string[] => {
    const ids = createIds({ now: () => at }, seededRandomBytes(seed));
    return [ids.next(), ids.next()];
  };
  expect(take('a')).toEqual(take('a'));
  expect(take('a')).not.toEqual(take('b'));
});

test('seeded bytes come in any number', () => {
  expect(seededRandomBytes('a')(100)).toHaveLength(100);
  expect(seededRandomBytes('a')(0)).toHaveLength(0);
});
