import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { assert } from '../kernel/index.ts';
import type { Database, Queryable, Tx } from './db.ts';
import { StartRefused } from './postgres-refused.ts';

export type Migration = {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
  /**
   * The oldest program, by the newest migration that it knows, that may run on the database once this file is applied. A file says it in
   * a line `-- works with: 7`; one that says nothing shuts out every program that does not know it.
   */
  readonly worksWith: number;
};

/** The migrations that come with the program. */
export const migrationsDir = fileURLToPath(new URL('../../migrations/', import.meta.url));

/** Reads `0001_….sql`, `0002_….sql`, … of a folder. A gap or a number used twice is a bug. */
export async function readMigrations(dir: string): Promise<Migration[]> {
  const names = (await readdir(dir)).filter((name) => name.endsWith('.sql')).sort();
  const migrations: Migration[] = [];
  for (const [index, name] of names.entries()) {
    const version = Number(/^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1]);
    assert(
      version === index + 1,
      `migration ${name} should have the number ${index + 1} and a name like 0001_words.sql`,
    );
    // Git may check out CRLF on Windows: the same file must have the same checksum everywhere.
    const sql = (await readFile(`${dir}/${name}`, 'utf8')).replaceAll('\r\n', '\n');
    const worksWith = Number(/^-- works with: (\d+)$/m.exec(sql)?.[1] ?? version);
    assert(worksWith >= 1 && worksWith <= version, `migration ${name} cannot work with program ${worksWith}`);
    migrations.push({ version, name, sql, sha256: createHash('sha256').update(sql).digest('hex'), worksWith });
  }
  return migrations;
}

const tableSql = `CREATE TABLE IF NOT EXISTS schema_migrations (
  version int4 PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now(), works_with int4)`;

/** Several processes at once take their turn: IF NOT EXISTS alone does not wait, and then fails on the catalogue in more than one way. */
async function createTable(db: Database): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query(`SELECT pg_advisory_xact_lock(hashtext('liushui.schema_migrations'))`);
    await tx.query(tableSql);
    const column = await tx.query(
      `SELECT FROM information_schema.columns
       WHERE table_schema = current_schema() AND table_name = 'schema_migrations' AND column_name = 'works_with'`,
    );
    // Programs from before this column name the three others when they write, and go on doing so.
    if (column.length === 0) await tx.query('ALTER TABLE schema_migrations ADD COLUMN IF NOT EXISTS works_with int4');
  });
}

type AppliedRow = { version: number; name: string; sha256: string; works_with: number | null };

const readApplied = 'SELECT version, name, sha256, works_with FROM schema_migrations ORDER BY version';

/**
 * Which schema this database has, and the oldest program that may use it. What a row does not say, the file says; where there is neither,
 * nobody older than the row itself is known to be safe.
 */
function standing(applied: readonly AppliedRow[], known: readonly Migration[]): SchemaStanding {
  const oldest = applied.map((row) => row.works_with ?? known[row.version - 1]?.worksWith ?? row.version);
  return { database: applied.at(-1)?.version ?? 0, worksWith: Math.max(1, ...oldest), program: known.length };
}

export type SchemaStanding = {
  /** The newest migration that was applied; 0 for none. */
  readonly database: number;
  /** The oldest program that may use it. */
  readonly worksWith: number;
  /** The newest migration that this program knows. */
  readonly program: number;
};

/** `ahead`: a newer program has expanded it, and this one may go on beside that. `newer`: this program may not use it. */
export type SchemaFit = 'same' | 'behind' | 'ahead' | 'newer';

export function fitOf({ database, worksWith, program }: SchemaStanding): SchemaFit {
  if (database <= program) return database === program ? 'same' : 'behind';
  return worksWith <= program ? 'ahead' : 'newer';
}

/** How program and database stand to each other. Changes nothing. */
export async function readStanding(db: Queryable, known: readonly Migration[]): Promise<SchemaStanding> {
  // As a whole row, because the column may not be there yet.
  const rows = await db.query<{ row: AppliedRow }>(
    'SELECT to_jsonb(schema_migrations) AS row FROM schema_migrations ORDER BY version',
  );
  return standing(
    rows.map(({ row }) => row),
    known,
  );
}

function refuseDifferentHistory(applied: readonly AppliedRow[], known: readonly Migration[]): void {
  const { database, program, worksWith } = standing(applied, known);
  if (worksWith > program) {
    throw new StartRefused(
      'schema.newer',
      `The database has schema ${database}, which works with programs from schema ${worksWith} on, and this program knows ${program}: a newer Liushui has used it. Start that version, or restore a backup from before the upgrade.`,
      { database, program, worksWith },
    );
  }
  for (const { version, name, sha256 } of applied) {
    if (version > program || known[version - 1]?.sha256 === sha256) continue;
    throw new StartRefused(
      'schema.changed',
      `Migration ${name} was applied to this database with other contents than the file has now. Put the file back and write the change as a new migration.`,
      { file: name },
    );
  }
}

