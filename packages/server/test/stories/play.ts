import { createHash } from 'node:crypto';
import { minutes, plus, seconds } from '../../src/kernel/index.ts';
import type { Instant } from '../../src/kernel/index.ts';
import { watchCrashPoints } from '../../src/platform/crash-points.ts';
import { nextDueAt } from '../../src/platform/jobs.ts';
import type { Broken } from './broken.ts';
import type { Call } from './channel.ts';
import type { StoryClock } from './clock.ts';
import { emptyHistory, finalLaws, laws } from './invariants.ts';
import type { History, Truth } from './invariants.ts';
import { paidAt, partner } from './people.ts';
import { currentProcess, StoryProcess } from './process.ts';
import type { StoryPoint, Surroundings } from './process.ts';
import { takeSnapshot } from './snapshot.ts';
import type { Snapshot } from './snapshot.ts';
import { withStoryTime } from './stage.ts';
import type { Stage } from './stage.ts';
import { act, amountOf, earlierPush, emptyMemory } from './steps.ts';
import type { Command, Memory } from './steps.ts';
import { numbersOf, stepText } from './story.ts';
import type { Step, Story, StoryOrder } from './story.ts';

export type Played = {
  readonly broken: Broken | undefined;
  /** After which step, counted from 1; one more than there are: at the end. */
  readonly step: number;
  /** Of all tables at the end: two plays of one story agree in it. */
  readonly digest: string;
  readonly calls: readonly Call[];
  readonly memory: Memory;
  readonly last: Snapshot;
};

/** Plays a story and holds the books against the laws whenever nothing is under way. */
export async function play(stage: Stage, story: Story): Promise<Played> {
  const clock = await stage.clear(story.seed);
  return withStoryTime(clock, async () => {
    const player = new Player(stage, story, clock);
    try {
      return await player.play();
    } finally {
      watchCrashPoints(undefined);
    }
  });
}

type Trap = { readonly how: 'die' | 'stand'; readonly at: StoryPoint; left: number; readonly seconds: number };

/** Points at which no transaction is open: a machine that stands still there holds nobody's rows. */
const standingPoints = new Set<StoryPoint>([
  ...(['worker.leased', 'worker.prepared', 'worker.before_send', 'worker.after_send', 'worker.heard'] as const),
  ...(['command.after_commit', 'import.part_committed', 'plan.part_enqueued'] as const),
]);

/** A worker looks around every half second; where nothing falls due it is enough that it does so now and then. */
const restMs = minutes(20);

class StoryBroken extends Error {
  readonly broken: Broken;
  constructor(broken: Broken) {
    super(broken.law);
    this.broken = broken;
  }
}

class Player {
  readonly #stage: Stage;
  readonly #story: Story;
  readonly #clock: StoryClock;
  readonly #surroundings: Surroundings;
  readonly #memory = emptyMemory();
  readonly #bugs: string[] = [];
  #workers: StoryProcess[] = [];
  #traps: Trap[] = [];
  #returns: { readonly at: Instant; readonly process?: StoryProcess }[] = [];
  #made = 0;
  #step = 0;
  #history: History = emptyHistory;
  #last: Snapshot | undefined;
  /** Since the last check something was written: otherwise there is nothing new to hold against the laws. */
  #isWritten = true;

  constructor(stage: Stage, story: Story, clock: StoryClock) {
    this.#stage = stage;
    this.#story = story;
    this.#clock = clock;
    this.#surroundings = stage.surroundings(clock, {
      onBug: (where, error) => {
        this.#bugs.push(`${where}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      },
      onWrite: () => (this.#isWritten = true),
      onAnswer: (process) => this.#passPoint('database.answered', process),
    });
  }

