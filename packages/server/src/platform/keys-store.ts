import type { Instant } from '../kernel/index.ts';
import { timestamp } from './db.ts';
import type { Queryable } from './db.ts';
import type { KeyStore } from './keys.ts';

type KeyRow = { id: string; month: string; class: string; wrapped: Buffer; created_at: Instant };

/** `data_keys`: the wrapped keys. A dump of the database holds them, and without the master key they are noise. */
export function createKeyStore(db: Queryable): KeyStore {
  return {
    async all() {
      const rows = await db.query<KeyRow>('SELECT id, month, class, wrapped, created_at FROM data_keys');
      return rows.map((row) => ({
        id: row.id,
        month: row.month,
        class: row.class,
        wrapped: new Uint8Array(row.wrapped),
        createdAt: row.created_at,
      }));
    },
    async add(rows) {
      await db.query(
        `INSERT INTO data_keys (id, month, class, wrapped, created_at)
         SELECT t.* FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::timestamptz[]) AS t(id, month, class, wrapped, at)
         -- The seal's second to seventeenth byte name the master key: one store is under one.
         WHERE NOT EXISTS (SELECT FROM data_keys k
           WHERE length(k.wrapped) > 0 AND substring(k.wrapped FROM 2 FOR 16) <> substring(t.wrapped FROM 2 FOR 16))
         ON CONFLICT (month, class) DO NOTHING`,
        [
          rows.map((row) => row.id),
          rows.map((row) => row.month),
          rows.map((row) => row.class),
          rows.map((row) => Buffer.from(row.wrapped)),
          rows.map((row) => timestamp(row.createdAt)),
        ],
      );
    },
    async erase(month, keyClass) {
      await db.query(`UPDATE data_keys SET wrapped = ''::bytea WHERE month = $1 AND class = $2`, [month, keyClass]);
    },
  };
}
