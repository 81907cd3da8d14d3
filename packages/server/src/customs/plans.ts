import { done, refuse } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import { decideApproval, useApproval } from '../approvals/index.ts';
import { allowed, systemActor, writeAudit } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import type { RecordKey } from '../platform/commands.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import type { CustomsJobParts } from './calls.ts';
import { anewInput, declareAnewCommand } from './declare-anew-plan.ts';
import type { AnewInput } from './declare-anew-plan.ts';
import { findCells, takeBackDue } from './plan-cell-store.ts';
import type { PlanCell } from './plan-cell-store.ts';
import { effectOf } from './plan-cells.ts';
import { isEffective } from './plan-item.ts';
import type { PlanItem } from './plan-item.ts';
import { frozenInput, repushCommand } from './plan-propose.ts';
import { endPlan, stepPlan, wishSteps } from './plan-step.ts';
import { countItems, findPlan, findPlanItems, listRunningPlans, lockPlan, setPlanState } from './plan-store.ts';
import type { Plan, PlanCounts } from './plan-store.ts';
import { findDeclarations } from './store.ts';

/** The permissions `<command>.approve` and `<command>.run` belong to the kind of plan. */
const commandOf = { repush: repushCommand, declare_anew: declareAnewCommand } as const;

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
    if ((await lockPlan(tx, planId))?.state === 'stopped') return refuse('customs.plan_not_running', { plan: planId });
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
  if (plan.state === 'paused') return refuse('customs.plan_paused', { plan: planId, why: plan.pausedWhy });
  return done((await stepPlan(parts, planId)) ?? plan);
}

async function beginPlan(parts: CustomsJobParts, actor: Actor, plan: Plan): Promise<Result<void>> {
  const stamp = { at: parts.clock.now(), ids: parts.ids };
  return parts.db.transaction(async (tx) => {
    if ((await lockPlan(tx, plan.id))?.state === 'stopped')
      return refuse('customs.plan_not_running', { plan: plan.id });
    const items = await findPlanItems(tx, plan.id, ['planned'], plan.size + 1);
    const input =
      plan.kind === 'repush'
        ? frozenInput(plan, items)
        : await inputAnew(
            tx,
            plan,
            items.map((one) => one.key),
          );
    const use = { id: plan.approvalId, command: commandOf[plan.kind], subject: plan.id, input, by: actor };
    const used = await useApproval(tx, use, stamp);
    if (!used.ok) return used;
    await setPlanState(tx, plan.id, 'running', stamp.at);
    await wishSteps(tx, plan.id, stamp.at);
    return done(undefined);
  });
}

async function inputAnew(tx: Tx, plan: Plan, keys: readonly RecordKey[]): Promise<AnewInput> {
  const byId = new Map((await findDeclarations(tx, keys)).map((declaration) => [declaration.id, declaration]));
  const inOrder = keys.flatMap((key) => byId.get(key.id) ?? []);
  return anewInput(tx, plan.id, inOrder, plan.madeAt);
}

/** Holds a running plan back: what is due is taken back, what is on its way arrives and is looked at. */
export async function pausePlan(
  parts: CustomsJobParts,
  actor: Actor,
  planId: string,
  reason: string,
): Promise<Result<Plan>> {
  return control(parts, actor, planId, reason, async (tx, plan, at) => {
    if (plan.state === 'paused') return done(plan);
    if (plan.state !== 'running') return refuse('customs.plan_not_running', { plan: planId });
    await takeBackDue(tx, planId);
    await setPlanState(tx, planId, 'paused', at, reason);
    return done({ ...plan, state: 'paused', pausedWhy: reason });
  });
}

/** Lets a paused plan go on where it stood. */
export async function resumePlan(
  parts: CustomsJobParts,
  actor: Actor,
  planId: string,
  reason: string,
): Promise<Result<Plan>> {
  return control(parts, actor, planId, reason, async (tx, plan, at) => {
    if (plan.state === 'running') return done(plan);
    if (plan.state !== 'paused') return refuse('customs.plan_not_running', { plan: planId });
    await setPlanState(tx, planId, 'running', at);
    await wishSteps(tx, planId, at);
    return done({ ...plan, state: 'running', pausedWhy: '' });
  });
}

const endable: readonly Plan['state'][] = ['asked', 'approved', 'running', 'paused'];

