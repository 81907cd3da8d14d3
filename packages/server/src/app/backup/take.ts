import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { assert, done, refuse, rfc3339, shanghaiText } from '../../kernel/index.ts';
import type { Instant, Result } from '../../kernel/index.ts';
import { allowed, writeAudit } from '../../identity/index.ts';
import type { Actor, Stamp } from '../../identity/index.ts';
import { copyOut } from '../../platform/copy.ts';
import { timestamp } from '../../platform/db.ts';
import type { Database, Tx } from '../../platform/db.ts';
import { fingerprintOfWrapped } from '../../platform/keys-master.ts';
import { ArchiveFile } from './archive-file.ts';
import { backupFormat, digestLine, fileOf, manifestDigestName, manifestName, sha256Of } from './manifest.ts';
import type { BackedUpTable, BackupManifest } from './manifest.ts';

/** Which table is next, and how many of the bytes of all tables are behind it. */
export type BackupStep = { readonly table: string; readonly done: number; readonly of: number };
/** Waited for before the table is touched. */
export type Told = (step: BackupStep) => void | Promise<void>;

export type TakenBackup = {
  readonly file: string;
  /** Of the manifest, which holds the digests of everything else: it names this backup. */
  readonly sha256: string;
  readonly manifest: BackupManifest;
};

/**
 * Writes every table as it was at one moment into one file, while the installation goes on: COPY of a repeatable-read snapshot takes no
 * lock that a reader or writer would wait for. The file gets its name when it is complete.
 * @param to a file that does not exist, or a folder, in which the name says kind and time.
 * @returns refusals of `allowed`, backup.file_exists, backup.not_written.
 */
export async function takeBackup(
  db: Database,
  to: string,
  by: Actor,
  stamp: Stamp,
  told: Told,
): Promise<Result<TakenBackup>> {
  const may = allowed(by, 'installation.backup', undefined);
  if (!may.ok) return may;
  const target = await targetOf(db, to, stamp.at);
  if (!target.ok) return target;
  const file = target.value;
  try {
    const { manifest, sha256 } = await writeBackup(db, file, stamp.at, told);
    await keepRecord(db, { file, sha256, manifest }, by, stamp);
    return done({ file, sha256, manifest });
  } catch (error) {
    if (!isFileProblem(error)) throw error;
    return refuse('backup.not_written', { file, why: error.code });
  }
}

/** What the file system says, such as ENOSPC; errors of the database have codes of five letters and digits. */
function isFileProblem(error: unknown): error is { readonly code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string';
}

async function targetOf(db: Database, to: string, at: Instant): Promise<Result<string>> {
  const path = resolve(to);
  const there = statSync(path, { throwIfNoEntry: false });
  if (there && !there.isDirectory()) return refuse('backup.file_exists', { file: path });
  if (!there) {
    const folder = statSync(dirname(path), { throwIfNoEntry: false });
    return folder?.isDirectory() ? done(path) : refuse('backup.not_written', { file: path, why: 'ENOENT' });
  }
  const [row] = await db.query<{ born_as: string }>('select born_as from installation');
  const moment = shanghaiText(at).replaceAll(/[-:]/g, '').replace(' ', '-');
  const named = join(path, `liushui-${row?.born_as ?? ''}-${moment}.tar`);
  return statSync(named, { throwIfNoEntry: false }) ? refuse('backup.file_exists', { file: named }) : done(named);
}

/** The file alone, without a word about it in the database. */
export async function writeBackup(
  db: Database,
  path: string,
  at: Instant,
  told: Told,
): Promise<Omit<TakenBackup, 'file'>> {
  const archive = await ArchiveFile.create(path, Math.floor(at / 1000));
  try {
    const manifest = await db.copying((tx) => writeTables(tx, archive, at, told));
    const text = Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`);
    const sha256 = sha256Of(text);
    await archive.add(manifestName, (append) => append(text));
    await archive.add(manifestDigestName, (append) => append(Buffer.from(digestLine(sha256))));
    await archive.finish();
    return { manifest, sha256 };
  } catch (error) {
    await archive.abandon();
    throw error;
  }
}

/** The snapshot begins with the first question after these settings, and is the same for all tables. */
const snapshotSettings = `set transaction isolation level repeatable read, read only;
  set local statement_timeout = 0; set local lock_timeout = '10min'; set local idle_in_transaction_session_timeout = 0;
  set local timezone = 'UTC'; set local datestyle = 'ISO'; set local extra_float_digits = 1; set local bytea_output = 'hex'`;

async function writeTables(tx: Tx, archive: ArchiveFile, at: Instant, told: Told): Promise<BackupManifest> {
  await tx.query(snapshotSettings);
  const head = await readHead(tx);
  const tables = await readTables(tx);
  const of = tables.reduce((sum, table) => sum + table.size, 0);
  const written: BackedUpTable[] = [];
  let passed = 0;
  for (const { name, columns, size } of tables) {
    await told({ table: name, done: passed, of });
    const statement = `copy ${quote(name)} (${columns.map(quote).join(', ')}) to stdout`;
    const { bytes, sha256, result } = await archive.add(fileOf(name), (append) => copyOut(tx, statement, append));
    written.push({ name, columns, rows: result, bytes, sha256 });
    passed += size;
  }
  return { format: backupFormat, taken_at: rfc3339(at), program: programVersion(), ...head, tables: written };
}

type Head = Omit<BackupManifest, 'format' | 'taken_at' | 'program' | 'tables'>;

async function readHead(tx: Tx): Promise<Head> {
  type Row = Pick<Head, 'born_as' | 'epoch' | 'cluster_identity' | 'server_version'>;
  const [row] = await tx.query<Row>(
    `select born_as, epoch, cluster_identity, current_setting('server_version') as server_version from installation`,
  );
  assert(row, 'an installation has its birth mark');
  const schema = await tx.query<Head['schema'][number]>(
    'select version, name, sha256 from schema_migrations order by version',
  );
  const keys = await tx.query<{ wrapped: Buffer }>('select wrapped from data_keys where length(wrapped) > 0 limit 1');
  const [key] = keys;
  return { ...row, master_key: key ? fingerprintOfWrapped(key.wrapped) : null, schema };
}

type TableToCopy = { readonly name: string; readonly columns: readonly string[]; readonly size: number };

/** Every table but the list of migrations, which the manifest holds: a restore applies them itself. */
async function readTables(tx: Tx): Promise<TableToCopy[]> {
  const rows = await tx.query<{ name: string; columns: string[]; size: bigint }>(
    `select c.relname as name, pg_relation_size(c.oid) as size,
       (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns
     from pg_class c
     where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and c.relname <> 'schema_migrations'
     order by c.relname`,
  );
  return rows.map((row) => ({ ...row, size: Number(row.size) }));
}

export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function programVersion(): string {
  const file = resolve(import.meta.dirname, '../../../package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

async function keepRecord(db: Database, taken: TakenBackup, by: Actor, stamp: Stamp): Promise<void> {
  const { file, sha256, manifest } = taken;
  const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0);
  await db.transaction(async (tx) => {
    await tx.query('insert into backups_taken (id, taken_at, file, sha256, by) values ($1, $2, $3, $4, $5)', [
      stamp.ids.next(),
      timestamp(stamp.at),
      file,
      sha256,
      by.userId,
    ]);
    const detail = { file, sha256, rows };
    await writeAudit(tx, [{ actor: by, act: 'backup.taken', subject: basename(file), detail }], stamp);
  });
}
