import type { Instant } from '../kernel/index.ts';
import type { Queryable } from '../platform/db.ts';

export type LoggedTry = {
  readonly try: number;
  readonly startedAt: Instant;
  /** Undefined: nobody heard its end, the process died. */
  readonly heardAt: Instant | undefined;
  readonly kind: 'answered' | 'silent' | 'unsent' | undefined;
  readonly httpStatus: number | undefined;
  readonly words: string;
  readonly ms: number | undefined;
};

export type LoggedDelivery = {
  readonly messageId: string;
  readonly merchantId: string;
  readonly type: string;
  readonly subject: string;
  readonly at: Instant;
  readonly endpointId: string;
  readonly state: 'waiting' | 'delivered' | 'dead';
  readonly failures: number;
  /** When it is tried next. */
  readonly nextAt: Instant | undefined;
  /** Oldest first. */
  readonly tries: readonly LoggedTry[];
};

export type LogFilter = {
  readonly merchants: readonly string[] | 'all';
  /** An endpoint `W-1` or a message `msg_…`. */
  readonly about?: string;
  readonly state?: 'waiting' | 'delivered' | 'dead';
  /** At most 500. */
  readonly limit: number;
};

/** Newest first, each with every try of it. */
export async function readLog(db: Queryable, filter: LogFilter): Promise<readonly LoggedDelivery[]> {
  type Row = {
    id: string;
    message: string;
    merchant_id: string;
    type: string;
    subject: string;
    at: Instant;
    endpoint_id: string;
    state: 'waiting' | 'delivered' | 'dead';
    failures: number;
    next_at: Instant | null;
  };
  const rows = await db.query<Row>(
    `select d.id, e.id as message, e.merchant_id, e.type, e.subject, e.at, d.endpoint_id, d.state, d.failures, j.due_at as next_at
     from webhook_deliveries d join webhook_events e on e.id = d.event_id
       left join jobs j on j.bucket = 0 and j.kind = 'webhook.deliver' and j.subject = d.id and j.wanted > j.done and d.state = 'waiting'
     where ($1::text[] is null or e.merchant_id = any($1)) and ($2::text is null or d.endpoint_id = $2 or e.id = $2)
       and ($3::text is null or d.state = $3)
     order by d.since desc, e.id, d.endpoint_id limit $4`,
    [
      filter.merchants === 'all' ? null : filter.merchants,
      filter.about ?? null,
      filter.state ?? null,
      Math.min(filter.limit, 500),
    ],
  );
  const tries = await readTries(
    db,
    rows.map((row) => row.id),
  );
  return rows.map((row) => ({
    ...{ messageId: row.message, merchantId: row.merchant_id, type: row.type, subject: row.subject, at: row.at },
    ...{ endpointId: row.endpoint_id, state: row.state, failures: row.failures, nextAt: row.next_at ?? undefined },
    tries: tries.get(row.id) ?? [],
  }));
}

async function readTries(db: Queryable, ids: readonly string[]): Promise<ReadonlyMap<string, readonly LoggedTry[]>> {
  type Row = {
    delivery_id: string;
    try: number;
    started_at: Instant;
    heard_at: Instant | null;
    kind: 'answered' | 'silent' | 'unsent' | null;
    http_status: number | null;
    words: string;
    ms: number | null;
  };
  const rows = await db.query<Row>('select * from webhook_tries where delivery_id = any($1::uuid[]) order by try', [
    ids,
  ]);
  const byDelivery = new Map<string, LoggedTry[]>();
  for (const row of rows) {
    const one = {
      ...{ try: row.try, startedAt: row.started_at, heardAt: row.heard_at ?? undefined, kind: row.kind ?? undefined },
      ...{ httpStatus: row.http_status ?? undefined, words: row.words },
      ms: row.ms === null ? undefined : Math.round(row.ms),
    };
    const known = byDelivery.get(row.delivery_id);
    if (known) known.push(one);
    else byDelivery.set(row.delivery_id, [one]);
  }
  return byDelivery;
}
