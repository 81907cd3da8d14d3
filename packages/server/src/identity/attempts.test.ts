import { expect, test } from 'vitest';
import { minutes } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { LoginAttempts } from './attempts.ts';

const at = (ms: number) => ms as Instant;
const visit = { door: 'api', ip: '192.0.2.1' } as const;

test('the tenth failure within ten minutes closes the door for this address, until the oldest is ten minutes old', () => {
  const attempts = new LoginAttempts();
  for (let n = 0; n < 10; n++) {
    expect(attempts.admit(visit, at(n * 1000)).ok).toBe(true);
    attempts.failed(visit, at(n * 1000));
  }
  expect(attempts.admit(visit, at(10_000))).toMatchObject({
    refusal: { code: 'auth.too_many_attempts', params: { notBefore: minutes(10) } },
  });
  expect(attempts.admit({ ...visit, ip: '192.0.2.2' }, at(10_000)).ok).toBe(true);
  expect(attempts.admit({ ...visit, door: 'console' }, at(10_000)).ok).toBe(true);
  expect(attempts.admit(visit, at(minutes(10) - 1)).ok).toBe(false);
  expect(attempts.admit(visit, at(minutes(10))).ok).toBe(true);
});

test('many addresses make it forget the oldest, not grow', () => {
  const attempts = new LoginAttempts();
  for (let n = 0; n < 10; n++) attempts.failed(visit, at(0));
  for (let n = 0; n < 9_999; n++) attempts.failed({ door: 'api', ip: `old-${n}` }, at(0));
  expect(attempts.admit(visit, at(1)).ok).toBe(false);
  attempts.failed({ door: 'api', ip: 'one more' }, at(0));
  expect(attempts.admit(visit, at(1)).ok).toBe(true);
});
