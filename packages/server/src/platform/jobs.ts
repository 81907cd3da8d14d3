import { plus } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { kept, timestamp } from './db.ts';
import type { Database, Queryable, Tx } from './db.ts';
import { paceAt } from './lane-health.ts';
import { insertRows, unnest } from './sql.ts';

/** Payer waiting > operator > plan > bulk; bulk never takes the last third of a pace (architecture rule 7). */
export const priorities = { payer: 0, operator: 1, plan: 2, bulk: 3 } as const;
export type Priority = (typeof priorities)[keyof typeof priorities];

const urgent: readonly Priority[] = [priorities.payer, priorities.operator, priorities.plan];

export type JobWish = {
  readonly bucket: number;
  readonly kind: string;
  readonly subject: string;
  readonly lane: string;
  readonly dueAt: Instant;
  readonly priority: Priority;
  /** Two jobs that share this key keep the lane's minimum gap. */
  readonly gapKey?: string;
  readonly payload?: Readonly<Record<string, unknown>>;
};

export type Job = {
  readonly bucket: number;
  readonly kind: string;
  readonly subject: string;
  readonly dueAt: Instant;
  readonly priority: Priority;
  readonly gapKey: string | undefined;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly leasedWanted: number;
  readonly tries: number;
};

/** Jobs of one lane, cut into calls, each with the moment at which the lane's pace allows it. */
export type Lease = {
  readonly lane: string;
  readonly owner: string;
  readonly until: Instant;
  readonly calls: readonly { readonly at: Instant; readonly jobs: readonly Job[] }[];
};

/** How far ahead one lease spends a lane's pace: many calls share a transaction, and each still leaves well before `send_before`. */
const horizonMs = 4000;
/** Bulk spends two thirds of that at most, however often it leases: a call in the last third is always left to somebody who waits. */
const bulkHorizonMs = Math.floor((horizonMs * 2) / 3);
const leaseMs = 60_000;

const wishColumns = {
  bucket: 'int2',
  kind: 'text',
  subject: 'uuid',
  lane: 'text',
  due_at: 'timestamptz',
  priority: 'int2',
  gap_key: 'text',
  payload: 'jsonb',
} as const;

/**
 * Writes wishes in the transaction that needs them. At most one row per kind and subject: a wish for a job that is already due brings it
 * forward, a wish that arrives while it runs makes it run once more.
 */
export async function enqueue(tx: Queryable, wishes: readonly JobWish[]): Promise<void> {
  const byKey = new Map<string, JobWish>();
  for (const wish of wishes) {
    const key = `${String(wish.bucket).padStart(3, '0')}/${wish.kind}/${wish.subject}`;
    const other = byKey.get(key);
    if (!other || wish.dueAt < other.dueAt) byKey.set(key, wish);
  }
  const rows = [...byKey.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, wish]) => ({
      bucket: wish.bucket,
      kind: wish.kind,
      subject: wish.subject,
      lane: wish.lane,
      due_at: wish.dueAt,
      priority: wish.priority,
      gap_key: wish.gapKey,
      payload: wish.payload ?? {},
    }));
  await insertRows(
    tx,
    'jobs',
    wishColumns,
    rows,
    `on conflict (bucket, kind, subject) do update set
       wanted = case when jobs.wanted > jobs.done and jobs.leased_until is null then jobs.wanted else jobs.wanted + 1 end,
       due_at = case when jobs.wanted > jobs.done then least(jobs.due_at, excluded.due_at) else excluded.due_at end,
       priority = case when jobs.wanted > jobs.done then least(jobs.priority, excluded.priority) else excluded.priority end,
       lane = excluded.lane, gap_key = excluded.gap_key, payload = jobs.payload || excluded.payload`,
  );
}

export type LaneRow = {
  readonly id: string;
  /** Null: it calls no channel. */
  readonly accountId: string | null;
  readonly operation: string;
  readonly callsPerSecond: number;
  readonly itemsPerCall: number;
  readonly gapMs: number;
};

