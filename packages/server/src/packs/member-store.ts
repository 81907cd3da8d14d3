import { findIncident, listMembers } from '../incidents/index.ts';
import type { Instant } from '../kernel/index.ts';
import type { RecordKey } from '../platform/commands.ts';
import type { Queryable } from '../platform/db.ts';

const keySet = 'unnest($1::int2[], $2::uuid[]) as t(bucket, id)';
const keyValues = (keys: readonly RecordKey[]): [number[], string[]] => [
  keys.map((key) => key.bucket),
  keys.map((key) => key.id),
];

/** What a pack is made of. */
export type Source = {
  readonly id: string;
  readonly kind: 'report' | 'plan' | 'incident';
  readonly merchantId: string;
};

export async function findSource(db: Queryable, id: string): Promise<Source | undefined> {
  const [row] = await db.query<{ kind: Source['kind']; merchant_id: string }>(
    `select 'report' as kind, merchant_id from port_reports where id = $1
     union all select 'plan', merchant_id from plans where id = $1`,
    [id],
  );
  if (row) return { id, kind: row.kind, merchantId: row.merchant_id };
  const incident = await findIncident(db, id);
  return incident && { id, kind: 'incident', merchantId: incident.merchantId };
}

export type SourceMember = {
  readonly key: RecordKey;
  /** The payment number that the port's list names. */
  readonly rowTradeNo: string | undefined;
  /** Where the page after it begins. */
  readonly place: { readonly at: number; readonly id: string };
};

const membersOf: Readonly<Record<Exclude<Source['kind'], 'incident'>, string>> = {
  report: `select m.bucket, m.declaration_id, m.line as at, m.row_trade_no from port_report_members m
    where m.report_id = $1 and (m.line, m.declaration_id) > ($2::int4, $3::uuid) order by m.line, m.declaration_id limit $4`,
  plan: `select i.bucket, i.declaration_id, i.position as at, m.row_trade_no
    from plan_items i join plans p on p.id = i.plan_id
      left join port_report_members m on m.bucket = i.bucket and m.report_id = p.report_id and m.declaration_id = i.declaration_id
    where i.plan_id = $1 and (i.position, i.declaration_id) > ($2::int4, $3::uuid) order by i.position, i.declaration_id limit $4`,
};

/** Members in the order of their source, from behind a place on. */
export async function findSourceMembers(
  db: Queryable,
  source: Source,
  after: SourceMember['place'] | undefined,
  limit: number,
): Promise<SourceMember[]> {
  if (source.kind === 'incident') return findIncidentMembers(db, source.id, after, limit);
  type DbRow = { bucket: number; declaration_id: string; at: number; row_trade_no: string | null };
  const from = after ?? { at: 0, id: '00000000-0000-0000-0000-000000000000' };
  const rows = await db.query<DbRow>(membersOf[source.kind], [source.id, from.at, from.id, limit]);
  return rows.map((row) => ({
    key: { bucket: row.bucket, id: row.declaration_id },
    rowTradeNo: row.row_trade_no ?? undefined,
    place: { at: row.at, id: row.declaration_id },
  }));
}

async function findIncidentMembers(
  db: Queryable,
  id: string,
  after: SourceMember['place'] | undefined,
  limit: number,
): Promise<SourceMember[]> {
  const from = after && { acceptedAt: after.at as Instant, id: after.id };
  const found = await listMembers(db, id, limit, from);
  return found.map((member) => ({
    key: { bucket: member.bucket, id: member.id },
    rowTradeNo: undefined,
    place: { at: member.acceptedAt, id: member.id },
  }));
}

/** A call that was answered, as it was kept. */
export type KeptCall = {
  readonly declarationId: string;
  readonly bucket: number;
  readonly exchangeId: string;
  readonly operation: string;
  readonly createdAt: Instant;
  readonly heardAt: Instant | undefined;
  readonly httpStatus: number | undefined;
};

type CallDbRow = {
  subject: string;
  bucket: number;
  id: string;
  operation: string;
  created_at: Instant;
  heard_at: Instant | null;
  http_status: number | null;
};

const callColumns = 'e.bucket, e.id, e.operation, e.created_at, a.heard_at, a.http_status';

function callOf(row: CallDbRow): KeptCall {
  return {
    declarationId: row.subject,
    bucket: row.bucket,
    exchangeId: row.id,
    operation: row.operation,
    createdAt: row.created_at,
    heardAt: row.heard_at ?? undefined,
    httpStatus: row.http_status ?? undefined,
  };
}

