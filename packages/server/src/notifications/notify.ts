import type { Instant } from '../kernel/index.ts';
import type { Tx } from '../platform/db.ts';
import { enqueue, priorities } from '../platform/jobs.ts';
import type { JobWish } from '../platform/jobs.ts';
import { deliveryIdOf, eventOf } from './event.ts';
import type { NewEvent } from './event.ts';
import { findTakers, insertDeliveries, insertEvents, wants } from './store.ts';

export const deliverOperation = 'webhook.deliver';

export const laneOf = (endpointId: string): string => `webhook/${endpointId}`;

export function deliveryWish(delivery: { readonly id: string; readonly endpointId: string }, dueAt: Instant): JobWish {
  const { id: subject, endpointId } = delivery;
  const lane = laneOf(endpointId);
  return { bucket: 0, kind: deliverOperation, subject, lane, dueAt, priority: priorities.operator };
}

/**
 * Tells events to the merchants' systems, in the caller's transaction: what rolls back was never told. Any number of events in four
 * statements. Each goes to the merchant's live endpoints that want its type; without one it stays in the outbox.
 */
export async function notify(tx: Tx, events: readonly NewEvent[], at: Instant): Promise<void> {
  if (events.length === 0) return;
  const told = new Map(events.map((event) => eventOf(event, at)).map((row) => [row.id, row]));
  const fresh = await insertEvents(tx, [...told.values()]);
  const rows = [...told.values()].filter((row) => fresh.has(row.id));
  const takers = Map.groupBy(
    await findTakers(tx, [...new Set(rows.map((row) => row.merchantId))]),
    (taker) => taker.merchantId,
  );
  const deliveries = rows.flatMap((row) =>
    (takers.get(row.merchantId) ?? [])
      .filter((taker) => wants(taker, row.type))
      .map(({ endpointId }) => ({
        ...{ id: deliveryIdOf(row.id, endpointId), eventId: row.id, endpointId },
        ...({ state: 'waiting', since: at } as const),
      })),
  );
  await insertDeliveries(tx, deliveries);
  await enqueue(
    tx,
    deliveries.map((delivery) => deliveryWish(delivery, at)),
  );
}