/** Lanes of a new account; an existing lane keeps the pace it has learnt. */
export async function ensureLanes(tx: Queryable, lanes: readonly LaneRow[], at: Instant): Promise<void> {
  const columns = {
    id: 'text',
    account_id: 'text',
    operation: 'text',
    calls_per_second: 'float8',
    items_per_call: 'int4',
    gap_ms: 'int8',
    next_free_at: 'timestamptz',
  } as const;
  const rows = lanes.map((lane) => ({
    id: lane.id,
    account_id: lane.accountId,
    operation: lane.operation,
    calls_per_second: lane.callsPerSecond,
    items_per_call: lane.itemsPerCall,
    gap_ms: lane.gapMs,
    next_free_at: at,
  }));
  await insertRows(tx, 'lanes', columns, rows, 'on conflict (id) do nothing');
}

type Reservation = { start: Instant; calls: number; per_second: number; per_call: number; gap_ms: bigint };

/** Spends the lane's pace up to the horizon with one conditional update; nothing when the lane is paused, closed or spent. */
async function reserve(tx: Tx, lane: string, at: Instant): Promise<Reservation | undefined> {
  const [row] = await tx.query<Reservation>(
    kept(`with free as (
       select id, greatest(next_free_at, $2) as start,
         greatest(1, floor(${paceAt('$2')} * extract(epoch from ($3 - greatest(next_free_at, $2)))))::int as calls, ${paceAt('$2')} as pace
       from lanes
       where id = $1 and paused_at is null and (closed_until is null or closed_until <= $2) and next_free_at < $3
       for update)
     update lanes set next_free_at = free.start + make_interval(secs => free.calls / free.pace)
     from free where lanes.id = free.id
     returning free.start, free.calls, free.pace as per_second, items_per_call as per_call, gap_ms`),
    [lane, timestamp(at), timestamp(plus(at, horizonMs))],
  );
  return row;
}

async function giveBack(tx: Tx, lane: string, reserved: Reservation, used: number): Promise<void> {
  if (used === reserved.calls) return;
  await tx.query(
    'update lanes set next_free_at = $2::timestamptz + make_interval(secs => $3::float8 / $4::float8) where id = $1',
    [lane, timestamp(reserved.start), used, reserved.per_second],
  );
}

/** How many of the reserved calls begin before the last third of the horizon. */
function bulkCallsOf({ start, calls, per_second }: Reservation, at: Instant): number {
  const left = plus(at, bulkHorizonMs) - start;
  return Math.max(0, Math.min(calls, Math.ceil((left * per_second) / 1000)));
}

type JobRow = {
  bucket: number;
  kind: string;
  subject: string;
  due_at: Instant;
  priority: Priority;
  gap_key: string | null;
  payload: Record<string, unknown>;
  leased_wanted: number;
  tries: number;
};

type LeaseAsk = {
  lane: string;
  owner: string;
  at: Instant;
  until: Instant;
  gapMs: bigint;
  priorities: readonly Priority[];
  limit: number;
};

/** Of a job `j`: neither leased nor held back by its gap at that moment. */
const isFreeAt = (moment: string): string => `(j.leased_until is null or j.leased_until <= ${moment})
  and (j.gap_key is null or coalesce((
    select g.free_at <= ${moment} from gaps g where g.bucket = j.bucket and g.gap_key = j.gap_key), true))`;

/**
 * Takes due jobs and their gap keys in one statement; the condition is repeated in the update instead of skipping locked rows (rule 10).
 * Each priority is a walk along `jobs_next` that ends at the limit, so that a lease costs what it takes and not what waits.
 */
async function take(tx: Tx, ask: LeaseAsk): Promise<JobRow[]> {
  if (ask.limit <= 0) return [];
  return tx.query<JobRow>(
    kept(`with due as (
       select j.* from unnest($3::int2[]) p(priority) cross join lateral (
         select j.bucket, j.kind, j.subject, j.gap_key, j.priority, j.due_at from jobs j
         where j.lane = $1 and j.priority = p.priority and j.wanted > j.done and j.due_at <= $2 and ${isFreeAt('$2')}
         order by j.due_at, j.bucket, j.subject limit $4) j
       order by j.priority, j.due_at, j.bucket, j.subject limit $4),
     picked as (
       select distinct on (bucket, coalesce(gap_key, subject::text)) * from due
       order by bucket, coalesce(gap_key, subject::text), priority, due_at),
     gapped as (
       insert into gaps (bucket, gap_key, free_at)
       select bucket, gap_key, $5::timestamptz from picked where gap_key is not null order by bucket, gap_key
       on conflict (bucket, gap_key) do update set free_at = excluded.free_at where gaps.free_at <= $2
       returning bucket, gap_key)
     update jobs j set lease_owner = $6, leased_until = $7, leased_wanted = j.wanted, tries = j.tries + 1
     from picked p left join gapped g on g.bucket = p.bucket and g.gap_key = p.gap_key
     where j.bucket = p.bucket and j.kind = p.kind and j.subject = p.subject
       and (p.gap_key is null or g.gap_key is not null) and (j.leased_until is null or j.leased_until <= $2)
     returning j.bucket, j.kind, j.subject, j.due_at, j.priority, j.gap_key, j.payload, j.leased_wanted, j.tries`),
    [
      ask.lane,
      timestamp(ask.at),
      ask.priorities,
      ask.limit,
      timestamp(plus(ask.at, Number(ask.gapMs))),
      ask.owner,
      timestamp(ask.until),
    ],
  );
}

