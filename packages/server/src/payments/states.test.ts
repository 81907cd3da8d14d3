// Goal: every state answers every voice, the settled ones never change, and the table as a whole is what people agreed to.
// Method: all pairs of state and voice; the changes as text.
import { expect, test } from 'vitest';
import { attemptStates, attemptTable, isOpenAttempt } from './attempt.ts';
import { paymentStates, paymentTable } from './payment.ts';
import { refundStates, refundTable } from './refund.ts';
import type { StateTable } from './state-table.ts';
import { stateTable } from './state-table.ts';
import { surplusStates, surplusTable } from './surplus.ts';

const outcomes = ['succeeded', 'accepted', 'rejected', 'in_doubt'];

type Voices = Readonly<Record<string, readonly string[]>>;

function changes<State extends string>(
  table: StateTable<State, string>,
  states: readonly State[],
  voices: Voices,
): string[] {
  return Object.entries(voices).flatMap(([source, words]) =>
    words.flatMap((told) =>
      states.flatMap((state) => {
        const { becomes } = table.step(state, source, told);
        return becomes === state ? [] : [`${source} ${told}: ${state} → ${becomes}`];
      }),
    ),
  );
}

test('attempts: only what is listed changes a state, and a settled one never changes', () => {
  const voices = { answer: outcomes, close_answer: outcomes, obs: outcomes, command: ['close'] };
  const found = changes(attemptTable, attemptStates, voices);
  for (const line of found) {
    const from = attemptStates.find((state) => line.includes(`: ${state} →`));
    expect(from && isOpenAttempt(from), line).toBe(true);
  }
  expect(found).toMatchInlineSnapshot(`
    [
      "answer succeeded: created → succeeded",
      "answer succeeded: submitting → succeeded",
      "answer succeeded: cashier_open → succeeded",
      "answer succeeded: trade_open → succeeded",
      "answer succeeded: in_doubt → succeeded",
      "answer succeeded: closing → succeeded",
      "answer accepted: submitting → cashier_open",
      "answer accepted: cashier_open → trade_open",
      "answer accepted: in_doubt → trade_open",
      "answer rejected: submitting → rejected",
      "answer rejected: cashier_open → closed",
      "answer rejected: trade_open → closed",
      "answer rejected: in_doubt → rejected",
      "answer rejected: closing → closed",
      "answer in_doubt: submitting → in_doubt",
      "close_answer succeeded: closing → closed",
      "obs succeeded: created → succeeded",
      "obs succeeded: submitting → succeeded",
      "obs succeeded: cashier_open → succeeded",
      "obs succeeded: trade_open → succeeded",
      "obs succeeded: in_doubt → succeeded",
      "obs succeeded: closing → succeeded",
      "obs accepted: submitting → trade_open",
      "obs accepted: cashier_open → trade_open",
      "obs accepted: in_doubt → trade_open",
      "obs rejected: submitting → rejected",
      "obs rejected: cashier_open → closed",
      "obs rejected: trade_open → closed",
      "obs rejected: in_doubt → rejected",
      "obs rejected: closing → closed",
      "command close: created → closed",
      "command close: submitting → closing",
      "command close: cashier_open → closing",
      "command close: trade_open → closing",
      "command close: in_doubt → closing",
    ]
  `);
});

test('nothing but a success makes an attempt succeeded, and no doubt ends one', () => {
  for (const state of attemptStates)
    for (const source of ['answer', 'close_answer', 'obs']) {
      expect(attemptTable.step(state, source, 'in_doubt').becomes === state || state === 'submitting').toBe(true);
      if (state === 'succeeded') continue;
      for (const told of ['accepted', 'rejected', 'in_doubt'])
        expect(attemptTable.step(state, source, told).becomes).not.toBe('succeeded');
    }
});

