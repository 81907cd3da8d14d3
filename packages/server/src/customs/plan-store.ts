import type { Instant } from '../kernel/index.ts';
import type { RecordKey } from '../platform/commands.ts';
import { timestamp } from '../platform/db.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import { insertRows, updateRows } from '../platform/sql.ts';
import type { Before, EvidenceLevel } from './evidence.ts';
import { defaultStopRules } from './plan-cells.ts';
import type { Groups, Placed, PlanDimension, StopRules } from './plan-cells.ts';
import type { PlanItem, PlanItemState } from './plan-item.ts';

export type ItemRow = {
  bucket: number;
  plan_id: string;
  declaration_id: string;
  state: PlanItemState;
  why: string;
  before: Before | null;
  pushed_at: Instant | null;
  pushes: number;
  evidence: EvidenceLevel | null;
  unsigned: boolean;
  judged_at: Instant | null;
  held_at: Instant | null;
  held_evidence: EvidenceLevel | null;
  number_changed: boolean;
};

export function itemOf(row: ItemRow): PlanItem {
  return {
    planId: row.plan_id,
    state: row.state,
    why: row.why,
    ...(row.before === null ? {} : { before: row.before }),
    ...(row.pushed_at === null ? {} : { pushedAt: row.pushed_at }),
    pushes: row.pushes,
    ...(row.evidence === null ? {} : { evidence: row.evidence }),
    unsigned: row.unsigned,
    ...(row.judged_at === null ? {} : { judgedAt: row.judged_at }),
    ...(row.held_at === null ? {} : { heldAt: row.held_at }),
    ...(row.held_evidence === null ? {} : { heldEvidence: row.held_evidence }),
    numberChanged: row.number_changed,
  };
}

/** The item of the live plan that each declaration is in, if any. */
export async function findLiveItems(db: Queryable, keys: readonly RecordKey[]): Promise<Map<string, PlanItem>> {
  const rows = await db.query<ItemRow>(
    `select i.* from unnest($1::int2[], $2::uuid[]) as t(bucket, id)
       join plan_items i on i.bucket = t.bucket and i.declaration_id = t.id and i.state in ('held', 'due', 'pushing', 'pushed')`,
    [keys.map((key) => key.bucket), keys.map((key) => key.id)],
  );
  return new Map(rows.map((row) => [row.declaration_id, itemOf(row)]));
}

const stateColumns = {
  bucket: 'int2',
  plan_id: 'text',
  declaration_id: 'uuid',
  state: 'text',
  why: 'text',
  before: 'jsonb',
  pushed_at: 'timestamptz',
  pushes: 'int4',
  evidence: 'text',
  unsigned: 'bool',
  judged_at: 'timestamptz',
  held_at: 'timestamptz',
  held_evidence: 'text',
  number_changed: 'bool',
} as const;

export type ItemOf = { readonly key: RecordKey; readonly item: PlanItem };

export async function updateItems(tx: Queryable, items: readonly ItemOf[]): Promise<void> {
  const rows = items.map(({ key, item }) => ({
    bucket: key.bucket,
    plan_id: item.planId,
    declaration_id: key.id,
    state: item.state,
    why: item.why,
    before: item.before,
    pushed_at: item.pushedAt,
    pushes: item.pushes,
    evidence: item.evidence,
    unsigned: item.unsigned,
    judged_at: item.judgedAt,
    held_at: item.heldAt,
    held_evidence: item.heldEvidence,
    number_changed: item.numberChanged,
  }));
  await updateRows(tx, 'plan_items', stateColumns, ['bucket', 'plan_id', 'declaration_id'], rows);
}

export type Plan = {
  readonly id: string;
  readonly merchantId: string;
  readonly kind: 'repush' | 'declare_anew';
  readonly reportId: string | undefined;
  /** All not released of an account, place and window of acceptance; absent when a report names the members. */
  readonly filter?: PlanFilter;
  readonly state: 'asked' | 'approved' | 'refused' | 'running' | 'paused' | 'finished' | 'stopped';
  /** What its cells are cut by; '' when it has none and all go at once. */
  readonly dimension: PlanDimension;
  readonly groups: Groups;
  readonly stopRules: StopRules;
  readonly pausedWhy: string;
  /** Which rule ended it, or `person`; '' while none did. */
  readonly stoppedBy: string;
  readonly digest: string;
  readonly approvalId: string;
  readonly size: number;
  readonly madeBy: string;
  readonly madeAt: Instant;
};