function jobOf(row: JobRow): Job {
  return {
    bucket: row.bucket,
    kind: row.kind,
    subject: row.subject,
    dueAt: row.due_at,
    priority: row.priority,
    gapKey: row.gap_key ?? undefined,
    payload: row.payload,
    leasedWanted: row.leased_wanted,
    tries: row.tries,
  };
}

/** Leases due jobs of one lane as calls of at most the lane's items each, paced. Empty when nothing is due or the lane has no room. */
export async function leaseLane(db: Database, lane: string, owner: string, at: Instant): Promise<Lease> {
  const until = plus(at, leaseMs);
  return db.transaction(async (tx) => {
    const reserved = await reserve(tx, lane, at);
    if (!reserved) return { lane, owner, until, calls: [] };
    const room = reserved.calls * reserved.per_call;
    const ask = { lane, owner, at, until, gapMs: reserved.gap_ms };
    const first = await take(tx, { ...ask, priorities: urgent, limit: room });
    // Whole calls only: half-filled calls would waste the pace. Bulk also fills up the last call of the others.
    const bulkCalls = Math.max(bulkCallsOf(reserved, at), Math.ceil(first.length / reserved.per_call));
    const rest = await take(tx, {
      ...ask,
      priorities: [priorities.bulk],
      limit: bulkCalls * reserved.per_call - first.length,
    });
    const jobs = [...first, ...rest].map(jobOf).sort((a, b) => a.priority - b.priority || a.dueAt - b.dueAt);
    const calls: { at: Instant; jobs: Job[] }[] = [];
    for (let from = 0; from < jobs.length; from += reserved.per_call) {
      const start = Math.ceil(reserved.start + (calls.length * 1000) / reserved.per_second) as Instant;
      calls.push({ at: start, jobs: jobs.slice(from, from + reserved.per_call) });
    }
    await giveBack(tx, lane, reserved, calls.length);
    return { lane, owner, until, calls };
  });
}

export type JobEnd = {
  readonly job: Job;
  /** When the same work is due again; absent: this wish is fulfilled. */
  readonly againAt?: Instant;
  readonly error?: string;
  /** Laid over the job's payload, for the next time. */
  readonly payload?: Readonly<Record<string, unknown>>;
};

/**
 * Ends leases in the transaction that commits their results. Of a lease that was lost nothing is changed: its new owner ends it,
 * also when that is a later lease of the same process.
 */
export async function finishJobs(tx: Queryable, owner: string, ends: readonly JobEnd[]): Promise<void> {
  if (ends.length === 0) return;
  const columns = {
    bucket: 'int2',
    kind: 'text',
    subject: 'uuid',
    leased_wanted: 'int4',
    tries: 'int4',
    again_at: 'timestamptz',
    error: 'text',
    payload: 'jsonb',
  } as const;
  const sorted = [...ends].sort((a, b) => a.job.bucket - b.job.bucket || (a.job.subject < b.job.subject ? -1 : 1));
  const set = unnest(
    columns,
    sorted.map(({ job, againAt, error, payload }) => ({
      bucket: job.bucket,
      kind: job.kind,
      subject: job.subject,
      leased_wanted: job.leasedWanted,
      tries: job.tries,
      again_at: againAt,
      error,
      payload,
    })),
    2,
  );
  await tx.query(
    kept(`update jobs j set lease_owner = null, leased_until = null, done = t.leased_wanted, last_error = t.error,
       payload = case when t.payload is null then j.payload else j.payload || t.payload end,
       wanted = case when t.again_at is null then j.wanted else greatest(j.wanted, t.leased_wanted + 1) end,
       due_at = case when t.again_at is null then j.due_at
         when j.wanted > t.leased_wanted then least(j.due_at, t.again_at) else t.again_at end,
       tries = case when t.error is null then 0 else j.tries end
     from ${set.sql}
     where j.bucket = t.bucket and j.kind = t.kind and j.subject = t.subject
       and j.lease_owner = $1 and j.leased_wanted = t.leased_wanted and j.tries = t.tries`),
    [owner, ...set.values],
  );
}

