import { AsyncLocalStorage } from 'node:async_hooks';
import type { CustomsJobParts } from '../../src/customs/index.ts';
import type { CrashPointName } from '../../src/platform/crash-points.ts';
import type { Database, Queryable, Row, Tx } from '../../src/platform/db.ts';
import { createIds, seededRandomBytes } from '../../src/platform/ids.ts';
import type { SendLimits, Sent, Transport, WireRequest } from '../../src/platform/transport.ts';
import { Worker } from '../../src/platform/worker.ts';
import type { LaneWork } from '../../src/platform/worker.ts';
import type { ClockShare, StoryClock } from './clock.ts';

/** What a dead process still does is seen by nobody: it waits for ever at its next step outwards. */
const never = new Promise<never>(() => undefined);

class Died extends Error {
  override readonly name = 'Died';
}

const current = new AsyncLocalStorage<StoryProcess>();

/** The process on whose behalf this code runs. */
export function currentProcess(): StoryProcess | undefined {
  return current.getStore();
}

/** Where a process may die: at the product's own points, and whenever the database has answered it. */
export type StoryPoint = CrashPointName | 'database.answered';

export type Surroundings = {
  readonly clock: StoryClock;
  readonly db: Database;
  readonly shared: Pick<CustomsJobParts, 'channels' | 'keyring' | 'metrics'>;
  /** What its worker does when it is due. */
  worksOf(parts: CustomsJobParts): readonly LaneWork[];
  send(process: StoryProcess, request: WireRequest, limits: SendLimits, lane: string): Promise<Sent>;
  onBug(where: string, error: unknown): void;
  /** Something may have been written. */
  onWrite(): void;
  onAnswer(process: StoryProcess): void;
};

/**
 * One process of Liushui among several in this one. It may die or stand still at any moment: then nothing of it reaches the database
 * or the network any more, what its open transaction did is rolled back, and its memory is lost.
 */
export class StoryProcess {
  readonly name: string;
  readonly clock: ClockShare;
  readonly parts: CustomsJobParts;
  readonly transport: Transport;
  readonly worker: Worker;
  readonly #surroundings: Surroundings;
  readonly #death = Promise.withResolvers<void>();
  #alive = true;
  #insideTransaction = 0;
  #gate: { readonly opened: Promise<void>; readonly open: () => void } | undefined;
  #running: Promise<unknown> | undefined;
  constructor(name: string, seed: string, surroundings: Surroundings) {
    this.name = name;
    this.#surroundings = surroundings;
    this.clock = surroundings.clock.share();
    const db = this.#database(surroundings.db);
    const ids = createIds(this.clock, seededRandomBytes(`${seed}/${name}`));
    const { clock } = this;
    const quarantine: CustomsJobParts['executor']['quarantine'] = (command, key, error) => {
      surroundings.onBug(`${name}: an item of ${command} was put aside (${key.id})`, error);
      return Promise.resolve();
    };
    this.parts = { ...surroundings.shared, db, ids, clock, executor: { db, clock, quarantine }, owner: name };
    this.transport = {
      send: (request, limits, lane) => this.#outwards(() => surroundings.send(this, request, limits, lane)),
      inFlight: () => 0,
      drain: () => Promise.resolve(),
      close: () => Promise.resolve(),
    };
    const works = surroundings.worksOf(this.parts);
    const onError = (error: unknown, lane: string): void => surroundings.onBug(`${name}: ${lane}`, error);
    this.worker = new Worker({ db, clock, transport: this.transport, works, owner: name, onError });
  }

  get isAlive(): boolean {
    return this.#alive;
  }

  get isStill(): boolean {
    return this.clock.still;
  }

  get isInsideTransaction(): boolean {
    return this.#insideTransaction > 0;
  }

  /** Runs in the name of this process. Never ends when the process dies. */
  run<T>(work: () => Promise<T>): Promise<T> {
    return current.run(this, () => this.clock.busy(work));
  }

  /** Lets the worker look for due work, unless it is at it. */
  work(): void {
    if (!this.#alive || this.isStill) return;
    if (this.#running) return this.worker.nudge();
    const running = current.run(this, () => this.worker.runDue());
    this.#running = running;
    const over = (): void => void (this.#running = undefined);
    running.then(over, (error: unknown) => {
      over();
      this.#surroundings.onBug(`${this.name}: worker`, error);
    });
  }

  get isWorking(): boolean {
    return this.#running !== undefined && this.#alive;
  }

  get whenDead(): Promise<void> {
    return this.#death.promise;
  }

  die(): void {
    this.#alive = false;
    this.goOn();
    this.#death.resolve();
    this.#surroundings.clock.drop(this.clock);
  }

  stand(): void {
    if (this.#gate) return;
    this.clock.still = true;
    this.#surroundings.clock.tell();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = { opened: promise, open: resolve };
  }

  goOn(): void {
    this.clock.still = false;
    this.#gate?.open();
    this.#gate = undefined;
  }

  async #passGate(): Promise<void> {
    for (let gate = this.#gate; gate; gate = this.#gate) await gate.opened;
  }

  async #outwards<T>(work: () => Promise<T>): Promise<T> {
    await this.#passGate();
    if (!this.#alive) return never;
    try {
      const value = await work();
      await this.#passGate();
      return this.#alive ? value : await never;
    } catch (error) {
      if (!this.#alive) return never;
      throw error;
    }
  }

  #database(inner: Database): Database {
    return {
      query: <R extends Row>(text: string, values?: readonly unknown[]) =>
        this.#askDatabase(() => this.#statement<R>(inner, text, values)),
      transaction: (work, options) => {
        this.#surroundings.onWrite();
        this.#surroundings.clock.tick();
        return this.#askDatabase(() => inner.transaction((tx) => this.#inTransaction(tx, work), options));
      },
      copying: () => Promise.reject(new Error('nobody copies in a story')),
      listen: () => Promise.reject(new Error('nobody listens in a story')),
      close: () => Promise.resolve(),
    };
  }

  #askDatabase<T>(ask: () => Promise<T>): Promise<T> {
    return this.#outwards(async () => {
      const answer = await this.clock.waitFor(ask);
      this.#surroundings.onAnswer(this);
      return answer;
    });
  }

  async #statement<R extends Row>(inner: Database, text: string, values?: readonly unknown[]): Promise<R[]> {
    const rows = await inner.query<R>(text, values);
    const isLook = /^\s*select/i.test(text) || (text.includes('returning') && rows.length === 0);
    if (!isLook) this.#surroundings.onWrite();
    return rows;
  }

  async #inTransaction<T>(tx: Tx, work: (tx: Tx) => Promise<T>): Promise<T> {
    const mortal: Queryable = {
      query: (text, values) => (this.#alive ? tx.query(text, values) : Promise.reject(new Died())),
    };
    this.#insideTransaction += 1;
    try {
      const value = await work(mortal as Tx);
      if (!this.#alive) throw new Died();
      return value;
    } finally {
      this.#insideTransaction -= 1;
    }
  }
}