/** Asked in the transaction that is about to apply a file; it throws where the file must wait. */
export type MigrationGuard = (tx: Tx, next: Migration) => Promise<void>;

/** Applies the next migration and returns its name, or nothing when all are there. */
async function applyNext(tx: Tx, known: readonly Migration[], guard: MigrationGuard): Promise<string | undefined> {
  await tx.query("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '10min'");
  await tx.query('LOCK TABLE schema_migrations IN SHARE ROW EXCLUSIVE MODE'); // one migrator at a time; readers go on
  const applied = await tx.query<AppliedRow>(readApplied);
  refuseDifferentHistory(applied, known);
  const next = known[applied.length];
  if (!next) return undefined;
  await guard(tx, next);
  await tx.query("SET LOCAL lock_timeout = '10s'"); // waiting for a table would hold up everybody behind us
  await tx.query(next.sql);
  const values = [next.version, next.name, next.sha256, next.worksWith];
  await tx.query('INSERT INTO schema_migrations (version, name, sha256, works_with) VALUES ($1, $2, $3, $4)', values);
  return next.name;
}

const noGuard: MigrationGuard = () => Promise.resolve();

/**
 * Brings the database to the newest schema that this program knows, each file in a transaction of its own, and never back. Several
 * processes may call it at once. A database that a newer program has only expanded is left as it is.
 * Returns the names of the files that were applied.
 * @throws StartRefused when the database no longer works with this program, a file was changed after it was applied, or the guard says so.
 */
export async function migrate(
  db: Database,
  migrations: readonly Migration[],
  guard: MigrationGuard = noGuard,
): Promise<string[]> {
  await createTable(db);
  const applied: string[] = [];
  for (;;) {
    const name = await db.transaction((tx) => applyNext(tx, migrations, guard));
    if (name === undefined) return applied;
    applied.push(name);
  }
}

const dumpSql = `
  WITH relations AS (
    SELECT c.oid, c.relname, c.relkind, c.relpersistence FROM pg_class c
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relname <> 'schema_migrations'
  )
  SELECT relname AS object, 0 AS part, '' AS name, CASE relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'table, partitioned by ' || pg_get_partkeydef(oid)
         WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' ELSE relkind::text END
         || CASE relpersistence WHEN 'u' THEN ', unlogged' ELSE '' END AS line
    FROM relations WHERE relkind IN ('r', 'p', 'v', 'm', 'S')
  UNION ALL
  SELECT relname, 1, lpad(a.attnum::text, 4, '0'), '  ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
         || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
         || CASE WHEN d.adbin IS NULL THEN '' WHEN a.attgenerated <> '' THEN ' generated ' || pg_get_expr(d.adbin, d.adrelid)
                 ELSE ' default ' || pg_get_expr(d.adbin, d.adrelid) END
    FROM relations JOIN pg_attribute a ON a.attrelid = relations.oid AND a.attnum > 0 AND NOT a.attisdropped
         LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE relkind IN ('r', 'p', 'v', 'm')
  UNION ALL
  -- Since PostgreSQL 18 NOT NULL is a constraint too (contype n): the columns say it already.
  SELECT relname, 2, conname, '  ' || conname || ': ' || pg_get_constraintdef(con.oid)
    FROM relations JOIN pg_constraint con ON con.conrelid = relations.oid WHERE contype <> 'n'
  UNION ALL
  SELECT relname, 3, pg_get_indexdef(i.indexrelid), '  ' || pg_get_indexdef(i.indexrelid)
    FROM relations JOIN pg_index i ON i.indrelid = relations.oid
    WHERE NOT EXISTS (SELECT FROM pg_constraint con WHERE con.conindid = i.indexrelid AND con.conrelid = i.indrelid)
  UNION ALL
  SELECT p.proname, 0, pg_get_function_identity_arguments(p.oid), 'function (' || pg_get_function_identity_arguments(p.oid) || ') returns '
         || pg_get_function_result(p.oid) || ', body ' || md5(p.prosrc)
    FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace AND p.prokind = 'f'
  UNION ALL
  SELECT relname, 4, tgname, '  ' || pg_get_triggerdef(t.oid)
    FROM relations JOIN pg_trigger t ON t.tgrelid = relations.oid WHERE NOT t.tgisinternal`;

/** The schema as text, the same on every PostgreSQL since 15: tables, columns, constraints, indexes, functions, triggers. */
export async function schemaDump(db: Database): Promise<string> {
  const rows = await db.query<{ object: string; part: number; line: string }>(
    `SELECT object, part, line FROM (${dumpSql}) dump ORDER BY object COLLATE "C", part, name COLLATE "C"`,
  );
  return rows.map(({ object, part, line }) => (part === 0 ? `${object}: ${line}\n` : `${line}\n`)).join('');
}
