import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { askingWork } from '../../test/kit/asking-work.ts';
import { useDatabase } from '../../test/kit/database.ts';
import { hours, plus, seconds } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { SteppedClock } from './clock.ts';
import { timestamp } from './db.ts';
import type { Database, Tx } from './db.ts';
import { recordStarts } from './exchanges.ts';
import { createIds, seededRandomBytes } from './ids.ts';
import { enqueue, ensureLanes, nextDueAt, priorities } from './jobs.ts';
import type { Lease } from './jobs.ts';
import { readMasterKey } from './keys-master.ts';
import { createKeyStore } from './keys-store.ts';
import { createKeyring } from './keys.ts';
import type { Keyring } from './keys.ts';
import { createTransport } from './transport.ts';
import type { Transport } from './transport.ts';
import { Worker } from './worker.ts';
import type { LaneWork, PreparedCall } from './worker.ts';

const own = useDatabase();
const start = Date.parse('2015-10-28T16:20:00+08:00') as Instant;
const lane = 'A-1/ask';
const random = seededRandomBytes('worker');
let clock: SteppedClock;
const ids = createIds({ now: () => start }, random);
let keyring: Keyring;
let transport: Transport;

/** What the other side sees and says. */
let onRequest: (socket: Socket, path: string) => void | Promise<void>;
let server: Server;
const sockets = new Set<Socket>();
let seen: string[] = [];
const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

