import { days, minutes, plus } from '../kernel/index.ts';
import type { Instant, Proportion } from '../kernel/index.ts';
import { timestamp } from '../platform/db.ts';
import type { Queryable } from '../platform/db.ts';
import { insertRows } from '../platform/sql.ts';
import { groupText } from './incident.ts';
import type { GroupKey } from './incident.ts';
import { callWindowMs, cohortsKeptMs, lateAfterMs, mainWait, missingFreeMs, missingWindowMs, waits } from './rules.ts';
import type { Backlog, Cohort, Wait } from './rules.ts';
import { cohortsNeededMs, hourClassHours, hourClassOf, shanghaiOffsetHours, usualForMs } from './usual.ts';

type KeyRow = { account_id: string; place: string };
const keyOf = (row: KeyRow): string => groupText({ accountId: row.account_id, place: row.place });

export type WatchedGroup = GroupKey & {
  readonly merchantId: string;
  readonly channel: string;
  readonly hotAt: Instant | undefined;
  readonly lookedAt: Instant | undefined;
};

export async function findWatched(db: Queryable): Promise<readonly WatchedGroup[]> {
  const rows = await db.query<
    KeyRow & { merchant_id: string; channel: string; hot_at: Instant | null; counted_until: Instant | null }
  >(
    `select w.account_id, w.place, w.merchant_id, w.channel, g.hot_at, g.counted_until
     from customs_watches w left join incident_groups g on g.account_id = w.account_id and g.place = w.place
     order by w.account_id, w.place`,
  );
  return rows.map((row) => ({
    accountId: row.account_id,
    place: row.place,
    merchantId: row.merchant_id,
    channel: row.channel,
    hotAt: row.hot_at ?? undefined,
    lookedAt: row.counted_until ?? undefined,
  }));
}

export type Curves = ReadonlyMap<Wait, readonly Cohort[]>;

type CurveRow = KeyRow & { minute: Instant; answered: number } & Readonly<Record<`silent_${Wait}`, number>>;

const judgedMost = 80;

/**
 * The newest cohorts of every watched group, newest first, by age. One statement over the index that holds all it needs: as far back as
 * the baselines ask for, or as the last 80 that can be judged.
 */
export async function findCurves(db: Queryable, at: Instant): Promise<ReadonlyMap<string, Curves>> {
  const silent = waits.map(
    (wait) => `(count(*) filter (where not d.answered and d.waited >= ${wait}))::int4 as silent_${wait}`,
  );
  const rows = await db.query<CurveRow>(
    `with since as materialized (
       select w.account_id, w.place, least($2::timestamptz, coalesce((
         select a.accepted_at from customs_declarations a
         where a.account_id = w.account_id and a.place = w.place and a.accepted_at >= $3 and a.accepted_at < $4
           and (a.answered or a.waited >= ${mainWait})
         order by a.accepted_at desc offset ${judgedMost - 1} limit 1), $3)) as at
       from customs_watches w)
     select s.account_id, s.place, c.*
     from since s cross join lateral (
       select date_trunc('minute', d.accepted_at) as minute,
         (count(*) filter (where d.answered))::int4 as answered, ${silent.join(', ')}
       from customs_declarations d
       where d.account_id = s.account_id and d.place = s.place and d.accepted_at >= s.at and d.accepted_at < $1
       group by 1) c
     order by c.minute desc`,
    [
      timestamp(at),
      timestamp(plus(at, -cohortsNeededMs)),
      timestamp(plus(at, -cohortsKeptMs - minutes(mainWait))),
      timestamp(plus(at, -minutes(mainWait))),
    ],
  );
  const byGroup = Map.groupBy(rows, keyOf);
  return new Map([...byGroup].map(([key, own]) => [key, new Map(waits.map((wait) => [wait, curveOf(own, wait)]))]));
}

/** What nobody asked about at that age counts neither way: that it is silent is our doing. */
function curveOf(rows: readonly CurveRow[], wait: Wait): readonly Cohort[] {
  return rows.map((row) => {
    const silent = row[`silent_${wait}`];
    return { minute: row.minute, asked: row.answered + silent, silent };
  });
}

const longCurveMs = days(1);

