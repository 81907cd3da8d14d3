import type { Instant } from '../kernel/index.ts';
import type { RecordKey } from '../platform/commands.ts';
import type { Queryable } from '../platform/db.ts';
import { normalForm } from '../platform/numbers.ts';
import type { Reach } from '../platform/story/index.ts';

const reachOf = (reach: Reach): readonly string[] | null => (reach === 'all' ? null : reach);
const keySet = 'unnest($1::int2[], $2::uuid[]) as t(bucket, id)';
const keyValues = (keys: readonly RecordKey[]): [number[], string[]] => [
  keys.map((key) => key.bucket),
  keys.map((key) => key.id),
];

export type FoundNumber = { readonly number: string; readonly kind: string; readonly key: RecordKey };

/** Records of customs that carry any of these numbers, at most `limit`. */
export async function findByNumbers(
  db: Queryable,
  reach: Reach,
  numbers: readonly string[],
  limit: number,
): Promise<FoundNumber[]> {
  const rows = await db.query<{ normal_form: string; kind: string; bucket: number; record: string }>(
    `select normal_form, kind, bucket, record from numbers
     where normal_form = any($1::text[]) and ($2::text[] is null or merchant_id = any($2))
       and kind in ('order', 'child_order', 'trade', 'waybill', 'request', 'pushed_payment')
     order by normal_form, bucket, record, kind limit $3`,
    [numbers.map(normalForm), reachOf(reach), limit],
  );
  return rows.map((row) => ({ number: row.normal_form, kind: row.kind, key: { bucket: row.bucket, id: row.record } }));
}

/** Declarations by id alone: one look per bucket, as every key begins with it. */
export async function findByIds(db: Queryable, reach: Reach, ids: readonly string[]): Promise<RecordKey[]> {
  return db.query<{ bucket: number; id: string }>(
    `select d.bucket, d.id from generate_series(0, 999) as b(bucket)
       join customs_declarations d on d.bucket = b.bucket::int2 and d.id = any($1::uuid[])
     where $2::text[] is null or d.merchant_id = any($2)`,
    [ids, reachOf(reach)],
  );
}

export type PlanLine = {
  readonly declarationId: string;
  readonly planId: string;
  readonly planKind: 'repush' | 'declare_anew';
  readonly approvalId: string;
  readonly planState: string;
  readonly size: number;
  readonly position: number;
  readonly madeBy: string;
  readonly madeAt: Instant;
  readonly state: string;
  readonly why: string;
  readonly before: unknown;
  readonly pushedAt: Instant | undefined;
  readonly pushes: number;
  readonly evidence: string | undefined;
  readonly unsigned: boolean;
  readonly judgedAt: Instant | undefined;
};

export async function findPlanLines(db: Queryable, keys: readonly RecordKey[]): Promise<PlanLine[]> {
  type DbRow = {
    declaration_id: string;
    plan_id: string;
    plan_kind: PlanLine['planKind'];
    approval_id: string;
    plan_state: string;
    size: number;
    position: number;
    made_by: string;
    made_at: Instant;
    state: string;
    why: string;
    before: unknown;
    pushed_at: Instant | null;
    pushes: number;
    evidence: string | null;
    unsigned: boolean;
    judged_at: Instant | null;
  };
  const rows = await db.query<DbRow>(
    `select i.*, p.kind as plan_kind, p.approval_id, p.state as plan_state, p.size, p.made_by, p.made_at
     from ${keySet} join plan_items i on i.bucket = t.bucket and i.declaration_id = t.id join plans p on p.id = i.plan_id
     order by p.made_at, p.id`,
    keyValues(keys),
  );
  return rows.map((row) => ({
    declarationId: row.declaration_id,
    planId: row.plan_id,
    planKind: row.plan_kind,
    approvalId: row.approval_id,
    planState: row.plan_state,
    size: row.size,
    position: row.position,
    madeBy: row.made_by,
    madeAt: row.made_at,
    state: row.state,
    why: row.why,
    before: row.before,
    pushedAt: row.pushed_at ?? undefined,
    pushes: row.pushes,
    evidence: row.evidence ?? undefined,
    unsigned: row.unsigned,
    judgedAt: row.judged_at ?? undefined,
  }));
}

export type ReportLine = {
  readonly declarationId: string;
  readonly reportId: string;
  readonly fileName: string;
  readonly line: number;
  readonly importedAt: Instant;
  readonly importedBy: string;
  readonly verdictRow: string | undefined;
  readonly judgedAt: Instant | undefined;
};

/** The rows of port lists that name these declarations. */
export async function findReportLines(db: Queryable, keys: readonly RecordKey[]): Promise<ReportLine[]> {
  type DbRow = {
    declaration_id: string;
    report_id: string;
    file_name: string;
    line: number;
    imported_at: Instant;
    imported_by: string;
    verdict_row: string | null;
    judged_at: Instant | null;
  };
  const rows = await db.query<DbRow>(
    `select m.declaration_id, m.report_id, r.file_name, m.line, r.imported_at, r.imported_by, m.verdict_row, m.judged_at
     from ${keySet} join port_report_members m on m.bucket = t.bucket and m.declaration_id = t.id
       join port_reports r on r.id = m.report_id
     order by r.imported_at, r.id, m.line`,
    keyValues(keys),
  );
  return rows.map((row) => ({
    declarationId: row.declaration_id,
    reportId: row.report_id,
    fileName: row.file_name,
    line: row.line,
    importedAt: row.imported_at,
    importedBy: row.imported_by,
    verdictRow: row.verdict_row ?? undefined,
    judgedAt: row.judged_at ?? undefined,
  }));
}

export type PackLine = {
  readonly declarationId: string;
  readonly packId: string;
  readonly receiver: string;
  readonly position: number;
  readonly size: number;
  readonly madeAt: Instant;
  readonly sentAt: Instant | undefined;
  readonly sentNote: string;
};

/** The evidence packs in which these stand. The tables are read here, as packs stand above customs. */
export async function findPackLines(db: Queryable, keys: readonly RecordKey[]): Promise<PackLine[]> {
  type DbRow = {
    declaration_id: string;
    pack_id: string;
    receiver: string;
    position: number;
    members: number;
    made_at: Instant;
    sent_at: Instant | null;
    sent_note: string;
  };
  const rows = await db.query<DbRow>(
    `select m.declaration_id, m.pack_id, m.position, p.receiver, p.members, p.made_at, p.sent_at, p.sent_note
     from ${keySet} join evidence_pack_members m on m.bucket = t.bucket and m.declaration_id = t.id
       join evidence_packs p on p.id = m.pack_id
     order by p.made_at, p.id`,
    keyValues(keys),
  );
  return rows.map((row) => ({
    declarationId: row.declaration_id,
    packId: row.pack_id,
    receiver: row.receiver,
    position: row.position,
    size: row.members,
    madeAt: row.made_at,
    sentAt: row.sent_at ?? undefined,
    sentNote: row.sent_note,
  }));
}
