import type { Instant } from '../kernel/index.ts';
import { timestamp } from '../platform/db.ts';
import type { Queryable } from '../platform/db.ts';
import { insertRows } from '../platform/sql.ts';
import type { CellView, PlanCellState, PlanTally } from './plan-cells.ts';
import { itemOf } from './plan-store.ts';
import type { ItemOf, ItemRow } from './plan-store.ts';

export type PlanCell = CellView & {
  readonly cell: string;
  readonly size: number;
  readonly stoppedBy: string;
  readonly judgedAt?: Instant;
  /** By state of its items. */
  readonly byState: Readonly<Record<string, number>>;
  /** All of the cell that were pushed, the ramp included, and how many of these show an effect. */
  readonly sent: number;
  readonly effective: number;
};

export async function insertCells(
  tx: Queryable,
  planId: string,
  cells: readonly { readonly cell: string; readonly size: number }[],
): Promise<void> {
  const columns = { plan_id: 'text', cell: 'text', position: 'int4', size: 'int4', state: 'text' } as const;
  const rows = cells.map(({ cell, size }, index) => ({
    plan_id: planId,
    cell,
    position: index + 1,
    size,
    state: 'waiting',
  }));
  await insertRows(tx, 'plan_cells', columns, rows);
}

type CellRow = {
  cell: string;
  size: number;
  state: PlanCellState;
  began_at: Instant | null;
  judged_at: Instant | null;
  pushed: number | null;
  pushed_with: number | null;
  held: number | null;
  held_with: number | null;
  stopped_by: string;
  canary_pushed: number;
  canary_with: number;
  canary_open: number;
  control: number;
  control_with: number;
  control_unseen: number;
  control_open: number;
  open: number;
  sent: number;
  effective: number;
  by_state: Record<string, number>;
};

/** Every cell of a plan with what its members show. What it was judged by stays as it was; what comes later counts in `sent` and `effective`. */
export async function findCells(db: Queryable, planId: string): Promise<PlanCell[]> {
  const rows = await db.query<CellRow>(
    `with items as (
       select cell, state, count(*)::int4 as n,
         (count(*) filter (where role = 'canary' and pushes > 0))::int4 as canary_pushed,
         (count(*) filter (where role = 'canary' and evidence in ('E2', 'E3')))::int4 as canary_with,
         (count(*) filter (where role = 'canary' and state in ('planned', 'due', 'pushing', 'pushed')))::int4 as canary_open,
         (count(*) filter (where role = 'control' and held_at is not null))::int4 as control,
         (count(*) filter (where held_evidence in ('E2', 'E3')))::int4 as control_with,
         (count(*) filter (where state = 'held' and held_evidence is null))::int4 as control_unseen,
         (count(*) filter (where state = 'held' and judged_at is null))::int4 as control_open,
         (count(*) filter (where state in ('planned', 'held', 'due', 'pushing', 'pushed')))::int4 as open,
         (count(*) filter (where pushes > 0))::int4 as sent,
         (count(*) filter (where pushes > 0 and evidence in ('E2', 'E3')))::int4 as effective
       from plan_items where plan_id = $1 group by cell, state)
     select c.cell, c.size, c.state, c.began_at, c.judged_at, c.pushed, c.pushed_with, c.held, c.held_with, c.stopped_by,
       sum(i.canary_pushed)::int4 as canary_pushed, sum(i.canary_with)::int4 as canary_with,
       sum(i.canary_open)::int4 as canary_open, sum(i.control)::int4 as control, sum(i.control_with)::int4 as control_with,
       sum(i.control_unseen)::int4 as control_unseen, sum(i.control_open)::int4 as control_open, sum(i.open)::int4 as open,
       sum(i.sent)::int4 as sent, sum(i.effective)::int4 as effective, jsonb_object_agg(i.state, i.n) as by_state
     from plan_cells c join items i on i.cell = c.cell where c.plan_id = $1
     group by c.plan_id, c.cell order by c.position`,
    [planId],
  );
  return rows.map(cellOf);
}

function cellOf(row: CellRow): PlanCell {
  return {
    cell: row.cell,
    size: row.size,
    state: row.state,
    stoppedBy: row.stopped_by,
    ...(row.began_at === null ? {} : { beganAt: row.began_at }),
    ...(row.judged_at === null ? {} : { judgedAt: row.judged_at }),
    pushed: { hits: row.pushed_with ?? row.canary_with, of: row.pushed ?? row.canary_pushed },
    held: { hits: row.held_with ?? row.control_with, of: row.held ?? row.control },
    canaryOpen: row.canary_open,
    controlUnseen: row.control_unseen,
    controlOpen: row.control_open,
    open: row.open,
    sent: row.sent,
    effective: row.effective,
    byState: row.by_state,
  };
}