/** A day of one group's cohorts at the main age: where trouble began that nobody looked at while it did. */
export async function findLongCurve(
  db: Queryable,
  { accountId, place }: GroupKey,
  at: Instant,
): Promise<readonly Cohort[]> {
  const rows = await db.query<{ minute: Instant; asked: number; silent: number }>(
    `select date_trunc('minute', accepted_at) as minute, count(*)::int4 as asked,
       (count(*) filter (where not answered))::int4 as silent
     from customs_declarations
     where account_id = $1 and place = $2 and accepted_at >= $3 and accepted_at < $4 and (answered or waited >= ${mainWait})
     group by 1 order by 1 desc`,
    [accountId, place, timestamp(plus(at, -longCurveMs)), timestamp(at)],
  );
  return rows;
}

export type Counted = { readonly asked: number; readonly found: number };

/** What was found in the fortnight before at this time of the day, incidents removed, by group and by what was counted. */
export async function findUsual(
  db: Queryable,
  at: Instant,
): Promise<ReadonlyMap<string, ReadonlyMap<string, Counted>>> {
  const rows = await db.query<KeyRow & { what: string; asked: number; found: number }>(
    `select b.account_id, b.place, b.what, sum(b.asked)::int4 as asked, sum(b.found)::int4 as found
     from incident_baselines b
     where b.hour >= $1 and (extract(epoch from b.hour)::int8 / 3600 + $3) % 24 / $4 = $2
       and not exists (
         select from incidents i
         where i.account_id = b.account_id and i.place = b.place and i.onset_at < b.hour + interval '1 hour'
           and coalesce(i.closed_at, 'infinity') > b.hour)
     group by 1, 2, 3`,
    [timestamp(plus(at, -usualForMs)), hourClassOf(at), shanghaiOffsetHours, hourClassHours],
  );
  const byGroup = Map.groupBy(rows, keyOf);
  return new Map([...byGroup].map(([key, own]) => [key, new Map(own.map((row) => [row.what, row]))]));
}

export type BaselineRow = GroupKey & Counted & { readonly hour: Instant; readonly what: string };

export async function addToBaselines(tx: Queryable, rows: readonly BaselineRow[]): Promise<void> {
  const columns = {
    account_id: 'text',
    place: 'text',
    hour: 'timestamptz',
    what: 'text',
    asked: 'int4',
    found: 'int4',
  } as const;
  const sorted = rows
    .filter((row) => row.asked > 0 || row.found > 0)
    .map(({ accountId, place, ...row }) => ({ account_id: accountId, place, ...row }))
    .sort((a, b) => (keyOf(a) + a.what + a.hour < keyOf(b) + b.what + b.hour ? -1 : 1));
  await insertRows(
    tx,
    'incident_baselines',
    columns,
    sorted,
    `on conflict (account_id, place, hour, what) do update set
       asked = incident_baselines.asked + excluded.asked, found = incident_baselines.found + excluded.found`,
  );
}

export async function saveLooks(
  tx: Queryable,
  looks: readonly (GroupKey & { readonly hotAt: Instant | undefined })[],
  at: Instant,
): Promise<void> {
  const columns = { account_id: 'text', place: 'text', hot_at: 'timestamptz', counted_until: 'timestamptz' } as const;
  const rows = looks.map(({ accountId, place, hotAt }) => ({
    account_id: accountId,
    place,
    hot_at: hotAt,
    counted_until: at,
  }));
  await insertRows(
    tx,
    'incident_groups',
    columns,
    rows,
    'on conflict (account_id, place) do update set hot_at = excluded.hot_at, counted_until = excluded.counted_until',
  );
}

export type Missing = GroupKey & {
  readonly merchantId: string;
  readonly channel: string;
  readonly recent: number;
  readonly earlier: number;
  /** Acceptance of the first and last of those that were reported just now. */
  readonly from: Instant;
  readonly to: Instant;
};

/** Groups about which somebody said just now that records are missing, and whether anybody had in the week before. */
export async function findMissing(db: Queryable, at: Instant): Promise<readonly Missing[]> {
  const rows = await db.query<
    KeyRow & { merchant_id: string; channel: string; recent: number; earlier: number; from_at: Instant; to_at: Instant }
  >(
    `with recent as (
       select account_id, place, min(merchant_id) as merchant_id, min(channel) as channel, count(*)::int4 as recent,
         min(coalesce(accepted_at, paid_at)) as from_at, max(coalesce(accepted_at, paid_at)) as to_at
       from customs_declarations where missing_at > $1 and missing_at <= $2 group by 1, 2)
     select r.*, (exists (
       select from customs_declarations d
       where d.missing_at > $3 and d.missing_at <= $1 and d.account_id = r.account_id and d.place = r.place))::int4 as earlier
     from recent r`,
    [timestamp(plus(at, -missingWindowMs)), timestamp(at), timestamp(plus(at, -missingFreeMs))],
  );
  return rows.map((row) => ({
    accountId: row.account_id,
    place: row.place,
    merchantId: row.merchant_id,
    channel: row.channel,
    recent: row.recent,
    earlier: row.earlier,
    from: row.from_at,
    to: row.to_at,
  }));
}

