import { days, plus } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { timestamp } from '../platform/db.ts';
import type { Queryable } from '../platform/db.ts';

/** No code or page of a channel can be paid longer than this after its attempt was made. */
const longestLifeMs = days(8);

/** Whether money came in over this account at a moment in between. */
export async function hasCollected(
  db: Queryable,
  accountId: string,
  { from, to }: { readonly from: Instant; readonly to: Instant },
): Promise<boolean> {
  const rows = await db.query(
    `select from payment_attempts where account_id = $1 and paid_at >= $2 and paid_at < $3 and received_minor > 0
       and created_at >= $4 and created_at < $3 limit 1`,
    [accountId, timestamp(from), timestamp(to), timestamp(plus(from, -longestLifeMs))],
  );
  return rows.length > 0;
}
