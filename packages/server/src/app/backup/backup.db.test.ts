import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { useDatabase } from '../../../test/kit/database.ts';
import type { Actor } from '../../identity/index.ts';
import { done, refuse } from '../../kernel/index.ts';
import type { Instant, Result } from '../../kernel/index.ts';
import type { Database } from '../../platform/db.ts';
import { createIds, systemRandomBytes } from '../../platform/ids.ts';
import { newKeyText, readMasterKey } from '../../platform/keys-master.ts';
import type { MasterKey } from '../../platform/keys-master.ts';
import { createKeyStore } from '../../platform/keys-store.ts';
import { createKeyring } from '../../platform/keys.ts';
import { migrate, migrationsDir, readMigrations } from '../../platform/migrate.ts';
import { openInstallation } from '../installation.ts';
import { checkBackup } from './read.ts';
import { loadBackup } from './restore.ts';
import type { Restored, RestoreWish } from './restore.ts';
import { takeBackup, writeBackup } from './take.ts';
import type { BackupStep } from './take.ts';
import type { BackupManifest } from './manifest.ts';

const at = Date.parse('2015-10-28T16:20:00+08:00') as Instant;
const later = (at + 3_600_000) as Instant;
const own = useDatabase();
const empty = useDatabase({ migrated: false });
const chen: Actor = { userId: 'chen', name: '陈', roles: ['admin'], merchants: ['*'], door: 'cli' };
const ids = createIds({ now: () => at }, systemRandomBytes);
const stamp = { at, ids };
const master = newMaster();
const odd = 'tab\t back\\slash \\N "quoted", 全角，\r\nline';
const silent = (): void => undefined;

function newMaster(): MasterKey {
  return readMasterKey(newKeyText(systemRandomBytes).reveal())!;
}

const folder = mkdtempSync(join(tmpdir(), 'liushui-backup-'));
afterAll(() => rmSync(folder, { recursive: true }));
const fileAt = (name: string): string => join(folder, name);

beforeAll(async () => {
  const { db } = own;
  expect((await openInstallation(db, 'sandbox', at)).ok).toBe(true);
  const store = createKeyStore(db);
  await createKeyring({ master, store, ids, clock: { now: () => at }, random: systemRandomBytes }).prepare(at);
  await db.query(`insert into merchants values ('m', $1, '', now())`, [odd]);
  await db.query(`insert into users values ('chen', 'c', '{admin}', '{*}', now(), null)`);
  await db.query(
    `insert into approvals (id, merchant_id, command, subject, input, digest, state, maker, asked_at, lapses_at)
     select 'A-' || n, 'm', case n when 4 then 'customs.declare_anew' else 'c' end, 's', $1, 'd',
       case n when 1 then 'approved' when 3 then 'used' else 'asked' end, 'chen', now(), now()
     from generate_series(1, 4) n`,
    [JSON.stringify({ odd, deep: [1, null, { é: '😀' }] })],
  );
  await db.query(`insert into counters values ('plan', 12), ('approval', 2999)`);
});

beforeEach(async () => {
  await empty.db.query('drop schema public cascade; create schema public');
});

async function take(name: string): Promise<string> {
  const taken = await takeBackup(own.db, fileAt(name), chen, stamp, silent);
  if (!taken.ok) throw new Error(taken.refusal.code);
  return taken.value.file;
}

type Changes = Partial<RestoreWish> & { readonly master?: MasterKey; readonly who?: () => Result<Actor> };

async function load(file: string, { master: other, who, ...wish }: Changes = {}): Promise<Result<Restored>> {
  const backup = await checkBackup(file, silent);
  if (!backup.ok) return backup;
  const witness = { now: () => Promise.resolve(later), who: () => Promise.resolve(who?.() ?? done(chen)) };
  const whole = { file, reason: 'test', ...wish };
  return loadBackup(empty.db, backup.value, whole, other ?? master, witness, silent).finally(() =>
    backup.value.close(),
  );
}

const codeOf = (result: Result<unknown>): string => (result.ok ? 'done' : result.refusal.code);

async function tablesLeft(): Promise<number> {
  return (await empty.db.query(`select from pg_class where relnamespace = 'public'::regnamespace`)).length;
}

