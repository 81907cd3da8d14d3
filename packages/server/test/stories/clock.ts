import type { Instant } from '../../src/kernel/index.ts';
import type { AppClock } from '../../src/platform/clock.ts';

type Sleeper = { readonly at: Instant; readonly owner: ClockShare; readonly wake: () => void };

/**
 * The time of a story. It moves only when the player moves it, and the player does so only when nothing is under way: no process
 * works and no statement is at the database. So a story runs the same way however slow the machine is.
 */
export class StoryClock {
  #now: Instant;
  #sleepers: Sleeper[] = [];
  #told: () => void = () => undefined;
  readonly #shares = new Set<ClockShare>();
  /** Calls on their way in the network, which belong to no process. */
  readonly world: ClockShare;

  constructor(start: Instant) {
    this.#now = start;
    this.world = this.share();
  }

  now(): Instant {
    return this.#now;
  }

  /** Work takes time too: what two processes commit one after the other does not happen in the same millisecond. */
  tick(): void {
    this.#now = (this.#now + 1) as Instant;
  }

  share(): ClockShare {
    const share = new ClockShare(this);
    this.#shares.add(share);
    return share;
  }

  /** Its timers are forgotten and nobody waits for its work: the process is gone. */
  drop(share: ClockShare): void {
    share.still = true;
    this.tell();
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.owner !== share);
  }

  sleep(owner: ClockShare, at: Instant, wake: () => void): () => void {
    const sleeper: Sleeper = { at, owner, wake };
    this.#sleepers.push(sleeper);
    return () => (this.#sleepers = this.#sleepers.filter((other) => other !== sleeper));
  }

  /** The next moment at which somebody wakes; undefined when nobody sleeps. */
  nextWake(): Instant | undefined {
    const times = this.#sleepers.filter(({ owner }) => !owner.still).map(({ at }) => at);
    return times.length === 0 ? undefined : (Math.min(...times) as Instant);
  }

  /** Resolves when every process sleeps, waits for its next work, or stands still. */
  async settled(): Promise<void> {
    for (;;) {
      // What follows from the last answer follows at once: it has all been begun when the next turn comes.
      await new Promise((resolve) => setImmediate(resolve));
      if (![...this.#shares].some((share) => share.isAtWork())) return;
      await new Promise<void>((resolve) => (this.#told = resolve));
    }
  }

  /** Work of a share has ended. */
  tell(): void {
    this.#told();
    this.#told = () => undefined;
  }

  /** Goes to that moment by way of every one at which somebody wakes, and lets each do what it then does. */
  async moveTo(at: Instant): Promise<void> {
    for (;;) {
      const next = this.nextWake();
      if (next === undefined || next > at) break;
      if (next > this.#now) this.#now = next;
      const due = this.#sleepers.filter((sleeper) => sleeper.at <= this.#now && !sleeper.owner.still);
      this.#sleepers = this.#sleepers.filter((sleeper) => !due.includes(sleeper));
      for (const sleeper of due) sleeper.wake();
      await this.settled();
    }
    if (at > this.#now) this.#now = at;
  }
}

/** One process's view of the clock. */
export class ClockShare implements AppClock {
  readonly #clock: StoryClock;
  #busy = 0;
  #waiting = 0;
  /** Stands still, as a machine whose processes got no time: nothing of it wakes until it goes on. */
  still = false;

  constructor(clock: StoryClock) {
    this.#clock = clock;
  }

  /** A statement under way ends also when its process stands still or is gone. */
  isAtWork(): boolean {
    return this.#waiting > 0 || (!this.still && this.#busy > 0);
  }

  now(): Instant {
    return this.#clock.now();
  }

  sleepUntil(at: Instant): Promise<void> {
    if (at <= this.now()) return Promise.resolve();
    this.#leave();
    return new Promise((resolve) => {
      this.#clock.sleep(this, at, () => {
        this.#busy += 1;
        resolve();
      });
    });
  }

  /** As `sleepUntil`, from work that is not marked as busy. */
  rest(at: Instant): Promise<void> {
    return at <= this.now() ? Promise.resolve() : new Promise((resolve) => this.#clock.sleep(this, at, resolve));
  }

  callAt(at: Instant, callback: () => void): () => void {
    return this.#clock.sleep(this, at, callback);
  }

  async busy<T>(work: () => Promise<T>): Promise<T> {
    this.#busy += 1;
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  async outside<T>(work: () => Promise<T>): Promise<T> {
    this.#leave();
    try {
      return await work();
    } finally {
      this.#busy += 1;
    }
  }

  /** Something whose end no clock brings, such as a statement at the database. */
  async waitFor<T>(work: () => Promise<T>): Promise<T> {
    this.#waiting += 1;
    try {
      return await work();
    } finally {
      this.#waiting -= 1;
      this.#clock.tell();
    }
  }

  #leave(): void {
    this.#busy -= 1;
    this.#clock.tell();
  }
}
