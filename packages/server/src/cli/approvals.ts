import type { Command } from 'commander';
import { done, plus, refuse, rfc3339 } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { decideApproval, findApproval, listApprovals } from '../approvals/index.ts';
import type { Approval } from '../approvals/index.ts';
import { decidePlan } from '../customs/index.ts';
import { allowed, listAudit, permissionsOfRole, roles } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import { decideAttemptVerdict, decideRefund, decideRefundVerdict, decideSurplus } from '../payments/index.ts';
import { plain } from './answer.ts';
import type { Answer, Words } from './answer.ts';
import { completionOf, nextOf } from './approvals-next.ts';
import { approvalsTexts as t } from './approvals.texts.ts';
import { stampOf } from './consent.ts';
import { bilingualTable, time } from './layout.ts';
import { decideOnClose } from './incidents.ts';
import { group, leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { decideOnRule } from './number-rules.ts';
import { groups } from './plans.ts';
import { planTexts } from './plans.texts.ts';
import { merchantsSeen } from './scope.ts';
import { decideOnReceiver } from './sharing-receivers.ts';
import { decideOnShare } from './sharing-verdicts.ts';
import { firstArg, text } from './session.ts';
import type { Run, Session } from './session.ts';
import { decideOnTerm } from './terms.ts';
import { decideOnEndpoint } from './webhooks.ts';

export function approvalCommands(kit: Kit, program: Command): void {
  const approvals = group(kit, program, 'approvals', t.approvals);
  const reason = ['--reason <text>', planTexts.reasonOption] as const;
  leaf(kit, approvals, 'list', t.listAbout, list, [['--all', t.allOption]]);
  leaf(kit, approvals, 'show <approval>', t.showAbout, show);
  leaf(kit, approvals, 'approve <approval>', t.approveAbout, decide('approve'), [reason]);
  leaf(kit, approvals, 'refuse <approval>', t.refuseAbout, decide('refuse'), [reason]);
}

const jsonOf = (approval: Approval): Record<string, unknown> => ({
  ...{ approval: approval.id, merchant: approval.merchantId, command: approval.command, subject: approval.subject },
  ...{ state: approval.state, digest: approval.digest, maker: approval.maker, checker: approval.checker ?? null },
  ...{ asked_at: rfc3339(approval.askedAt), lapses_at: rfc3339(approval.lapsesAt), reason: approval.reason },
  input: approval.input,
});

function linesOf(approvals: readonly Approval[]) {
  const rows = (lang: 'zh' | 'en'): string[][] =>
    approvals.map((one) => [
      ...[one.id, one.subject, one.command, t.states[one.state][lang], one.maker],
      ...[time(one.askedAt), time(one.lapsesAt)],
    ]);
  const en = bilingualTable(t.heads, rows('en'));
  return bilingualTable(t.heads, rows('zh')).map((line, index) => ({ zh: line.zh, en: en[index]?.en ?? '' }));
}

/** Under the table: what this person can do about each, or whose turn it is. */
const turnLines = (approvals: readonly Approval[], actor: Actor): Words[] =>
  approvals.flatMap((one) => {
    const next = nextOf(one, actor);
    if (next !== undefined) return [t.turn(one.id, next)];
    return one.state === 'asked' ? [t.othersTurn(one.id, rolesToDecide(one).join(' / '))] : [];
  });

/** The roles that may decide about such a thing. */
const rolesToDecide = ({ command }: Approval): readonly string[] =>
  roles.filter((role) => (permissionsOfRole[role] as readonly string[]).includes(`${command}.approve`));

const list: Run = async (use, _args, options) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { db, actor, clock } = opened.value;
  const merchants = merchantsSeen(actor);
  const may = allowed(actor, 'approvals.read', merchants === 'all' ? undefined : merchants[0]);
  if (!may.ok) return may;
  const states = options['all'] === true ? {} : { states: ['asked', 'approved'] as const };
  const found = await listApprovals(db, { merchants, ...states, limit: 100 }, clock.now());
  const waits = (one: Approval): boolean => one.state === 'asked' || nextOf(one, actor) !== undefined;
  const shown = options['all'] === true ? found : found.filter(waits);
  const lines = shown.length === 0 ? [t.none] : [...linesOf(shown), ...turnLines(shown, actor)];
  const [first] = shown;
  const next = shown.map((one) => nextOf(one, actor)).find((one) => one !== undefined);
  const look = first ? { next: `liushui approvals show ${first.id}` } : {};
  const json = shown.map((one) => ({ ...jsonOf(one), next: nextOf(one, actor) ?? null }));
  return done({ exit: 0, lines, json: { approvals: json }, ...(next === undefined ? look : { next }) });
};

async function findSeen({ db, actor, clock }: Session, id: string): Promise<Result<Approval>> {
  const approval = await findApproval(db, id, clock.now());
  if (!approval) return refuse('approval.not_found', { subject: id });
  const may = allowed(actor, 'approvals.read', approval.merchantId);
  return may.ok ? done(approval) : may;
}

const show: Run = async (use, args) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const found = await findSeen(opened.value, firstArg(args));
  if (!found.ok) return found;
  const approval = found.value;
  const input = JSON.stringify(approval.input, null, 2).split('\n').map(plain);
  const why = approval.reason === '' ? [] : [t.reason(approval.reason)];
  const lines = [...linesOf([approval]), t.digest(approval.digest), ...input, ...why];
  const next = nextOf(approval, opened.value.actor);
  const told = [...lines, ...turnLines([approval], opened.value.actor)];
  return done({ exit: 0, lines: told, json: jsonOf(approval), ...(next === undefined ? {} : { next }) });
};