async function contents(db: Database): Promise<Record<string, string[]>> {
  const tables = await db.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by relname`,
  );
  const told: Record<string, string[]> = {};
  for (const { name } of tables)
    told[name] = (await db.query<{ row: string }>(`select t::text as row from "${name}" t order by 1`)).map(
      (one) => one.row,
    );
  return told;
}

test('every row of every table comes back as it was, save what a new life must change', async () => {
  const before = await contents(own.db);
  const restored = await load(await take('whole.tar'));
  expect(codeOf(restored)).toBe('done');
  const after = await contents(empty.db);
  const changed = Object.keys(before).filter((name) => String(before[name]) !== String(after[name]));
  expect(changed).toEqual(['approvals', 'audit_entries', 'counters', 'installation', 'restores', 'schema_migrations']);
  expect(after['merchants']).toEqual(before['merchants']);
  expect(after['approvals']?.filter((row) => row.includes('used'))).toEqual(
    before['approvals']?.filter((row) => row.includes('used')),
  );
});

test('a new life: the epoch rises, what was approved and not used lapses, people hear no number twice', async () => {
  const restored = await load(await take('life.tar'));
  expect(restored).toMatchObject({ value: { epoch: 2, lapsed: ['A-1', 'A-4'], at: later } });
  const states = await empty.db.query('select id, state from approvals order by id');
  expect(states.map((row) => row['state'])).toEqual(['lapsed', 'asked', 'used', 'lapsed']);
  const counters = await empty.db.query('select name, value::int4 as value from counters order by name');
  expect(counters.map((row) => row['value'])).toEqual([3000, 1000]);
  expect(await openInstallation(empty.db, 'sandbox', later)).toMatchObject({ value: { epoch: 2 } });
});

test('what is committed while the backup is written is in it as a whole or not at all', async () => {
  // It waits in the middle; what is committed now concerns a table that it has copied and one that it has not.
  const commit = async ({ table }: BackupStep): Promise<void> => {
    if (table !== 'users') return;
    await own.db.query(`with a as (insert into counters values ('while', 1))
      insert into webhook_events values ('while', 'm', 't', 's', 'b', now())`);
  };
  const { manifest } = await writeBackup(own.db, fileAt('moment.tar'), at, commit);
  const rows = (name: string): number | undefined => manifest.tables.find((table) => table.name === name)?.rows;
  expect([rows('counters'), rows('webhook_events')]).toEqual([2, 0]);
  await own.db.query(`delete from counters where name = 'while'; delete from webhook_events`);
});

test('one byte that differs, a missing end, a changed manifest: refused before the database is touched', async () => {
  const bytes = readFileSync(await take('good.tar'));
  const broken = (name: string, change: (copy: Buffer) => Buffer): string => {
    writeFileSync(fileAt(name), change(Buffer.from(bytes)));
    return fileAt(name);
  };
  const flip = (text: string) => (copy: Buffer) => {
    copy[copy.lastIndexOf(text)]! ^= 1;
    return copy;
  };
  const damaged = [
    broken('row.tar', (copy) => {
      copy[copy.indexOf(Buffer.from('quoted'))]! ^= 1;
      return copy;
    }),
    broken('manifest.tar', flip('"epoch"')),
    broken('head.tar', flip('ustar')),
    broken('cut.tar', (copy) => copy.subarray(0, copy.length - 3000)),
    broken('short.tar', (copy) => copy.subarray(0, 2000)),
  ];
  for (const file of damaged) expect(codeOf(await load(file)), file).toBe('backup.damaged');
  expect(codeOf(await load(broken('other.tar', () => Buffer.from('no backup'))))).toBe('backup.not_a_backup');
  expect(codeOf(await load(fileAt('nowhere.tar')))).toBe('backup.file_unreadable');
  expect(await tablesLeft()).toBe(0);
});

test('a restore that is refused or breaks in the middle leaves nothing', async () => {
  const file = await take('refused.tar');
  const maker: Actor = { ...chen, roles: ['maker'] };
  expect(codeOf(await load(file, { who: () => refuse('auth.token_invalid') }))).toBe('auth.token_invalid');
  expect(codeOf(await load(file, { who: () => done(maker) }))).toBe('auth.role_missing');
  expect(codeOf(await load(file, { master: newMaster() }))).toBe('restore.master_key_missing');
  expect(codeOf(await load(file, { epoch: 1 }))).toBe('restore.epoch_too_low');
  const breaking = load(file, {
    who: () => {
      throw new Error('power');
    },
  });
  await expect(breaking).rejects.toThrow('power');
  expect(await tablesLeft()).toBe(0);
  expect(await load(file, { epoch: 7 })).toMatchObject({ value: { epoch: 7 } });
});

test('only an empty database is restored into', async () => {
  await empty.db.query('create table somebody (s int)');
  expect(codeOf(await load(await take('occupied.tar')))).toBe('restore.not_empty');
  expect(await tablesLeft()).toBe(1);
});

/** An archive whose manifest says something else, with digests that fit. */
async function altered(name: string, change: (manifest: BackupManifest) => BackupManifest): Promise<string> {
  const backup = await checkBackup(await take(`${name}-source`), silent);
  if (!backup.ok) throw new Error(backup.refusal.code);
  const { ArchiveFile } = await import('./archive-file.ts');
  const { digestLine, fileOf, sha256Of } = await import('./manifest.ts');
  const archive = await ArchiveFile.create(fileAt(name), 0);
  for (const table of backup.value.manifest.tables)
    await archive.add(fileOf(table.name), async (append) => {
      for await (const piece of backup.value.rowsOf(table.name)) await append(piece);
    });
  const text = Buffer.from(JSON.stringify(change(backup.value.manifest)));
  await archive.add('manifest.json', (append) => append(text));
  await archive.add('manifest.sha256', (append) => append(Buffer.from(digestLine(sha256Of(text)))));
  await archive.finish();
  await backup.value.close();
  return fileAt(name);
}

test('a newer schema and another history are refused', async () => {
  const extra = { version: 99, name: '0099_later.sql', sha256: 'x' };
  const newer = await altered('newer.tar', (told) => ({ ...told, schema: [...told.schema, extra] }));
  expect(codeOf(await load(newer))).toBe('restore.schema_newer');
  const other = await altered('history.tar', (told) => ({
    ...told,
    schema: told.schema.map((one) => (one.version === 1 ? { ...one, sha256: 'x' } : one)),
  }));
  expect(codeOf(await load(other))).toBe('restore.schema_other');
  expect(codeOf(await load(await altered('last.tar', (told) => ({ ...told, epoch: 99 }))))).toBe(
    'installation.epochs_used_up',
  );
  expect(await tablesLeft()).toBe(0);
});

test('a backup of an older schema is brought forward in the same transaction', async () => {
  const migrations = await readMigrations(migrationsDir);
  await migrate(empty.db, migrations.slice(0, 1));
  await openInstallation(empty.db, 'sandbox', at);
  await empty.db.query(`insert into merchants values ('old', 'o', 'o', now())`);
  const { manifest } = await writeBackup(empty.db, fileAt('old.tar'), at, silent);
  expect([manifest.schema.length, manifest.master_key]).toEqual([1, null]);
  await empty.db.query('drop schema public cascade; create schema public');
  expect(codeOf(await load(fileAt('old.tar')))).toBe('done');
  const [row] = await empty.db.query<{ n: number }>('select count(*)::int4 as n from schema_migrations');
  expect(row?.n).toBe(migrations.length);
  expect((await empty.db.query('select id from merchants')).map((one) => one['id'])).toEqual(['old']);
});

test('a backup never writes over anything, names itself in a folder, and leaves no half file', async () => {
  const file = await take('once.tar');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(codeOf(await takeBackup(own.db, file, chen, stamp, silent))).toBe('backup.file_exists');
  const named = await takeBackup(own.db, folder, chen, stamp, silent);
  expect(named).toMatchObject({ value: { file: fileAt('liushui-sandbox-20151028-162000.tar') } });
  expect(codeOf(await takeBackup(own.db, fileAt('no/where.tar'), chen, stamp, silent))).toBe('backup.not_written');
  const broken = takeBackup(own.db, fileAt('half.tar'), chen, stamp, ({ table }) => {
    if (table === 'users') throw new Error('power');
  });
  await expect(broken).rejects.toThrow('power');
  expect(readdirSync(folder).filter((name) => name.includes('.part') || name.startsWith('half'))).toEqual([]);
  expect(existsSync(file)).toBe(true);
  const kept = await own.db.query('select file from backups_taken where file = $1', [file]);
  expect(kept).toHaveLength(1);
});

test('nobody backs up without the permission', async () => {
  const result = await takeBackup(own.db, fileAt('not.tar'), { ...chen, roles: ['maker'] }, stamp, silent);
  expect(codeOf(result)).toBe('auth.role_missing');
});
