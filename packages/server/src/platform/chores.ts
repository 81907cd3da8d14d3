import { createHash } from 'node:crypto';
import type { Instant } from '../kernel/index.ts';
import { priorities } from './jobs.ts';
import type { JobWish } from './jobs.ts';

/**
 * Due work of the installation itself, in the same table and on the same clock as the calls to channels.
 * The lane `chores/<operation>` belongs to no channel account; a migration makes it.
 * @param subject what it is about, such as a plan's id; '' where one chore serves the whole installation.
 */
export function choreWish(operation: string, subject: string, dueAt: Instant): JobWish {
  return {
    bucket: 0,
    kind: operation,
    subject: choreSubject(subject),
    lane: `chores/${operation}`,
    dueAt,
    priority: priorities.operator,
    payload: { subject },
  };
}

/** Jobs are keyed by uuid: the same words give the same one. */
function choreSubject(words: string): string {
  const hex = createHash('sha256').update(words).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
