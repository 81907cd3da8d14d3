import { beforeAll, beforeEach, expect, test } from 'vitest';
import { useDatabase } from '../../test/kit/database.ts';
import { minutes, plus, seconds } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { openDatabase } from './db.ts';
import type { Database } from './db.ts';
import { dueLanes, enqueue, ensureLanes, extendGaps, finishJobs, leaseLane, nextDueAt, priorities } from './jobs.ts';
import { learn } from './lane-health.ts';
import type { Job, JobWish, Lease } from './jobs.ts';

const own = useDatabase();
const start = Date.parse('2015-10-28T16:20:00+08:00') as Instant;
const lane = 'A-1/ask';

const uuid = (number: number): string => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`;
const numberOf = (job: Job): number => Number(job.subject.slice(-12));
const wish = (number: number, more: Partial<JobWish> = {}): JobWish => ({
  bucket: number % 1000,
  kind: 'ask',
  subject: uuid(number),
  lane,
  dueAt: start,
  priority: priorities.plan,
  ...more,
});
const wishes = (count: number, more: Partial<JobWish> = {}): JobWish[] =>
  Array.from({ length: count }, (_, index) => wish(index + 1, more));
const jobsOf = (lease: Lease): Job[] => lease.calls.flatMap((call) => [...call.jobs]);
const numbersOf = (lease: Lease): number[] =>
  jobsOf(lease)
    .map(numberOf)
    .sort((a, b) => a - b);

async function openLane(id: string, callsPerSecond: number, itemsPerCall: number, gapMs: number): Promise<void> {
  await ensureLanes(own.db, [{ id, accountId: 'A-1', operation: 'ask', callsPerSecond, itemsPerCall, gapMs }], start);
}

type Counters = { wanted: number; done: number; due_at: Instant; tries: number };
async function counters(number: number): Promise<Counters | undefined> {
  const [row] = await own.db.query<Counters>('select wanted, done, due_at, tries from jobs where subject = $1', [
    uuid(number),
  ]);
  return row;
}

beforeAll(async () => {
  await own.db.query(`insert into merchants (id, name_zh, name_en, created_at) values ('m', '', '', now())`);
  await own.db.query(
    `insert into channel_accounts (id, merchant_id, channel, name, settings, created_at) values ('A-1', 'm', 'c', 'a', '{}', now())`,
  );
});

beforeEach(async () => {
  await own.db.query('truncate jobs, gaps, lanes');
});

test('thirty-five due jobs of ten a call are four calls, each full as far as they go, at the pace of the lane', async () => {
  await openLane(lane, 2, 10, 0);
  await enqueue(own.db, wishes(35));
  const lease = await leaseLane(own.db, lane, 'w1', start);
  expect(lease.calls.map((call) => [call.at - start, call.jobs.length])).toEqual([
    [0, 10],
    [500, 10],
    [1000, 10],
    [1500, 5],
  ]);
  expect(new Set(numbersOf(lease)).size).toBe(35);
  // What the pace was not needed for is given back.
  await enqueue(own.db, [wish(36)]);
  expect((await leaseLane(own.db, lane, 'w1', start)).calls).toMatchObject([{ at: plus(start, 2000) }]);
});

test('a subject has one job of a kind, however often it is wished for, at the earliest of the moments', async () => {
  await openLane(lane, 10, 10, 0);
  const later = plus(start, minutes(5));
  await enqueue(own.db, [wish(1, { dueAt: later }), wish(1), wish(1, { dueAt: later, kind: 'other' })]);
  await enqueue(own.db, [wish(1, { dueAt: later, priority: priorities.operator })]);
  expect(await own.db.query('select kind, due_at, priority, wanted, done from jobs order by kind')).toEqual([
    { kind: 'ask', due_at: start, priority: priorities.operator, wanted: 1, done: 0 },
    { kind: 'other', due_at: later, priority: priorities.plan, wanted: 1, done: 0 },
  ]);
});

test('a wish that arrives while the job runs makes it run once more, and several make it once', async () => {
  await openLane(lane, 10, 10, 0);
  await enqueue(own.db, [wish(1)]);
  const first = await leaseLane(own.db, lane, 'w1', start);
  await enqueue(own.db, [wish(1)]);
  await enqueue(own.db, [wish(1), wish(1)]);
  expect(jobsOf(await leaseLane(own.db, lane, 'w2', start))).toEqual([]);
  await finishJobs(
    own.db,
    'w1',
    jobsOf(first).map((job) => ({ job })),
  );
  const second = await leaseLane(own.db, lane, 'w1', start);
  expect(numbersOf(second)).toEqual([1]);
  await finishJobs(
    own.db,
    'w1',
    jobsOf(second).map((job) => ({ job })),
  );
  expect(jobsOf(await leaseLane(own.db, lane, 'w1', start))).toEqual([]);
  expect(await nextDueAt(own.db)).toBeUndefined();
});

test('a job that ended starts anew with the next wish, at its moment and priority', async () => {
  await openLane(lane, 10, 10, 0);
  await enqueue(own.db, [wish(1, { priority: priorities.payer })]);
  const first = await leaseLane(own.db, lane, 'w1', start);
  await finishJobs(
    own.db,
    'w1',
    jobsOf(first).map((job) => ({ job, payload: { seen: 1 } })),
  );
  const later = plus(start, minutes(9));
  await enqueue(own.db, [wish(1, { dueAt: later, priority: priorities.bulk, payload: { more: 2 } })]);
  expect(await own.db.query('select due_at, priority, payload from jobs')).toEqual([
    { due_at: later, priority: priorities.bulk, payload: { seen: 1, more: 2 } },
  ]);
});

test('work that is due again keeps its count of tries as long as it fails, and loses it when it does not', async () => {
  await openLane(lane, 10, 10, 0);
  await enqueue(own.db, [wish(1)]);
  for (const tries of [1, 2]) {
    const lease = await leaseLane(own.db, lane, 'w1', start);
    expect(jobsOf(lease)).toMatchObject([{ tries }]);
    await finishJobs(
      own.db,
      'w1',
      jobsOf(lease).map((job) => ({ job, againAt: start, error: 'no answer' })),
    );
  }
  const third = await leaseLane(own.db, lane, 'w1', start);
  const againAt = plus(start, minutes(1));
  await finishJobs(
    own.db,
    'w1',
    jobsOf(third).map((job) => ({ job, againAt })),
  );
  expect(await counters(1)).toMatchObject({ tries: 0, due_at: againAt });
  expect(jobsOf(await leaseLane(own.db, lane, 'w1', start))).toEqual([]);
  expect(numbersOf(await leaseLane(own.db, lane, 'w1', againAt))).toEqual([1]);
});

test('what is more urgent goes first, and bulk only fills what is left of its call', async () => {
  await openLane(lane, 1, 10, 0);
  await enqueue(own.db, [
    ...wishes(30, { priority: priorities.bulk }),
    ...[31, 32].map((number) => wish(number, { priority: priorities.operator })),
    wish(33, { priority: priorities.payer }),
  ]);
  const lease = await leaseLane(own.db, lane, 'w1', start);
  expect(lease.calls.map((call) => call.jobs.length)).toEqual([10, 10, 10]);
  expect(lease.calls[0]?.jobs.slice(0, 3).map(numberOf)).toEqual([33, 31, 32]);
});

test('bulk never takes the last third of a pace, however often it is leased', async () => {
  await openLane(lane, 3, 1, 0);
  await enqueue(own.db, wishes(40, { priority: priorities.bulk }));
  let taken = 0;
  for (let turn = 0; turn < 5; turn += 1) taken += jobsOf(await leaseLane(own.db, lane, 'w1', start)).length;
  expect(taken).toBe(8);
  expect(await dueLanes(own.db, start)).toEqual([]);
  const next = (await nextDueAt(own.db)) ?? start;
  expect(next).toBeGreaterThan(start);
  expect(next).toBeLessThan(plus(start, seconds(1)));
  expect(await dueLanes(own.db, next)).toHaveLength(1);
  // A payer who comes now is called within this horizon.
  await enqueue(own.db, [wish(41, { priority: priorities.payer })]);
  const payer = await leaseLane(own.db, lane, 'w1', start);
  expect(payer.calls.map((call) => call.jobs.map(numberOf))).toEqual([[41]]);
  expect(payer.calls[0]?.at).toBeLessThan(plus(start, 4000));
});

test('a lane slower than its horizon still lets bulk through when it is free', async () => {
  await openLane(lane, 0.1, 1, 0);
  await enqueue(own.db, wishes(2, { priority: priorities.bulk }));
  expect(jobsOf(await leaseLane(own.db, lane, 'w1', start))).toHaveLength(1);
  expect(jobsOf(await leaseLane(own.db, lane, 'w1', start))).toHaveLength(0);
  const next = (await nextDueAt(own.db)) ?? start;
  expect(jobsOf(await leaseLane(own.db, lane, 'w1', next))).toHaveLength(1);
});

async function processes<T>(count: number, work: (db: Database, owner: string) => Promise<T>): Promise<T[]> {
  const pools = Array.from({ length: count }, () => openDatabase(own.url, { applicationName: 'a process', max: 2 }));
  try {
    // Connected before they begin, or the first would be done when the last arrives.
    await Promise.all(pools.map((db) => db.query('select')));
    return await Promise.all(pools.map((db, index) => work(db, `w${index}`)));
  } finally {
    await Promise.all(pools.map((db) => db.close()));
  }
}

test('processes that lease at once share one pace, and no job is leased twice', async () => {
  await openLane(lane, 5, 3, 0);
  await enqueue(own.db, wishes(200));
  const leases = await processes(4, async (db, owner) => {
    const own: Lease[] = [];
    for (let turn = 0; turn < 6; turn += 1) own.push(await leaseLane(db, lane, owner, plus(start, turn * 1000)));
    return own;
  });
  const calls = leases.flat().flatMap((lease) => lease.calls);
  const moments = calls.map((call) => call.at - start).sort((a, b) => a - b);
  expect(moments).toEqual(moments.map((_, index) => index * 200));
  const numbers = leases.flat().flatMap(jobsOf).map(numberOf);
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(numbers.length).toBe(moments.length * 3);
  expect(moments.at(-1)).toBeLessThan(9000);
});

test('two jobs that share a gap never come in one batch, and the second waits for the whole gap', async () => {
  await openLane(lane, 10, 10, minutes(5));
  const gapKey = 'push/T1';
  await enqueue(own.db, [wish(1, { gapKey, bucket: 7 }), wish(2, { gapKey, bucket: 7 }), wish(3)]);
  const first = await leaseLane(own.db, lane, 'w1', start);
  expect(numbersOf(first)).toEqual([1, 3]);
  await finishJobs(
    own.db,
    'w1',
    jobsOf(first).map((job) => ({ job })),
  );
  expect(await dueLanes(own.db, plus(start, minutes(5) - 1))).toEqual([]);
  expect(jobsOf(await leaseLane(own.db, lane, 'w1', plus(start, minutes(5) - 1)))).toEqual([]);
  expect(await nextDueAt(own.db)).toBe(plus(start, minutes(5)));
  expect(numbersOf(await leaseLane(own.db, lane, 'w1', plus(start, minutes(5))))).toEqual([2]);
});

test('the next moment is that of the first free job, or of one before it that is held back for less long', async () => {
  await openLane(lane, 10, 10, 0);
  const gapKey = 'push/A-1/trade';
  const free = plus(start, minutes(3));
  await enqueue(own.db, [
    wish(1, { gapKey }),
    wish(2),
    wish(3, { dueAt: free, priority: priorities.bulk }),
    wish(4, { dueAt: plus(free, 1) }),
  ]);
  expect(await nextDueAt(own.db)).toBe(start);
  await leaseLane(own.db, lane, 'w1', start); // both that are due, for a minute
  const longer = [{ bucket: 1, gapKey, freeAt: plus(start, minutes(9)) }];
  await extendGaps(own.db, longer);
  expect(await nextDueAt(own.db)).toBe(plus(start, minutes(1)));
  await extendGaps(own.db, [...longer, { bucket: 2, gapKey, freeAt: plus(start, minutes(9)) }]);
  await own.db.query('update jobs set leased_until = null, gap_key = $1 where subject = $2', [gapKey, uuid(2)]);
  expect(await nextDueAt(own.db)).toBe(free);
  await own.db.query('update jobs set done = wanted where subject = any($1::uuid[])', [[uuid(3), uuid(4)]]);
  expect(await nextDueAt(own.db)).toBe(plus(start, minutes(9)));
});

test('a gap holds across lanes and processes that lease at once', async () => {
  const lanes = ['A-1/ask', 'A-1/other', 'A-1/third'];
  for (const id of lanes) await openLane(id, 10, 10, minutes(5));
  const at = (number: number, id: string): JobWish[] =>
    Array.from({ length: 10 }, (_, trade) =>
      wish(number + trade, { lane: id, bucket: trade, gapKey: `push/T${trade}` }),
    );
  await enqueue(
    own.db,
    lanes.flatMap((id, index) => at(100 * (index + 1), id)),
  );
  const leases = await processes(3, (db, owner) => leaseLane(db, lanes[Number(owner.slice(1))] ?? '', owner, start));
  const trades = leases.flatMap(jobsOf).map((job) => job.gapKey);
  expect(trades).toHaveLength(10);
  expect(new Set(trades).size).toBe(10);
  const [left] = await own.db.query('select count(*)::int4 as n from jobs where lease_owner is null');
  expect(left).toEqual({ n: 20 });
});

test('a gap that somebody else takes while a lease waits for it is not leased', async () => {
  await openLane(lane, 10, 10, minutes(5));
  await enqueue(own.db, [wish(1, { gapKey: 'g', bucket: 1 })]);
  const taken = Promise.withResolvers<void>();
  const waits = Promise.withResolvers<void>();
  const other = own.db.transaction(async (tx) => {
    await extendGaps(tx, [{ bucket: 1, gapKey: 'g', freeAt: plus(start, minutes(5)) }]);
    taken.resolve();
    await waits.promise;
  });
  await taken.promise;
  const leasing = leaseLane(own.db, lane, 'w1', start);
  await untilSomebodyWaitsForALock();
  waits.resolve();
  await other;
  expect(jobsOf(await leasing)).toEqual([]);
});

/** The lease has looked, and stands at the row that the other transaction holds. */
async function untilSomebodyWaitsForALock(): Promise<void> {
  for (;;) {
    const [row] = await own.db.query<{ n: number }>(
      `select count(*)::int4 as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    if ((row?.n ?? 0) > 0) return;
  }
}

