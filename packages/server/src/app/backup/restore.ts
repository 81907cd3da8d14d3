import { done, plus, refuse } from '../../kernel/index.ts';
import type { Instant, Result } from '../../kernel/index.ts';
import { allowed, authenticate, LoginAttempts } from '../../identity/index.ts';
import type { Actor } from '../../identity/index.ts';
import { readSandboxClock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import { copyIn } from '../../platform/copy.ts';
import type { Database, Tx } from '../../platform/db.ts';
import { createIds, systemRandomBytes } from '../../platform/ids.ts';
import type { MasterKey } from '../../platform/keys-master.ts';
import { createKeyStore } from '../../platform/keys-store.ts';
import { checkKeys, createKeyring } from '../../platform/keys.ts';
import { migrate, migrationsDir, readMigrations } from '../../platform/migrate.ts';
import type { Migration } from '../../platform/migrate.ts';
import { openOwnDatabase } from '../database.ts';
import { openMasterKey } from '../parts.ts';
import { leaveDatabase, tokenOf } from '../session.ts';
import { beginNewLife } from './after-restore.ts';
import type { AfterRestore } from './after-restore.ts';
import type { BackedUpTable, BackupManifest } from './manifest.ts';
import { checkBackup } from './read.ts';
import type { CheckedBackup } from './read.ts';
import { quote } from './take.ts';
import type { Told } from './take.ts';

export type RestoreWish = {
  readonly file: string;
  readonly reason: string;
  /** Of the life that begins; the next one unless told. To be told when this backup was restored before. */
  readonly epoch?: number;
};

export type Restored = AfterRestore & {
  readonly manifest: BackupManifest;
  readonly sha256: string;
  readonly epoch: number;
  readonly at: Instant;
};

/** Who restores and when: found in the restored rows, as there is nothing else to ask. */
export type RestoreWitness = {
  now(tx: Tx, bornAs: BackupManifest['born_as']): Promise<Instant>;
  who(tx: Tx, master: MasterKey, at: Instant): Promise<Result<Actor>>;
};

/**
 * Restores a backup into an empty database: all of it in one transaction, or nothing. Every byte is compared with its digest before.
 * @returns refusals backup.*, restore.*, auth.login_required and those of `authenticate`, server.database_unreachable.
 */
export async function restoreBackup(config: Config, wish: RestoreWish, told: Told): Promise<Result<Restored>> {
  if (wish.reason.trim() === '') return refuse('restore.reason_missing');
  const token = tokenOf(config);
  if (token === undefined) return refuse('auth.login_required');
  const checked = await checkBackup(wish.file, told);
  if (!checked.ok) return checked;
  try {
    const master = masterOf(config, checked.value.manifest);
    if (!master.ok) return master;
    const opened = await openOwnDatabase(config, 'liushui restore', () => undefined);
    try {
      return await loadBackup(opened.db, checked.value, wish, master.value, witnessOf(token), told);
    } finally {
      await leaveDatabase(opened);
    }
  } finally {
    await checked.value.close();
  }
}

/** Never makes a key: a backup is opened by the one it was sealed under. */
function masterOf(config: Config, { master_key: needed }: BackupManifest): Result<MasterKey> {
  const master = openMasterKey(config, false);
  if (needed === null || (master.ok && master.value.opens(needed))) return master;
  const found = master.ok ? { found: master.value.fingerprint } : {};
  return refuse('restore.master_key_missing', { fingerprint: needed, ...found });
}

/** The person's login is one of those in the backup: it holds at the moment of the restore or the restore is refused. */
function witnessOf(token: string): RestoreWitness {
  return {
    async now(tx, bornAs) {
      const [row] = await tx.query<{ now: Instant }>('select clock_timestamp() as now');
      const real = row?.now ?? (0 as Instant);
      const sandbox = bornAs === 'sandbox' ? await readSandboxClock(tx) : undefined;
      if (!sandbox) return real;
      return sandbox.running ? plus(sandbox.sandbox_at, Math.max(0, real - sandbox.real_at)) : sandbox.sandbox_at;
    },
    async who(tx, master, at) {
      const clock = { now: () => at };
      const random = systemRandomBytes;
      const ids = createIds(clock, random);
      const keyring = createKeyring({ master, store: createKeyStore(tx), clock, ids, random });
      await keyring.prepare(at);
      const parts = {
        digest: (kind: 'token', text: string) => keyring.digestKeyed(kind, text),
        attempts: new LoginAttempts(),
      };
      const logged = await authenticate(tx, token, { door: 'cli', ip: undefined }, parts, at);
      return logged.ok ? done(logged.value.actor) : logged;
    },
  };
}

/** For the wiring and for tests, which know clock and person by other means. */
export async function loadBackup(
  db: Database,
  backup: CheckedBackup,
  wish: RestoreWish,
  master: MasterKey,
  witness: RestoreWitness,
  told: Told,
): Promise<Result<Restored>> {
  const { manifest } = backup;
  const migrations = await readMigrations(migrationsDir);
  const fits = fitsProgram(manifest, migrations);
  if (!fits.ok) return fits;
  const least = manifest.epoch + 1;
  const epoch = wish.epoch ?? least;
  if (least > 99) return refuse('installation.epochs_used_up', { epoch: manifest.epoch });
  if (!Number.isInteger(epoch) || epoch < least || epoch > 99) return refuse('restore.epoch_too_low', { epoch, least });
  const life = { manifest, file: wish.file, sha256: backup.sha256, epoch, reason: wish.reason };
  const result = await inOneTransaction(db, async (tx) => {
    const tables = await countTables(tx);
    if (tables > 0) return refuse('restore.not_empty', { tables });
    await fill(tx, backup, migrations, told);
    const { closed } = await checkKeys(master, createKeyStore(tx));
    if (closed.length > 0)
      return refuse('restore.master_key_missing', {
        fingerprint: manifest.master_key ?? '',
        found: master.fingerprint,
      });
    const at = await witness.now(tx, manifest.born_as);
    const by = await witness.who(tx, master, at);
    if (!by.ok) return by;
    const may = allowed(by.value, 'installation.restore', undefined);
    if (!may.ok) return may;
    const stamp = { at, ids: createIds({ now: () => at }, systemRandomBytes) };
    const after = await beginNewLife(tx, { ...life, by: by.value }, stamp);
    return done({ ...after, manifest, sha256: backup.sha256, epoch, at });
  });
  // Without figures about its tables PostgreSQL would plan the first hours blindly.
  if (result.ok) await db.transaction((tx) => tx.query('set local statement_timeout = 0; analyze'));
  return result;
}

class TakenBack extends Error {}

/** A refusal takes everything back, as an error does. */
async function inOneTransaction<T>(db: Database, work: (tx: Tx) => Promise<Result<T>>): Promise<Result<T>> {
  let refused: Result<T> | undefined;
  try {
    return await db.copying(async (tx) => {
      await tx.query('set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0');
      const result = await work(tx);
      if (result.ok) return result;
      refused = result;
      throw new TakenBack();
    });
  } catch (error) {
    if (error instanceof TakenBack && refused) return refused;
    throw error;
  }
}

function fitsProgram({ schema, program }: BackupManifest, migrations: readonly Migration[]): Result<void> {
  if (schema.length > migrations.length)
    return refuse('restore.schema_newer', { found: schema.length, known: migrations.length, program });
  const other = schema.find(({ sha256 }, index) => migrations[index]?.sha256 !== sha256);
  return other ? refuse('restore.schema_other', { file: other.name, program }) : done(undefined);
}

async function countTables(tx: Tx): Promise<number> {
  const rows = await tx.query(
    `select from pg_class where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p', 'v', 'm')`,
  );
  return rows.length;
}

/** The schema as it was at the backup, the rows, and then what migrations came since: each of them meets the rows it was written for. */
async function fill(tx: Tx, backup: CheckedBackup, migrations: readonly Migration[], told: Told): Promise<void> {
  const { schema, tables } = backup.manifest;
  const here = { ...tx, transaction: (work: (inner: Tx) => Promise<unknown>) => work(tx) } as unknown as Database;
  await migrate(here, migrations.slice(0, schema.length));
  const inOrder = await parentsFirst(tx, tables);
  // Migrations bring rows of their own; what became of them is in the backup.
  await tx.query(`truncate ${inOrder.map((table) => quote(table.name)).join(', ')}`);
  const of = tables.reduce((sum, table) => sum + table.bytes, 0);
  let passed = 0;
  for (const { name, columns, bytes } of inOrder) {
    await told({ table: name, done: passed, of });
    await copyIn(tx, `copy ${quote(name)} (${columns.map(quote).join(', ')}) from stdin`, backup.rowsOf(name));
    passed += bytes;
  }
  await migrate(here, migrations);
}

/** Tables in such an order that a row finds the rows it refers to. */
async function parentsFirst(tx: Tx, tables: readonly BackedUpTable[]): Promise<BackedUpTable[]> {
  const links = await tx.query<{ child: string; parent: string }>(
    `select c.relname as child, p.relname as parent from pg_constraint k
       join pg_class c on c.oid = k.conrelid join pg_class p on p.oid = k.confrelid
     where k.contype = 'f' and c.relnamespace = current_schema()::regnamespace and c.oid <> p.oid`,
  );
  const byName = new Map(tables.map((table) => [table.name, table]));
  const placed = new Set<BackedUpTable>();
  const place = (table: BackedUpTable): void => {
    for (const { parent } of links.filter(({ child }) => child === table.name)) {
      const needed = byName.get(parent);
      if (needed && !placed.has(needed)) place(needed);
    }
    placed.add(table);
  };
  for (const table of tables) place(table);
  return [...placed];
}
