import type { Instant } from '../kernel/index.ts';
import type { HandOut, Scene } from '../channels/contract/index.ts';
import { moneyOf } from './attempt.ts';
import type { Attempt, AttemptState } from './attempt.ts';
import type { Payment, PaymentState } from './payment.ts';

/** Present only where the database has a value. */
export function given<K extends string, V>(name: K, value: V | null): { readonly [P in K]?: V } {
  return (value === null ? {} : { [name]: value }) as { readonly [P in K]?: V };
}

export type PaymentRow = {
  bucket: number;
  id: string;
  order_id: string;
  merchant_id: string;
  account_id: string | null;
  origin: Payment['origin'];
  state: PaymentState;
  trade_no: string | null;
  paid_at: Instant | null;
  due_minor: bigint | null;
  currency: string | null;
  expires_at: Instant | null;
  closing_cause: 'cancel_by_shop' | 'deadline' | null;
  settled_by: string | null;
  born_of: string | null;
  created_at: Instant;
  ended_at: Instant | null;
};

/** What never changes of a payment: written once. */
export const paymentFixed = {
  order_id: 'uuid',
  merchant_id: 'text',
  account_id: 'text',
  origin: 'text',
  trade_no: 'text',
  currency: 'text',
  expires_at: 'timestamptz',
  born_of: 'uuid',
  created_at: 'timestamptz',
} as const;

export const paymentChanging = {
  bucket: 'int2',
  id: 'uuid',
  state: 'text',
  paid_at: 'timestamptz',
  due_minor: 'int8',
  closing_cause: 'text',
  settled_by: 'uuid',
  ended_at: 'timestamptz',
} as const;

export const paymentColumns = { ...paymentChanging, ...paymentFixed } as const;

export function paymentOf(row: PaymentRow): Payment {
  return {
    ...{ bucket: row.bucket, id: row.id, orderId: row.order_id, merchantId: row.merchant_id },
    ...{ origin: row.origin, state: row.state, createdAt: row.created_at },
    ...given('accountId', row.account_id),
    ...given('tradeNo', row.trade_no),
    ...given('paidAt', row.paid_at),
    ...given('dueMinor', row.due_minor),
    ...given('currency', row.currency),
    ...given('expiresAt', row.expires_at),
    ...given('closingCause', row.closing_cause),
    ...given('settledBy', row.settled_by),
    ...given('bornOf', row.born_of),
    ...given('endedAt', row.ended_at),
  };
}

export const paymentRow = (payment: Payment) => ({
  ...{ bucket: payment.bucket, id: payment.id, order_id: payment.orderId, merchant_id: payment.merchantId },
  ...{ account_id: payment.accountId, origin: payment.origin, state: payment.state, trade_no: payment.tradeNo },
  ...{ paid_at: payment.paidAt, due_minor: payment.dueMinor, currency: payment.currency },
  ...{ expires_at: payment.expiresAt, closing_cause: payment.closingCause, settled_by: payment.settledBy },
  ...{ born_of: payment.bornOf, created_at: payment.createdAt, ended_at: payment.endedAt },
});

export type AttemptRow = {
  bucket: number;
  id: string;
  order_id: string;
  payment_id: string;
  merchant_id: string;
  account_id: string;
  channel: string;
  product: string;
  scene: Scene;
  serial_no: string;
  state: AttemptState;
  amount_minor: bigint;
  currency: string;
  subject: string;
  deadline_at: Instant;
  notify_url: string;
  return_url: string | null;
  payer_sealed: Uint8Array | null;
  hand_out: HandOut | null;
  trade_no: string | null;
  received_minor: bigint;
  fee_minor: bigint;
  fee_exact: string;
  refunding_minor: bigint;
  shared_minor: bigint;
  held_for_sharing: boolean;
  paid_at: Instant | null;
  heard_at: Instant | null;
  payer: string | null;
  asked: number;
  asked_from: Instant | null;
  watched_until: Instant | null;
  close_from: Instant | null;
  close_tries: number;
  doubt_since: Instant | null;
  why: string;
  created_at: Instant;
  ended_at: Instant | null;
};