function decide(verdict: 'approve' | 'refuse'): Run {
  return async (use, args, options) => {
    const opened = await use.session();
    if (!opened.ok) return opened;
    const found = await findSeen(opened.value, firstArg(args));
    if (!found.ok) return found;
    if (found.value.state === 'used') return refuseUsed(opened.value, found.value);
    return decideOn(opened.value, found.value, verdict, text(options, 'reason') ?? '');
  };
}

/** Who used it, when, and what came of that: what the audit trail has of the same person at that moment. */
async function refuseUsed({ db }: Session, approval: Approval): Promise<Result<never>> {
  const { id, subject, command, checker, decidedAt } = approval;
  const uses = await listAudit(db, { subject, act: 'approval.used', limit: 1000 });
  const use = uses.find(({ detail }) => detail['approval'] === id);
  const later = { at: plus(use?.at ?? approval.askedAt, 1000), id: '00000000-0000-0000-0000-000000000000' };
  const after = use ? await listAudit(db, { actor: use.actor, before: later, limit: 100 }) : [];
  const came =
    after.find(({ detail }) => detail['agreed_by'] === id) ??
    after.find(({ at, act }) => at === use?.at && !act.startsWith('approval.'));
  return refuse('approval.carried_out', {
    ...{ subject: id, command, decidedAt: decidedAt ?? approval.askedAt },
    ...(checker === undefined ? {} : { checker }),
    ...(use ? { usedBy: use.actor, usedAt: use.at } : {}),
    ...(came ? { result: `${came.act} ${came.subject}` } : {}),
  });
}

async function decideOn(
  session: Session,
  approval: Approval,
  verdict: 'approve' | 'refuse',
  reason: string,
): Promise<Result<Answer>> {
  const { id, command, subject } = approval;
  if (command === 'webhooks.change') return decideOnEndpoint(session, id, verdict, reason);
  if (command === 'incidents.close') return decideOnClose(session, id, verdict, reason);
  if (command === 'accounts.terms') return decideOnTerm(session, id, verdict, reason);
  if (command === 'customs.number_rule') return decideOnRule(session, id, verdict, reason);
  if (command === 'sharing.receivers') return decideOnReceiver(session, id, verdict, reason);
  if (command === 'sharing.verdict') return decideOnShare(session, id, verdict, reason);
  const onMoney = moneyDecisions.get(command);
  if (onMoney) return decideOnMoney(session, approval, onMoney, verdict, reason);
  const planGroup = planGroups.get(command);
  const decided = planGroup
    ? await decidePlan(session.customs, session.actor, subject, verdict, reason)
    : await decideOther(session, id, verdict, reason);
  if (!decided.ok) return decided;
  const state = verdict === 'approve' ? 'approved' : 'refused';
  const warned = command === 'customs.declare_anew' && verdict === 'approve' ? [planTexts.possibleDuplicate] : [];
  const lines = [...warned, t.decided(id, t.states[state])];
  const json = { approval: id, subject, state, by: session.actor.userId };
  const goOn = verdict === 'approve' ? completionOf(approval) : undefined;
  if (goOn !== undefined) lines.push(t.makersTurn(approval.maker));
  const next = planGroup ? `liushui customs ${planGroup} show ${subject}` : (goOn ?? 'liushui approvals list');
  return done({ exit: 0, lines, json, next });
}

type MoneyDecision =
  typeof decideAttemptVerdict | typeof decideRefund | typeof decideRefundVerdict | typeof decideSurplus;
const moneyDecisions: ReadonlyMap<string, MoneyDecision> = new Map<string, MoneyDecision>([
  ['attempts.verdict', decideAttemptVerdict],
  ['refunds', decideRefund],
  ['refunds.verdict', decideRefundVerdict],
  ['surplus.resolve', decideSurplus],
]);

/** Decided with the money that it is about: approved alone, a refund would wait for ever. */
async function decideOnMoney(
  { payments, orders, actor }: Session,
  { id, subject }: Approval,
  act: MoneyDecision,
  verdict: 'approve' | 'refuse',
  reason: string,
): Promise<Result<Answer>> {
  const decided = await act(payments, orders, actor, id, verdict, reason);
  if (!decided.ok) return decided;
  const state = verdict === 'approve' ? 'approved' : 'refused';
  const json = { approval: id, subject, state, by: actor.userId };
  return done({ exit: 0, lines: [t.decided(id, t.states[state])], json, next: `liushui show ${subject}` });
}

/** What was asked for a plan is decided with the plan: an approval that a plan knows nothing of would let nothing run. */
const planGroups: ReadonlyMap<string, string> = new Map([
  ['customs.repush', groups.repush],
  ['customs.declare_anew', groups.declare_anew],
]);

function decideOther(
  session: Session,
  id: string,
  verdict: 'approve' | 'refuse',
  reason: string,
): Promise<Result<unknown>> {
  const wish = { id, verdict, checker: session.actor, reason, onePersonAllowed: false };
  return session.db.transaction((tx) => decideApproval(tx, wish, stampOf(session)));
}
