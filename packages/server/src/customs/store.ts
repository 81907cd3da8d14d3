import type { QueryInstruction } from '../channels/contract/index.ts';
import type { Currency, Instant } from '../kernel/index.ts';
import type { RecordKey } from '../platform/commands.ts';
import type { Queryable } from '../platform/db.ts';
import { insertRows, updateRows } from '../platform/sql.ts';
import type { Declaration, DeclarationState, Summary } from './declaration.ts';
import type { Fact, FactBody, FactSource, FactTrust } from './facts.ts';
import { instructionFor } from './instruction.ts';
import type { Declared } from './instruction.ts';

type DeclarationRow = {
  bucket: number;
  id: string;
  payment_id: string;
  merchant_id: string;
  account_id: string;
  channel: string;
  place: string;
  child_order_no: string;
  order_no: string;
  waybill_no: string | null;
  trade_no: string;
  /** Absent where nobody asked for it. */
  paid_under?: string | null;
  request_no: string | null;
  customs_order_no: string;
  number_rule: Declaration['numberRule'];
  declared_minor: bigint;
  currency: string;
  customs_code: string;
  customs_name: string;
  is_split: boolean;
  paid_at: Instant;
  summary: Summary;
  state: DeclarationState;
  version: number;
};

function declarationOf(row: DeclarationRow): Declaration {
  return {
    bucket: row.bucket,
    id: row.id,
    paymentId: row.payment_id,
    merchantId: row.merchant_id,
    accountId: row.account_id,
    channel: row.channel,
    place: row.place,
    childOrderNo: row.child_order_no,
    orderNo: row.order_no,
    ...(row.waybill_no === null ? {} : { waybillNo: row.waybill_no }),
    tradeNo: row.trade_no,
    ...(typeof row.paid_under === 'string' ? { paidUnder: row.paid_under } : {}),
    ...(row.request_no === null ? {} : { requestNo: row.request_no }),
    customsOrderNo: row.customs_order_no,
    numberRule: row.number_rule,
    declared: { minor: row.declared_minor, currency: row.currency as Currency },
    customsCode: row.customs_code,
    customsName: row.customs_name,
    isSplit: row.is_split,
    paidAt: row.paid_at,
    summary: row.summary,
    state: row.state,
    version: row.version,
  };
}

const declarationColumns = {
  bucket: 'int2',
  id: 'uuid',
  payment_id: 'uuid',
  merchant_id: 'text',
  account_id: 'text',
  channel: 'text',
  place: 'text',
  child_order_no: 'text',
  order_no: 'text',
  waybill_no: 'text',
  trade_no: 'text',
  request_no: 'text',
  customs_order_no: 'text',
  number_rule: 'text',
  declared_minor: 'int8',
  currency: 'text',
  customs_code: 'text',
  customs_name: 'text',
  is_split: 'bool',
  paid_at: 'timestamptz',
  summary: 'jsonb',
  state: 'text',
  version: 'int4',
} as const;

const ownNames = Object.keys(declarationColumns).map((name) => `d.${name}`);
const declarationNames = [...ownNames, 'a.serial_no as paid_under'].join(', ');
const bareNames = ownNames.join(', ');

/** The attempt that settled the payment, where we collected it. */
const settledBy = `left join payments p on p.bucket = d.bucket and p.id = d.payment_id
  left join payment_attempts a on a.bucket = p.bucket and a.id = p.settled_by`;

const keySet = 'unnest($1::int2[], $2::uuid[]) as t(bucket, id)';

function keyValues(keys: readonly RecordKey[]): [number[], string[]] {
  return [keys.map((key) => key.bucket), keys.map((key) => key.id)];
}

const byKeys = (names: string, more: string): string =>
  `select ${names} from ${keySet} join customs_declarations d on d.bucket = t.bucket and d.id = t.id ${more}`;

export async function findDeclarations(db: Queryable, keys: readonly RecordKey[]): Promise<Declaration[]> {
  return (await db.query<DeclarationRow>(byKeys(declarationNames, settledBy), keyValues(keys))).map(declarationOf);
}

