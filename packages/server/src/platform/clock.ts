import { performance } from 'node:perf_hooks';
import { assert } from '../kernel/index.ts';
import type { Clock, Instant } from '../kernel/index.ts';
import { timestamp } from './db.ts';
import type { Queryable } from './db.ts';

/** The one clock of a process (architecture rule 8). Times reach SQL as parameters, so that SQL obeys the same clock. */
export type AppClock = Clock & {
  /** Resolves at that moment of this clock; never by a moment of another one. */
  sleepUntil(at: Instant): Promise<void>;
  /** Calls back once that moment has come, unless cancelled. For limits: it does not keep a stepped clock from moving on. */
  callAt(at: Instant, callback: () => void): () => void;
  /** Marks work that a stepped clock must wait for. */
  busy<T>(work: () => Promise<T>): Promise<T>;
  /** Marks, within busy work, waiting for somebody else: meanwhile the clock may go on to what others wait for, as real time would. */
  outside<T>(work: () => Promise<T>): Promise<T>;
};

const longestTimerMs = 2 ** 31 - 1;

/** Timers against a clock that moves on by itself. */
function selfMovingClock(now: () => Instant): AppClock {
  const callAt = (at: Instant, callback: () => void): (() => void) => {
    let timer: NodeJS.Timeout;
    const look = (): void => {
      const left = at - now();
      if (left <= 0) callback();
      else timer = setTimeout(look, Math.min(left, longestTimerMs));
    };
    timer = setTimeout(look, Math.max(0, Math.min(at - now(), longestTimerMs)));
    return () => clearTimeout(timer);
  };
  return {
    now,
    callAt,
    sleepUntil: (at) => new Promise((resolve) => void callAt(at, resolve)),
    busy: (work) => work(),
    outside: (work) => work(),
  };
}

/** This process's own time, for what has no database yet. */
export function systemClock(): AppClock {
  return selfMovingClock(() => Date.now() as Instant);
}

/** Milliseconds that this process's time is behind the database's; a large figure stops leasing (architecture rule 8). */
export async function measureOffset(db: Queryable): Promise<number> {
  const before = Date.now();
  const [row] = await db.query<{ now: Instant }>('select clock_timestamp() as now');
  assert(row, 'the database did not tell its time');
  return row.now - (before + Date.now()) / 2;
}

/** Production: the database's time, by an offset that is measured anew every half minute. */
export async function databaseClock(db: Queryable): Promise<AppClock & { stop(): void }> {
  let offset = await measureOffset(db);
  const timer = setInterval(() => {
    measureOffset(db).then(
      (measured) => (offset = measured),
      () => undefined, // the last offset stays good while the database is away
    );
  }, 30_000);
  timer.unref();
  return { ...selfMovingClock(() => (Date.now() + offset) as Instant), stop: () => clearInterval(timer) };
}

type SandboxRow = { sandbox_at: Instant; real_at: Instant; running: boolean };

export async function readSandboxClock(db: Queryable): Promise<SandboxRow | undefined> {
  const [row] = await db.query<SandboxRow>('select sandbox_at, real_at, running from sandbox_clock');
  return row;
}

/** Sets the sandbox's clock, and whether it runs on from there. It never goes back. */
export async function writeSandboxClock(db: Queryable, at: Instant, running: boolean): Promise<void> {
  await db.query(
    `insert into sandbox_clock (sandbox_at, real_at, running) values ($1, clock_timestamp(), $2)
     on conflict (one) do update set sandbox_at = greatest(excluded.sandbox_at, sandbox_clock.sandbox_at
         + case when sandbox_clock.running then greatest(interval '0', excluded.real_at - sandbox_clock.real_at) else interval '0' end),
       real_at = excluded.real_at, running = excluded.running`,
    [timestamp(at), running],
  );
}

/** A sandbox whose clock runs with real time from the moment it was last set; other processes may move it forward. */
export async function runningSandboxClock(
  db: Queryable,
): Promise<AppClock & { reread(): Promise<void>; stop(): void }> {
  let row = await readSandboxClock(db);
  let offset = await measureOffset(db);
  const reread = async (): Promise<void> => {
    row = await readSandboxClock(db);
    offset = await measureOffset(db);
  };
  let last = -Infinity;
  const now = (): Instant => {
    assert(row, 'this sandbox has no clock yet');
    const passed = row.running ? Math.max(0, Date.now() + offset - row.real_at) : 0;
    // Measuring the offset anew, or stopping the clock from another process, may take a few milliseconds back.
    last = Math.max(last, Math.floor(row.sandbox_at + passed));
    return last as Instant;
  };
  const timer = setInterval(() => void reread().catch(() => undefined), 1000);
  timer.unref();
  return { ...selfMovingClock(now), reread, stop: () => clearInterval(timer) };
}

