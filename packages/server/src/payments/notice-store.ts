import type { Instant } from '../kernel/index.ts';
import { timestamp } from '../platform/db.ts';
import type { Queryable } from '../platform/db.ts';
import { insertRows, updateRows } from '../platform/sql.ts';
import type { SealedPlace } from '../platform/seal.ts';
import type { NoticeRef, NoticeRow, NoticeState } from './work.ts';

const columns = {
  bucket: 'int2',
  id: 'uuid',
  account_id: 'text',
  received_at: 'timestamptz',
  peer: 'text',
  digest: 'text',
  message: 'bytea',
  state: 'text',
  reading: 'jsonb',
  read_at: 'timestamptz',
  seen_count: 'int4',
  last_seen_at: 'timestamptz',
} as const;

export const noticePlace = (id: string): SealedPlace => ({ table: 'inbound_notices', column: 'message', rowId: id });

export type KeptNotice = NoticeRef & { readonly state: NoticeState };

const keyOf = (one: { readonly bucket: number; readonly accountId: string; readonly digest: string }): string =>
  `${one.bucket}/${one.accountId}/${one.digest}`;

/**
 * Keeps messages; answers for each the row that it now is. The same message again only raises its count: one that was told stays told, and
 * one that did not verify then takes its new state.
 */
export async function keepNotices(db: Queryable, notices: readonly NoticeRow[]): Promise<KeptNotice[]> {
  const distinct = new Map<string, NoticeRow & { seen: number }>();
  for (const one of notices) distinct.set(keyOf(one), { ...one, seen: (distinct.get(keyOf(one))?.seen ?? 0) + 1 });
  const rows = [...distinct.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  const kept = await insertRows<
    typeof columns,
    { bucket: number; accountId: string; digest: string; id: string; state: NoticeState }
  >(
    db,
    'inbound_notices',
    columns,
    rows.map((one) => ({
      ...{ bucket: one.bucket, id: one.id, account_id: one.accountId, received_at: one.receivedAt, peer: one.peer },
      ...{ digest: one.digest, message: one.message, state: one.state, reading: one.reading, seen_count: one.seen },
      ...{ read_at: one.receivedAt, last_seen_at: one.receivedAt },
    })),
    `on conflict (bucket, account_id, digest) do update set
       seen_count = inbound_notices.seen_count + excluded.seen_count, last_seen_at = excluded.last_seen_at,
       state = case when excluded.state = 'refused' or inbound_notices.state = 'told' then inbound_notices.state else excluded.state end
     returning bucket, account_id as "accountId", digest, id, state`,
  );
  const known = new Map(kept.map((row) => [keyOf(row), row]));
  return notices.map((one) => {
    const { bucket, id, state } = known.get(keyOf(one)) ?? one;
    return { bucket, id, state };
  });
}

const stateColumns = { bucket: 'int2', id: 'uuid', state: 'text' } as const;

/** In the transaction of what they led to. */
export async function markNotices(tx: Queryable, notices: readonly NoticeRef[], state: NoticeState): Promise<void> {
  const once = new Map(notices.map(({ bucket, id }) => [id, { bucket, id, state }]));
  const where = `target.state <> 'told'`;
  await updateRows(tx, 'inbound_notices', stateColumns, ['bucket', 'id'], [...once.values()], { where });
}

/** A message that was kept and not told: whoever kept it ended before. */
export type WaitingNotice = NoticeRef & {
  readonly accountId: string;
  readonly merchantId: string;
  readonly receivedAt: Instant;
  readonly message: Uint8Array;
};

/** Tried now and not told: each next try comes after as long as it has waited so far. */
export async function postponeNotices(db: Queryable, notices: readonly NoticeRef[], at: Instant): Promise<void> {
  const columns = { bucket: 'int2', id: 'uuid', read_at: 'timestamptz' } as const;
  const rows = notices.map(({ bucket, id }) => ({ bucket, id, read_at: at }));
  await updateRows(db, 'inbound_notices', columns, ['bucket', 'id'], rows, { where: `target.state = 'stored'` });
}

/** Those that wait and are to be tried now: first after this grace, then twice as late each time, once an hour at last. */
export async function findWaiting(
  db: Queryable,
  at: Instant,
  graceMs: number,
  limit: number,
): Promise<readonly WaitingNotice[]> {
  return db.query<WaitingNotice>(
    `select n.bucket, n.id, n.account_id as "accountId", a.merchant_id as "merchantId", n.received_at as "receivedAt", n.message
     from inbound_notices n join channel_accounts a on a.id = n.account_id
     where n.state = 'stored' and n.read_at < $1::timestamptz - $2 * interval '1 ms'
       and n.read_at < $1::timestamptz - least(n.read_at - n.received_at, interval '1 hour')
     order by n.read_at, n.id limit $3`,
    [timestamp(at), graceMs, limit],
  );
}