/** Whether any job of these lanes is wanted, due or not. */
export async function hasWork(db: Queryable, lanes: readonly string[]): Promise<boolean> {
  const [row] = await db.query<{ found: boolean }>(
    'select exists (select from jobs where lane = any($1::text[]) and wanted > done) as found',
    [lanes],
  );
  return row?.found === true;
}

/** Keeps a gap open from a later moment, such as the arrival of an answer; a gap is never shortened. */
export async function extendGaps(
  tx: Queryable,
  gaps: readonly { readonly bucket: number; readonly gapKey: string; readonly freeAt: Instant }[],
): Promise<void> {
  const latest = new Map<string, { bucket: number; gap_key: string; free_at: Instant }>();
  for (const { bucket, gapKey, freeAt } of gaps) {
    const key = `${String(bucket).padStart(3, '0')}/${gapKey}`;
    const other = latest.get(key);
    if (!other || other.free_at < freeAt) latest.set(key, { bucket, gap_key: gapKey, free_at: freeAt });
  }
  const rows = [...latest.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  const columns = { bucket: 'int2', gap_key: 'text', free_at: 'timestamptz' } as const;
  await insertRows(
    tx,
    'gaps',
    columns,
    rows,
    'on conflict (bucket, gap_key) do update set free_at = greatest(gaps.free_at, excluded.free_at)',
  );
}

export type DueLane = { readonly id: string; readonly operation: string };

/** Lanes that have something due now, of these priorities, and room for it. */
export async function dueLanes(
  db: Queryable,
  at: Instant,
  of: readonly Priority[] = Object.values(priorities),
): Promise<DueLane[]> {
  return db.query(
    kept(`select l.id, l.operation from lanes l
     where l.paused_at is null and (l.closed_until is null or l.closed_until <= $1) and l.next_free_at < $2
       and exists (
         select from unnest($4::int2[]) p(priority) join jobs j
           on j.lane = l.id and j.priority = p.priority and j.wanted > j.done and j.due_at <= $1 and ${isFreeAt('$1')}
         where p.priority < 3 or l.next_free_at < $3)
     order by l.id`),
    [timestamp(at), timestamp(plus(at, horizonMs)), timestamp(plus(at, bulkHorizonMs)), of],
  );
}

/**
 * The next moment at which a lane can do something that is wanted; undefined when nothing is. Of each lane and priority only the jobs
 * before the first free one are looked at: all of them are leased or held back, and no later one can be sooner than that one.
 */
export async function nextDueAt(db: Queryable): Promise<Instant | undefined> {
  const wanted = 'j.lane = l.id and j.priority = p.priority and j.wanted > j.done';
  const [row] = await db.query<{ at: Instant | null }>(
    kept(`select min(greatest(least(first.due_at, held.at), l.closed_until,
         l.next_free_at - make_interval(secs => case when p.priority = 3 then $2::float8 else $1::float8 end / 1000)
           + interval '1 millisecond')) filter (where first.due_at is not null or held.at is not null) as at
     from lanes l cross join unnest($3::int2[]) p(priority)
       left join lateral (
         select j.due_at from jobs j where ${wanted} and ${isFreeAt('j.due_at')} order by j.due_at limit 1) first on true
       cross join lateral (
         select min(greatest(j.due_at, j.leased_until, g.free_at)) as at
         from jobs j left join gaps g on g.bucket = j.bucket and g.gap_key = j.gap_key
         where ${wanted} and j.due_at < coalesce(first.due_at, 'infinity')) held
     where l.paused_at is null`),
    [horizonMs, bulkHorizonMs, Object.values(priorities)],
  );
  return row?.at ?? undefined;
}
