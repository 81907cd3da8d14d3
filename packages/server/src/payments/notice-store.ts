import type { Queryable } from '../platform/db.ts';
import { insertRows } from '../platform/sql.ts';
import type { SealedPlace } from '../platform/seal.ts';
import type { NoticeRow } from './work.ts';

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
  last_seen_at: 'timestamptz',
} as const;

export const noticePlace = (id: string): SealedPlace => ({ table: 'inbound_notices', column: 'message', rowId: id });

/** The same message again only raises its count; one that was stored and not told before takes its new state. */
export async function insertNotices(tx: Queryable, notices: readonly NoticeRow[]): Promise<void> {
  const distinct = new Map(notices.map((one) => [`${one.bucket}/${one.accountId}/${one.digest}`, one]));
  const rows = [...distinct.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  await insertRows(
    tx,
    'inbound_notices',
    columns,
    rows.map((one) => ({
      ...{ bucket: one.bucket, id: one.id, account_id: one.accountId, received_at: one.receivedAt, peer: one.peer },
      ...{ digest: one.digest, message: one.message, state: one.state, reading: one.reading },
      ...{ read_at: one.receivedAt, last_seen_at: one.receivedAt },
    })),
    `on conflict (bucket, account_id, digest) do update set
       seen_count = inbound_notices.seen_count + 1, last_seen_at = excluded.last_seen_at,
       state = case when inbound_notices.state = 'stored' then excluded.state else inbound_notices.state end`,
  );
}
