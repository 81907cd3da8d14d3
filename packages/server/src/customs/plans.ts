import { createHash } from 'node:crypto';
import { done, refuse } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { askApproval, decideApproval, useApproval } from '../approvals/index.ts';
import { allowed, writeAudit } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import type { RecordKey } from '../platform/commands.ts';
import { crashPoint } from '../platform/crash-points.ts';
import { nextNumbers } from '../platform/counters.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import { enqueue } from '../platform/jobs.ts';
import { rulesOf } from './calls.ts';
import type { CustomsJobParts } from './calls.ts';
import type { Declaration } from './declaration.ts';
import { anewInput, declareAnewCommand } from './declare-anew-plan.ts';
import type { AnewInput } from './declare-anew-plan.ts';
import { enqueueAnew } from './declare-anew-run.ts';
import { pushWish } from './job-wishes.ts';
import { beforeOf, isEffective, reasonToSkip } from './plan-item.ts';
import type { PlanItem } from './plan-item.ts';
import { countItems, findHeld, findPlan, findPlanItems, insertPlan, setPlanState, updateItems } from './plan-store.ts';
import type { ItemOf, Plan, PlanCounts } from './plan-store.ts';
import { findMembers, findReport } from './report-store.ts';
import type { Member } from './report-store.ts';
import { findDeclarations } from './store.ts';
import { triageTable } from './triage-table.ts';

const command = 'customs.repush';
/** The permissions `<command>.approve` and `<command>.run` belong to the kind of plan. */
const commandOf = { repush: command, declare_anew: declareAnewCommand } as const;
const chunk = 1000;

/** Rows of the triage table whose way out is to push again. */
const pushRows = new Set(
  triageTable.filter((row) => row.action === 'repush' || row.action === 'submit_again').map((row) => row.row),
);

export type ProposedPlan = { readonly plan: Plan; readonly leftOut: Readonly<Record<string, number>> };

/** Freezes who would be pushed again, and asks for a second person. Nothing is sent. */
export async function proposeRepush(
  parts: CustomsJobParts,
  actor: Actor,
  reportId: string,
  reason: string,
): Promise<Result<ProposedPlan>> {
  const report = await findReport(parts.db, reportId);
  if (!report) return refuse('customs.report_not_found', { report: reportId });
  const permitted = allowed(actor, 'customs.repush.propose', report.merchantId);
  if (!permitted.ok) return permitted;
  const chosen = await chooseMembers(parts, reportId);
  if (chosen.keys.length === 0) return refuse('customs.plan_empty', { report: reportId });
  const at = parts.clock.now();
  const stamp = { at, ids: parts.ids };
  const plan = await parts.db.transaction(async (tx) => {
    const [number] = await nextNumbers(tx, 'plan', 1);
    const id = `P-${number}`;
    const input = frozenInput(id, chosen.keys);
    const asked = await askApproval(
      tx,
      { merchantId: report.merchantId, command, subject: id, input, maker: actor },
      stamp,
    );
    const made: Plan = {
      id,
      merchantId: report.merchantId,
      kind: 'repush',
      reportId,
      state: 'asked',
      digest: asked.digest,
      approvalId: asked.id,
      size: chosen.keys.length,
      madeBy: actor.userId,
      madeAt: at,
    };
    await insertPlan(tx, made, chosen.keys);
    const detail = { report: reportId, size: made.size, digest: made.digest };
    await writeAudit(tx, [{ actor, act: 'customs.repush_proposed', subject: id, reason, detail }], stamp);
    return made;
  });
  return done({ plan, leftOut: chosen.leftOut });
}

/** What the approval freezes: the members by a digest of their ids, in their order. */
function frozenInput(
  planId: string,
  keys: readonly RecordKey[],
): { plan: string; size: number; members_sha256: string } {
  const text = keys.map((key) => `${key.bucket}/${key.id}\n`).join('');
  return { plan: planId, size: keys.length, members_sha256: createHash('sha256').update(text).digest('hex') };
}

