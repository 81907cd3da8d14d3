import type { Command } from 'commander';
import { done, rfc3339 } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { decidePlan, proposeRepush, runPlan, settlePlan, showPlan } from '../customs/index.ts';
import type { ShownPlan } from '../customs/index.ts';
import { allowed } from '../identity/index.ts';
import type { Answer, ExitCode, Words } from './answer.ts';
import { plain } from './answer.ts';
import { customsTexts, skipReasons } from './customs.texts.ts';
import { count, readDuration, table } from './layout.ts';
import { group, leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { planStates, repushTexts as t } from './repush.texts.ts';
import { firstArg, text } from './session.ts';
import type { Run, Session, Use } from './session.ts';
import { badWait, workUntil } from './waiting.ts';

export function repushCommands(kit: Kit, customs: Command): void {
  const repush = group(kit, customs, 'repush', t.repush);
  const reason = ['--reason <text>', t.reasonOption] as const;
  leaf(kit, repush, 'propose <report>', t.proposeAbout, propose, [reason]);
  leaf(kit, repush, 'approve <plan>', t.approveAbout, decide('approve'), [reason]);
  leaf(kit, repush, 'refuse <plan>', t.refuseAbout, decide('refuse'), [reason]);
  leaf(kit, repush, 'run <plan>', t.runAbout, run, [['--wait <time>', t.waitOption]]);
  leaf(kit, repush, 'show <plan>', t.showAbout, show);
}

const propose: Run = async (use, args, options) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { customs, actor } = opened.value;
  const proposed = await proposeRepush(customs, actor, firstArg(args), text(options, 'reason') ?? '');
  if (!proposed.ok) return proposed;
  const { plan, leftOut } = proposed.value;
  const lines = [
    ...Object.entries(leftOut).map(([why, n]) => t.leftOut(n, reasonWords(why))),
    t.proposed(plan.id, plan.size, plan.digest),
  ];
  const { id, digest, size, state, approvalId, madeBy } = plan;
  const json = {
    plan: id,
    digest,
    size,
    state,
    report: plan.reportId,
    approval: approvalId,
    by: madeBy,
    left_out: leftOut,
  };
  return done({ exit: 0, lines, json, next: `liushui customs repush approve ${id}` });
};

function reasonWords(why: string): Words {
  const row = /^row_(.+)$/.exec(why)?.[1];
  return row === undefined ? (skipReasons[why] ?? plain(why)) : t.rowSaysNo(row);
}

function decide(verdict: 'approve' | 'refuse'): Run {
  return async (use, args, options) => {
    const opened = await use.session();
    if (!opened.ok) return opened;
    const { customs, actor } = opened.value;
    const decided = await decidePlan(customs, actor, firstArg(args), verdict, text(options, 'reason') ?? '');
    if (!decided.ok) return decided;
    const { id, digest, size, state } = decided.value;
    const lines = [t.decided(id, planStates[state] ?? plain(state), actor.name)];
    const next =
      verdict === 'approve' ? `liushui customs repush run ${id} --wait 35m` : `liushui customs repush show ${id}`;
    return done({ exit: 0, lines, json: { plan: id, digest, size, state, by: actor.userId }, next });
  };
}

const run: Run = async (use, args, options) => {
  const waitMs = readDuration(text(options, 'wait') ?? '2m');
  if (waitMs === undefined) return badWait(options);
  const opened = await use.session();
  if (!opened.ok) return opened;
  const session = opened.value;
  const plan = await runPlan(session.customs, session.actor, firstArg(args));
  if (!plan.ok) return plan;
  await untilSettled(use, session, plan.value.id, waitMs);
  await settlePlan(session.customs, plan.value.id);
  const shown = await showPlan(session.db, plan.value.id);
  if (!shown.ok) return shown;
  const { open, ineffective } = shown.value;
  const unfinished = open > 0 || ineffective > 0;
  const notes = [
    ...(open > 0 && !session.clockRuns ? [customsTexts.clockStands] : []),
    ...(open > 0 && session.clockRuns ? [t.later, ...(session.sandbox ? [t.sandboxHint] : [])] : []),
  ];
  const again = `liushui customs repush run ${plan.value.id} --wait 35m`;
  const next = open > 0 ? again : `liushui customs repush show ${plan.value.id}`;
  return done(answerOfPlan(shown.value, unfinished ? 4 : 0, notes, next));
};

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
    asked: `liushui customs repush approve ${plan.id}`,
    approved: `liushui customs repush run ${plan.id} --wait 35m`,
    ...(open > 0 ? { running: `liushui customs repush run ${plan.id} --wait 35m` } : {}),
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
    t.head(plan.id, planStates[plan.state] ?? plain(plan.state), plan.size, plan.digest),
    t.figures(sent, effective, ineffective, open),
    ...(sent > 0 ? zhRows.map((zh, index) => ({ zh, en: enRows[index] ?? '' })) : []),
    ...Object.entries(counts.bySkip).map(([why, n]) => t.skipped(n, reasonWords(why))),
    ...(sent > 0 ? [t.accepted] : []),
    ...notes,
  ];
  const json = {
    ...{ plan: plan.id, report: plan.reportId, digest: plan.digest, size: plan.size, state: plan.state },
    ...{ sent, pushes: counts.pushes, effective, ineffective, open, evidence, skipped: counts.bySkip },
    ...{ by: plan.madeBy, at: rfc3339(plan.madeAt), approval: plan.approvalId },
  };
  return { exit, lines, json, next };
}