/** An attempt's first terms are its only ones, and what was frozen stays as it was sent. */
export const attemptFixed = {
  order_id: 'uuid',
  payment_id: 'uuid',
  merchant_id: 'text',
  account_id: 'text',
  channel: 'text',
  product: 'text',
  scene: 'text',
  serial_no: 'text',
  amount_minor: 'int8',
  currency: 'text',
  subject: 'text',
  deadline_at: 'timestamptz',
  notify_url: 'text',
  return_url: 'text',
  payer_sealed: 'bytea',
  held_for_sharing: 'bool',
  created_at: 'timestamptz',
} as const;

export const attemptChanging = {
  bucket: 'int2',
  id: 'uuid',
  state: 'text',
  hand_out: 'jsonb',
  trade_no: 'text',
  received_minor: 'int8',
  fee_minor: 'int8',
  fee_exact: 'text',
  refunding_minor: 'int8',
  shared_minor: 'int8',
  paid_at: 'timestamptz',
  heard_at: 'timestamptz',
  payer: 'text',
  asked: 'int4',
  asked_from: 'timestamptz',
  watched_until: 'timestamptz',
  close_from: 'timestamptz',
  close_tries: 'int4',
  doubt_since: 'timestamptz',
  why: 'text',
  ended_at: 'timestamptz',
} as const;

export const attemptColumns = { ...attemptChanging, ...attemptFixed } as const;

export function attemptOf(row: AttemptRow): Attempt {
  return {
    ...{
      bucket: row.bucket,
      id: row.id,
      orderId: row.order_id,
      paymentId: row.payment_id,
      merchantId: row.merchant_id,
    },
    ...{ accountId: row.account_id, channel: row.channel, product: row.product, scene: row.scene },
    ...{
      serialNo: row.serial_no,
      state: row.state,
      amount: moneyOf(row.amount_minor, row.currency),
      subject: row.subject,
    },
    ...{ deadlineAt: row.deadline_at, notifyUrl: row.notify_url, receivedMinor: row.received_minor },
    ...{ feeMinor: row.fee_minor, feeExact: row.fee_exact, refundingMinor: row.refunding_minor, asked: row.asked },
    sharedMinor: row.shared_minor,
    ...(row.held_for_sharing ? { isHeldForSharing: true } : {}),
    ...{ closeTries: row.close_tries, why: row.why, createdAt: row.created_at },
    ...given('returnUrl', row.return_url),
    ...given('payerSealed', row.payer_sealed),
    ...given('handOut', row.hand_out),
    ...given('tradeNo', row.trade_no),
    ...given('paidAt', row.paid_at),
    ...given('heardAt', row.heard_at),
    ...given('payer', row.payer),
    ...given('askedFrom', row.asked_from),
    ...given('watchedUntil', row.watched_until),
    ...given('closeFrom', row.close_from),
    ...given('doubtSince', row.doubt_since),
    ...given('endedAt', row.ended_at),
  };
}

export const attemptRow = (attempt: Attempt) => ({
  ...{ bucket: attempt.bucket, id: attempt.id, order_id: attempt.orderId, payment_id: attempt.paymentId },
  ...{ merchant_id: attempt.merchantId, account_id: attempt.accountId, channel: attempt.channel },
  ...{ product: attempt.product, scene: attempt.scene, serial_no: attempt.serialNo, state: attempt.state },
  ...{ amount_minor: attempt.amount.minor, currency: attempt.amount.currency, subject: attempt.subject },
  ...{ deadline_at: attempt.deadlineAt, notify_url: attempt.notifyUrl, return_url: attempt.returnUrl },
  ...{ payer_sealed: attempt.payerSealed, hand_out: attempt.handOut, trade_no: attempt.tradeNo },
  ...{ received_minor: attempt.receivedMinor, fee_minor: attempt.feeMinor, fee_exact: attempt.feeExact },
  ...{ shared_minor: attempt.sharedMinor, held_for_sharing: attempt.isHeldForSharing === true },
  ...{ refunding_minor: attempt.refundingMinor, paid_at: attempt.paidAt, heard_at: attempt.heardAt },
  ...{ payer: attempt.payer, asked: attempt.asked, asked_from: attempt.askedFrom },
  ...{ watched_until: attempt.watchedUntil, close_from: attempt.closeFrom, close_tries: attempt.closeTries },
  ...{ doubt_since: attempt.doubtSince, why: attempt.why, created_at: attempt.createdAt, ended_at: attempt.endedAt },
});
