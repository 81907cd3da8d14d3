import type { Instant } from '../kernel/index.ts';
import type { RecordKey } from '../platform/commands.ts';
import type { Queryable } from '../platform/db.ts';
import { normalForm } from '../platform/numbers.ts';

/** Merchants that may be looked at; `all` for who is bound to every one. */
export type Reach = readonly string[] | 'all';

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

export type ExchangeLine = {
  readonly declarationId: string;
  readonly bucket: number;
  readonly id: string;
  readonly operation: string;
  readonly try: number;
  readonly createdAt: Instant;
  /** Undefined: nobody has heard anything yet. */
  readonly ended: 'answered' | 'silent' | 'unsent' | 'lost' | undefined;
  readonly why: string;
  readonly httpStatus: number | undefined;
  readonly ms: number | undefined;
  readonly reading: Readonly<Record<string, unknown>>;
};

/** Every call that spoke for these declarations, in the order in which they were made. */
export async function findExchangesOf(db: Queryable, keys: readonly RecordKey[]): Promise<ExchangeLine[]> {
  type DbRow = {
    subject: string;
    bucket: number;
    id: string;
    operation: string;
    try: number;
    created_at: Instant;
    kind: ExchangeLine['ended'] | null;
    why: string | null;
    http_status: number | null;
    ms: number | null;
    reading: Record<string, unknown> | null;
  };
  const rows = await db.query<DbRow>(
    `select s.subject, e.bucket, e.id, e.operation, s.try, e.created_at, a.kind, a.why, a.http_status, a.ms, a.reading
     from ${keySet} join exchange_subjects s on s.bucket = t.bucket and s.subject = t.id
       join exchanges e on e.bucket = s.exchange_bucket and e.id = s.exchange_id
       left join exchange_answers a on a.bucket = e.bucket and a.exchange_id = e.id
     order by e.created_at, e.id`,
    keyValues(keys),
  );
  return rows.map((row) => ({
    declarationId: row.subject,
    bucket: row.bucket,
    id: row.id,
    operation: row.operation,
    try: row.try,
    createdAt: row.created_at,
    ended: row.kind ?? undefined,
    why: row.why ?? '',
    httpStatus: row.http_status ?? undefined,
    ms: row.ms ?? undefined,
    reading: row.reading ?? {},
  }));
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

export type DueJob = {
  readonly subject: string;
  readonly kind: string;
  readonly lane: string;
  readonly dueAt: Instant;
  readonly running: boolean;
  readonly tries: number;
  readonly lastError: string | undefined;
  /** The gap to the last push of this trade ends here. */
  readonly freeAt: Instant | undefined;
  readonly callsPerSecond: number | undefined;
  readonly pausedWhy: string | undefined;
  readonly closedUntil: Instant | undefined;
};

/** What is wanted for these records and not done yet, earliest first. */
export async function findJobsOf(db: Queryable, keys: readonly RecordKey[]): Promise<DueJob[]> {
  type DbRow = {
    subject: string;
    kind: string;
    lane: string;
    due_at: Instant;
    lease_owner: string | null;
    tries: number;
    last_error: string | null;
    free_at: Instant | null;
    calls_per_second: number | null;
    paused_at: Instant | null;
    paused_why: string | null;
    closed_until: Instant | null;
  };
  const rows = await db.query<DbRow>(
    `select j.subject, j.kind, j.lane, j.due_at, j.lease_owner, j.tries, j.last_error, g.free_at,
       l.calls_per_second, l.paused_at, l.paused_why, l.closed_until
     from ${keySet} join jobs j on j.bucket = t.bucket and j.subject = t.id and j.wanted > j.done
       left join lanes l on l.id = j.lane left join gaps g on g.bucket = j.bucket and g.gap_key = j.gap_key
     order by j.due_at, j.kind`,
    keyValues(keys),
  );
  return rows.map((row) => ({
    subject: row.subject,
    kind: row.kind,
    lane: row.lane,
    dueAt: row.due_at,
    running: row.lease_owner !== null,
    tries: row.tries,
    lastError: row.last_error ?? undefined,
    freeAt: row.free_at ?? undefined,
    callsPerSecond: row.calls_per_second ?? undefined,
    pausedWhy: row.paused_at === null ? undefined : (row.paused_why ?? ''),
    closedUntil: row.closed_until ?? undefined,
  }));
}

export type CaseLine = {
  readonly id: string;
  readonly subject: string;
  readonly kind: string;
  readonly state: string;
  readonly owner: string | undefined;
  readonly openedAt: Instant;
  readonly dueAt: Instant;
  readonly closedAt: Instant | undefined;
};

export async function findCasesOf(db: Queryable, ids: readonly string[]): Promise<CaseLine[]> {
  type DbRow = {
    id: string;
    subject: string;
    kind: string;
    state: string;
    owner: string | null;
    opened_at: Instant;
    due_at: Instant;
    closed_at: Instant | null;
  };
  const rows = await db.query<DbRow>(
    'select id, subject, kind, state, owner, opened_at, due_at, closed_at from cases where subject = any($1::text[]) order by opened_at, id',
    [ids],
  );
  return rows.map((row) => ({
    id: row.id,
    subject: row.subject,
    kind: row.kind,
    state: row.state,
    owner: row.owner ?? undefined,
    openedAt: row.opened_at,
    dueAt: row.due_at,
    closedAt: row.closed_at ?? undefined,
  }));
}

export type AuditLine = {
  readonly id: string;
  readonly at: Instant;
  readonly actor: string;
  readonly door: string;
  readonly act: string;
  readonly subject: string;
  readonly reason: string;
};

/** Who did what to these plans, reports, cases; in the order in which it was done. */
export async function findAuditOf(db: Queryable, subjects: readonly string[]): Promise<AuditLine[]> {
  return db.query<AuditLine>(
    'select id, at, actor, door, act, subject, reason from audit_entries where subject = any($1::text[]) order by at, id limit 1000',
    [subjects],
  );
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
