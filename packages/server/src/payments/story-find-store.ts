import { bucketOf, bucketOfSerialNo, isSerialNo } from '../kernel/index.ts';
import type { RecordKey } from '../platform/commands.ts';
import type { Queryable } from '../platform/db.ts';
import { normalForm } from '../platform/numbers.ts';
import { unnest } from '../platform/sql.ts';
import type { Reach } from '../platform/story/index.ts';

/** Which number it is: of the order, of a trade, of an attempt or a refund as the channel knows it, or an id of ours. */
export type OrderHit = { readonly form: string; readonly kind: string; readonly order: RecordKey };

type Row = { form: string; kind: string; bucket: number; id: string };

const hitsOf = (rows: readonly Row[]): OrderHit[] =>
  rows.map(({ form, kind, bucket, id }) => ({ form, kind, order: { bucket, id } }));

const merchantsOf = (reach: Reach): readonly string[] | null => (reach === 'all' ? null : reach);

/** Orders that came with a declaration and were never collected here have no terms, and nothing to tell that the declaration does not. */
const collected = 'o.due_minor is not null';

/**
 * Orders by any of these texts, by the keys that they have anyway: no index is written for it beside the shop's numbers of refunds and shares.
 * A statement per kind of number, however many there are.
 */
export async function findOrderHits(
  db: Queryable,
  reach: Reach,
  forms: readonly string[],
  limit: number,
): Promise<OrderHit[]> {
  if (forms.length === 0) return [];
  const found = await Promise.all([
    byOrderNo(db, reach, forms),
    bySerial(db, reach, forms),
    byTrade(db, reach, forms, limit),
    byShopNo(db, reach, forms, limit),
    byIds(db, reach, forms),
  ]);
  return found.flat().slice(0, limit);
}

async function byOrderNo(db: Queryable, reach: Reach, forms: readonly string[]): Promise<OrderHit[]> {
  const merchants =
    reach === 'all' ? (await db.query<{ id: string }>('select id from merchants')).map(({ id }) => id) : reach;
  const set = unnest(
    { bucket: 'int2', merchant_id: 'text', form: 'text' } as const,
    merchants.flatMap((merchant) =>
      forms.map((form) => ({ bucket: bucketOf(merchant, form), merchant_id: merchant, form })),
    ),
  );
  return hitsOf(
    await db.query<Row>(
      `select t.form, 'order' as kind, o.bucket, o.id from ${set.sql} join merchant_orders o
         on o.bucket = t.bucket and o.merchant_id = t.merchant_id and o.order_no = t.form where ${collected}`,
      set.values,
    ),
  );
}

/** Twenty digits of ours say their bucket; a refund that the channel made is named after the number of its attempt. */
async function bySerial(db: Queryable, reach: Reach, forms: readonly string[]): Promise<OrderHit[]> {
  const set = unnest(
    { bucket: 'int2', form: 'text' } as const,
    forms.flatMap((form) => {
      const serial = /^C(\d{20})-\d+$/.exec(form)?.[1] ?? form;
      return isSerialNo(serial) ? [{ bucket: bucketOfSerialNo(serial), form }] : [];
    }),
  );
  return hitsOf(
    await db.query<Row>(
      `select t.form, 'payment_serial' as kind, a.bucket, a.order_id as id from ${set.sql}
         join payment_attempts a on a.bucket = t.bucket and a.serial_no = t.form and ($3::text[] is null or a.merchant_id = any($3))
       union all
       select t.form, 'refund', r.bucket, r.order_id from ${set.sql}
         join refunds r on r.bucket = t.bucket and r.refund_no = t.form and ($3::text[] is null or r.merchant_id = any($3))
       union all
       select t.form, 'share', s.bucket, s.order_id from ${set.sql}
         join shares s on s.bucket = t.bucket and s.share_no = t.form and ($3::text[] is null or s.merchant_id = any($3))
       union all
       select t.form, 'share_return', s.bucket, s.order_id from ${set.sql}
         join share_returns s on s.bucket = t.bucket and s.return_no = t.form and ($3::text[] is null or s.merchant_id = any($3))`,
      [...set.values, merchantsOf(reach)],
    ),
  );
}