/** The last query about each of these that was answered. */
export async function findLastQueries(db: Queryable, keys: readonly RecordKey[]): Promise<Map<string, KeptCall>> {
  const rows = await db.query<CallDbRow>(
    `select t.id as subject, c.* from ${keySet} cross join lateral (
       select ${callColumns} from exchange_subjects s
         join exchanges e on e.bucket = s.exchange_bucket and e.id = s.exchange_id
         join exchange_answers a on a.bucket = e.bucket and a.exchange_id = e.id and a.kind = 'answered'
       where s.bucket = t.bucket and s.subject = t.id and s.operation = 'customs.query'
       order by s.try desc limit 1) c`,
    keyValues(keys),
  );
  return new Map(rows.map((row) => [row.subject, callOf(row)]));
}

/** Every push of these, answered or not, in the order of time. */
export async function findPushes(db: Queryable, keys: readonly RecordKey[]): Promise<KeptCall[]> {
  const rows = await db.query<CallDbRow>(
    `select s.subject, ${callColumns} from ${keySet}
       join exchange_subjects s on s.bucket = t.bucket and s.subject = t.id and s.operation = 'customs.declare'
       join exchanges e on e.bucket = s.exchange_bucket and e.id = s.exchange_id
       left join exchange_answers a on a.bucket = e.bucket and a.exchange_id = e.id
     order by e.created_at, e.id`,
    keyValues(keys),
  );
  return rows.map(callOf);
}

/** The latest push of each that a plan made: by which plan, and what it is known to have done. */
export type Tried = { readonly planId: string; readonly evidence: string | undefined };

export async function findTried(db: Queryable, keys: readonly RecordKey[]): Promise<Map<string, Tried>> {
  const rows = await db.query<{ declaration_id: string; plan_id: string; evidence: string | null }>(
    `select distinct on (i.bucket, i.declaration_id) i.declaration_id, i.plan_id, i.evidence from ${keySet}
       join plan_items i on i.bucket = t.bucket and i.declaration_id = t.id and i.pushed_at is not null
     order by i.bucket, i.declaration_id, i.pushed_at desc`,
    keyValues(keys),
  );
  return new Map(rows.map((row) => [row.declaration_id, { planId: row.plan_id, evidence: row.evidence ?? undefined }]));
}

/** Those that a plan pushes, holds back, or waits for. What is in a plan that ended is not among them, once it was judged. */
export async function findUnderWay(db: Queryable, keys: readonly RecordKey[]): Promise<ReadonlySet<string>> {
  const rows = await db.query<{ declaration_id: string }>(
    `select i.declaration_id from ${keySet}
       join plan_items i on i.bucket = t.bucket and i.declaration_id = t.id and i.state in ('held', 'due', 'pushing', 'pushed')`,
    keyValues(keys),
  );
  return new Set(rows.map((row) => row.declaration_id));
}

export type SealedCall = { readonly exchangeId: string; readonly request: Buffer; readonly answer: Buffer | undefined };

/** What was sent and heard, still sealed. */
export async function findSealed(
  db: Queryable,
  calls: readonly Pick<KeptCall, 'bucket' | 'exchangeId'>[],
): Promise<SealedCall[]> {
  const rows = await db.query<{ id: string; request: Buffer; answer: Buffer | null }>(
    `select e.id, e.request, a.answer from ${keySet} join exchanges e on e.bucket = t.bucket and e.id = t.id
       left join exchange_answers a on a.bucket = e.bucket and a.exchange_id = e.id`,
    [calls.map((call) => call.bucket), calls.map((call) => call.exchangeId)],
  );
  return rows.map((row) => ({ exchangeId: row.id, request: row.request, answer: row.answer ?? undefined }));
}

/** Declarations of a group by when the channel took them, and how many of them port or customs know nothing of. */
export type Bar = { readonly at: Instant; readonly accepted: number; readonly missing: number };

export type Group = {
  readonly merchantId: string;
  readonly channels: readonly string[];
  readonly places: readonly string[];
};

export async function findBars(
  db: Queryable,
  { merchantId, channels, places }: Group,
  from: Instant,
  until: Instant,
  widthMs: number,
): Promise<Bar[]> {
  const rows = await db.query<{ at: Instant; accepted: bigint; missing: bigint }>(
    `select date_bin($4::interval, accepted_at, $5::timestamptz) as at, count(*) as accepted,
       count(*) filter (where state not in ('at_eport', 'at_customs', 'released', 'closed', 'rejected')) as missing
     from customs_declarations
     where merchant_id = $1 and channel = any($2::text[]) and place = any($3::text[])
       and accepted_at >= $5::timestamptz and accepted_at < $6::timestamptz
     group by 1 order by 1`,
    [
      merchantId,
      channels,
      places,
      `${widthMs} milliseconds`,
      new Date(from).toISOString(),
      new Date(until).toISOString(),
    ],
  );
  return rows.map((row) => ({ at: row.at, accepted: Number(row.accepted), missing: Number(row.missing) }));
}
