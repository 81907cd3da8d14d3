import type { Instant } from '../kernel/index.ts';
import type { Tx } from '../platform/db.ts';
import { enqueue } from '../platform/jobs.ts';
import { deliveryIdOf, eventOf } from './event.ts';
import type { EventRow, NewEvent } from './event.ts';
import { deliveryWish } from './lane.ts';
import { findTakers, insertDeliveries, insertEvents } from './store.ts';
import type { NewDelivery, Taker } from './store.ts';

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
  const deliveries = rows.flatMap((row) => deliveriesOf(row, takers.get(row.merchantId) ?? [], at));
  await insertDeliveries(tx, deliveries);
  await enqueue(
    tx,
    deliveries.map((delivery) => deliveryWish(delivery, at)),
  );
}

/** One for each endpoint that wants it. */
export function deliveriesOf(event: EventRow, takers: readonly Taker[], at: Instant): readonly NewDelivery[] {
  const wanted = takers.filter(({ types }) => types === null || types.includes(event.type));
  return wanted.map(({ endpointId }) => ({
    ...{ id: deliveryIdOf(event.id, endpointId), eventId: event.id, endpointId },
    ...{ state: 'waiting', since: at, tries: 0 },
  }));
}
