import { Secret } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import { timestamp } from '../platform/db.ts';
import type { Keyring } from '../platform/keys.ts';
import { insertRows } from '../platform/sql.ts';
import type { SecretRow } from './account.ts';

export type AccountRow = {
  readonly id: string;
  readonly merchantId: string;
  readonly channel: string;
  readonly name: string;
  readonly settings: Readonly<Record<string, string>>;
  /** Absent: buyers are not offered it. */
  readonly liveAt?: Instant;
  /** Absent: nobody said which; those that its settings have opened. */
  readonly products?: readonly string[];
};

/** Furnished: live at once, in a sandbox. Production has nothing that two people did not take live. */
export async function insertAccount(
  tx: Queryable,
  account: AccountRow,
  at: Instant,
  isFurnished: boolean,
): Promise<void> {
  await tx.query(
    `insert into channel_accounts (id, merchant_id, channel, name, settings, created_at, products, live_at)
     values ($1, $2, $3, $4, $5, $6::timestamptz, $7,
       case when $8 and not exists (select from installation where born_as = 'production') then $6::timestamptz end)`,
    [
      ...[account.id, account.merchantId, account.channel, account.name, JSON.stringify(account.settings)],
      ...[timestamp(at), account.products ?? null, isFurnished],
    ],
  );
}

const place = (rowId: string): { table: string; column: string; rowId: string } => ({
  table: 'channel_secrets',
  column: 'sealed',
  rowId,
});

export async function insertSecrets(
  tx: Queryable,
  keyring: Keyring,
  secrets: readonly {
    readonly id: string;
    readonly accountId: string;
    readonly field: string;
    readonly secret: Secret;
  }[],
  at: Instant,
): Promise<void> {
  const columns = {
    id: 'uuid',
    account_id: 'text',
    field: 'text',
    sealed: 'bytea',
    valid_from: 'timestamptz',
  } as const;
  const rows = secrets.map(({ id, accountId, field, secret }) => ({
    id,
    account_id: accountId,
    field,
    sealed: keyring.sealText('credential', secret, place(id)),
    valid_from: at,
  }));
  await insertRows(tx, 'channel_secrets', columns, rows);
}

type SettingsRow = {
  id: string;
  merchant_id: string;
  channel: string;
  name: string;
  settings: Record<string, string>;
  live_at: Instant | null;
  products: string[] | null;
};

const accountOf = (row: SettingsRow): AccountRow => ({
  id: row.id,
  merchantId: row.merchant_id,
  channel: row.channel,
  name: row.name,
  settings: row.settings,
  ...(row.live_at === null ? {} : { liveAt: row.live_at }),
  ...(row.products === null ? {} : { products: row.products }),
});

/** Which products the channel has opened, all of them. */
export async function saveProducts(tx: Queryable, id: string, products: readonly string[]): Promise<void> {
  await tx.query('update channel_accounts set products = $2 where id = $1', [id, products]);
}

/** False: it was live before. */
export async function saveLive(tx: Queryable, id: string, at: Instant): Promise<boolean> {
  const rows = await tx.query(
    'update channel_accounts set live_at = $2 where id = $1 and live_at is null returning id',
    [id, timestamp(at)],
  );
  return rows.length === 1;
}

/**
 * Whoever changes an account is alone with it. Attempts refer to its row, so a new one waits, and one that is not committed yet is waited for:
 * what was sent under the account is known from here on.
 */
export async function lockAccount(tx: Tx, id: string): Promise<AccountRow | undefined> {
  const [row] = await tx.query<SettingsRow>(
    'select * from channel_accounts where id = $1 and closed_at is null for update',
    [id],
  );
  return row && accountOf(row);
}

/** Waits for whoever adds an account, and lets him wait: of two that claim one owner, the second sees the first. */
export async function lockOwners(tx: Tx): Promise<void> {
  await tx.query(`select from counters where name = 'account' for update`);
}

export async function saveAccount(
  tx: Tx,
  id: string,
  name: string,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  await tx.query('update channel_accounts set name = $2, settings = $3 where id = $1', [
    ...[id, name, JSON.stringify(settings)],
  ]);
}

/** Gives secrets their last moment, where they have none before it. Returns how many. */
export async function endSecrets(
  tx: Tx,
  accountId: string,
  fields: readonly string[],
  until: Instant,
): Promise<number> {
  const rows = await tx.query(
    `update channel_secrets set valid_to = $3 where account_id = $1 and field = any($2::text[])
       and (valid_to is null or valid_to > $3) returning id`,
    [accountId, fields, timestamp(until)],
  );
  return rows.length;
}

/** What was sent under an account, by the questions that are asked about it: its products, and `customs.query`. */
export async function usesOf(tx: Tx, accountId: string): Promise<readonly string[]> {
  const rows = await tx.query<{ question: string }>(
    `select distinct product as question from payment_attempts where account_id = $1
     union all select 'customs.query' where exists (select from customs_declarations where account_id = $1)
     union all select 'adopted' where exists (select from payments where account_id = $1)`,
    [accountId],
  );
  return rows.map(({ question }) => question);
}

export async function findAccounts(db: Queryable, ids: readonly string[]): Promise<AccountRow[]> {
  const rows = await db.query<SettingsRow>('select * from channel_accounts where id = any($1::text[]) order by id', [
    ids,
  ]);
  return rows.map(accountOf);
}

export async function listAccounts(db: Queryable, merchantIds: readonly string[]): Promise<AccountRow[]> {
  const rows = await db.query<SettingsRow>(
    'select * from channel_accounts where merchant_id = any($1::text[]) and closed_at is null order by created_at, id',
    [merchantIds],
  );
  return rows.map(accountOf);
}

/** The open accounts at a channel, of every merchant. */
export async function listAccountsAt(db: Queryable, channel: string): Promise<AccountRow[]> {
  const rows = await db.query<SettingsRow>(
    'select * from channel_accounts where channel = $1 and closed_at is null order by created_at, id',
    [channel],
  );
  return rows.map(accountOf);
}

export const listMerchants = async (db: Queryable): Promise<string[]> =>
  (await db.query<{ id: string }>('select id from merchants order by id')).map(({ id }) => id);

export async function findSecrets(db: Queryable, keyring: Keyring, accountId: string): Promise<SecretRow[]> {
  const rows = await db.query<{
    id: string;
    field: string;
    sealed: Buffer;
    valid_from: Instant;
    valid_to: Instant | null;
  }>(
    // Ids rise where the clock stands still: of two secrets of one moment the later one is newer.
    `select id, field, sealed, valid_from, valid_to from channel_secrets where account_id = $1
     order by valid_from desc, id desc`,
    [accountId],
  );
  await keyring.loadFor(rows.map((row) => row.sealed));
  return rows.flatMap((row) => {
    const opened = keyring.openText(row.sealed, place(row.id));
    if (opened.kind !== 'opened') return [];
    const secret = new Secret(opened.value);
    return [{ field: row.field, secret, validFrom: row.valid_from, validTo: row.valid_to ?? undefined }];
  });
}
