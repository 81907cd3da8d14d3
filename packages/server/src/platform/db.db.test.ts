import { expect, test } from 'vitest';
import { useDatabase } from '../../test/kit/database.ts';
import type { Instant } from '../kernel/index.ts';
import {
  insideTransaction,
  isConnectionLost,
  isSerializationFailure,
  isUniqueViolation,
  kept,
  openDatabase,
  timestamp,
} from './db.ts';

const shared = useDatabase({ migrated: false });

test('numbers, money and times come back exact, whatever the zone of the session', async () => {
  const [row] = await shared.db.query(`
    SELECT 9007199254740993::int8 AS big, 0.10::numeric AS exact, date '2026-02-28' AS day, '{"a":[1]}'::jsonb AS body,
      timestamptz '2026-11-21 21:50:00.123999+05:30' AS at, timestamptz 'infinity' AS forever,
      ARRAY[9007199254740993, NULL]::int8[] AS bigs, ARRAY[timestamptz '1970-01-01 00:00:01Z'] AS times, '{a,"b,c"}'::text[] AS words`);
  expect(row).toEqual({
    big: 9007199254740993n,
    exact: '0.10',
    day: '2026-02-28',
    body: { a: [1] },
    at: Date.parse('2026-11-21T16:20:00.123Z'),
    forever: Infinity,
    bigs: [9007199254740993n, null],
    times: [1000],
    words: ['a', 'b,c'],
  });
  const [half] = await shared.db.query(
    `SELECT v FROM set_config('timezone', 'Asia/Kolkata', false), (SELECT $1::timestamptz AS v) t`,
    [timestamp(1_795_298_221_696 as Instant)],
  );
  expect(half).toEqual({ v: 1_795_298_221_696 });
});

test('a transaction commits when its work resolves and rolls back when it throws', async () => {
  const { db } = shared;
  await db.query('CREATE TABLE kept (id int4 PRIMARY KEY)');
  expect(await db.transaction((tx) => tx.query('INSERT INTO kept VALUES (1) RETURNING id'))).toEqual([{ id: 1 }]);
  const broken = db.transaction(async (tx) => {
    await tx.query('INSERT INTO kept VALUES (2)');
    throw new Error('no');
  });
  await expect(broken).rejects.toThrow('no');
  expect(await db.query('SELECT id FROM kept')).toEqual([{ id: 1 }]);
});

test('an error that the work swallowed does not pass for a commit', async () => {
  const swallowed = shared.db.transaction((tx) => tx.query('SELECT 1 / 0').catch(() => []));
  await expect(swallowed).rejects.toThrow('swallowed');
});

test('a statement that the work did not await still belongs to the transaction, and later use is refused', async () => {
  const { db } = shared;
  await db.query('CREATE TABLE late (xid int8 DEFAULT txid_current())');
  const tx = await db.transaction(async (open) => {
    void open.query('INSERT INTO late SELECT txid_current() FROM pg_sleep(0.02)');
    void open.query('INSERT INTO late DEFAULT VALUES');
    return { query: open.query.bind(open) };
  });
  expect(await db.query('SELECT count(*), count(DISTINCT xid) AS transactions FROM late')).toEqual([
    { count: 2n, transactions: 1n },
  ]);
  expect(() => tx.query('SELECT 1')).toThrow('after its end');
});

test('code knows whether it runs inside a transaction, also after waiting, and no longer when it is over', async () => {
  const { db } = shared;
  let escaped: Promise<boolean> | undefined;
  let finish: () => void = () => undefined;
  await db.transaction(async (tx) => {
    await tx.query('SELECT 1');
    expect(insideTransaction()).toBe(true);
    escaped = new Promise<void>((resolve) => (finish = resolve)).then(() => insideTransaction());
    await expect(db.transaction(() => Promise.resolve())).rejects.toThrow('inside a transaction');
  });
  expect(insideTransaction()).toBe(false);
  finish();
  expect(await escaped).toBe(false);
});

