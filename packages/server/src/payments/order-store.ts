import { assert } from '../kernel/index.ts';
import type { Currency, Instant } from '../kernel/index.ts';
import type { RecordKey } from '../platform/commands.ts';
import type { Queryable } from '../platform/db.ts';
import { kept } from '../platform/db.ts';
import { nested, nestedRows } from '../platform/nested.ts';
import { insertRows, unnest, updateRows } from '../platform/sql.ts';
import type { Columns } from '../platform/sql.ts';
import {
  attemptChanging,
  attemptColumns,
  attemptFixed,
  attemptOf,
  attemptRow,
  paymentChanging,
  paymentColumns,
  paymentFixed,
  paymentOf,
  paymentRow,
} from './rows.ts';
import type { AttemptRow, PaymentRow } from './rows.ts';
import { refundColumns, refundOf, refundRow, surplusColumns, surplusOf, surplusRow } from './rows-back.ts';
import type { RefundRow, SurplusRow } from './rows-back.ts';
import { moneyOf } from './attempt.ts';
import type { Order } from './order.ts';
import type { Observation } from './work.ts';

type OrderRow = {
  bucket: number;
  id: string;
  merchant_id: string;
  order_no: string;
  waybill_no: string | null;
  due_minor: bigint | null;
  currency: Currency | null;
  subject: string;
  return_until: Instant | null;
  cancelled_at: Instant | null;
  version: number;
};

const orderColumns = {
  bucket: 'int2',
  id: 'uuid',
  merchant_id: 'text',
  order_no: 'text',
  waybill_no: 'text',
  due_minor: 'int8',
  currency: 'text',
  subject: 'text',
  return_until: 'timestamptz',
  cancelled_at: 'timestamptz',
} as const;

const keyColumns = { bucket: 'int2', id: 'uuid' } as const;

type WholeRow = OrderRow & { payments: unknown; attempts: unknown; surplus: unknown; refunds: unknown };

const parts = (columns: Columns, table: string, name: string): string =>
  `${nested(columns, table, 'part.bucket = o.bucket and part.order_id = o.id', 'part.created_at, part.id')} as ${name}`;

const readColumns = { ...orderColumns, version: 'int4' } as const;

const wholeOrders = kept(`select ${Object.keys(readColumns)
  .map((name) => `o.${name}`)
  .join(', ')},
     ${parts(paymentColumns, 'payments', 'payments')}, ${parts(attemptColumns, 'payment_attempts', 'attempts')},
     ${parts(surplusColumns, 'surplus_receipts', 'surplus')}, ${parts(refundColumns, 'refunds', 'refunds')}
   from ${unnest(keyColumns, []).sql} join merchant_orders o on o.bucket = t.bucket and o.id = t.id order by o.created_at, o.id`);

/** Whole orders as they stood at one moment, one statement for any number. */
export async function loadOrders(db: Queryable, keys: readonly RecordKey[]): Promise<Order[]> {
  if (keys.length === 0) return [];
  const rows = await db.query<WholeRow>(wholeOrders, unnest(keyColumns, keys).values);
  return rows.map((row) => ({
    ...orderOf(row),
    payments: nestedRows<PaymentRow>(paymentColumns, row.payments).map(paymentOf),
    attempts: nestedRows<AttemptRow>(attemptColumns, row.attempts).map(attemptOf),
    surplus: nestedRows<SurplusRow>(surplusColumns, row.surplus).map(surplusOf),
    refunds: nestedRows<RefundRow>(refundColumns, row.refunds).map(refundOf),
  }));
}

function orderOf(row: OrderRow): Omit<Order, 'payments' | 'attempts' | 'surplus' | 'refunds'> {
  return {
    ...{ bucket: row.bucket, id: row.id, merchantId: row.merchant_id, orderNo: row.order_no, subject: row.subject },
    version: row.version,
    ...(row.waybill_no === null ? {} : { waybillNo: row.waybill_no }),
    ...(row.due_minor === null || row.currency === null ? {} : { due: moneyOf(row.due_minor, row.currency) }),
    ...(row.return_until === null ? {} : { returnUntil: row.return_until }),
    ...(row.cancelled_at === null ? {} : { cancelledAt: row.cancelled_at }),
  };
}

const rowOfOrder = (order: Order) => ({
  ...{ bucket: order.bucket, id: order.id, merchant_id: order.merchantId, order_no: order.orderNo },
  ...{
    waybill_no: order.waybillNo,
    due_minor: order.due?.minor,
    currency: order.due?.currency,
    subject: order.subject,
  },
  ...{ return_until: order.returnUntil, cancelled_at: order.cancelledAt },
});

