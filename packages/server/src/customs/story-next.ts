import type { Instant } from '../kernel/index.ts';
import type { Declaration, DeclarationState } from './declaration.ts';
import { caseWords } from './story-lines.texts.ts';
import type { StoryRows } from './story-lines.ts';
import { dueWords, holds, jobSentence, openCaseWords, planGroup, purposes, silences } from './story-next.texts.ts';
import type { CaseLine, DueJob } from './story-store.ts';
import { both, jobWords } from './story.texts.ts';
import type { Words } from './story.texts.ts';

/** What happens next without anybody doing anything, or who must do something by when. */
export type NextStep = {
  /** Absent: nothing is going to happen by itself. */
  readonly at?: Instant;
  readonly what: Words;
  /** The lane whose pace the step keeps, in calls a second. */
  readonly lane?: string;
  readonly callsPerSecond?: number;
  readonly case?: string;
};

/** A command that fits this record now. */
export type Possible = { readonly command: string; readonly what: Words };

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
  const steps = [...jobs.map((job) => jobStep(job, channel, now)), ...openCases.map(caseStep)];
  if (jobs.length > 0) return steps;
  return [...steps, { what: silence(declaration, state, openCases.length > 0) }];
}

function silence({ requestNo }: Declaration, state: DeclarationState, withCase: boolean): Words {
  if (ended.has(state)) return silences.ended;
  if (requestNo === undefined) return silences.noRequestNo;
  return withCase ? silences.case : silences.idle;
}

function jobStep(job: DueJob, channel: Words, now: Instant): NextStep {
  const words = jobWords.get(job.kind) ?? both(job.kind, job.kind);
  return {
    at: Math.max(job.dueAt, job.freeAt ?? 0, job.closedUntil ?? 0) as Instant,
    what: jobSentence(words, channel, job.tries, heldBy(job, now)),
    lane: job.lane,
    ...(job.callsPerSecond === undefined ? {} : { callsPerSecond: job.callsPerSecond }),
  };
}

function heldBy({ running, pausedWhy, closedUntil, freeAt, dueAt }: DueJob, now: Instant): Words {
  if (running) return holds.running;
  if (pausedWhy !== undefined) return holds.paused(pausedWhy);
  if (closedUntil !== undefined && closedUntil > now) return holds.closed(closedUntil);
  return freeAt !== undefined && freeAt > Math.max(dueAt, now) ? holds.gap : holds.nothing;
}

function caseStep({ id, kind, owner, dueAt }: CaseLine): NextStep {
  return { at: dueAt, what: openCaseWords(id, caseWords(kind), dueWords(owner, dueAt)), case: id };
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
