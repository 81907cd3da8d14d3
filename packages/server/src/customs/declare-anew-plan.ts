import { createHash } from 'node:crypto';
import { assert, done, refuse } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import { askApproval } from '../approvals/index.ts';
import { allowed, writeAudit } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import type { RecordKey } from '../platform/commands.ts';
import { compareKeys } from '../platform/commands.ts';
import { nextNumbers } from '../platform/counters.ts';
import type { Queryable } from '../platform/db.ts';
import { findNumbers } from '../platform/numbers.ts';
import { rulesOf } from './calls.ts';
import type { CustomsJobParts } from './calls.ts';
import type { Declaration } from './declaration.ts';
import { decideAnew, numberAnew, ruleFor, warning } from './declare-anew.ts';
import { findNumberRules } from './number-rule-store.ts';
import type { CustomsNumber } from './number-rule.ts';
import { findHeld, insertPlan, noCells } from './plan-store.ts';
import type { Plan } from './plan-store.ts';
import type { Problem } from './precheck.ts';
import { findMembers, findReport } from './report-store.ts';
import type { Member } from './report-store.ts';
import { findDeclarations, findDeclarationsOfPayments } from './store.ts';

export const declareAnewCommand = 'customs.declare_anew';
const chunk = 1000;

/** Whose declarations: all of a port's report, or those behind any of these numbers (order, child order, trade, waybill). */
export type AnewChoice =
  { readonly reportId: string } | { readonly merchantId: string; readonly numbers: readonly string[] };

export type ProposedAnew = {
  readonly plan: Plan;
  /** Why the others are not in it: reasons and codes of the pre-check, with how many. */
  readonly leftOut: Readonly<Record<string, number>>;
  /** The old declaration, whose number nobody knows, may exist already: customs may then hold two payment records. */
  readonly warning: typeof warning;
};

type Chosen = {
  readonly declarations: readonly Declaration[];
  readonly leftOut: Readonly<Record<string, number>>;
  readonly firstProblem: Problem | undefined;
};

/** Freezes what would be declared under new request numbers, and asks for a second person. Nothing is sent, no number is drawn. */
export async function proposeDeclareAnew(
  parts: CustomsJobParts,
  actor: Actor,
  choice: AnewChoice,
  reason: string,
): Promise<Result<ProposedAnew>> {
  const report = 'reportId' in choice ? await findReport(parts.db, choice.reportId) : undefined;
  if ('reportId' in choice && !report) return refuse('customs.report_not_found', { report: choice.reportId });
  const merchantId = report?.merchantId ?? ('merchantId' in choice ? choice.merchantId : '');
  const permitted = allowed(actor, 'customs.declare_anew.propose', merchantId);
  if (!permitted.ok) return permitted;
  const chosen = await choose(parts, merchantId, choice);
  if (chosen.declarations.length === 0) return refuseNothing(chosen, report?.id);
  const plan = await askForPlan(parts, actor, merchantId, report?.id, chosen.declarations, reason);
  return done({ plan, leftOut: chosen.leftOut, warning });
}

function refuseNothing({ leftOut, firstProblem }: Chosen, report: string | undefined): Result<never> {
  if (firstProblem) return { ok: false, refusal: firstProblem };
  const why = Object.entries(leftOut).map(([reason, count]) => `${reason}: ${count}`);
  return refuse('customs.nothing_to_declare_anew', {
    ...(report === undefined ? {} : { report }),
    ...(why.length === 0 ? {} : { why: why.join(', ') }),
  });
}

async function askForPlan(
  parts: CustomsJobParts,
  actor: Actor,
  merchantId: string,
  reportId: string | undefined,
  declarations: readonly Declaration[],
  reason: string,
): Promise<Plan> {
  const stamp = { at: parts.clock.now(), ids: parts.ids };
  return parts.db.transaction(async (tx) => {
    const [number] = await nextNumbers(tx, 'plan', 1);
    const id = `P-${number}`;
    const input = await anewInput(tx, id, declarations, stamp.at);
    const asked = await askApproval(
      tx,
      { merchantId, command: declareAnewCommand, subject: id, input, maker: actor },
      stamp,
    );
    const plan: Plan = {
      ...{ id, merchantId, reportId, kind: 'declare_anew', state: 'asked' },
      ...{ digest: asked.digest, approvalId: asked.id, size: declarations.length },
      ...{ madeBy: actor.userId, madeAt: stamp.at },
      ...noCells,
    };
    await insertPlan(
      tx,
      plan,
      declarations.map((key) => ({ key, cell: '', role: 'rest' })),
    );
    const detail = { report: reportId ?? null, size: plan.size, digest: plan.digest, warning };
    await writeAudit(tx, [{ actor, act: 'customs.declare_anew_proposed', subject: id, reason, detail }], stamp);
    return plan;
  });
}

