import type { Instant } from '../kernel/index.ts';
import { timestamp } from '../platform/db.ts';
import type { Queryable } from '../platform/db.ts';
import { insertRows } from '../platform/sql.ts';
import type { Declaration } from './declaration.ts';

/** Declarations of one channel account at one place: what breaks, breaks for such a group. */
export type Watched = { readonly accountId: string; readonly place: string };

export function watchedKey({ accountId, place }: Watched): string {
  return `${accountId}/${place}`;
}

/** Groups that are sampled, because everybody knows already that their receipts do not come. */
export async function findSampled(db: Queryable): Promise<ReadonlySet<string>> {
  const rows = await db.query<{ account_id: string; place: string }>(
    'select account_id, place from customs_watches where sampled_since is not null',
  );
  return new Set(rows.map((row) => watchedKey({ accountId: row.account_id, place: row.place })));
}

export async function ensureWatches(tx: Queryable, declarations: readonly Declaration[], at: Instant): Promise<void> {
  const columns = {
    account_id: 'text',
    place: 'text',
    merchant_id: 'text',
    channel: 'text',
    watched_since: 'timestamptz',
  } as const;
  const byKey = new Map(declarations.map((one) => [watchedKey(one), one]));
  const rows = [...byKey.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { accountId, place, merchantId, channel }]) => ({
      account_id: accountId,
      place,
      merchant_id: merchantId,
      channel,
      watched_since: at,
    }));
  await insertRows(tx, 'customs_watches', columns, rows, 'on conflict (account_id, place) do nothing');
}

/** While an incident is open its group is sampled: asking everybody again and again would tell nothing new. */
export async function setSampling(
  tx: Queryable,
  { accountId, place }: Watched,
  since: Instant | undefined,
): Promise<void> {
  await tx.query('update customs_watches set sampled_since = $3 where account_id = $1 and place = $2', [
    accountId,
    place,
    since === undefined ? null : timestamp(since),
  ]);
}

/** Some that were accepted in that time and not asked since they were that old. */
export async function findUnaskedSample(
  db: Queryable,
  { accountId, place }: Watched,
  { from, to, count }: { readonly from: Instant; readonly to: Instant; readonly count: number },
  agedAfterMs: number,
): Promise<{ bucket: number; id: string }[]> {
  return db.query<{ bucket: number; id: string }>(
    `select bucket, id from customs_declarations
     where account_id = $1 and place = $2 and accepted_at >= $3 and accepted_at < $4 and request_no is not null
       and state in ('accepted', 'in_doubt', 'missing_reported')
       and coalesce((summary->>'lastAskedAt')::float8, 0) < extract(epoch from accepted_at) * 1000 + $6
     order by md5(id::text) limit $5`,
    [accountId, place, timestamp(from), timestamp(to), count, agedAfterMs],
  );
}
