import type { Instant } from '../kernel/index.ts';
import type { SteppedClock } from '../platform/clock.ts';
import { writeSandboxClock } from '../platform/clock.ts';
import type { Database } from '../platform/db.ts';
import { nextDueAt } from '../platform/jobs.ts';
import type { Worker } from '../platform/worker.ts';

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
    for (;;) {
      await this.#worker.runDue();
      await writeSandboxClock(this.#db, this.#clock.now(), false);
      if (await enough()) return;
      const next = await nextDueAt(this.#db);
      const now = this.#clock.now();
      if (next === undefined || next > until) {
        if (until > now) this.#clock.moveTo(until);
        return;
      }
      // A lane that is due and could not be worked must not hold the clock.
      this.#clock.moveTo(Math.max(next, now + 1) as Instant);
    }
  }
}
