import { hours, plus } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { nextRefundQueryAt } from '../payments/index.ts';
import { priorities } from '../platform/jobs.ts';
import type { JobWish } from '../platform/jobs.ts';
import type { Share, ShareReturn } from './share.ts';

export const shareOperations = ['share.submit', 'share.query', 'share.return', 'share.return_query'] as const;
export type ShareOperation = (typeof shareOperations)[number];

type About = Pick<Share, 'bucket' | 'id' | 'accountId'>;

export function shareWish({ bucket, id, accountId }: About, operation: ShareOperation, dueAt: Instant): JobWish {
  const isAsking = operation === 'share.query' || operation === 'share.return_query';
  const priority = isAsking ? priorities.plan : priorities.operator;
  return { bucket, kind: operation, subject: id, lane: `${accountId}/${operation}`, dueAt, priority };
}

/** Questions are as far apart as those about refunds: ever more slowly, and once a day for as long as it is open. */
export const nextAskAt = (from: Instant, firstMs: number, at: Instant): Instant =>
  nextRefundQueryAt({ createdAt: from }, firstMs, at);

/** From then on what is open lies with a person as well. */
export const doubtDeadline = (from: Instant): Instant => plus(from, hours(24));

/** Since when it can be heard of: its first call, which may have had to wait. */
export const askedFrom = (one: Share | ShareReturn): Instant => ('dueAt' in one ? one.dueAt : one.createdAt);
