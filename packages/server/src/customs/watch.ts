import { hours, minutes, plus } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { choreWish } from '../platform/chores.ts';
import type { Queryable } from '../platform/db.ts';
import { enqueue, priorities } from '../platform/jobs.ts';
import type { JobWish } from '../platform/jobs.ts';
import { toGrid } from './asking.ts';
import type { Declaration } from './declaration.ts';
import { askWish } from './job-wishes.ts';
import type { RulesOf } from './job-wishes.ts';
import { ensureWatches, findSampled, findUnaskedSample, watchedKey } from './watch-store.ts';
import type { Watched } from './watch-store.ts';

/** At this age a receipt should be there; the main rule of detection counts by it (rule D1). */
const agedAfterMs = minutes(10);
/** Older ones say nothing about the present. */
const freshForMs = hours(6);
/** Members of a group that is sampled are asked this often by themselves (architecture rule 1). */
const sampledAskMs = hours(24);

/**
 * Fresh declarations are looked at when their receipts should be there, so that silence is noticed within minutes.
 * Where a place never gives codes silence says nothing, and nobody looks.
 */
export async function watchFresh(
  tx: Queryable,
  rulesOf: RulesOf,
  declarations: readonly Declaration[],
  at: Instant,
): Promise<void> {
  const fresh = declarations.filter((declaration) => isWatched(rulesOf, declaration, at));
  if (fresh.length === 0) return;
  await ensureWatches(tx, fresh, at);
  const sampled = await findSampled(tx);
  // Of a group whose silence is known nothing new can show.
  const looks = fresh.every((one) => sampled.has(watchedKey(one))) ? [] : [lookWish(at)];
  await enqueue(tx, [...looks, ...fresh.map((one) => firstLook(one, sampled.has(watchedKey(one)), at))]);
}

function isWatched(rulesOf: RulesOf, { channel, place, requestNo, summary, state }: Declaration, at: Instant): boolean {
  const rules = rulesOf(channel);
  const { firstAcceptedAt } = summary;
  if (!rules || requestNo === undefined || firstAcceptedAt === undefined || state !== 'accepted') return false;
  return (rules.places[place] ?? rules.unlistedPlace).givesCodes && firstAcceptedAt > plus(at, -freshForMs);
}

function firstLook(declaration: Declaration, isSampled: boolean, at: Instant): JobWish {
  const since = declaration.summary.firstAcceptedAt ?? at;
  const due = plus(since, isSampled ? sampledAskMs : agedAfterMs);
  return askWish(declaration, toGrid(due > at ? due : at), priorities.bulk);
}

/** A look at all groups at the next whole minute. */
export function lookWish(at: Instant): JobWish {
  return choreWish('incident.look', '', toGrid(plus(at, 1)));
}

/** Brings forward the looks at a few that were accepted in that time and not asked since they aged. Returns how many. */
export async function askSample(
  tx: Queryable,
  group: Watched,
  window: { readonly from: Instant; readonly to: Instant; readonly count: number },
  at: Instant,
): Promise<number> {
  const rows = await findUnaskedSample(tx, group, window, agedAfterMs);
  await enqueue(
    tx,
    rows.map((row) => askWish({ ...row, accountId: group.accountId }, at, priorities.bulk)),
  );
  return rows.length;
}