/** Writes the orders themselves, new ones at version 1, the others a version higher than they were read. Returns the ids that were written. */
export async function saveOrders(tx: Queryable, orders: readonly Order[], at: Instant): Promise<ReadonlySet<string>> {
  const fresh = orders.filter(({ version }) => version === 0);
  const known = orders.filter(({ version }) => version > 0);
  const [inserted, updated] = await Promise.all([
    insertRows<typeof newOrderColumns, { id: string }>(
      tx,
      'merchant_orders',
      newOrderColumns,
      fresh.map((order) => ({ ...rowOfOrder(order), version: 1, created_at: at })),
      // Not ON CONFLICT, which writes each row into the log twice; whoever loses a race is run again (platform/commands.ts).
      `where not exists (select from merchant_orders o where o.bucket = t.bucket and o.merchant_id = t.merchant_id and o.order_no = t.order_no)
       returning id`,
    ),
    updateRows<typeof readColumns, { id: string }>(
      tx,
      'merchant_orders',
      readColumns,
      ['bucket', 'id'],
      known.map((order) => ({ ...rowOfOrder(order), version: order.version })),
      { match: ['version'], set: 'version = target.version + 1', returning: 'target.id' },
    ),
  ]);
  return new Set([...inserted, ...updated].map(({ id }) => id));
}

const newOrderColumns = { ...readColumns, created_at: 'timestamptz' } as const;

type OrderChange = { readonly before: Order | undefined; readonly after: Order };
type PartRow = { readonly bucket: number; readonly id: string } & Readonly<Record<string, unknown>>;

/** The rows of what is new among the orders' parts, and of what changed. `fixed`: the columns that are written once. */
function partRows<Part extends { readonly id: string }, R extends PartRow>(
  changes: readonly OrderChange[],
  pick: (order: Order) => readonly Part[],
  rowOf: (part: Part) => R,
  fixed: Columns,
): { readonly fresh: readonly R[]; readonly changed: readonly R[] } {
  const fresh: R[] = [];
  const changed: R[] = [];
  for (const { before, after } of changes) {
    const known = new Map((before ? pick(before) : []).map((part) => [part.id, part]));
    for (const part of pick(after)) {
      const was = known.get(part.id);
      if (was === part) continue;
      const row = rowOf(part);
      if (was) assertFixed(fixed, rowOf(was), row);
      (was ? changed : fresh).push(row);
    }
  }
  return { fresh: sorted(fresh), changed };
}

/** What is written once and changed all the same would be lost in silence. */
function assertFixed(fixed: Columns, before: PartRow, after: PartRow): void {
  for (const name of Object.keys(fixed)) assert(Object.is(before[name], after[name]), `${name} never changes`);
}

/** All parts of all orders, tables always in the same order. */
export async function saveParts(tx: Queryable, changes: readonly OrderChange[]): Promise<void> {
  const key = ['bucket', 'id'] as const;
  const payments = partRows(changes, (order) => order.payments, paymentRow, paymentFixed);
  const attempts = partRows(changes, (order) => order.attempts, attemptRow, attemptFixed);
  const surplus = partRows(changes, (order) => order.surplus, surplusRow, {});
  const refunds = partRows(changes, (order) => order.refunds, refundRow, {});
  await Promise.all([
    insertRows(tx, 'payments', paymentColumns, payments.fresh),
    updateRows(tx, 'payments', paymentChanging, key, payments.changed),
    insertRows(tx, 'payment_attempts', attemptColumns, attempts.fresh),
    updateRows(tx, 'payment_attempts', attemptChanging, key, attempts.changed),
    insertRows(tx, 'surplus_receipts', surplusColumns, surplus.fresh),
    updateRows(tx, 'surplus_receipts', surplusColumns, key, surplus.changed),
    insertRows(tx, 'refunds', refundColumns, refunds.fresh),
    updateRows(tx, 'refunds', refundColumns, key, refunds.changed),
  ]);
}

function sorted<Part extends { readonly bucket: number; readonly id: string }>(parts: readonly Part[]): Part[] {
  return [...parts].sort((a, b) => a.bucket - b.bucket || (a.id < b.id ? -1 : 1));
}

const observationColumns = {
  bucket: 'int2',
  order_id: 'uuid',
  subject: 'uuid',
  source: 'text',
  digest: 'text',
  body: 'jsonb',
  trust: 'text',
  exchange_id: 'uuid',
  notice_id: 'uuid',
  heard_at: 'timestamptz',
  last_seen_at: 'timestamptz',
} as const;

export type KeptObservation = Observation & {
  readonly bucket: number;
  readonly orderId: string;
  readonly digest: string;
};

/** Append-only; the same words of the same source again only raise the count. */
export async function insertObservations(tx: Queryable, all: readonly KeptObservation[]): Promise<void> {
  // Twice in one list: the second time is counted by the statement that comes then.
  const rows = [...new Map(all.map((one) => [`${one.subject}/${one.source}/${one.digest}`, one])).values()].sort(
    (a, b) => a.bucket - b.bucket || (a.subject + a.source + a.digest < b.subject + b.source + b.digest ? -1 : 1),
  );
  await insertRows(
    tx,
    'payment_observations',
    observationColumns,
    rows.map((one) => ({
      ...{ bucket: one.bucket, order_id: one.orderId, subject: one.subject, source: one.source },
      ...{ digest: one.digest, body: one.body, trust: one.trust, exchange_id: one.exchangeId, notice_id: one.noticeId },
      ...{ heard_at: one.heardAt, last_seen_at: one.heardAt },
    })),
    `on conflict (bucket, subject, source, digest) do update set
       seen_count = payment_observations.seen_count + 1, last_seen_at = excluded.last_seen_at`,
  );
}

