import { hours, minutes, plus, seconds } from '../../../src/kernel/index.ts';
import type { Instant } from '../../../src/kernel/index.ts';
import { createPolicies, openOrderDoor, paymentWorks } from '../../../src/payments/index.ts';
import type { PaymentParts } from '../../../src/payments/index.ts';
import type { OrderInput } from '../../../src/payments/inputs.ts';
import { loadOrders } from '../../../src/payments/order-store.ts';
import type { Order } from '../../../src/payments/order.ts';
import { watchCrashPoints } from '../../../src/platform/crash-points.ts';
import { nextDueAt } from '../../../src/platform/jobs.ts';
import type { Broken } from '../broken.ts';
import type { StoryClock } from '../clock.ts';
import { beginsAt } from '../people.ts';
import { currentProcess, StoryProcess } from '../process.ts';
import type { Surroundings } from '../process.ts';
import { withStoryTime } from '../stage.ts';
import { MoneyChannel } from './channel.ts';
import { actOutside, inputsOf, keyOf, messageInput } from './inputs.ts';
import type { Due, Making, Message } from './inputs.ts';
import { digestOfBooks, lawsAtTheEnd, lawsOfTheBooks, rememberSettled } from './laws.ts';
import type { MoneyStage } from './stage.ts';
import type { MoneyOrder, MoneyStory, StoryChannel, TimedAct } from './story.ts';

type MoneyPlayed = {
  readonly broken: (Broken & { readonly orderNo?: string }) | undefined;
  /** Seconds after the beginning. */
  readonly second: number;
  readonly digest: string;
  readonly calls: number;
};

/** Plays a story and holds the books against the laws whenever nothing is under way. */
export async function playMoney(stage: MoneyStage, story: MoneyStory): Promise<MoneyPlayed> {
  const clock = await stage.clear();
  return withStoryTime(clock, async () => {
    try {
      return await new MoneyPlayer(stage, story, clock).play();
    } finally {
      watchCrashPoints(undefined);
    }
  });
}

class LawBroken extends Error {
  readonly broken: Broken & { readonly orderNo?: string };
  constructor(broken: LawBroken['broken']) {
    super(broken.law);
    this.broken = broken;
  }
}

/** What falls due within it is done together: the finer, the more lists. */
function tickMs(since: number): number {
  if (since < minutes(10)) return seconds(15);
  if (since < hours(1)) return minutes(1);
  return since < hours(4) ? minutes(10) : hours(2);
}

const lawsEveryTicks = 4;
/** All who wait for a day are looked at by a person then. */
const quietFor = hours(27);

type Scheduled = { readonly at: Instant; readonly plan: MoneyOrder; readonly act: TimedAct };

class MoneyPlayer {
  readonly #stage: MoneyStage;
  readonly #clock: StoryClock;
  readonly #channel: MoneyChannel;
  readonly #surroundings: Surroundings;
  /** Which channel a number belongs to. */
  readonly #channels = new Map<string, StoryChannel>();
  readonly #parts = new Map<string, PaymentParts>();
  readonly #bugs: string[] = [];
  readonly #acts: Scheduled[];
  readonly #seed: number;
  #messages: Message[] = [];
  #worker: StoryProcess | undefined;
  #workerBackAt: Instant = beginsAt;
  #trap: number | undefined;
  #made = 0;
  #ticks = 0;

