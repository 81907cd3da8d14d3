import { randomOf } from '../random.ts';
import type { Random } from '../random.ts';
import type { Act, CallFault, MoneyOperation, MoneyOrder, MoneyStory, Product, TimedAct } from './story.ts';

/** Orders begin within this time, in seconds. */
const beginWithin = 300;
/** Processes die in so many orders of a story: with more, none would live long enough to do anything. */
const dyingOrders = 1000;

export function makeMoney(seed: number, orders: number): MoneyStory {
  return { seed, orders: Array.from({ length: orders }, (_, no) => makeOrder(seed, no)) };
}

function makeOrder(seed: number, no: number): MoneyOrder {
  // Each order has choices of its own, so that it stays the same when others are left out.
  const random = randomOf(seed * 100_003 + no);
  const begins = random.below(beginWithin);
  const minutes = random.pick([5, 10, 30, 30]);
  const acts: TimedAct[] = [];
  const at = (seconds: number, act: Act): void => void acts.push({ at: begins + seconds, ...act });
  const attempts = random.pick([1, 1, 1, 2, 2, 3]);
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const since = attempt === 0 ? 0 : random.between(0, 120);
    const channel = random.chance(0.7) ? 'calm' : 'strict';
    at(since, { do: 'open', channel, product: productOf(random), keepOthers: random.chance(0.5) });
    payAt(random, attempt, since, minutes * 60, at);
    for (let faults = random.pick([0, 0, 0, 1, 2]); faults > 0; faults -= 1)
      at(since, { do: 'fault', attempt, ...faultOf(random) });
  }
  shopActs(random, minutes * 60, at);
  if (no < dyingOrders && random.chance(0.06))
    at(random.between(1, minutes * 60), { do: 'die', answers: random.between(1, 40) });
  return {
    ...{ no, minor: random.between(10, 99_999), minutes },
    acts: acts.sort((a, b) => a.at - b.at),
  };
}

type Put = (seconds: number, act: Act) => void;

const productOf = (random: Random): Product => random.pick(['page', 'page', 'wap', 'code', 'scan'] as const);

function payAt(random: Random, attempt: number, since: number, deadline: number, at: Put): void {
  const notify = random.pick([[], [1], [1], [1, 1], [1, 40], [300], [4000], [1, 2, 3700]] as const);
  if (random.chance(0.5)) at(since + random.between(1, 60), { do: 'look', attempt });
  if (random.chance(0.65))
    at(since + random.pick([1, 20, 100, deadline - 31, deadline - 1]), { do: 'pay', attempt, notify });
  if (random.chance(0.1)) at(since + deadline + random.between(1, 9000), { do: 'pay_late', attempt, notify: [1] });
  if (random.chance(0.08))
    at(since + random.between(1, deadline * 2), {
      ...{ do: 'say', attempt, what: random.pick(['forged', 'other_amount', 'refund_news'] as const) },
    });
  if (random.chance(0.2)) at(since + random.between(1, deadline), { do: 'watch', attempt });
}

const faultsOn: Readonly<Record<MoneyOperation, readonly CallFault[]>> = {
  submit: ['unsent', 'lost', 'answer_lost', 'unsigned', 'unreadable', 'slow', 'late', 'refused'],
  query: ['unsent', 'lost', 'unsigned', 'unreadable', 'slow', 'late', 'absent'],
  close: ['unsent', 'lost', 'answer_lost', 'unsigned', 'unreadable', 'slow', 'late'],
  cancel: ['unsent', 'lost', 'answer_lost', 'unsigned', 'unreadable', 'slow', 'late'],
  refund: ['unsent', 'lost', 'answer_lost', 'unsigned', 'unreadable', 'slow', 'late', 'refused', 'funds'],
  refund_query: ['unsent', 'lost', 'unsigned', 'unreadable', 'slow', 'late', 'absent'],
};

function faultOf(random: Random): { on: MoneyOperation; how: CallFault } {
  const on = random.pick([
    'submit',
    'query',
    'query',
    'close',
    'close',
    'cancel',
    'refund',
    'refund',
    'refund_query',
  ] as const);
  return { on, how: random.pick(faultsOn[on]) };
}

function shopActs(random: Random, deadline: number, at: Put): void {
  if (random.chance(0.15)) at(random.between(1, deadline + 300), { do: 'cancel' });
  if (random.chance(0.05)) at(random.between(30, deadline), { do: 'keep' });
  const refunds = random.pick([0, 0, 0, 1, 1, 2, 3]);
  const from = random.pick([100, 400, deadline]);
  for (let index = 0; index < refunds; index += 1) at(from + random.between(1, 400), refundOf(random, index));
  if (refunds > 0)
    for (const told of ['approve', 'withdraw', 'topped_up'] as const)
      if (random.chance(0.4))
        at(from + random.between(400, 2000), { do: 'refund_act', refund: random.below(refunds), told });
  const how = random.pick(['person_keep', 'person_credit', 'adopt'] as const);
  if (random.chance(0.3)) at(random.between(10, deadline + 4000), { do: 'surplus', how });
}

function refundOf(random: Random, index: number): Act {
  const tenths = random.pick([3, 5, 7, 10]);
  const own = [`R${index}`, tenths] as const;
  const parts = random.pick([[own], [own], [own, own], [own, [`R${index}b`, tenths]], [own, ['R0', tenths]]] as const);
  return { do: 'refund', parts, two: random.chance(0.15) };
}
