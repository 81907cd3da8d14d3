import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { useDatabase } from '../../test/kit/database.ts';
import { openDatabase } from './db.ts';
import { migrate, migrationsDir, readMigrations, schemaDump } from './migrate.ts';
import type { Migration } from './migrate.ts';

const empty = useDatabase({ migrated: false });
const migrated = useDatabase();

async function folderOf(files: Record<string, string>): Promise<Migration[]> {
  const dir = await mkdtemp(join(tmpdir(), 'migrations-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  for (const [name, sql] of Object.entries(files)) await writeFile(join(dir, name), sql);
  return readMigrations(dir);
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
    params: { database: 3, program: 2 },
  });
  const changed = await folderOf({ ...second, '0001_first.sql': 'CREATE TABLE a ()', '0003_third.sql': 'SELECT 1' });
  await expect(migrate(empty.db, changed)).rejects.toMatchObject({
    code: 'schema.changed',
    params: { file: '0001_first.sql' },
  });
});

test('a checksum does not depend on how the files were checked out, and numbers have no gap', async () => {
  const [unix] = await folderOf(first);
  const [windows] = await folderOf({ '0001_first.sql': first['0001_first.sql'].replaceAll('\n', '\r\n') });
  expect(windows?.sha256).toBe(unix?.sha256);
  await expect(folderOf({ ...first, '0003_third.sql': '' })).rejects.toThrow('should have the number 2');
});

test('the dump tells tables, columns, constraints and indexes apart from each other', async () => {
  await empty.db.query(`CREATE SCHEMA apart`);
  const one = openDatabase(`${empty.url}?options=-csearch_path%3Dapart`, { applicationName: 'apart', max: 1 });
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
