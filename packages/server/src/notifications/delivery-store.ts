import type { Instant } from '../kernel/index.ts';
import { timestamp } from '../platform/db.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import { insertRows, unnest, updateRows } from '../platform/sql.ts';
import type { Sent } from '../platform/transport.ts';

export type Delivery = {
  readonly id: string;
  readonly endpointId: string;
  readonly eventId: string;
  readonly body: string;
  readonly since: Instant;
  readonly failures: number;
  readonly tries: number;
};

type DeliveryRow = {
  id: string;
  endpoint_id: string;
  event_id: string;
  body: string;
  since: Instant;
  failures: number;
  tries: number;
};

const deliveryOf = (row: DeliveryRow): Delivery => ({
  ...{ id: row.id, endpointId: row.endpoint_id, eventId: row.event_id, body: row.body },
  ...{ since: row.since, failures: row.failures, tries: row.tries },
});

/** Of these, those that wait and whose endpoint is live, each with its next try already counted. */
export async function beginTries(
  tx: Tx,
  ids: readonly string[],
  by: { readonly worker: string; readonly at: Instant },
): Promise<readonly Delivery[]> {
  if (ids.length === 0) return [];
  const rows = await tx.query<DeliveryRow>(
    `update webhook_deliveries d set tries = d.tries + 1
     from webhook_events e, webhook_endpoints p
     where d.id in (select id from webhook_deliveries where id = any($1::uuid[]) and state = 'waiting' order by id for update)
       and e.id = d.event_id and p.id = d.endpoint_id and p.state = 'live'
     returning d.id, d.endpoint_id, d.event_id, e.body, d.since, d.failures, d.tries`,
    [ids],
  );
  const begun = rows.map(deliveryOf);
  await insertTries(tx, begun, by);
  return begun;
}

/** For one that no job makes. */
export async function insertTries(
  tx: Tx,
  deliveries: readonly { readonly id: string; readonly tries: number }[],
  { worker, at }: { readonly worker: string; readonly at: Instant },
): Promise<void> {
  const columns = { delivery_id: 'uuid', try: 'int4', worker: 'text', started_at: 'timestamptz' } as const;
  const rows = [...deliveries]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, tries }) => ({ delivery_id: id, try: tries, worker, started_at: at }));
  await insertRows(tx, 'webhook_tries', columns, rows);
}

export type TryEnd = {
  readonly id: string;
  readonly try: number;
  readonly sent: Sent;
  readonly words: string;
  readonly heardAt: Instant;
};

export async function saveTries(tx: Tx, ends: readonly TryEnd[]): Promise<void> {
  const columns = {
    ...({ delivery_id: 'uuid', try: 'int4', heard_at: 'timestamptz', kind: 'text' } as const),
    ...({ http_status: 'int4', words: 'text', ms: 'float8' } as const),
  };
  const rows = ends.map(({ id, try: number, sent, words, heardAt }) => ({
    ...{ delivery_id: id, try: number, heard_at: heardAt, kind: sent.kind, words },
    http_status: sent.kind === 'answered' ? sent.answer.status : undefined,
    ms: sent.kind === 'unsent' ? undefined : sent.ms,
  }));
  await updateRows(tx, 'webhook_tries', columns, ['delivery_id', 'try'], rows);
}

export type DeliveryEnd = {
  readonly id: string;
  readonly state: 'waiting' | 'delivered' | 'dead';
  readonly failed: 0 | 1;
  readonly at: Instant;
};

/** What was delivered stays delivered, and what was switched off stays dead, whatever another try of it heard later. */
export async function saveDeliveries(tx: Tx, ends: readonly DeliveryEnd[]): Promise<void> {
  if (ends.length === 0) return;
  const columns = { id: 'uuid', state: 'text', failed: 'int4', ended_at: 'timestamptz' } as const;
  const rows = ends.map(({ id, state, failed, at }) => ({
    ...{ id, state, failed, ended_at: state === 'waiting' ? undefined : at },
  }));
  const ids = ends.map((end) => end.id);
  await tx.query('select id from webhook_deliveries where id = any($1::uuid[]) order by id for update', [ids]);
  const set = unnest(columns, rows);
  await tx.query(
    `update webhook_deliveries d set state = t.state, failures = d.failures + t.failed, ended_at = t.ended_at
     from ${set.sql} where d.id = t.id and (d.state = 'waiting' or t.state = 'delivered')`,
    set.values,
  );
}

/** Whether messages of this endpoint are dead, tests apart. */
export async function hasDead(db: Queryable, endpointId: string): Promise<boolean> {
  const rows = await db.query(
    `select from webhook_deliveries d join webhook_events e on e.id = d.event_id
     where d.endpoint_id = $1 and d.state = 'dead' and e.type <> 'webhook.test' limit 1`,
    [endpointId],
  );
  return rows.length > 0;
}

/** Begins these anew: as if they had just been told. Returns those that are at a live endpoint, with it. */
export async function restart(
  tx: Tx,
  which: { readonly eventId: string } | { readonly deadOf: string },
  at: Instant,
): Promise<readonly { readonly id: string; readonly endpointId: string }[]> {
  const [eventId, endpointId] = 'eventId' in which ? [which.eventId, null] : [null, which.deadOf];
  return tx.query(
    `update webhook_deliveries set state = 'waiting', since = $3, failures = 0, ended_at = null
     where id in (
       select d.id from webhook_deliveries d join webhook_endpoints p on p.id = d.endpoint_id and p.state = 'live'
         join webhook_events e on e.id = d.event_id
       where case when $1::text is null then d.endpoint_id = $2 and d.state = 'dead' and e.type <> 'webhook.test'
         else d.event_id = $1 end
       order by d.id for update of d)
     returning id, endpoint_id as "endpointId"`,
    [eventId, endpointId, timestamp(at)],
  );
}
