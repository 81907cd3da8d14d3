import type { Instant } from '../kernel/index.ts';
import { timestamp } from '../platform/db.ts';
import type { Queryable } from '../platform/db.ts';
import { insertRows, updateRows } from '../platform/sql.ts';
import type { Findings, GroupKey, Incident, IncidentState, RestMember, Signal } from './incident.ts';

type IncidentRow = {
  id: string;
  merchant_id: string;
  account_id: string;
  channel: string;
  place: string;
  state: IncidentState;
  signals: readonly Signal[];
  onset_at: Instant;
  onset_within_minutes: number;
  seen_at: Instant;
  last_affected_at: Instant;
  usual: number;
  asked: number;
  silent: number;
  findings: Findings;
  quiet_since: Instant | null;
  sampled_at: Instant | null;
  owner: string | null;
  closed_at: Instant | null;
  closed_by: string | null;
  close_reason: string | null;
  rest: readonly RestMember[] | null;
};

function incidentOf(row: IncidentRow): Incident {
  return {
    id: row.id,
    merchantId: row.merchant_id,
    accountId: row.account_id,
    channel: row.channel,
    place: row.place,
    state: row.state,
    signals: row.signals,
    onsetAt: row.onset_at,
    onsetWithinMinutes: row.onset_within_minutes,
    seenAt: row.seen_at,
    lastAffectedAt: row.last_affected_at,
    usual: row.usual,
    asked: row.asked,
    silent: row.silent,
    findings: row.findings,
    quietSince: row.quiet_since ?? undefined,
    sampledAt: row.sampled_at ?? undefined,
    owner: row.owner ?? undefined,
    closedAt: row.closed_at ?? undefined,
    closedBy: row.closed_by ?? undefined,
    closeReason: row.close_reason ?? undefined,
    rest: row.rest ?? undefined,
  };
}

const columns = {
  id: 'text',
  merchant_id: 'text',
  account_id: 'text',
  channel: 'text',
  place: 'text',
  state: 'text',
  signals: 'jsonb',
  onset_at: 'timestamptz',
  onset_within_minutes: 'int4',
  seen_at: 'timestamptz',
  last_affected_at: 'timestamptz',
  usual: 'float8',
  asked: 'int4',
  silent: 'int4',
  findings: 'jsonb',
  quiet_since: 'timestamptz',
  sampled_at: 'timestamptz',
  owner: 'text',
  closed_at: 'timestamptz',
  closed_by: 'text',
  close_reason: 'text',
  rest: 'jsonb',
} as const;

const rowOf = (incident: Incident) => ({
  id: incident.id,
  merchant_id: incident.merchantId,
  account_id: incident.accountId,
  channel: incident.channel,
  place: incident.place,
  state: incident.state,
  signals: incident.signals,
  onset_at: incident.onsetAt,
  onset_within_minutes: incident.onsetWithinMinutes,
  seen_at: incident.seenAt,
  last_affected_at: incident.lastAffectedAt,
  usual: incident.usual,
  asked: incident.asked,
  silent: incident.silent,
  findings: incident.findings,
  quiet_since: incident.quietSince,
  sampled_at: incident.sampledAt,
  owner: incident.owner,
  closed_at: incident.closedAt,
  closed_by: incident.closedBy,
  close_reason: incident.closeReason,
  rest: incident.rest,
});

/** Returns the ids of those whose group had no open incident already. */
export async function insertIncidents(tx: Queryable, incidents: readonly Incident[]): Promise<ReadonlySet<string>> {
  const rows = await insertRows<typeof columns, { id: string }>(
    tx,
    'incidents',
    columns,
    incidents.map(rowOf),
    `on conflict (account_id, place) where state <> 'closed' do nothing returning id`,
  );
  return new Set(rows.map((row) => row.id));
}

/** What a look found out. The owner is a person's matter, and a closed incident stays as it is. */
export async function updateIncidents(tx: Queryable, incidents: readonly Incident[]): Promise<void> {
  const { owner: _owner, ...written } = columns;
  const rows = incidents.map((incident) => {
    const { owner: _person, ...row } = rowOf(incident);
    return row;
  });
  await updateRows(tx, 'incidents', written, ['id'], rows, { where: `target.state <> 'closed'` });
}

export async function saveOwner(tx: Queryable, id: string, owner: string): Promise<void> {
  await tx.query('update incidents set owner = $2 where id = $1', [id, owner]);
}

export async function lockIncident(tx: Queryable, id: string): Promise<Incident | undefined> {
  const [row] = await tx.query<IncidentRow>('select * from incidents where id = $1 for update', [id]);
  return row && incidentOf(row);
}

