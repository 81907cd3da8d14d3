import type { Instant } from '../kernel/index.ts';
import { kept, timestamp } from '../platform/db.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import type { Ids } from '../platform/ids.ts';
import { insertRows } from '../platform/sql.ts';
import { isStep } from './facts.ts';
import type { Fact } from './facts.ts';

type Row = {
  account_id: string;
  step: string;
  key: string;
  value: string;
  valid_to: Instant | null;
  noted_by: string;
  noted_at: Instant;
};

/** All that was noted of an account, in the order in which it was noted: ids rise where the clock stands still. */
export async function factsOf(db: Queryable, accountId: string): Promise<readonly Fact[]> {
  const rows = await db.query<Row>(
    kept(`select account_id, step, key, value, valid_to, noted_by, noted_at from onboarding_facts
      where account_id = $1 order by noted_at, id`),
    [accountId],
  );
  return rows.flatMap(({ account_id: account, step, key, value, valid_to: to, noted_by: by, noted_at: at }) =>
    isStep(step) ? [{ accountId: account, step, key, value, validTo: to ?? undefined, notedBy: by, notedAt: at }] : [],
  );
}

const columns = {
  id: 'uuid',
  account_id: 'text',
  step: 'text',
  key: 'text',
  value: 'text',
  valid_to: 'timestamptz',
  noted_by: 'text',
  noted_at: 'timestamptz',
} as const;

export async function insertFacts(tx: Tx, facts: readonly Fact[], ids: Ids): Promise<void> {
  await insertRows(
    tx,
    'onboarding_facts',
    columns,
    facts.map(({ accountId, step, key, value, validTo, notedBy, notedAt }) => ({
      ...{ id: ids.next(), account_id: accountId, step, key, value, valid_to: validTo },
      ...{ noted_by: notedBy, noted_at: notedAt },
    })),
  );
}

/** Two people who note something of one account come one after the other. */
export async function lockAccount(tx: Tx, accountId: string): Promise<void> {
  await tx.query('select from channel_accounts where id = $1 for no key update', [accountId]);
}

/** Names of the secrets of an account that are live. */
export async function liveSecretsOf(db: Queryable, accountId: string, at: Instant): Promise<ReadonlySet<string>> {
  const rows = await db.query<{ field: string }>(
    kept(`select distinct field from channel_secrets
      where account_id = $1 and valid_from <= $2 and (valid_to is null or valid_to > $2)`),
    [accountId, timestamp(at)],
  );
  return new Set(rows.map(({ field }) => field));
}

/** What stands behind a proof: a call that we made, or a message that came. */
export type Proof = {
  readonly request: string | undefined;
  readonly at: Instant;
  readonly httpStatus: string | undefined;
};

export async function proofsOf(db: Queryable, ids: readonly string[]): Promise<ReadonlyMap<string, Proof>> {
  const uuids = ids.filter((id) => /^[0-9a-f-]{36}$/.test(id));
  const rows = await db.query<{ id: string; request: string | null; at: Instant; status: number | null }>(
    `select e.id, e.method || ' ' || e.url as request, coalesce(a.heard_at, e.created_at) as at, a.http_status as status
     from generate_series(0, 999) b(bucket) join exchanges e on e.bucket = b.bucket::int2 and e.id = any($1::uuid[])
       left join exchange_answers a on a.bucket = e.bucket and a.exchange_id = e.id
     union all
     select n.id, null, n.received_at, null
     from generate_series(0, 999) b(bucket) join inbound_notices n on n.bucket = b.bucket::int2 and n.id = any($1::uuid[])`,
    [uuids],
  );
  return new Map(
    rows.map(({ id, request, at, status }) => [
      id,
      { request: request ?? undefined, at, httpStatus: status === null ? undefined : String(status) },
    ]),
  );
}

export async function openAccountIds(db: Queryable): Promise<readonly string[]> {
  const rows = await db.query<{ id: string }>('select id from channel_accounts where closed_at is null order by id');
  return rows.map(({ id }) => id);
}

/** Secrets that end, by the one of each name that lasts longest: one that has a successor ends nothing. */
export async function endingSecretsOf(
  db: Queryable,
  accountId: string,
  at: Instant,
): Promise<readonly { readonly name: string; readonly endsAt: Instant }[]> {
  return db.query(
    `select field as name, max(valid_to) as "endsAt" from channel_secrets
     where account_id = $1 and valid_from <= $2::timestamptz + interval '60 days'
     group by field having bool_and(valid_to is not null) order by field`,
    [accountId, timestamp(at)],
  );
}

/** Whether nobody took it live: it was so from its first moment on. */
export async function wasBornLive(db: Queryable, accountId: string): Promise<boolean> {
  const rows = await db.query(kept('select from channel_accounts where id = $1 and live_at = created_at'), [accountId]);
  return rows.length > 0;
}