  async play(): Promise<Played> {
    this.#prepareChannel();
    watchCrashPoints((name) => this.#passPoint(name, currentProcess()));
    this.#workers = [this.#newProcess('worker')];
    let broken: Broken | undefined;
    try {
      for (const step of this.#story.steps) {
        this.#step += 1;
        await this.#take(step);
        await this.#check(false);
      }
      this.#step += 1;
      await this.#end();
    } catch (error) {
      if (!(error instanceof StoryBroken)) throw error;
      broken = error.broken;
    }
    const last = await takeSnapshot(this.#stage.db, this.#clock.now());
    for (const process of this.#workers) process.die();
    await this.#clock.settled();
    const { calls } = this.#stage.channel;
    return { broken, step: this.#step, digest: digestOf(last), calls: [...calls], memory: this.#memory, last };
  }

  #newProcess(kind: string): StoryProcess {
    this.#made += 1;
    return new StoryProcess(`${kind}-${this.#made}`, String(this.#story.seed), this.#surroundings);
  }

  /** What happened before: paid, declared by an older system, and lost or not on the way to the port. */
  #prepareChannel(): void {
    const { world } = this.#stage.channel;
    const { orders } = this.#story;
    orders.forEach((order, index) => {
      const rule = fateFault(order);
      if (rule) world.addFaults([{ ...rule, id: `fate-${index}`, match: matchOf(order, index) }]);
    });
    const trades = new Map(orders.map((order, index) => [order.trade, numbersOf(order, index)]));
    world.seed({
      trades: [...trades.values()].map(({ tradeNo, orderNo }) => ({
        ...{ partner, trade_no: tradeNo, out_trade_no: orderNo, amount: '840.00', paid_at: paidAt },
      })),
      declarations: orders.flatMap((order, index) => (order.fate === 'unknown' ? [] : [pastDeclaration(order, index)])),
      lists: orders.map((order, index) => {
        const { childOrderNo, orderNo, waybillNo } = numbersOf(order, index);
        return { order_no: childOrderNo || orderNo, waybill_no: waybillNo, at_ms: paidAt + minutes(20) };
      }),
    });
    world.removeFaults(undefined);
  }

  async #take(step: Step): Promise<void> {
    const { channel } = this.#stage;
    if (isCommand(step)) return this.#drive(this.#perform(step));
    switch (step.do) {
      case 'pass':
        return this.#pass(plus(this.#clock.now(), seconds(step.seconds)));
      case 'heal':
        this.#traps = [];
        return channel.heal();
      case 'network':
        return channel.disturb(step.fault, step.on, step.times);
      case 'channel':
        return this.#disturbChannel(step);
      case 'die':
      case 'stand':
        this.#traps.push({ how: step.do, at: step.at, left: step.hit, seconds: step.seconds });
        return;
      case 'second_worker':
        if (this.#workers.length < 3) this.#workers.push(this.#newProcess('worker'));
        return;
      case 'meanwhile':
        return channel.meanwhile(step.on, () => this.#perform(step.step));
      case 'together':
        await this.#drive(Promise.all(step.steps.map((one) => this.#perform(one))));
        return;
    }
  }

  #disturbChannel(step: Extract<Step, { do: 'channel' }>): void {
    const chosen = step.orders.flatMap((index) => {
      const order = this.#story.orders[index];
      return order ? [numbersOf(order, index).requestNo] : [];
    });
    if (chosen.length === 0) return;
    const on = step.on === undefined ? {} : { operation: step.on };
    const match = { request_nos: chosen, ...on };
    this.#stage.channel.world.addFaults([{ fault: step.fault, match, times: step.times, params: step.params ?? {} }]);
  }

  /** A person's command, by a process of its own. Who sees it die tries once more. */
  async #perform(step: Step): Promise<void> {
    if (!isCommand(step)) return this.#take(step);
    const { story, memory } = { story: this.#story, memory: this.#memory };
    const acting = { stage: this.#stage, story, memory, now: () => this.#clock.now() };
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      const process = this.#newProcess('door');
      const died = process.whenDead.then(() => 'died' as const);
      const done = process
        .run(() => act(acting, process, step))
        .then(
          () => 'done' as const,
          (error: unknown) => {
            this.#bugs.push(`${stepText(step)}: ${error instanceof Error ? (error.stack ?? '') : String(error)}`);
            return 'done' as const;
          },
        );
      if ((await Promise.race([done, died])) === 'done') {
        process.die();
        return;
      }
    }
  }

  #passPoint(name: StoryPoint, process: StoryProcess | undefined): void {
    if (!process?.isAlive || process.isStill) return;
    const trap = this.#traps.find(({ at }) => at === name);
    if (!trap) return;
    trap.left -= 1;
    if (trap.left > 0) return;
    this.#traps = this.#traps.filter((other) => other !== trap);
    const back = plus(this.#clock.now(), seconds(trap.seconds));
    if (trap.how === 'die') {
      process.die();
      if (!this.#workers.includes(process)) return;
      this.#workers = this.#workers.filter((other) => other !== process);
      this.#returns.push({ at: back });
    } else if (standingPoints.has(name) && !process.isInsideTransaction) {
      process.stand();
      this.#returns.push({ at: back, process });
      if (this.#workers.includes(process)) this.#workers.push(this.#newProcess('worker'));
    }
  }

  #comeBack(): void {
    const due = this.#returns.filter(({ at }) => at <= this.#clock.now());
    this.#returns = this.#returns.filter((one) => !due.includes(one));
    for (const { process } of due) {
      if (process) process.goOn();
      else if (this.#workers.length === 0) this.#workers.push(this.#newProcess('worker'));
    }
  }

  /** Until that work is over, letting time pass as far as it must. */
  async #drive(work: Promise<unknown>): Promise<void> {
    let over = false;
    const mark = (): void => void (over = true);
    work.then(mark, mark);
    for (;;) {
      await this.#clock.settled();
      if (over) break;
      const next = earliest([this.#clock.nextWake(), ...this.#returns.map(({ at }) => at)]);
      if (next === undefined) throw new Error('a command waits for something that no time brings');
      await this.#clock.moveTo(next);
      this.#comeBack();
    }
    await work;
  }

  /** Lets the workers work and time pass, from one moment at which something falls due to the next. */
  async #pass(until: Instant): Promise<void> {
    for (let stalledMs = 1; ;) {
      this.#comeBack();
      for (const worker of this.#workers) worker.work();
      await this.#clock.settled();
      const isIdle = !this.#workers.some((worker) => worker.isWorking);
      await this.#check(false);
      const now = this.#clock.now();
      const due = isIdle && this.#workers.length > 0 ? await nextDueAt(this.#stage.db) : undefined;
      stalledMs = due !== undefined && due <= now ? Math.min(2 * stalledMs, minutes(1)) : 1;
      const nextDue = due !== undefined && due <= now ? plus(now, stalledMs) : due;
      const next = earliest([nextDue, this.#clock.nextWake(), ...this.#returns.map(({ at }) => at), plus(now, restMs)]);
      if (next === undefined || next > until) {
        await this.#clock.moveTo(until);
        return;
      }
      await this.#clock.moveTo(next > now ? next : now);
    }
  }

  /** All is well again, and enough time passes for everything that is open to come to rest. */
  async #end(): Promise<void> {
    await this.#take({ do: 'heal' });
    await this.#pass(plus(this.#clock.now(), minutes(75)));
    await this.#check(true);
  }

  async #check(atTheEnd: boolean): Promise<void> {
    const [bug] = this.#bugs;
    if (bug !== undefined) throw new StoryBroken({ law: 'nothing throws', what: bug });
    if (!this.#isWritten && !atTheEnd) return;
    this.#isWritten = false;
    const snapshot = await takeSnapshot(this.#stage.db, this.#clock.now());
    const truth: Truth = {
      story: this.#story,
      calls: this.#stage.channel.calls,
      adopted: this.#memory.adopted,
      gapMs: minutes(5),
    };
    const broken = laws(this.#history, this.#last, snapshot, truth) ?? (atTheEnd ? finalLaws(snapshot) : undefined);
    this.#history = remember(this.#history, snapshot);
    this.#last = snapshot;
    if (broken) throw new StoryBroken(broken);
  }
}

function remember(history: History, snapshot: Snapshot): History {
  const members = new Map(history.members);
  for (const { id } of snapshot.plans) {
    if (members.has(id)) continue;
    members.set(id, new Set(snapshot.items.filter((item) => item.plan_id === id).map((item) => item.declaration_id)));
  }
  return { members };
}

function earliest(times: readonly (Instant | undefined)[]): Instant | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : (Math.min(...known) as Instant);
}

function isCommand(step: Step): step is Command {
  const others = ['pass', 'heal', 'network', 'channel', 'die', 'stand', 'second_worker', 'meanwhile', 'together'];
  return !others.includes(step.do);
}

function digestOf(snapshot: Snapshot): string {
  const text = JSON.stringify(snapshot, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function matchOf(order: StoryOrder, index: number): { request_nos: string[] } {
  return { request_nos: [numbersOf(order, index).requestNo] };
}

function fateFault({ fate }: StoryOrder): { fault: string; params?: Record<string, unknown> } | undefined {
  switch (fate) {
    case 'delivered':
    case 'unknown':
      return undefined;
    case 'lost':
      return { fault: 'swallow_declaration' };
    case 'hop_failed':
      return { fault: 'receipt', params: { code: '4' } };
    case 'refused':
      return { fault: 'receipt', params: { code: '100' } };
    case 'sending':
      return { fault: 'stuck_sending' };
    case 'waiting':
      return { fault: 'stuck_ws' };
    case 'port_lost':
      return { fault: 'port_loses_record' };
  }
}

/** Declarations of one trade were made one after the other, as Alipay demands. */
function pastDeclaration(order: StoryOrder, index: number): Record<string, unknown> {
  const { requestNo, tradeNo, childOrderNo } = numbersOf(order, index);
  return {
    ...{ partner, out_request_no: requestNo, trade_no: tradeNo, place: order.place, customs_code: '3301TEST01' },
    ...{ customs_name: '测试公司', amount: amountOf(order), accepted_at_ms: paidAt + 60_000 + index * 1000 },
    ...(childOrderNo === '' ? {} : { is_split: true, sub_out_biz_no: childOrderNo }),
    ...(order.pushedBefore === undefined ? {} : { pushes_at_ms: [earlierPush(order.pushedBefore)] }),
  };
}