const tradeColumns = { account_id: 'text', trade_no: 'text', bucket: 'int2', payment_id: 'uuid' } as const;

export type TradeClaim = {
  readonly accountId: string;
  readonly tradeNo: string;
  readonly bucket: number;
  readonly paymentId: string;
};

/** One trade pays one payment. Returns the trades that belong to another one already. */
export async function claimChannelTrades(tx: Queryable, claims: readonly TradeClaim[]): Promise<ReadonlySet<string>> {
  const named = claims.filter(({ tradeNo }) => tradeNo !== '');
  const rows = [...named].sort((a, b) => (a.accountId + a.tradeNo < b.accountId + b.tradeNo ? -1 : 1));
  const won = await insertRows<typeof tradeColumns, { account_id: string; trade_no: string }>(
    tx,
    'channel_trades',
    tradeColumns,
    rows.map((one) => ({
      ...{ account_id: one.accountId, trade_no: one.tradeNo, bucket: one.bucket, payment_id: one.paymentId },
    })),
    `on conflict (account_id, trade_no) do update set payment_id = excluded.payment_id
       where channel_trades.payment_id = excluded.payment_id returning account_id, trade_no`,
  );
  const ours = new Set(won.map((row) => `${row.account_id}/${row.trade_no}`));
  return new Set(named.map((one) => `${one.accountId}/${one.tradeNo}`).filter((key) => !ours.has(key)));
}

/** Where an order is, by the shop's number. */
export async function findOrderIds(
  db: Queryable,
  wanted: readonly { readonly bucket: number; readonly merchantId: string; readonly orderNo: string }[],
): Promise<ReadonlyMap<string, string>> {
  const set = unnest(
    { bucket: 'int2', merchant_id: 'text', order_no: 'text' } as const,
    wanted.map((one) => ({ bucket: one.bucket, merchant_id: one.merchantId, order_no: one.orderNo })),
  );
  const rows = await db.query<{ merchant_id: string; order_no: string; id: string }>(
    kept(`select o.merchant_id, o.order_no, o.id from ${set.sql} join merchant_orders o
            on o.bucket = t.bucket and o.merchant_id = t.merchant_id and o.order_no = t.order_no`),
    set.values,
  );
  return new Map(rows.map((row) => [`${row.merchant_id}|${row.order_no}`, row.id]));
}

/** Which orders these attempts or refunds belong to; with a bucket each look stays in one. */
export async function findOrdersOf(
  db: Queryable,
  table: 'payment_attempts' | 'refunds' | 'payments' | 'surplus_receipts',
  keys: readonly RecordKey[],
): Promise<ReadonlyMap<string, RecordKey>> {
  if (keys.length === 0) return new Map();
  const set = unnest(keyColumns, keys);
  const rows = await db.query<{ id: string; bucket: number; order_id: string }>(
    kept(`select r.id, r.bucket, r.order_id from ${set.sql} join ${table} r on r.bucket = t.bucket and r.id = t.id`),
    set.values,
  );
  return new Map(rows.map((row) => [row.id, { bucket: row.bucket, id: row.order_id }]));
}

export type FoundAttempt = { readonly id: string; readonly orderId: string; readonly accountId: string };

/** The attempts that the channel knows by these numbers, in the order of the numbers. */
export async function findAttemptsBySerial(
  db: Queryable,
  wanted: readonly { readonly bucket: number; readonly serialNo: string }[],
): Promise<(FoundAttempt | undefined)[]> {
  const set = unnest(
    { bucket: 'int2', serial_no: 'text' } as const,
    wanted.map(({ bucket, serialNo }) => ({ bucket, serial_no: serialNo })),
  );
  const rows = await db.query<{ serial_no: string; id: string; order_id: string; account_id: string }>(
    kept(`select a.serial_no, a.id, a.order_id, a.account_id from ${set.sql}
            join payment_attempts a on a.bucket = t.bucket and a.serial_no = t.serial_no`),
    set.values,
  );
  const found = new Map(
    rows.map((row) => [row.serial_no, { id: row.id, orderId: row.order_id, accountId: row.account_id }]),
  );
  return wanted.map(({ serialNo }) => found.get(serialNo));
}

/** The order of a part that is known by its id alone. One look into the key of each bucket. */
export async function findOrderById(
  parts: { readonly db: Queryable },
  table: 'payment_attempts' | 'refunds' | 'payments' | 'surplus_receipts',
  id: string,
): Promise<Order | undefined> {
  const rows = await parts.db.query<{ bucket: number; order_id: string }>(
    `select bucket, order_id from ${table} where bucket = any(array(select generate_series(0, 999))) and id = $1`,
    [id],
  );
  const [row] = rows;
  const [order] = row ? await loadOrders(parts.db, [{ bucket: row.bucket, id: row.order_id }]) : [];
  return order;
}