/** The same without `paidUnder`, for those who hear of them or sort them, by the ten thousand: they send nothing and need no serial number. */
export async function findDeclarationsBare(db: Queryable, keys: readonly RecordKey[]): Promise<Declaration[]> {
  return (await db.query<DeclarationRow>(byKeys(bareNames, ''), keyValues(keys))).map(declarationOf);
}

/** The request numbers of those declarations that have one, by declaration id. */
export async function findInstructions(
  db: Queryable,
  keys: readonly RecordKey[],
): Promise<Map<string, QueryInstruction>> {
  const rows = await db.query<
    Omit<Declared, 'paidUnder'> & { id: string; requestNo: string; paidUnder: string | null }
  >(
    `select d.id, a.serial_no as "paidUnder", d.request_no as "requestNo", d.order_no as "orderNo", d.trade_no as "tradeNo", d.place, d.is_split as "isSplit",
       d.number_rule as "numberRule", d.customs_order_no as "customsOrderNo", d.child_order_no as "childOrderNo"
     from ${keySet}
       join customs_declarations d on d.bucket = t.bucket and d.id = t.id and d.request_no is not null ${settledBy}`,
    keyValues(keys),
  );
  return new Map(
    rows.map(({ id, requestNo, paidUnder, ...declared }) => [
      id,
      instructionFor(requestNo, { ...declared, ...(paidUnder === null ? {} : { paidUnder }) }),
    ]),
  );
}

/** Keys of a merchant's declarations in the order of buckets and ids, from a key on. */
export async function listDeclarationKeys(
  db: Queryable,
  merchantId: string,
  limit: number,
  after: RecordKey = { bucket: -1, id: '00000000-0000-0000-0000-000000000000' },
): Promise<RecordKey[]> {
  return db.query<{ bucket: number; id: string }>(
    `select bucket, id from customs_declarations
     where merchant_id = $1 and (bucket, id) > ($2::int2, $3::uuid) order by bucket, id limit $4`,
    [merchantId, after.bucket, after.id, limit],
  );
}

/** Where those of these payments are declared that are declared more than once: one leg for each place and child order. */
export async function findLegs(
  db: Queryable,
  keys: readonly RecordKey[],
): Promise<{ paymentId: string; childOrderNo: string; place: string }[]> {
  return db.query(
    `with legs as (
       select d.payment_id as "paymentId", d.child_order_no as "childOrderNo", d.place,
         count(*) over (partition by d.bucket, d.payment_id) as n
       from ${keySet} join customs_declarations d on d.bucket = t.bucket and d.payment_id = t.id
     )
     select "paymentId", "childOrderNo", place from legs where n > 1`,
    keyValues(keys),
  );
}

/** All declarations of these orders, whatever place or child order. */
export async function findDeclarationsOfPayments(db: Queryable, keys: readonly RecordKey[]): Promise<Declaration[]> {
  const rows = await db.query<DeclarationRow>(
    `select ${declarationNames} from ${keySet} join customs_declarations d on d.bucket = t.bucket and d.payment_id = t.id ${settledBy}`,
    keyValues(keys),
  );
  return rows.map(declarationOf);
}

export async function insertDeclarations(
  tx: Queryable,
  declarations: readonly Declaration[],
  at: Instant,
): Promise<void> {
  const rows = [...declarations]
    .sort((a, b) => a.bucket - b.bucket || (a.id < b.id ? -1 : 1))
    .map((declaration) => ({
      bucket: declaration.bucket,
      id: declaration.id,
      payment_id: declaration.paymentId,
      merchant_id: declaration.merchantId,
      account_id: declaration.accountId,
      channel: declaration.channel,
      place: declaration.place,
      child_order_no: declaration.childOrderNo,
      order_no: declaration.orderNo,
      waybill_no: declaration.waybillNo,
      trade_no: declaration.tradeNo,
      request_no: declaration.requestNo,
      customs_order_no: declaration.customsOrderNo,
      number_rule: declaration.numberRule,
      declared_minor: declaration.declared.minor,
      currency: declaration.declared.currency,
      customs_code: declaration.customsCode,
      customs_name: declaration.customsName,
      is_split: declaration.isSplit,
      paid_at: declaration.paidAt,
      summary: declaration.summary,
      state: declaration.state,
      version: declaration.version,
      created_at: at,
    }));
  await insertRows(tx, 'customs_declarations', { ...declarationColumns, created_at: 'timestamptz' }, rows);
}

