import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { useDatabase, withSearchPath } from '../../test/kit/database.ts';
import { openDatabase } from './db.ts';
import type { Database } from './db.ts';
import { fitOf, migrate, migrationsDir, readMigrations, readStanding, schemaDump } from './migrate.ts';
import type { Migration, MigrationGuard } from './migrate.ts';

const empty = useDatabase({ migrated: false });
const migrated = useDatabase();

async function folderOf(files: Record<string, string>): Promise<Migration[]> {
  const dir = await mkdtemp(join(tmpdir(), 'migrations-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  for (const [name, sql] of Object.entries(files)) await writeFile(join(dir, name), sql);
  return readMigrations(dir);
}

/** A schema of its own within the empty database: histories of files that do not meet. */
async function schemaApart(name: string): Promise<{ readonly db: Database } & AsyncDisposable> {
  await empty.db.query(`CREATE SCHEMA ${name}`);
  const db = openDatabase(withSearchPath(empty.url, name), { applicationName: name, max: 2 });
  return { db, [Symbol.asyncDispose]: () => db.close() };
}

const first = { '0001_first.sql': 'CREATE TABLE a (id int4 PRIMARY KEY);\nINSERT INTO a VALUES (1);\n' };
const second = { ...first, '0002_second.sql': 'ALTER TABLE a ADD note text;' };

test('files are applied once and in order, by however many processes start at once', async () => {
  const files = await folderOf(second);
  const other = openDatabase(empty.url, { applicationName: 'other', max: 2 });
  const done = await Promise.all([migrate(empty.db, files), migrate(other, files), migrate(empty.db, files)]);
  await other.close();
  expect(done.flat().sort()).toEqual(['0001_first.sql', '0002_second.sql']);
  expect(await empty.db.query('SELECT * FROM a')).toEqual([{ id: 1, note: null }]);
  expect(await migrate(empty.db, files)).toEqual([]);
});

test('a file that fails leaves nothing behind and may be mended', async () => {
  const bad = await folderOf({ ...second, '0003_third.sql': 'CREATE TABLE b (id int4); SELECT 1 / 0;' });
  await expect(migrate(empty.db, bad)).rejects.toThrow('division by zero');
  expect(await empty.db.query(`SELECT to_regclass('b') AS b`)).toEqual([{ b: null }]);
  const mended = await folderOf({ ...second, '0003_third.sql': 'CREATE TABLE b (id int4)' });
  expect(await migrate(empty.db, mended)).toEqual(['0003_third.sql']);
});

test('a database of a newer program is refused, and so is a file that was changed', async () => {
  await expect(migrate(empty.db, await folderOf(second))).rejects.toMatchObject({
    code: 'schema.newer',
    params: { database: 3, program: 2, worksWith: 3 },
  });
  const changed = await folderOf({ ...second, '0001_first.sql': 'CREATE TABLE a ()', '0003_third.sql': 'SELECT 1' });
  await expect(migrate(empty.db, changed)).rejects.toMatchObject({
    code: 'schema.changed',
    params: { file: '0001_first.sql' },
  });
});

const history = {
  '0001_first.sql': 'CREATE TABLE c (id int4 PRIMARY KEY);',
  '0002_second.sql': 'ALTER TABLE c ADD note text;',
  '0003_third.sql': '-- works with: 2\nALTER TABLE c ADD more text;',
  '0004_fourth.sql': '-- works with: 3\nALTER TABLE c DROP note;',
};
const upTo = (version: number): Promise<Migration[]> =>
  folderOf(Object.fromEntries(Object.entries(history).slice(0, version)));

test('an older program goes on beside what a newer one has expanded, until a file says that it may not', async () => {
  await using apart = await schemaApart('beside');
  const { db } = apart;
  const [older, newer, newest] = [await upTo(2), await upTo(3), await upTo(4)];
  await migrate(db, older);
  expect(fitOf(await readStanding(db, newer))).toBe('behind');
  expect(await migrate(db, newer)).toEqual(['0003_third.sql']);
  expect(await migrate(db, older)).toEqual([]);
  expect(await readStanding(db, older)).toEqual({ database: 3, worksWith: 2, program: 2 });
  expect(fitOf(await readStanding(db, older))).toBe('ahead');
  await migrate(db, newest);
  expect(fitOf(await readStanding(db, newer))).toBe('ahead');
  expect(fitOf(await readStanding(db, older))).toBe('newer');
  await expect(migrate(db, older)).rejects.toMatchObject({
    code: 'schema.newer',
    params: { database: 4, program: 2, worksWith: 3 },
  });
});

test('a row that an older program wrote says nothing: the file does, and without a file nobody older is let in', async () => {
  await using apart = await schemaApart('oldrows');
  const { db } = apart;
  const files = await upTo(1);
  await db.query(`CREATE TABLE schema_migrations (
    version int4 PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`);
  const insert = 'INSERT INTO schema_migrations (version, name, sha256) VALUES ($1, $2, $3)';
  await db.query(insert, [1, '0001_first.sql', files[0]?.sha256]);
  expect(await readStanding(db, files)).toEqual({ database: 1, worksWith: 1, program: 1 });
  expect(await migrate(db, files)).toEqual([]);
  await db.query(insert, [2, '0002_unknown.sql', 'x']);
  expect(fitOf(await readStanding(db, files))).toBe('newer');
  await expect(migrate(db, files)).rejects.toMatchObject({ code: 'schema.newer' });
});

test('a file that its guard holds back leaves nothing, and what stood before it stays', async () => {
  await using apart = await schemaApart('guarded');
  const { db } = apart;
  const files = await folderOf({ '0001_a.sql': 'CREATE TABLE g (id int4)', '0002_b.sql': 'CREATE TABLE h (id int4)' });
  const guard: MigrationGuard = (_tx, next) =>
    next.version === 2 ? Promise.reject(new Error('not yet')) : Promise.resolve();
  await expect(migrate(db, files, guard)).rejects.toThrow('not yet');
  expect(await db.query(`SELECT to_regclass('g')::text AS g, to_regclass('h')::text AS h`)).toEqual([
    { g: 'g', h: null },
  ]);
  expect(await migrate(db, files)).toEqual(['0002_b.sql']);
});

test('a checksum does not depend on how the files were checked out, and numbers have no gap', async () => {
  const [unix] = await folderOf(first);
  const [windows] = await folderOf({ '0001_first.sql': first['0001_first.sql'].replaceAll('\n', '\r\n') });
  expect(windows?.sha256).toBe(unix?.sha256);
  await expect(folderOf({ ...first, '0003_third.sql': '' })).rejects.toThrow('should have the number 2');
});

test('the dump tells tables, columns, constraints and indexes apart from each other', async () => {
  await empty.db.query(`CREATE SCHEMA apart`);
  const one = openDatabase(withSearchPath(empty.url, 'apart'), { applicationName: 'apart', max: 1 });
  await one.query(`CREATE TABLE t (bucket int2, id uuid, state text NOT NULL DEFAULT 'new', CHECK (state <> ''), PRIMARY KEY (bucket, id));
    CREATE INDEX t_state ON t (state) WHERE state <> 'done'`);
  expect(await schemaDump(one)).toBe(`t: table
  bucket smallint not null
  id uuid not null
  state text not null default 'new'::text
  t_pkey: PRIMARY KEY (bucket, id)
  t_state_check: CHECK ((state <> ''::text))
  CREATE INDEX t_state ON apart.t USING btree (state) WHERE (state <> 'done'::text)
`);
  await one.close();
});

test('the migrations lead to the schema that migrations/schema.txt shows (vitest -u writes it anew)', async () => {
  await expect(await schemaDump(migrated.db)).toMatchFileSnapshot(join(migrationsDir, 'schema.txt'));
});
