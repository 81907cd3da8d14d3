import { beforeAll, beforeEach, expect, test } from 'vitest';
import { useDatabase } from '../../test/kit/database.ts';
import { assert, Bug, done, refuse } from '../kernel/index.ts';
import type { Instant, Refusal } from '../kernel/index.ts';
import { execute, keyText, runList, versionConflict } from './commands.ts';
import type { Change, Command, Executor } from './commands.ts';
import { openDatabase } from './db.ts';
import type { Database, Tx } from './db.ts';
import { insertRows, updateRows } from './sql.ts';

const own = useDatabase({ migrated: false });
const at = Date.parse('2015-10-28T16:20:00+08:00') as Instant;

type Purse = { readonly id: string; readonly balance: number; readonly version: number };
type Spend = { readonly id: string; readonly amount: number; readonly ticket?: string; readonly poison?: boolean };
type Ticket = { readonly ticket: string };

const bucketOf = (id: string): number => Number(id.slice(1)) % 7;
const keyOf = ({ id }: { id: string }) => ({ bucket: bucketOf(id), id });
const idsOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `p${index + 1}`);

async function load(tx: Tx, keys: readonly { bucket: number; id: string }[]): Promise<Map<string, Purse>> {
  const ids = keys.map((key) => key.id);
  const rows = await tx.query<Purse>('select id, balance, version from purses where id = any($1::text[])', [ids]);
  return new Map(rows.map((row) => [keyText(keyOf(row)), row]));
}

async function save(tx: Tx, changes: readonly Change<Purse, Ticket>[]): Promise<Map<string, Refusal>> {
  const columns = { bucket: 'int2', id: 'text', balance: 'int4', version: 'int4' } as const;
  const rows = changes.flatMap(({ key, after, before }) =>
    after ? [{ ...key, balance: after.balance, version: before?.version ?? 0 }] : [],
  );
  const written = await updateRows(tx, 'purses', columns, ['bucket', 'id'], rows, {
    match: ['version'],
    set: 'version = target.version + 1',
    returning: 'target.id',
  });
  const won = new Set(written.map((row) => row['id']));
  const conflicts = new Map<string, Refusal>();
  const tickets = changes
    .filter(({ key }) => won.has(key.id))
    .flatMap(({ key, effects }) => effects.map((e) => ({ key, ...e })));
  const taken = await insertRows(
    tx,
    'tickets',
    { ticket: 'text' },
    tickets.map(({ ticket }) => ({ ticket })),
    'on conflict do nothing returning ticket',
  );
  const free = new Set(taken.map((row) => row['ticket']));
  for (const { key, ticket } of tickets)
    if (!free.has(ticket)) conflicts.set(keyText(key), { code: 'test.ticket_taken', params: {} });
  for (const { key } of changes) if (!won.has(key.id)) conflicts.set(keyText(key), versionConflict);
  return conflicts;
}

/** Takes money out of purses: small, and yet with everything a list can trip over. */
const spend: Command<Spend, Purse, Ticket, number> = {
  name: 'test.spend',
  keyOf,
  load,
  decide(purse, { amount, ticket, poison }) {
    assert(poison !== true, 'poison');
    if (!purse) return { result: refuse('server.not_found', {}) };
    if (purse.balance < amount) return { result: refuse('test.too_little', {}) };
    const next = { ...purse, balance: purse.balance - amount };
    return { next, effects: ticket === undefined ? [] : [{ ticket }], result: done(next.balance) };
  },
  save,
};

const aside: { command: string; id: string; error: unknown }[] = [];

function executor(db: Database): Executor {
  return {
    db,
    clock: { now: () => at },
    quarantine: (command, key, error) => Promise.resolve(void aside.push({ command, id: key.id, error })),
  };
}

/** Counts the transactions, for what bisecting may cost. */
function counted(db: Database): { db: Database; count: () => number } {
  let count = 0;
  const transaction: Database['transaction'] = (work) => {
    count += 1;
    return db.transaction(work);
  };
  return { db: { ...db, transaction }, count: () => count };
}

async function balances(): Promise<Record<string, number>> {
  const rows = await own.db.query<Purse>('select id, balance from purses order by id');
  return Object.fromEntries(rows.map((row) => [row.id, row.balance]));
}

async function fill(count: number, balance: number): Promise<void> {
  const columns = { bucket: 'int2', id: 'text', balance: 'int4' } as const;
  await insertRows(
    own.db,
    'purses',
    columns,
    idsOf(count).map((id) => ({ bucket: bucketOf(id), id, balance })),
  );
}

beforeAll(async () => {
  await own.db.query(`
    create table purses (bucket int2, id text, balance int4 not null check (balance >= 0), version int4 not null default 1, primary key (bucket, id));
    create table tickets (ticket text primary key);
    create table beside (note text)`);
});

beforeEach(async () => {
  aside.length = 0;
  await own.db.query('truncate purses, tickets, beside');
});

