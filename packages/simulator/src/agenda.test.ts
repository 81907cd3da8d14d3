import { expect, test } from 'vitest';
import { Agenda } from './agenda.ts';

test('everything runs at its own time, equal times in order of entry, also what is added on the way', () => {
  const agenda = new Agenda();
  const ran: [number, number][] = [];
  let random = 7;
  for (let n = 0; n < 500; n += 1) {
    random = (random * 48_271) % 2_147_483_647;
    agenda.add(random % 50, (at) => {
      ran.push([at, n]);
      if (n < 100) agenda.add(at + (n % 3), (later) => ran.push([later, 1_000 + n]));
    });
  }
  agenda.runUntil(24);
  expect(ran.every(([at]) => at <= 24)).toBe(true);
  expect(agenda.nextDueMs).toBe(25);
  agenda.runUntil(100);
  expect(ran).toHaveLength(600);
  expect(ran).toEqual(ran.toSorted(([a, n], [b, m]) => a - b || (n < 1_000 && m < 1_000 ? n - m : 0)));
  expect(agenda.nextDueMs).toBeUndefined();
});