export type Refused = { readonly code: string; readonly minute: Instant; readonly found: number };

/** What customs refused of the newest cohorts, by code. */
export async function findRefused(db: Queryable, at: Instant): Promise<ReadonlyMap<string, readonly Refused[]>> {
  const rows = await db.query<KeyRow & { code: string; minute: Instant; found: number }>(
    `select w.account_id, w.place, d.refusal as code, date_trunc('minute', d.accepted_at) as minute, count(*)::int4 as found
     from customs_watches w join customs_declarations d
       on d.account_id = w.account_id and d.place = w.place and d.accepted_at >= $1 and d.accepted_at < $2
     where d.refusal is not null group by 1, 2, 3, 4`,
    [timestamp(plus(at, -cohortsNeededMs)), timestamp(at)],
  );
  return Map.groupBy(rows, keyOf);
}

export type Calls = Proportion & { readonly accountId: string; readonly operation: string };

/** A call without an answer by then has none. */
const answerWithinMs = 25_000;

/** How calls to the channel ended in the last minutes; those that a process of ours took with it when it died say nothing about the channel. */
export async function findCalls(db: Queryable, at: Instant): Promise<readonly Calls[]> {
  const rows = await db.query<{ account_id: string; operation: string; of: number; failed: number }>(
    `select e.account_id, e.operation, count(*)::int4 as of, (count(*) filter (
         where a.kind <> 'answered' or a.http_status >= 500))::int4 as failed
     from channel_accounts c
     join exchanges e on e.account_id = c.id and e.operation in ('customs.declare', 'customs.query')
       and e.created_at >= $1 and e.created_at < $2
     join exchange_answers a on a.bucket = e.bucket and a.exchange_id = e.id and a.kind in ('answered', 'silent')
     group by 1, 2`,
    [timestamp(plus(at, -callWindowMs - answerWithinMs)), timestamp(plus(at, -answerWithinMs))],
  );
  return rows.map((row) => ({
    accountId: row.account_id,
    operation: row.operation,
    of: row.of,
    hits: row.failed,
  }));
}

/** What should have been declared by now and was not. A plan's pushes wait for their turn and are no backlog. */
export async function findBacklogs(db: Queryable, at: Instant): Promise<ReadonlyMap<string, Backlog>> {
  const rows = await db.query<{ account_id: string; late: number; oldest_at: Instant }>(
    `select l.account_id, count(*)::int4 as late, min(j.due_at) as oldest_at
     from lanes l join jobs j on j.lane = l.id and j.wanted > j.done and j.due_at <= $1
     where l.operation = 'customs.declare' and l.paused_at is null and j.leased_until is null and j.priority <> 2
     group by 1`,
    [timestamp(plus(at, -lateAfterMs))],
  );
  return new Map(rows.map((row) => [row.account_id, { late: row.late, oldestMs: at - row.oldest_at }]));
}

/**
 * Whether something new can show: a group without an open incident has cohorts that can still be judged, or a plan pushes, also old orders:
 * how the channel answers these is looked at (rule D5) until the last of its calls has left the window.
 */
export async function isAnythingFresh(db: Queryable, at: Instant): Promise<boolean> {
  const [row] = await db.query<{ fresh: boolean }>(
    `select exists (
       select from customs_watches w
       where not exists (
           select from incidents i where i.account_id = w.account_id and i.place = w.place and i.state <> 'closed')
         and exists (
           select from customs_declarations d
           where d.account_id = w.account_id and d.place = w.place and d.accepted_at >= $1))
       or exists (select from plans p join plan_items i on i.plan_id = p.id
         where p.state = 'running' and (i.state in ('due', 'pushing') or i.pushed_at >= $2)) as fresh`,
    [timestamp(plus(at, -cohortsKeptMs - minutes(mainWait))), timestamp(plus(at, -callWindowMs - answerWithinMs))],
  );
  return row?.fresh ?? false;
}
