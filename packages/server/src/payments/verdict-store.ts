import type { Instant } from '../kernel/index.ts';
import { timestamp } from '../platform/db.ts';
import type { Queryable } from '../platform/db.ts';

type About = { readonly bucket: number; readonly id: string };

/** A worker holds a call about it, or waits for its answer. */
export async function isCallUnderway(
  db: Queryable,
  { bucket, id }: About,
  kinds: readonly string[],
  at: Instant,
): Promise<boolean> {
  const underway = await db.query(
    'select from jobs where bucket = $1 and kind = any($2) and subject = $3 and wanted > done and leased_until > $4',
    [bucket, kinds, id, timestamp(at)],
  );
  return underway.length > 0;
}

/** The amount in the channel's words, where it spoke of another than ours on a good signature. */
export async function findDisputed(db: Queryable, { bucket, id }: About): Promise<string | undefined> {
  const [disputed] = await db.query<{ says: string }>(
    `select body->>'disputed' as says from payment_observations
     where bucket = $1 and subject = $2 and trust = 'verified' and body ? 'disputed' limit 1`,
    [bucket, id],
  );
  return disputed?.says;
}

/** Whether the channel's trade number is known to be of another payment. */
export async function isTradeOfAnother(
  db: Queryable,
  { accountId, paymentId }: { readonly accountId: string; readonly paymentId: string },
  tradeNo: string,
): Promise<boolean> {
  const others = await db.query(
    'select from channel_trades where account_id = $1 and trade_no = $2 and payment_id <> $3',
    [accountId, tradeNo, paymentId],
  );
  return others.length > 0;
}