const summaryColumns = { bucket: 'int2', id: 'uuid', version: 'int4', summary: 'jsonb', state: 'text' } as const;
const numberedColumns = {
  ...summaryColumns,
  request_no: 'text',
  customs_order_no: 'text',
  number_rule: 'text',
} as const;
const ifUnchanged = { match: ['version'], set: 'version = target.version + 1', returning: 'target.id' } as const;

const writtenIds = (rows: readonly { readonly [name: string]: unknown }[]): Set<string> =>
  new Set(rows.map(({ id }) => id as string));

/** Writes what a declaration's facts amount to, where nobody else has since it was read. Returns the ids that were written. */
export async function updateSummaries(tx: Queryable, declarations: readonly Declaration[]): Promise<Set<string>> {
  const rows = declarations.map(({ bucket, id, version, summary, state }) => ({ bucket, id, version, summary, state }));
  return writtenIds(await updateRows(tx, 'customs_declarations', summaryColumns, ['bucket', 'id'], rows, ifUnchanged));
}

/** The same, and the numbers that were chosen for it. */
export async function updateDeclarations(tx: Queryable, declarations: readonly Declaration[]): Promise<Set<string>> {
  const rows = declarations.map((declaration) => ({
    bucket: declaration.bucket,
    id: declaration.id,
    version: declaration.version,
    summary: declaration.summary,
    state: declaration.state,
    request_no: declaration.requestNo,
    customs_order_no: declaration.customsOrderNo,
    number_rule: declaration.numberRule,
  }));
  return writtenIds(await updateRows(tx, 'customs_declarations', numberedColumns, ['bucket', 'id'], rows, ifUnchanged));
}

/** Guards request numbers across buckets. Returns the declaration ids whose number another declaration has. */
export async function claimRequestNos(tx: Queryable, declarations: readonly Declaration[]): Promise<Set<string>> {
  const columns = { account_id: 'text', request_no: 'text', bucket: 'int2', declaration_id: 'uuid' } as const;
  const asking = declarations.filter((declaration) => declaration.requestNo !== undefined);
  const rows = [...asking]
    .sort((a, b) => (a.accountId + a.requestNo < b.accountId + b.requestNo ? -1 : 1))
    .map((declaration) => ({
      account_id: declaration.accountId,
      request_no: declaration.requestNo,
      bucket: declaration.bucket,
      declaration_id: declaration.id,
    }));
  const claimed = await insertRows<typeof columns, { declaration_id: string }>(
    tx,
    'channel_requests',
    columns,
    rows,
    'on conflict (account_id, request_no) do nothing returning declaration_id',
  );
  const won = new Set(claimed.map((row) => row.declaration_id));
  return new Set(asking.filter((declaration) => !won.has(declaration.id)).map((declaration) => declaration.id));
}

export type FactOf = { readonly key: RecordKey; readonly fact: Fact; readonly digest: string };

const factColumns = {
  bucket: 'int2',
  id: 'uuid',
  declaration_id: 'uuid',
  kind: 'text',
  source: 'text',
  happened_at: 'timestamptz',
  heard_at: 'timestamptz',
  trust: 'text',
  exchange_bucket: 'int2',
  exchange_id: 'uuid',
  body: 'jsonb',
  digest: 'text',
  last_seen_at: 'timestamptz',
} as const;