test('payments: paid and closed are final; a success while closing wins', () => {
  const voices = {
    obs: ['attempt_succeeded', 'attempt_unpaid', 'last_attempt_unpaid', 'doubt_deadline'],
    command: ['cancel_by_shop', 'deadline'],
  };
  expect(changes(paymentTable, paymentStates, voices)).toMatchInlineSnapshot(`
    [
      "obs attempt_succeeded: open → paid",
      "obs attempt_succeeded: closing → paid",
      "obs last_attempt_unpaid: closing → closed",
      "command cancel_by_shop: open → closing",
      "command deadline: open → closing",
    ]
  `);
});

test('refunds: the number is kept until a definite answer', () => {
  const voices = {
    answer: [...outcomes, 'funds_short'],
    obs: [...outcomes, 'abnormal', 'bounced'],
    command: ['approve', 'withdraw', 'topped_up'],
  };
  expect(changes(refundTable, refundStates, voices)).toMatchInlineSnapshot(`
    [
      "answer succeeded: created → refunded",
      "answer succeeded: awaiting_approval → refunded",
      "answer succeeded: waiting_funds → refunded",
      "answer succeeded: submitting → refunded",
      "answer succeeded: processing → refunded",
      "answer succeeded: in_doubt → refunded",
      "answer succeeded: abnormal → refunded",
      "answer accepted: waiting_funds → processing",
      "answer accepted: submitting → processing",
      "answer accepted: in_doubt → processing",
      "answer accepted: abnormal → processing",
      "answer rejected: waiting_funds → failed",
      "answer rejected: submitting → failed",
      "answer rejected: processing → failed",
      "answer rejected: in_doubt → failed",
      "answer rejected: abnormal → failed",
      "answer in_doubt: submitting → in_doubt",
      "answer funds_short: submitting → waiting_funds",
      "answer funds_short: processing → waiting_funds",
      "answer funds_short: in_doubt → waiting_funds",
      "obs succeeded: created → refunded",
      "obs succeeded: awaiting_approval → refunded",
      "obs succeeded: waiting_funds → refunded",
      "obs succeeded: submitting → refunded",
      "obs succeeded: processing → refunded",
      "obs succeeded: in_doubt → refunded",
      "obs succeeded: abnormal → refunded",
      "obs accepted: waiting_funds → processing",
      "obs accepted: submitting → processing",
      "obs accepted: in_doubt → processing",
      "obs accepted: abnormal → processing",
      "obs rejected: waiting_funds → failed",
      "obs rejected: submitting → failed",
      "obs rejected: processing → failed",
      "obs rejected: in_doubt → failed",
      "obs rejected: abnormal → failed",
      "obs in_doubt: submitting → in_doubt",
      "obs abnormal: waiting_funds → abnormal",
      "obs abnormal: submitting → abnormal",
      "obs abnormal: processing → abnormal",
      "obs abnormal: in_doubt → abnormal",
      "command approve: awaiting_approval → submitting",
      "command withdraw: awaiting_approval → cancelled",
      "command withdraw: waiting_funds → cancelled",
      "command topped_up: waiting_funds → submitting",
    ]
  `);
});

test('surplus receipts: held until policy, people or the shop decide', () => {
  const voices = {
    command: ['policy_refund', 'person_refund', 'person_keep', 'person_credit', 'shop_adopt'],
    obs: ['refund_refunded', 'refund_failed', 'refund_in_doubt'],
  };
  expect(changes(surplusTable, surplusStates, voices)).toMatchInlineSnapshot(`
    [
      "command policy_refund: held → refunding",
      "command person_refund: held → refunding",
      "command person_keep: held → kept",
      "command person_credit: held → credited",
      "command shop_adopt: held → adopted",
      "obs refund_refunded: refunding → returned",
      "obs refund_failed: refunding → held",
    ]
  `);
});

test('a table names no state or effect that it does not have', () => {
  expect(() => stateTable(['a'], ['e'], 'b obs told a e')).toThrow('b is no state');
  expect(() => stateTable(['a'], ['e'], 'a obs told a f')).toThrow('f is no effect');
  expect(() => stateTable(['a'], ['e'], 'a obs told')).toThrow('lacks columns');
  expect(() => stateTable(['a'], ['e'], 'a obs told same -').step('a', 'command', 'told')).toThrow('nothing says');
});