export type AnewInput = {
  readonly plan: string;
  readonly size: number;
  readonly members_sha256: string;
  readonly warning: typeof warning;
};

/**
 * What the approval freezes: every declaration with its number rule and the order number customs will know, in the plan's order, and
 * the warning. The rules are those of the moment of proposing, so that the same input can be made again at run time.
 */
export async function anewInput(
  db: Queryable,
  planId: string,
  declarations: readonly Declaration[],
  proposedAt: Instant,
): Promise<AnewInput> {
  const chosen = await findNumberRules(db, accountsOf(declarations), proposedAt);
  const hash = createHash('sha256');
  for (const declaration of declarations) {
    const rule = ruleFor(chosen, declaration);
    assert(rule !== undefined, `declaration ${declaration.id} is in plan ${planId} without a number rule`);
    hash.update(`${declaration.bucket}/${declaration.id} ${rule} ${wordsOf(numberAnew(declaration, rule))}\n`);
  }
  return { plan: planId, size: declarations.length, members_sha256: hash.digest('hex'), warning };
}

function wordsOf({ customsOrderNo, asSplit }: CustomsNumber): string {
  return `${asSplit ? 'split' : 'whole'} ${customsOrderNo}`;
}

export function accountsOf(declarations: readonly Declaration[]): string[] {
  return [...new Set(declarations.map((declaration) => declaration.accountId))];
}

/** The other declarations of each payment: they share its money. */
export async function findSiblings(
  db: Queryable,
  declarations: readonly Declaration[],
): Promise<ReadonlyMap<string, readonly Declaration[]>> {
  const payments = new Map(declarations.map(({ bucket, paymentId }) => [paymentId, { bucket, id: paymentId }]));
  const found = await findDeclarationsOfPayments(db, [...payments.values()]);
  return Map.groupBy(found, (declaration) => declaration.paymentId);
}

async function choose(parts: CustomsJobParts, merchantId: string, choice: AnewChoice): Promise<Chosen> {
  const now = parts.clock.now();
  const declarations: Declaration[] = [];
  const leftOut: Record<string, number> = {};
  let firstProblem: Problem | undefined;
  const rules = rulesOf(parts);
  const pages = 'reportId' in choice ? ofReport(parts.db, choice.reportId) : ofNumbers(parts.db, merchantId, choice);
  for await (const keys of pages) {
    const found = await findDeclarations(parts.db, keys);
    const siblings = await findSiblings(parts.db, found);
    const chosen = await findNumberRules(parts.db, accountsOf(found), now);
    const held = await findHeld(parts.db, keys, '');
    for (const declaration of found) {
      const channelRules = rules(declaration.channel);
      if (!channelRules || declaration.merchantId !== merchantId) continue;
      const payment = { siblings: siblings.get(declaration.paymentId) ?? [] };
      const decided = decideAnew(declaration, channelRules, ruleFor(chosen, declaration), payment, now);
      if (decided.kind === 'declare' && !held.has(declaration.id)) {
        declarations.push(declaration);
        continue;
      }
      const why = decided.kind === 'leave' ? decided.why : 'in_another_plan';
      leftOut[why] = (leftOut[why] ?? 0) + 1;
      firstProblem ??= decided.kind === 'leave' ? decided.problem : undefined;
    }
  }
  return { declarations: declarations.sort(compareKeys), leftOut, firstProblem };
}

async function* ofReport(db: Queryable, reportId: string): AsyncGenerator<RecordKey[]> {
  for (let last: Member | undefined; ;) {
    const members = await findMembers(db, reportId, chunk, last);
    if (members.length === 0) return;
    yield members.map((member) => member.key);
    last = members.at(-1);
  }
}

async function* ofNumbers(
  db: Queryable,
  merchantId: string,
  { numbers }: { readonly numbers: readonly string[] },
): AsyncGenerator<RecordKey[]> {
  const hits = await findNumbers(db, [merchantId], numbers);
  const keys = [...new Map(hits.map((hit) => [hit.record, { bucket: hit.bucket, id: hit.record }])).values()];
  for (let from = 0; from < keys.length; from += chunk) yield keys.slice(from, from + chunk);
}