test('a gap may be made longer, as by a late answer, and never shorter', async () => {
  await openLane(lane, 10, 10, minutes(5));
  await enqueue(own.db, [wish(1, { gapKey: 'g', bucket: 1 })]);
  const longer = plus(start, minutes(9));
  const gap = (freeAt: Instant) => ({ bucket: 1, gapKey: 'g', freeAt });
  await extendGaps(own.db, [gap(plus(start, 1)), gap(longer), gap(plus(start, 2))]);
  await extendGaps(own.db, [gap(plus(start, minutes(6)))]);
  expect(jobsOf(await leaseLane(own.db, lane, 'w1', plus(longer, -1)))).toEqual([]);
  expect(jobsOf(await leaseLane(own.db, lane, 'w1', longer))).toHaveLength(1);
});

test('a lease that ran out goes to somebody else, and its first owner ends nothing any more', async () => {
  await openLane(lane, 10, 10, 0);
  await enqueue(own.db, [wish(1)]);
  const lost = await leaseLane(own.db, lane, 'w1', start);
  const early = plus(lost.until, -1);
  expect(jobsOf(await leaseLane(own.db, lane, 'w2', early))).toEqual([]);
  expect(await nextDueAt(own.db)).toBe(lost.until);
  const taken = await leaseLane(own.db, lane, 'w2', lost.until);
  expect(jobsOf(taken)).toMatchObject([{ tries: 2 }]);
  await finishJobs(
    own.db,
    'w1',
    jobsOf(lost).map((job) => ({ job, payload: { stale: true } })),
  );
  expect(await counters(1)).toMatchObject({ wanted: 1, done: 0 });
  await finishJobs(
    own.db,
    'w2',
    jobsOf(taken).map((job) => ({ job })),
  );
  expect(await counters(1)).toMatchObject({ wanted: 1, done: 1 });
  expect(await own.db.query('select payload from jobs')).toEqual([{ payload: {} }]);
});

