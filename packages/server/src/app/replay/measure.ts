import { done, hours, minutes, plus, shanghaiText } from '../../kernel/index.ts';
import type { Instant, Result } from '../../kernel/index.ts';
import { showPlan } from '../../customs/index.ts';
import type { ShownCell } from '../../customs/index.ts';
import { findIncident } from '../../incidents/index.ts';
import type { Incident } from '../../incidents/index.ts';
import type { MadePack } from '../../packs/index.ts';
import { timestamp } from '../../platform/db.ts';
import { faultRules } from './scenario.data.ts';
import { onsetOf } from './scenario.ts';
import type { Order, Scenario } from './scenario.ts';
import { readBooks } from './seed.ts';
import type { BookRow } from './seed.ts';
import type { ReplayWorld } from './world.ts';

export type ReplayFigures = {
  readonly orders: number;
  readonly real_orders: number;
  readonly unaffected_orders: number;
  /** Incident declarations that the port calls stuck when the story begins. */
  readonly affected: number;
  readonly triage: Readonly<Record<string, number>>;
  readonly triage_rows: Readonly<Record<string, number>>;
  /** Share of the affected whose verdict is the row that the simulator's fault implies. */
  readonly triage_correct: number;
  readonly triage_wrong: readonly string[];
  readonly repush: {
    readonly planned: number;
    readonly sent: number;
    readonly effective: number;
    readonly ineffective: number;
    readonly skipped: number;
    /** Attempts on one trade less than the channel's five minutes apart, counted in the simulator's books. */
    readonly sent_twice_within_gap: number;
    /** Effective by our evidence and yet not received by the port's own books, or the reverse. */
    readonly differs_from_books: number;
    /** Each hour by itself: what its canary showed against what was held back, and what followed. */
    readonly cells: readonly CellFigures[];
    readonly stopped_by: string | null;
  };
  /** From the first order without a receipt until the product's own rules saw it; null: never. */
  readonly detected_after_minutes: number | null;
  readonly incident: IncidentFigures | null;
  readonly evidence_packs: readonly PackFigures[];
  /** The two waves: by hour of acceptance how many were declared, how many have no receipt at the end, how many the re-push brought back. */
  readonly waves: readonly WaveFigures[];
  readonly calls: {
    readonly query: { readonly count: number; readonly ideal: number };
    readonly declare: { readonly count: number; readonly ideal: number };
  };
  /** Orders or planned pushes without a known end; calls without an answered row. */
  readonly lost: number;
};

type CellFigures = {
  readonly cell: string;
  readonly size: number;
  readonly state: string;
  readonly stopped_by: string | null;
  readonly canary: { readonly sent: number; readonly receipts: number };
  readonly control: { readonly held_back: number; readonly receipts: number };
  readonly effect: { readonly difference: number; readonly low: number; readonly high: number };
  readonly sent: number;
  readonly effective: number;
};

type IncidentFigures = {
  readonly id: string;
  readonly rules: readonly string[];
  readonly onset: string;
  readonly seen: string;
  readonly affected_when_seen: number;
  readonly members: number;
  readonly money_minor: number;
  readonly currency: string;
  readonly share: number;
  readonly usual: number;
};

type PackFigures = {
  readonly id: string;
  readonly receiver: string;
  readonly members: number;
  readonly complete: boolean;
};

type WaveFigures = {
  readonly hour: string;
  readonly declared: number;
  readonly missing: number;
  readonly recovered: number;
};

/** What the story brought besides the records themselves. */
export type Story = { readonly incident: Incident | undefined; readonly packs: readonly MadePack[] };

type Ids = { readonly reportId: string; readonly planId: string };

