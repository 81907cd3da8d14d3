import type { Command } from 'commander';
import { done, refuse, rfc3339 } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import {
  decidePlan,
  pausePlan,
  resumePlan,
  runPlan,
  settlePlan,
  showPlan,
  skipWords,
  stopPlan,
} from '../customs/index.ts';
import type { Plan, ShownCell, ShownPlan } from '../customs/index.ts';
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
  leaf(kit, parent, 'pause <plan>', t.pauseAbout, control(kind, pausePlan), [reasonOption]);
  leaf(kit, parent, 'resume <plan>', t.resumeAbout, control(kind, resumePlan), [reasonOption]);
  leaf(kit, parent, 'stop <plan>', t.stopAbout, control(kind, stopPlan), [reasonOption]);
  leaf(kit, parent, 'show <plan>', t.showAbout, show);
}

/** What was frozen, for whoever decides next. */
export function answerOfProposal(
  plan: Plan,
  leftOut: Readonly<Record<string, number>>,
  cells: readonly { readonly cell: string; readonly size: number }[],
): Answer {
  const lines = [
    ...Object.entries(leftOut).map(([why, n]) => t.leftOut(n, skipWords(why))),
    ...(plan.kind === 'declare_anew' ? [t.possibleDuplicate] : []),
    ...(cells.length > 0 ? [t.cellsFrozen(cells.length, plan.groups.canary, plan.groups.control)] : []),
    t.proposed(plan.id, plan.size, plan.digest),
  ];
  const cut = { cells_by: plan.dimension, canary: plan.groups.canary, control: plan.groups.control, cells };
  const json = { ...headJson(plan), by: plan.madeBy, left_out: leftOut, ...cut };
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
    const { open } = shown.value;
    const again = `liushui customs ${groups[kind]} run ${plan.value.id} --wait 35m`;
    const left = withoutReceipt(shown.value);
    const next = open > 0 ? again : left > 0 ? afterwards(shown.value) : show;
    return done(answerOfPlan(shown.value, open > 0 || left > 0 ? 4 : 0, notesOf(session, open), next));
  };
}

/** What a re-push did not help is for those who can look behind the interface. */
function afterwards({ plan }: ShownPlan): string {
  return plan.reportId === undefined
    ? `liushui customs evidence ${plan.id} --out pack`
    : `liushui customs evidence ${plan.reportId} --out pack`;
}

type Act = typeof pausePlan;

