import type { Instant } from '../kernel/index.ts';
import { moneyOf } from '../payments/index.ts';
import type { PartState, ReturnState, Share, SharePart, ShareReturn, ShareState } from './share.ts';

/** Present only where the database has a value. */
function held<K extends string, V>(name: K, value: V | null): { readonly [P in K]?: V } {
  return (value === null ? {} : { [name]: value }) as { readonly [P in K]?: V };
}

/** What is the same of requests and returns. */
type AskedRow = {
  bucket: number;
  id: string;
  order_id: string;
  merchant_id: string;
  account_id: string;
  asked: number;
  sent_tries: number;
  refused_with: string | null;
  doubt_since: Instant | null;
  why: string;
  created_at: Instant;
  ended_at: Instant | null;
};

const askedColumns = {
  bucket: 'int2',
  id: 'uuid',
  order_id: 'uuid',
  merchant_id: 'text',
  account_id: 'text',
  asked: 'int4',
  sent_tries: 'int4',
  refused_with: 'text',
  doubt_since: 'timestamptz',
  why: 'text',
  created_at: 'timestamptz',
  ended_at: 'timestamptz',
} as const;

const askedOf = (row: AskedRow) => ({
  ...{ bucket: row.bucket, id: row.id, orderId: row.order_id, merchantId: row.merchant_id, accountId: row.account_id },
  ...{ asked: row.asked, sentTries: row.sent_tries, why: row.why, createdAt: row.created_at },
  ...held('refusedWith', row.refused_with),
  ...held('doubtSince', row.doubt_since),
  ...held('endedAt', row.ended_at),
});

const askedRow = (one: Share | ShareReturn) => ({
  ...{ bucket: one.bucket, id: one.id, order_id: one.orderId, merchant_id: one.merchantId, account_id: one.accountId },
  ...{ asked: one.asked, sent_tries: one.sentTries, doubt_since: one.doubtSince, why: one.why },
  refused_with: one.refusedWith,
  ...{ created_at: one.createdAt, ended_at: one.endedAt },
});

export type ShareRow = AskedRow & {
  payment_id: string;
  attempt_id: string;
  shop_share_no: string;
  share_no: string;
  state: ShareState;
  releases_rest: boolean;
  reason: string;
  channel_no: string | null;
  due_at: Instant;
};

export const shareColumns = {
  ...askedColumns,
  payment_id: 'uuid',
  attempt_id: 'uuid',
  shop_share_no: 'text',
  share_no: 'text',
  state: 'text',
  releases_rest: 'bool',
  reason: 'text',
  channel_no: 'text',
  due_at: 'timestamptz',
} as const;

export const shareOf = (row: ShareRow, parts: readonly SharePart[]): Share => ({
  ...askedOf(row),
  ...{ paymentId: row.payment_id, attemptId: row.attempt_id, shopShareNo: row.shop_share_no, shareNo: row.share_no },
  ...{ state: row.state, releasesRest: row.releases_rest, reason: row.reason, dueAt: row.due_at, parts },
  ...held('channelNo', row.channel_no),
});

export const shareRow = (one: Share) => ({
  ...askedRow(one),
  ...{ payment_id: one.paymentId, attempt_id: one.attemptId, shop_share_no: one.shopShareNo, share_no: one.shareNo },
  ...{ state: one.state, releases_rest: one.releasesRest, reason: one.reason, channel_no: one.channelNo },
  due_at: one.dueAt,
});

export type PartRow = {
  bucket: number;
  id: string;
  order_id: string;
  share_id: string;
  part_no: string;
  receiver_bucket: number;
  receiver_id: string;
  state: PartState;
  amount_minor: bigint;
  currency: string;
  reason: string;
  channel_part_no: string | null;
  why: string;
  created_at: Instant;
  ended_at: Instant | null;
};

export const partColumns = {
  bucket: 'int2',
  id: 'uuid',
  order_id: 'uuid',
  share_id: 'uuid',
  part_no: 'text',
  receiver_bucket: 'int2',
  receiver_id: 'uuid',
  state: 'text',
  amount_minor: 'int8',
  currency: 'text',
  reason: 'text',
  channel_part_no: 'text',
  why: 'text',
  created_at: 'timestamptz',
  ended_at: 'timestamptz',
} as const;

export const partOf = (row: PartRow): SharePart => ({
  ...{ bucket: row.bucket, id: row.id, orderId: row.order_id, shareId: row.share_id, partNo: row.part_no },
  ...{ receiver: { bucket: row.receiver_bucket, id: row.receiver_id }, state: row.state, reason: row.reason },
  ...{ amount: moneyOf(row.amount_minor, row.currency), why: row.why, createdAt: row.created_at },
  ...held('channelPartNo', row.channel_part_no),
  ...held('endedAt', row.ended_at),
});

export const partRow = (one: SharePart) => ({
  ...{ bucket: one.bucket, id: one.id, order_id: one.orderId, share_id: one.shareId, part_no: one.partNo },
  ...{ receiver_bucket: one.receiver.bucket, receiver_id: one.receiver.id, state: one.state, reason: one.reason },
  ...{ amount_minor: one.amount.minor, currency: one.amount.currency, channel_part_no: one.channelPartNo },
  ...{ why: one.why, created_at: one.createdAt, ended_at: one.endedAt },
});

export type ReturnRow = AskedRow & {
  share_id: string;
  part_id: string;
  shop_return_no: string;
  return_no: string;
  state: ReturnState;
  amount_minor: bigint;
  currency: string;
  reason: string;
};

export const returnColumns = {
  ...askedColumns,
  share_id: 'uuid',
  part_id: 'uuid',
  shop_return_no: 'text',
  return_no: 'text',
  state: 'text',
  amount_minor: 'int8',
  currency: 'text',
  reason: 'text',
} as const;

export const returnOf = (row: ReturnRow): ShareReturn => ({
  ...askedOf(row),
  ...{ shareId: row.share_id, partId: row.part_id, shopReturnNo: row.shop_return_no, returnNo: row.return_no },
  ...{ state: row.state, amount: moneyOf(row.amount_minor, row.currency), reason: row.reason },
});

export const returnRow = (one: ShareReturn) => ({
  ...askedRow(one),
  ...{ share_id: one.shareId, part_id: one.partId, shop_return_no: one.shopReturnNo, return_no: one.returnNo },
  ...{ state: one.state, amount_minor: one.amount.minor, currency: one.amount.currency, reason: one.reason },
});
