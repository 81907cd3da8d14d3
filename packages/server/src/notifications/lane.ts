import type { Instant } from '../kernel/index.ts';
import { priorities } from '../platform/jobs.ts';
import type { JobWish, LaneRow } from '../platform/jobs.ts';

export const deliverOperation = 'webhook.deliver';

const prefix = 'webhook/';

/** Each endpoint has its own pace and its own breaker: one that fails or hangs keeps no other waiting. */
export const laneOf = (endpointId: string): LaneRow => ({
  ...{ id: prefix + endpointId, accountId: null, operation: deliverOperation },
  ...{ callsPerSecond: 5, itemsPerCall: 1, gapMs: 0 },
});

export const endpointOfLane = (lane: string): string => lane.slice(prefix.length);

export function deliveryWish(delivery: { readonly id: string; readonly endpointId: string }, dueAt: Instant): JobWish {
  const { id: subject, endpointId } = delivery;
  const lane = prefix + endpointId;
  return { bucket: 0, kind: deliverOperation, subject, lane, dueAt, priority: priorities.operator };
}
