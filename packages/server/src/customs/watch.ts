import { hours, minutes, plus } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { choreWish } from '../platform/chores.ts';
import { timestamp } from '../platform/db.ts';
import type { Queryable } from '../platform/db.ts';
import { enqueue, priorities } from '../platform/jobs.ts';
import type { JobWish } from '../platform/jobs.ts';
import { insertRows } from '../platform/sql.ts';
import { toGrid } from './asking.ts';
import type { Declaration } from './declaration.ts';
import { askWish } from './job-wishes.ts';
import type { RulesOf } from './job-wishes.ts';

/** Declarations of one channel account at one place: what breaks, breaks for such a group. */
export type Watched = { readonly accountId: string; readonly place: string };

/** At this age a receipt should be there; the main rule of detection counts by it (rule D1). */
export const agedAfterMs = minutes(10);
/** Older ones say nothing about the present. */
const freshForMs = hours(6);
/** Members of a group that is sampled are asked this often by themselves (architecture rule 1). */
export const sampledAskMs = hours(24);

export function watchedKey({ accountId, place }: Watched): string {
  return `${accountId}/${place}`;
}

/** Groups that are sampled, because everybody knows already that their receipts do not come. */
export async function findSampled(db: Queryable): Promise<ReadonlySet<string>> {
  const rows = await db.query<{ account_id: string; place: string }>(
    'select account_id, place from customs_watches where sampled_since is not null',
  );
  return new Set(rows.map((row) => watchedKey({ accountId: row.account_id, place: row.place })));
}

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

async function ensureWatches(tx: Queryable, declarations: readonly Declaration[], at: Instant): Promise<void> {
  const columns = {
    account_id: 'text',
    place: 'text',
    merchant_id: 'text',
    channel: 'text',
    watched_since: 'timestamptz',
  } as const;
  const byKey = new Map(declarations.map((one) => [watchedKey(one), one]));
  const rows = [...byKey.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { accountId, place, merchantId, channel }]) => ({
      account_id: accountId,
      place,
      merchant_id: merchantId,
      channel,
      watched_since: at,
    }));
  await insertRows(tx, 'customs_watches', columns, rows, 'on conflict (account_id, place) do nothing');
}

/** While an incident is open its group is sampled: asking everybody again and again would tell nothing new. */
export async function setSampling(
  tx: Queryable,
  { accountId, place }: Watched,
  since: Instant | undefined,
): Promise<void> {
  await tx.query('update customs_watches set sampled_since = $3 where account_id = $1 and place = $2', [
    accountId,
    place,
    since === undefined ? null : timestamp(since),
  ]);
}

/** Brings forward the looks at a few that were accepted in that time and not asked since they aged. Returns how many. */
export async function askSample(
  tx: Queryable,
  { accountId, place }: Watched,
  { from, to, count }: { readonly from: Instant; readonly to: Instant; readonly count: number },
  at: Instant,
): Promise<number> {
  const rows = await tx.query<{ bucket: number; id: string }>(
    `select bucket, id from customs_declarations
     where account_id = $1 and place = $2 and accepted_at >= $3 and accepted_at < $4 and request_no is not null
       and state in ('accepted', 'in_doubt', 'missing_reported')
       and coalesce((summary->>'lastAskedAt')::float8, 0) < extract(epoch from accepted_at) * 1000 + $6
     order by md5(id::text) limit $5`,
    [accountId, place, timestamp(from), timestamp(to), count, agedAfterMs],
  );
  await enqueue(
    tx,
    rows.map((row) => askWish({ ...row, accountId }, at, priorities.bulk)),
  );
  return rows.length;
}
