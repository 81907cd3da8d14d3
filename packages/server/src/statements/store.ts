import type { BusinessDate, Instant } from '../kernel/index.ts';
import { timestamp } from '../platform/db.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import { insertRows, unnest, updateRows } from '../platform/sql.ts';
import type { PlannedDays } from './days.ts';
import { nameOf } from './statement.ts';
import type { DayState, StatementDay } from './statement.ts';

type DayRow = {
  bucket: number;
  id: string;
  account_id: string;
  merchant_id: string;
  kind: string;
  day: BusinessDate;
  state: DayState;
  why: string;
  ready_at: Instant;
  late_at: Instant;
  asked_at: Instant | null;
  failures: number;
  empties: number;
  statement_id: string | null;
};

const dayOf = (row: DayRow): StatementDay => ({
  ...{ bucket: row.bucket, id: row.id, accountId: row.account_id, merchantId: row.merchant_id, kind: row.kind },
  ...{ day: row.day, state: row.state, why: row.why, readyAt: row.ready_at, lateAt: row.late_at },
  ...{ askedAt: row.asked_at ?? undefined, failures: row.failures, empties: row.empties },
  statementId: row.statement_id ?? undefined,
});

const shown = `d.bucket, d.id, d.account_id, d.merchant_id, d.kind, d.day, d.state, d.why, d.ready_at, d.late_at, d.asked_at,
  d.failures, d.empties, d.statement_id`;

export type NewDay = Pick<
  StatementDay,
  'bucket' | 'id' | 'accountId' | 'merchantId' | 'kind' | 'day' | 'readyAt' | 'lateAt'
>;

const dayColumns = {
  bucket: 'int2',
  id: 'uuid',
  account_id: 'text',
  merchant_id: 'text',
  kind: 'text',
  day: 'date',
  state: 'text',
  ready_at: 'timestamptz',
  late_at: 'timestamptz',
} as const;

/** Those that are there already stay as they are. @returns the ids of those that were not. */
export async function insertDays(tx: Tx, given: readonly NewDay[]): Promise<ReadonlySet<string>> {
  const sorted = [...given].sort((a, b) => a.bucket - b.bucket || (a.id < b.id ? -1 : 1));
  const fresh = await insertRows<typeof dayColumns, { id: string }>(
    tx,
    'statement_days',
    dayColumns,
    sorted.map(({ bucket, id, accountId, merchantId, kind, day, readyAt, lateAt }) => ({
      ...{ bucket, id, account_id: accountId, merchant_id: merchantId, kind, day, state: 'due' },
      ...{ ready_at: readyAt, late_at: lateAt },
    })),
    'on conflict (account_id, kind, day) do nothing returning id',
  );
  return new Set(fresh.map(({ id }) => id));
}

const nameColumns = { account_id: 'text', kind: 'text', day: 'date' } as const;

/** By what they are of, and not by the ids that they were given: somebody else may have made them first. */
export async function findDays(
  db: Queryable,
  names: readonly Pick<StatementDay, 'accountId' | 'kind' | 'day'>[],
): Promise<readonly StatementDay[]> {
  const set = unnest(
    nameColumns,
    names.map(({ accountId, kind, day }) => ({ account_id: accountId, kind, day })),
  );
  const rows = await db.query<DayRow>(
    `select ${shown} from ${set.sql}
       join statement_days d on d.account_id = t.account_id and d.kind = t.kind and d.day = t.day
     order by d.day, d.kind`,
    set.values,
  );
  return rows.map(dayOf);
}

export type DayKey = { readonly bucket: number; readonly id: string };
const keyColumns = { bucket: 'int2', id: 'uuid' } as const;

export async function loadDays(db: Queryable, keys: readonly DayKey[]): Promise<ReadonlyMap<string, StatementDay>> {
  const set = unnest(
    keyColumns,
    keys.map(({ bucket, id }) => ({ bucket, id })),
  );
  const rows = await db.query<DayRow>(
    `select ${shown} from ${set.sql} join statement_days d on d.bucket = t.bucket and d.id = t.id`,
    set.values,
  );
  return new Map(rows.map((row) => [row.id, dayOf(row)]));
}

/** The same, held until the transaction ends: two that take a file of one day come one after the other. */
export async function lockDay(tx: Tx, { bucket, id }: DayKey): Promise<StatementDay | undefined> {
  const [row] = await tx.query<DayRow>(
    `select ${shown} from statement_days d where d.bucket = $1 and d.id = $2 for update`,
    [bucket, id],
  );
  return row && dayOf(row);
}

export type DaysAsked = {
  readonly merchants: readonly string[] | 'all';
  readonly accountId?: string;
  readonly kinds?: readonly string[];
  readonly from?: BusinessDate;
  readonly to?: BusinessDate;
  /** Only those that are not here and should be. */
  readonly lateAt?: Instant;
  readonly limit: number;
  readonly after?: { readonly day: BusinessDate; readonly id: string };
};

/** The newest day first. */
export async function listDays(db: Queryable, asked: DaysAsked): Promise<readonly StatementDay[]> {
  const { merchants, accountId, kinds, from, to, lateAt, limit, after } = asked;
  const rows = await db.query<DayRow>(
    `select ${shown} from statement_days d
     where ($1::text[] is null or d.merchant_id = any($1)) and ($2::text is null or d.account_id = $2)
       and ($3::text[] is null or d.kind = any($3)) and ($4::date is null or d.day >= $4) and ($5::date is null or d.day <= $5)
       and ($6::timestamptz is null or (d.late_at <= $6 and d.state not in ('received', 'empty')))
       and ($7::date is null or (d.day, d.id) < ($7, $8::uuid))
     order by d.day desc, d.id desc limit $9`,
    [
      ...[merchants === 'all' ? null : merchants, accountId ?? null, kinds ?? null, from ?? null, to ?? null],
      ...[lateAt === undefined ? null : timestamp(lateAt), after?.day ?? null, after?.id ?? null, limit],
    ],
  );
  return rows.map(dayOf);
}