export async function measure(
  world: ReplayWorld,
  scenario: Scenario,
  ids: Ids,
  { incident, packs }: Story,
): Promise<Result<ReplayFigures>> {
  const shown = await showPlan(world.app.db, ids.planId);
  if (!shown.ok) return shown;
  const books = new Map((await readBooks(world)).map((row) => [row.requestNo, row]));
  const verdicts = await readVerdicts(world, ids.reportId);
  const judged = compareVerdicts(scenario, verdicts);
  const items = await readItems(world, ids.planId);
  const { plan, counts, effective, ineffective, open, cells } = shown.value;
  return done({
    orders: scenario.incident.length,
    real_orders: scenario.incident.filter((order) => order.real).length,
    unaffected_orders: scenario.unaffected.length,
    affected: verdicts.size,
    ...judged,
    repush: {
      planned: plan.size,
      sent: items.filter((item) => item.pushes > 0).length,
      effective,
      ineffective,
      skipped: (counts.byState['skipped'] ?? 0) + (counts.byState['refused'] ?? 0),
      sent_twice_within_gap: countTooSoon([...books.values()]),
      differs_from_books: items.filter((item) => differs(item, books.get(item.requestNo))).length,
      cells: cells.map(cellFigures),
      stopped_by: plan.stoppedBy === '' ? null : plan.stoppedBy,
    },
    detected_after_minutes: incident ? (incident.seenAt - onsetOf(scenario)) / minutes(1) : null,
    incident: incident ? await incidentFigures(world, scenario, incident) : null,
    evidence_packs: packs.map(({ id, receiver, members, complete }) => ({
      id,
      receiver: `${receiver.kind} ${receiver.id}`,
      members,
      complete,
    })),
    waves: await readWaves(world, ids.planId, onsetOf(scenario)),
    calls: { query: await countQueries(world), declare: await countDeclares(world) },
    lost: open + (await countLost(world, scenario)),
  });
}

function cellFigures(cell: ShownCell): CellFigures {
  const { difference, low, high, stoppedBy, sent, effective, size, state } = cell;
  return {
    ...{ cell: cell.cell, size, state, stopped_by: stoppedBy === '' ? null : stoppedBy },
    canary: { sent: cell.pushed, receipts: cell.pushedWith },
    control: { held_back: cell.held, receipts: cell.heldWith },
    ...{ effect: { difference, low, high }, sent, effective },
  };
}

async function incidentFigures(world: ReplayWorld, scenario: Scenario, seen: Incident): Promise<IncidentFigures> {
  const incident = (await findIncident(world.app.db, seen.id)) ?? seen;
  const { findings, signals, onsetAt, seenAt, usual, asked, silent } = incident;
  return {
    ...{ id: incident.id, rules: signals.map((signal) => signal.rule) },
    ...{ onset: shanghaiText(onsetAt), seen: shanghaiText(seenAt) },
    affected_when_seen: scenario.incident.filter((order) => order.acceptedAt <= seenAt).length,
    ...{ members: findings.members, money_minor: findings.minor, currency: findings.currency },
    ...{ share: asked === 0 ? 0 : silent / asked, usual },
  };
}

async function readWaves(world: ReplayWorld, planId: string, onset: Instant): Promise<WaveFigures[]> {
  const rows = await world.app.db.query<{ hour: Instant; declared: number; missing: number; recovered: number }>(
    `select date_trunc('hour', d.accepted_at) as hour, count(*)::int4 as declared,
       (count(*) filter (where d.state in ('accepted', 'missing_reported', 'hop_failed', 'in_doubt', 'ready', 'cannot_be_asked')))::int4 as missing,
       (count(*) filter (where i.pushes > 0 and i.evidence in ('E2', 'E3')))::int4 as recovered
     from customs_declarations d
       left join plan_items i on i.bucket = d.bucket and i.declaration_id = d.id and i.plan_id = $1
     where d.accepted_at >= $2 group by 1 order by 1`,
    [planId, timestamp(plus(onset, -hours(1)))],
  );
  return rows.map(({ hour, ...row }) => ({ hour: shanghaiText(hour).slice(0, 13), ...row }));
}

type Judged = Pick<ReplayFigures, 'triage' | 'triage_rows' | 'triage_correct' | 'triage_wrong'>;
type Kept = { readonly row: string; readonly cause: string };

/** Verdicts as they were kept when the plan was made, by order number. */
async function readVerdicts(world: ReplayWorld, reportId: string): Promise<Map<string, Kept>> {
  const rows = await world.app.db.query<{ order_no: string; row: string; cause: string }>(
    `select d.order_no, m.verdict_row as row, m.verdict->>'cause' as cause
     from port_report_members m join customs_declarations d on d.bucket = m.bucket and d.id = m.declaration_id
     where m.report_id = $1`,
    [reportId],
  );
  return new Map(rows.map((row) => [row.order_no, { row: row.row, cause: row.cause }]));
}

