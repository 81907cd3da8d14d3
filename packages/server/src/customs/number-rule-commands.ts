import { done, refuse } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import { openAccount } from '../accounts/index.ts';
import type { AccountParts } from '../accounts/index.ts';
import { askApproval, decideApproval, findApproval, useApproval } from '../approvals/index.ts';
import type { Approval } from '../approvals/index.ts';
import { allowed, writeAudit } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import { findNumberRules, insertNumberRule } from './number-rule-store.ts';
import type { ChosenRule, NumberRule } from './number-rule.ts';

const command = 'customs.number_rule';

export type NumberRuleChoice = { readonly accountId: string; readonly place: string; readonly rule: NumberRule };

export type ProposedNumberRule = NumberRuleChoice & {
  readonly approvalId: string;
  readonly digest: string;
  readonly lapsesAt: Instant;
  /** What holds until the second person agrees. */
  readonly now: NumberRule | undefined;
};

/** Asks a second person to agree which number customs gets to know from then on. Nothing changes before. */
export async function proposeNumberRule(
  parts: AccountParts,
  actor: Actor,
  choice: NumberRuleChoice,
  reason: string,
): Promise<Result<ProposedNumberRule>> {
  const checked = await checkChoice(parts, actor, choice);
  if (!checked.ok) return checked;
  const { accountId, rule } = choice;
  const { merchantId, place } = checked.value;
  const now = (await findNumberRules(parts.db, [accountId], parts.clock.now())).find((one) => one.place === place);
  if (now?.rule === rule) return refuse('customs.number_rule_unchanged', { account: accountId, place, rule });
  const stamp = { at: parts.clock.now(), ids: parts.ids };
  const subject = `${accountId}/${place}`;
  const input = { account: accountId, place, rule };
  const asked = await parts.db.transaction(async (tx) => {
    const asking = await askApproval(tx, { merchantId, command, subject, input, maker: actor }, stamp);
    await writeAudit(tx, [{ actor, act: 'customs.number_rule_proposed', subject, reason, detail: input }], stamp);
    return asking;
  });
  return done({ accountId, place, rule, approvalId: asked.id, ...asked, now: now?.rule });
}

async function checkChoice(
  parts: AccountParts,
  actor: Actor,
  { accountId, place: given, rule }: NumberRuleChoice,
): Promise<Result<{ merchantId: string; place: string }>> {
  const opened = await openAccount(parts, accountId);
  if (!opened.ok) return opened;
  const { merchantId, connector } = opened.value;
  const permitted = allowed(actor, 'customs.number_rule.propose', merchantId);
  if (!permitted.ok) return permitted;
  const rules = connector.manifest.customs;
  if (!rules) return refuse('account.not_found', { account: accountId });
  if (!new RegExp(rules.placePattern).test(given)) return refuse('declaration.place_malformed', { place: given });
  const place = given.toUpperCase();
  const { split } = rules.places[place] ?? rules.unlistedPlace;
  if (rule === 'child' && split === 'no') return refuse('customs.split_not_allowed', { place });
  return done({ merchantId, place });
}

/** A second person's word. Agreed, the choice holds from this moment; what was declared before keeps its number. */
export async function decideNumberRule(
  parts: AccountParts,
  actor: Actor,
  approvalId: string,
  verdict: 'approve' | 'refuse',
  reason: string,
  expectedDigest?: string,
): Promise<Result<ChosenRule | undefined>> {
  const stamp = { at: parts.clock.now(), ids: parts.ids };
  const approval = await findApproval(parts.db, approvalId, stamp.at);
  const choice = approval && choiceOf(approval);
  if (!approval || !choice) return refuse('approval.not_found', { subject: approvalId });
  return parts.db.transaction(async (tx) => {
    const decide = { id: approvalId, verdict, checker: actor, reason, onePersonAllowed: false };
    const seen = expectedDigest === undefined ? {} : { expectedDigest };
    const decided = await decideApproval(tx, { ...decide, ...seen }, stamp);
    if (!decided.ok) return decided;
    if (verdict === 'refuse') return done(undefined);
    const { subject } = approval;
    const { accountId, place, rule } = choice;
    const input = { account: accountId, place, rule };
    const used = await useApproval(tx, { id: approvalId, command, subject, input, by: actor }, stamp);
    if (!used.ok) return used;
    const chosen = { ...choice, validFrom: stamp.at };
    await insertNumberRule(tx, chosen);
    await writeAudit(tx, [{ actor, act: 'customs.number_rule_chosen', subject, reason, detail: input }], stamp);
    return done(chosen);
  });
}

function choiceOf({ command: asked, input }: Approval): NumberRuleChoice | undefined {
  if (asked !== command || input === null || typeof input !== 'object' || !('account' in input)) return undefined;
  const { account, place, rule } = input;
  if (typeof account !== 'string' || typeof place !== 'string') return undefined;
  return rule === 'serial' || rule === 'child' ? { accountId: account, place, rule } : undefined;
}

/** The rules of one account that hold now; a place without one cannot be declared to. */
export async function listNumberRules(parts: AccountParts, accountId: string): Promise<readonly ChosenRule[]> {
  return findNumberRules(parts.db, [accountId], parts.clock.now());
}
