import type { Instant } from '../../kernel/index.ts';
import type { RecordKey } from '../commands.ts';
import type { Queryable } from '../db.ts';

const keySet = 'unnest($1::int2[], $2::uuid[]) as t(bucket, id)';
const keyValues = (keys: readonly RecordKey[]): [number[], string[]] => [
  keys.map((key) => key.bucket),
  keys.map((key) => key.id),
];

export type ExchangeLine = {
  readonly subject: string;
  readonly bucket: number;
  readonly id: string;
  readonly operation: string;
  readonly try: number;
  readonly createdAt: Instant;
  /** Undefined: nobody has heard anything yet. */
  readonly ended: 'answered' | 'silent' | 'unsent' | 'lost' | undefined;
  readonly why: string;
  readonly httpStatus: number | undefined;
  readonly ms: number | undefined;
  readonly reading: Readonly<Record<string, unknown>>;
};

/** Every call that spoke for these records, in the order in which they were made. */
export async function findExchangesOf(db: Queryable, keys: readonly RecordKey[]): Promise<ExchangeLine[]> {
  type DbRow = {
    subject: string;
    bucket: number;
    id: string;
    operation: string;
    try: number;
    created_at: Instant;
    kind: ExchangeLine['ended'] | null;
    why: string | null;
    http_status: number | null;
    ms: number | null;
    reading: Record<string, unknown> | null;
  };
  const rows = await db.query<DbRow>(
    `select s.subject, e.bucket, e.id, e.operation, s.try, e.created_at, a.kind, a.why, a.http_status, a.ms, a.reading
     from ${keySet} join exchange_subjects s on s.bucket = t.bucket and s.subject = t.id
       join exchanges e on e.bucket = s.exchange_bucket and e.id = s.exchange_id
       left join exchange_answers a on a.bucket = e.bucket and a.exchange_id = e.id
     order by e.created_at, e.id`,
    keyValues(keys),
  );
  return rows.map((row) => ({
    subject: row.subject,
    bucket: row.bucket,
    id: row.id,
    operation: row.operation,
    try: row.try,
    createdAt: row.created_at,
    ended: row.kind ?? undefined,
    why: row.why ?? '',
    httpStatus: row.http_status ?? undefined,
    ms: row.ms ?? undefined,
    reading: row.reading ?? {},
  }));
}

export type DueJob = {
  readonly subject: string;
  readonly kind: string;
  readonly lane: string;
  readonly dueAt: Instant;
  readonly running: boolean;
  readonly tries: number;
  readonly lastError: string | undefined;
  /** The gap to the last push of this trade ends here. */
  readonly freeAt: Instant | undefined;
  readonly callsPerSecond: number | undefined;
  readonly pausedWhy: string | undefined;
  readonly closedUntil: Instant | undefined;
};

/** What is wanted of these kinds for these records and not done yet, earliest first. */
export async function findJobsOf(
  db: Queryable,
  keys: readonly RecordKey[],
  kinds: readonly string[],
): Promise<DueJob[]> {
  type DbRow = {
    subject: string;
    kind: string;
    lane: string;
    due_at: Instant;
    lease_owner: string | null;
    tries: number;
    last_error: string | null;
    free_at: Instant | null;
    calls_per_second: number | null;
    paused_at: Instant | null;
    paused_why: string | null;
    closed_until: Instant | null;
  };
  const rows = await db.query<DbRow>(
    `select j.subject, j.kind, j.lane, j.due_at, j.lease_owner, j.tries, j.last_error, g.free_at,
       l.calls_per_second, l.paused_at, l.paused_why, l.closed_until
     from ${keySet} join jobs j on j.bucket = t.bucket and j.subject = t.id and j.kind = any($3::text[]) and j.wanted > j.done
       left join lanes l on l.id = j.lane left join gaps g on g.bucket = j.bucket and g.gap_key = j.gap_key
     order by j.due_at, j.kind`,
    [...keyValues(keys), kinds],
  );
  return rows.map((row) => ({
    subject: row.subject,
    kind: row.kind,
    lane: row.lane,
    dueAt: row.due_at,
    running: row.lease_owner !== null,
    tries: row.tries,
    lastError: row.last_error ?? undefined,
    freeAt: row.free_at ?? undefined,
    callsPerSecond: row.calls_per_second ?? undefined,
    pausedWhy: row.paused_at === null ? undefined : (row.paused_why ?? ''),
    closedUntil: row.closed_until ?? undefined,
  }));
}
