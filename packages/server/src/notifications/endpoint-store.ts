import { Secret } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { timestamp } from '../platform/db.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import type { Keyring } from '../platform/keys.ts';
import { insertRows } from '../platform/sql.ts';

export type EndpointState = 'asked' | 'live' | 'refused' | 'off';

export type Endpoint = {
  /** `W-1`: people read it aloud. */
  readonly id: string;
  readonly merchantId: string;
  readonly url: string;
  /** Null: every type. */
  readonly types: readonly string[] | null;
  readonly state: EndpointState;
  readonly approvalId: string;
  readonly askedBy: string;
  readonly askedAt: Instant;
  readonly liveAt: Instant | undefined;
  readonly offAt: Instant | undefined;
  readonly offWhy: string;
};

type EndpointRow = {
  id: string;
  merchant_id: string;
  url: string;
  types: string[] | null;
  state: EndpointState;
  approval_id: string;
  asked_by: string;
  asked_at: Instant;
  live_at: Instant | null;
  off_at: Instant | null;
  off_why: string;
};

const endpointOf = (row: EndpointRow): Endpoint => ({
  id: row.id,
  merchantId: row.merchant_id,
  url: row.url,
  types: row.types,
  state: row.state,
  approvalId: row.approval_id,
  askedBy: row.asked_by,
  askedAt: row.asked_at,
  liveAt: row.live_at ?? undefined,
  offAt: row.off_at ?? undefined,
  offWhy: row.off_why,
});

export async function insertEndpoint(
  tx: Tx,
  endpoint: Pick<Endpoint, 'id' | 'merchantId' | 'url' | 'types' | 'approvalId' | 'askedBy' | 'askedAt'>,
): Promise<void> {
  const { id, merchantId, url, types, approvalId, askedBy, askedAt } = endpoint;
  await tx.query(
    `insert into webhook_endpoints (id, merchant_id, url, types, state, approval_id, asked_by, asked_at)
     values ($1, $2, $3, $4, 'asked', $5, $6, $7)`,
    [id, merchantId, url, types, approvalId, askedBy, timestamp(askedAt)],
  );
}

export async function findEndpoint(db: Queryable, id: string): Promise<Endpoint | undefined> {
  const [row] = await db.query<EndpointRow>('select * from webhook_endpoints where id = $1', [id]);
  return row && endpointOf(row);
}

/** The merchant's live endpoint at this address. */
export async function findLiveAt(db: Queryable, merchantId: string, url: string): Promise<Endpoint | undefined> {
  const [row] = await db.query<EndpointRow>(
    `select * from webhook_endpoints where merchant_id = $1 and url = $2 and state = 'live'`,
    [merchantId, url],
  );
  return row && endpointOf(row);
}

/** From `asked` to the second person's word; undefined when it was not asked any more. */
export async function saveVerdict(
  tx: Tx,
  id: string,
  state: 'live' | 'refused',
  at: Instant,
): Promise<Endpoint | undefined> {
  const [row] = await tx.query<EndpointRow>(
    `update webhook_endpoints set state = $2, live_at = case when $2 = 'live' then $3::timestamptz end
     where id = $1 and state = 'asked' returning *`,
    [id, state, timestamp(at)],
  );
  return row && endpointOf(row);
}

/** Undefined when it was not live. What waits for it is dead from then on. */
export async function saveOff(tx: Tx, id: string, why: string, at: Instant): Promise<Endpoint | undefined> {
  const [row] = await tx.query<EndpointRow>(
    `update webhook_endpoints set state = 'off', off_at = $2, off_why = $3 where id = $1 and state = 'live' returning *`,
    [id, timestamp(at), why],
  );
  if (!row) return undefined;
  await tx.query(
    `update webhook_deliveries set state = 'dead', ended_at = $2 where endpoint_id = $1 and state = 'waiting'`,
    [id, timestamp(at)],
  );
  return endpointOf(row);
}

export type EndpointView = Endpoint & {
  readonly waiting: number;
  readonly dead: number;
  /** Until then nothing is sent, after a run of failures. */
  readonly closedUntil: Instant | undefined;
  readonly lastDeliveredAt: Instant | undefined;
};

/** With how their deliveries stand, tests apart; those that were refused are left out. */
export async function listEndpoints(
  db: Queryable,
  merchants: readonly string[] | 'all',
): Promise<readonly EndpointView[]> {
  type Row = EndpointRow & {
    waiting: bigint;
    dead: bigint;
    closed_until: Instant | null;
    last_delivered: Instant | null;
  };
  const rows = await db.query<Row>(
    `select e.*, d.waiting, d.dead, l.closed_until,
       (select max(ended_at) from webhook_deliveries where endpoint_id = e.id and state = 'delivered') as last_delivered
     from webhook_endpoints e left join lanes l on l.id = 'webhook/' || e.id
       cross join lateral (
         select count(*) filter (where o.state = 'waiting') as waiting, count(*) filter (where o.state = 'dead') as dead
         from webhook_deliveries o join webhook_events v on v.id = o.event_id and v.type <> 'webhook.test'
         where o.endpoint_id = e.id and o.state <> 'delivered') d
     where e.state <> 'refused' and ($1::text[] is null or e.merchant_id = any($1))
     order by length(e.id), e.id`,
    [merchants === 'all' ? null : merchants],
  );
  return rows.map((row) => ({
    ...endpointOf(row),
    waiting: Number(row.waiting),
    dead: Number(row.dead),
    closedUntil: row.closed_until ?? undefined,
    lastDeliveredAt: row.last_delivered ?? undefined,
  }));
}

const place = (rowId: string): { table: string; column: string; rowId: string } => ({
  table: 'webhook_secrets',
  column: 'sealed',
  rowId,
});

export async function insertSecret(
  tx: Tx,
  keyring: Keyring,
  secret: { readonly id: string; readonly endpointId: string; readonly text: string },
  at: Instant,
): Promise<void> {
  const columns = { id: 'uuid', endpoint_id: 'text', sealed: 'bytea', valid_from: 'timestamptz' } as const;
  const { id, endpointId, text } = secret;
  const sealed = keyring.sealText('credential', text, place(id));
  await insertRows(tx, 'webhook_secrets', columns, [{ id, endpoint_id: endpointId, sealed, valid_from: at }]);
}

/** The secrets so far end then, and none later than it would have. */
export async function endSecrets(tx: Tx, endpointId: string, until: Instant): Promise<void> {
  await tx.query('update webhook_secrets set valid_to = least($2, coalesce(valid_to, $2)) where endpoint_id = $1', [
    endpointId,
    timestamp(until),
  ]);
}

/** The live ones, newest first. A secret whose key is gone is none. */
export async function findLiveSecrets(
  db: Queryable,
  keyring: Keyring,
  endpointId: string,
  at: Instant,
): Promise<readonly Secret[]> {
  const rows = await db.query<{ id: string; sealed: Buffer }>(
    `select id, sealed from webhook_secrets
     where endpoint_id = $1 and valid_from <= $2 and (valid_to is null or valid_to > $2) order by valid_from desc, id desc`,
    [endpointId, timestamp(at)],
  );
  await keyring.loadFor(rows.map((row) => row.sealed));
  return rows.flatMap((row) => {
    const opened = keyring.openText(row.sealed, place(row.id));
    return opened.kind === 'opened' ? [new Secret(opened.value)] : [];
  });
}
