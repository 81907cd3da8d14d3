import type { Instant } from '../kernel/index.ts';
import type { Queryable } from '../platform/db.ts';
import { insertRows } from '../platform/sql.ts';

export type OrderRow = {
  readonly bucket: number;
  readonly id: string;
  readonly merchantId: string;
  readonly orderNo: string;
  readonly waybillNo: string | undefined;
};

export type PaymentRow = {
  readonly bucket: number;
  readonly id: string;
  readonly orderId: string;
  readonly merchantId: string;
  readonly accountId: string;
  readonly tradeNo: string;
  /** The serial number of the attempt that settled it; absent: another system collected it. */
  readonly paidUnder?: string;
  readonly paidAt: Instant;
};

export async function findOrders(
  db: Queryable,
  merchantId: string,
  keys: readonly { readonly bucket: number; readonly orderNo: string }[],
): Promise<OrderRow[]> {
  const rows = await db.query<{ bucket: number; id: string; order_no: string; waybill_no: string | null }>(
    `select o.bucket, o.id, o.order_no, o.waybill_no
     from unnest($2::int2[], $3::text[]) as t(bucket, order_no)
       join merchant_orders o on o.bucket = t.bucket and o.merchant_id = $1 and o.order_no = t.order_no`,
    [merchantId, keys.map((key) => key.bucket), keys.map((key) => key.orderNo)],
  );
  return rows.map((row) => ({
    bucket: row.bucket,
    id: row.id,
    merchantId,
    orderNo: row.order_no,
    waybillNo: row.waybill_no ?? undefined,
  }));
}

export async function findPayments(
  db: Queryable,
  orders: readonly { readonly bucket: number; readonly id: string }[],
): Promise<PaymentRow[]> {
  const rows = await db.query<{
    bucket: number;
    id: string;
    order_id: string;
    merchant_id: string;
    account_id: string;
    trade_no: string;
    paid_under: string | null;
    paid_at: Instant;
  }>(
    `select p.bucket, p.id, p.order_id, p.merchant_id, coalesce(p.account_id, a.account_id) as account_id,
       coalesce(p.trade_no, a.trade_no) as trade_no, a.serial_no as paid_under, p.paid_at
     from unnest($1::int2[], $2::uuid[]) as t(bucket, order_id)
       join payments p on p.bucket = t.bucket and p.order_id = t.order_id
       left join payment_attempts a on a.bucket = p.bucket and a.id = p.settled_by`,
    [orders.map((order) => order.bucket), orders.map((order) => order.id)],
  );
  return rows.map((row) => ({
    bucket: row.bucket,
    id: row.id,
    orderId: row.order_id,
    merchantId: row.merchant_id,
    accountId: row.account_id,
    tradeNo: row.trade_no,
    ...(row.paid_under === null ? {} : { paidUnder: row.paid_under }),
    paidAt: row.paid_at,
  }));
}

/** Inserts orders that are not there yet. The caller sorts nothing: rows are sorted by (bucket, order no) here. */
export async function insertOrders(tx: Queryable, orders: readonly OrderRow[], at: Instant): Promise<void> {
  const columns = {
    bucket: 'int2',
    id: 'uuid',
    merchant_id: 'text',
    order_no: 'text',
    waybill_no: 'text',
    created_at: 'timestamptz',
  } as const;
  const rows = [...orders]
    .sort((a, b) => a.bucket - b.bucket || (a.orderNo < b.orderNo ? -1 : 1))
    .map((order) => ({
      bucket: order.bucket,
      id: order.id,
      merchant_id: order.merchantId,
      order_no: order.orderNo,
      waybill_no: order.waybillNo,
      created_at: at,
    }));
  await insertRows(tx, 'merchant_orders', columns, rows);
}

/** Claims trades, before anything else is written. Returns the payment ids whose trade belongs to another payment already: one trade pays one order. */
export async function claimTrades(tx: Queryable, payments: readonly PaymentRow[]): Promise<Set<string>> {
  const claimed = await insertRows<typeof claimColumns, { payment_id: string }>(
    tx,
    'channel_trades',
    claimColumns,
    [...payments]
      .sort((a, b) => (a.accountId + a.tradeNo < b.accountId + b.tradeNo ? -1 : 1))
      .map((payment) => ({
        account_id: payment.accountId,
        trade_no: payment.tradeNo,
        bucket: payment.bucket,
        payment_id: payment.id,
      })),
    'on conflict (account_id, trade_no) do nothing returning payment_id',
  );
  const won = new Set(claimed.map((row) => row.payment_id));
  return new Set(payments.filter((payment) => !won.has(payment.id)).map((payment) => payment.id));
}

/** Gives back the trades of payments that were refused after all: corrected, their rows come again under a new id. */
export async function releaseTrades(tx: Queryable, payments: readonly PaymentRow[]): Promise<void> {
  if (payments.length === 0) return;
  await tx.query(
    `delete from channel_trades c using unnest($1::text[], $2::text[], $3::uuid[]) as t(account_id, trade_no, id)
     where c.account_id = t.account_id and c.trade_no = t.trade_no and c.payment_id = t.id`,
    [
      payments.map((payment) => payment.accountId),
      payments.map((payment) => payment.tradeNo),
      payments.map((payment) => payment.id),
    ],
  );
}

/** Inserts payments that another system made, once their trades are claimed. */
export async function insertAdoptedPayments(
  tx: Queryable,
  payments: readonly PaymentRow[],
  at: Instant,
): Promise<void> {
  const rows = [...payments]
    .sort((a, b) => a.bucket - b.bucket || (a.id < b.id ? -1 : 1))
    .map((payment) => ({
      bucket: payment.bucket,
      id: payment.id,
      order_id: payment.orderId,
      merchant_id: payment.merchantId,
      account_id: payment.accountId,
      origin: 'adopted',
      trade_no: payment.tradeNo,
      paid_at: payment.paidAt,
      created_at: at,
    }));
  await insertRows(tx, 'payments', paymentColumns, rows);
}

const claimColumns = { account_id: 'text', trade_no: 'text', bucket: 'int2', payment_id: 'uuid' } as const;
const paymentColumns = {
  bucket: 'int2',
  id: 'uuid',
  order_id: 'uuid',
  merchant_id: 'text',
  account_id: 'text',
  origin: 'text',
  trade_no: 'text',
  paid_at: 'timestamptz',
  created_at: 'timestamptz',
} as const;