test('fold: items of one record are decided in order, each on what the one before left, and saved once', async () => {
  await fill(2, 100);
  const inputs = [
    { id: 'p1', amount: 70 },
    { id: 'p2', amount: 10 },
    { id: 'p1', amount: 70 },
    { id: 'p1', amount: 30 },
  ];
  const answers = await execute(executor(own.db), spend, inputs);
  expect(answers.map((answer) => (answer.ok ? answer.value : answer.refusal.code))).toEqual([
    30,
    90,
    'test.too_little',
    0,
  ]);
  expect(await balances()).toEqual({ p1: 0, p2: 90 });
  expect(await own.db.query('select version from purses order by id')).toEqual([{ version: 2 }, { version: 2 }]);
});

test('fold: a save that is given two rows of one record is a bug, because the statement would apply only one', async () => {
  await fill(1, 100);
  const twice: typeof spend = { ...spend, save: (tx, changes) => save(tx, [...changes, ...changes]) };
  const running = own.db.transaction((tx) => runList(tx, twice, [{ input: { id: 'p1', amount: 1 }, position: 0 }], at));
  await expect(running).rejects.toThrow(Bug);
  expect(await balances()).toEqual({ p1: 100 });
});

test('order: every statement is given the records by bucket and id, whatever the order of the inputs', async () => {
  await fill(20, 100);
  const seen: string[][] = [];
  const watching: typeof spend = {
    ...spend,
    load: (tx, keys) => (seen.push(keys.map(keyText)), load(tx, keys)),
    save: (tx, changes) => (seen.push(changes.map((change) => keyText(change.key))), save(tx, changes)),
  };
  const inputs = idsOf(20).map((id) => ({ id, amount: 1 }));
  await execute(executor(own.db), watching, inputs.toReversed());
  expect(seen).toHaveLength(2);
  for (const keys of seen) expect(keys).toEqual([...keys].sort());
});

test('order: lists over the same records in opposite order never wait for each other in a ring', async () => {
  await fill(40, 1_000_000);
  // Locks one record after the other, in the order in which the list was handed over: the harshest reading of a statement.
  const locking: typeof spend = {
    ...spend,
    async load(tx, keys) {
      await tx.query(`set local deadlock_timeout = '10ms'`);
      for (const key of keys)
        await tx.query('select from purses where bucket = $1 and id = $2 for update', [key.bucket, key.id]);
      return load(tx, keys);
    },
  };
  const inputs = idsOf(40).map((id) => ({ id, amount: 1 }));
  const watched = counted(own.db);
  for (let round = 0; round < 8; round += 1) {
    const lists = [inputs, inputs.toReversed(), inputs, inputs.toReversed()];
    await Promise.all(lists.map((list) => execute(executor(watched.db), locking, list)));
  }
  expect(watched.count()).toBe(32);
  expect(new Set(Object.values(await balances()))).toEqual(new Set([1_000_000 - 32]));
});

test('values: an expected conflict is the refusal of that record and the others commit', async () => {
  await fill(3, 100);
  await own.db.query(`insert into tickets values ('gone')`);
  const inputs = [
    { id: 'p1', amount: 1, ticket: 'a' },
    { id: 'p2', amount: 0, ticket: 'gone' },
    { id: 'p3', amount: 1, ticket: 'b' },
  ];
  const watched = counted(own.db);
  const answers = await execute(executor(watched.db), spend, inputs);
  expect(answers.map((answer) => (answer.ok ? answer.value : answer.refusal.code))).toEqual([
    99,
    'test.ticket_taken',
    99,
  ]);
  expect(await balances()).toEqual({ p1: 99, p2: 100, p3: 99 });
  expect(watched.count()).toBe(1);
  expect(aside).toEqual([]);
});

test('bisect: one poison among a thousand is put aside alone, for about twice the logarithm in transactions', async () => {
  await fill(1000, 100);
  const inputs = idsOf(1000).map((id) => ({ id, amount: 1, poison: id === 'p613' }));
  const watched = counted(own.db);
  const answers = await execute(executor(watched.db), spend, inputs);
  expect(answers.filter((answer) => answer.ok)).toHaveLength(999);
  expect(answers[612]).toMatchObject({ ok: false, refusal: { code: 'server.item_quarantined' } });
  expect(aside).toMatchObject([{ command: 'test.spend', id: 'p613', error: expect.any(Bug) }]);
  expect(watched.count()).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(1000)) + 2);
  const left = Object.entries(await balances()).filter(([, balance]) => balance === 100);
  expect(left).toEqual([['p613', 100]]);
});