/** When the next day that is not here yet becomes late. */
export async function nextLateAt(db: Queryable, at: Instant): Promise<Instant | undefined> {
  const [row] = await db.query<{ late_at: Instant | null }>(
    `select min(late_at) as late_at from statement_days where state not in ('received', 'empty') and late_at > $1`,
    [timestamp(at)],
  );
  return row?.late_at ?? undefined;
}

/** How many of them somebody works on at this moment: what is asked again later does not count. */
export async function countDue(db: Queryable, days: readonly DayKey[], at: Instant): Promise<number> {
  const set = unnest(
    keyColumns,
    days.map(({ bucket, id }) => ({ bucket, id })),
    2,
  );
  const rows = await db.query(
    `select from ${set.sql} where exists (select from jobs j where j.bucket = t.bucket and j.subject = t.id
       and j.wanted > j.done and j.due_at <= $1)`,
    [timestamp(at), ...set.values],
  );
  return rows.length;
}

/** Days that became late and that nobody was told of, in the order in which lists lock; from now on somebody is. */
export async function takeLate(tx: Tx, at: Instant): Promise<readonly StatementDay[]> {
  const rows = await tx.query<DayRow>(
    `update statement_days d set late_told = true
     where d.late_at <= $1 and d.state not in ('received', 'empty') and not d.late_told returning ${shown}`,
    [timestamp(at)],
  );
  return rows.map(dayOf).sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

/** False: somebody was told already. */
export async function takeUntold(tx: Tx, { bucket, id }: DayKey): Promise<boolean> {
  const rows = await tx.query(
    'update statement_days set late_told = true where bucket = $1 and id = $2 and not late_told returning id',
    [bucket, id],
  );
  return rows.length > 0;
}

export type HeardDay = DayKey &
  Pick<StatementDay, 'state' | 'why' | 'failures' | 'empties'> & { readonly askedAt: Instant };

/** A day that was believed to be empty and is missing again was told to nobody. */
const toldAgain = `late_told = target.late_told and not (target.state = 'empty' and t.state = 'waiting')`;

export async function saveHeard(tx: Tx, heard: readonly HeardDay[]): Promise<void> {
  const columns = {
    ...keyColumns,
    ...({ state: 'text', why: 'text', failures: 'int4', empties: 'int4', asked_at: 'timestamptz' } as const),
  };
  const rows = heard.map(({ askedAt, bucket, id, state, why, failures, empties }) => ({
    ...{ bucket, id, state, why: why.slice(0, 300), failures, empties, asked_at: askedAt },
  }));
  await updateRows(tx, 'statement_days', columns, ['bucket', 'id'], rows, { set: toldAgain });
}

export type KeptAddress = {
  readonly sealed: Uint8Array;
  readonly digest: string;
  readonly at: Instant;
  readonly exchangeId: string;
};

export async function saveAddress(tx: Tx, { bucket, id }: DayKey, address: KeptAddress | undefined): Promise<void> {
  await tx.query(
    `update statement_days set address = $3, address_digest = $4, address_at = $5, address_exchange = $6
     where bucket = $1 and id = $2`,
    [
      ...[bucket, id, address ? Buffer.from(address.sealed) : null, address?.digest ?? null],
      ...[address ? timestamp(address.at) : null, address?.exchangeId ?? null],
    ],
  );
}

export async function findAddress(db: Queryable, { bucket, id }: DayKey): Promise<KeptAddress | undefined> {
  const [row] = await db.query<{
    address: Buffer | null;
    address_digest: string | null;
    address_at: Instant | null;
    address_exchange: string | null;
  }>('select address, address_digest, address_at, address_exchange from statement_days where bucket = $1 and id = $2', [
    bucket,
    id,
  ]);
  if (!row?.address || row.address_digest === null || row.address_at === null || row.address_exchange === null)
    return undefined;
  const { address: sealed, address_digest: digest, address_at: at, address_exchange: exchangeId } = row;
  return { sealed, digest, at, exchangeId };
}

export type PlannedAccount = {
  readonly id: string;
  readonly channel: string;
  readonly merchantId: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly createdAt: Instant;
  /** Of each kind that has days. */
  readonly planned: Readonly<Record<string, PlannedDays>>;
};

/** Accounts that are open, with their days from that one on. One that is closed is asked about no more. */
export async function accountsToPlan(db: Queryable, from: BusinessDate): Promise<readonly PlannedAccount[]> {
  return db.query<PlannedAccount>(
    `select a.id, a.channel, a.merchant_id as "merchantId", a.settings, a.created_at as "createdAt",
       coalesce((select jsonb_object_agg(k.kind, jsonb_build_object('first', k.first, 'days', k.days)) from (
         select d.kind, min(d.day)::text as first, coalesce(jsonb_agg(d.day::text) filter (where d.day >= $1), '[]') as days
         from statement_days d where d.account_id = a.id group by d.kind) k), '{}') as "planned"
     from channel_accounts a where a.closed_at is null order by a.id`,
    [from],
  );
}
