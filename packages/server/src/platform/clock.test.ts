import { afterEach, expect, test, vi } from 'vitest';
import { hours, minutes, plus, seconds } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { SteppedClock, systemClock } from './clock.ts';

const start = Date.parse('2015-10-28T16:20:00+08:00') as Instant;
/** Enough turns of the event loop for a clock that wants to jump. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

const clocks: SteppedClock[] = [];
function stepped(hanging?: () => Promise<number>): SteppedClock {
  const clock = new SteppedClock(start, hanging);
  clocks.push(clock);
  return clock;
}

afterEach(() => {
  vi.useRealTimers();
  for (const clock of clocks.splice(0)) clock.stop();
});

test('a stepped clock jumps to the next sleeper when nobody works, in simulated hours and no real time', async () => {
  const clock = stepped();
  const woke: [string, number][] = [];
  const sleep = (name: string, ms: number): Promise<void> =>
    clock.busy(async () => {
      await clock.sleepUntil(plus(start, ms));
      woke.push([name, clock.now() - start]);
    });
  const before = performance.now();
  await Promise.all([sleep('late', hours(9)), sleep('early', hours(2)), sleep('now', 0)]);
  expect(woke).toEqual([
    ['now', 0],
    ['early', hours(2)],
    ['late', hours(9)],
  ]);
  expect(performance.now() - before).toBeLessThan(1000);
});

test('a stepped clock stands still as long as anybody works', async () => {
  const clock = stepped();
  const working = Promise.withResolvers<void>();
  const work = clock.busy(() => working.promise);
  const sleeping = clock.busy(() => clock.sleepUntil(plus(start, minutes(1))));
  await turns();
  expect(clock.now()).toBe(start);
  working.resolve();
  await Promise.all([work, sleeping]);
  expect(clock.now()).toBe(plus(start, minutes(1)));
});

test('work that the sleeper does after waking is waited for before the next jump', async () => {
  const clock = stepped();
  const step = Promise.withResolvers<void>();
  const first = clock.busy(async () => {
    await clock.sleepUntil(plus(start, seconds(1)));
    await step.promise;
    return clock.now();
  });
  const second = clock.busy(() => clock.sleepUntil(plus(start, seconds(2))));
  await turns();
  step.resolve();
  expect(await first).toBe(plus(start, seconds(1)));
  await second;
});

test('a limit does not make a stepped clock move: it only comes when time passes it anyway, and can be cancelled', async () => {
  const clock = stepped();
  const called: number[] = [];
  clock.callAt(plus(start, seconds(10)), () => called.push(clock.now() - start));
  const cancel = clock.callAt(plus(start, seconds(11)), () => called.push(-1));
  await clock.busy(() => Promise.resolve());
  await turns();
  expect([clock.now(), called]).toEqual([start, []]);
  cancel();
  await clock.busy(() => clock.sleepUntil(plus(start, minutes(1))));
  expect(called).toEqual([minutes(1)]);
});

/** Answers how many calls hang, and tells when it was asked for the `asked`th time. */
function hangs(answer: (asked: number) => number, asked: number): { ask: () => Promise<number>; told: Promise<void> } {
  const told = Promise.withResolvers<void>();
  let times = 0;
  const ask = (): Promise<number> => {
    times += 1;
    if (times === asked) told.resolve();
    return Promise.resolve(answer(times));
  };
  return { ask, told: told.promise };
}

test('a call that hangs at a simulator ends at its limit in simulated time, and not while it only takes long', async () => {
  const asked: number[] = [];
  const { ask } = hangs((times) => (asked.push(clock.now() - start), times > 2 ? 1 : 0), 3);
  const clock = stepped(ask);
  const limit = plus(start, seconds(30));
  await clock.busy(() => new Promise<void>((resolve) => void clock.callAt(limit, resolve)));
  expect(asked).toEqual([0, 0, 0]);
  expect(clock.now()).toBe(limit);
});

test('as long as somebody works beside the calls that hang, no time passes', async () => {
  const { ask, told } = hangs(() => 1, 2);
  const clock = stepped(ask);
  const limit = plus(start, seconds(30));
  const call = clock.busy(() => new Promise<void>((resolve) => void clock.callAt(limit, resolve)));
  const working = Promise.withResolvers<void>();
  const work = clock.busy(() => working.promise);
  await told;
  await turns();
  expect(clock.now()).toBe(start);
  working.resolve();
  await Promise.all([work, call]);
  expect(clock.now()).toBe(limit);
});

test('a stepped clock never goes back, and wakes in the order of time', () => {
  const clock = stepped();
  const called: string[] = [];
  clock.callAt(plus(start, 20), () => called.push('second'));
  clock.callAt(plus(start, 10), () => called.push('first'));
  clock.callAt(plus(start, 99), () => called.push('not yet'));
  clock.moveTo(plus(start, 50));
  expect(called).toEqual(['first', 'second']);
  expect(() => clock.moveTo(start)).toThrow('never goes back');
});

test('a clock that moves by itself wakes at its moment, also when that is farther away than a timer reaches', async () => {
  vi.useFakeTimers({ now: start });
  const clock = systemClock();
  const called: number[] = [];
  const far = plus(start, hours(24 * 60));
  clock.callAt(far, () => called.push(clock.now()));
  clock.callAt(plus(start, 5), () => called.push(-1))();
  await vi.advanceTimersByTimeAsync(hours(24 * 60) - 1);
  expect(called).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(called).toEqual([far]);
});
