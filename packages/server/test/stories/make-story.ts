import type { CrashPointName } from '../../src/platform/crash-points.ts';
import type { NetworkFault, Operation } from './channel.ts';
import { randomOf } from './random.ts';
import type { Random } from './random.ts';
import type { Fate, Step, Story, StoryOrder } from './story.ts';

const fates: readonly Fate[] = [
  ...Array.from({ length: 9 }, (): Fate => 'lost'),
  ...([
    'delivered',
    'delivered',
    'unknown',
    'unknown',
    'unknown',
    'hop_failed',
    'hop_failed',
    'sending',
    'port_lost',
  ] as const),
  ...(['refused', 'waiting'] as const),
];

const dyingPoints: readonly CrashPointName[] = [
  ...(['worker.leased', 'worker.prepared', 'worker.before_send', 'worker.after_send', 'worker.heard'] as const),
  ...(['command.before_commit', 'command.after_commit', 'import.part_committed'] as const),
  ...(['approval.decided', 'plan.part_enqueued'] as const),
];

const networkFaults: readonly NetworkFault[] = ['refused', 'lost', 'answer_lost', 'late', 'slow'];

type ChannelFault = readonly [fault: string, on?: Operation, params?: Readonly<Record<string, unknown>>];
const channelFaults: readonly ChannelFault[] = [
  ['hang_before_booking', 'declare'],
  ['hang_before_booking', 'declare'],
  ['bad_signature', 'declare'],
  ['book_then_hang', 'declare'],
  ['drop_connection_after_booking', 'declare'],
  ['system_error_booked', 'declare'],
  ['system_error_not_booked', 'declare', { business: true }],
  ['business_error', 'declare'],
  ['no_effect_repush', 'declare'],
  ['swallow_declaration', 'declare'],
  ['forget_declaration', 'declare'],
  ['stuck_sending', 'declare'],
  ['stuck_ws', 'declare'],
  ['port_loses_record', 'declare'],
  ['receipt_after_hours', 'declare', { hours: 1 }],
  ['changes_pushed_no', 'declare'],
  ['receipt', 'declare', { code: '4' }],
  ['receipt', 'declare', { code: '100' }],
  ['receipt', 'declare', { code: '-401007' }],
  ['receipt', 'declare', { code: '399' }],
  ['unknown_code'],
  ['unknown_code', 'query', { code: 'INVALID_PARAMETER' }],
  ['unknown_code', 'declare', { code: 'SAME_CUSTOMS_DECLARE_ONCE' }],
  ['bad_signature', 'declare'],
  ['bad_signature', 'query'],
  ['html_instead'],
  ['truncated'],
  ['about_another'],
  ['http_500', 'query'],
  ['http_500', 'declare'],
  ['missing_record', 'query'],
  ['duplicate_record', 'query'],
  ['extra_elements'],
];

const receiptCodes = ['1', '2', '3', '4', '100', '120', '399', '-401007', '-401010'];

/** The same seed makes the same story. `stepsMax` cuts what was inserted by chance, not the way that leads to a push. */
export function makeStory(seed: number, stepsMax = 40): Story {
  const random = randomOf(seed);
  const orders = makeOrders(random);
  const main = mainWay(random, orders.length);
  const steps = [...main];
  const extras = random.between(0, Math.max(0, Math.min(14, stepsMax - main.length)));
  for (let n = 0; n < extras; n += 1) {
    const added = extraSteps(random, orders.length, main);
    steps.splice(placeFor(random, steps, added), 0, ...added);
  }
  if (random.chance(0.15)) swapSome(random, steps);
  return { seed, orders, steps };
}

