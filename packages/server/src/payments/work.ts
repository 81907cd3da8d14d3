import { assert } from '../kernel/index.ts';
import type { Instant, Result, Trust } from '../kernel/index.ts';
import type { CaseSubject, CaseToOpen } from '../cases/index.ts';
import type { AuditEntry } from '../identity/index.ts';
import type { EntryDraft } from '../ledger/index.ts';
import type { NewEvent } from '../notifications/index.ts';
import type { JobWish } from '../platform/jobs.ts';
import type { NumberRow } from '../platform/numbers.ts';
import type { Decision } from '../platform/commands.ts';
import type { Attempt } from './attempt.ts';
import type { Order } from './order.ts';
import type { Payment } from './payment.ts';
import type { Refund } from './refund.ts';
import type { Surplus } from './surplus.ts';

/** What was heard of an attempt or a refund, by whom, and on whose word. */
export type Observation = {
  readonly subject: string;
  readonly source: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly trust: Trust | 'stated';
  readonly exchangeId?: string;
  readonly noticeId?: string;
  readonly heardAt: Instant;
};

export type OrderEffect =
  | { readonly kind: 'entry'; readonly draft: EntryDraft }
  | { readonly kind: 'job'; readonly wish: JobWish }
  | { readonly kind: 'event'; readonly event: NewEvent }
  | { readonly kind: 'case'; readonly open: CaseToOpen }
  | { readonly kind: 'case_over'; readonly subject: CaseSubject }
  | { readonly kind: 'number'; readonly row: NumberRow }
  | { readonly kind: 'observation'; readonly observation: Observation }
  | { readonly kind: 'audit'; readonly entry: AuditEntry }
  | { readonly kind: 'notice'; readonly notice: NoticeRef }
  | { readonly kind: 'trade'; readonly accountId: string; readonly tradeNo: string; readonly paymentId: string };

/** A message of a channel that is kept. */
export type NoticeRef = { readonly bucket: number; readonly id: string };

/** `stored`: kept and acknowledged, its order has not heard of it yet. */
export type NoticeState = 'stored' | 'told' | 'refused' | 'unknown';

/** A message of a channel as it came, sealed, and what was read in it. */
export type NoticeRow = NoticeRef & {
  readonly accountId: string;
  readonly receivedAt: Instant;
  readonly peer: string;
  readonly digest: string;
  readonly message: Uint8Array;
  readonly state: NoticeState;
  readonly reading: Readonly<Record<string, unknown>>;
};

type Part = { readonly id: string };

/** One decision being made: the order as it stands after each step, and what is to be committed with it. Nothing leaves it before its end. */
export class Work {
  readonly at: Instant;
  readonly effects: OrderEffect[] = [];
  #order: Order;

  constructor(order: Order, at: Instant) {
    this.#order = order;
    this.at = at;
  }

  get order(): Order {
    return this.#order;
  }

  change(fields: Partial<Order>): void {
    this.#order = { ...this.#order, ...fields };
  }

  /** The shop takes its cancelling back: money that came stays. */
  keep(): void {
    const { cancelledAt: _takenBack, ...order } = this.#order;
    this.#order = order;
  }

  attempt(id: string): Attempt {
    return found(this.#order.attempts, id);
  }

  payment(id: string): Payment {
    return found(this.#order.payments, id);
  }

  refund(id: string): Refund {
    return found(this.#order.refunds, id);
  }

  surplus(id: string): Surplus {
    return found(this.#order.surplus, id);
  }

  putAttempt(attempt: Attempt): void {
    this.change({ attempts: put(this.#order.attempts, attempt) });
  }

  putPayment(payment: Payment): void {
    this.change({ payments: put(this.#order.payments, payment) });
  }

  putRefund(refund: Refund): void {
    this.change({ refunds: put(this.#order.refunds, refund) });
  }

  putSurplus(surplus: Surplus): void {
    this.change({ surplus: put(this.#order.surplus, surplus) });
  }

  add(...effects: readonly OrderEffect[]): void {
    this.effects.push(...effects);
  }

  end<Answer>(result: Result<Answer>): Decision<Order, OrderEffect, Answer> {
    return { next: this.#order, effects: this.effects, result };
  }
}

/** A part of the order that is known to be there. */
export function found<P extends Part>(parts: readonly P[], id: string): P {
  const part = parts.find((one) => one.id === id);
  assert(part !== undefined, `${id} is no part of this order`);
  return part;
}

/** Put in its place, or behind the others. */
export function put<P extends Part>(parts: readonly P[], part: P): readonly P[] {
  const known = parts.some((one) => one.id === part.id);
  return known ? parts.map((one) => (one.id === part.id ? part : one)) : [...parts, part];
}
