import { randomOf } from '../random.ts';
import type { Random } from '../random.ts';

/** The channels of these stories, each with its true connector, its own simulator and its own books. */
export type MixedChannel = 'alipay' | 'wechat';

/** Attempts are named by their place within the order, so that an act may be left out. */
export type MixedAct =
  | { readonly do: 'begin'; readonly channel: MixedChannel; readonly keepOthers: boolean; readonly minor: number }
  | { readonly do: 'open' | 'pay' | 'forge'; readonly attempt: number }
  | { readonly do: 'fault'; readonly attempt: number; readonly on: MixedOperation; readonly fault: string }
  | { readonly do: 'cancel' }
  | { readonly do: 'refund'; readonly no: string; readonly minor: number };

export type MixedOperation = 'submit' | 'query' | 'close' | 'refund' | 'refund_query' | 'notify';

/** Seconds after the beginning. */
export type TimedMixedAct = MixedAct & { readonly at: number };
export type MixedOrder = { readonly orderNo: string; readonly acts: readonly TimedMixedAct[] };

/** What every gateway of ours can do wrong with an answer, whether it carried the call out or not. */
const answers = [
  'book_then_hang',
  'system_error_booked',
  'html_instead',
  'bad_signature',
  'truncated',
  'http_500',
] as const;
const unbooked = ['hang_before_booking', 'system_error_not_booked'] as const;
const faultsOn: Readonly<Record<MixedOperation, readonly string[]>> = {
  submit: [...answers, ...unbooked],
  query: [...answers, ...unbooked],
  close: [...answers, ...unbooked, 'close_loses'],
  refund: [...answers, ...unbooked],
  refund_query: [...answers, ...unbooked],
  notify: ['notify_twice', 'never_notify', 'notify_late', 'notify_forged'],
};

export function makeMixed(seed: number, orders: number): readonly MixedOrder[] {
  return Array.from({ length: orders }, (_, no) => orderOf(seed, no));
}

/** Each order has choices of its own, so that it stays the same when others are left out. */
function orderOf(seed: number, no: number): MixedOrder {
  const random = randomOf(seed * 100_003 + no);
  const begins = random.below(120);
  const acts: TimedMixedAct[] = [];
  const at = (seconds: number, act: MixedAct): void => void acts.push({ at: begins + seconds, ...act });
  const attempts = random.pick([1, 2, 2, 2, 3]);
  const price = random.between(100, 99_999);
  // A race: whoever holds a page or a code pays at one moment.
  const together = random.chance(0.4) ? random.between(95, 1700) : undefined;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const since = attempt === 0 ? 0 : random.between(0, 90);
    const minor = random.chance(0.1) ? price + random.between(-50, 50) : price;
    at(since, { do: 'begin', channel: random.pick(['alipay', 'wechat']), keepOthers: random.chance(0.6), minor });
    for (let faults = random.pick([0, 0, 1, 2]); faults > 0; faults -= 1)
      at(since, { do: 'fault', attempt, ...faultOf(random) });
    if (random.chance(0.5)) at(since + random.between(2, 60), { do: 'open', attempt });
    const alone = since + random.pick([2, 5, 20, 100, 1700, 1799]);
    if (random.chance(0.75)) at(together ?? alone, { do: 'pay', attempt });
    if (random.chance(0.1)) at(since + random.between(2, 1900), { do: 'forge', attempt });
  }
  if (random.chance(0.2)) at(random.between(3, 2000), { do: 'cancel' });
  for (let refund = random.pick([0, 0, 1, 2]); refund > 0; refund -= 1)
    at(random.between(130, 2500), { do: 'refund', no: `R${refund}`, minor: Math.ceil(price / random.pick([1, 2, 3])) });
  return { orderNo: `S${seed}-${no}`, acts: acts.sort((a, b) => a.at - b.at) };
}

function faultOf(random: Random): { readonly on: MixedOperation; readonly fault: string } {
  const on = random.pick(['submit', 'query', 'close', 'close', 'refund', 'refund_query', 'notify', 'notify'] as const);
  return { on, fault: random.pick(faultsOn[on]) };
}

/** As lines that a person can follow. */
export const mixedText = (orders: readonly MixedOrder[]): string =>
  orders
    .flatMap(({ orderNo, acts }) => [orderNo, ...acts.map(({ at, ...act }) => `  ${at} s: ${JSON.stringify(act)}`)])
    .join('\n');
