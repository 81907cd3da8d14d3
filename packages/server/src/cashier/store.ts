import type { Currency, Instant } from '../kernel/index.ts';
import { kept, timestamp } from '../platform/db.ts';
import type { Queryable } from '../platform/db.ts';
import { insertRows } from '../platform/sql.ts';
import type { Cashier, CashierNeeds } from './session.ts';

const columns = {
  bucket: 'int2',
  id: 'uuid',
  merchant_id: 'text',
  order_no: 'text',
  token_digest: 'bytea',
  subject: 'text',
  amount_minor: 'int8',
  currency: 'text',
  expires_at: 'timestamptz',
  return_url: 'text',
  return_until: 'timestamptz',
  payer_sealed: 'bytea',
  needs: 'jsonb',
  lang: 'text',
  created_at: 'timestamptz',
} as const;

export async function insertCashier(tx: Queryable, cashier: Cashier, tokenDigest: Uint8Array): Promise<void> {
  const { bucket, id, merchantId, orderNo, subject, amount, expiresAt, returnUrl, returnUntil } = cashier;
  await insertRows(tx, 'cashiers', columns, [
    {
      ...{ bucket, id, merchant_id: merchantId, order_no: orderNo, token_digest: tokenDigest, subject },
      ...{ amount_minor: amount.minor, currency: amount.currency, expires_at: expiresAt, return_url: returnUrl },
      ...{ return_until: returnUntil, payer_sealed: cashier.payerSealed, needs: cashier.needs, lang: cashier.lang },
      created_at: cashier.createdAt,
    },
  ]);
}

/** Links of one order are opened one after another, in all processes: of two prices one is the latest. */
export async function lockLinks(tx: Queryable, { bucket, merchantId, orderNo }: Cashier): Promise<void> {
  await tx.query('select pg_advisory_xact_lock($1::int4, hashtext($2))', [bucket, `cashiers ${merchantId} ${orderNo}`]);
}

/** The latest price counts: links that name another one lead nowhere any more. */
export async function replaceOthers(tx: Queryable, { bucket, id, merchantId, orderNo, amount, createdAt }: Cashier) {
  await tx.query(
    `update cashiers set replaced_at = $7
     where bucket = $1 and merchant_id = $2 and order_no = $3 and id <> $4 and replaced_at is null
       and (amount_minor, currency) <> ($5, $6)`,
    [bucket, merchantId, orderNo, id, String(amount.minor), amount.currency, timestamp(createdAt)],
  );
}

type CashierRow = {
  bucket: number;
  id: string;
  merchant_id: string;
  order_no: string;
  subject: string;
  amount_minor: bigint;
  currency: string;
  expires_at: Instant;
  return_url: string | null;
  return_until: Instant | null;
  payer_sealed: Buffer | null;
  needs: CashierNeeds;
  lang: 'zh' | 'en' | null;
  replaced_at: Instant | null;
  created_at: Instant;
};

export async function findCashierByDigest(
  db: Queryable,
  bucket: number,
  tokenDigest: Uint8Array,
): Promise<Cashier | undefined> {
  const [row] = await db.query<CashierRow>(kept(`select * from cashiers where bucket = $1 and token_digest = $2`), [
    bucket,
    Buffer.from(tokenDigest),
  ]);
  return row && cashierOf(row);
}

export async function findCashierById(db: Queryable, bucket: number, id: string): Promise<Cashier | undefined> {
  const [row] = await db.query<CashierRow>(kept(`select * from cashiers where bucket = $1 and id = $2`), [bucket, id]);
  return row && cashierOf(row);
}

function cashierOf(row: CashierRow): Cashier {
  return {
    ...{ bucket: row.bucket, id: row.id, merchantId: row.merchant_id, orderNo: row.order_no, subject: row.subject },
    amount: { minor: row.amount_minor, currency: row.currency as Currency },
    ...{ expiresAt: row.expires_at, needs: row.needs, createdAt: row.created_at },
    ...(row.return_url === null ? {} : { returnUrl: row.return_url }),
    ...(row.return_until === null ? {} : { returnUntil: row.return_until }),
    ...(row.payer_sealed === null ? {} : { payerSealed: row.payer_sealed }),
    ...(row.lang === null ? {} : { lang: row.lang }),
    ...(row.replaced_at === null ? {} : { replacedAt: row.replaced_at }),
  };
}

export type HeardOfOrder = {
  /** Attempts whose close has left, or may have. */
  readonly closeSent: ReadonlySet<string>;
  /** Attempts of which the channel spoke with another amount or currency than ours. */
  readonly disputed: ReadonlySet<string>;
};

/** What the page must know of an order's open attempts besides their records; found by attempt, as the indexes are. A call that never left this machine has sent nothing. */
export async function readHeard(
  db: Queryable,
  bucket: number,
  { open, closing }: { readonly open: readonly string[]; readonly closing: readonly string[] },
): Promise<HeardOfOrder> {
  const [sent, disputed] = await Promise.all([
    closing.length === 0
      ? []
      : db.query<{ id: string }>(
          kept(`select distinct s.subject as id from exchange_subjects s
             left join exchange_answers a on a.bucket = s.exchange_bucket and a.exchange_id = s.exchange_id
           where s.bucket = $1 and s.subject = any($2) and s.operation in ('pay.close', 'pay.cancel')
             and a.kind is distinct from 'unsent'`),
          [bucket, closing],
        ),
    open.length === 0
      ? []
      : db.query<{ id: string }>(
          kept(`select distinct subject as id from payment_observations
                where bucket = $1 and subject = any($2) and trust <> 'none' and body ? 'disputed'`),
          [bucket, open],
        ),
  ]);
  return { closeSent: idsOf(sent), disputed: idsOf(disputed) };
}

const idsOf = (rows: readonly { readonly id: string }[]): ReadonlySet<string> => new Set(rows.map(({ id }) => id));

export type MerchantNames = { readonly zh: string; readonly en: string };

export async function readMerchantNames(db: Queryable, merchantId: string): Promise<MerchantNames> {
  const [row] = await db.query<MerchantNames>(
    kept('select name_zh as zh, name_en as en from merchants where id = $1'),
    [merchantId],
  );
  return row ?? { zh: merchantId, en: merchantId };
}