/** Moves a cell on, and keeps what it was judged by. */
export async function moveCell(
  tx: Queryable,
  planId: string,
  cell: PlanCell,
  state: PlanCellState,
  at: Instant,
  stoppedBy = '',
): Promise<void> {
  const isJudged = cell.state === 'canary';
  await tx.query(
    `update plan_cells set state = $3, stopped_by = $4,
       began_at = case when $3 = 'canary' then coalesce(began_at, $5) else began_at end,
       judged_at = case when $6 then coalesce(judged_at, $5) else judged_at end,
       pushed = case when $6 then coalesce(pushed, $7) else pushed end,
       pushed_with = case when $6 then coalesce(pushed_with, $8) else pushed_with end,
       held = case when $6 then coalesce(held, $9) else held end,
       held_with = case when $6 then coalesce(held_with, $10) else held_with end
     where plan_id = $1 and cell = $2`,
    [
      planId,
      cell.cell,
      state,
      stoppedBy,
      timestamp(at),
      isJudged,
      cell.pushed.of,
      cell.pushed.hits,
      cell.held.of,
      cell.held.hits,
    ],
  );
}

/** Those that may begin now: canary and control of cells that are at their canary, everybody of cells that ramp. */
export async function findStartable(
  tx: Queryable,
  planId: string,
  limit: number,
): Promise<(ItemOf & { readonly hold: boolean })[]> {
  const rows = await tx.query<ItemRow & { hold: boolean }>(
    `select i.*, c.state = 'canary' and i.role = 'control' as hold
     from plan_items i join plan_cells c on c.plan_id = i.plan_id and c.cell = i.cell
     where i.plan_id = $1 and ((c.state = 'canary' and i.state = 'planned' and i.role <> 'rest')
       or (c.state = 'ramp' and i.state in ('planned', 'held')))
     order by i.position limit $2`,
    [planId, limit],
  );
  return rows.map((row) => ({
    key: { bucket: row.bucket, id: row.declaration_id },
    item: itemOf(row),
    hold: row.hold,
  }));
}

/** What will not be sent any more: of one cell that stopped, or of the whole plan. Those on their way are looked at to the end. */
export async function skipUnsent(
  tx: Queryable,
  planId: string,
  cell: string | undefined,
  why: string,
  at: Instant,
): Promise<void> {
  await tx.query(
    `update plan_items set state = 'skipped', why = $3, judged_at = $4
     where plan_id = $1 and ($2::text is null or cell = $2) and state in ('planned', 'held', 'due')`,
    [planId, cell ?? null, why, timestamp(at)],
  );
}

/** Takes back what is due and not on its way: it is planned again, and its jobs have nothing left to do. */
export async function takeBackDue(tx: Queryable, planId: string): Promise<void> {
  await tx.query(`update plan_items set state = 'planned' where plan_id = $1 and state = 'due'`, [planId]);
}

export async function tallyPlan(db: Queryable, planId: string): Promise<PlanTally> {
  const rows = await db.query<{
    code: string;
    state: string;
    n: number;
    pushed: number;
    doubt: number;
    changes: number;
  }>(
    `select case when state = 'refused' then why else '' end as code, state, count(*)::int4 as n,
       (count(*) filter (where pushes > 0))::int4 as pushed, (count(*) filter (where pushes > 0 and why = 'in_doubt'))::int4 as doubt,
       (count(*) filter (where number_changed))::int4 as changes
     from plan_items where plan_id = $1 group by 1, 2`,
    [planId],
  );
  const refusedByCode: Record<string, number> = {};
  for (const row of rows) {
    if (row.state === 'refused' && row.pushed > 0)
      refusedByCode[row.code] = (refusedByCode[row.code] ?? 0) + row.pushed;
  }
  const sum = (pick: (row: (typeof rows)[number]) => number): number =>
    rows.reduce((total, row) => total + pick(row), 0);
  return {
    pushed: sum((row) => row.pushed),
    inDoubt: sum((row) => row.doubt),
    refusedByCode,
    numberChanges: sum((row) => row.changes),
  };
}

/** Refusal codes that declarations of these groups have had before: a code that is not among them is news. */
export async function findKnownCodes(db: Queryable, accountIds: readonly string[], since: Instant): Promise<string[]> {
  const rows = await db.query<{ code: string }>(
    `select distinct f.body->>'code' as code from customs_facts f
       join customs_declarations d on d.bucket = f.bucket and d.id = f.declaration_id
     where f.kind = 'push_rejected' and f.heard_at >= $2 and d.account_id = any($1) order by 1`,
    [accountIds, timestamp(since)],
  );
  return rows.map((row) => row.code);
}

/** The channels that canary and control of a plan belong to. */
export async function findChannels(db: Queryable, planId: string): Promise<string[]> {
  const rows = await db.query<{ channel: string }>(
    `select distinct d.channel from (select bucket, declaration_id from plan_items where plan_id = $1 and role <> 'rest') i
       join customs_declarations d on d.bucket = i.bucket and d.id = i.declaration_id`,
    [planId],
  );
  return rows.map((row) => row.channel);
}
