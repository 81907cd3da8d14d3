import type { BusinessDate, Instant } from '../kernel/index.ts';
import { kept, timestamp } from '../platform/db.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import { insertRows, unnest } from '../platform/sql.ts';
import type { AccountId } from './account.ts';
import { partsOfAccount } from './account.ts';
import type { EntryDraft } from './entry.ts';

export type SlotKey = { readonly bucket: number; readonly account: AccountId };
export type Slot = SlotKey & {
  readonly balance: bigint;
  readonly seq: bigint;
  readonly lastBookedAt: Instant;
};
export type SourceKey = { readonly bucket: number; readonly source: string };
/** One posting before its sequence is known. */
export type PlacedLine = SlotKey & { readonly amount: bigint };
export type DatedEntry = {
  readonly draft: EntryDraft;
  readonly id: string;
  readonly businessDate: BusinessDate;
  readonly belongsTo: BusinessDate | undefined;
  readonly lines: readonly PlacedLine[];
};

const slotKeys = { bucket: 'int2', account: 'text' } as const;
const sourceKeys = { bucket: 'int2', source: 'text' } as const;

const bySlot = (a: SlotKey, b: SlotKey): number =>
  a.bucket - b.bucket || (a.account < b.account ? -1 : a.account > b.account ? 1 : 0);

/**
 * Locks these slots in the order (bucket, account), the one order of all lists, and makes those that are missing. While one is
 * missing nothing is locked yet: whoever held some and made others could meet another list in a ring.
 */
export async function lockSlots(tx: Tx, keys: readonly SlotKey[]): Promise<readonly Slot[]> {
  const sorted = [...keys].sort(bySlot);
  const locked = await lockAll(tx, sorted);
  if (locked.length === keys.length) return locked;
  await makeSlots(tx, sorted);
  return lockAll(tx, sorted);
}

async function lockAll(tx: Tx, keys: readonly SlotKey[]): Promise<Slot[]> {
  const set = unnest(slotKeys, keys);
  return tx.query<Slot>(
    kept(
      `select s.bucket, s.account, s.balance, s.seq, s.last_booked_at as "lastBookedAt" from slots s join ${set.sql} using (bucket, account)
       where (select count(*) from slots s join ${set.sql} using (bucket, account)) = $3
       order by s.bucket, s.account for update of s`,
    ),
    [...set.values, keys.length],
  );
}

async function makeSlots(tx: Tx, keys: readonly SlotKey[]): Promise<void> {
  const columns = { ...slotKeys, kind: 'text', merchant_id: 'text', place: 'text', currency: 'text' } as const;
  const rows = keys.map(({ bucket, account }) => {
    const { kind, merchant, place, currency } = partsOfAccount(account);
    return { bucket, account, kind, merchant_id: merchant, place, currency };
  });
  await insertRows(tx, 'slots', columns, rows, 'on conflict (bucket, account) do nothing');
}

export type Standing = SourceKey & { readonly entry: string; readonly kind: string };

/** Which of these facts were posted before. */
export async function findBySource(tx: Queryable, keys: readonly SourceKey[]): Promise<readonly Standing[]> {
  if (keys.length === 0) return [];
  const set = unnest(sourceKeys, keys);
  return tx.query<Standing>(
    kept(`select e.bucket, e.source, e.entry, e.kind from entries e join ${set.sql} using (bucket, source)`),
    set.values,
  );
}

/** Returns the ids of those that are new: a source that was posted before drops its entry. */
export async function insertEntries(
  tx: Tx,
  entries: readonly DatedEntry[],
  bookedAt: Instant,
): Promise<ReadonlySet<string>> {
  const columns = {
    bucket: 'int2',
    entry: 'uuid',
    kind: 'text',
    source: 'text',
    merchant_id: 'text',
    subject: 'text',
    business_date: 'date',
    belongs_to: 'date',
    channel_day: 'date',
    booked_at: 'timestamptz',
    reverses: 'text',
    actor: 'text',
    lines: 'jsonb',
  } as const;
  const rows = entries.map(({ draft, id, businessDate, belongsTo, lines }) => ({
    ...{ bucket: draft.bucket, entry: id, kind: draft.kind, source: draft.source, merchant_id: draft.merchantId },
    ...{ subject: draft.subject, business_date: businessDate, belongs_to: belongsTo, channel_day: draft.channelDay },
    ...{ booked_at: bookedAt, reverses: draft.reverses, actor: draft.actor },
    // Texts: a number in JSON takes eight bytes more, and every payment writes four of them.
    lines: lines.map(({ bucket, account, amount }) => [account, bucket.toString(), amount.toString()]),
  }));
  rows.sort((a, b) => a.bucket - b.bucket || (a.source < b.source ? -1 : 1));
  const fresh = await insertRows<typeof columns, { entry: string }>(
    tx,
    'entries',
    columns,
    rows,
    // Not ON CONFLICT, which writes each row into the log twice: whoever posts a source holds the record that it is about.
    'where not exists (select from entries e where e.bucket = t.bucket and e.source = t.source) returning entry',
  );
  return new Set(fresh.map((row) => row.entry));
}

/** Sequence and balance after each posting by window, and the slots moved on: one statement, so that both see the same slots. */
export async function insertPostings(tx: Tx, entries: readonly DatedEntry[], bookedAt: Instant): Promise<void> {
  const columns = {
    position: 'int4',
    bucket: 'int2',
    account: 'text',
    entry: 'uuid',
    amount: 'int8',
    business_date: 'date',
  } as const;
  const rows = entries
    .flatMap(({ id, businessDate, lines }) =>
      lines.map((line) => ({ ...line, entry: id, business_date: businessDate })),
    )
    .map((line, position) => ({ ...line, position }));
  if (rows.length === 0) return;
  const set = unnest(columns, rows);
  const booked = `$${set.values.length + 1}::timestamptz`;
  await tx.query(
    kept(`with lines as (
      select t.*, row_number() over w as nth, sum(amount) over w as running from ${set.sql}
      window w as (partition by bucket, account order by position rows unbounded preceding)
    ), booked as (
      insert into postings (bucket, account, seq, entry, amount, balance_after, business_date, booked_at)
      select l.bucket, l.account, s.seq + l.nth, l.entry, l.amount, s.balance + l.running, l.business_date, ${booked}
      from lines l join slots s using (bucket, account)
    )
    update slots s set balance = s.balance + d.total, seq = s.seq + d.postings, last_booked_at = ${booked}
    from (select bucket, account, sum(amount) as total, count(*) as postings from lines group by bucket, account) d
    where s.bucket = d.bucket and s.account = d.account`),
    [...set.values, timestamp(bookedAt)],
  );
}