function compareVerdicts(scenario: Scenario, verdicts: ReadonlyMap<string, Kept>): Judged {
  const triage: Record<string, number> = {};
  const triage_rows: Record<string, number> = {};
  const orders = new Map(scenario.incident.map((order) => [order.orderNo, order]));
  const wrong: string[] = [];
  for (const [orderNo, { row, cause }] of verdicts) {
    triage[cause] = (triage[cause] ?? 0) + 1;
    triage_rows[row] = (triage_rows[row] ?? 0) + 1;
    const implied = impliedRow(orders.get(orderNo));
    if (implied !== row) wrong.push(`${orderNo}: ${row}, implied ${implied}`);
  }
  const triage_correct = verdicts.size === 0 ? 0 : (verdicts.size - wrong.length) / verdicts.size;
  return { triage, triage_rows, triage_correct, triage_wrong: wrong.slice(0, 20) };
}

function impliedRow(order: Order | undefined): string {
  return order?.fault === undefined ? '-' : faultRules[order.fault].row;
}

type Item = { readonly requestNo: string; readonly pushes: number; readonly evidence: string | null; readonly pushedAt: number };

async function readItems(world: ReplayWorld, planId: string): Promise<Item[]> {
  const rows = await world.app.db.query<{ request_no: string; pushes: number; evidence: string | null; pushed_at: number | null }>(
    `select d.request_no, i.pushes, i.evidence, i.pushed_at
     from plan_items i join customs_declarations d on d.bucket = i.bucket and d.id = i.declaration_id
     where i.plan_id = $1`,
    [planId],
  );
  return rows.map((row) => ({
    requestNo: row.request_no,
    pushes: row.pushes,
    evidence: row.evidence,
    pushedAt: row.pushed_at ?? Infinity,
  }));
}

/** We call a push effective exactly when the port, by its own books, received the record after it. */
function differs(item: Item, book: BookRow | undefined): boolean {
  const executed = (book?.receivedAt ?? 0) >= item.pushedAt;
  const effective = item.evidence === 'E2' || item.evidence === 'E3';
  return effective !== executed;
}

/** The channel's rule, on its own books: five minutes between two declarations of one payment. */
function countTooSoon(books: readonly BookRow[]): number {
  let tooSoon = 0;
  for (const { sentAt } of books) {
    const times = [...sentAt].sort((a, b) => a - b);
    for (let index = 1; index < times.length; index += 1) {
      if ((times[index] ?? 0) - (times[index - 1] ?? 0) < minutes(5)) tooSoon += 1;
    }
  }
  return tooSoon;
}

/** What was due together is a round; a round needs one call per ten. */
async function countQueries(world: ReplayWorld): Promise<{ count: number; ideal: number }> {
  const [row] = await world.app.db.query<{ count: bigint; ideal: bigint | null }>(
    `with rounds as (
       select e.account_id, date_trunc('minute', s.due_at) as round, count(*) as asked
       from exchange_subjects s join exchanges e on e.bucket = s.exchange_bucket and e.id = s.exchange_id
       where s.operation = 'customs.query' group by 1, 2)
     select (select count(*) from exchanges where operation = 'customs.query') as count,
       (select sum(ceil(asked / 10.0))::int8 from rounds) as ideal`,
  );
  return { count: Number(row?.count ?? 0), ideal: Number(row?.ideal ?? 0) };
}

/** One call per push. */
async function countDeclares(world: ReplayWorld): Promise<{ count: number; ideal: number }> {
  const [row] = await world.app.db.query<{ count: bigint; ideal: bigint }>(
    `select (select count(*) from exchanges where operation = 'customs.declare') as count,
       (select coalesce(sum(pushes), 0)::int8 from plan_items) as ideal`,
  );
  return { count: Number(row?.count ?? 0), ideal: Number(row?.ideal ?? 0) };
}

async function countLost(world: ReplayWorld, scenario: Scenario): Promise<number> {
  const expected = scenario.incident.length + scenario.unaffected.length;
  const [row] = await world.app.db.query<{ declarations: bigint; silent: bigint }>(
    `select (select count(*) from customs_declarations) as declarations,
       (select count(*) from exchanges e where not exists (
          select from exchange_answers a where a.bucket = e.bucket and a.exchange_id = e.id)) as silent`,
  );
  return expected - Number(row?.declarations ?? 0) + Number(row?.silent ?? 0);
}
