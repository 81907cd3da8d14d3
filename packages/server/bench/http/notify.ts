import { bucketOf, CNY, minutes, plus } from '../../src/kernel/index.ts';
import { drawSerials } from '../../src/platform/serials.ts';
import { byTurns, figureOf, shortText } from '../bench.ts';
import type { Bench, BenchContext, BenchResult, Table } from '../bench.ts';
import { good, merchant } from '../server.ts';
import { startChild } from './child.ts';
import type { Child } from './child.ts';
import { openGround } from './ground.ts';
import type { Ground } from './ground.ts';
import type { LoadAnswer } from './load.ts';

/** Messages of a channel through the real door, each kept, verified, acknowledged and a payment booked, against a server that only verifies. */
export const notifications: Bench = {
  name: 'notify',
  says: "channel's messages a second, acknowledged and booked, against a bare HTTP server that verifies the same signature",
  run,
};

const target = { atLeast: 0.5 };
const clients = 200;

type Turn = {
  /** Acknowledged. */
  readonly perSecond: number;
  /** In the books, from the first message sent to the last one booked. */
  readonly bookedPerSecond: number;
  readonly cpuMs: number;
  readonly loadCpuMs: number;
};

async function run({ quick, server, tell }: BenchContext): Promise<BenchResult> {
  const ground = await openGround(await server());
  const bare = await startChild(`${import.meta.dirname}/bare-main.ts`, { args: [ground.channelPublicPem] });
  try {
    const count = quick ? 20 : 1500;
    const rounds = quick ? 1 : 3;
    tell(`notify: ${rounds} rounds of ${count} messages`);
    // Both have served as many before: what is measured is a server of some minutes' age.
    if (!quick) await booked(ground, count);
    if (!quick) await verified(ground, bare, count);
    const turns = await byTurns(rounds, ['ours', 'bare'] as const, (side) =>
      side === 'ours' ? booked(ground, count) : verified(ground, bare, count),
    );
    const pairs = (of: 'perSecond' | 'bookedPerSecond') =>
      turns.map(([ours, other]) => ({ subject: ours?.[of] ?? NaN, baseline: other?.perSecond ?? NaN }));
    const named = { bench: 'notify', against: 'verified by a bare server', unit: 'messages/s' };
    const kept = { ...named, measure: 'messages of a channel, kept and acknowledged', target };
    const done = { ...named, measure: 'the same until all are booked' };
    return {
      figures: [figureOf(kept, pairs('perSecond')), figureOf(done, pairs('bookedPerSecond'))],
      tables: [tableOf(turns)],
    };
  } finally {
    await bare.stop();
    await ground.close();
  }
}

async function booked(ground: Ground, count: number): Promise<Turn> {
  const serialNos = await openOrders(ground, count);
  const { actors, cpu } = ground;
  await ground.load.ask({ kind: 'sign', actors, serialNos });
  const before = cpu();
  const answer = await send(ground, actors.server, `/notify/alipay/${actors.accountId}`);
  const bookingSeconds = await ground.allBooked();
  const after = cpu();
  const turn = turnOf(answer, after.server - before.server + after.postgres - before.postgres);
  return { ...turn, bookedPerSecond: answer.served.length / (answer.seconds + bookingSeconds) };
}

async function verified(ground: Ground, bare: Child, count: number): Promise<Turn> {
  const serialNos = Array.from({ length: count }, (_one, index) => `1510280${String(index).padStart(13, '0')}`);
  await ground.load.ask({ kind: 'sign', actors: ground.actors, serialNos });
  const before = ground.cpuOf(bare.pid);
  const answer = await send(ground, String(bare.ready['address']), '/');
  return turnOf(answer, ground.cpuOf(bare.pid) - before);
}

const send = ({ load }: Ground, origin: string, path: string): Promise<LoadAnswer> =>
  load.ask<LoadAnswer>({ kind: 'send', origin, path, clients });

function turnOf({ served, seconds, cpuSeconds }: LoadAnswer, otherCpu: number): Turn {
  const each = served.length;
  const perSecond = each / seconds;
  const cpuMs = (otherCpu * 1000) / each;
  return { perSecond, bookedPerSecond: NaN, cpuMs, loadCpuMs: (cpuSeconds * 1000) / each };
}

let made = 0;

/** Payments that wait for their payer, made in lists: how they came to be is not what is measured. */
async function openOrders({ world: { app, clock }, actors }: Ground, count: number): Promise<string[]> {
  const at = clock.now();
  const places = Array.from({ length: count }, () => {
    const orderNo = `N${(made += 1)}`;
    return { orderNo, bucket: bucketOf(merchant, orderNo) };
  });
  const serialNos = await drawSerials(
    app.db,
    at,
    places.map(({ bucket }) => bucket),
  );
  const amount = { minor: 4200n, currency: CNY };
  const deadlineAt = plus(at, minutes(120));
  const wishes = places.map(({ orderNo, bucket }, index) => ({
    ...{ key: { bucket, id: app.customs.ids.next() }, kind: 'open' as const, keepOthers: false },
    ...{ order: { merchantId: merchant, orderNo, subject: '测试', due: amount }, paymentId: app.customs.ids.next() },
    expiresAt: deadlineAt,
    attempt: {
      ...{ id: app.customs.ids.next(), serialNo: serialNos[index] ?? '', accountId: actors.accountId },
      ...{ channel: 'alipay', product: 'page', scene: 'online' as const, amount, subject: '测试', deadlineAt },
      notifyUrl: `${actors.server}/notify/alipay/${actors.accountId}`,
    },
  }));
  for (let from = 0; from < count; from += 250)
    for (const result of await app.orders.tellAll(wishes.slice(from, from + 250))) good(result);
  return [...serialNos];
}

function tableOf(turns: readonly (readonly Turn[])[]): Table {
  const row = (name: string, index: number): string[] => {
    const all = turns.flatMap((turn) => turn[index] ?? []);
    const mean = (pick: (turn: Turn) => number): string =>
      shortText(all.reduce((sum, turn) => sum + pick(turn), 0) / all.length);
    return [name, mean(({ perSecond }) => perSecond), mean(({ cpuMs }) => cpuMs), mean(({ loadCpuMs }) => loadCpuMs)];
  };
  return {
    title: `notify: ${clients} messages at a time, CPU in ms for each`,
    columns: ['door', 'messages/s', 'CPU of the door', 'CPU of the load'],
    rows: [row('ours, with PostgreSQL: kept, told to its order, booked', 0), row('bare: verified', 1)],
  };
}
