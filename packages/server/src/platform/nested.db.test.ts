import { expect, test } from 'vitest';
import { useDatabase } from '../../test/kit/database.ts';
import { nested, nestedRows } from './nested.ts';
import { insertRows } from './sql.ts';

const database = useDatabase();

const columns = {
  id: 'int4',
  small: 'int2',
  big: 'int8',
  share: 'float8',
  flag: 'bool',
  word: 'text',
  uid: 'uuid',
  day: 'date',
  exact: 'numeric',
  at: 'timestamptz',
  body: 'jsonb',
  bytes: 'bytea',
  tags: 'text[]',
} as const;

const full = {
  ...{ id: 1, small: -3, big: 9_223_372_036_854_775_807n, share: 0.1, flag: true, word: '流水 "x" \\ \n' },
  ...{ uid: '5e88f767-8544-8a45-811b-ce671091b069', day: '2015-10-28', exact: '0.10000000000000000001' },
  ...{ at: Date.parse('2015-10-28T09:14:40.123Z'), body: { a: [1, null] }, bytes: Buffer.from([0, 255, 7]) },
  tags: ['a', 'b,"c'],
};
const empty = Object.fromEntries(Object.keys(columns).map((name) => [name, null])) as Record<
  keyof typeof columns,
  null
>;

test('rows inside a row come back as they were written, every type of column, also infinite moments and nothing at all', async () => {
  const { db } = database;
  await db.query(
    `create table nested_rows (${Object.entries(columns)
      .map(([name, type]) => `"${name}" ${type}`)
      .join(', ')})`,
  );
  const rows = [full, { ...empty, id: 2, at: Infinity }, { ...empty, id: 3, at: -Infinity }];
  await insertRows(db, 'nested_rows', columns, rows);
  const list = nested(columns, 'nested_rows', 'part.id between t.low and t.high', 'part.id desc');
  const found = await db.query<{ parts: unknown }>(
    `select ${list} as parts from (values (1, 3), (7, 9)) as t(low, high) order by low`,
  );
  expect(found.map(({ parts }) => nestedRows(columns, parts))).toEqual([rows.toReversed(), []]);
});