export async function findIncident(db: Queryable, id: string): Promise<Incident | undefined> {
  const [row] = await db.query<IncidentRow>('select * from incidents where id = $1', [id]);
  return row && incidentOf(row);
}

/** For the look: locked, so that a person's word and a look do not write over each other. */
export async function lockOpen(tx: Queryable): Promise<readonly Incident[]> {
  const rows = await tx.query<IncidentRow>(`select * from incidents where state <> 'closed' order by id for update`);
  return rows.map(incidentOf);
}

export type IncidentFilter = {
  readonly merchants: readonly string[] | 'all';
  readonly state?: 'open' | 'closed';
  readonly limit?: number;
};

/** Newest first. `open` includes those that are closing. */
export async function listIncidents(db: Queryable, filter: IncidentFilter): Promise<readonly Incident[]> {
  const rows = await db.query<IncidentRow>(
    `select * from incidents
     where ($1::text[] is null or merchant_id = any($1)) and ($2::text is null or (state = 'closed') = ($2 = 'closed'))
     order by seen_at desc, id desc limit $3`,
    [filter.merchants === 'all' ? null : filter.merchants, filter.state ?? null, Math.min(filter.limit ?? 100, 1000)],
  );
  return rows.map(incidentOf);
}

/** Earlier incidents of the same channel at the same place: what comes back is worth a word to the channel. */
export async function findPast(db: Queryable, incident: Incident): Promise<readonly Incident[]> {
  const rows = await db.query<IncidentRow>(
    `select * from incidents where merchant_id = $1 and channel = $2 and place = $3 and id <> $4 and onset_at < $5
     order by onset_at desc limit 20`,
    [incident.merchantId, incident.channel, incident.place, incident.id, timestamp(incident.onsetAt)],
  );
  return rows.map(incidentOf);
}

export type Size = {
  readonly members: number;
  readonly minor: number;
  readonly affected: number;
  readonly atCustoms: number;
};

/** Members are asked for, never stored: without an answer and accepted since the onset; once it is quiet, until the last affected minute. */
const isMember = `d.accepted_at < case when i.quiet_since is null and i.state = 'open' then 'infinity' else i.last_affected_at + interval '1 minute' end
  and (not d.answered or (d.reached < 3 and i.signals @> '[{"rule":"D2"}]'))`;
const isOfGroup = 'd.account_id = i.account_id and d.place = i.place and d.accepted_at >= i.onset_at';

/** How large the open incidents are, in one pass over the index. */
export async function findSizes(db: Queryable, ids: readonly string[]): Promise<ReadonlyMap<string, Size>> {
  if (ids.length === 0) return new Map();
  const affected = `d.accepted_at < i.last_affected_at + interval '1 minute'`;
  const rows = await db.query<{ id: string; members: number; minor: bigint; affected: number; at_customs: number }>(
    `select i.id, (count(*) filter (where ${isMember}))::int4 as members,
       coalesce(sum(d.declared_minor) filter (where ${isMember}), 0)::int8 as minor,
       (count(*) filter (where ${affected}))::int4 as affected,
       (count(*) filter (where ${affected} and d.reached >= 3))::int4 as at_customs
     from incidents i join customs_declarations d on ${isOfGroup}
     where i.id = any($1::text[]) group by i.id`,
    [ids],
  );
  return new Map(
    rows.map((row) => [
      row.id,
      { members: row.members, minor: Number(row.minor), affected: row.affected, atCustoms: row.at_customs },
    ]),
  );
}

/** Not at customs although it was accepted while the trouble lasted. */
export async function findRest(db: Queryable, id: string, limit: number): Promise<readonly RestMember[]> {
  const rows = await db.query<{ order_no: string; request_no: string | null; state: string }>(
    `select d.order_no, d.request_no, d.state from incidents i join customs_declarations d on ${isOfGroup}
     where i.id = $1 and d.accepted_at < i.last_affected_at + interval '1 minute' and d.reached < 3
     order by d.accepted_at, d.order_no limit $2`,
    [id, limit],
  );
  return rows.map((row) => ({ orderNo: row.order_no, requestNo: row.request_no, state: row.state }));
}

export type IncidentMember = {
  readonly bucket: number;
  readonly id: string;
  readonly orderNo: string;
  readonly childOrderNo: string;
  readonly requestNo: string | null;
  readonly tradeNo: string;
  readonly waybillNo: string | null;
  readonly place: string;
  readonly minor: number;
  readonly currency: string;
  readonly acceptedAt: Instant;
  readonly state: string;
  readonly lastAskedAt: Instant | null;
};