async function chooseMembers(
  parts: CustomsJobParts,
  reportId: string,
): Promise<{ keys: RecordKey[]; leftOut: Record<string, number> }> {
  const keys: RecordKey[] = [];
  const leftOut: Record<string, number> = {};
  const leave = (why: string): void => void (leftOut[why] = (leftOut[why] ?? 0) + 1);
  const rules = rulesOf(parts);
  for (let last: Member | undefined; ;) {
    const members = await findMembers(parts.db, reportId, chunk, last);
    if (members.length === 0) return { keys, leftOut };
    const found = await findDeclarations(
      parts.db,
      members.map((member) => member.key),
    );
    const byId = new Map(found.map((declaration) => [declaration.id, declaration]));
    const held = await findHeld(
      parts.db,
      members.map((member) => member.key),
      '',
    );
    for (const member of members) {
      const declaration = byId.get(member.key.id);
      const channelRules = declaration && rules(declaration.channel);
      if (!declaration || !channelRules) continue;
      const why = reasonToSkip(declaration, channelRules, parts.clock.now());
      if (member.verdictRow === undefined) leave('not_judged');
      else if (!pushRows.has(member.verdictRow)) leave(`row_${member.verdictRow}`);
      else if (why !== undefined) leave(why);
      else if (held.has(member.key.id)) leave('in_another_plan');
      else keys.push(member.key);
    }
    last = members.at(-1);
  }
}

/** A second person's word on a plan: nobody approves what they proposed. `expectedDigest`: of what that person saw. */
export async function decidePlan(
  parts: CustomsJobParts,
  actor: Actor,
  planId: string,
  verdict: 'approve' | 'refuse',
  reason: string,
  expectedDigest?: string,
): Promise<Result<Plan>> {
  const plan = await findPlan(parts.db, planId);
  if (!plan) return refuse('customs.plan_not_found', { plan: planId });
  const stamp = { at: parts.clock.now(), ids: parts.ids };
  return parts.db.transaction(async (tx) => {
    // Who may decide is the approval's question: its first answer to a maker is that it takes somebody else.
    const decide = { id: plan.approvalId, verdict, checker: actor, reason, onePersonAllowed: false };
    const seen = expectedDigest === undefined ? {} : { expectedDigest };
    const decided = await decideApproval(tx, { ...decide, ...seen }, stamp);
    if (!decided.ok) return decided;
    const state = verdict === 'approve' ? 'approved' : 'refused';
    await setPlanState(tx, planId, state, stamp.at);
    return done({ ...plan, state });
  });
}

/**
 * Starts an approved plan, or goes on with one that was interrupted: each item is decided again, and the plan may only shrink.
 * Running it once more sends nothing twice.
 */
export async function runPlan(parts: CustomsJobParts, actor: Actor, planId: string): Promise<Result<Plan>> {
  const plan = await findPlan(parts.db, planId);
  if (!plan) return refuse('customs.plan_not_found', { plan: planId });
  const permitted = allowed(actor, `${commandOf[plan.kind]}.run`, plan.merchantId);
  if (!permitted.ok) return permitted;
  if (plan.state === 'asked' || plan.state === 'refused') return refuse('customs.plan_not_approved', { plan: planId });
  if (plan.state === 'approved') {
    const begun = await beginPlan(parts, actor, plan);
    if (!begun.ok) return begun;
  }
  if (plan.state === 'approved' || plan.state === 'running') await enqueuePlanned(parts, plan);
  const settled = await settlePlan(parts, planId);
  return done(settled ?? plan);
}

async function beginPlan(parts: CustomsJobParts, actor: Actor, plan: Plan): Promise<Result<void>> {
  const stamp = { at: parts.clock.now(), ids: parts.ids };
  return parts.db.transaction(async (tx) => {
    const items = await findPlanItems(tx, plan.id, ['planned'], plan.size + 1);
    const keys = items.map((one) => one.key);
    const input = plan.kind === 'repush' ? frozenInput(plan.id, keys) : await inputAnew(tx, plan, keys);
    const use = { id: plan.approvalId, command: commandOf[plan.kind], subject: plan.id, input, by: actor };
    const used = await useApproval(tx, use, stamp);
    if (!used.ok) return used;
    await setPlanState(tx, plan.id, 'running', stamp.at);
    return done(undefined);
  });
}

