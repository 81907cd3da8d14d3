import type { Instant } from '../kernel/index.ts';
import type { Tx } from '../platform/db.ts';
import { enqueue } from '../platform/jobs.ts';
import { deliveryIdOf, eventOf } from './event.ts';
import type { EventRow, NewEvent } from './event.ts';
import { deliveryWish } from './lane.ts';
import { insertDeliveries, insertEvents } from './store.ts';
import type { NewDelivery, Taker } from './store.ts';

/**
 * Tells events to the merchants' systems, in the caller's transaction: what rolls back was never told. Any number of events in three
 * statements. Each goes to the merchant's live endpoints that want its type; without one it stays in the outbox.
 */
export async function notify(tx: Tx, events: readonly NewEvent[], at: Instant): Promise<void> {
  if (events.length === 0) return;
  const told = new Map(events.map((event) => eventOf(event, at)).map((row) => [row.id, row]));
  const fresh = await insertEvents(tx, [...told.values()]);
  const deliveries = fresh.flatMap(({ event, takers }) => deliveriesOf(event, takers, at));
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
