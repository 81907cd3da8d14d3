import { expect, test } from 'vitest';
import { useDatabase } from '../../test/kit/database.ts';
import type { Queryable, Row } from './db.ts';
import { insertRows, unnest, updateRows } from './sql.ts';

const shared = useDatabase({ migrated: false });

const everyType = {
  small: 'int2',
  big: 'int8',
  rate: 'float8',
  yes: 'bool',
  words: 'text',
  id: 'uuid',
  day: 'date',
  exact: 'numeric',
  at: 'timestamptz',
  body: 'jsonb',
  bytes: 'bytea',
  tags: 'text[]',
} as const;

const full = {
  small: 7,
  big: 9007199254740993n,
  rate: 0.5,
  yes: false,
  words: 'a "b", {c} \\ NULL 流水',
  id: '00000000-0000-4000-8000-000000000001',
  day: '2026-02-28',
  exact: '0.10',
  at: 1_795_298_221_696,
  body: { a: ['ü"\\', null], n: 1.5 },
  bytes: Buffer.from([0, 255, 92]),
  tags: ['x,y', '"z"', ''],
};

/** Counts statements, as "one statement for any number of rows" is the point. */
function counting(inner: Queryable): Queryable & { texts: string[] } {
  const texts: string[] = [];
  return {
    texts,
    query<R extends Row>(text: string, values?: readonly unknown[]) {
      texts.push(text);
      return inner.query<R>(text, values);
    },
  };
}

test('rows of every type go in with one statement and come back as they were', async () => {
  const { db } = shared;
  const definitions = Object.entries(everyType).map(([name, type]) => `${name} ${type}`);
  await db.query(`CREATE TABLE every (${definitions.join(', ')})`);
  const counted = counting(db);
  const empty = { ...full, words: 'NULL', at: null, body: undefined, tags: null, bytes: null, big: null, yes: null };
  const back = await insertRows(counted, 'every', everyType, [full, empty, { ...full, tags: [] }], 'RETURNING *');
  expect(back).toEqual([full, { ...empty, body: null }, { ...full, tags: [] }]);
  expect(await insertRows(counted, 'public.every', everyType, [])).toEqual([]);
  expect(counted.texts.length).toBe(1);
});

test('an expected conflict is a row that RETURNING leaves out', async () => {
  const { db } = shared;
  await db.query('CREATE TABLE unique_ones (id int4 PRIMARY KEY)');
  const rows = [{ id: 1 }, { id: 2 }];
  const insert = () => insertRows(db, 'unique_ones', { id: 'int4' }, rows, 'ON CONFLICT DO NOTHING RETURNING id');
  expect(await insert()).toEqual(rows);
  expect(await insert()).toEqual([]);
});

test('a joined update writes the right row each, only where the version fits, in one statement', async () => {
  const { db } = shared;
  await db.query(`CREATE TABLE versions (bucket int2, id text, version int4, state text, tags text[], PRIMARY KEY (bucket, id));
    INSERT INTO versions VALUES (1, 'a', 1, 'old', NULL), (1, 'b', 5, 'old', NULL), (2, 'a', 1, 'old', NULL)`);
  const counted = counting(db);
  const columns = { bucket: 'int2', id: 'text', version: 'int4', state: 'text', tags: 'text[]' } as const;
  const changed = await updateRows(
    counted,
    'versions',
    columns,
    ['bucket', 'id'],
    [
      { bucket: 2, id: 'a', version: 1, state: 'new 2a', tags: ['t'] },
      { bucket: 1, id: 'b', version: 4, state: 'new 1b', tags: [] },
      { bucket: 1, id: 'a', version: 1, state: 'new 1a', tags: [] },
    ],
    {
      match: ['version'],
      set: 'version = target.version + 1',
      where: `target.state = 'old'`,
      returning: 'target.bucket',
    },
  );
  expect(changed.map((row) => row['bucket']).sort()).toEqual([1, 2]);
  expect(counted.texts.length).toBe(1);
  expect(await db.query('SELECT * FROM versions ORDER BY bucket, id')).toEqual([
    { bucket: 1, id: 'a', version: 2, state: 'new 1a', tags: [] },
    { bucket: 1, id: 'b', version: 5, state: 'old', tags: null },
    { bucket: 2, id: 'a', version: 2, state: 'new 2a', tags: ['t'] },
  ]);
});

test('two rows of one key in one update are a bug, also when their versions differ', async () => {
  const columns = { id: 'int4', version: 'int4' } as const;
  const rows = [3, 12, 3].map((id, index) => ({ id, version: index }));
  const counted = counting(shared.db);
  await expect(updateRows(counted, 'versions', columns, ['id'], rows, { match: ['version'] })).rejects.toThrow(
    'two rows of versions with the key 3',
  );
  expect(counted.texts).toEqual([]);
});

test('rows are updated in the order of their keys, numbers as numbers', async () => {
  const sent: unknown[][] = [];
  const recorder: Queryable = {
    query: (_text, values) => {
      sent.push([...(values ?? [])]);
      return Promise.resolve([]);
    },
  };
  const rows = (
    [
      [10, 'a'],
      [9, 'b'],
      [9, 'a'],
      [100, 'a'],
    ] as const
  ).map(([bucket, id]) => ({ bucket, id, n: 0 }));
  await updateRows(recorder, 'x', { bucket: 'int2', id: 'text', n: 'int4' }, ['bucket', 'id'], rows);
  expect(sent[0]?.slice(0, 2)).toEqual(['{9,9,10,100}', '{"a","b","a","a"}']);
});

test('parameters can be counted from any number, beside others of the statement', () => {
  expect(unnest({ bucket: 'int2', id: 'uuid' }, [], 3).sql).toBe('unnest($3::int2[], $4::uuid[]) AS t("bucket", "id")');
});
