import type { Instant } from '../../src/kernel/index.ts';
import type { Database } from '../../src/platform/db.ts';

export type Planted = {
  readonly accountId: string;
  readonly channel: string;
  readonly place: string;
  /** The first is accepted then, the others each so many milliseconds later. */
  readonly from: Instant;
  readonly count: number;
  readonly everyMs: number;
  /** SQL over `n`, 0 upwards: whether the port answered. */
  readonly answered: string;
  /** SQL over `n`: age in minutes at which the channel was last asked; null for never. */
  readonly askedAt: string;
};

export const shop = 'demo';

/** A merchant and its channel accounts, without secrets: enough for what only reads and counts. */
export async function plantAccounts(db: Database, accounts: readonly (readonly [string, string])[]): Promise<void> {
  await db.query(
    `insert into merchants (id, name_zh, name_en, created_at) values ($1, '示例商城', 'Demo shop', now()) on conflict do nothing`,
    [shop],
  );
  for (const [id, channel] of accounts)
    await db.query(
      `insert into channel_accounts (id, merchant_id, channel, name, settings, created_at) values ($1, $2, $3, 'test', '{}', now())`,
      [id, shop, channel],
    );
}

let planted = 0;

/** Declarations with summaries as facts would have folded them, in one statement: for tests of many. */
export async function plantDeclarations(db: Database, one: Planted): Promise<void> {
  const series = (planted += 1);
  await db.query(
    `with made as (
       select n, (n % 1000)::int2 as bucket, md5($8 || '/' || n)::uuid as id, $4::float8 + n * $6::float8 as at,
         (${one.answered}) as answered, (${one.askedAt})::float8 as asked, $8 || '-' || n as no
       from generate_series(0, $5::int - 1) as n),
     orders as (
       insert into merchant_orders (bucket, id, merchant_id, order_no, created_at)
       select bucket, id, $7, no, to_timestamp(at / 1000) from made),
     paid as (
       insert into payments (bucket, id, order_id, merchant_id, account_id, origin, trade_no, paid_at, created_at)
       select bucket, id, id, $7, $1, 'adopted', no, to_timestamp(at / 1000), to_timestamp(at / 1000) from made),
     watched as (
       insert into customs_watches (account_id, place, merchant_id, channel, watched_since)
       values ($1, $3, $7, $2, to_timestamp($4 / 1000)) on conflict do nothing)
     insert into customs_declarations (bucket, id, payment_id, merchant_id, account_id, channel, place, order_no, trade_no,
       request_no, customs_order_no, number_rule, declared_minor, currency, customs_code, customs_name, is_split, paid_at,
       summary, state, version, created_at)
     select bucket, id, id, $7, $1, $2, $3, no, no, no, no, 'adopted', 42000, 'CNY', 'C', 'N', false, to_timestamp(at / 1000),
       jsonb_strip_nulls(jsonb_build_object('pushes', 1, 'firstAcceptedAt', at, 'lastAskedAt', at + asked * 60000,
         'best', case when answered then jsonb_build_object('rank', 3, 'code', '3', 'class', 'to_customs', 'at', at + 15000) end)),
       case when answered then 'at_customs' else 'accepted' end, 1, to_timestamp(at / 1000)
     from made`,
    [one.accountId, one.channel, one.place, one.from, one.count, one.everyMs, shop, `T${series}`],
  );
}
