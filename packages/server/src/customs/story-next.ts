import { shanghaiText } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import type { Declaration, DeclarationState } from './declaration.ts';
import { caseWords } from './story-lines.ts';
import type { StoryRows } from './story-lines.ts';
import type { CaseLine, DueJob } from './story-store.ts';
import { both, jobWords } from './story-words.ts';
import type { Words } from './story-words.ts';

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

/** Why no job is due. */
function silence({ requestNo }: Declaration, state: DeclarationState, withCase: boolean): Words {
  if (ended.has(state)) return both('无需再查询', 'nobody needs to ask');
  if (requestNo === undefined)
    return both('没有报关请求号，无法自动查询', 'without a request number nothing can be asked by itself');
  if (withCase) return both('没有自动任务，由差错单处理', 'no job is due: the case takes care of it');
  return both('没有到期任务；需要时由人发起分诊', 'no job is due; a person may start a triage');
}

function jobStep(job: DueJob, channel: Words, now: Instant): NextStep {
  const words = jobWords.get(job.kind) ?? both(job.kind, job.kind);
  const at = Math.max(job.dueAt, job.freeAt ?? 0, job.closedUntil ?? 0) as Instant;
  const held = heldBy(job, now);
  const tries = job.tries > 0 ? both(`，已试 ${job.tries} 次`, `, tried ${job.tries} times`) : both('', '');
  return {
    at,
    what: both(`${words.zh}（${channel.zh}）${tries.zh}${held.zh}`, `${words.en} (${channel.en})${tries.en}${held.en}`),
    lane: job.lane,
    ...(job.callsPerSecond === undefined ? {} : { callsPerSecond: job.callsPerSecond }),
  };
}

function heldBy(job: DueJob, now: Instant): Words {
  if (job.running) return both('，正在进行', ', running now');
  if (job.pausedWhy !== undefined)
    return both(`，通道已暂停：${job.pausedWhy}`, `, the lane is paused: ${job.pausedWhy}`);
  if (job.closedUntil !== undefined && job.closedUntil > now)
    return both(
      `，通道因连续失败关闭至 ${shanghaiText(job.closedUntil)} (GMT+8)`,
      `, the lane is closed after failures until ${shanghaiText(job.closedUntil)} (GMT+8)`,
    );
  if (job.freeAt !== undefined && job.freeAt > Math.max(job.dueAt, now))
    return both('，等待两次推送的最小间隔', ', waits for the gap between two pushes');
  return both('', '');
}

function caseStep(one: CaseLine): NextStep {
  const words = caseWords(one.kind);
  const owner = one.owner === undefined ? both('尚无人负责', 'nobody has taken it') : both(one.owner, one.owner);
  return {
    at: one.dueAt,
    what: both(
      `差错单 ${one.id}：${words.zh}；负责人：${owner.zh}；到期 ${shanghaiText(one.dueAt)} (GMT+8)`,
      `case ${one.id}: ${words.en}; owner: ${owner.en}; due ${shanghaiText(one.dueAt)} (GMT+8)`,
    ),
    case: one.id,
  };
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
  const say = (command: string, zh: string, en: string): void => void possible.push({ command, what: both(zh, en) });
  const report = reports.at(-1);
  const plan = plans.at(-1);
  const open = plan && !['refused', 'finished', 'stopped'].includes(plan.planState);
  if (open && plan.planState === 'asked')
    say(`liushui customs repush approve ${plan.planId}`, '由他人复核重推计划', 'a second person approves the re-push');
  if (open && plan.planState !== 'asked')
    say(`liushui customs repush run ${plan.planId}`, '执行或继续重推计划', 'run the re-push, or go on with it');
  if (report && stuck.has(state)) {
    say(`liushui customs triage ${report.reportId}`, '再次查询并分诊', 'ask again and judge');
    if (!open && report.judgedAt !== undefined)
      say(`liushui customs repush propose ${report.reportId}`, '提出重推', 'propose a re-push');
  }
  if (declaration.requestNo === undefined)
    say('liushui import payments FILE', '补录报关请求号', 'import its request number');
  for (const one of openCases) say(`liushui cases close ${one.id}`, '处理后关闭差错单', 'close the case once settled');
  return possible;
}
