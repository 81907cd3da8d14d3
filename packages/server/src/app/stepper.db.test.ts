import { beforeAll, beforeEach, expect, test } from 'vitest';
import { useDatabase } from '../../test/kit/database.ts';
import { hours, minutes, plus } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { readSandboxClock, SteppedClock } from '../platform/clock.ts';
import { enqueue, ensureLanes, finishJobs, priorities } from '../platform/jobs.ts';
import { createTransport } from '../platform/transport.ts';
import { Worker } from '../platform/worker.ts';
import type { LaneWork } from '../platform/worker.ts';
import { Stepper } from './stepper.ts';

const own = useDatabase();
const start = Date.parse('2015-10-28T16:20:00+08:00') as Instant;
const lane = 'A-1/ask';
const subject = '00000000-0000-7000-8000-000000000001';

beforeAll(async () => {
  await own.db.query(`insert into merchants (id, name_zh, name_en, created_at) values ('m', '', '', now())`);
  await own.db.query(
    `insert into channel_accounts (id, merchant_id, channel, name, settings, created_at) values ('A-1', 'm', 'c', 'a', '{}', now())`,
  );
});

beforeEach(async () => {
  await own.db.query('truncate jobs, lanes, gaps, sandbox_clock');
  const pace = { callsPerSecond: 5, itemsPerCall: 10, gapMs: 0 };
  await ensureLanes(own.db, [{ id: lane, accountId: 'A-1', operation: 'ask', ...pace }], start);
});

/** A job that wants to be done again after `pauseMs`, so many times; each run is noted. */
function stepping(pauseMs: number, times: number): { stepper: Stepper; clock: SteppedClock; runs: number[] } {
  const clock = new SteppedClock(start);
  const runs: number[] = [];
  const asking: LaneWork = {
    operation: 'ask',
    async prepare(lease) {
      for (const job of lease.calls.flatMap((call) => call.jobs)) {
        runs.push(clock.now() - start);
        const againAt = plus(clock.now(), pauseMs);
        await finishJobs(own.db, 'w1', [runs.length < times ? { job, againAt } : { job }]);
      }
      return [];
    },
    hear: () => Promise.resolve(),
  };
  const transport = createTransport({ sandbox: true, clock, connectionsPerLane: 1, connectTimeoutMs: 100 });
  const onError = (error: unknown): void => {
    throw error as Error;
  };
  const worker = new Worker({ db: own.db, clock, transport, works: [asking], owner: 'w1', onError });
  return { stepper: new Stepper(worker, own.db, clock), clock, runs };
}

async function wish(dueAt: Instant): Promise<void> {
  await enqueue(own.db, [{ bucket: 1, kind: 'ask', subject, lane, dueAt, priority: priorities.plan }]);
}

test('time jumps from one due moment to the next, and stands at the end that was asked for', async () => {
  const { stepper, clock, runs } = stepping(hours(1), 3);
  await wish(plus(start, minutes(7)));
  await stepper.runUntil(plus(start, hours(24)));
  expect(runs).toEqual([0, 1, 2].map((turn) => minutes(7) + hours(turn)));
  expect(clock.now()).toBe(plus(start, hours(24)));
});

test('what is due after the end is left for later', async () => {
  const { stepper, clock, runs } = stepping(hours(1), 9);
  await wish(start);
  await stepper.runUntil(plus(start, minutes(90)));
  expect(runs).toEqual([0, hours(1)]);
  expect(clock.now()).toBe(plus(start, minutes(90)));
});

test('time stops where somebody has seen enough, and the sandbox remembers that moment', async () => {
  const { stepper, clock, runs } = stepping(hours(1), 9);
  await wish(start);
  await stepper.runUntil(plus(start, hours(24)), () => Promise.resolve(runs.length === 3));
  expect(runs).toHaveLength(3);
  expect(clock.now()).toBe(plus(start, hours(2)));
  expect(await readSandboxClock(own.db)).toMatchObject({ sandbox_at: plus(start, hours(2)), running: false });
});

test('a job that is due and cannot be worked does not hold the clock', async () => {
  const { stepper, clock } = stepping(hours(1), 1);
  await own.db.query(`update lanes set operation = 'unknown here'`);
  await wish(start);
  await stepper.runUntil(plus(start, hours(1)));
  expect(clock.now()).toBe(plus(start, hours(1)));
});
