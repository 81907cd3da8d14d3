import type { Command } from 'commander';
import { done, refuse, rfc3339 } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { decidePlan, runPlan, settlePlan, showPlan, skipWords } from '../customs/index.ts';
import type { Plan, ShownPlan } from '../customs/index.ts';
import { allowed } from '../identity/index.ts';
import type { Answer, ExitCode, Words } from './answer.ts';
import { plain } from './answer.ts';
import { customsTexts } from './customs.texts.ts';
import { count, readDuration, table } from './layout.ts';
import { leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { planStates, planTexts as t } from './plans.texts.ts';
import { firstArg, text } from './session.ts';
import type { Run, Session, Use } from './session.ts';
import { badWait, workUntil } from './waiting.ts';

type Kind = Plan['kind'];

/** The group of commands that a kind of plan belongs to. */
export const groups = { repush: 'repush', declare_anew: 'declare-anew' } as const;

export const reasonOption = ['--reason <text>', t.reasonOption] as const;

/** What both kinds of plans have beside their proposal. */
export function planCommands(kit: Kit, parent: Command, kind: Kind): void {
  leaf(kit, parent, 'approve <plan>', t.approveAbout, decide(kind, 'approve'), [reasonOption]);
  leaf(kit, parent, 'refuse <plan>', t.refuseAbout, decide(kind, 'refuse'), [reasonOption]);
  leaf(kit, parent, 'run <plan>', t.runAbout, run(kind), [['--wait <time>', t.waitOption]]);
  leaf(kit, parent, 'show <plan>', t.showAbout, show);
}

/** What was frozen, for whoever decides next. */
export function answerOfProposal(plan: Plan, leftOut: Readonly<Record<string, number>>): Answer {
  const lines = [
    ...Object.entries(leftOut).map(([why, n]) => t.leftOut(n, skipWords(why))),
    ...(plan.kind === 'declare_anew' ? [t.possibleDuplicate] : []),
    t.proposed(plan.id, plan.size, plan.digest),
  ];
  const json = { ...headJson(plan), by: plan.madeBy, left_out: leftOut };
  return { exit: 0, lines, json, next: `liushui customs ${groups[plan.kind]} approve ${plan.id}` };
}

function headJson(plan: Plan): Record<string, unknown> {
  const { id, kind, reportId, digest, size, state, approvalId } = plan;
  const warning = kind === 'declare_anew' ? { warning: 'possible_duplicate' } : {};
  return { plan: id, kind, report: reportId ?? null, digest, size, state, approval: approvalId, ...warning };
}

/** Of this kind: nobody shall agree to declare anew who believes that it is a re-push. */
async function planMeant({ db }: Session, id: string, kind: Kind): Promise<Result<ShownPlan>> {
  const shown = await showPlan(db, id);
  if (!shown.ok || shown.value.plan.kind === kind) return shown;
  const problem = `liushui customs ${groups[shown.value.plan.kind]}`;
  return refuse('usage.bad_input', { field: 'PLAN', value: id, problem }, 'PLAN');
}

function decide(kind: Kind, verdict: 'approve' | 'refuse'): Run {
  return async (use, args, options) => {
    const opened = await use.session();
    if (!opened.ok) return opened;
    const { customs, actor } = opened.value;
    const meant = await planMeant(opened.value, firstArg(args), kind);
    if (!meant.ok) return meant;
    const decided = await decidePlan(customs, actor, firstArg(args), verdict, text(options, 'reason') ?? '');
    if (!decided.ok) return decided;
    const { id, state } = decided.value;
    const words = t.decided(id, planStates[state] ?? plain(state), actor.name);
    const lines = [...(kind === 'declare_anew' && verdict === 'approve' ? [t.possibleDuplicate] : []), words];
    const next = `liushui customs ${groups[kind]} ${verdict === 'approve' ? `run ${id} --wait 35m` : `show ${id}`}`;
    return done({ exit: 0, lines, json: { ...headJson(decided.value), by: actor.userId }, next });
  };
}

function run(kind: Kind): Run {
  return async (use, args, options) => {
    const waitMs = readDuration(text(options, 'wait') ?? '2m');
    if (waitMs === undefined) return badWait(options);
    const opened = await use.session();
    if (!opened.ok) return opened;
    const session = opened.value;
    const meant = await planMeant(session, firstArg(args), kind);
    if (!meant.ok) return meant;
    const show = `liushui customs ${groups[kind]} show ${meant.value.plan.id}`;
    const plan = await runPlan(session.customs, session.actor, meant.value.plan.id);
    if (!plan.ok) return plan;
    use.lookWith(show);
    await untilSettled(use, session, plan.value.id, waitMs);
    await settlePlan(session.customs, plan.value.id);
    const shown = await showPlan(session.db, plan.value.id);
    if (!shown.ok) return shown;
    const { open, ineffective } = shown.value;
    const again = `liushui customs ${groups[kind]} run ${plan.value.id} --wait 35m`;
    const exit = open > 0 || ineffective > 0 ? 4 : 0;
    return done(answerOfPlan(shown.value, exit, notesOf(session, open), open > 0 ? again : show));
  };
}

function notesOf({ clockRuns, sandbox }: Session, open: number): readonly Words[] {
  if (open === 0) return [];
  if (!clockRuns) return [customsTexts.clockStands];
  return [t.later, ...(sandbox ? [t.sandboxHint] : [])];
}

async function untilSettled(use: Use, session: Session, planId: string, waitMs: number): Promise<void> {
  if (!session.clockRuns) return;
  const look = async (): Promise<boolean> => {
    const shown = await showPlan(session.db, planId);
    if (!shown.ok) return true;
    const { open, plan } = shown.value;
    use.tell.progress(t.working, plan.size - open, plan.size);
    return open === 0;
  };
  await workUntil(session, waitMs, look);
  use.tell.end();
}

const show: Run = async (use, args) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const shown = await mayShow(opened.value, firstArg(args));
  if (!shown.ok) return shown;
  const { plan, open } = shown.value;
  const nexts: Partial<Record<string, string>> = {
    asked: `liushui customs ${groups[plan.kind]} approve ${plan.id}`,
    approved: `liushui customs ${groups[plan.kind]} run ${plan.id} --wait 35m`,
    ...(open > 0 ? { running: `liushui customs ${groups[plan.kind]} run ${plan.id} --wait 35m` } : {}),
  };
  const next =
    nexts[plan.state] ??
    (plan.reportId === undefined ? 'liushui customs reports' : `liushui customs triage ${plan.reportId}`);
  return done(answerOfPlan(shown.value, 0, [], next));
};

