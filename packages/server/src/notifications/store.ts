import type { Instant } from '../kernel/index.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import { insertRows } from '../platform/sql.ts';
import type { EventRow } from './event.ts';

/** Returns those that were not told before, each with the live endpoints of its merchant. */
export async function insertEvents(
  tx: Tx,
  events: readonly EventRow[],
): Promise<readonly { readonly event: EventRow; readonly takers: readonly Taker[] }[]> {
  const columns = {
    id: 'text',
    merchant_id: 'text',
    type: 'text',
    subject: 'text',
    body: 'text',
    at: 'timestamptz',
  } as const;
  const rows = [...events]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ merchantId, ...event }) => ({ ...event, merchant_id: merchantId }));
  const fresh = await insertRows<typeof columns, { id: string; takers: Taker[] | null }>(
    tx,
    'webhook_events',
    columns,
    rows,
    `on conflict (id) do nothing returning id, (
       select json_agg(json_build_object('endpointId', e.id, 'merchantId', e.merchant_id, 'types', e.types) order by e.id)
       from webhook_endpoints e where e.state = 'live' and e.merchant_id = webhook_events.merchant_id) as takers`,
  );
  const takers = new Map(fresh.map((row) => [row.id, row.takers ?? []]));
  return events.flatMap((event) => {
    const own = takers.get(event.id);
    return own ? [{ event, takers: own }] : [];
  });
}

export type Taker = {
  readonly endpointId: string;
  readonly merchantId: string;
  readonly types: readonly string[] | null;
};

/** The live endpoints of these merchants. */
export async function findTakers(tx: Queryable, merchantIds: readonly string[]): Promise<readonly Taker[]> {
  return tx.query<Taker>(
    `select id as "endpointId", merchant_id as "merchantId", types from webhook_endpoints
     where state = 'live' and merchant_id = any($1::text[]) order by id`,
    [merchantIds],
  );
}

export type NewDelivery = {
  readonly id: string;
  readonly eventId: string;
  readonly endpointId: string;
  readonly state: 'waiting' | 'dead';
  readonly since: Instant;
  readonly tries: number;
};

export async function insertDeliveries(tx: Tx, deliveries: readonly NewDelivery[]): Promise<void> {
  const columns = {
    id: 'uuid',
    event_id: 'text',
    endpoint_id: 'text',
    state: 'text',
    since: 'timestamptz',
    tries: 'int4',
  } as const;
  const rows = [...deliveries]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ eventId, endpointId, ...delivery }) => ({ ...delivery, event_id: eventId, endpoint_id: endpointId }));
  await insertRows(tx, 'webhook_deliveries', columns, rows, 'on conflict (event_id, endpoint_id) do nothing');
}

export async function findEvent(db: Queryable, id: string): Promise<EventRow | undefined> {
  const [row] = await db.query<EventRow>(
    'select id, merchant_id as "merchantId", type, subject, body, at from webhook_events where id = $1',
    [id],
  );
  return row;
}