test('a process that leased the same job again does not end it by its older lease', async () => {
  await openLane(lane, 10, 10, 0);
  await enqueue(own.db, [wish(1)]);
  const older = await leaseLane(own.db, lane, 'w1', start);
  const newer = await leaseLane(own.db, lane, 'w1', older.until);
  await finishJobs(
    own.db,
    'w1',
    jobsOf(older).map((job) => ({ job })),
  );
  expect(await counters(1)).toMatchObject({ wanted: 1, done: 0 });
  await finishJobs(
    own.db,
    'w1',
    jobsOf(newer).map((job) => ({ job })),
  );
  expect(await counters(1)).toMatchObject({ wanted: 1, done: 1 });
});

test('a run of failures closes a lane for longer each time, and one answer opens it', async () => {
  await openLane(lane, 10, 10, 0);
  await enqueue(own.db, [wish(1)]);
  await learn(own.db, lane, { answered: 0, failed: 4 }, start);
  expect(await dueLanes(own.db, start)).toEqual([{ id: lane, operation: 'ask' }]);
  await learn(own.db, lane, { answered: 0, failed: 1 }, start);
  const closed = plus(start, seconds(30));
  expect(await dueLanes(own.db, start)).toEqual([]);
  expect(jobsOf(await leaseLane(own.db, lane, 'w1', plus(closed, -1)))).toEqual([]);
  expect(await nextDueAt(own.db)).toBe(closed);
  expect(await dueLanes(own.db, closed)).toHaveLength(1);
  await learn(own.db, lane, { answered: 0, failed: 5 }, closed);
  expect(await nextDueAt(own.db)).toBe(plus(closed, seconds(60)));
  await learn(own.db, lane, { answered: 1, failed: 3 }, closed);
  expect(numbersOf(await leaseLane(own.db, lane, 'w1', closed))).toEqual([1]);
});

test('a paused lane has nothing due and its jobs keep', async () => {
  await openLane(lane, 10, 10, 0);
  await enqueue(own.db, [wish(1)]);
  await own.db.query('update lanes set paused_at = now()');
  expect(await nextDueAt(own.db)).toBeUndefined();
  expect(await dueLanes(own.db, start)).toEqual([]);
  expect(jobsOf(await leaseLane(own.db, lane, 'w1', start))).toEqual([]);
  await own.db.query('update lanes set paused_at = null');
  expect(numbersOf(await leaseLane(own.db, lane, 'w1', start))).toEqual([1]);
});

test('a lane that exists keeps the pace it has learnt', async () => {
  await openLane(lane, 10, 10, 0);
  await own.db.query('update lanes set calls_per_second = 2');
  await openLane(lane, 10, 10, 0);
  expect(await own.db.query('select calls_per_second from lanes')).toEqual([{ calls_per_second: 2 }]);
});
