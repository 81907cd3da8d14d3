import type { Instant } from '../kernel/index.ts';
import { kept, timestamp } from '../platform/db.ts';
import type { Queryable } from '../platform/db.ts';
import { paceAt } from '../platform/lane-health.ts';
import { commitAtLeisure, insertRows, unnest, updateRows } from '../platform/sql.ts';
import type { Json } from './wire.ts';

export type KeptAnswer = {
  readonly bodyDigest: string;
  readonly state: 'running' | 'answered';
  readonly status: number | undefined;
  readonly answer: Json;
  readonly createdAt: Instant;
};

export type KeyClaim = {
  readonly tokenDigest: Uint8Array;
  readonly key: string;
  readonly bodyDigest: string;
  readonly at: Instant;
};

const claimColumns = {
  token_digest: 'bytea',
  key: 'text',
  body_digest: 'text',
  state: 'text',
  created_at: 'timestamptz',
} as const;
const keyColumns = { token_digest: 'bytea', key: 'text' } as const;

const nameOf = (tokenDigest: Uint8Array, key: string): string => `${Buffer.from(tokenDigest).toString('hex')} ${key}`;

/**
 * Claims keys for requests. A claim is safe with the first commit of the work that it is for. Undefined: it is the request's own; else what stands there. Of two with one key the first one gets it.
 */
export async function claimKeys(db: Queryable, claims: readonly KeyClaim[]): Promise<(KeptAnswer | undefined)[]> {
  const named = claims.map((claim) => ({ ...claim, name: nameOf(claim.tokenDigest, claim.key) }));
  const firsts = new Map([...named].reverse().map((claim) => [claim.name, claim]));
  const rows = [...firsts.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const claimed = await insertRows<typeof claimColumns, { token_digest: Buffer; key: string }>(
    db,
    'idempotency_keys',
    claimColumns,
    rows.map(({ tokenDigest, key, bodyDigest, at }) => ({
      ...{ token_digest: tokenDigest, key, body_digest: bodyDigest, state: 'running', created_at: at },
    })),
    `where ${commitAtLeisure} on conflict (token_digest, key) do nothing returning token_digest, key`,
  );
  const won = new Set(claimed.map((row) => nameOf(row.token_digest, row.key)));
  const isOurs = (claim: (typeof named)[number]): boolean => won.has(claim.name) && firsts.get(claim.name) === claim;
  const lost = named.filter((claim) => !isOurs(claim));
  const standing = lost.length === 0 ? new Map<string, KeptAnswer>() : await readKeys(db, lost);
  return named.map((claim): KeptAnswer | undefined => {
    if (isOurs(claim)) return undefined;
    // Released between the two statements: whoever held it did nothing, and the caller may send again.
    const { bodyDigest, at: createdAt } = claim;
    return standing.get(claim.name) ?? { bodyDigest, state: 'running', status: undefined, answer: null, createdAt };
  });
}

async function readKeys(db: Queryable, keys: readonly KeyClaim[]): Promise<Map<string, KeptAnswer>> {
  const set = unnest(
    keyColumns,
    keys.map(({ tokenDigest, key }) => ({ token_digest: tokenDigest, key })),
  );
  const rows = await db.query<{
    token_digest: Buffer;
    key: string;
    body_digest: string;
    state: KeptAnswer['state'];
    status: number | null;
    answer: Json;
    created_at: Instant;
  }>(
    kept(`select k.token_digest, k.key, k.body_digest, k.state, k.status, k.answer, k.created_at
       from ${set.sql} join idempotency_keys k on k.token_digest = t.token_digest and k.key = t.key`),
    set.values,
  );
  return new Map(
    rows.map((row) => [
      nameOf(row.token_digest, row.key),
      {
        ...{ bodyDigest: row.body_digest, state: row.state, status: row.status ?? undefined },
        ...{ answer: row.answer, createdAt: row.created_at },
      },
    ]),
  );
}

export type GivenAnswer = {
  readonly tokenDigest: Uint8Array;
  readonly key: string;
  readonly status: number;
  readonly answer: Json;
};

const answerColumns = { ...keyColumns, status: 'int4', answer: 'jsonb' } as const;

/** An answer that is lost with the machine leaves its key running, like that of a process which died. */
export async function keepAnswers(db: Queryable, answers: readonly GivenAnswer[]): Promise<void> {
  await updateRows(
    db,
    'idempotency_keys',
    answerColumns,
    ['token_digest', 'key'],
    answers.map(({ tokenDigest, key, status, answer }) => ({ token_digest: tokenDigest, key, status, answer })),
    { set: `state = 'answered'`, where: `target.state = 'running' and ${commitAtLeisure}` },
  );
}

/** The same key may carry the request out again. */
export async function releaseKey(db: Queryable, tokenDigest: Uint8Array, key: string): Promise<void> {
  await db.query(`delete from idempotency_keys where token_digest = $1 and key = $2 and state = 'running'`, [
    Buffer.from(tokenDigest),
    key,
  ]);
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
    `select l.id, a.merchant_id, l.operation, ${paceAt('$2')} as calls_per_second, l.paused_at, l.paused_why, l.closed_until,
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