export type PlanFilter = {
  readonly accountId: string;
  readonly place: string;
  readonly from: Instant;
  readonly to: Instant;
};

/** Plans that go at once, without canary and held-back control. */
export const noCells = {
  dimension: '',
  groups: { canary: 0, control: 0 },
  stopRules: defaultStopRules,
  pausedWhy: '',
  stoppedBy: '',
} as const satisfies Partial<Plan>;

export type PlanMember = { readonly key: RecordKey } & Placed;

export async function insertPlan(tx: Queryable, plan: Plan, members: readonly PlanMember[]): Promise<void> {
  await tx.query(
    `insert into plans (id, merchant_id, kind, report_id, state, digest, approval_id, size, made_by, made_at, source,
       dimension, canary, control, stop_rules)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
    [
      plan.id,
      plan.merchantId,
      plan.kind,
      plan.reportId ?? null,
      plan.state,
      plan.digest,
      plan.approvalId,
      plan.size,
      plan.madeBy,
      timestamp(plan.madeAt),
      JSON.stringify(plan.filter ?? {}),
      plan.dimension,
      plan.groups.canary,
      plan.groups.control,
      JSON.stringify(plan.stopRules),
    ],
  );
  const columns = {
    bucket: 'int2',
    plan_id: 'text',
    declaration_id: 'uuid',
    position: 'int4',
    state: 'text',
    cell: 'text',
    role: 'text',
  } as const;
  const rows = members.map(({ key, cell, role }, index) => ({
    bucket: key.bucket,
    plan_id: plan.id,
    declaration_id: key.id,
    position: index + 1,
    state: 'planned',
    cell,
    role,
  }));
  await insertRows(tx, 'plan_items', columns, rows);
}

type PlanRow = {
  id: string;
  merchant_id: string;
  kind: Plan['kind'];
  report_id: string | null;
  state: Plan['state'];
  digest: string;
  approval_id: string;
  size: number;
  made_by: string;
  made_at: Instant;
  source: PlanFilter | Record<string, never>;
  dimension: PlanDimension;
  canary: number;
  control: number;
  stop_rules: StopRules | Record<string, never>;
  paused_why: string;
  stopped_by: string;
};

/** A plan as it stands, and nobody else moves it before this transaction ends. */
export async function lockPlan(tx: Tx, id: string): Promise<Plan | undefined> {
  const [row] = await tx.query<PlanRow>('select * from plans where id = $1 for update', [id]);
  return row && planOf(row);
}

/** States of plans by id. */
export async function findPlanStates(db: Queryable, ids: readonly string[]): Promise<Map<string, Plan['state']>> {
  const rows = await db.query<{ id: string; state: Plan['state'] }>('select id, state from plans where id = any($1)', [
    ids,
  ]);
  return new Map(rows.map((row) => [row.id, row.state]));
}

/** Plans that send, or look for what they sent, of one account or of all. */
export async function listRunningPlans(db: Queryable, accountId?: string): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `select p.id from plans p where p.state = 'running' and ($1::text is null or exists (
       select from plan_items i join customs_declarations d on d.bucket = i.bucket and d.id = i.declaration_id
       where i.plan_id = p.id and d.account_id = $1)) order by p.id`,
    [accountId ?? null],
  );
  return rows.map((row) => row.id);
}

export async function findPlan(db: Queryable, id: string): Promise<Plan | undefined> {
  const [row] = await db.query<PlanRow>('select * from plans where id = $1', [id]);
  return row && planOf(row);
}

/** Plans made from a report, the oldest first. */
export async function findPlansOfReport(db: Queryable, reportId: string): Promise<Plan[]> {
  const rows = await db.query<PlanRow>('select * from plans where report_id = $1 order by made_at, id', [reportId]);
  return rows.map(planOf);
}

function planOf(row: PlanRow): Plan {
  return {
    id: row.id,
    merchantId: row.merchant_id,
    kind: row.kind,
    reportId: row.report_id ?? undefined,
    state: row.state,
    digest: row.digest,
    approvalId: row.approval_id,
    size: row.size,
    madeBy: row.made_by,
    madeAt: row.made_at,
    ...('accountId' in row.source ? { filter: row.source as PlanFilter } : {}),
    dimension: row.dimension,
    groups: { canary: row.canary, control: row.control },
    stopRules: { ...defaultStopRules, ...row.stop_rules },
    pausedWhy: row.paused_why,
    stoppedBy: row.stopped_by,
  };
}

/** @param why why it is paused, or which rule ended it. */
export async function setPlanState(
  tx: Queryable,
  id: string,
  state: Plan['state'],
  at: Instant,
  why = '',
): Promise<void> {
  await tx.query(
    `update plans set state = $2, paused_why = case when $2 = 'paused' then $4 else '' end,
       stopped_by = case when $2 in ('finished', 'stopped') then $4 else stopped_by end,
       started_at = case when $2 = 'running' then coalesce(started_at, $3) else started_at end,
       finished_at = case when $2 in ('finished', 'stopped') then coalesce(finished_at, $3) else finished_at end
     where id = $1`,
    [id, state, timestamp(at), why],
  );
}

/** Items of a plan in its frozen order, from a position on. */
export async function findPlanItems(
  db: Queryable,
  planId: string,
  states: readonly PlanItemState[],
  limit: number,
  afterPosition = 0,
): Promise<(ItemOf & Placed & { readonly position: number })[]> {
  const rows = await db.query<ItemRow & Placed & { position: number }>(
    `select * from plan_items where plan_id = $1 and state = any($2::text[]) and position > $4 order by position limit $3`,
    [planId, states, limit, afterPosition],
  );
  return rows.map((row) => ({
    key: { bucket: row.bucket, id: row.declaration_id },
    item: itemOf(row),
    position: row.position,
    cell: row.cell,
    role: row.role,
  }));
}

/** Declarations that another live plan holds already. */
export async function findHeld(db: Queryable, keys: readonly RecordKey[], planId: string): Promise<Set<string>> {
  const rows = await db.query<{ declaration_id: string }>(
    `select i.declaration_id from unnest($1::int2[], $2::uuid[]) as t(bucket, id)
       join plan_items i on i.bucket = t.bucket and i.declaration_id = t.id and i.state in ('held', 'due', 'pushing', 'pushed')
     where i.plan_id <> $3`,
    [keys.map((key) => key.bucket), keys.map((key) => key.id), planId],
  );
  return new Set(rows.map((row) => row.declaration_id));
}

export type PlanCounts = {
  readonly byState: Readonly<Record<string, number>>;
  readonly byEvidence: Readonly<Record<string, number>>;
  readonly bySkip: Readonly<Record<string, number>>;
  readonly pushes: number;
};

export async function countItems(db: Queryable, planId: string): Promise<PlanCounts> {
  const rows = await db.query<{ state: string; evidence: string | null; why: string; n: bigint; pushes: bigint }>(
    `select state, evidence, why, count(*) as n, coalesce(sum(pushes), 0)::int8 as pushes
     from plan_items where plan_id = $1 group by state, evidence, why`,
    [planId],
  );
  const add = (counts: Record<string, number>, key: string, n: bigint): void => {
    counts[key] = (counts[key] ?? 0) + Number(n);
  };
  const byState: Record<string, number> = {};
  const byEvidence: Record<string, number> = {};
  const bySkip: Record<string, number> = {};
  for (const row of rows) {
    add(byState, row.state, row.n);
    if (row.evidence !== null) add(byEvidence, row.evidence, row.n);
    if (row.state === 'skipped' || row.state === 'refused') add(bySkip, row.why, row.n);
  }
  return { byState, byEvidence, bySkip, pushes: rows.reduce((sum, row) => sum + Number(row.pushes), 0) };
}

/** Keys of what is not released of an account, place and window of acceptance, from a key on. */
export async function findByFilter(
  db: Queryable,
  merchantId: string,
  { accountId, place, from, to }: PlanFilter,
  limit: number,
  after: RecordKey,
): Promise<RecordKey[]> {
  return db.query<{ bucket: number; id: string }>(
    `select bucket, id from customs_declarations
     where merchant_id = $1 and account_id = $2 and place = $3 and accepted_at >= $4 and accepted_at < $5
       and state not in ('released', 'closed', 'closed_manual', 'cancelled') and (bucket, id) > ($6::int2, $7::uuid)
     order by bucket, id limit $8`,
    [merchantId, accountId, place, timestamp(from), timestamp(to), after.bucket, after.id, limit],
  );
}
