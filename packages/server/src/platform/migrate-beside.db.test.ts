import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useDatabase, withSearchPath } from '../../test/kit/database.ts';
import { narrowings } from '../../test/kit/narrowing.ts';
import { openDatabase } from './db.ts';
import type { Database } from './db.ts';
import { migrate, migrationsDir, readMigrations, schemaDump } from './migrate.ts';

const empty = useDatabase({ migrated: false });

async function inSchema<T>(name: string, work: (db: Database) => Promise<T>): Promise<T> {
  await empty.db.query(`CREATE SCHEMA ${name}`);
  const db = openDatabase(withSearchPath(empty.url, name), { applicationName: name, max: 1 });
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

test('every migration says which programs may go on beside it', async () => {
  const silent = (await readMigrations(migrationsDir)).filter(({ sql }) => !/^-- works with: \d+$/m.test(sql));
  expect(silent.map(({ name }) => name)).toEqual(['0001_spine.sql']); // frozen before there was anything beside it
});

/** What looks narrower and is not, with the reason. */
const accepted: Readonly<Record<string, readonly string[]>> = {
  '0002_plans.sql': [
    // It holds for more states than before. No earlier program writes the new state, and none names this index in ON CONFLICT.
    'plan_items: unique index plan_items_live is new, another or gone',
  ],
};

test('a migration that lets an older program go on takes everything that the older one writes', async () => {
  const files = await readMigrations(migrationsDir);
  const found = await inSchema('narrowing', async (db) => {
    const wrong: string[] = [];
    let before = '';
    for (const file of files) {
      await migrate(db, files.slice(0, file.version));
      const after = await schemaDump(db);
      const narrower = narrowings(before, after).filter((line) => !accepted[file.name]?.includes(line));
      if (file.worksWith < file.version) wrong.push(...narrower.map((line) => `${file.name}: ${line}`));
      before = after;
    }
    return wrong;
  });
  expect(found).toEqual([]);
});

const table = `t: table
  id uuid not null
  state text not null default 'new'::text
  note text
  t_pkey: PRIMARY KEY (id)
  t_state_check: CHECK ((state = ANY (ARRAY['new'::text, 'old'::text])))
  CREATE UNIQUE INDEX t_live ON t USING btree (note) WHERE (state = 'new'::text)
`;
const narrower: readonly (readonly [change: (text: string) => string, found: string])[] = [
  [() => '', 't: is gone'],
  [(text) => text.replace('  note text\n', ''), 't: column note is gone'],
  [(text) => text.replace('  note text', '  note jsonb'), 't: column note was text and is jsonb'],
  [(text) => text.replace('  note text', '  note text not null'), 't: column note must not be null any more'],
  [(text) => text.replace(" default 'new'::text", ''), 't: column state has lost its default'],
  [(text) => text.replace('  note', '  more text not null\n  note'), 't: column more is new and has no default'],
  [(text) => text.replace(", 'old'::text", ''), 't: constraint t_state_check is another'],
  [(text) => text.replace('  t_state', '  t_note: UNIQUE (note)\n  t_state'), 't: constraint t_note is new'],
  [(text) => text.replace('  t_pkey: PRIMARY KEY (id)\n', ''), 't: constraint t_pkey is gone'],
  [(text) => text.replace(/ {2}CREATE.*\n/, ''), 't: unique index t_live is new, another or gone'],
];

test.each(narrower)('the check sees what an older program would trip over: %#', (change, found) => {
  expect(narrowings(table, change(table))).toEqual([found]);
});

test('the check lets pass what only widens', () => {
  const wider = table
    .replace("'old'::text", "'old'::text, 'held'::text")
    .replace('id uuid not null', 'id uuid')
    .replace('  note text', "  note text\n  role text not null default 'rest'::text\n  more jsonb")
    .replace('  t_state', "  t_role_check: CHECK ((role = ANY (ARRAY['rest'::text])))\n  t_state");
  expect(
    narrowings(table, `${wider}  CREATE INDEX t_more ON t USING btree (more)\nu: table\n  id uuid not null\n`),
  ).toEqual([]);
});

/** What the program of schema 1 sent in three of its journeys: each statement once, in order, with its first parameters. */
const recorded = join(import.meta.dirname, '../../test/fixtures/schema-1');
type Sent = { readonly text: string; readonly values: readonly unknown[] };
const sentIn = (file: string): readonly Sent[] =>
  readFileSync(join(recorded, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Sent);

/** How many rows each statement gave: what it inserted, changed or found. */
async function rowsOf(db: Database, story: readonly Sent[]): Promise<string[]> {
  const told: string[] = [];
  for (const { text, values } of story) {
    const rows = await db.query(text, values).catch((error: unknown) => [String(error)]);
    told.push(typeof rows[0] === 'string' ? `${rows[0]}: ${text}` : `${rows.length}: ${text}`);
  }
  return told;
}

test.each(readdirSync(recorded))(
  'the program of schema 1 works beside the newest schema as it did on its own: %s',
  async (file) => {
    const files = await readMigrations(migrationsDir);
    const story = sentIn(file);
    const name = file.replace(/\W/g, '_');
    const alone = await inSchema(`${name}_alone`, async (db) => {
      await migrate(db, files.slice(0, 1));
      return rowsOf(db, story);
    });
    const beside = await inSchema(`${name}_beside`, async (db) => {
      await migrate(db, files);
      return rowsOf(db, story);
    });
    expect(alone.filter((line) => /^error/i.test(line))).toEqual([]);
    expect(beside).toEqual(alone);
  },
);
