import { plus } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import type { CustomsRules } from '../channels/contract/index.ts';
import { notify } from '../notifications/index.ts';
import { choreWish } from '../platform/chores.ts';
import { crashPoint } from '../platform/crash-points.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import { enqueue, finishJobs, priorities } from '../platform/jobs.ts';
import type { LaneWork } from '../platform/worker.ts';
import { toGrid } from './asking.ts';
import { rulesOf } from './calls.ts';
import type { CustomsJobParts } from './calls.ts';
import type { Declaration } from './declaration.ts';
import { enqueueAnew } from './declare-anew-run.ts';
import { askWish, pushWish } from './job-wishes.ts';
import { findCells, findChannels, findStartable, moveCell, skipUnsent, tallyPlan } from './plan-cell-store.ts';
import type { PlanCell } from './plan-cell-store.ts';
import { judgeCell, stopReason } from './plan-cells.ts';
import { beforeOf, nextLookAt, reasonToSkip } from './plan-item.ts';
import type { PlanItem } from './plan-item.ts';
import { countItems, findHeld, findPlan, findPlanItems, lockPlan, setPlanState, updateItems } from './plan-store.ts';
import type { ItemOf, Plan } from './plan-store.ts';
import { findDeclarations } from './store.ts';
import { lookWish } from './watch.ts';

const stepOperation = 'plan.step';
const chunk = 1000;

/** A running plan is looked at every whole minute: cells are judged, the next members begin, and it ends when nothing is open. */
export function stepWork(parts: CustomsJobParts): LaneWork {
  return {
    operation: stepOperation,
    async prepare(lease) {
      const ends = [];
      for (const job of lease.calls.flatMap((call) => call.jobs)) {
        const plan = await stepPlan(parts, String(job.payload['subject']));
        ends.push(plan?.state === 'running' ? { job, againAt: nextStepAt(parts.clock.now()) } : { job });
      }
      await finishJobs(parts.db, parts.owner, ends);
      return [];
    },
    hear: () => Promise.resolve(),
  };
}

function nextStepAt(now: Instant): Instant {
  return toGrid(plus(now, 1));
}

/** Wishes the steps of a plan, in the transaction that lets it run. */
export async function wishSteps(tx: Queryable, planId: string, now: Instant): Promise<void> {
  await enqueue(tx, [choreWish(stepOperation, planId, nextStepAt(now))]);
}

/** Moves a running plan on as far as it goes now. Each part is a transaction: a process that dies goes on with the next one. */
export async function stepPlan(parts: CustomsJobParts, planId: string): Promise<Plan | undefined> {
  while (await parts.db.transaction((tx) => stepOnce(parts, tx, planId))) crashPoint('plan.part_enqueued');
  return findPlan(parts.db, planId);
}

/** True when there is more to do at once. */
async function stepOnce(parts: CustomsJobParts, tx: Tx, planId: string): Promise<boolean> {
  const plan = await lockPlan(tx, planId);
  if (plan?.state !== 'running') return false;
  const now = parts.clock.now();
  const cells = await findCells(tx, planId);
  if (cells.length === 0) return (await beginPlanned(parts, tx, plan)) || settle(tx, plan, now);
  const stop = stopReason(await tallyPlan(tx, planId), plan.stopRules);
  if (stop !== undefined) {
    await endPlan(tx, plan, 'stopped', stop, now);
    return false;
  }
  const moved = await moveCells(parts, tx, plan, cells);
  if (moved.some(hasStartable) && (await beginStartable(parts, tx, plan))) return true;
  // Each look at all items costs as much as many pushes: while a cell waits nothing is finished, and nobody counts again.
  const waits = moved.some(({ state, open }) => state !== 'stopped' && open > 0);
  return waits ? false : settle(tx, plan, now);
}

/** The cells with the states that they now have; their counts stay those of before. */
async function moveCells(
  parts: CustomsJobParts,
  tx: Tx,
  plan: Plan,
  cells: readonly PlanCell[],
): Promise<readonly PlanCell[]> {
  const now = parts.clock.now();
  const windowMinutes = cells.some(({ state }) => state === 'canary') ? await longestWindow(parts, tx, plan) : 0;
  const moved: PlanCell[] = [];
  for (const cell of cells) {
    const next = nextOf(cell, now, windowMinutes);
    if (next.stoppedBy !== '' && next.state === 'stopped' && cell.state !== 'stopped')
      await skipUnsent(tx, plan.id, cell.cell, next.stoppedBy, now);
    if (next.state !== cell.state) await moveCell(tx, plan.id, cell, next.state, now, next.stoppedBy);
    moved.push({ ...cell, ...next });
  }
  return moved;
}

type CellMove = Pick<PlanCell, 'state' | 'stoppedBy'>;

function nextOf(cell: PlanCell, now: Instant, windowMinutes: number): CellMove {
  if (cell.state === 'waiting') return { state: 'canary', stoppedBy: '' };
  const verdict = judgeCell(cell, now, windowMinutes);
  switch (verdict.kind) {
    case 'wait':
      return { state: cell.state, stoppedBy: cell.stoppedBy };
    case 'stop':
      return { state: 'stopped', stoppedBy: verdict.why };
    case 'ramp':
    case 'done':
      return { state: verdict.kind, stoppedBy: '' };
  }
}

/** Whether anybody of the cell may begin now (`findStartable` says who). */
function hasStartable({ state, byState }: PlanCell): boolean {
  const planned = byState['planned'] ?? 0;
  return (state === 'canary' && planned > 0) || (state === 'ramp' && planned + (byState['held'] ?? 0) > 0);
}

