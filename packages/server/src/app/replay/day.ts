import { minutes, plus } from '../../kernel/index.ts';
import type { Instant, Result } from '../../kernel/index.ts';
import { done } from '../../kernel/index.ts';
import { importPayments } from '../../customs/index.ts';
import { listIncidents } from '../../incidents/index.ts';
import type { Incident } from '../../incidents/index.ts';
import { crashPoint } from '../../platform/crash-points.ts';
import type { Order, Scenario } from './scenario.ts';
import { paymentFile } from './seed.ts';
import { maker, merchantId, peopleActAt } from './world.ts';
import type { ReplayWorld } from './world.ts';

/** The shop hands over what it declared every five minutes, as a nightly export never could. */
const feedEveryMs = minutes(5);

export type DayTold = (share: { readonly at: Instant; readonly fed: number; readonly of: number; readonly incident?: Incident }) => void;

/**
 * Lets the day pass until people act: declarations come in as the old shop made them, the product looks for their receipts, and its rules
 * see what is wrong. Goes on where an earlier process stopped.
 */
export async function passDay(world: ReplayWorld, scenario: Scenario, tell: DayTold): Promise<Result<Incident | undefined>> {
  const orders = [...scenario.incident, ...scenario.unaffected].sort((a, b) => a.acceptedAt - b.acceptedAt);
  let fed = world.fed();
  let incident = await firstIncident(world);
  for (let now = world.clock.now(); now < peopleActAt; now = world.clock.now()) {
    const until = orders.findIndex((order) => order.acceptedAt > now);
    const batch = orders.slice(fed, until === -1 ? orders.length : until);
    const imported = await hand(world, batch, false);
    if (!imported.ok) return imported;
    fed += batch.length;
    world.markFed(fed);
    crashPoint('replay.round_done');
    // When nothing new comes in any more, the rest of the day passes in one go.
    const next = fed === orders.length ? peopleActAt : plus(now, feedEveryMs);
    await world.stepper.runUntil(next < peopleActAt ? next : peopleActAt);
    incident ??= await firstIncident(world);
    tell({ at: world.clock.now(), fed, of: orders.length, ...(incident ? { incident } : {}) });
  }
  // A story that begins when people act takes over the whole day at once, as a merchant does who comes with the trouble.
  const late = await hand(world, orders.slice(fed), false);
  if (!late.ok) return late;
  world.markFed(orders.length);
  crashPoint('replay.round_done');
  // The second export of the listed orders tells of the re-push that somebody made by hand.
  const again = await hand(
    world,
    orders.filter((order) => order.pushedByHandAt !== undefined),
    true,
  );
  return again.ok ? done(incident) : again;
}

async function hand(world: ReplayWorld, orders: readonly Order[], withPushes: boolean): Promise<Result<void>> {
  for (let from = 0; from < orders.length; from += 5000) {
    const file = {
      merchantId,
      accountId: world.accountId,
      fileName: 'payments-2015-10-28.csv',
      bytes: paymentFile(orders.slice(from, from + 5000), withPushes),
      defaults: {},
    };
    const imported = await importPayments(world.app.customs, maker, file);
    if (!imported.ok) return imported;
  }
  return done(undefined);
}

/** The first that was seen, by whatever rule. */
async function firstIncident(world: ReplayWorld): Promise<Incident | undefined> {
  const found = await listIncidents(world.app.db, { merchants: [merchantId] });
  return [...found].sort((a, b) => a.seenAt - b.seenAt)[0];
}