function makeOrders(random: Random): StoryOrder[] {
  const count = random.between(1, 8);
  const orders: StoryOrder[] = [];
  for (let trade = 0; orders.length < count; trade += 1) {
    const kind = random.below(10);
    if (kind < 7 || count - orders.length < 2)
      orders.push(orderOf(random, trade, random.chance(0.06) ? 'NANSHAGJ' : 'ZONGSHU'));
    else if (kind < 9)
      for (let child = 1; child <= 2; child += 1) orders.push({ ...orderOf(random, trade, 'ZONGSHU'), child });
    else for (const place of ['HENAN', 'ZONGSHU']) orders.push(orderOf(random, trade, place));
  }
  return orders;
}

function orderOf(random: Random, trade: number, place: string): StoryOrder {
  const fate = random.pick(fates);
  const isNameless = random.chance(0.08);
  const isPushed = random.chance(0.2) && fate !== 'unknown';
  return {
    ...{ trade, place, fate },
    ...(isNameless ? { nameless: true as const } : {}),
    ...(isPushed ? { pushedBefore: random.between(1, 40) } : {}),
  };
}

/** Adopted, listed, asked about, judged, proposed, approved, run, and time for it to work; sometimes a second time. */
function mainWay(random: Random, count: number): Step[] {
  const all = Array.from({ length: count }, (_, index) => index);
  const some = random.chance(0.7) ? all : all.filter(() => random.chance(0.7));
  const steps: Step[] = [
    ...adoptions(random, all),
    { do: 'list', orders: random.shuffle(some), released: some.filter(() => random.chance(0.05)) },
    ...roundOf(random, 0, 0),
  ];
  if (random.chance(0.4)) steps.push(...roundOf(random, 0, 1));
  return steps;
}

function adoptions(random: Random, all: readonly number[]): Step[] {
  const mixed = random.chance(0.5) ? random.shuffle(all) : all;
  if (random.chance(0.75)) return [{ do: 'adopt', orders: mixed, numbers: random.chance(0.3) }];
  const half = Math.ceil(mixed.length / 2);
  return [
    { do: 'adopt', orders: mixed.slice(0, half), numbers: false },
    { do: 'adopt', orders: mixed.slice(half), numbers: true },
  ];
}

function roundOf(random: Random, list: number, plan: number): Step[] {
  return [
    { do: 'triage', list },
    // Not found twice, a minute apart, is what makes a record ready again: the short pass sees only one of them.
    { do: 'pass', seconds: random.pick([20, 60, 100, 240, 900]) },
    { do: 'judge', list },
    random.chance(0.2) ? { do: 'propose', list, groups: [1, 1] } : { do: 'propose', list },
    { do: 'decide', plan, by: 'zhao', verdict: 'approve', digest: random.chance(0.8) ? 'seen' : 'none' },
    { do: 'run', plan, by: 'wang' },
    { do: 'pass', seconds: random.pick([30, 120, 420, 900, 1500, 2400]) },
  ];
}

const untimely = new Set<Step['do']>(['network', 'channel', 'die', 'stand', 'meanwhile']);

/** After the first step, for without anything adopted nothing can go wrong; what disturbs pushes, often just before they begin. */
function placeFor(random: Random, steps: readonly Step[], added: readonly Step[]): number {
  const runs = steps.flatMap((step, index) => (step.do === 'run' ? [index] : []));
  const [first] = added;
  if (first?.do === 'hold' && runs.length > 0) return random.pick(runs) + 1;
  const isDisturbing = first !== undefined && untimely.has(first.do);
  return isDisturbing && runs.length > 0 && random.chance(0.5) ? random.pick(runs) : random.between(1, steps.length);
}

function extraSteps(random: Random, count: number, main: readonly Step[]): readonly Step[] {
  if (!random.chance(0.06)) return [extraStep(random, count, main)];
  // The channel is mute for a while: pushes are lost and no question is answered until after the gap.
  return [
    { do: 'network', fault: random.pick(['lost', 'answer_lost'] as const), on: 'declare', times: random.between(1, 3) },
    { do: 'network', fault: 'lost', on: 'query', times: random.between(3, 8) },
  ];
}

