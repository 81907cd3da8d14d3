import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { useDatabase } from '../../test/kit/database.ts';
import { days, hours, minutes, plus } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { databaseClock, measureOffset, readSandboxClock, runningSandboxClock, writeSandboxClock } from './clock.ts';
import type { Queryable, Row } from './db.ts';

const own = useDatabase();
const start = Date.parse('2015-10-28T16:20:00+08:00') as Instant;
/** How far two readings of the same moment may lie apart on a busy machine. */
const near = 2000;

beforeEach(async () => {
  await own.db.query('truncate sandbox_clock');
});
afterEach(() => vi.useRealTimers());

test('production takes the time of the database, however wrong the clock of this machine is', async () => {
  const [row] = await own.db.query<{ now: Instant }>('select clock_timestamp() as now');
  vi.useFakeTimers({ toFake: ['Date'], now: plus(row?.now ?? start, -days(3)) });
  expect(Math.abs((await measureOffset(own.db)) - days(3))).toBeLessThan(near);
  const clock = await databaseClock(own.db);
  expect(Math.abs(clock.now() - (row?.now ?? start))).toBeLessThan(near);
  clock.stop();
});

test('production measures its offset anew every half minute, and keeps the last while the database is away', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'], now: start });
  let told: number | undefined = start;
  const database: Queryable = {
    query: <R extends Row>() =>
      told === undefined ? Promise.reject(new Error('away')) : Promise.resolve([{ now: told }] as unknown as R[]),
  };
  const clock = await databaseClock(database);
  expect(clock.now()).toBe(start);
  told = start + 30_000 + hours(1);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(clock.now()).toBe(told);
  told = undefined;
  await vi.advanceTimersByTimeAsync(30_000);
  expect(clock.now()).toBe(start + 60_000 + hours(1));
  clock.stop();
});

test('the clock of a sandbox that stands is moved forward by others and never back', async () => {
  await writeSandboxClock(own.db, start, false);
  const clock = await runningSandboxClock(own.db);
  expect(clock.now()).toBe(start);
  await writeSandboxClock(own.db, plus(start, hours(2)), false);
  expect(clock.now()).toBe(start);
  await clock.reread();
  expect(clock.now()).toBe(plus(start, hours(2)));
  await writeSandboxClock(own.db, start, false);
  expect((await readSandboxClock(own.db))?.sandbox_at).toBe(plus(start, hours(2)));
  clock.stop();
});

test('the clock of a sandbox that runs goes on with real time from where it was set', async () => {
  await writeSandboxClock(own.db, start, true);
  await own.db.query(`update sandbox_clock set real_at = real_at - interval '1 hour'`);
  const clock = await runningSandboxClock(own.db);
  expect(Math.abs(clock.now() - plus(start, hours(1)))).toBeLessThan(near);
  clock.stop();
});

test('a running clock does not lose what it has run when it is set to an earlier moment, stopped or read anew', async () => {
  await writeSandboxClock(own.db, start, true);
  await own.db.query(`update sandbox_clock set real_at = real_at - interval '1 hour'`);
  const clock = await runningSandboxClock(own.db);
  const shown = clock.now();
  await writeSandboxClock(own.db, plus(start, minutes(30)), false);
  await clock.reread();
  expect(clock.now()).toBeGreaterThanOrEqual(shown);
  expect(Math.abs(((await readSandboxClock(own.db))?.sandbox_at ?? 0) - plus(start, hours(1)))).toBeLessThan(near);
  clock.stop();
});
