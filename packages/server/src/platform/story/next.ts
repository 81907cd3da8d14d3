import type { Instant } from '../../kernel/index.ts';
import type { CaseLine } from './lines.ts';
import type { DueJob } from './store.ts';
import { dueWords, holds, jobSentence, openCaseWords } from './words.texts.ts';
import type { Words } from './words.texts.ts';

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
export type Possible = {
  readonly command: string;
  readonly what: Words;
  /** The program asks or sends again then, so that people need not say yet what happened: nobody is led to this before. */
  readonly notBefore?: Instant;
};

/** When its lane lets it go. */
export const goesAt = ({ dueAt, freeAt, closedUntil }: DueJob): Instant =>
  Math.max(dueAt, freeAt ?? 0, closedUntil ?? 0) as Instant;

/** A job in words, at the moment at which its lane lets it go. */
export function jobStep(job: DueJob, words: Words, channel: Words, now: Instant): NextStep {
  return {
    at: goesAt(job),
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

export function caseStep({ id, owner, dueAt }: CaseLine, kind: Words): NextStep {
  return { at: dueAt, what: openCaseWords(id, kind, dueWords(owner, dueAt)), case: id };
}