/** The evidence window of the channels that the plan pushes through. */
async function longestWindow(parts: CustomsJobParts, tx: Tx, plan: Plan): Promise<number> {
  const rules = rulesOf(parts);
  const channels = await findChannels(tx, plan.id);
  return Math.max(0, ...channels.map((channel) => rules(channel)?.rePush.evidenceWindowMinutes ?? 0));
}

/** Lets the next members of cells begin; whether there were any. */
async function beginStartable(parts: CustomsJobParts, tx: Tx, plan: Plan): Promise<boolean> {
  const some = await findStartable(tx, plan.id, chunk);
  if (some.length === 0) return false;
  await beginItems(tx, parts, plan, some);
  await wishLook(tx, parts);
  return true;
}

/** Much is about to be pushed: how the channel bears it is looked at from now on, however old the orders are (rule D5). */
async function wishLook(tx: Tx, parts: CustomsJobParts): Promise<void> {
  await enqueue(tx, [lookWish(parts.clock.now())]);
}

/** The same of a plan without cells. */
async function beginPlanned(parts: CustomsJobParts, tx: Tx, plan: Plan): Promise<boolean> {
  const items = await findPlanItems(tx, plan.id, ['planned'], chunk);
  if (items.length === 0) return false;
  if (plan.kind === 'declare_anew') await enqueueAnew(tx, parts, plan, items);
  else {
    await beginItems(
      tx,
      parts,
      plan,
      items.map((item) => ({ ...item, hold: false })),
    );
  }
  await wishLook(tx, parts);
  return true;
}

type Decided = { readonly key: ItemOf['key']; readonly declaration: Declaration | undefined; readonly item: PlanItem };

/** Decides each once more at the last moment: it is skipped with its reason, held back, or due. */
async function beginItems(
  tx: Tx,
  parts: CustomsJobParts,
  plan: Plan,
  items: readonly (ItemOf & { readonly hold: boolean })[],
): Promise<void> {
  const keys = items.map((one) => one.key);
  const now = parts.clock.now();
  const byId = new Map((await findDeclarations(tx, keys)).map((declaration) => [declaration.id, declaration]));
  const held = await findHeld(tx, keys, plan.id);
  const rules = rulesOf(parts);
  const decided = items.map(({ key, item, hold }): Decided => {
    const declaration = byId.get(key.id);
    const channelRules = declaration && rules(declaration.channel);
    const why = !declaration || !channelRules ? 'gone' : held.has(key.id) ? 'in_another_plan' : undefined;
    const skip = why ?? (declaration && channelRules ? reasonToSkip(declaration, channelRules, now) : undefined);
    return { key, declaration, item: beginItem(item, declaration, skip, hold, now) };
  });
  await updateItems(tx, decided);
  await enqueue(
    tx,
    decided.flatMap(({ declaration, item }) =>
      declaration ? wishOf(declaration, item, rules(declaration.channel), now) : [],
    ),
  );
}

function wishOf(
  declaration: Declaration,
  item: PlanItem,
  rules: CustomsRules | undefined,
  now: Instant,
): ReturnType<typeof pushWish>[] {
  if (item.state === 'due') return [pushWish(declaration, now, item.planId)];
  if (item.state !== 'held' || !rules) return [];
  const look = nextLookAt(item, declaration.summary, rules, now);
  return look === undefined ? [] : [askWish(declaration, look, priorities.plan)];
}

function beginItem(
  item: PlanItem,
  declaration: Declaration | undefined,
  skip: string | undefined,
  hold: boolean,
  now: Instant,
): PlanItem {
  if (skip !== undefined || !declaration) return { ...item, state: 'skipped', why: skip ?? 'gone', judgedAt: now };
  const { judgedAt: _ofHolding, ...rest } = item;
  const before = beforeOf(declaration.summary);
  const fresh = { ...rest, ...(before ? { before } : {}) };
  return hold ? { ...fresh, state: 'held', heldAt: now } : { ...fresh, state: 'due' };
}

const openStates = ['planned', 'held', 'due', 'pushing', 'pushed'];

/** A plan is finished when none of its items waits for anything. False: there is nothing more to do at once. */
async function settle(tx: Tx, plan: Plan, now: Instant): Promise<false> {
  const { byState } = await countItems(tx, plan.id);
  if (openStates.some((state) => (byState[state] ?? 0) > 0)) return false;
  const cells = await findCells(tx, plan.id);
  for (const cell of cells) if (cell.state === 'ramp') await moveCell(tx, plan.id, cell, 'done', now);
  const isStopped = cells.length > 0 && cells.every((cell) => cell.state === 'stopped');
  await endPlan(tx, plan, 'finished', isStopped ? (cells[0]?.stoppedBy ?? '') : '', now);
  return false;
}

/** Ends a plan and tells who listens. What is on its way is looked at to the end all the same. */
export async function endPlan(
  tx: Tx,
  plan: Plan,
  state: 'finished' | 'stopped',
  why: string,
  now: Instant,
): Promise<void> {
  if (state === 'stopped') {
    await skipUnsent(tx, plan.id, undefined, 'plan_stopped', now);
    for (const cell of await findCells(tx, plan.id)) {
      if (cell.state !== 'done' && cell.state !== 'stopped') await moveCell(tx, plan.id, cell, 'stopped', now, why);
    }
  }
  await setPlanState(tx, plan.id, state, now, why);
  const { pushes } = await countItems(tx, plan.id);
  const data = { plan: plan.id, kind: plan.kind, size: plan.size, pushes, stopped_by: why };
  await notify(tx, [{ merchantId: plan.merchantId, type: `plan.${state}`, subject: plan.id, data }], now);
}
