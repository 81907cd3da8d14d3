import { minutes, plus } from '../kernel/index.ts';
import type { Instant, Money } from '../kernel/index.ts';
import { sumsOf } from '../payments/index.ts';
import type { Attempt, Order, Refund, Surplus } from '../payments/index.ts';

/** `planned`: from that time on · `going`: asked for at the channel · `returned` · `with_shop`: a person of the shop decides. */
export type BackStage = 'planned' | 'going' | 'returned' | 'with_shop' | 'kept' | 'credited';

/** Money of the payer's that the order does not keep: where it came in, and where it is now. */
export type MoneyBack = {
  readonly why: 'second' | 'late' | 'refund' | 'cancelled';
  readonly stage: BackStage;
  readonly amount: Money;
  /** The attempt that brought it. */
  readonly attemptId: string;
  readonly paidAt?: Instant;
  /** When it goes back, or when it did. */
  readonly at?: Instant;
};

/** What the page must know to say of money that it goes back by itself. */
export type BackFacts = {
  readonly now: Instant;
  /** How long after it came money of a cancelled order goes back; undefined: by its contract the shop keeps it. */
  readonly goesBackAfterMs: (accountId: string) => number | undefined;
};

/** What has not begun so long after its time was refused or is held up: people decide. */
const graceMs = minutes(10);

const plannedAt = (at: Instant, now: Instant): Pick<MoneyBack, 'stage' | 'at'> =>
  now > plus(at, graceMs) ? { stage: 'with_shop' } : { stage: 'planned', at };

/** All money of an order that goes back to the payer, or lies with the shop until somebody has decided. */
export function moneyBack(order: Order, facts: BackFacts): readonly MoneyBack[] {
  const paidAt = new Map(order.attempts.map((attempt) => [attempt.id, attempt.paidAt]));
  const found = [
    ...order.surplus.flatMap((one) => ofSurplus(one, order, facts)),
    ...ofRefunds(order),
    ...ofCancelled(order, facts),
  ];
  return found.map((one) => {
    const at = paidAt.get(one.attemptId);
    return at === undefined ? one : { ...one, paidAt: at };
  });
}

function ofSurplus(surplus: Surplus, { refunds }: Order, { now }: BackFacts): MoneyBack[] {
  const { why, state, amount, attemptId, actAt, refundId, endedAt } = surplus;
  if (state === 'adopted') return [];
  const about = { why: why === 'second_success' ? ('second' as const) : ('late' as const), amount, attemptId };
  switch (state) {
    case 'held':
      // With a refund it was tried, and came to nothing.
      return [
        {
          ...about,
          ...(actAt === undefined || refundId !== undefined ? { stage: 'with_shop' } : plannedAt(actAt, now)),
        },
      ];
    case 'refunding': {
      const refund = refunds.find(({ id }) => id === refundId);
      return [{ ...about, stage: (refund && stageOfRefund[refund.state]) ?? 'with_shop' }];
    }
    case 'returned':
      return [{ ...about, stage: 'returned', ...(endedAt === undefined ? {} : { at: endedAt }) }];
    case 'kept':
    case 'credited':
      return [{ ...about, stage: state }];
    default:
      return state satisfies never;
  }
}

/** What the shop only thinks of is no news for the payer: a refund is, once it was asked for at the channel. */
const stageOfRefund: Readonly<Record<Refund['state'], BackStage | undefined>> = {
  created: undefined,
  awaiting_approval: undefined,
  // The shop must first pay in what is missing.
  waiting_funds: 'with_shop',
  submitting: 'going',
  processing: 'going',
  in_doubt: 'going',
  abnormal: 'with_shop',
  refunded: 'returned',
  failed: undefined,
  cancelled: undefined,
};

function ofRefunds({ refunds, surplus }: Order): MoneyBack[] {
  const ofSurpluses = new Set(surplus.map(({ refundId }) => refundId));
  return refunds.flatMap(({ id, state, amount, attemptId, refundedAt }) => {
    const stage = ofSurpluses.has(id) ? undefined : stageOfRefund[state];
    const at = refundedAt === undefined ? {} : { at: refundedAt };
    return stage === undefined ? [] : [{ why: 'refund', stage, amount, attemptId, ...at }];
  });
}

/** Paid while the shop was cancelling: what no refund speaks of yet goes back or is kept by the shop's word. */
function ofCancelled(order: Order, { now, goesBackAfterMs }: BackFacts): MoneyBack[] {
  const { cancelledAt, payments, attempts, refunds } = order;
  if (cancelledAt === undefined) return [];
  return payments.flatMap(({ settledBy, endedAt = now }) => {
    const attempt = attempts.find(({ id }) => id === settledBy);
    const tried = refunds.filter(({ attemptId }) => attemptId === attempt?.id);
    if (!attempt || tried.some(({ state }) => stageOfRefund[state] !== undefined)) return [];
    const afterMs = goesBackAfterMs(attempt.accountId);
    const about = { why: 'cancelled', amount: receivedOf(attempt), attemptId: attempt.id } as const;
    if (afterMs === undefined || tried.length > 0) return [{ ...about, stage: 'with_shop' }];
    return [{ ...about, ...plannedAt(plus(endedAt, afterMs), now) }];
  });
}

const receivedOf = ({ receivedMinor, amount }: Attempt): Money => ({ minor: receivedMinor, currency: amount.currency });

/** Nothing of what was received for the order itself is left with the shop. */
export function isAllGivenBack(order: Order): boolean {
  const { received, refunded } = sumsOf(order);
  return received > 0n && refunded >= received;
}