async function inputAnew(tx: Tx, plan: Plan, keys: readonly RecordKey[]): Promise<AnewInput> {
  const byId = new Map((await findDeclarations(tx, keys)).map((declaration) => [declaration.id, declaration]));
  const inOrder = keys.flatMap((key) => byId.get(key.id) ?? []);
  return anewInput(tx, plan.id, inOrder, plan.madeAt);
}

async function enqueuePlanned(parts: CustomsJobParts, plan: Plan): Promise<void> {
  for (;;) {
    const items = await findPlanItems(parts.db, plan.id, ['planned'], chunk);
    if (items.length === 0) return;
    const enqueuePart = plan.kind === 'repush' ? enqueueItems : enqueueAnew;
    await parts.db.transaction((tx) => enqueuePart(tx, parts, plan, items));
    crashPoint('plan.part_enqueued');
  }
}

async function enqueueItems(tx: Tx, parts: CustomsJobParts, plan: Plan, items: readonly ItemOf[]): Promise<void> {
  const keys = items.map((one) => one.key);
  const now = parts.clock.now();
  const found = await findDeclarations(tx, keys);
  const byId = new Map(found.map((declaration) => [declaration.id, declaration]));
  const held = await findHeld(tx, keys, plan.id);
  const rules = rulesOf(parts);
  const decided = items.map(({ key, item }) => {
    const declaration = byId.get(key.id);
    const channelRules = declaration && rules(declaration.channel);
    const why = !declaration || !channelRules ? 'gone' : held.has(key.id) ? 'in_another_plan' : undefined;
    const skip = why ?? (declaration && channelRules ? reasonToSkip(declaration, channelRules, now) : undefined);
    return { key, declaration, item: decideItem(item, declaration, skip, now) };
  });
  await updateItems(tx, decided);
  await enqueue(
    tx,
    decided.flatMap(({ declaration, item }) =>
      declaration && item.state === 'due' ? [pushWish(declaration, now, plan.id)] : [],
    ),
  );
}

function decideItem(
  item: PlanItem,
  declaration: Declaration | undefined,
  skip: string | undefined,
  now: PlanItem['judgedAt'] & number,
): PlanItem {
  if (skip !== undefined || !declaration) return { ...item, state: 'skipped', why: skip ?? 'gone', judgedAt: now };
  const before = beforeOf(declaration.summary);
  return { ...item, state: 'due', ...(before ? { before } : {}) };
}

/** A plan is finished when none of its items waits for anything. */
export async function settlePlan(parts: CustomsJobParts, planId: string): Promise<Plan | undefined> {
  const counts = await countItems(parts.db, planId);
  const open = ['planned', 'due', 'pushing', 'pushed'].some((state) => (counts.byState[state] ?? 0) > 0);
  const plan = await findPlan(parts.db, planId);
  if (!plan || open || plan.state !== 'running') return plan;
  await parts.db.transaction((tx) => setPlanState(tx, planId, 'finished', parts.clock.now()));
  return { ...plan, state: 'finished' };
}

export type ShownPlan = {
  readonly plan: Plan;
  readonly counts: PlanCounts;
  readonly effective: number;
  /** Pushed, judged, and no effect shown. That an effect was not shown does not mean that there was none. */
  readonly ineffective: number;
  readonly open: number;
};

export async function showPlan(db: Queryable, planId: string): Promise<Result<ShownPlan>> {
  const plan = await findPlan(db, planId);
  if (!plan) return refuse('customs.plan_not_found', { plan: planId });
  const counts = await countItems(db, planId);
  const of = (state: string): number => counts.byState[state] ?? 0;
  const effective = Object.entries(counts.byEvidence)
    .filter(([level]) => isEffective(level as PlanItem['evidence']))
    .reduce((sum, [, n]) => sum + n, 0);
  const open = of('planned') + of('due') + of('pushing') + of('pushed');
  return done({ plan, counts, effective, ineffective: of('judged') - effective, open });
}
