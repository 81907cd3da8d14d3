import type { Instant } from '../kernel/index.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import { insertRows } from '../platform/sql.ts';
import type { EventRow } from './event.ts';

/** Returns the ids of those that were not told before. */
export async function insertEvents(tx: Tx, events: readonly EventRow[]): Promise<ReadonlySet<string>> {
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
  const fresh = await insertRows<typeof columns, { id: string }>(
    tx,
    'webhook_events',
    columns,
    rows,
    'on conflict (id) do nothing returning id',
  );
  return new Set(fresh.map((row) => row.id));
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
