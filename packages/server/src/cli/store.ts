import type { Instant } from '../kernel/index.ts';
import { timestamp } from '../platform/db.ts';
import type { Queryable } from '../platform/db.ts';
import { paceAt } from '../platform/lane-health.ts';

/** Whose lane `l` is: that of a channel account, or of a webhook endpoint. The installation's own are nobody's. */
const ownerOfLane = `lateral (
  select merchant_id from channel_accounts where id = l.account_id
  union all select merchant_id from webhook_endpoints where 'webhook/' || id = l.id) a`;

export type LaneView = {
  readonly id: string;
  /** Null: it calls no channel. */
  readonly accountId: string | null;
  readonly operation: string;
  readonly perSecond: number;
  /** Absent where nothing slows it down now. */
  readonly slowedTo: number | undefined;
  readonly perCall: number;
  readonly failures: number;
  readonly closedUntil: Instant | undefined;
  readonly pausedAt: Instant | undefined;
  readonly pausedWhy: string;
  readonly due: number;
  readonly waiting: number;
  readonly oldestDueAt: Instant | undefined;
};

type LaneDbRow = {
  id: string;
  account_id: string | null;
  operation: string;
  calls_per_second: number;
  pace: number;
  items_per_call: number;
  failures: number;
  closed_until: Instant | null;
  paused_at: Instant | null;
  paused_why: string;
  due: bigint;
  waiting: bigint;
  oldest: Instant | null;
};

/** Each lane with what is due on it now and what waits for later. */
export async function listLanes(db: Queryable, merchants: readonly string[] | 'all', at: Instant): Promise<LaneView[]> {
  const rows = await db.query<LaneDbRow>(
    `select l.*, ${paceAt('$1')} as pace, j.due, j.waiting, j.oldest from lanes l
       join ${ownerOfLane} on ($2::text[] is null or a.merchant_id = any($2))
       cross join lateral (
         select count(*) filter (where due_at <= $1) as due, count(*) filter (where due_at > $1) as waiting,
           min(due_at) filter (where due_at <= $1) as oldest
         from jobs where lane = l.id and wanted > done) j
     order by l.id`,
    [timestamp(at), merchants === 'all' ? null : merchants],
  );
  return rows.map((row) => ({
    id: row.id,
    accountId: row.account_id,
    operation: row.operation,
    perSecond: row.calls_per_second,
    slowedTo: row.pace < row.calls_per_second ? row.pace : undefined,
    perCall: row.items_per_call,
    failures: row.failures,
    closedUntil: row.closed_until ?? undefined,
    pausedAt: row.paused_at ?? undefined,
    pausedWhy: row.paused_why,
    due: Number(row.due),
    waiting: Number(row.waiting),
    oldestDueAt: row.oldest ?? undefined,
  }));
}

/** The merchant whose lane this is; undefined when there is no such lane. */
export async function merchantOfLane(db: Queryable, lane: string): Promise<string | undefined> {
  const [row] = await db.query<{ merchant_id: string }>(
    `select a.merchant_id from lanes l join ${ownerOfLane} on true where l.id = $1`,
    [lane],
  );
  return row?.merchant_id;
}

/** A paused lane keeps its jobs; nothing of it is sent until somebody resumes it. */
export async function setLanePaused(db: Queryable, lane: string, at: Instant | undefined, why: string): Promise<void> {
  await db.query(
    `update lanes set paused_at = $2::timestamptz, paused_why = $3,
       closed_until = case when $2::timestamptz is null then null else closed_until end,
       not_resumed_by = case when $2::timestamptz is null then null else not_resumed_by end where id = $1`,
    [lane, at === undefined ? null : timestamp(at), why],
  );
}

/** Who restored the database may not be the one who lets this lane send again (architecture rule 12). */
export async function whoMayNotResume(db: Queryable, lane: string): Promise<string | undefined> {
  const [row] = await db.query<{ by: string | null }>('select not_resumed_by as by from lanes where id = $1', [lane]);
  return row?.by ?? undefined;
}

export type DueJob = {
  readonly kind: string;
  readonly subject: string;
  readonly lane: string;
  readonly dueAt: Instant;
  readonly priority: number;
  readonly tries: number;
  readonly lastError: string | undefined;
  readonly leased: boolean;
};

/** What is wanted, soonest first. */
export async function listJobs(
  db: Queryable,
  merchants: readonly string[] | 'all',
  until: Instant,
  limit: number,
): Promise<DueJob[]> {
  const rows = await db.query<{
    kind: string;
    subject: string;
    lane: string;
    due_at: Instant;
    priority: number;
    tries: number;
    last_error: string | null;
    lease_owner: string | null;
  }>(
    `select j.kind, j.subject, j.lane, j.due_at, j.priority, j.tries, j.last_error, j.lease_owner from jobs j
       join lanes l on l.id = j.lane
       join ${ownerOfLane} on ($3::text[] is null or a.merchant_id = any($3))
     where j.wanted > j.done and j.due_at <= $1 order by j.due_at, j.priority, j.subject limit $2`,
    [timestamp(until), limit, merchants === 'all' ? null : merchants],
  );
  return rows.map((row) => ({
    kind: row.kind,
    subject: row.subject,
    lane: row.lane,
    dueAt: row.due_at,
    priority: row.priority,
    tries: row.tries,
    lastError: row.last_error ?? undefined,
    leased: row.lease_owner !== null,
  }));
}