  constructor(stage: MoneyStage, story: MoneyStory, clock: StoryClock) {
    this.#stage = stage;
    this.#clock = clock;
    this.#seed = story.seed;
    this.#channel = new MoneyChannel(clock, (serialNo) => this.#channels.get(serialNo) ?? '');
    this.#acts = story.orders
      .flatMap((plan) => plan.acts.map((act) => ({ at: plus(beginsAt, seconds(act.at)), plan, act })))
      .sort((a, b) => a.at - b.at);
    this.#surroundings = {
      ...{ clock, db: stage.db, shared: stage.shared, worksOf: (parts) => paymentWorks(this.#partsOf(parts)) },
      onBug: (where, error) => this.#bugs.push(`${where}: ${wordsOf(error)}`),
      onWrite: () => undefined,
      onAnswer: (process) => this.#passPoint(process),
      send: (_process, request, limits) => this.#channel.send(request, limits),
    };
  }

  async play(): Promise<MoneyPlayed> {
    watchCrashPoints((name) => name === 'command.before_commit' && this.#passPoint(currentProcess()));
    await rememberSettled(this.#stage.db);
    let broken: MoneyPlayed['broken'];
    try {
      const last = this.#acts.at(-1)?.at ?? beginsAt;
      await this.#pass(last);
      this.#channel.heal();
      this.#trap = undefined;
      await this.#pass(plus(last, quietFor));
      await this.#check(true);
    } catch (error) {
      if (!(error instanceof LawBroken)) throw error;
      broken = error.broken;
    }
    this.#worker?.die();
    await this.#clock.settled();
    const digest = await digestOfBooks(this.#stage.db);
    return { broken, second: Math.round((this.#clock.now() - beginsAt) / 1000), digest, calls: this.#channel.calls };
  }

  #partsOf(parts: StoryProcess['parts']): PaymentParts {
    const known = this.#parts.get(parts.owner);
    if (known) return known;
    const policies = createPolicies(parts.db, parts.channels, parts.clock);
    const made = { ...parts, policies, publicUrl: 'http://127.0.0.1:9' };
    this.#parts.set(parts.owner, made);
    return made;
  }

  #newProcess(kind: string): StoryProcess {
    this.#made += 1;
    return new StoryProcess(`${kind}-${this.#made}`, String(this.#seed), this.#surroundings);
  }

  #passPoint(process: StoryProcess | undefined): void {
    if (this.#trap === undefined || !process?.isAlive) return;
    this.#trap -= 1;
    if (this.#trap > 0) return;
    this.#trap = undefined;
    process.die();
    if (process !== this.#worker) return;
    this.#worker = undefined;
    this.#workerBackAt = plus(this.#clock.now(), seconds(10));
  }

  async #pass(until: Instant): Promise<void> {
    for (;;) {
      await this.#outside();
      await this.#work();
      this.#ticks += 1;
      if (this.#ticks % lawsEveryTicks === 0) await this.#check(false);
      const now = this.#clock.now();
      if (now >= until) return;
      const next = await this.#nextAt(now);
      await this.#clock.moveTo(Math.min(until, Math.max(next, plus(now, tickMs(now - beginsAt)))) as Instant);
    }
  }

  async #nextAt(now: Instant): Promise<number> {
    const due = await nextDueAt(this.#stage.db);
    const times = [due, this.#clock.nextWake(), this.#acts[0]?.at, this.#messages[0]?.at, plus(now, hours(1))];
    return Math.min(...times.filter((time) => time !== undefined));
  }

  /** Until nothing is due at this moment. */
  async #work(): Promise<void> {
    if (!this.#worker && this.#clock.now() >= this.#workerBackAt) this.#worker = this.#newProcess('worker');
    this.#worker?.work();
    await this.#clock.settled();
    const [bug] = this.#bugs;
    if (bug !== undefined) throw new LawBroken({ law: 'nothing throws', what: bug });
  }

  /** What payers, shops, people and the channel do now. */
  async #outside(): Promise<void> {
    const now = this.#clock.now();
    const acts = this.#acts.splice(0, countDue(this.#acts, now));
    this.#messages.sort((a, b) => a.at - b.at);
    const messages = this.#messages.splice(0, countDue(this.#messages, now));
    for (const { act } of acts) if (act.do === 'die') this.#trap = act.answers;
    if (acts.length + messages.length === 0) return;
    const plans = [...new Set([...acts, ...messages].map(({ plan }) => plan))];
    const opens = acts.filter(({ act }) => act.do === 'open');
    await this.#perform(plans, (making, orders) => inputsOf(making, opens.map(dueOf(orders))));
    const others = acts.filter(({ act }) => act.do !== 'open');
    await this.#perform(plans, async (making, orders) => {
      const due = others.map(dueOf(orders));
      return inputsOf(making, due);
    });
    // What happens outside happens once, whoever dies here.
    const orders = await this.#load(plans);
    for (const act of others) this.#messages.push(...actOutside(this.#channel, dueOf(orders)(act), now));
    const unheard = new Set(messages);
    await this.#perform(plans, (making, known) => {
      const told = messages.flatMap(
        (message) => messageInput(making, message, known.get(keyOf(message.plan).id)) ?? [],
      );
      return Promise.resolve(told);
    }).then(() => unheard.clear());
  }

  async #load(plans: readonly MoneyOrder[]): Promise<ReadonlyMap<string, Order>> {
    const orders = await loadOrders(this.#stage.db, plans.map(keyOf));
    return new Map(orders.map((order) => [order.id, order]));
  }

  /** In one list, by a process of its own. Who sees it die says it again: shops and channels repeat what nobody answered. */
  async #perform(
    plans: readonly MoneyOrder[],
    make: (making: Making, orders: ReadonlyMap<string, Order>) => Promise<readonly OrderInput[]>,
  ): Promise<void> {
    for (let isDone = false; !isDone;) {
      const orders = await this.#load(plans);
      const process = this.#newProcess('door');
      const parts = this.#partsOf(process.parts);
      const making: Making = {
        ...{ parts, channel: this.#channel, accountOf: (channel) => this.#stage.accountOf(channel) },
        onSerial: (serialNo, channel) => this.#channels.set(serialNo, channel),
      };
      const died = process.whenDead.then(() => false);
      const done = process.run(async () => {
        const inputs = await make(making, orders);
        if (inputs.length > 0) await openOrderDoor(parts).tellAll(inputs);
        return true;
      });
      done.catch((error: unknown) => this.#bugs.push(`door: ${wordsOf(error)}`));
      isDone = await this.#drive(Promise.race([done.catch(() => true), died]));
      process.die();
      this.#parts.delete(parts.owner);
    }
  }

  async #drive(work: Promise<boolean>): Promise<boolean> {
    let over = false;
    const mark = (): void => void (over = true);
    work.then(mark, mark);
    for (;;) {
      await this.#clock.settled();
      if (over) return work;
      const next = this.#clock.nextWake();
      if (next !== undefined) await this.#clock.moveTo(next);
    }
  }

  async #check(atTheEnd: boolean): Promise<void> {
    const { db } = this.#stage;
    const broken = await this.#stage.overAll(
      async () =>
        (await lawsOfTheBooks(db, this.#channel)) ?? (atTheEnd ? await lawsAtTheEnd(db, this.#channel) : undefined),
    );
    if (broken) throw new LawBroken(broken);
  }
}

const dueOf =
  (orders: ReadonlyMap<string, Order>) =>
  ({ plan, act }: Scheduled): Due => ({ plan, act, order: orders.get(keyOf(plan).id) });

function countDue(timed: readonly { readonly at: Instant }[], now: Instant): number {
  const later = timed.findIndex(({ at }) => at > now);
  return later < 0 ? timed.length : later;
}

const wordsOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
