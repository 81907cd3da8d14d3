import type { Instant } from '../kernel/index.ts';
import { timestamp } from '../platform/db.ts';
import type { Tx } from '../platform/db.ts';
import { insertRows } from '../platform/sql.ts';

export type ClaimRow = {
  readonly digest: Uint8Array;
  readonly userId: string;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
};

export async function insertClaims(tx: Tx, claims: readonly ClaimRow[]): Promise<void> {
  const columns = { digest: 'bytea', user_id: 'text', created_at: 'timestamptz', expires_at: 'timestamptz' } as const;
  const rows = claims.map(({ digest, userId, createdAt, expiresAt }) => ({
    ...{ digest, user_id: userId, created_at: createdAt, expires_at: expiresAt },
  }));
  await insertRows(tx, 'login_claims', columns, rows);
}

/** Locked until the transaction ends: of two who come at once, the second one sees what the first did. */
export async function readClaim(
  tx: Tx,
  digest: Uint8Array,
): Promise<{ userId: string; expiresAt: Instant; claimedAt: Instant | undefined } | undefined> {
  const [row] = await tx.query<{ user_id: string; expires_at: Instant; claimed_at: Instant | null }>(
    'SELECT user_id, expires_at, claimed_at FROM login_claims WHERE digest = $1 FOR UPDATE',
    [Buffer.from(digest)],
  );
  return row && { userId: row.user_id, expiresAt: row.expires_at, claimedAt: row.claimed_at ?? undefined };
}

export async function markClaimed(tx: Tx, digest: Uint8Array, at: Instant): Promise<boolean> {
  const rows = await tx.query(
    'UPDATE login_claims SET claimed_at = $2 WHERE digest = $1 AND claimed_at IS NULL RETURNING user_id',
    [Buffer.from(digest), timestamp(at)],
  );
  return rows.length === 1;
}
