import type { Instant } from '../kernel/index.ts';
import type { Queryable } from '../platform/db.ts';
import { findCalls } from './look-store.ts';
import { isUnwell } from './rules.ts';

/** Rule D5 for one account: above 5 % of the calls of an operation ended without an answer in the last five minutes. */
export async function isUnhealthy(db: Queryable, accountId: string, at: Instant): Promise<boolean> {
  return (await findCalls(db, at, accountId)).some(isUnwell);
}
