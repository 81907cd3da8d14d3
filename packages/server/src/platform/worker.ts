import { performance } from 'node:perf_hooks';
import { plus } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import type { AppClock } from './clock.ts';
import { crashPoint } from './crash-points.ts';
import type { Database } from './db.ts';
import { endLost } from './exchanges.ts';
import { dueLanes, leaseLane, nextDueAt, priorities } from './jobs.ts';
import { learn } from './lane-health.ts';
import type { DueLane, Job, Lease } from './jobs.ts';
import type { LaneChange } from './lane-health.ts';
import type { SendLimits, Sent, Transport } from './transport.ts';
import type { WireRequest } from './transport.ts';

/** A call whose exchange row is committed. `context` belongs to the domain that prepared it. */
export type PreparedCall = {
  readonly exchangeId: string;
  readonly bucket: number;
  readonly at: Instant;
  readonly request: WireRequest;
  readonly limits: Omit<SendLimits, 'sendBefore'>;
  readonly jobs: readonly Job[];
  readonly context: unknown;
};

export type HeardCall = PreparedCall & { readonly sent: Sent; readonly heardAt: Instant };

/** What a domain does with the jobs of one operation. Both steps may run twice for the same job, never at the same time. */
export type LaneWork = {
  readonly operation: string;
  /** Decides, and commits what is about to be sent; ends the jobs that need no call. Nothing has left yet. */
  prepare(lease: Lease): Promise<readonly PreparedCall[]>;
  /** Commits what was heard and ends the jobs. */
  hear(lease: Lease, calls: readonly HeardCall[]): Promise<void>;
};

export type WorkerParts = {
  readonly db: Database;
  readonly clock: AppClock;
  readonly transport: Transport;
  readonly works: readonly LaneWork[];
  /** Names this process in leases and exchanges. */
  readonly owner: string;
  readonly onError: (error: unknown, lane: string) => void;
  /** Told when a run of failures closes a lane, and when an answer opens it again. */
  readonly onLaneChange?: (lane: string, change: LaneChange) => Promise<void>;
};

/** Sent rows leave within this time after their commit, or never (architecture rule 2: ≤ 10 s). */
export const sendBeforeMs = 10_000;
/** Answers are committed together, but none waits longer than this for the others. */
const hearTogetherMs = 4000;
/** The same where a payer waits for one of them. */
const awaitedTogetherMs = 20;
/** Calls that take longer are overtaken by those that a payer waits for; until then these come together for the next lease. */
const slowAfterMs = 250;
/** So many leases of one lane at a time: half of the lane's sockets may hang. */
const leasesMax = 8;

/** Work that other processes commit is found by looking. */
const longestPauseMs = 500;
/** Between two looks: each costs as much as a pay-in's statement. */
const apartMs = 20;
const sweepEveryMs = 60_000;
/** No call lasts longer than this after its `send_before`, whatever a manifest allows it. */
const lostAfterMs = 60_000;
/** A row may be committed so long after the moment that it names. */
const sweptAgainMs = 600_000;