const uuid = (number: number): string => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`;

beforeAll(async () => {
  await own.db.query(`insert into merchants (id, name_zh, name_en, created_at) values ('m', '', '', now())`);
  await own.db.query(
    `insert into channel_accounts (id, merchant_id, channel, name, settings, created_at) values ('A-1', 'm', 'c', 'a', '{}', now())`,
  );
  const master = readMasterKey(`liushui-master-key-1 ${Buffer.from(random(32)).toString('base64')}`)!;
  keyring = createKeyring({ master, store: createKeyStore(own.db), ids, random, clock: { now: () => start } });
  await keyring.prepare(start);
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      const path = /^POST (\S+) /.exec(chunk.toString('latin1'))?.[1];
      if (path === undefined) return;
      seen.push(path);
      void onRequest(socket, path);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
});

afterAll(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

beforeEach(async () => {
  await own.db.query('truncate jobs, gaps, lanes, exchanges, exchange_answers, exchange_subjects');
  seen = [];
  onRequest = (socket) => void socket.write(ok);
  clock = new SteppedClock(start);
  transport = createTransport({ sandbox: true, clock, connectionsPerLane: 8, connectTimeoutMs: 1000 });
});

afterEach(async () => {
  clock.stop();
  await transport.close();
});

function work(more: Partial<LaneWork> = {}): ReturnType<typeof askingWork> {
  const { port } = server.address() as AddressInfo;
  return askingWork({ db: own.db, clock, keyring, ids, port }, more);
}

const errors: unknown[] = [];
function worker(works: LaneWork[], by: Transport = transport, db: Database = own.db): Worker {
  errors.length = 0;
  const onError = (error: unknown): void => void errors.push(error);
  return new Worker({ db, clock, transport: by, works, owner: 'w1', onError });
}

async function due(count: number, callsPerSecond: number): Promise<void> {
  await ensureLanes(
    own.db,
    [{ id: lane, accountId: 'A-1', operation: 'ask', callsPerSecond, itemsPerCall: 1, gapMs: 0 }],
    start,
  );
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  await enqueue(
    own.db,
    numbers.map((number) => ({
      ...{ bucket: number, kind: 'ask', subject: uuid(number), lane, dueAt: start },
      priority: priorities.plan,
    })),
  );
}

test('when the first byte arrives over there, the row that says so is in the database', async () => {
  await due(3, 10);
  const rows: unknown[] = [];
  onRequest = async (socket, path) => {
    const [row] = await own.db.query(
      `select e.worker, (select count(*)::int4 from exchange_answers) as answers from exchange_subjects s
         join exchanges e on e.bucket = s.exchange_bucket and e.id = s.exchange_id where s.subject = $1`,
      [uuid(Number(path.slice(1)))],
    );
    rows.push(row);
    socket.write(ok);
  };
  expect(await worker([work().work]).runDue()).toBe(1);
  expect(rows).toEqual(Array(3).fill({ worker: 'w1', answers: 0 }));
  expect(errors).toEqual([]);
  expect(await own.db.query('select kind from exchange_answers')).toEqual(Array(3).fill({ kind: 'answered' }));
  expect(await nextDueAt(own.db)).toBeUndefined();
});

test('each call is sent once at its own moment, also when nobody answers it', async () => {
  await due(4, 2);
  const moments: number[] = [];
  const timed: Transport = {
    ...transport,
    send(request, limits, lane) {
      moments.push(clock.now() - start);
      return transport.send(request, limits, lane);
    },
  };
  onRequest = (socket, path) => {
    if (path === '/3') socket.resetAndDestroy();
    else socket.write(ok);
  };
  const { work: asking, heard } = work();
  const made = worker([asking], timed);
  await made.runDue();
  expect(seen.toSorted()).toEqual(['/1', '/2', '/3', '/4']); // several are on their way at once
  expect(moments).toEqual([0, 500, 1000, 1500]);
  expect(made.calls).toBe(4);
  const kinds = heard.flat().map((call) => [call.jobs[0]?.subject, call.sent.kind]);
  expect(Object.fromEntries(kinds)).toEqual({
    ...Object.fromEntries([1, 2, 4].map((n) => [uuid(n), 'answered'])),
    [uuid(3)]: 'silent',
  });
});

test('calls whose moment to send has passed never leave, and are heard as unsent', async () => {
  await due(2, 10);
  const limits: number[] = [];
  const late: Transport = {
    ...transport,
    send(request, given, name) {
      limits.push(given.sendBefore - performance.now());
      // As after a pause of the whole process between the commit and the call.
      return transport.send(request, { ...given, sendBefore: given.sendBefore - 10_000 }, name);
    },
  };
  const { work: asking, heard } = work();
  const onError = (error: unknown): void => void errors.push(error);
  await new Worker({ db: own.db, clock, transport: late, works: [asking], owner: 'w1', onError }).runDue();
  expect(seen).toEqual([]);
  expect(heard.flat().map((call) => call.sent.kind)).toEqual(['unsent', 'unsent']);
  for (const left of limits) {
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(10_000);
  }
});

test('the moment to send is counted from before the commit, not from the moment of the call', async () => {
  await due(1, 10);
  const before = performance.now();
  let leased = 0;
  let sendBefore = 0;
  const watching: Transport = {
    ...transport,
    send: (request, given, name) => ((sendBefore = given.sendBefore), transport.send(request, given, name)),
  };
  const base = work().work;
  const slow = work({
    async prepare(lease) {
      leased = performance.now();
      return base.prepare(lease);
    },
  });
  const onError = (error: unknown): void => void errors.push(error);
  await new Worker({ db: own.db, clock, transport: watching, works: [slow.work], owner: 'w1', onError }).runDue();
  expect(sendBefore).toBeGreaterThanOrEqual(before + 10_000);
  expect(sendBefore).toBeLessThanOrEqual(leased + 10_000);
});

test('what is heard is committed together, and none is heard twice or lost between two commits', async () => {
  await due(24, 4);
  const { work: asking, heard } = work();
  const made = worker([asking]);
  await made.runDue();
  expect(errors).toEqual([]);
  const subjects = heard.flat().flatMap((call) => call.jobs.map((job) => job.subject));
  expect(subjects.toSorted()).toEqual(Array.from({ length: 24 }, (_, index) => uuid(index + 1)).toSorted());
  expect(heard.length).toBeGreaterThan(1);
  expect(heard.length).toBeLessThan(24);
  expect(await nextDueAt(own.db)).toBeUndefined();
});

test('an error while hearing ends no job: the lease runs out, and the same work comes again', async () => {
  await due(2, 10);
  let broken = true;
  const base = work();
  const { work: asking } = work({
    hear: (lease, calls) => (broken ? Promise.reject(new Error('no disk')) : base.work.hear(lease, calls)),
  });
  const made = worker([asking]);
  await made.runDue();
  expect(errors.map(String)).toEqual(['Error: no disk']);
  expect(await own.db.query('select done, leased_until from jobs')).toEqual(
    Array(2).fill({ done: 0, leased_until: plus(start, seconds(60)) }),
  );
  expect(await nextDueAt(own.db)).toBe(plus(start, seconds(60)));
  broken = false;
  clock.moveTo(plus(start, seconds(60)));
  await made.runDue();
  expect(await own.db.query('select done, tries from jobs')).toEqual(Array(2).fill({ done: 1, tries: 0 }));
  expect(seen).toHaveLength(4);
});

test('a call that breaks in our own hands does not keep the others from being heard', async () => {
  await due(3, 10);
  const broken: Transport = {
    ...transport,
    send: (request, limits, name) =>
      request.url.endsWith('/2') ? Promise.reject(new Error('a bug')) : transport.send(request, limits, name),
  };
  const { work: asking, heard } = work();
  errors.length = 0;
  const onError = (error: unknown): void => void errors.push(error);
  await new Worker({ db: own.db, clock, transport: broken, works: [asking], owner: 'w1', onError }).runDue();
  expect(errors.map(String)).toEqual(['Error: a bug']);
  expect(heard.flat().map((call) => call.jobs[0]?.subject)).not.toContain(uuid(2));
  expect(await own.db.query('select bucket, done from jobs order by bucket')).toEqual([
    { bucket: 1, done: 1 },
    { bucket: 2, done: 0 },
    { bucket: 3, done: 1 },
  ]);
});

test('an error while preparing sends nothing, and a lane without its work is left alone', async () => {
  await due(1, 10);
  const made = worker([work({ prepare: () => Promise.reject(new Error('no key')) }).work]);
  expect(await made.runDue()).toBe(0);
  expect(errors.map(String)).toEqual(['Error: no key']);
  clock.moveTo(plus(start, seconds(60)));
  expect(await worker([]).runDue()).toBe(0);
  expect(seen).toEqual([]);
  expect(await nextDueAt(own.db)).toBe(plus(start, seconds(60)));
});

test('a lane whose call hangs keeps no other waiting, also for what falls due meanwhile', async () => {
  await due(1, 10);
  const free = 'A-1/free';
  const laneRow = { id: free, accountId: 'A-1', operation: 'ask', callsPerSecond: 10, itemsPerCall: 1, gapMs: 0 };
  await ensureLanes(own.db, [laneRow], start);
  const wish = (number: number) => ({
    ...{ bucket: number, kind: 'ask', subject: uuid(number), lane: free, dueAt: start, priority: priorities.plan },
  });
  await enqueue(own.db, [wish(2)]);
  const asking = work().work;
  const made = worker([asking]);
  let hung: Socket | undefined;
  onRequest = async (socket, path) => {
    if (path === '/1') hung = socket;
    else socket.write(ok);
    if (path === '/2') {
      await enqueue(own.db, [wish(3)]);
      made.nudge();
    }
    // Only what comes behind the hanging call lets it go.
    if (path === '/3') hung?.write(ok);
  };
  await made.runDue();
  expect(seen).toEqual(expect.arrayContaining(['/1', '/2', '/3']));
  expect(await own.db.query('select bucket from jobs where wanted > done')).toEqual([]);
  expect(await own.db.query(`select from exchange_answers where kind <> 'answered'`)).toEqual([]);
});

test('who waits at his screen gets a lease of his own when a call of the lane takes its time', async () => {
  await due(1, 10);
  const wish = (number: number, priority: (typeof priorities)['payer' | 'plan']) => ({
    ...{ bucket: number, kind: 'ask', subject: uuid(number), lane, dueAt: start, priority },
  });
  const { work: asking, heard } = work();
  const made = worker([asking]);
  let hung: Socket | undefined;
  onRequest = async (socket, path) => {
    if (path === '/1') {
      hung = socket;
      await enqueue(own.db, [wish(2, priorities.plan), wish(3, priorities.payer)]);
      clock.moveTo(plus(start, 300));
      made.nudge();
      return;
    }
    socket.write(ok);
    hung?.write(ok);
    hung = undefined;
  };
  await made.runDue();
  // The payer's lease is whole: what else is due travels with him.
  expect(seen[0]).toBe('/1');
  expect(seen[1]).toBe('/3');
  expect([...seen].sort()).toEqual(['/1', '/2', '/3']);
  expect(heard.flat().map(({ sent }) => sent.kind)).toEqual(['answered', 'answered', 'answered']);
  expect(await own.db.query('select bucket from jobs where wanted > done')).toEqual([]);
});

test.each(['fails', 'comes back empty', 'is not to be had'])(
  'a lease of his own that %s keeps him waiting for the next one only',
  async (how) => {
    await due(1, 10);
    const wish = (number: number) => ({
      ...{ bucket: number, kind: 'ask', subject: uuid(number), lane, dueAt: start, priority: priorities.payer },
    });
    let hung: Socket | undefined;
    const leases: number[] = [];
    let refused = 0;
    // Somebody comes to the lane after a time in which a worker that does not pause looks again and again.
    const comes = async (number: number, at: number): Promise<void> => {
      for (let looks = 0; looks < 20; looks += 1) await own.db.query('select');
      await enqueue(own.db, [wish(number)]);
      clock.moveTo(plus(start, at));
      made.nudge();
    };
    const { work: asking, heard } = work();
    const prepare = (lease: Lease): Promise<readonly PreparedCall[]> => {
      leases.push(lease.calls.length);
      if (leases.length !== 2 || how === 'is not to be had') return asking.prepare(lease);
      void comes(3, 900);
      return how === 'fails' ? Promise.reject(new Error('no database for a moment')) : Promise.resolve([]);
    };
    /** Between the look and the lease another process takes the job. */
    const transaction = async <T>(run: (tx: Tx) => Promise<T>): Promise<T> => {
      const isHis = hung !== undefined && leases.length === 1 && clock.now() < plus(start, 900);
      if (isHis && how === 'comes back empty')
        await own.db.query('update jobs set leased_until = $1 where bucket = 2', [timestamp(plus(start, hours(1)))]);
      if (isHis && how === 'is not to be had') {
        if ((refused += 1) === 1) void comes(3, 900);
        throw new Error('no database for a moment');
      }
      return own.db.transaction(run);
    };
    const made = worker([{ ...asking, prepare }], transport, { ...own.db, transaction });
    onRequest = (socket, path) => {
      if (path === '/1') {
        hung = socket;
        void comes(2, 300);
        return;
      }
      socket.write(ok);
      if (path === '/3') hung?.write(ok);
    };
    await made.runDue();
    // Nobody asks in vain again and again while a call hangs: one lease is for nothing.
    const [paths, tried] = { fails: ['/1/3', '111'], 'comes back empty': ['/1/3', '101'] }[how] ?? ['/1/2/3', '12'];
    expect([seen.join(''), leases.join(''), refused]).toEqual([paths, tried, how === 'is not to be had' ? 1 : 0]);
    expect(new Set(heard.flat().map(({ sent }) => sent.kind))).toEqual(new Set(['answered']));
  },
);

test('silence closes the lane after a run of it, and an answer keeps it open', async () => {
  await due(6, 10);
  onRequest = (socket) => void socket.resetAndDestroy();
  await worker([work().work]).runDue();
  const [row] = await own.db.query<{ failures: number; closed_until: Instant }>(
    'select failures, closed_until from lanes',
  );
  expect(row?.failures).toBe(6);
  expect(row?.closed_until).toBeGreaterThan(start);
});

test('calls of a process that died end as lost, once nobody can hear their answers any more', async () => {
  const request = { method: 'POST', url: 'https://gateway.example/do' };
  const subjects = [{ bucket: 1, id: uuid(1), try: 1 }];
  const sendBefore = plus(start, seconds(10));
  const dead = { bucket: 1, accountId: 'A-1', operation: 'ask', worker: 'dead', createdAt: start, sendBefore };
  await own.db.transaction((tx) => recordStarts(tx, keyring, [{ ...dead, id: ids.next(), request, subjects }]));
  const kinds = async (): Promise<unknown[]> =>
    (await own.db.query('select kind from exchange_answers')).map((row) => row['kind']);
  await worker([]).runDue();
  expect(await kinds()).toEqual([]);
  clock.moveTo(plus(start, seconds(600)));
  await worker([]).runDue();
  expect(await kinds()).toEqual(['lost']);
});
