import type { Instant, Money } from '../kernel/index.ts';
import type { Queryable } from '../platform/db.ts';
import type { Reach } from '../platform/story/index.ts';
import { moneyOf } from './attempt.ts';
import { loadOrders } from './order-store.ts';
import type { Order } from './order.ts';
import type { Refund } from './refund.ts';
import type { Surplus } from './surplus.ts';
import { findOrderHits } from './story-find-store.ts';
import { idsFrom } from './story-store.ts';

export type ListOf = {
  readonly reach: Reach;
  /** Of a payment of the order, or of the refund. */
  readonly state?: string;
  readonly since: Instant;
  /** At most 500. */
  readonly limit: number;
};

const valuesOf = ({ reach, state, since, limit }: ListOf): readonly unknown[] => [
  ...[idsFrom(since), reach === 'all' ? null : reach, state ?? null, Math.min(limit, 500)],
];

/** Ids rise with time: the newest of each bucket, and of those the newest. No index by time is written for people who look. */
const newest = (table: string, fits: string): string =>
  `select r.bucket, r.id from generate_series(0, 999) as b(bucket) cross join lateral (
     select r.bucket, r.id from ${table} r
     where r.bucket = b.bucket::int2 and r.id >= $1::uuid and ($2::text[] is null or r.merchant_id = any($2)) and ${fits}
     order by r.id desc limit $4) r
   order by r.id desc limit $4`;

/** Orders that are collected here, the one whose payment began last first. */
export async function listOrders(db: Queryable, of: ListOf): Promise<readonly Order[]> {
  const payments = newest('payments', `r.origin = 'made' and ($3::text is null or r.state = $3)`);
  const rows = await db.query<{ bucket: number; id: string }>(
    `select p.bucket, p.order_id as id from (${payments}) t join payments p on p.bucket = t.bucket and p.id = t.id order by p.id desc`,
    [...valuesOf(of)],
  );
  const keys = [...new Map(rows.map((row) => [row.id, row])).values()];
  const orders = new Map((await loadOrders(db, keys)).map((order) => [order.id, order]));
  return keys.flatMap(({ id }) => orders.get(id) ?? []);
}

export type ListedRefund = {
  readonly id: string;
  readonly merchantId: string;
  readonly orderNo: string;
  readonly refundNo: string;
  readonly channelRefundNo: string;
  readonly serialNo: string;
  readonly state: Refund['state'];
  readonly origin: Refund['origin'];
  readonly amount: Money;
  readonly feeBack: Money;
  readonly why: string;
  readonly createdAt: Instant;
  readonly endedAt: Instant | undefined;
};

/** Refunds, the newest first. */
export async function listRefunds(db: Queryable, of: ListOf): Promise<readonly ListedRefund[]> {
  type Row = {
    id: string;
    merchant_id: string;
    order_no: string;
    shop_refund_no: string;
    refund_no: string;
    serial_no: string;
    state: Refund['state'];
    origin: Refund['origin'];
    amount_minor: bigint;
    fee_back_minor: bigint;
    currency: string;
    why: string;
    created_at: Instant;
    ended_at: Instant | null;
  };
  const rows = await db.query<Row>(
    `select r.*, o.order_no, a.serial_no from (${newest('refunds', '($3::text is null or r.state = $3)')}) t
       join refunds r on r.bucket = t.bucket and r.id = t.id
       join merchant_orders o on o.bucket = r.bucket and o.id = r.order_id
       join payment_attempts a on a.bucket = r.bucket and a.id = r.attempt_id order by r.id desc`,
    [...valuesOf(of)],
  );
  return rows.map((row) => ({
    ...{ id: row.id, merchantId: row.merchant_id, orderNo: row.order_no, refundNo: row.shop_refund_no },
    ...{ channelRefundNo: row.refund_no, serialNo: row.serial_no, state: row.state, origin: row.origin, why: row.why },
    amount: moneyOf(row.amount_minor, row.currency),
    feeBack: moneyOf(row.fee_back_minor, row.currency),
    ...{ createdAt: row.created_at, endedAt: row.ended_at ?? undefined },
  }));
}

export type ListedSurplus = { readonly order: Order; readonly surplus: Surplus };

/** Money that an order did not need, the newest first. */
export async function listSurplus(db: Queryable, of: ListOf): Promise<readonly ListedSurplus[]> {
  const rows = await db.query<{ bucket: number; id: string; order_id: string }>(
    `select s.bucket, s.id, s.order_id from (${newest('surplus_receipts', '($3::text is null or r.state = $3)')}) t
       join surplus_receipts s on s.bucket = t.bucket and s.id = t.id order by s.id desc`,
    [...valuesOf(of)],
  );
  const keys = new Map(rows.map((row) => [row.order_id, { bucket: row.bucket, id: row.order_id }]));
  const orders = new Map((await loadOrders(db, [...keys.values()])).map((order) => [order.id, order]));
  return rows.flatMap(({ id, order_id: orderId }) => {
    const order = orders.get(orderId);
    const surplus = order?.surplus.find((one) => one.id === id);
    return order && surplus ? [{ order, surplus }] : [];
  });
}

/** Orders by any number that leads to them: their own, of an attempt, a trade, a refund, a case or an approval; or the id of a part. */
export async function findOrdersBy(db: Queryable, reach: Reach, number: string): Promise<readonly Order[]> {
  const hits = await findOrderHits(db, reach, [number], 10);
  const keys = new Map(hits.map(({ order }) => [order.id, order]));
  return loadOrders(db, [...keys.values()]);
}
