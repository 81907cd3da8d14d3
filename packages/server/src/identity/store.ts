import { assert } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { timestamp } from '../platform/db.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import { everyMerchant } from './actor.ts';

export type UserRecord = {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly merchants: readonly string[];
  readonly createdAt: Instant;
  readonly disabledAt: Instant | undefined;
};

export type UserRow = {
  id: string;
  name: string;
  roles: string[];
  merchants: string[];
  created_at: Instant;
  disabled_at: Instant | null;
};

export function userOf(row: UserRow): UserRecord {
  return {
    id: row.id,
    name: row.name,
    roles: row.roles,
    merchants: row.merchants,
    createdAt: row.created_at,
    disabledAt: row.disabled_at ?? undefined,
  };
}

/** Sandbox or production (architecture rule 13): read from the database, so that no caller can be mistaken about it. */
export async function readBirth(db: Queryable): Promise<'sandbox' | 'production'> {
  const [row] = await db.query<{ born_as: 'sandbox' | 'production' }>('SELECT born_as FROM installation');
  assert(row, 'this database has no birth mark');
  return row.born_as;
}

export async function insertUser(tx: Tx, user: UserRecord): Promise<boolean> {
  const rows = await tx.query(
    `INSERT INTO users (id, name, roles, merchants, created_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (id) DO NOTHING RETURNING id`,
    [user.id, user.name, user.roles, user.merchants, timestamp(user.createdAt)],
  );
  return rows.length === 1;
}

export async function lockUser(tx: Tx, id: string): Promise<UserRecord | undefined> {
  const [row] = await tx.query<UserRow>('SELECT * FROM users WHERE id = $1 FOR NO KEY UPDATE', [id]);
  return row && userOf(row);
}

export async function updateUser(tx: Tx, user: UserRecord): Promise<void> {
  await tx.query('UPDATE users SET roles = $2, merchants = $3, disabled_at = $4 WHERE id = $1', [
    user.id,
    user.roles,
    user.merchants,
    user.disabledAt === undefined ? null : timestamp(user.disabledAt),
  ]);
}

/** Who may change users everywhere. Locked in the order of ids: of two that take leave at once, the second one waits and sees it. */
export async function lockAdmins(tx: Tx): Promise<readonly string[]> {
  const rows = await tx.query<{ id: string }>(
    `SELECT id FROM users WHERE disabled_at IS NULL AND 'admin' = ANY (roles) AND $1 = ANY (merchants)
     ORDER BY id FOR NO KEY UPDATE`,
    [everyMerchant],
  );
  return rows.map((row) => row.id);
}

export async function hasUsers(db: Queryable): Promise<boolean> {
  return (await db.query('SELECT FROM users LIMIT 1')).length > 0;
}

export async function listUsers(db: Queryable): Promise<readonly UserRecord[]> {
  return (await db.query<UserRow>('SELECT * FROM users ORDER BY id')).map(userOf);
}
