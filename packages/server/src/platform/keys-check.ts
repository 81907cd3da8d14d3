import type { Queryable } from './db.ts';
import type { Keyring } from './keys.ts';

/** Where sealed values lie. Secrets are opened all, exchanges by a sample: the newest, and enough to notice a key that does not fit. */
const places = [
  { table: 'channel_secrets', column: 'sealed', id: 'id', newest: undefined },
  { table: 'webhook_secrets', column: 'sealed', id: 'id', newest: undefined },
  { table: 'share_receivers', column: 'account_sealed', id: 'id', newest: undefined },
  { table: 'share_receivers', column: 'name_sealed', id: 'id', newest: undefined },
  { table: 'exchanges', column: 'request', id: 'id', newest: 'created_at' },
  { table: 'exchange_answers', column: 'answer', id: 'exchange_id', newest: 'heard_at' },
] as const;
const sample = 100;

export type SealedCheck = {
  readonly opened: number;
  /** Their key was erased on purpose. */
  readonly erased: number;
  /** `table id: why` of those that do not open. */
  readonly broken: readonly string[];
};

/** Opens what is sealed, and throws away what it reads. For `liushui keys check`. */
export async function checkSealed(db: Queryable, keyring: Keyring): Promise<SealedCheck> {
  const broken: string[] = [];
  let [opened, erased] = [0, 0];
  for (const { table, column, id, newest } of places) {
    const which = newest === undefined ? '' : ` order by ${newest} desc limit ${sample}`;
    const rows = await db.query<{ id: string; sealed: Buffer }>(
      `select ${id}::text as id, ${column} as sealed from ${table} where ${column} is not null${which}`,
    );
    await keyring.loadFor(rows.map((row) => row.sealed));
    for (const row of rows) {
      const result = keyring.openBytes(row.sealed, { table, column, rowId: row.id });
      if (result.kind === 'opened') opened += 1;
      else if (result.kind === 'erased') erased += 1;
      else broken.push(`${table} ${row.id}: ${result.why}`);
    }
  }
  return { opened, erased, broken };
}