function extraStep(random: Random, count: number, main: readonly Step[]): Step {
  const kind = random.below(100);
  const all = Array.from({ length: count }, (_, index) => index);
  const own = (): number[] => random.shuffle(all).slice(0, random.between(1, count));
  if (kind < 18) return channelStep(random, own());
  if (kind < 30) return networkStep(random);
  if (kind < 44) return deathStep(random);
  if (kind < 51)
    return {
      do: 'stand',
      at: random.pick(dyingPoints),
      hit: random.between(1, 4),
      seconds: random.pick([3, 9, 12, 65, 130]),
    };
  if (kind < 60) return { do: 'pass', seconds: random.pick([1, 4, 11, 30, 61, 200, 370, 1000]) };
  if (kind < 63) return { do: 'second_worker' };
  if (kind < 65) return { do: 'heal' };
  if (kind < 68) return { do: 'port_box' };
  if (kind < 73)
    return {
      do: 'receipts',
      rows: own().map((order) => [order, random.pick(receiptCodes), random.pick([0, 1, 5, 30, 600])]),
    };
  if (kind < 78) return listStep(random, own());
  if (kind < 82)
    return { do: 'meanwhile', on: random.pick(['declare', 'query'] as const), step: commandStep(random, main) };
  if (kind < 86) return { do: 'together', steps: [commandStep(random, main), commandStep(random, main)] };
  if (kind < 88) return { do: 'rebuild' };
  if (kind < 90)
    return { do: 'adopt', orders: own(), numbers: true, ...(random.chance(0.4) ? { otherAmount: true as const } : {}) };
  if (kind < 92) return wrongDecision(random);
  if (kind < 96)
    return { do: 'hold', plan: random.below(2), how: random.pick(['pause', 'pause', 'resume', 'stop', 'stop']) };
  return commandStep(random, main);
}

function deathStep(random: Random): Step {
  const seconds = random.pick([0, 5, 30, 61, 90]);
  if (random.chance(0.35)) return { do: 'die', at: 'database.answered', hit: random.between(1, 80), seconds };
  return { do: 'die', at: random.pick(dyingPoints), hit: random.between(1, 5), seconds };
}

function networkStep(random: Random): Step {
  const on = random.pick(['declare', 'declare', 'query'] as const);
  return { do: 'network', fault: random.pick(networkFaults), on, times: random.between(1, 3) };
}

function channelStep(random: Random, orders: readonly number[]): Step {
  const [fault, on, params] = random.pick(channelFaults);
  return {
    ...{ do: 'channel', fault, orders, times: random.between(1, 4) },
    ...(on === undefined ? {} : { on }),
    ...(params === undefined ? {} : { params }),
  };
}

function listStep(random: Random, orders: readonly number[]): Step {
  const released = orders.filter(() => random.chance(0.3));
  return { do: 'list', orders, released, ...(random.chance(0.3) ? { statusOnly: true as const } : {}) };
}

function wrongDecision(random: Random): Step {
  const plan = random.below(2);
  if (random.chance(0.4)) return { do: 'decide', plan, by: 'wang', verdict: 'approve', digest: 'seen' };
  if (random.chance(0.5)) return { do: 'decide', plan, by: 'zhao', verdict: 'approve', digest: 'stale' };
  return { do: 'decide', plan, by: 'li', verdict: random.chance(0.5) ? 'refuse' : 'approve', digest: 'none' };
}

/** Something that a person does anyway, once more or by somebody else. */
function commandStep(random: Random, main: readonly Step[]): Step {
  const step = random.pick(main.filter(({ do: verb }) => verb !== 'pass'));
  return step.do === 'run' && random.chance(0.5) ? { ...step, by: 'li' } : step;
}

function swapSome(random: Random, steps: Step[]): void {
  const at = random.below(steps.length - 1);
  const [one, other] = [steps[at], steps[at + 1]];
  if (one && other) [steps[at], steps[at + 1]] = [other, one];
}