/** In the order of acceptance, from behind a member on. */
export async function listMembers(
  db: Queryable,
  id: string,
  limit: number,
  after?: { readonly acceptedAt: Instant; readonly id: string },
): Promise<readonly IncidentMember[]> {
  const rows = await db.query<{
    bucket: number;
    id: string;
    order_no: string;
    child_order_no: string;
    request_no: string | null;
    trade_no: string;
    waybill_no: string | null;
    place: string;
    declared_minor: bigint;
    currency: string;
    accepted_at: Instant;
    state: string;
    asked_at: Instant | null;
  }>(
    `select d.bucket, d.id, d.order_no, d.child_order_no, d.request_no, d.trade_no, d.waybill_no, d.place, d.declared_minor,
       d.currency, date_trunc('milliseconds', d.accepted_at) as accepted_at, d.state,
       to_timestamp((d.summary->>'lastAskedAt')::float8 / 1000) as asked_at
     from incidents i join customs_declarations d on ${isOfGroup}
     where i.id = $1 and ${isMember} and d.accepted_at >= $3
       and (date_trunc('milliseconds', d.accepted_at), d.id) > ($3::timestamptz, $4::uuid)
     order by date_trunc('milliseconds', d.accepted_at), d.id limit $2`,
    [id, limit, after ? timestamp(after.acceptedAt) : '-infinity', after?.id ?? '00000000-0000-0000-0000-000000000000'],
  );
  return rows.map((row) => ({
    bucket: row.bucket,
    id: row.id,
    orderNo: row.order_no,
    childOrderNo: row.child_order_no,
    requestNo: row.request_no,
    tradeNo: row.trade_no,
    waybillNo: row.waybill_no,
    place: row.place,
    minor: Number(row.declared_minor),
    currency: row.currency,
    acceptedAt: row.accepted_at,
    state: row.state,
    lastAskedAt: row.asked_at,
  }));
}

export type Separable = {
  readonly orderNo: string;
  readonly released: boolean;
  readonly waybillNo: string | undefined;
  readonly account: string;
  readonly place: string;
  readonly isSplit: boolean;
  readonly acceptedAt: Instant;
};

/** As many as are enough to see what separates: the oldest of them, which a run of the curve needs most. */
const separableMost = 20_000;

/** Those that can be judged, from an hour before the onset on: answered or not, and what could have decided it. */
export async function findSeparable(db: Queryable, incident: Incident): Promise<readonly Separable[]> {
  const rows = await db.query<{
    order_no: string;
    answered: boolean;
    waybill_no: string | null;
    account_id: string;
    place: string;
    is_split: boolean;
    accepted_at: Instant;
  }>(
    `select d.order_no, d.answered, d.waybill_no, d.account_id, d.place, d.is_split, d.accepted_at
     from incidents i join customs_declarations d
       on d.account_id = i.account_id and d.place = i.place and d.accepted_at >= i.onset_at - interval '1 hour'
         and d.accepted_at < i.last_affected_at + interval '1 hour'
     where i.id = $1 and (d.answered or d.waited >= 10) order by d.id limit $2`,
    [incident.id, separableMost],
  );
  return rows.map((row) => ({
    orderNo: row.order_no,
    released: row.answered,
    waybillNo: row.waybill_no ?? undefined,
    account: row.account_id,
    place: row.place,
    isSplit: row.is_split,
    acceptedAt: row.accepted_at,
  }));
}

export type ChartPoint = { readonly at: Instant; readonly accepted: number; readonly missing: number };

/** Accepted and unanswered by minute of acceptance, or by more of them, from an hour before the onset on. */
export async function findChart(
  db: Queryable,
  { accountId, place }: GroupKey,
  span: { readonly from: Instant; readonly to: Instant; readonly stepMinutes: number },
): Promise<readonly ChartPoint[]> {
  return db.query<ChartPoint & Record<string, unknown>>(
    `select date_bin(make_interval(mins => $5), d.accepted_at, $3) as at, count(*)::int4 as accepted,
       (count(*) filter (where not d.answered))::int4 as missing
     from customs_declarations d
     where d.account_id = $1 and d.place = $2 and d.accepted_at >= $3 and d.accepted_at < $4
     group by 1 order by 1`,
    [accountId, place, timestamp(span.from), timestamp(span.to), span.stepMinutes],
  );
}

export type AccountKey = { readonly accountId: string; readonly merchantId: string; readonly channel: string };

export async function findAccounts(db: Queryable): Promise<readonly AccountKey[]> {
  const rows = await db.query<{ id: string; merchant_id: string; channel: string }>(
    'select id, merchant_id, channel from channel_accounts where closed_at is null order by id',
  );
  return rows.map((row) => ({ accountId: row.id, merchantId: row.merchant_id, channel: row.channel }));
}
