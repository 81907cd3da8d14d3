import type { Instant } from '../kernel/index.ts';
import { kept, timestamp } from '../platform/db.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import { userOf } from './store.ts';
import type { UserRow } from './store.ts';
import type { Token, TokenKind, TokenRecord } from './token.ts';

type TokenRow = {
  digest: Buffer;
  kind: TokenKind;
  user_id: string;
  label: string;
  scopes: string[];
  merchants: string[];
  ip_allow: string[];
  created_at: Instant;
  expires_at: Instant | null;
  revoked_at: Instant | null;
};

function tokenOf(row: TokenRow): Token {
  return {
    id: row.digest.toString('hex'),
    kind: row.kind,
    userId: row.user_id,
    label: row.label,
    scopes: row.scopes,
    merchants: row.merchants,
    ipAllow: row.ip_allow,
    createdAt: row.created_at,
    expiresAt: row.expires_at ?? undefined,
    revokedAt: row.revoked_at ?? undefined,
  };
}

export async function insertToken(tx: Tx, token: Token): Promise<void> {
  await tx.query(
    `INSERT INTO access_tokens (digest, kind, user_id, label, scopes, merchants, ip_allow, created_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      Buffer.from(token.id, 'hex'),
      token.kind,
      token.userId,
      token.label,
      token.scopes,
      token.merchants,
      token.ipAllow,
      timestamp(token.createdAt),
      token.expiresAt === undefined ? null : timestamp(token.expiresAt),
    ],
  );
}

/** One look-up by the whole keyed digests: how long it takes tells nothing about a token. In the order of the digests. */
export async function findByDigests(
  db: Queryable,
  digests: readonly Uint8Array[],
): Promise<(TokenRecord | undefined)[]> {
  const rows = await db.query<TokenRow & { [K in keyof UserRow as `user_${K}`]: UserRow[K] }>(
    kept(`SELECT t.digest, t.kind, t.user_id, t.label, t.scopes, t.merchants, t.ip_allow, t.created_at, t.expires_at,
       t.revoked_at, u.name AS user_name, u.roles AS user_roles, u.merchants AS user_merchants,
       u.created_at AS user_created_at, u.disabled_at AS user_disabled_at
     FROM access_tokens t JOIN users u ON u.id = t.user_id WHERE t.digest = ANY($1::bytea[])`),
    [digests.map((digest) => Buffer.from(digest))],
  );
  const records = new Map(rows.map((row) => [row.digest.toString('hex'), recordOf(row)]));
  return digests.map((digest) => records.get(Buffer.from(digest).toString('hex')));
}

function recordOf(row: TokenRow & { [K in keyof UserRow as `user_${K}`]: UserRow[K] }): TokenRecord {
  const user = userOf({
    id: row.user_id,
    name: row.user_name,
    roles: row.user_roles,
    merchants: row.user_merchants,
    created_at: row.user_created_at,
    disabled_at: row.user_disabled_at,
  });
  return { token: tokenOf(row), user };
}

export async function hasTokens(db: Queryable, userId: string): Promise<boolean> {
  return (await db.query('SELECT FROM access_tokens WHERE user_id = $1 LIMIT 1', [userId])).length > 0;
}

/** Tokens whose digest begins so; more than one means that the name is too short. */
export async function findByName(db: Queryable, name: string): Promise<readonly Token[]> {
  const rows = await db.query<TokenRow>(
    `SELECT * FROM access_tokens WHERE left(encode(digest, 'hex'), length($1)) = $1`,
    [name],
  );
  return rows.map(tokenOf);
}

/** False when somebody else revoked it meanwhile. */
export async function revoke(tx: Tx, id: string, at: Instant): Promise<boolean> {
  const rows = await tx.query(
    'UPDATE access_tokens SET revoked_at = $2 WHERE digest = $1 AND revoked_at IS NULL RETURNING user_id',
    [Buffer.from(id, 'hex'), timestamp(at)],
  );
  return rows.length === 1;
}

export async function readTokens(db: Queryable, userId: string | undefined): Promise<readonly Token[]> {
  const rows = await db.query<TokenRow>(
    'SELECT * FROM access_tokens WHERE $1::text IS NULL OR user_id = $1 ORDER BY created_at, digest',
    [userId ?? null],
  );
  return rows.map(tokenOf);
}
