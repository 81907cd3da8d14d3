import { minutes, plus } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import type { SteppedClock } from '../platform/clock.ts';
import { writeSandboxClock } from '../platform/clock.ts';
import type { Database } from '../platform/db.ts';
import { nextDueAt } from '../platform/jobs.ts';
import type { Worker } from '../platform/worker.ts';

const longestStallMs = minutes(1);

/** Lets simulated time pass: works what is due, jumps to the next moment something falls due, works that, and so on. */
export class Stepper {
  readonly #worker: Worker;
  readonly #db: Database;
  readonly #clock: SteppedClock;

  constructor(worker: Worker, db: Database, clock: SteppedClock) {
    this.#worker = worker;
    this.#db = db;
    this.#clock = clock;
  }

  /** Until that moment, or until `enough` says so. Stands at the moment where it stopped. */
  async runUntil(until: Instant, enough: () => Promise<boolean> = () => Promise.resolve(false)): Promise<void> {
    for (let stalledMs = 1; ;) {
      await this.#worker.runDue();
      await writeSandboxClock(this.#db, this.#clock.now(), false);
      if (await enough()) return;
      const due = await nextDueAt(this.#db);
      const now = this.#clock.now();
      // A lane that is due and could not be worked must not hold the clock, nor be looked at in every millisecond of a day.
      stalledMs = due !== undefined && due <= now ? Math.min(2 * stalledMs, longestStallMs) : 1;
      const next = due === undefined || due > now ? due : plus(now, stalledMs - 1);
      if (next === undefined || next > until) {
        if (until > now) this.#clock.moveTo(until);
        return;
      }
      this.#clock.moveTo(next);
    }
  }
}
