import type { Instant } from '../kernel/index.ts';
import type { Queryable } from './db.ts';

/** A serving process as it says of itself. */
export type ServingProcess = {
  /** Its name in leases and exchanges. */
  readonly id: string;
  readonly role: 'api' | 'worker' | 'all';
  /** The program's version. */
  readonly program: string;
  /** The newest migration that it knows. */
  readonly schema: number;
  readonly host: string;
  readonly pid: number;
};

export type SeenProcess = ServingProcess & {
  readonly startedAt: Instant;
  readonly lastSeenAt: Instant;
  /** How long ago, by the database's own time. */
  readonly silentMs: number;
  readonly clockOffsetMs: number;
};

/** How often a process says that it lives, in milliseconds. */
export const beatEveryMs = 5_000;
/** Nothing heard for six beats: it is taken for dead. */
const deadAfterMs = 30_000;
const forgottenAfter = '7 days';

/**
 * Says that this process lives. Times are the database's own, not the installation's clock: that one may stand in a sandbox, and processes
 * die in real time.
 */
export async function beat(db: Queryable, one: ServingProcess, clockOffsetMs: number): Promise<void> {
  await db.query(
    `insert into processes (id, role, program, schema, host, pid, started_at, last_seen_at, clock_offset_ms)
     values ($1, $2, $3, $4, $5, $6, clock_timestamp(), clock_timestamp(), $7)
     on conflict (id) do update set last_seen_at = excluded.last_seen_at, clock_offset_ms = excluded.clock_offset_ms`,
    [one.id, one.role, one.program, one.schema, one.host, one.pid, Math.round(clockOffsetMs)],
  );
}

/** A process that ends in order takes its row with it; one that was killed leaves it, and that is how it is missed. */
export async function leave(db: Queryable, id: string): Promise<void> {
  await db.query('delete from processes where id = $1', [id]);
  await db.query(`delete from processes where last_seen_at < clock_timestamp() - interval '${forgottenAfter}'`);
}

type Row = {
  id: string;
  role: ServingProcess['role'];
  program: string;
  schema: number;
  host: string;
  pid: number;
  started_at: Instant;
  last_seen_at: Instant;
  clock_offset_ms: number;
  silent_ms: number;
};

/** All that have not left, the dead of the last days among them. None where the table is not there yet. */
export async function readProcesses(db: Queryable): Promise<readonly SeenProcess[]> {
  const [table] = await db.query<{ found: boolean }>(`select to_regclass('processes') is not null as found`);
  if (!table?.found) return [];
  const rows = await db.query<Row>(
    `select *, extract(epoch from clock_timestamp() - last_seen_at)::float8 * 1000 as silent_ms from processes
     order by started_at, id`,
  );
  return rows.map((row) => ({
    ...{ id: row.id, role: row.role, program: row.program, schema: row.schema, host: row.host, pid: row.pid },
    ...{ startedAt: row.started_at, lastSeenAt: row.last_seen_at, clockOffsetMs: row.clock_offset_ms },
    silentMs: row.silent_ms,
  }));
}

export const isAlive = (one: SeenProcess): boolean => one.silentMs < deadAfterMs;
