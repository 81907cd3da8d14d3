import { CNY } from '../../../src/kernel/index.ts';
import type { Order } from '../../../src/payments/index.ts';
import type { ChannelStage } from '../../kit/money-ground.ts';
import { bothBooks, brokenLaws } from '../../kit/pay-books.ts';
import { codeOf, stepsOn } from '../../kit/pay-steps.ts';
import type { MixedAct, MixedChannel, MixedOperation, MixedOrder } from './story.ts';

type Stages = Readonly<Record<MixedChannel, ChannelStage>>;

/** Acts of the same few seconds are made at once, as people do. */
const tickSeconds = 5;
const quietHours = 27;
const second = 1000;
const products: Readonly<Record<MixedChannel, string>> = { alipay: 'page', wechat: 'native' };
/** What the gateways call an operation of ours. */
const methods: Readonly<Record<MixedChannel, Readonly<Record<MixedOperation, string>>>> = {
  // Its page is loaded by the payer's browser: there is no call of ours to disturb.
  alipay: { ...plain(), refund_query: 'fastpay.refund.query' },
  wechat: { ...plain(), submit: 'native' },
};
function plain() {
  return {
    submit: '',
    query: 'query',
    close: 'close',
    refund: 'refund',
    refund_query: 'refund_query',
    notify: 'notify',
  };
}

/** What a shop or a payer may be told for an act that comes too late, too early or twice. */
const expected = [
  'done',
  'order.already_paid',
  'order.cancelled',
  'refund.exceeds_refundable',
  'contract.refund_too_soon',
];

/** Plays the orders all at once and holds the books against the laws at every fourth tick and at the end, when all is quiet. */
export async function playMixed(world: Stages, orders: readonly MixedOrder[]): Promise<readonly string[]> {
  const player = new MixedPlayer(world);
  const acts = orders.flatMap(({ orderNo, acts: own }) => own.map((act) => ({ orderNo, act })));
  const ticks = Map.groupBy(acts, ({ act }) => Math.floor(act.at / tickSeconds));
  let now = 0;
  let played = 0;
  for (const [tick, due] of [...ticks].toSorted(([a], [b]) => a - b)) {
    await world.alipay.pass((tick - now) * tickSeconds * second);
    now = tick;
    await Promise.all(due.map(({ orderNo, act }) => player.act(orderNo, act)));
    played += 1;
    const broken = played % 4 === 0 ? await brokenLaws(world.alipay.app.db) : [];
    if (broken.length > 0) return broken.map((law) => `after ${tick * tickSeconds} s: ${law}`);
  }
  await player.heal();
  await world.alipay.pass(quietHours * 3600 * second);
  return [...player.surprises, ...(await brokenLaws(world.alipay.app.db)), ...(await differences(world))];
}

async function differences(world: Stages): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const [name, stage] of Object.entries(world)) {
    const { ours, theirs } = await bothBooks(stage.app.db, stage, stage.accountId);
    if (ours.atPlace !== theirs.atPlace)
      lines.push(`${name}: we hold ${ours.atPlace} there, it says ${theirs.atPlace}`);
    ours.lines.forEach((line, index) => {
      const [mine, other] = [JSON.stringify(line), JSON.stringify(theirs.lines[index])];
      if (mine !== other) lines.push(`${name}: ours ${mine}, theirs ${other}`);
    });
  }
  return lines;
}

class MixedPlayer {
  readonly surprises: string[] = [];
  readonly #steps: Readonly<Record<MixedChannel, ReturnType<typeof stepsOn>>>;
  readonly #begun = new Map<
    string,
    { readonly order: Order; readonly serialNos: string[]; readonly at: MixedChannel[] }
  >();
  readonly #faults: (() => Promise<void>)[] = [];

  constructor(world: Stages) {
    this.#steps = { alipay: stepsOn(() => world.alipay), wechat: stepsOn(() => world.wechat) };
  }

  async heal(): Promise<void> {
    for (const lift of this.#faults) await lift();
  }

  async act(orderNo: string, act: MixedAct): Promise<void> {
    if (act.do === 'begin') return this.#begin(orderNo, act);
    const known = this.#begun.get(orderNo);
    if (!known) return;
    if (act.do === 'cancel') return this.#expect(orderNo, codeOf(await this.#steps.alipay.cancel(known.order)));
    if (act.do === 'refund') return this.#refund(known.order, act);
    const [serialNo, channel] = [known.serialNos[act.attempt], known.at[act.attempt]];
    if (serialNo === undefined || !channel) return;
    const steps = this.#steps[channel];
    if (act.do === 'fault') return this.#disturb(channel, serialNo, act);
    // A number that the channel does not know yet, or any more, is nothing that a payer could act on.
    if (act.do === 'open') await steps.open(serialNo).catch(ofNothing);
    if (act.do === 'pay') await steps.pay(serialNo).catch(ofNothing);
    if (act.do === 'forge') await steps.forge(serialNo).catch(ofNothing);
  }

  async #begin(orderNo: string, { channel, keepOthers, minor }: Extract<MixedAct, { do: 'begin' }>): Promise<void> {
    const steps = this.#steps[channel];
    const amount = { minor: BigInt(minor), currency: CNY } as const;
    const started = await steps.wish({ orderNo, amount, product: products[channel], keepOthers });
    if (!started.ok) return this.#expect(orderNo, started.refusal.code);
    const { order, attempt } = started.value;
    const known = this.#begun.get(orderNo) ?? { order, serialNos: [], at: [] };
    known.serialNos.push(attempt.serialNo);
    known.at.push(channel);
    this.#begun.set(orderNo, known);
    await steps.load(attempt);
  }

  async #refund({ orderNo }: Order, { no, minor }: Extract<MixedAct, { do: 'refund' }>): Promise<void> {
    const now = await this.#steps.alipay.seen({ orderNo });
    if (!now.payments.some(({ state }) => state === 'paid')) return;
    this.#expect(orderNo, codeOf(await this.#steps.alipay.refund(now, no, BigInt(minor))));
  }

  async #disturb(channel: MixedChannel, serialNo: string, act: Extract<MixedAct, { do: 'fault' }>): Promise<void> {
    const steps = this.#steps[channel];
    const times = act.fault === 'never_notify' ? 99 : 1;
    const method = act.on === 'notify' ? {} : { method: methods[channel][act.on] };
    if (method.method === '') return;
    const id = await steps.fault(act.fault, serialNo, { ...method, times });
    this.#faults.push(() => steps.lift(id));
  }

  #expect(orderNo: string, code: string): void {
    if (!expected.includes(code)) this.surprises.push(`${orderNo}: nobody expects ${code}`);
  }
}

function ofNothing(error: unknown): void {
  if (!(
    error instanceof Error && /: 4\d\d .*(no such|nobody|not known|there is no (trade|order|offer))/.test(error.message)
  ))
    throw error;
}
