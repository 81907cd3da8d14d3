import { createHash } from 'node:crypto';
import { days, done, plus, refuse } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { askApproval } from '../approvals/index.ts';
import { allowed, writeAudit } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import { nextNumbers } from '../platform/counters.ts';
import type { CustomsJobParts } from './calls.ts';
import type { Declaration } from './declaration.ts';
import { findKnownCodes, insertCells } from './plan-cell-store.ts';
import { cutCells, defaultStopRules } from './plan-cells.ts';
import type { Cut, Groups, PlanDimension, StopRules } from './plan-cells.ts';
import { chooseByFilter, chooseOfReport } from './plan-choose.ts';
import type { Chosen } from './plan-choose.ts';
import { insertPlan, noCells } from './plan-store.ts';
import type { Plan, PlanFilter, PlanMember } from './plan-store.ts';
import { findReport } from './report-store.ts';
import { separationDimensions } from './separation.ts';

export const repushCommand = 'customs.repush';

/** A plan up to this size goes at once: it is no larger than a canary with its control. */
const smallPlan = 20;
const defaultGroups: Groups = { canary: 10, control: 10 };
/** How long a refusal code counts as known of a group. */
const knownForMs = days(30);

export type ProposedPlan = {
  readonly plan: Plan;
  readonly cells: readonly { readonly cell: string; readonly size: number }[];
  readonly leftOut: Readonly<Record<string, number>>;
};

export type RepushChoice = { readonly reportId: string } | { readonly merchantId: string; readonly filter: PlanFilter };

export type RepushOptions = {
  readonly reason: string;
  /** In each cell; absent: ten and ten, and none for a plan of at most twenty. */
  readonly groups?: Groups;
  /** What cells are cut by; absent: what separates the stuck from the released in the list, else the hour. */
  readonly dimension?: PlanDimension;
};

/** Freezes who would be pushed again, with canary, held-back control and stop rules, and asks for a second person. Nothing is sent. */
export async function proposeRepush(
  parts: CustomsJobParts,
  actor: Actor,
  choice: RepushChoice,
  options: RepushOptions,
): Promise<Result<ProposedPlan>> {
  const found = await whoseList(parts, choice);
  if (!found.ok) return found;
  const { merchantId, separatedBy } = found.value;
  const permitted = allowed(actor, 'customs.repush.propose', merchantId);
  if (!permitted.ok) return permitted;
  const fitting = checkOptions(options);
  if (!fitting.ok) return fitting;
  const chosen = await choose(parts, merchantId, choice);
  if (chosen.members.length === 0)
    return refuse('customs.plan_empty', { report: 'reportId' in choice ? choice.reportId : '' });
  const groups = options.groups ?? (chosen.members.length <= smallPlan ? noCells.groups : defaultGroups);
  const dimension =
    groups.canary === 0 || chosen.members.length < 2 ? '' : (options.dimension ?? separatedBy ?? 'hour');
  const stopRules = dimension === '' ? defaultStopRules : await stopRulesFor(parts, chosen.members);
  const wish = { merchantId, choice, dimension, groups: dimension === '' ? noCells.groups : groups, stopRules };
  return freeze(parts, actor, chosen, wish, options.reason);
}

type Owner = { readonly merchantId: string; readonly separatedBy: PlanDimension | undefined };

async function whoseList(parts: CustomsJobParts, choice: RepushChoice): Promise<Result<Owner>> {
  if (!('reportId' in choice)) return done({ merchantId: choice.merchantId, separatedBy: undefined });
  const report = await findReport(parts.db, choice.reportId);
  if (!report) return refuse('customs.report_not_found', { report: choice.reportId });
  return done({ merchantId: report.merchantId, separatedBy: report.separation.best?.name });
}

function checkOptions({ groups, dimension }: RepushOptions): Result<void> {
  const known = dimension === undefined || separationDimensions.some((name) => name === dimension);
  if (!known) {
    const problem = separationDimensions.join(' | ');
    return refuse('usage.bad_input', { field: '--cells', value: dimension, problem }, '--cells');
  }
  if (groups && groups.canary > 0 && groups.control === 0) {
    const problem = '> 0: without a held-back group nothing can be shown';
    return refuse('usage.bad_input', { field: '--control', value: '0', problem }, '--control');
  }
  return done(undefined);
}

async function choose(parts: CustomsJobParts, merchantId: string, choice: RepushChoice): Promise<Chosen> {
  return 'reportId' in choice
    ? chooseOfReport(parts, choice.reportId)
    : chooseByFilter(parts, merchantId, choice.filter);
}