/** So many calls may be on their way before a stepped clock waits for one of them: enough that both sides work, few enough to stay in step. */
const outsideMax = 6;

type Sleeper = { readonly at: Instant; readonly wake: () => void; readonly holds: boolean };

/**
 * A sandbox clock that stands still while anybody works, and jumps to the next moment somebody waits for when all are idle.
 * Simulated hours pass in the time that the work itself takes.
 */
export class SteppedClock implements AppClock {
  #now: Instant;
  #busy = 0;
  #outside = 0;
  #sleepers: Sleeper[] = [];
  #checking = false;
  #lastChangeAt = 0;
  /** How many calls hang at the simulators: work that only time can end. */
  readonly #hanging: () => Promise<number>;
  #watch: NodeJS.Timeout | undefined;

  constructor(start: Instant, hanging: () => Promise<number> = () => Promise.resolve(0)) {
    this.#now = start;
    this.#hanging = hanging;
  }

  now(): Instant {
    return this.#now;
  }

  async busy<T>(work: () => Promise<T>): Promise<T> {
    this.#enter(1);
    try {
      return await work();
    } finally {
      this.#enter(-1);
    }
  }

  async outside<T>(work: () => Promise<T>): Promise<T> {
    this.#outside += 1;
    this.#enter(-1);
    try {
      return await work();
    } finally {
      this.#outside -= 1;
      this.#enter(1);
    }
  }

  sleepUntil(at: Instant): Promise<void> {
    if (at <= this.#now) return Promise.resolve();
    this.#enter(-1);
    return new Promise((resolve) => {
      this.#sleepers.push({
        at,
        holds: true,
        wake: () => {
          this.#enter(1);
          resolve();
        },
      });
    });
  }

  callAt(at: Instant, callback: () => void): () => void {
    const sleeper: Sleeper = { at, wake: callback, holds: false };
    this.#sleepers.push(sleeper);
    return () => (this.#sleepers = this.#sleepers.filter((other) => other !== sleeper));
  }

  /** Moves forward, waking everyone whose moment has come, in order of time. */
  moveTo(at: Instant): void {
    assert(at >= this.#now, 'a sandbox clock never goes back');
    const due = this.#sleepers.filter((sleeper) => sleeper.at <= at).sort((a, b) => a.at - b.at);
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.at > at);
    this.#now = at;
    for (const sleeper of due) sleeper.wake();
  }

  stop(): void {
    clearTimeout(this.#watch);
  }

  #enter(change: 1 | -1): void {
    this.#busy += change;
    this.#lastChangeAt = performance.now();
    if (this.#busy <= 0) this.#jumpSoon();
    if (this.#busy + this.#outside > 0) this.#watchForHangs();
  }

  #jumpSoon(): void {
    if (this.#checking) return;
    this.#checking = true;
    setImmediate(() => {
      this.#checking = false;
      if (this.#busy > 0 || this.#outside >= outsideMax) return;
      const next = this.#earliest((sleeper) => sleeper.holds);
      if (next !== undefined) this.moveTo(next);
    });
  }

  /** Work that has not moved for 40 ms may be waiting for a call that hangs; then its limit is the next thing to happen. */
  #watchForHangs(): void {
    if (this.#watch) return;
    this.#watch = setTimeout(() => {
      this.#watch = undefined;
      void this.#jumpOverHangs();
    }, 40);
    this.#watch.unref();
  }

  async #jumpOverHangs(): Promise<void> {
    const seen = this.#lastChangeAt;
    const waiting = this.#sleepers.filter((sleeper) => !sleeper.holds).length;
    const working = this.#busy + this.#outside;
    if (working > 0 && waiting > 0 && performance.now() - seen > 30) {
      const hanging = await this.#hanging();
      const next = this.#earliest(() => true);
      if (hanging > 0 && hanging >= working && seen === this.#lastChangeAt && next !== undefined) this.moveTo(next);
    }
    if (this.#busy + this.#outside > 0) this.#watchForHangs();
  }

  #earliest(which: (sleeper: Sleeper) => boolean): Instant | undefined {
    const times = this.#sleepers.filter(which).map((sleeper) => sleeper.at);
    return times.length === 0 ? undefined : (Math.min(...times) as Instant);
  }
}