/** Appends facts. One that is there already, by its digest, only counts as seen once more. */
export async function insertFacts(tx: Queryable, facts: readonly FactOf[]): Promise<void> {
  const single = new Map(facts.map((item) => [`${item.key.id}/${item.digest}`, item]));
  const rows = [...single.values()]
    .sort((a, b) => a.key.bucket - b.key.bucket || (a.key.id + a.digest < b.key.id + b.digest ? -1 : 1))
    .map(({ key, fact, digest }) => ({
      bucket: key.bucket,
      id: fact.id,
      declaration_id: key.id,
      kind: fact.body.kind,
      source: fact.source,
      happened_at: fact.happenedAt,
      heard_at: fact.heardAt,
      trust: fact.trust,
      exchange_bucket: fact.exchange?.bucket,
      exchange_id: fact.exchange?.id,
      body: fact.body,
      digest,
      last_seen_at: fact.heardAt,
    }));
  await insertRows(
    tx,
    'customs_facts',
    factColumns,
    rows,
    `on conflict (bucket, declaration_id, digest) do update
       set seen_count = customs_facts.seen_count + 1, last_seen_at = greatest(customs_facts.last_seen_at, excluded.last_seen_at)`,
  );
}

/** The channel told the same as the last time: the fact is seen once more. */
export async function countFactsAgain(
  tx: Queryable,
  seen: readonly { readonly bucket: number; readonly factId: string; readonly at: Instant; readonly times: number }[],
): Promise<void> {
  const columns = { bucket: 'int2', id: 'uuid', last_seen_at: 'timestamptz', times: 'int4' } as const;
  if (seen.length === 0) return;
  const sorted = [...seen].sort((a, b) => a.bucket - b.bucket || (a.factId < b.factId ? -1 : 1));
  await tx.query(
    `update customs_facts f set seen_count = f.seen_count + t.times, last_seen_at = greatest(f.last_seen_at, t.last_seen_at)
     from unnest($1::int2[], $2::uuid[], $3::timestamptz[], $4::int4[]) as t(${Object.keys(columns).join(', ')})
     where f.bucket = t.bucket and f.id = t.id`,
    [
      sorted.map((one) => one.bucket),
      sorted.map((one) => one.factId),
      sorted.map((one) => new Date(one.at).toISOString()),
      sorted.map((one) => one.times),
    ],
  );
}

type FactRow = {
  bucket: number;
  id: string;
  declaration_id: string;
  source: FactSource;
  happened_at: Instant;
  heard_at: Instant;
  trust: FactTrust;
  exchange_bucket: number | null;
  exchange_id: string | null;
  body: FactBody;
  seen_count: number;
  last_seen_at: Instant;
};

export type KeptFact = Fact & {
  readonly declarationId: string;
  readonly seenCount: number;
  readonly lastSeenAt: Instant;
};

/** The facts of these declarations in the order in which we heard them. */
export async function findFacts(db: Queryable, keys: readonly RecordKey[]): Promise<KeptFact[]> {
  const rows = await db.query<FactRow>(
    `select f.* from ${keySet} join customs_facts f on f.bucket = t.bucket and f.declaration_id = t.id
     order by f.heard_at, f.id`,
    keyValues(keys),
  );
  return rows.map((row) => ({
    id: row.id,
    declarationId: row.declaration_id,
    source: row.source,
    trust: row.trust,
    happenedAt: row.happened_at,
    heardAt: row.heard_at,
    ...(row.exchange_id === null || row.exchange_bucket === null
      ? {}
      : { exchange: { bucket: row.exchange_bucket, id: row.exchange_id } }),
    body: row.body,
    seenCount: row.seen_count,
    lastSeenAt: row.last_seen_at,
  }));
}

/** Records by the payment number that was pushed: payment receipts carry no order number. */
export async function findByPushedPaymentNos(
  db: Queryable,
  merchantId: string,
  numbers: readonly string[],
): Promise<{ number: string; key: RecordKey }[]> {
  const rows = await db.query<{ normal_form: string; bucket: number; record: string }>(
    // A split declaration is pushed under a number of its own: a receipt for the trade number is not about it.
    `select n.normal_form, n.bucket, n.record from numbers n
       join customs_declarations d on d.bucket = n.bucket and d.id = n.record
     where n.merchant_id = $1 and n.normal_form = any($2::text[])
       and (n.kind = 'pushed_payment' or (n.kind = 'trade' and not d.is_split and d.number_rule <> 'child'))`,
    [merchantId, numbers],
  );
  return rows.map((row) => ({ number: row.normal_form, key: { bucket: row.bucket, id: row.record } }));
}