async function mayShow({ db, actor }: Session, planId: string): Promise<Result<ShownPlan>> {
  const shown = await showPlan(db, planId);
  if (!shown.ok) return shown;
  const may = allowed(actor, 'numbers.read', shown.value.plan.merchantId);
  return may.ok ? shown : may;
}

const sentStates = ['pushing', 'pushed', 'judged', 'refused'];
const levels = ['E0', 'E1', 'E2', 'E3'] as const;

function answerOfPlan(shown: ShownPlan, exit: ExitCode, notes: readonly Words[], next: string): Answer {
  const { plan, counts, effective, ineffective, open } = shown;
  const sent = sentStates.reduce((sum, state) => sum + (counts.byState[state] ?? 0), 0);
  const evidence = Object.fromEntries(levels.map((level) => [level, counts.byEvidence[level] ?? 0]));
  const rows = (lang: 'zh' | 'en'): string[] =>
    table(
      [
        t.evidenceHeads[lang],
        ...levels.map((level) => [level, count(counts.byEvidence[level] ?? 0), t.evidence[level][lang]]),
      ],
      [1],
    );
  const zhRows = rows('zh');
  const enRows = rows('en');
  const lines = [
    t.head(plan.id, t.kinds[plan.kind], planStates[plan.state] ?? plain(plan.state), plan.size, plan.digest),
    ...(plan.kind === 'declare_anew' && plan.state === 'asked' ? [t.possibleDuplicate] : []),
    t.figures(sent, effective, ineffective, open),
    ...(sent > 0 ? zhRows.map((zh, index) => ({ zh, en: enRows[index] ?? '' })) : []),
    ...Object.entries(counts.bySkip).map(([why, n]) => t.skipped(n, skipWords(why))),
    ...(sent > 0 ? [t.accepted] : []),
    ...notes,
  ];
  const json = {
    ...headJson(plan),
    ...{ sent, pushes: counts.pushes, effective, ineffective, open, evidence, skipped: counts.bySkip },
    ...{ by: plan.madeBy, at: rfc3339(plan.madeAt) },
  };
  return { exit, lines, json, next };
}
