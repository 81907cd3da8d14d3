import type { LaneWork } from '../platform/worker.ts';
import { askWork } from './ask-jobs.ts';
import type { CustomsJobParts } from './calls.ts';
import { stepWork } from './plan-step.ts';
import { pushWork } from './push-jobs.ts';

/** The work of customs: asking the channel, and pushing payment records again. The only callers of channels in this folder. */
export function customsWorks(parts: CustomsJobParts): LaneWork[] {
  return [askWork(parts), pushWork(parts), stepWork(parts)];
}
