import type { Instant } from '../kernel/index.ts';
import { moneyOf } from './attempt.ts';
import type { PartBack, Refund, RefundState } from './refund.ts';
import { given } from './rows.ts';
import type { Surplus, SurplusState } from './surplus.ts';

export type SurplusRow = {
  bucket: number;
  id: string;
  order_id: string;
  payment_id: string;
  attempt_id: string;
  merchant_id: string;
  why: Surplus['why'];
  state: SurplusState;
  amount_minor: bigint;
  currency: string;
  act_at: Instant | null;
  refund_id: string | null;
  decided_by: string | null;
  reason: string;
  created_at: Instant;
  ended_at: Instant | null;
};

export const surplusColumns = {
  bucket: 'int2',
  id: 'uuid',
  order_id: 'uuid',
  payment_id: 'uuid',
  attempt_id: 'uuid',
  merchant_id: 'text',
  why: 'text',
  state: 'text',
  amount_minor: 'int8',
  currency: 'text',
  act_at: 'timestamptz',
  refund_id: 'uuid',
  decided_by: 'text',
  reason: 'text',
  created_at: 'timestamptz',
  ended_at: 'timestamptz',
} as const;

export function surplusOf(row: SurplusRow): Surplus {
  return {
    ...{ bucket: row.bucket, id: row.id, orderId: row.order_id, paymentId: row.payment_id, attemptId: row.attempt_id },
    ...{ merchantId: row.merchant_id, why: row.why, state: row.state, amount: moneyOf(row.amount_minor, row.currency) },
    ...{ reason: row.reason, createdAt: row.created_at },
    ...given('actAt', row.act_at),
    ...given('refundId', row.refund_id),
    ...given('decidedBy', row.decided_by),
    ...given('endedAt', row.ended_at),
  };
}

export const surplusRow = (one: Surplus) => ({
  ...{ bucket: one.bucket, id: one.id, order_id: one.orderId, payment_id: one.paymentId, attempt_id: one.attemptId },
  ...{ merchant_id: one.merchantId, why: one.why, state: one.state, amount_minor: one.amount.minor },
  ...{ currency: one.amount.currency, act_at: one.actAt, refund_id: one.refundId, decided_by: one.decidedBy },
  ...{ reason: one.reason, created_at: one.createdAt, ended_at: one.endedAt },
});

export type RefundRow = {
  bucket: number;
  id: string;
  order_id: string;
  payment_id: string;
  attempt_id: string;
  merchant_id: string;
  account_id: string;
  shop_refund_no: string;
  refund_no: string;
  state: RefundState;
  origin: Refund['origin'];
  amount_minor: bigint;
  currency: string;
  reason: string;
  fee_back_minor: bigint;
  fee_rule: string;
  approval_id: string | null;
  parts_back: readonly { readonly part: string; readonly minor: string }[] | null;
  parts_back_sealed: Uint8Array | null;
  asked: number;
  asked_from: Instant | null;
  sent_tries: number;
  doubt_since: Instant | null;
  why: string;
  refunded_at: Instant | null;
  created_at: Instant;
  ended_at: Instant | null;
};

export const refundColumns = {
  bucket: 'int2',
  id: 'uuid',
  order_id: 'uuid',
  payment_id: 'uuid',
  attempt_id: 'uuid',
  merchant_id: 'text',
  account_id: 'text',
  shop_refund_no: 'text',
  refund_no: 'text',
  state: 'text',
  origin: 'text',
  amount_minor: 'int8',
  currency: 'text',
  reason: 'text',
  fee_back_minor: 'int8',
  fee_rule: 'text',
  approval_id: 'text',
  parts_back: 'jsonb',
  parts_back_sealed: 'bytea',
  asked: 'int4',
  asked_from: 'timestamptz',
  sent_tries: 'int4',
  doubt_since: 'timestamptz',
  why: 'text',
  refunded_at: 'timestamptz',
  created_at: 'timestamptz',
  ended_at: 'timestamptz',
} as const;

const partBackOf = ({ part, minor }: { readonly part: string; readonly minor: string }): PartBack => ({
  part,
  minor: BigInt(minor),
});

export function refundOf(row: RefundRow): Refund {
  return {
    ...{ bucket: row.bucket, id: row.id, orderId: row.order_id, paymentId: row.payment_id, attemptId: row.attempt_id },
    ...{ merchantId: row.merchant_id, accountId: row.account_id, shopRefundNo: row.shop_refund_no },
    ...{
      refundNo: row.refund_no,
      state: row.state,
      origin: row.origin,
      amount: moneyOf(row.amount_minor, row.currency),
    },
    ...{ reason: row.reason, feeBackMinor: row.fee_back_minor, feeRule: row.fee_rule, asked: row.asked },
    ...{ sentTries: row.sent_tries, why: row.why, createdAt: row.created_at },
    ...given('approvalId', row.approval_id),
    ...given('partsBack', row.parts_back && row.parts_back.map(partBackOf)),
    ...given('partsBackSealed', row.parts_back_sealed),
    ...given('askedFrom', row.asked_from),
    ...given('doubtSince', row.doubt_since),
    ...given('refundedAt', row.refunded_at),
    ...given('endedAt', row.ended_at),
  };
}

export const refundRow = (one: Refund) => ({
  ...{ bucket: one.bucket, id: one.id, order_id: one.orderId, payment_id: one.paymentId, attempt_id: one.attemptId },
  ...{ merchant_id: one.merchantId, account_id: one.accountId, shop_refund_no: one.shopRefundNo },
  ...{ refund_no: one.refundNo, state: one.state, origin: one.origin, amount_minor: one.amount.minor },
  ...{ currency: one.amount.currency, reason: one.reason, fee_back_minor: one.feeBackMinor, fee_rule: one.feeRule },
  parts_back: one.partsBack?.map(({ part, minor }) => ({ part, minor: String(minor) })),
  parts_back_sealed: one.partsBackSealed,
  ...{ approval_id: one.approvalId, asked: one.asked, asked_from: one.askedFrom, sent_tries: one.sentTries },
  ...{ doubt_since: one.doubtSince, why: one.why, refunded_at: one.refundedAt, created_at: one.createdAt },
  ...{ ended_at: one.endedAt },
});
