import type { Instant } from '../kernel/index.ts';
import { caseWords } from '../cases/index.ts';
import { both, caseStep, jobStep } from '../platform/story/index.ts';
import type { CaseLine, DueJob, NextStep, Possible, Words } from '../platform/story/index.ts';
import type { Declaration, DeclarationState } from './declaration.ts';
import type { StoryRows } from './story-lines.ts';
import { planGroup, purposes, silences } from './story-next.texts.ts';
import { jobWords } from './story.texts.ts';

const ended: ReadonlySet<DeclarationState> = new Set([
  'released',
  'closed',
  'closed_manual',
  'cancelled',
  'at_customs',
]);

export function nextOf(
  declaration: Declaration,
  state: DeclarationState,
  jobs: readonly DueJob[],
  openCases: readonly CaseLine[],
  channel: Words,
  now: Instant,
): NextStep[] {
  const steps = [
    ...jobs.map((job) => jobStep(job, jobWords.get(job.kind) ?? both(job.kind, job.kind), channel, now)),
    ...openCases.map((one) => caseStep(one, caseWords(one.kind))),
  ];
  if (jobs.length > 0) return steps;
  return [...steps, { what: silence(declaration, state, openCases.length > 0) }];
}

function silence({ requestNo }: Declaration, state: DeclarationState, withCase: boolean): Words {
  if (ended.has(state)) return silences.ended;
  if (requestNo === undefined) return silences.noRequestNo;
  return withCase ? silences.case : silences.idle;
}

const stuck: ReadonlySet<DeclarationState> = new Set(['missing_reported', 'hop_failed', 'accepted', 'in_doubt']);

/** Commands for this record as it stands. Roles are asked when a command is given, not here. */
export function possibleOf(
  declaration: Declaration,
  state: DeclarationState,
  { reports, plans }: Pick<StoryRows, 'reports' | 'plans'>,
  openCases: readonly CaseLine[],
): Possible[] {
  const possible: Possible[] = [];
  const say = (command: string, what: Words): void => void possible.push({ command, what });
  const report = reports.at(-1);
  const plan = plans.at(-1);
  const open = plan && !['refused', 'finished', 'stopped'].includes(plan.planState);
  if (open) {
    const [verb, purpose] = plan.planState === 'asked' ? ['approve', purposes.approvePlan] : ['run', purposes.runPlan];
    say(`liushui ${planGroup[plan.planKind]} ${verb} ${plan.planId}`, purpose);
  }
  if (report && stuck.has(state)) {
    say(`liushui customs triage ${report.reportId}`, purposes.triage);
    if (!open && report.judgedAt !== undefined)
      say(`liushui customs repush propose ${report.reportId}`, purposes.propose);
  }
  if (declaration.requestNo === undefined) {
    say('liushui import payments FILE', purposes.importNumber);
    const anew = `liushui customs declare-anew propose --order-no ${declaration.orderNo} --reason "…"`;
    if (!open && !ended.has(state)) say(anew, purposes.proposeAnew);
  }
  for (const one of openCases) say(`liushui cases close ${one.id}`, purposes.closeCase);
  return possible;
}
