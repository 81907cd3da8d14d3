import type { Instant, Money } from '../kernel/index.ts';
import type { Attempt } from './attempt.ts';
import { isOpenAttempt, moneyOf } from './attempt.ts';
import type { Payment } from './payment.ts';
import type { Refund } from './refund.ts';
import type { Surplus } from './surplus.ts';

/** A merchant order with all that belongs to it. Decisions are made on the whole, under one version. */
export type Order = {
  readonly bucket: number;
  readonly id: string;
  readonly merchantId: string;
  readonly orderNo: string;
  readonly waybillNo?: string;
  /** Absent on orders that were adopted with their payments. */
  readonly due?: Money;
  readonly subject: string;
  /** Until when the shop has promised the buyer to take things back. */
  readonly returnUntil?: Instant;
  readonly cancelledAt?: Instant;
  /** 0: not saved yet. */
  readonly version: number;
  readonly payments: readonly Payment[];
  readonly attempts: readonly Attempt[];
  readonly surplus: readonly Surplus[];
  readonly refunds: readonly Refund[];
};

export type OrderState = 'unpaid' | 'part_paid' | 'paid' | 'cancelled';

export type OrderSums = {
  readonly received: bigint;
  readonly refunded: bigint;
  readonly surplusHeld: bigint;
  readonly surplusReturned: bigint;
};

const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);

/** What was received for the order itself, what went back of it, and what lies beside it. */
export function sumsOf({ payments, attempts, surplus, refunds }: Order): OrderSums {
  const settling = new Set(payments.map((payment) => payment.settledBy));
  const held = surplus.filter(({ state }) => ['held', 'refunding'].includes(state));
  return {
    received: sum(attempts.filter(({ id }) => settling.has(id)).map((one) => one.receivedMinor)),
    refunded: sum(
      refunds
        .filter(({ state, attemptId }) => state === 'refunded' && settling.has(attemptId))
        .map((one) => one.amount.minor),
    ),
    surplusHeld: sum(held.map((one) => one.amount.minor)),
    surplusReturned: sum(surplus.filter(({ state }) => state === 'returned').map((one) => one.amount.minor)),
  };
}

/** A function and not a machine: cancelled where the shop cancelled and nothing net was kept, else by what was received against what is due. */
export function orderStateOf(order: Order): OrderState {
  const { received, refunded } = sumsOf(order);
  if (order.cancelledAt !== undefined && received === refunded) return 'cancelled';
  if (received === 0n) return 'unpaid';
  return order.due !== undefined && received < order.due.minor ? 'part_paid' : 'paid';
}

/** What has not gone back of an attempt, and is not on its way back. */
export const notRefunded = (attempt: Attempt): Money =>
  moneyOf(attempt.receivedMinor - attempt.refundingMinor, attempt.amount.currency);

/** What the channel may still be told to give back of an attempt: what receivers have of it is not the merchant's to give. */
export function refundable(attempt: Attempt): Money {
  const left = attempt.receivedMinor - attempt.refundingMinor - attempt.sharedMinor;
  return moneyOf(left > 0n ? left : 0n, attempt.amount.currency);
}

export const openAttempts = (order: Order, paymentId?: string): readonly Attempt[] =>
  order.attempts.filter(
    (attempt) => isOpenAttempt(attempt.state) && (paymentId === undefined || attempt.paymentId === paymentId),
  );
