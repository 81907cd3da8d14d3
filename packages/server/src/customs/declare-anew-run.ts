import { assert } from '../kernel/index.ts';
import type { Instant, SerialNo } from '../kernel/index.ts';
import type { Tx } from '../platform/db.ts';
import { enqueue } from '../platform/jobs.ts';
import { indexNumbers } from '../platform/numbers.ts';
import { nextSerials } from '../platform/serials.ts';
import { rulesOf } from './calls.ts';
import type { CustomsJobParts } from './calls.ts';
import { stateAt } from './declaration.ts';
import type { Declaration } from './declaration.ts';
import { accountsOf, findSiblings } from './declare-anew-plan.ts';
import { decideAnew, decideDrawn, ruleFor } from './declare-anew.ts';
import type { AnewDecision } from './declare-anew.ts';
import { findNumberRules } from './number-rule-store.ts';
import { numberRow } from './observe.ts';
import { pushWish } from './job-wishes.ts';
import { findHeld, updateItems } from './plan-store.ts';
import type { ItemOf, Plan } from './plan-store.ts';
import { claimRequestNos, findDeclarations, updateDeclarations } from './store.ts';

type Decided = { readonly one: ItemOf; readonly declaration: Declaration | undefined; readonly decision: AnewDecision };

/**
 * Decides each item again, and in the same transaction gives those that stay a request number of ours and a push that is due. An item
 * whose declaration somebody changed meanwhile stays planned: it is decided once more by the next call.
 */
export async function enqueueAnew(tx: Tx, parts: CustomsJobParts, plan: Plan, items: readonly ItemOf[]): Promise<void> {
  const now = parts.clock.now();
  const decided = await decideItems(tx, parts, plan, items, now);
  const numbered = await numberDeclarations(tx, decided, now);
  const goingOn = decided.flatMap(({ declaration, decision }) =>
    declaration && decision.kind === 'go_on' ? [declaration] : [],
  );
  const wished = new Map([...numbered.values(), ...goingOn].map((declaration) => [declaration.id, declaration]));
  const due = decided.filter(({ one }) => wished.has(one.key.id));
  const left = decided.filter(({ decision }) => decision.kind === 'leave');
  await updateItems(tx, [
    // Nothing was known of a number that did not exist: whatever the channel tells of it later, the push has caused.
    ...due.map(({ one }) => ({ key: one.key, item: { ...one.item, state: 'due' as const, before: {} } })),
    ...left.map(({ one, decision }) => ({
      key: one.key,
      item: { ...one.item, state: 'skipped' as const, why: whyOf(decision), judgedAt: now },
    })),
  ]);
  await enqueue(
    tx,
    [...wished.values()].map((declaration) => pushWish(declaration, now, plan.id)),
  );
}

function whyOf(decision: AnewDecision): string {
  return decision.kind === 'leave' ? decision.why : '';
}

async function decideItems(
  tx: Tx,
  parts: CustomsJobParts,
  plan: Plan,
  items: readonly ItemOf[],
  now: Instant,
): Promise<Decided[]> {
  const keys = items.map((one) => one.key);
  const found = await findDeclarations(tx, keys);
  const byId = new Map(found.map((declaration) => [declaration.id, declaration]));
  const siblings = await findSiblings(tx, found);
  const held = await findHeld(tx, keys, plan.id);
  const agreed = await findNumberRules(tx, accountsOf(found), plan.madeAt);
  const chosen = await findNumberRules(tx, accountsOf(found), now);
  const rules = rulesOf(parts);
  return items.map((one) => {
    const declaration = byId.get(one.key.id);
    const channelRules = declaration && rules(declaration.channel);
    const leave = (why: string): Decided => ({ one, declaration, decision: { kind: 'leave', why } });
    if (!declaration || !channelRules) return leave('gone');
    if (held.has(declaration.id)) return leave('in_another_plan');
    if (isDrawn(one, declaration)) return { one, declaration, decision: decideDrawn(declaration, now) };
    const rule = ruleFor(chosen, declaration);
    // What the second person agreed to is what is declared, or nothing (architecture rule 12).
    if (rule !== ruleFor(agreed, declaration)) return leave('number_rule_changed');
    const payment = { siblings: siblings.get(declaration.paymentId) ?? [] };
    return { one, declaration, decision: decideAnew(declaration, channelRules, rule, payment, now) };
  });
}

/** What was due before a pause keeps the empty snapshot that it was given with its number; what was only planned has none. */
function isDrawn({ item }: ItemOf, declaration: Declaration): boolean {
  return item.before !== undefined && declaration.requestNo !== undefined;
}

/** Draws serial numbers and freezes them on the declarations. Returns what was written, by id. */
async function numberDeclarations(
  tx: Tx,
  decided: readonly Decided[],
  now: Instant,
): Promise<ReadonlyMap<string, Declaration>> {
  const chosen = decided.flatMap(({ declaration, decision }) =>
    declaration && decision.kind === 'declare' ? [{ declaration, decision }] : [],
  );
  if (chosen.length === 0) return new Map();
  const buckets = chosen.map(({ declaration }) => declaration.bucket);
  const serials = await nextSerials(tx, now, buckets);
  const numbered = chosen.map(({ declaration, decision }, index) =>
    withNumber(declaration, decision, serials[index], now),
  );
  const written = await updateDeclarations(tx, numbered);
  const kept = numbered.filter((declaration) => written.has(declaration.id));
  const taken = await claimRequestNos(tx, kept);
  // A number that we have just drawn and that is there already was drawn in another life of this database (architecture rule 9).
  assert(taken.size === 0, `a serial number that was just drawn is the request number of another declaration`);
  await indexNumbers(
    tx,
    kept.map((declaration) => numberRow(declaration, declaration.requestNo ?? '', 'request')),
  );
  return new Map(kept.map((declaration) => [declaration.id, declaration]));
}

function withNumber(
  declaration: Declaration,
  { rule, number }: Extract<AnewDecision, { kind: 'declare' }>,
  requestNo: SerialNo | undefined,
  now: Instant,
): Declaration {
  assert(requestNo !== undefined, 'fewer serial numbers than declarations');
  const next = { ...declaration, requestNo, numberRule: rule, customsOrderNo: number.customsOrderNo };
  return { ...next, state: stateAt(next, now) };
}
