import type { Instant } from '../kernel/index.ts';
import type { Queryable } from './db.ts';

/**
 * When this database was last restored from a backup; undefined when it never was. What was sent between backup and restore is known to
 * the channel only: whatever was learnt before this moment may be out of date.
 */
export async function lastRestoreAt(db: Queryable): Promise<Instant | undefined> {
  const [row] = await db.query<{ at: Instant | null }>('select max(restored_at) as at from restores');
  return row?.at ?? undefined;
}
