import type { Instant } from '../kernel/index.ts';
import type { Used } from '../contracts/index.ts';
import { kept, timestamp } from '../platform/db.ts';
import type { Queryable } from '../platform/db.ts';
import type { LaneState } from './candidate.ts';

type StateRow = {
  account_id: string;
  secrets: string[];
  lanes: { id: string; operation: string; paused: string | null }[];
  closed: (Instant | null)[];
};

export type AccountState = { readonly secrets: ReadonlySet<string>; readonly lanes: readonly LaneState[] };

/** Which secrets of these accounts are live, and how their lanes are; one statement. */
export async function statesOf(
  db: Queryable,
  accountIds: readonly string[],
  at: Instant,
): Promise<ReadonlyMap<string, AccountState>> {
  const rows = await db.query<StateRow>(
    kept(`select a.id as account_id,
       array(select distinct s.field from channel_secrets s where s.account_id = a.id and s.valid_from <= $2
         and (s.valid_to is null or s.valid_to > $2)) as secrets,
       (select coalesce(jsonb_agg(jsonb_build_object('id', l.id, 'operation', l.operation,
           'paused', case when l.paused_at is not null then l.paused_why end) order by l.id), '[]')
         from lanes l where l.account_id = a.id) as lanes,
       array(select l.closed_until from lanes l where l.account_id = a.id order by l.id) as closed
     from channel_accounts a where a.id = any($1::text[])`),
    [accountIds, timestamp(at)],
  );
  return new Map(
    rows.map(({ account_id, secrets, lanes, closed }) => [
      account_id,
      {
        secrets: new Set(secrets),
        lanes: lanes.map(({ id, operation, paused }, index) => {
          const closedUntil = closed[index] ?? undefined;
          return {
            ...{ id, operation },
            ...(closedUntil === undefined ? {} : { closedUntil }),
            ...(paused === null ? {} : { pausedWhy: paused }),
          };
        }),
      },
    ]),
  );
}

type UsedRow = {
  account_id: string;
  product: string;
  scene: 'online' | 'counter';
  day_minor: bigint;
  month_minor: bigint;
  day_count: number;
};

/** A payment that was begun longer before the month than this and paid within it is not counted: few live so long. */
const oldestMs = 2 * 86_400_000;

/** What every account took and began since two moments, by product; one statement over the attempts of that time. */
export async function usedSince(
  db: Queryable,
  { day, month }: { readonly day: Instant; readonly month: Instant },
): Promise<ReadonlyMap<string, readonly Used[]>> {
  const rows = await db.query<UsedRow>(
    kept(`select account_id, product, scene,
       coalesce(sum(received_minor) filter (where paid_at >= $1), 0)::bigint as day_minor,
       coalesce(sum(received_minor) filter (where paid_at >= $2), 0)::bigint as month_minor,
       (count(*) filter (where created_at >= $1))::int4 as day_count
     from payment_attempts where created_at >= $3
     group by account_id, product, scene`),
    [timestamp(day), timestamp(month), timestamp((month - oldestMs) as Instant)],
  );
  const used = new Map<string, Used[]>();
  for (const row of rows) {
    const known = used.get(row.account_id) ?? [];
    used.set(row.account_id, known);
    const sums = { dayMinor: row.day_minor, monthMinor: row.month_minor, dayCount: row.day_count };
    known.push({ product: row.product, scene: row.scene, ...sums });
  }
  return used;
}
