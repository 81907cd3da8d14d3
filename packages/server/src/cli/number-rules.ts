import type { Command } from 'commander';
import { done, refuse, rfc3339 } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { listAccounts } from '../accounts/index.ts';
import { decideNumberRule, listNumberRules, proposeNumberRule } from '../customs/index.ts';
import type { ChosenRule } from '../customs/index.ts';
import { allowed } from '../identity/index.ts';
import type { Answer } from './answer.ts';
import { bilingualTable, time } from './layout.ts';
import { group, leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { numberRulesTexts as t } from './number-rules.texts.ts';
import { planTexts } from './plans.texts.ts';
import { merchantsOf } from './scope.ts';
import { firstArg, text } from './session.ts';
import type { Args, Run, Session } from './session.ts';

export function numberRuleCommands(kit: Kit, accounts: Command): void {
  const rules = group(kit, accounts, 'number-rule', t.group);
  const reason = ['--reason <text>', planTexts.reasonOption] as const;
  leaf(kit, rules, 'list', t.listAbout, list);
  leaf(kit, rules, 'propose <account> <place> <rule>', t.proposeAbout, propose, [reason]);
  leaf(kit, rules, 'approve <approval>', t.approveAbout, decide('approve'), [reason]);
  leaf(kit, rules, 'refuse <approval>', t.refuseAbout, decide('refuse'), [reason]);
}

const list: Run = async (use) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { db, actor, customs } = opened.value;
  const merchants = await merchantsOf(opened.value);
  for (const merchant of merchants) {
    const may = allowed(actor, 'accounts.read', merchant);
    if (!may.ok) return may;
  }
  const accounts = await listAccounts(db, merchants);
  const rules = (await Promise.all(accounts.map((account) => listNumberRules(customs, account.id)))).flat();
  const rows = rules.map(({ accountId, place, rule, validFrom }) => [accountId, place, rule, time(validFrom)]);
  const lines = rows.length === 0 ? [t.none] : bilingualTable(t.heads, rows);
  return done({ exit: 0, lines, json: { rules: rules.map(ruleJson) } });
};

function ruleJson({ accountId, place, rule, validFrom }: ChosenRule): Record<string, unknown> {
  return { account: accountId, place, rule, valid_from: rfc3339(validFrom) };
}

const propose: Run = async (use, args, options) => {
  const [accountId, place, rule] = args.map(word);
  if (rule !== 'serial' && rule !== 'child')
    return refuse('usage.bad_input', { field: 'RULE', value: rule ?? '', problem: 'serial | child' }, 'RULE');
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { customs, actor } = opened.value;
  const choice = { accountId: accountId ?? '', place: place ?? '', rule } as const;
  const proposed = await proposeNumberRule(customs, actor, choice, text(options, 'reason') ?? '');
  if (!proposed.ok) return proposed;
  const { approvalId, digest, lapsesAt, now } = proposed.value;
  const about = `${choice.accountId}/${choice.place.toUpperCase()}`;
  return done({
    exit: 0,
    lines: [t.proposed(approvalId, about, rule, now ?? '-')],
    json: {
      ...{ approval: approvalId, account: choice.accountId, place: choice.place.toUpperCase(), rule, now: now ?? null },
      ...{ digest, lapses_at: rfc3339(lapsesAt), by: actor.userId },
    },
    next: `liushui accounts number-rule approve ${approvalId}`,
  });
};

const word = (arg: Args[number]): string => (typeof arg === 'string' ? arg : '');

function decide(verdict: 'approve' | 'refuse'): Run {
  return async (use, args, options) => {
    const opened = await use.session();
    if (!opened.ok) return opened;
    return decideOnRule(opened.value, firstArg(args), verdict, text(options, 'reason') ?? '');
  };
}

/** Also for the approval by its number: rule and approval are decided together, whichever of the two was named. */
export async function decideOnRule(
  { customs, actor }: Session,
  approvalId: string,
  verdict: 'approve' | 'refuse',
  reason: string,
): Promise<Result<Answer>> {
  const decided = await decideNumberRule(customs, actor, approvalId, verdict, reason);
  if (!decided.ok) return decided;
  const chosen = decided.value;
  const state = verdict === 'approve' ? 'approved' : 'refused';
  const words = chosen ? t.chosen(`${chosen.accountId}/${chosen.place}`, chosen.rule) : t.refused(approvalId);
  const json = { approval: approvalId, state, by: actor.userId, ...(chosen ? ruleJson(chosen) : {}) };
  return done({ exit: 0, lines: [words], json, next: 'liushui accounts number-rule list' });
}
