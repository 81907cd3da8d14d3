import type { Instant } from '../kernel/index.ts';
import { timestamp } from '../platform/db.ts';
import type { Queryable } from '../platform/db.ts';
import type { Json } from './wire.ts';

export type KeptAnswer = {
  readonly bodyDigest: string;
  readonly state: 'running' | 'answered';
  readonly status: number | undefined;
  readonly answer: Json;
  readonly createdAt: Instant;
};

/** Claims a key of this token for this request. Undefined: it is ours; else what stands there. */
export async function claimKey(
  db: Queryable,
  tokenDigest: Uint8Array,
  key: string,
  bodyDigest: string,
  at: Instant,
): Promise<KeptAnswer | undefined> {
  const claimed = await db.query(
    `insert into idempotency_keys (token_digest, key, body_digest, state, created_at) values ($1, $2, $3, 'running', $4)
     on conflict (token_digest, key) do nothing returning key`,
    [Buffer.from(tokenDigest), key, bodyDigest, timestamp(at)],
  );
  if (claimed.length === 1) return undefined;
  const [row] = await db.query<{
    body_digest: string;
    state: KeptAnswer['state'];
    status: number | null;
    answer: Json;
    created_at: Instant;
  }>(
    'select body_digest, state, status, answer, created_at from idempotency_keys where token_digest = $1 and key = $2',
    [Buffer.from(tokenDigest), key],
  );
  // Released between the two statements: whoever held it did nothing, and the caller may send again.
  if (!row) return { bodyDigest, state: 'running', status: undefined, answer: null, createdAt: at };
  return {
    bodyDigest: row.body_digest,
    state: row.state,
    status: row.status ?? undefined,
    answer: row.answer,
    createdAt: row.created_at,
  };
}

export async function keepAnswer(
  db: Queryable,
  tokenDigest: Uint8Array,
  key: string,
  status: number,
  answer: Json,
): Promise<void> {
  await db.query(
    `update idempotency_keys set state = 'answered', status = $3, answer = $4
     where token_digest = $1 and key = $2 and state = 'running'`,
    [Buffer.from(tokenDigest), key, status, JSON.stringify(answer)],
  );
}

/** The same key may carry the request out again. */
export async function releaseKey(db: Queryable, tokenDigest: Uint8Array, key: string): Promise<void> {
  await db.query(`delete from idempotency_keys where token_digest = $1 and key = $2 and state = 'running'`, [
    Buffer.from(tokenDigest),
    key,
  ]);
}

export async function listMerchants(db: Queryable): Promise<string[]> {
  return (await db.query<{ id: string }>('select id from merchants order by id')).map((row) => row.id);
}

export type LaneView = {
  readonly lane: string;
  readonly merchantId: string;
  readonly operation: string;
  readonly callsPerSecond: number;
  /** Wanted and due at this moment, and nobody works on it. */
  readonly due: number;
  /** Wanted, due now or later. */
  readonly waiting: number;
  readonly oldestDueAt: Instant | undefined;
  readonly nextDueAt: Instant | undefined;
  readonly pausedAt: Instant | undefined;
  readonly pausedWhy: string;
  readonly closedUntil: Instant | undefined;
};

/** Whose lane `l` is: that of a channel account, or of a webhook endpoint. The installation's own are nobody's. */
const ownerOfLane = `lateral (
  select merchant_id from channel_accounts where id = l.account_id
  union all select merchant_id from webhook_endpoints where 'webhook/' || id = l.id) a`;

export async function readLanes(
  db: Queryable,
  merchants: readonly string[] | 'all',
  at: Instant,
): Promise<readonly LaneView[]> {
  type DbRow = {
    id: string;
    merchant_id: string;
    operation: string;
    calls_per_second: number;
    due: bigint;
    waiting: bigint;
    oldest: Instant | null;
    next: Instant | null;
    paused_at: Instant | null;
    paused_why: string;
    closed_until: Instant | null;
  };
  const rows = await db.query<DbRow>(
    `select l.id, a.merchant_id, l.operation, l.calls_per_second, l.paused_at, l.paused_why, l.closed_until,
       count(j.kind) filter (where j.due_at <= $2 and (j.leased_until is null or j.leased_until <= $2)) as due,
       count(j.kind) as waiting,
       min(j.due_at) filter (where j.due_at <= $2 and (j.leased_until is null or j.leased_until <= $2)) as oldest,
       min(j.due_at) as next
     from lanes l join ${ownerOfLane} on true
       left join jobs j on j.lane = l.id and j.wanted > j.done
     where $1::text[] is null or a.merchant_id = any($1)
     group by l.id, a.merchant_id order by l.id`,
    [merchants === 'all' ? null : merchants, timestamp(at)],
  );
  return rows.map((row) => ({
    lane: row.id,
    merchantId: row.merchant_id,
    operation: row.operation,
    callsPerSecond: row.calls_per_second,
    due: Number(row.due),
    waiting: Number(row.waiting),
    oldestDueAt: row.oldest ?? undefined,
    nextDueAt: row.next ?? undefined,
    pausedAt: row.paused_at ?? undefined,
    pausedWhy: row.paused_why,
    closedUntil: row.closed_until ?? undefined,
  }));
}

export type Figures = {
  /** Declarations that are not at their end, by state. */
  readonly openByState: readonly { readonly state: string; readonly count: number }[];
  readonly doubtOpen: number;
  readonly plansRunning: number;
  readonly plansAsked: number;
  readonly casesOpen: number;
};

/** Counts only: nothing of a person, nothing of an order. */
export async function readFigures(db: Queryable): Promise<Figures> {
  const states = await db.query<{ state: string; n: bigint }>(
    `select state, count(*) as n from customs_declarations
     where state not in ('released', 'closed', 'closed_manual', 'cancelled') group by state order by state`,
  );
  const [counts] = await db.query<{ running: bigint; asked: bigint; cases: bigint }>(
    `select (select count(*) from plans where state = 'running') as running,
       (select count(*) from plans where state = 'asked') as asked,
       (select count(*) from cases where state = 'open') as cases`,
  );
  const openByState = states.map((row) => ({ state: row.state, count: Number(row.n) }));
  return {
    openByState,
    doubtOpen: openByState.find(({ state }) => state === 'in_doubt')?.count ?? 0,
    plansRunning: Number(counts?.running ?? 0),
    plansAsked: Number(counts?.asked ?? 0),
    casesOpen: Number(counts?.cases ?? 0),
  };
}