/** Leases due jobs lane by lane and runs them: prepare, commit, send at the lane's pace, hear, commit. */
export class Worker {
  readonly #parts: WorkerParts;
  readonly #works: ReadonlyMap<string, LaneWork>;
  #stopped = false;
  #wake: () => void = () => undefined;
  calls = 0;
  #sweptAt = -Infinity;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
    this.#works = new Map(parts.works.map((work) => [work.operation, work]));
  }

  /**
   * Runs until nothing is due at this moment. Each lane goes on by itself: one whose calls hang keeps no other waiting. Nor does it keep
   * somebody waiting for long who looks at his screen: he gets a lease of his own when calls of the lane take their time.
   * Returns how many leases were worked.
   */
  async runDue(): Promise<number> {
    const { db, clock } = this.#parts;
    const running = new Map<string, { leases: number; callsSince: Instant | undefined }>();
    const ends = new Set<Promise<void>>();
    // Due, and nothing came of it: looked at again once another lane has got on.
    const barren = new Set<string>();
    let leases = 0;
    const begin = ({ id, operation }: DueLane): void => {
      const lane = running.get(id) ?? { leases: 0, callsSince: undefined };
      running.set(id, lane);
      const overtakes = lane.leases > 0;
      lane.leases += 1;
      lane.callsSince = undefined;
      const prepared = (): void => void (lane.callsSince = clock.now());
      const end: Promise<void> = this.#runLane(id, operation, prepared).then((worked) => {
        lane.leases -= 1;
        lane.callsSince ??= clock.now();
        if (lane.leases === 0) running.delete(id);
        ends.delete(end);
        // One that overtook in vain bars nobody: the next waits until the lane is slow again, counted from now.
        if (!worked) return void (overtakes || barren.add(id));
        leases += 1;
        barren.clear();
      });
      ends.add(end);
    };
    await clock.busy(() => this.#sweep());
    while (!this.#stopped) {
      const lanes = await clock.busy(() => dueLanes(db, clock.now()));
      const isSlow = ({ id }: DueLane): boolean => {
        const { leases: held = 0, callsSince = Infinity } = running.get(id) ?? {};
        return held < leasesMax && clock.now() - callsSince >= slowAfterMs;
      };
      const urgent = lanes.some(isSlow) ? await clock.busy(() => dueLanes(db, clock.now(), [priorities.payer])) : [];
      const free = lanes.filter(({ id }) => !running.has(id) && !barren.has(id));
      for (const lane of [...free, ...urgent.filter(isSlow)]) begin(lane);
      if (ends.size === 0) break;
      // Meanwhile others may commit work for lanes that are free.
      await Promise.race([...ends, this.#pause(slowAfterMs)]);
      this.#wake();
    }
    await Promise.all(ends);
    return leases;
  }

  /** Works for as long as the process lives, looking again when something falls due or somebody says so, at least every half second. */
  async run(): Promise<void> {
    const { db, clock, onError } = this.#parts;
    while (!this.#stopped) {
      let pauseMs = longestPauseMs;
      const lookedAt = performance.now();
      try {
        await clock.busy(() => this.#sweep());
        const next = await nextDueAt(db);
        const inMs = next === undefined ? pauseMs : next - clock.now();
        if (inMs <= 0) await this.runDue();
        pauseMs = Math.max(apartMs, Math.min(pauseMs, inMs));
      } catch (error) {
        onError(error, 'worker');
      }
      if (!this.#stopped) await this.#pause(pauseMs);
      // Those who commit work at the same time need one look together.
      const tooSoon = apartMs - (performance.now() - lookedAt);
      if (!this.#stopped && tooSoon > 0) await this.#pause(tooSoon);
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#wake();
  }

  /** Work was committed: look now instead of after the pause. */
  nudge(): void {
    this.#wake();
  }

  /** Calls of processes that died: once nobody can hear their answers any more, they are ended as lost. */
  async #sweep(): Promise<void> {
    const now = this.#parts.clock.now();
    if (now - this.#sweptAt < sweepEveryMs) return;
    // The first look of a process goes through all that was ever sent, the others through what came due since, with room to spare.
    const since = this.#sweptAt === -Infinity ? undefined : plus(this.#sweptAt as Instant, -lostAfterMs - sweptAgainMs);
    this.#sweptAt = now;
    await endLost(this.#parts.db, plus(now, -lostAfterMs), now, since);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      // tidy-allow sleep: other processes commit work in real time, also while the clock of a sandbox stands still
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #runLane(lane: string, operation: string, isPrepared: () => void): Promise<boolean> {
    const { db, clock, owner, onError } = this.#parts;
    const work = this.#works.get(operation);
    if (!work) return false;
    try {
      const prepared = await clock.busy(async () => {
        const lease = await leaseLane(db, lane, owner, clock.now());
        crashPoint('worker.leased');
        return { lease, sendBefore: performance.now() + sendBeforeMs, calls: await work.prepare(lease) };
      });
      crashPoint('worker.prepared');
      isPrepared();
      if (prepared.calls.length > 0) await this.#makeCalls(work, prepared.lease, prepared.calls, prepared.sendBefore);
      return prepared.lease.calls.length > 0;
    } catch (error) {
      onError(error, lane); // the lease runs out by itself; what was sent is asked about then
      return false;
    }
  }

  async #makeCalls(work: LaneWork, lease: Lease, calls: readonly PreparedCall[], sendBefore: number): Promise<void> {
    const { clock } = this.#parts;
    let heard: HeardCall[] = [];
    let left = calls.length;
    let failure: unknown;
    let cancel: (() => void) | undefined;
    const isAwaited = calls.some(({ jobs }) => jobs.some(({ priority }) => priority === priorities.payer));
    const togetherMs = isAwaited ? awaitedTogetherMs : hearTogetherMs;
    let committing = Promise.resolve();
    const commit = (): void => {
      cancel?.();
      cancel = undefined;
      const batch = heard;
      heard = [];
      if (batch.length > 0) {
        committing = committing
          .then(() => clock.busy(() => clock.outside(() => this.#hear(work, lease, batch))))
          .catch((error: unknown) => void (failure ??= error));
      }
    };
    await Promise.all(
      calls.map((call) =>
        clock.busy(async () => {
          try {
            const one = await this.#send(call, lease.lane, sendBefore);
            heard.push(one); // only now: what was there before the call may have been committed meanwhile
          } catch (error) {
            failure ??= error; // what the other calls heard is committed all the same
          }
          left -= 1;
          if (left === 0) commit();
          else if (heard.length > 0) cancel ??= clock.callAt(plus(clock.now(), togetherMs), commit);
        }),
      ),
    );
    await committing;
    if (failure !== undefined) throw failure as Error;
  }

  async #send(call: PreparedCall, lane: string, sendBefore: number): Promise<HeardCall> {
    const { clock, transport } = this.#parts;
    await clock.sleepUntil(call.at);
    crashPoint('worker.before_send');
    this.calls += 1;
    const sent = await clock.outside(() => transport.send(call.request, { ...call.limits, sendBefore }, lane));
    crashPoint('worker.after_send');
    return { ...call, sent, heardAt: clock.now() };
  }

  async #hear(work: LaneWork, lease: Lease, batch: readonly HeardCall[]): Promise<void> {
    const { db, clock } = this.#parts;
    await work.hear(lease, batch);
    crashPoint('worker.heard');
    const answered = batch.filter((call) => call.sent.kind === 'answered').length;
    const change = await learn(db, lease.lane, { answered, failed: batch.length - answered }, clock.now());
    if (change) await this.#parts.onLaneChange?.(lease.lane, change);
  }
}