/** Ends a plan for good, also one that nobody decided in time: what was not sent never is by this plan. */
export async function stopPlan(
  parts: CustomsJobParts,
  actor: Actor,
  planId: string,
  reason: string,
): Promise<Result<Plan>> {
  return control(parts, actor, planId, reason, async (tx, plan, at) => {
    if (plan.state === 'stopped' || plan.state === 'finished') return done(plan);
    if (!endable.includes(plan.state)) return refuse('customs.plan_not_running', { plan: planId });
    await endPlan(tx, plan, 'stopped', 'person', at);
    return done({ ...plan, state: 'stopped', stoppedBy: 'person' });
  });
}

type Control = (tx: Tx, plan: Plan, at: Instant) => Promise<Result<Plan>>;

/** Whoever may run a plan may hold it; holding needs no second person, as it only makes less happen. */
async function control(
  parts: CustomsJobParts,
  actor: Actor,
  planId: string,
  reason: string,
  act: Control,
): Promise<Result<Plan>> {
  return parts.db.transaction(async (tx) => {
    const plan = await lockPlan(tx, planId);
    if (!plan) return refuse('customs.plan_not_found', { plan: planId });
    const permitted = allowed(actor, `${commandOf[plan.kind]}.run`, plan.merchantId);
    if (!permitted.ok) return permitted;
    const stamp = { at: parts.clock.now(), ids: parts.ids };
    const acted = await act(tx, plan, stamp.at);
    if (acted.ok && (acted.value.state !== plan.state || acted.value.pausedWhy !== plan.pausedWhy)) {
      const detail = { from: plan.state, to: acted.value.state };
      await writeAudit(tx, [{ actor, act: 'customs.plan_state', subject: planId, reason, detail }], stamp);
    }
    return acted;
  });
}

/** Running plans of an account are held back by themselves when its channel is unwell; returns which. */
export async function pausePlansOf(parts: CustomsJobParts, accountId: string, why: string): Promise<readonly string[]> {
  const running = await listRunningPlans(parts.db, accountId);
  const stamp = { at: parts.clock.now(), ids: parts.ids };
  for (const planId of running) {
    await parts.db.transaction(async (tx) => {
      const plan = await lockPlan(tx, planId);
      if (plan?.state !== 'running') return;
      await takeBackDue(tx, planId);
      await setPlanState(tx, planId, 'paused', stamp.at, why);
      const detail = { from: plan.state, to: 'paused' };
      await writeAudit(
        tx,
        [{ actor: systemActor, act: 'customs.plan_state', subject: planId, reason: why, detail }],
        stamp,
      );
    });
  }
  return running;
}

/** A plan is finished when none of its items waits for anything. */
export async function settlePlan(parts: CustomsJobParts, planId: string): Promise<Plan | undefined> {
  return stepPlan(parts, planId);
}

export type ShownPlan = {
  readonly plan: Plan;
  readonly counts: PlanCounts;
  readonly effective: number;
  /** Pushed, judged, and no effect shown. That an effect was not shown does not mean that there was none. */
  readonly ineffective: number;
  /** Items whose end is not known yet. */
  readonly open: number;
  readonly cells: readonly ShownCell[];
};

/** A cell with what its canary showed against what was held back, as a difference of shares with its 95% range. */
export type ShownCell = Omit<PlanCell, 'pushed' | 'held' | 'canaryOpen' | 'controlUnseen' | 'controlOpen'> & {
  readonly pushed: number;
  readonly pushedWith: number;
  readonly held: number;
  readonly heldWith: number;
  readonly difference: number;
  readonly low: number;
  readonly high: number;
};

function shownCell(found: PlanCell): ShownCell {
  const { pushed, held, canaryOpen: _canary, controlUnseen: _unseen, controlOpen: _control, ...cell } = found;
  const counts = { pushed: pushed.of, pushedWith: pushed.hits, held: held.of, heldWith: held.hits };
  return { ...cell, ...counts, ...effectOf(pushed, held) };
}

export async function showPlan(db: Queryable, planId: string): Promise<Result<ShownPlan>> {
  const plan = await findPlan(db, planId);
  if (!plan) return refuse('customs.plan_not_found', { plan: planId });
  const counts = await countItems(db, planId);
  const of = (state: string): number => counts.byState[state] ?? 0;
  const effective = Object.entries(counts.byEvidence)
    .filter(([level]) => isEffective(level as PlanItem['evidence']))
    .reduce((sum, [, n]) => sum + n, 0);
  const open = of('planned') + of('held') + of('due') + of('pushing') + of('pushed');
  const cells = (await findCells(db, planId)).map(shownCell);
  return done({ plan, counts, effective, ineffective: of('judged') - effective, open, cells });
}
