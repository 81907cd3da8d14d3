import { assert } from '../kernel/index.ts';
import type { BusinessDate, Currency, Instant } from '../kernel/index.ts';
import { kept, timestamp } from '../platform/db.ts';
import type { Queryable } from '../platform/db.ts';
import { unnest } from '../platform/sql.ts';
import { slotsOf } from './account.ts';
import type { AccountId } from './account.ts';
import type { BookedEntry } from './correction.ts';

/** What stands on these accounts now, in minor units, debit +; zero where nothing was ever booked. Takes no lock. */
export async function balances(db: Queryable, accounts: readonly AccountId[]): Promise<ReadonlyMap<AccountId, bigint>> {
  const keys = accounts.flatMap((account) => slotsOf(account).map((bucket) => ({ bucket, account })));
  const set = unnest({ bucket: 'int2', account: 'text' }, keys);
  const rows = await db.query<{ account: AccountId; balance: bigint }>(
    kept(
      `select s.account, sum(s.balance)::int8 as balance from slots s join ${set.sql} using (bucket, account) group by s.account`,
    ),
    set.values,
  );
  const found = new Map(rows.map(({ account, balance }) => [account, balance] as const));
  return new Map(accounts.map((account) => [account, found.get(account) ?? 0n]));
}

/**
 * What stood on the account at that instant, postings of the instant included: the last posting of each slot until then, found by halving its
 * sequence, whose times never go back (law I5). Younger than the
 * longest open transaction it is provisional. A balance by business date is another question with another answer.
 */
export async function balanceAt(db: Queryable, account: AccountId, at: Instant): Promise<bigint> {
  const [row] = await db.query<{ balance: bigint }>(
    kept(
      `with recursive halves as (
         select s.bucket, 0::int8 as low, s.seq as high from slots s where s.bucket = any($1::int2[]) and s.account = $2
         union all
         select h.bucket, case when p.booked_at <= $3 then p.seq else h.low end, case when p.booked_at <= $3 then h.high else p.seq - 1 end
         from halves h join postings p on p.bucket = h.bucket and p.account = $2 and p.seq = (h.low + h.high + 1) / 2
         where h.low < h.high)
       select coalesce(sum(p.balance_after), 0)::int8 as balance from halves h
         join postings p on p.bucket = h.bucket and p.account = $2 and p.seq = h.low where h.low = h.high`,
    ),
    [slotsOf(account), account, timestamp(at)],
  );
  assert(row, 'a sum without a row');
  return row.balance;
}

/** An entry as people look at it, and as a correction takes it back. */
export type StandingEntry = BookedEntry & {
  readonly entry: string;
  readonly kind: string;
  readonly belongsTo: BusinessDate | null;
  readonly bookedAt: Instant;
  readonly reverses: string | null;
  readonly actor: string;
};

type EntryRow = Omit<StandingEntry, 'lines'> & {
  readonly lines: readonly (readonly [AccountId, string | number, string])[];
};

/** All entries about one record, in the order of their booking. */
export async function entriesOf(db: Queryable, bucket: number, subject: string): Promise<readonly StandingEntry[]> {
  const rows = await db.query<EntryRow>(
    kept(
      `select bucket, entry, kind, source, merchant_id as "merchantId", subject, business_date as "businessDate", belongs_to as "belongsTo",
         booked_at as "bookedAt", reverses, actor, lines from entries where bucket = $1 and subject = $2 order by entry`,
    ),
    [bucket, subject],
  );
  return rows.map(({ lines, ...row }) => ({
    ...row,
    lines: lines.map(([account, , amount]) => ({ account, amount: BigInt(amount) })),
  }));
}

/** One account's day: opening and closing debit + and credit −, what was booked on either side as positive sums. */
export type TrialRow = {
  readonly account: AccountId;
  readonly currency: Currency;
  readonly opening: bigint;
  readonly debit: bigint;
  readonly credit: bigint;
  readonly closing: bigint;
};

/** All accounts of a place, which sum to zero; or a shop's own and those of the places that it uses. */
export type TrialOf = { readonly place: string } | { readonly merchantId: string };

const ofPlace = 's.place = $2';
const ofMerchant = `(s.merchant_id is null or s.merchant_id = $2) and s.place in (select place from slots where merchant_id = $2)`;

/** 试算平衡 of one business date. It reads all postings of these accounts, as long as there are no balances by day. */
export async function trialBalance(db: Queryable, of: TrialOf, date: BusinessDate): Promise<readonly TrialRow[]> {
  const [which, value] = 'place' in of ? [ofPlace, of.place] : [ofMerchant, of.merchantId];
  return db.query<TrialRow>(
    `select s.account, s.currency,
       coalesce(sum(p.amount) filter (where p.business_date < $1), 0)::int8 as opening,
       coalesce(sum(p.amount) filter (where p.business_date = $1 and p.amount > 0), 0)::int8 as debit,
       coalesce(-sum(p.amount) filter (where p.business_date = $1 and p.amount < 0), 0)::int8 as credit,
       coalesce(sum(p.amount) filter (where p.business_date <= $1), 0)::int8 as closing
     from slots s left join postings p using (bucket, account) where ${which} group by s.account, s.currency order by s.account`,
    [date, value],
  );
}
