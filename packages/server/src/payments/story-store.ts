import type { BusinessDate, Instant } from '../kernel/index.ts';
import type { AccountId } from '../ledger/index.ts';
import type { RecordKey } from '../platform/commands.ts';
import type { Queryable } from '../platform/db.ts';
import { unnest } from '../platform/sql.ts';
import type { StoryTrust } from '../platform/story/index.ts';

const keyColumns = { bucket: 'int2', id: 'uuid' } as const;

export type HeardLine = {
  readonly subject: string;
  readonly source: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly trust: StoryTrust;
  readonly exchangeId: string | null;
  readonly noticeId: string | null;
  readonly heardAt: Instant;
  readonly lastSeenAt: Instant;
  readonly seenCount: number;
};

/** What was heard of these attempts and refunds, in the order in which it was heard. */
export async function findHeard(db: Queryable, subjects: readonly RecordKey[]): Promise<readonly HeardLine[]> {
  const set = unnest(keyColumns, subjects);
  return db.query<HeardLine>(
    `select h.subject, h.source, h.body, h.trust, h.exchange_id as "exchangeId", h.notice_id as "noticeId",
       h.heard_at as "heardAt", h.last_seen_at as "lastSeenAt", h.seen_count as "seenCount"
     from ${set.sql} join payment_observations h on h.bucket = t.bucket and h.subject = t.id order by h.heard_at, h.source, h.digest`,
    set.values,
  );
}

export type NoticeLine = {
  readonly id: string;
  readonly serialNo: string;
  readonly receivedAt: Instant;
  readonly reading: Readonly<Record<string, unknown>>;
  readonly seenCount: number;
  readonly lastSeenAt: Instant;
};

export type NoticesOf = {
  readonly bucket: number;
  readonly serialNo: string;
  readonly accountId: string;
  readonly createdAt: Instant;
};

/** Messages on a good signature that name these attempts. Ids rise with time, so each look begins where the attempt did. */
export async function findNotices(db: Queryable, attempts: readonly NoticesOf[]): Promise<readonly NoticeLine[]> {
  const set = unnest(
    { bucket: 'int2', serial_no: 'text', account_id: 'text', first: 'uuid' } as const,
    attempts.map(({ bucket, serialNo, accountId, createdAt }) => ({
      ...{ bucket, serial_no: serialNo, account_id: accountId, first: idsFrom(createdAt) },
    })),
  );
  return db.query<NoticeLine>(
    `select n.id, t.serial_no as "serialNo", n.received_at as "receivedAt", n.reading, n.seen_count as "seenCount",
       n.last_seen_at as "lastSeenAt"
     from ${set.sql} join inbound_notices n on n.bucket = t.bucket and n.id >= t.first and n.account_id = t.account_id
       and n.state <> 'refused' and n.reading->>'serialNo' = t.serial_no
     order by n.received_at, n.id`,
    set.values,
  );
}

/** The first id of a millisecond (RFC 9562 §5.7: 48 bits of time lead). */
export function idsFrom(at: Instant): string {
  const hex = at.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

export type EntryLine = {
  readonly entry: string;
  readonly orderId: string;
  readonly kind: string;
  readonly bookedAt: Instant;
  readonly businessDate: BusinessDate;
  readonly reverses: string | null;
  readonly lines: readonly (readonly [AccountId, string | number, string])[];
};

/** What was booked of these orders. The ledger's table is read here in one look for a list; `entriesOf` answers for one record. */
export async function findEntries(db: Queryable, orders: readonly RecordKey[]): Promise<readonly EntryLine[]> {
  const set = unnest({ bucket: 'int2', id: 'text' } as const, orders);
  return db.query<EntryLine>(
    `select e.entry, e.subject as "orderId", e.kind, e.booked_at as "bookedAt", e.business_date as "businessDate", e.reverses, e.lines
     from ${set.sql} join entries e on e.bucket = t.bucket and e.subject = t.id order by e.entry`,
    set.values,
  );
}

export type EventLine = {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly at: Instant;
  readonly deliveryId: string | null;
  readonly endpointId: string | null;
  readonly state: 'waiting' | 'delivered' | 'dead' | null;
  readonly tries: number | null;
  readonly endedAt: Instant | null;
};

export type EventWindow = { readonly merchantId: string; readonly from: Instant; readonly to: Instant };

/**
 * What the shop was told of these subjects, a line for each address. The outbox is kept by time: an event is committed with what it tells of,
 * so it is looked for around the moments at which something happened.
 */
export async function findEvents(
  db: Queryable,
  subjects: readonly string[],
  windows: readonly EventWindow[],
): Promise<readonly EventLine[]> {
  const set = unnest(
    { merchant_id: 'text', first: 'timestamptz', last: 'timestamptz' } as const,
    windows.map(({ merchantId, from, to }) => ({ merchant_id: merchantId, first: from, last: to })),
  );
  return db.query<EventLine>(
    `select distinct e.id, e.type, e.subject, e.at, d.id as "deliveryId", d.endpoint_id as "endpointId", d.state, d.tries, d.ended_at as "endedAt"
     from ${set.sql} join webhook_events e on e.merchant_id = t.merchant_id and e.at between t.first and t.last and e.subject = any($4::text[])
       left join webhook_deliveries d on d.event_id = e.id
     order by e.at, e.id, d.endpoint_id`,
    [...set.values, subjects],
  );
}

export type ApprovalLine = {
  readonly id: string;
  readonly command: string;
  readonly subject: string;
  readonly state: string;
  readonly lapsesAt: Instant;
};

/** Second people's decisions about these refunds and surplus receipts. */
export async function findApprovalsOf(db: Queryable, subjects: readonly string[]): Promise<readonly ApprovalLine[]> {
  return db.query<ApprovalLine>(
    `select id, command, subject, state, lapses_at as "lapsesAt" from approvals
     where subject = any($1::text[]) and command in ('attempts.verdict', 'refunds', 'refunds.verdict', 'surplus.resolve') order by asked_at, id`,
    [subjects],
  );
}
