import type { NetworkFault, Operation } from './channel.ts';
import type { StoryPoint } from './process.ts';

/** What became of the first declaration, before the story begins. */
export type Fate = 'lost' | 'delivered' | 'unknown' | 'hop_failed' | 'refused' | 'sending' | 'port_lost' | 'waiting';

/** One declaration to be adopted. Members of one trade carry the same `trade`; children of a split one differ in `child`. */
export type StoryOrder = {
  readonly trade: number;
  readonly child?: number;
  readonly place: string;
  /** Adopted without its request number at first. */
  readonly nameless?: true;
  /** An earlier re-push of the old system, so many minutes before the story begins. */
  readonly pushedBefore?: number;
  readonly fate: Fate;
};

/** Orders, lists and plans are named by their place in the story, so that a step may be left out. */
export type Step =
  | { readonly do: 'adopt'; readonly orders: readonly number[]; readonly numbers: boolean; readonly otherAmount?: true }
  | {
      readonly do: 'list';
      readonly orders: readonly number[];
      readonly released: readonly number[];
      readonly statusOnly?: true;
    }
  /** Receipts of customs: order, code, and so many minutes ago. */
  | { readonly do: 'receipts'; readonly rows: readonly (readonly [number, string, number])[] }
  /** All that the port ever wrote. */
  | { readonly do: 'port_box' }
  | { readonly do: 'triage'; readonly list: number }
  | { readonly do: 'judge'; readonly list: number }
  /** `groups`: so many in the canary and in the held-back control. */
  | { readonly do: 'propose'; readonly list: number; readonly groups?: readonly [canary: number, control: number] }
  | {
      readonly do: 'decide';
      readonly plan: number;
      readonly by: 'wang' | 'zhao' | 'li';
      readonly verdict: 'approve' | 'refuse';
      readonly digest: 'seen' | 'stale' | 'none';
    }
  | { readonly do: 'run'; readonly plan: number; readonly by: 'wang' | 'li' }
  | { readonly do: 'hold'; readonly plan: number; readonly how: 'pause' | 'resume' | 'stop' }
  | { readonly do: 'pass'; readonly seconds: number }
  | {
      readonly do: 'channel';
      readonly fault: string;
      readonly on?: Operation;
      readonly orders: readonly number[];
      readonly times: number;
      readonly params?: Readonly<Record<string, unknown>>;
    }
  | { readonly do: 'network'; readonly fault: NetworkFault; readonly on: Operation; readonly times: number }
  | { readonly do: 'heal' }
  | { readonly do: 'die' | 'stand'; readonly at: StoryPoint; readonly hit: number; readonly seconds: number }
  | { readonly do: 'second_worker' }
  /** At the same time, each by a process of its own. */
  | { readonly do: 'together'; readonly steps: readonly Step[] }
  /** While the next such call is at the channel. */
  | { readonly do: 'meanwhile'; readonly on: Operation; readonly step: Step }
  | { readonly do: 'rebuild' };

export type Story = { readonly seed: number; readonly orders: readonly StoryOrder[]; readonly steps: readonly Step[] };

/** From 1: a number that ends in many zeros looks like one that a spreadsheet has destroyed, and is refused. */
const tail = (n: number): string => String(n + 1).padStart(6, '0');

/** The numbers of the order at this place of the story, as shop and channel know them. */
export type OrderNumbers = {
  readonly orderNo: string;
  readonly childOrderNo: string;
  readonly tradeNo: string;
  readonly requestNo: string;
  readonly waybillNo: string;
};

export function numbersOf(order: StoryOrder, index: number): OrderNumbers {
  return {
    orderNo: `2015102720000000${tail(order.trade)}`,
    childOrderNo: order.child === undefined ? '' : `C${tail(order.trade)}${order.child}`,
    tradeNo: `2015102721001004930000${tail(order.trade)}`,
    requestNo: `LS${tail(index)}`,
    waybillNo: `1130${tail(order.trade)}`,
  };
}

/** As lines that a person can follow, and that show what to look at. */
export function storyText({ orders, steps }: Story): string {
  const told = orders.map((order, index) => `  order ${index}: ${JSON.stringify(order)}`);
  return ['orders', ...told, 'steps', ...steps.map((step, index) => `  ${index + 1}. ${stepText(step)}`)].join('\n');
}

export function stepText(step: Step): string {
  if (step.do === 'together') return `at the same time: ${step.steps.map(stepText).join(' | ')}`;
  if (step.do === 'meanwhile') return `while the next ${step.on} is at the channel: ${stepText(step.step)}`;
  const { do: verb, ...rest } = step;
  const words = Object.entries(rest).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return [verb, ...words].join(' ');
}