function control(kind: Kind, act: Act): Run {
  return async (use, args, options) => {
    const opened = await use.session();
    if (!opened.ok) return opened;
    const { customs, actor, db } = opened.value;
    const meant = await planMeant(opened.value, firstArg(args), kind);
    if (!meant.ok) return meant;
    const acted = await act(customs, actor, meant.value.plan.id, text(options, 'reason') ?? '');
    if (!acted.ok) return acted;
    const shown = await showPlan(db, acted.value.id);
    if (!shown.ok) return shown;
    const nexts: Partial<Record<Plan['state'], string>> = {
      paused: `liushui customs ${groups[kind]} resume ${acted.value.id}`,
      running: `liushui customs ${groups[kind]} run ${acted.value.id} --wait 35m`,
    };
    const next = nexts[acted.value.state] ?? `liushui customs ${groups[kind]} show ${acted.value.id}`;
    return done(answerOfPlan(shown.value, 0, [], next));
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
/** Skipped because the record is where it should be. */
const receivedSkips = ['released', 'customs_has_it', 'eport_has_it'];

/** Members for whom nobody behind the channel has answered yet. */
function withoutReceipt({ plan, counts, effective }: ShownPlan): number {
  return receivedSkips.reduce((left, why) => left - (counts.bySkip[why] ?? 0), plan.size - effective);
}

function answerOfPlan(shown: ShownPlan, exit: ExitCode, notes: readonly Words[], next: string): Answer {
  const { plan, counts, effective, ineffective, open, cells } = shown;
  const sent = sentStates.reduce((sum, state) => sum + (counts.byState[state] ?? 0), 0);
  const evidence = Object.fromEntries(levels.map((level) => [level, counts.byEvidence[level] ?? 0]));
  const held = cells.reduce((sum, cell) => sum + cell.held, 0);
  const heldWith = cells.reduce((sum, cell) => sum + cell.heldWith, 0);
  const left = withoutReceipt(shown);
  const stopped = plan.stoppedBy === '' ? [] : [t.stoppedBy(stopWords(plan.stoppedBy))];
  const lines = [
    t.head(plan.id, t.kinds[plan.kind], planStates[plan.state] ?? plain(plan.state), plan.size, plan.digest),
    ...(plan.state === 'paused' ? [t.pausedWhy(plan.pausedWhy)] : []),
    ...(plan.kind === 'declare_anew' && plan.state === 'asked' ? [t.possibleDuplicate] : []),
    t.figures(sent, effective, ineffective, open),
    ...(cells.length > 0 ? [t.canaryFigures(sent, effective, held, heldWith, plan.size - sent)] : []),
    ...bothTables((lang) => cellRows(cells, lang)),
    ...(sent > 0 ? bothTables((lang) => evidenceRows(counts.byEvidence, lang)) : []),
    ...Object.entries(counts.bySkip).map(([why, n]) => t.skipped(n, skipWords(why))),
    ...stopped,
    ...(sent > 0 ? [t.accepted] : []),
    ...(open === 0 && sent > 0 && left > 0 ? [t.stillWithout(left)] : []),
    ...notes,
  ];
  const json = {
    ...headJson(plan),
    ...{ sent, held_back: held, not_sent: plan.size - sent, receipts: { sent: effective, held_back: heldWith } },
    ...{ stopped_by: plan.stoppedBy === '' ? null : plan.stoppedBy, open: left, waiting: open },
    ...{ pushes: counts.pushes, effective, ineffective, evidence, skipped: counts.bySkip },
    cells: cells.map(cellJson),
    ...{ by: plan.madeBy, at: rfc3339(plan.madeAt) },
  };
  return { exit, lines, json, next };
}

function stopWords(stoppedBy: string): Words {
  const [rule = '', code] = stoppedBy.split(':');
  const words = (t.stopReasons as Readonly<Record<string, Words>>)[rule] ?? plain(rule);
  return code === undefined ? words : { zh: `${words.zh}（${code}）`, en: `${words.en} (${code})` };
}

function bothTables(rowsIn: (lang: 'zh' | 'en') => readonly (readonly string[])[]): Words[] {
  const zh = rowsIn('zh');
  const en = rowsIn('en');
  if (zh.length === 0) return [];
  const zhLines = table(zh, [1]);
  const enLines = table(en, [1]);
  return zhLines.map((line, index) => ({ zh: line, en: enLines[index] ?? '' }));
}

function evidenceRows(byEvidence: Readonly<Record<string, number>>, lang: 'zh' | 'en'): (readonly string[])[] {
  return [
    t.evidenceHeads[lang],
    ...levels.map((level) => [level, count(byEvidence[level] ?? 0), t.evidence[level][lang]]),
  ];
}

const points = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0, signDisplay: 'exceptZero' });

function cellRows(cells: readonly ShownCell[], lang: 'zh' | 'en'): (readonly string[])[] {
  if (cells.length === 0) return [];
  const rows = cells.map((cell) => {
    const range = `${points.format(100 * cell.difference)} (${points.format(100 * cell.low)}..${points.format(100 * cell.high)})`;
    const effect = cell.pushed === 0 ? '' : range;
    const of = (some: number, all: number): string => t.cellOf(some, all)[lang];
    return [cell.cell, of(cell.pushedWith, cell.pushed), of(cell.heldWith, cell.held), effect, readingOf(cell)[lang]];
  });
  return [t.cellHeads[lang], ...rows];
}

function readingOf({ state, stoppedBy, sent, effective }: ShownCell): Words {
  if (state === 'ramp' || state === 'done') return t.ramp(sent, effective);
  const { readings } = t;
  if (state !== 'stopped') return readings[state];
  return stoppedBy === 'no_effect' || stoppedBy === 'nothing_pushed' ? readings[stoppedBy] : readings.stopped;
}

function cellJson(cell: ShownCell): Record<string, unknown> {
  const { pushedWith, heldWith, stoppedBy, difference, low, high, sent, effective } = cell;
  return {
    ...{ cell: cell.cell, size: cell.size, state: cell.state, stopped_by: stoppedBy === '' ? null : stoppedBy },
    canary: { sent: cell.pushed, receipts: pushedWith },
    control: { held_back: cell.held, receipts: heldWith },
    ...{ effect: { difference, low, high }, sent, effective, open: cell.open },
  };
}
