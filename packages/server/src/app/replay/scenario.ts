import { parseShanghai, plus, minutes, shanghaiText } from '../../kernel/index.ts';
import type { Instant } from '../../kernel/index.ts';
import { faultKinds, faultRules } from './scenario.data.ts';
import type { FaultKind } from './scenario.data.ts';

export type Order = {
  readonly orderNo: string;
  readonly waybillNo: string;
  readonly tradeNo: string;
  readonly requestNo: string;
  readonly amount: string;
  readonly paidAt: Instant;
  readonly acceptedAt: Instant;
  readonly fault: FaultKind | undefined;
  readonly real: boolean;
  /** When somebody pushed it again by hand, before this story begins. */
  readonly pushedByHandAt: Instant | undefined;
};

export type Scenario = { readonly incident: readonly Order[]; readonly unaffected: readonly Order[] };

/** Small, fast, repeatable (mulberry32): the same seed gives the same day. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Counts of the day: without receipt before midnight, and from midnight to noon. */
const firstWave = 13_631;
const secondWave = 19_962;

function moment(text: string): Instant {
  const at = parseShanghai(text);
  if (at === undefined) throw new Error(`no time: ${text}`);
  return at;
}

/** The manual batch re-push of the day, for the 25 orders of the port's first list. */
const byHandAt = moment('2015-10-28 15:57:00');

/** The time in an order number that begins with yyyymmddHHmm, as the merchant's do. */
function orderedAt(orderNo: string): Instant {
  const [, year, month, day, hour, minute] = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})/.exec(orderNo) ?? [];
  return moment(`${year}-${month}-${day} ${hour}:${minute}:00`);
}

/**
 * N incident declarations, the real ones among them, in two waves of 13,631 : 19,962, and unaffected traffic on top.
 * @param seed chooses times, amounts and which order has which fault.
 */
export function makeScenario(orders: number, seed: number, realLists: readonly [string, string]): Scenario {
  const random = seededRandom(seed);
  const real = [...realOrders(realLists[0], byHandAt, random), ...realOrders(realLists[1], undefined, random)];
  const wanted = Math.max(orders, real.length);
  const inFirst = Math.round((wanted * firstWave) / (firstWave + secondWave));
  const realFirst = real.filter((order) => order.orderNo.startsWith('20151027')).length;
  const made: Order[] = [];
  let count = 0;
  const add = (from: string, hoursLong: number, number: number): void => {
    for (let index = 0; index < number; index += 1) {
      made.push(makeOrder((count += 1), plus(moment(from), Math.floor(random() * hoursLong * 3600) * 1000), random));
    }
  };
  add('2015-10-27 11:00:00', 13, Math.max(0, inFirst - realFirst));
  add('2015-10-28 00:00:00', 12, Math.max(0, wanted - inFirst - (real.length - realFirst)));
  const incident = [...real, ...giveFaults(made, wanted, random)];
  const unaffected: Order[] = [];
  for (let index = 0; index < Math.ceil(wanted / 8); index += 1) {
    const at = plus(moment('2015-10-27 00:00:00'), Math.floor(random() * 39_600) * 1000);
    unaffected.push(makeOrder((count += 1), at, random));
  }
  return { incident, unaffected };
}

function realOrders(list: string, pushedByHandAt: Instant | undefined, random: () => number): Order[] {
  const rows = list.split('\n').filter((line) => line.startsWith('|'));
  return rows.map((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    const [, orderNo = '', waybillNo = '', listedTrade = ''] = cells;
    // The second list names no payment number; Alipay's had 28 digits and began with the day.
    const tradeNo = listedTrade || `${orderNo.slice(0, 8)}00001000${orderNo.slice(-12)}`;
    const at = orderedAt(orderNo);
    return {
      ...{ orderNo, waybillNo, tradeNo, pushedByHandAt },
      requestNo: `RP${orderNo.slice(2)}`,
      amount: amountOf(random),
      paidAt: plus(at, 30_000),
      acceptedAt: plus(at, 35_000),
      fault: 'lost_before_port',
      real: true,
    };
  });
}

function amountOf(random: () => number): string {
  return `${50 + Math.floor(random() * 900)}.${String(Math.floor(random() * 100)).padStart(2, '0')}`;
}

function makeOrder(number: number, at: Instant, random: () => number): Order {
  const stamp = shanghaiText(at).replace(/\D/g, '').slice(0, 12);
  const tail = String(number).padStart(9, '0');
  return {
    orderNo: `${stamp}3111${tail}`,
    waybillNo: `1132${tail}`,
    tradeNo: `${stamp.slice(0, 8)}00001000${String(700_000_000_000 + number)}`,
    requestNo: `LS${stamp.slice(2)}${tail}`,
    amount: amountOf(random),
    paidAt: plus(at, 30_000),
    acceptedAt: plus(at, 35_000),
    fault: undefined,
    real: false,
    pushedByHandAt: undefined,
  };
}

/** Spreads the faults over the made orders by their shares; every kind occurs once the day is large enough. */
function giveFaults(orders: readonly Order[], wanted: number, random: () => number): Order[] {
  const kinds: FaultKind[] = [];
  for (const kind of faultKinds) {
    const share = Math.round((wanted * faultRules[kind].perMille) / 1000);
    for (let index = 0; index < share && kinds.length < orders.length; index += 1) kinds.push(kind);
  }
  const places = shuffled(orders.length, random);
  const faultAt = new Map(kinds.map((kind, index) => [places[index], kind]));
  return orders.map((order, index) => ({ ...order, fault: faultAt.get(index) ?? 'lost_before_port' }));
}

function shuffled(length: number, random: () => number): number[] {
  const places = Array.from({ length }, (_, index) => index);
  for (let index = length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    [places[index], places[other]] = [places[other] ?? 0, places[index] ?? 0];
  }
  return places;
}

/** Order hours 11–16 of the 27th recover by a re-push; 17–23 and the wave of the 28th do not. */
export function isRecoverable(order: Order): boolean {
  const hour = Number(order.orderNo.slice(8, 10));
  return order.orderNo.startsWith('20151027') && hour >= 11 && hour <= 16;
}

/** How long the port's list of an order trails its acceptance. */
export const listAfterMs = minutes(2);

/** When the incident began: the first order that was declared and got no receipt. */
export function onsetOf({ incident }: Scenario): Instant {
  return Math.min(...incident.map((order) => order.acceptedAt)) as Instant;
}
