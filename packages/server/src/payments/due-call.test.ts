// Goal: a call that was wished for is made only while it still serves something, and a charge never twice.
// Method: tables; a product that charges at once and one that does not, at channels that take a number again and that do not.
import { expect, test } from 'vitest';
import type { PayRules } from '../channels/contract/index.ts';
import type { Instant } from '../kernel/index.ts';
import type { AttemptState } from './attempt.ts';
import { isAsked, isNeedless, isWaitedFor, mayHaveLeft } from './due-call.ts';
import type { PayOperation } from './due-call.ts';

const rules = (resendIsSafe: boolean) =>
  ({ resendIsSafe, products: { code: {}, barcode: { codePayment: {} } } }) as unknown as PayRules;
const attempt = (state: AttemptState, product: string, closeFrom = false) => ({
  ...{ state, product },
  ...(closeFrom ? { closeFrom: 1 as Instant } : {}),
});

test.each([
  ['pay.submit', 'submitting', 'barcode', false, true],
  ['pay.submit', 'trade_open', 'barcode', true, false],
  ['pay.submit', 'in_doubt', 'barcode', true, false],
  ['pay.submit', 'trade_open', 'code', true, true],
  ['pay.submit', 'trade_open', 'code', false, false],
  ['pay.submit', 'closing', 'code', true, false],
  ['pay.query', 'closed', 'code', true, true],
  ['pay.query', 'succeeded', 'code', true, false],
  ['pay.close', 'succeeded', 'code', true, false],
  ['pay.close', 'closing', 'code', true, true],
] as const satisfies readonly (readonly [PayOperation, AttemptState, string, boolean, boolean])[])(
  '%s of %s, %s, number again %s: %s',
  (operation, state, product, isSafe, expected) => {
    expect(isWaitedFor(operation, attempt(state, product), rules(isSafe))).toBe(expected);
  },
);

test('a success whose cancel is in doubt is asked about, and not cancelled', () => {
  const cancelled = attempt('succeeded', 'barcode', true);
  expect(isWaitedFor('pay.query', cancelled, rules(true))).toBe(true);
  expect([isNeedless('pay.query', cancelled), isNeedless('pay.cancel', cancelled)]).toEqual([false, true]);
  expect([isAsked('pay.query', cancelled), isAsked('pay.cancel', cancelled)]).toEqual([false, true]);
});

test.each([
  [1, {}, false],
  [2, {}, true],
  [2, { unsent: 1 }, false],
  [3, { unsent: 1 }, true],
])('try %d after %j may follow one that left: %s', (nextTry, payload, expected) => {
  expect(mayHaveLeft({ payload }, nextTry)).toBe(expected);
});