test('bisect: what the database itself refuses is put aside as well', async () => {
  await fill(8, 100);
  const careless: typeof spend = {
    ...spend,
    decide: (purse, { amount }) =>
      purse ? { next: { ...purse, balance: purse.balance - amount }, result: done(0) } : { result: done(0) },
  };
  const inputs = idsOf(8).map((id) => ({ id, amount: id === 'p3' ? 101 : 1 }));
  const answers = await execute(executor(own.db), careless, inputs);
  expect(answers.map((answer) => answer.ok)).toEqual([true, true, false, true, true, true, true, true]);
  expect(aside.map(({ id }) => id)).toEqual(['p3']);
});

test('a lost connection is the fault of no item: nothing is put aside and the error passes through', async () => {
  await fill(4, 100);
  const second = openDatabase(own.url, { applicationName: 'to be cut', max: 1 });
  const cut: typeof spend = {
    ...spend,
    async save(tx, changes) {
      const [me] = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
      await own.db.query('select pg_terminate_backend($1)', [me?.pid]);
      return save(tx, changes);
    },
  };
  const watched = counted(second);
  const running = execute(
    executor(watched.db),
    cut,
    idsOf(4).map((id) => ({ id, amount: 1 })),
  );
  await expect(running).rejects.toThrow();
  expect(watched.count()).toBe(1);
  expect(aside).toEqual([]);
  await second.close();
});

test('a deadlock with somebody else is the fault of no item: the list runs again as it is', async () => {
  await fill(1, 100);
  let failures = 4;
  const losing: typeof spend = {
    ...spend,
    async load(tx, keys) {
      // What PostgreSQL raises when it chooses this transaction to break a ring.
      if (failures-- > 0) await tx.query(`do $$ begin raise exception 'ring' using errcode = '40P01'; end $$`);
      return load(tx, keys);
    },
  };
  expect(await execute(executor(own.db), losing, [{ id: 'p1', amount: 1 }])).toEqual([done(99)]);
  expect(aside).toEqual([]);
});

test('a record that another transaction changed meanwhile is loaded and decided again', async () => {
  await fill(2, 100);
  let meddle = true;
  const raced: typeof spend = {
    ...spend,
    async load(tx, keys) {
      const loaded = await load(tx, keys);
      if (meddle) await own.db.query(`update purses set balance = 50, version = version + 1 where id = 'p1'`);
      meddle = false;
      return loaded;
    },
  };
  const decided: string[][] = [];
  const answers = await execute(
    executor(own.db),
    raced,
    idsOf(2).map((id) => ({ id, amount: 10 })),
    (_tx, items) => Promise.resolve(void decided.push(items.map(({ input }) => input.id))),
  );
  expect(answers).toEqual([done(40), done(90)]);
  expect(await balances()).toEqual({ p1: 40, p2: 90 });
  expect(decided).toEqual([['p2'], ['p1']]);
});

test('a record that another transaction wrote first, after it was looked for, is found when the list runs again', async () => {
  let looks = 0;
  const command: Command<Spend, Purse, Ticket, number> = {
    ...spend,
    name: 'test.open',
    async load(tx, keys) {
      const found = await load(tx, keys);
      looks += 1;
      if (looks === 1) await fill(1, 100); // by another connection, committed
      return found;
    },
    decide: (purse, { id, amount }) =>
      purse ? { result: done(purse.balance) } : { next: { id, balance: amount, version: 0 }, result: done(amount) },
    async save(tx, changes) {
      const rows = changes.flatMap(({ key, after }) => (after ? [{ ...key, balance: after.balance }] : []));
      await insertRows(tx, 'purses', { bucket: 'int2', id: 'text', balance: 'int4' }, rows);
      return new Map();
    },
  };
  expect(await execute(executor(own.db), command, [{ id: 'p1', amount: 7 }])).toEqual([done(100)]);
  expect([looks, aside]).toEqual([2, []]);
});

test('many lists at once lose no update, though each reads without a lock', async () => {
  await fill(5, 1000);
  const inputs = idsOf(5).map((id) => ({ id, amount: 1 }));
  const answers = await Promise.all([1, 2, 3].map(() => execute(executor(own.db), spend, inputs)));
  const spent = answers.flat().filter((answer) => answer.ok).length;
  const left = Object.values(await balances()).reduce((sum, balance) => sum + balance, 0);
  expect(spent).toBe(15);
  expect(left).toBe(5000 - spent);
});

test('what runs alongside commits with the items it came with, and rolls back with them', async () => {
  await fill(4, 100);
  const inputs = idsOf(4).map((id) => ({ id, amount: 1, poison: id === 'p2' }));
  await execute(executor(own.db), spend, inputs, async (tx, decided) => {
    const note = decided.map(({ input }) => input.id).join(' ');
    await tx.query('insert into beside values ($1)', [note]);
    assert(!note.includes('p4'), 'the end of p4 cannot be written');
  });
  expect(await own.db.query('select note from beside order by note')).toEqual([{ note: 'p1' }, { note: 'p3' }]);
  expect(await balances()).toEqual({ p1: 99, p2: 100, p3: 99, p4: 100 });
  expect(aside.map(({ id }) => id)).toEqual(['p2', 'p4']);
});
