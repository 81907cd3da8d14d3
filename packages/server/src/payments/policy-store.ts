import type { Queryable } from '../platform/db.ts';
import { kept } from '../platform/db.ts';

/** Every account that is not closed, with its channel. */
export async function findPayAccounts(db: Queryable): Promise<{ readonly id: string; readonly channel: string }[]> {
  return db.query(kept('select id, channel from channel_accounts where closed_at is null'));
}