test('errors say whether to run again, to ask what happened, or that a key exists', async () => {
  const { db, url } = shared;
  await db.query('CREATE TABLE once (id int4 CONSTRAINT once_id PRIMARY KEY); INSERT INTO once VALUES (1)');
  const twice = await db.query('INSERT INTO once VALUES (1)').catch((error: unknown) => error);
  expect([isUniqueViolation(twice), isUniqueViolation(twice, 'once_id'), isUniqueViolation(twice, 'other')]).toEqual([
    true,
    true,
    false,
  ]);
  expect([isSerializationFailure(twice), isConnectionLost(twice)]).toEqual([false, false]);

  const other = openDatabase(url, { applicationName: 'to be cut', max: 1 });
  const cut = await other
    .transaction(async (tx) => {
      const [me] = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await db.query('SELECT pg_terminate_backend($1)', [me?.pid]);
      await tx.query('SELECT 1');
    })
    .catch((error: unknown) => error);
  expect(isConnectionLost(cut)).toBe(true);
  expect(await other.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await other.close();

  const nowhere = openDatabase('postgres://nobody@127.0.0.1:1/none', { applicationName: 'nowhere', max: 1 });
  expect(isConnectionLost(await nowhere.query('SELECT 1').catch((error: unknown) => error))).toBe(true);
  await nowhere.close();
});

test('two transactions that wait for each other end in a failure that may be run again', async () => {
  const { db } = shared;
  await db.query('CREATE TABLE locked (id int4 PRIMARY KEY); INSERT INTO locked VALUES (1), (2)');
  let firstHolds: () => void = () => undefined;
  const first = new Promise<void>((resolve) => (firstHolds = resolve));
  let secondHolds: () => void = () => undefined;
  const second = new Promise<void>((resolve) => (secondHolds = resolve));
  const lock = (own: number, other: number, held: () => void, ready: Promise<void>): Promise<void> =>
    db.transaction(async (tx) => {
      await tx.query("SET LOCAL deadlock_timeout = '20ms'");
      await tx.query('SELECT FROM locked WHERE id = $1 FOR UPDATE', [own]);
      held();
      await ready;
      await tx.query('SELECT FROM locked WHERE id = $1 FOR UPDATE', [other]);
    });
  const ends = await Promise.allSettled([lock(1, 2, firstHolds, second), lock(2, 1, secondHolds, first)]);
  const failures = ends.filter((end) => end.status === 'rejected').map((end) => isSerializationFailure(end.reason));
  expect(failures).toEqual([true]);
});

test('a listener hears what is notified, and again after its connection was cut', async () => {
  const { db } = shared;
  const heard: string[] = [];
  let wake: () => void = () => undefined;
  const listener = await db.listen('Lane "a"', (payload) => {
    heard.push(payload);
    wake();
  });
  const hear = async (payload: string): Promise<void> => {
    const heardIt = new Promise<void>((resolve) => (wake = resolve));
    await db.query(`SELECT pg_notify('Lane "a"', $1)`, [payload]);
    await heardIt;
  };
  const listening = async (): Promise<number[]> =>
    (
      await db.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %' AND state = 'idle'`,
      )
    ).map(({ pid }) => pid);
  await hear('one');
  const [before] = await listening();
  await db.query('SELECT pg_terminate_backend($1)', [before]);
  await expect.poll(listening).not.toEqual([before]);
  await expect.poll(async () => (await listening()).length).toBe(1);
  await hear('two');
  expect(heard).toEqual(['one', 'two']);
  await listener.stop();
});

test('a connection keeps the plan of a text that says so, and of no other; a column that comes later does not disturb it', async () => {
  const own = openDatabase(shared.url, { applicationName: 'kept', max: 1 });
  await own.query('create table grown (id int4); insert into grown values (1)');
  const text = kept('select id from grown where id = $1');
  expect(await own.query(text, [1])).toEqual([{ id: 1 }]);
  expect(await own.query('select id from grown where id > $1', [0])).toEqual([{ id: 1 }]);
  expect(await own.query('select statement from pg_prepared_statements')).toEqual([{ statement: text }]);
  await own.query(`alter table grown add column more text default 'x'`);
  expect(await own.query(text, [1])).toEqual([{ id: 1 }]);
  await own.close();
});