async function byTrade(db: Queryable, reach: Reach, forms: readonly string[], limit: number): Promise<OrderHit[]> {
  return hitsOf(
    await db.query<Row>(
      `select t.form, 'trade' as kind, o.bucket, o.id from channel_accounts a cross join unnest($1::text[]) as t(form)
         join channel_trades c on c.account_id = a.id and c.trade_no = t.form
         join payments p on p.bucket = c.bucket and p.id = c.payment_id
         join merchant_orders o on o.bucket = p.bucket and o.id = p.order_id
       where ($2::text[] is null or a.merchant_id = any($2)) and ${collected} limit $3`,
      [forms, merchantsOf(reach), limit],
    ),
  );
}

async function byShopNo(db: Queryable, reach: Reach, forms: readonly string[], limit: number): Promise<OrderHit[]> {
  return hitsOf(
    await db.query<Row>(
      `select n.normal_form as form, 'refund' as kind, r.bucket, r.order_id as id from numbers n
         join refunds r on r.bucket = n.bucket and r.id = n.record
       where n.normal_form = any($1::text[]) and n.kind = 'refund' and ($2::text[] is null or n.merchant_id = any($2))
       union all
       select n.normal_form, n.kind, s.bucket, s.order_id from numbers n
         join shares s on s.bucket = n.bucket and s.id = n.record
       where n.normal_form = any($1::text[]) and n.kind = 'share' and ($2::text[] is null or n.merchant_id = any($2))
       union all
       select n.normal_form, n.kind, s.bucket, s.order_id from numbers n
         join share_returns s on s.bucket = n.bucket and s.id = n.record
       where n.normal_form = any($1::text[]) and n.kind = 'share_return' and ($2::text[] is null or n.merchant_id = any($2)) limit $3`,
      [[...new Set(forms.map(normalForm))], merchantsOf(reach), limit],
    ),
  );
}

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const numberedForm = /^[CA]-\d{1,15}$/;

const tables = [
  ['payments', 'payment'],
  ['payment_attempts', 'attempt'],
  ['refunds', 'refund'],
  ['surplus_receipts', 'surplus'],
  ['shares', 'share'],
  ['share_returns', 'share_return'],
] as const;

/** By the id of any part, or by the case or approval that is about one. An id alone is one look into the key of each bucket. */
async function byIds(db: Queryable, reach: Reach, forms: readonly string[]): Promise<OrderHit[]> {
  const named = await subjectsOf(
    db,
    reach,
    forms.filter((form) => numberedForm.test(form)),
  );
  const own = forms.filter((form) => uuidForm.test(form)).map((form) => ({ form, id: form.toLowerCase(), kind: '' }));
  const wanted = [...named, ...own];
  if (wanted.length === 0) return [];
  const everywhere = 'bucket = any(array(select generate_series(0, 999)::int2)) and id = any($1::uuid[])';
  const parts = tables.map(
    ([table, kind]) =>
      `select id as part, '${kind}' as kind, bucket, order_id as id, merchant_id from ${table} where ${everywhere}`,
  );
  const order = `select id, 'order', bucket, id, merchant_id from merchant_orders o where ${everywhere} and ${collected}`;
  const rows = await db.query<Row & { part: string }>(
    `select part, kind, bucket, id from (${[...parts, order].join(' union all ')}) found
     where $2::text[] is null or merchant_id = any($2)`,
    [[...new Set(wanted.map(({ id }) => id))], merchantsOf(reach)],
  );
  return wanted.flatMap(({ form, id, kind }) =>
    hitsOf(rows.filter(({ part }) => part === id).map((row) => ({ ...row, form, kind: kind || row.kind }))),
  );
}

async function subjectsOf(
  db: Queryable,
  reach: Reach,
  forms: readonly string[],
): Promise<readonly { readonly form: string; readonly id: string; readonly kind: string }[]> {
  if (forms.length === 0) return [];
  return db.query(
    `select id as form, subject as id, 'case' as kind from cases
     where id = any($1::text[]) and subject_kind in ('payment', 'payment_attempt', 'refund', 'share', 'share_return') and ($2::text[] is null or merchant_id = any($2))
     union all
     select id, subject, 'approval' from approvals
     where id = any($1::text[]) and command in ('attempts.verdict', 'refunds', 'refunds.verdict', 'sharing.verdict', 'surplus.resolve') and ($2::text[] is null or merchant_id = any($2))`,
    [forms, merchantsOf(reach)],
  );
}
