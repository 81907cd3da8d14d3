import { expect, test } from 'vitest';
import { days, hours, plus } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import type { Sent } from '../platform/transport.ts';
import { hear, pausesMs, tryAgainAt, wordsOf } from './delivery.ts';
import { eventOf } from './event.ts';

const at = Date.parse('2015-10-28T16:20:00+08:00') as Instant;
const answered = (status: number, body = ''): Sent => ({
  ...{ kind: 'answered', sentAt: at, ms: 12 },
  answer: { status, headers: {}, body: Buffer.from(body) },
});

test('only a 2xx is a delivery, only 410 means no more', () => {
  const said = [200, 201, 204, 299, 301, 302, 400, 401, 404, 410, 429, 500, 503].map((status) => [
    status,
    hear(answered(status)),
  ]);
  const wanted = [200, 201, 204, 299].map((status) => [status, 'delivered']);
  expect(said.filter(([, heard]) => heard === 'delivered')).toEqual(wanted);
  expect(said.filter(([, heard]) => heard === 'gone')).toEqual([[410, 'gone']]);
  expect(hear({ kind: 'unsent', why: 'refused' })).toBe('failed');
  expect(hear({ kind: 'silent', why: 'no answer', sentAt: at, ms: 10_000 })).toBe('failed');
});

test('ten tries in at least three days, and nothing is given up before them', () => {
  expect(pausesMs.reduce((sum, pause) => sum + pause, 0)).toBeGreaterThanOrEqual(days(3));
  expect(pausesMs.map((_, index) => tryAgainAt(index + 1, at, at))).toEqual(pausesMs.map((pause) => plus(at, pause)));
  expect(tryAgainAt(10, at, plus(at, days(3)))).toBeUndefined();
  const early = plus(at, days(3) - 1);
  expect(tryAgainAt(10, at, early)).toBe(plus(early, hours(24)));
});

test('the log keeps 500 characters of an answer, whatever its bytes', () => {
  expect(wordsOf(answered(500, '好'.repeat(600)))).toBe('好'.repeat(500));
  expect(wordsOf(answered(500, `${'a'.repeat(499)}😀`)).isWellFormed()).toBe(true);
  expect(wordsOf(answered(500, 'a\u0000b'))).toBe('ab');
  expect(wordsOf({ kind: 'unsent', why: 'connect ECONNREFUSED' })).toBe('connect ECONNREFUSED');
});

test('names leave in snake_case, and an amount beyond what JSON carries exactly does not leave at all', () => {
  const told = { merchantId: 'm', type: 'case.opened', subject: 'C-1' } as const;
  const { body } = eventOf({ ...told, data: { orderNo: 'N', rows: [{ paidAt: 'x', E3: 1 }] } }, at);
  expect(JSON.parse(body)).toMatchObject({ data: { order_no: 'N', rows: [{ paid_at: 'x', E3: 1 }] } });
  expect(() => eventOf({ ...told, data: { minor: 2n ** 53n } }, at)).toThrow('2^53');
});