async function stopRulesFor(parts: CustomsJobParts, members: readonly Declaration[]): Promise<StopRules> {
  const accounts = [...new Set(members.map((declaration) => declaration.accountId))].sort();
  const knownCodes = await findKnownCodes(parts.db, accounts, plus(parts.clock.now(), -knownForMs));
  return { ...defaultStopRules, knownCodes };
}

type Wish = Pick<Plan, 'merchantId' | 'dimension' | 'groups' | 'stopRules'> & { readonly choice: RepushChoice };

async function freeze(
  parts: CustomsJobParts,
  actor: Actor,
  chosen: Chosen,
  { choice, ...wish }: Wish,
  reason: string,
): Promise<Result<ProposedPlan>> {
  const at = parts.clock.now();
  const stamp = { at, ids: parts.ids };
  return parts.db.transaction(async (tx) => {
    const [number] = await nextNumbers(tx, 'plan', 1);
    const id = `P-${number}`;
    const { members, cells } = placeMembers(chosen.members, id, wish);
    const input = frozenInput({ id, ...wish }, members);
    const ask = { merchantId: wish.merchantId, command: repushCommand, subject: id, input, maker: actor };
    const asked = await askApproval(tx, ask, stamp);
    const plan: Plan = {
      ...wish,
      ...('reportId' in choice ? { reportId: choice.reportId } : { reportId: undefined, filter: choice.filter }),
      ...{ id, kind: 'repush', state: 'asked', digest: asked.digest, approvalId: asked.id, size: members.length },
      ...{ madeBy: actor.userId, madeAt: at, pausedWhy: '', stoppedBy: '' },
    };
    await insertPlan(tx, plan, members);
    await insertCells(tx, id, cells);
    const source = 'reportId' in choice ? { report: choice.reportId } : { ...choice.filter };
    const detail = { ...source, size: plan.size, digest: plan.digest };
    await writeAudit(tx, [{ actor, act: 'customs.repush_proposed', subject: id, reason, detail }], stamp);
    return done({ plan, cells, leftOut: chosen.leftOut });
  });
}

function placeMembers(
  declarations: readonly Declaration[],
  planId: string,
  { dimension, groups }: Pick<Plan, 'dimension' | 'groups'>,
): { members: PlanMember[]; cells: Cut['cells'] } {
  const keys = declarations.map(({ bucket, id }) => ({ bucket, id }));
  if (dimension === '') return { members: keys.map((key) => ({ key, cell: '', role: 'rest' })), cells: [] };
  const cut = cutCells(
    declarations.map((declaration) => ({
      orderNo: declaration.orderNo,
      waybillNo: declaration.waybillNo,
      account: declaration.accountId,
      place: declaration.place,
      isSplit: declaration.isSplit,
      acceptedAt: declaration.summary.firstAcceptedAt,
      // Drawn by a digest of plan and request number: nobody chooses who is held back, and everybody who holds both can draw again.
      lot: createHash('sha256').update(`${planId}/${declaration.requestNo}`).digest('hex'),
    })),
    dimension,
    groups,
  );
  const members = keys.map((key, index): PlanMember => ({ key, ...(cut.placed[index] ?? { cell: '', role: 'rest' }) }));
  return { members, cells: cut.cells };
}

/** What the approval freezes: the members in their order with cell and role, by a digest, and the rules by which the plan stops. */
export function frozenInput(
  { id, dimension, groups, stopRules }: Pick<Plan, 'id' | 'dimension' | 'groups' | 'stopRules'>,
  members: readonly PlanMember[],
): FrozenInput {
  const text = members.map(
    ({ key, cell, role }) => `${key.bucket}/${key.id}${cell === '' ? '' : `/${cell}/${role}`}\n`,
  );
  const members_sha256 = createHash('sha256').update(text.join('')).digest('hex');
  const common = { plan: id, size: members.length, members_sha256 };
  if (dimension === '') return common;
  const { errorShare, numberChangeShare, knownCodes } = stopRules;
  const rules = {
    error_share: String(errorShare),
    number_change_share: String(numberChangeShare),
    known_codes: [...knownCodes],
  };
  return { ...common, cells_by: dimension, canary: groups.canary, control: groups.control, stop_rules: rules };
}

type FrozenInput = { plan: string; size: number; members_sha256: string } & {
  readonly cells_by?: string;
  readonly canary?: number;
  readonly control?: number;
  readonly stop_rules?: {
    readonly error_share: string;
    readonly number_change_share: string;
    readonly known_codes: string[];
  };
};
