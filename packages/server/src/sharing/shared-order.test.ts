// Goal: what a receiver still has, and which payment an order was settled by, follow from all that happened to the order.
// Method: orders as values.
import { expect, test } from 'vitest';
import { CNY } from '../kernel/index.ts';
import type { Order } from '../payments/index.ts';
import type { SharePart } from './share.ts';
import { leftOf, paidPayment, settledAttempt } from './shared-order.ts';
import type { SharedOrder } from './shared-order.ts';

const part = { id: 'A', state: 'succeeded', amount: { minor: 1500n, currency: CNY } } as SharePart;

function after(...refunds: readonly { readonly state: string; readonly minor: bigint; readonly late?: boolean }[]) {
  const all = refunds.map(({ state, minor, late = false }) => {
    return { state, partsBack: [{ part: 'A', minor }], ...(late ? { refundedAt: 1 } : {}) };
  });
  const shared = { order: { refunds: all }, shares: [], returns: [] } as unknown as SharedOrder;
  return leftOf(shared, part);
}

test('a refund takes its parts back unless it failed, and also when it failed and was carried out after all', () => {
  expect(after({ state: 'submitting', minor: 500n })).toBe(1000n);
  expect(after({ state: 'failed', minor: 500n }, { state: 'cancelled', minor: 500n })).toBe(1500n);
  expect(after({ state: 'failed', minor: 500n, late: true })).toBe(1000n);
});

test('what was taken back twice leaves nothing, and never less', () => {
  expect(after({ state: 'failed', minor: 1500n, late: true }, { state: 'refunded', minor: 1500n })).toBe(0n);
});

test('late money that was adopted settled the payment that was born of it, not the closed one', () => {
  const attempt = { id: 'a', paymentId: 'closed' };
  const payments = [
    { id: 'closed', state: 'closed' },
    { id: 'born', state: 'paid', settledBy: 'a' },
  ];
  const order = { payments, attempts: [attempt] } as unknown as Order;
  expect([paidPayment(order)?.id, settledAttempt(order)?.id]).toEqual(['born', 'a']);
  expect(settledAttempt(order, 'born')?.id).toBe('a');
  expect(settledAttempt(order, 'closed')).toBeUndefined();
});
