import { expect, test } from 'vitest';
import { saidWords } from './story-heard.texts.ts';
import type { Said } from './story-heard.texts.ts';
import { amountText, attemptName } from './story.texts.ts';
import { CNY } from '../kernel/index.ts';
import type { Currency } from '../kernel/index.ts';

const nothing: Said = {
  ...{ kind: 'in_doubt', by: 'query', isRefund: false, amount: '', tradeNo: '', payer: '', status: '', action: '' },
  ...{ code: '', text: '', why: '', isAbsent: false, disputed: '' },
};

test.each<[Partial<Said>, string]>([
  [
    { kind: 'succeeded', amount: '¥1.00', tradeNo: '77', payer: '159****5620' },
    'asked: paid ¥1.00, trade 77, payer 159****5620',
  ],
  [
    { kind: 'succeeded', amount: '¥1.00', disputed: '9.99 CNY' },
    'asked: the channel speaks of another amount, "9.99 CNY": nothing booked',
  ],
  [{ kind: 'accepted', status: 'WAIT_BUYER_PAY' }, 'asked: the trade exists, not paid: "WAIT_BUYER_PAY"'],
  [{ kind: 'accepted', isRefund: true }, 'asked: taken by the channel'],
  [{ kind: 'succeeded', isRefund: true, amount: '¥1.00', by: 'answer' }, 'answer: gave back ¥1.00'],
  [{ kind: 'rejected', code: 'TRADE_CLOSED', text: 'TRADE_CLOSED' }, 'asked: certainly not paid: "TRADE_CLOSED"'],
  [{ kind: 'rejected', by: 'answer', code: 'ACQ.X', text: 'no' }, 'answer: refused by the channel: "ACQ.X no"'],
  [{ kind: 'rejected', isRefund: true, code: 'ACQ.Y', text: '' }, 'asked: refused by the channel: "ACQ.Y"'],
  [{ isAbsent: true, why: 'not found' }, 'asked: the channel does not know the number, which proves nothing yet'],
  [{ by: 'us', why: 'our process ended' }, 'our conclusion: the result is unknown: "our process ended"'],
  [{ by: 'close', kind: 'succeeded', action: 'closed' }, 'answer to the close: closed'],
  [
    { by: 'close', kind: 'succeeded', action: 'refunded' },
    'answer to the close: closed, and the money went back to the payer',
  ],
  [{ by: 'close', kind: 'succeeded', action: 'none' }, 'answer to the close: there was nothing to close'],
])('what was said is worded for what it is worth: %o', (said, words) => {
  const told = saidWords(attemptName(1), { ...nothing, ...said });
  expect(told.en).toBe(`attempt 1, ${words}`);
  expect(told.zh).toMatch(/^流水 1 /);
  if (said.kind !== 'succeeded' || said.disputed) expect(told.zh).not.toMatch(/已付 ¥|已退 ¥/);
});

test('amounts carry their sign before the currency', () => {
  expect(amountText({ minor: -60n, currency: CNY })).toBe('-¥0.60');
  expect(amountText({ minor: 123_456_789n, currency: CNY })).toBe('¥1,234,567.89');
  expect(amountText({ minor: 1200n, currency: 'JPY' as Currency })).toBe('JPY 1,200');
});
