import type { Queryable } from '../platform/db.ts';
import { chart } from './chart.data.ts';
import type { AccountKindName } from './chart.data.ts';

/** A law of the books: its query selects what breaks it, in words, as `found`. */
export type Law = { readonly name: string; readonly says: string; readonly sql: string };

/** The limit stays outside: a planner that expects to stop early walks the books once for each row. */
export async function readLaw(
  db: Queryable,
  sql: string,
  most: number,
): Promise<readonly { readonly found: string }[]> {
  return db.query(`with broken as materialized (${sql}) select found from broken order by found limit $1`, [most]);
}

const bookedLines = 'select entry, bucket, account, amount from postings';
const meantLines = `select e.entry, (l ->> 1)::int2, l ->> 0, (l ->> 2)::int8 from entries e cross join jsonb_array_elements(e.lines) l`;
const mirrored = `select e.entry, l ->> 0, -(l ->> 2)::int8 from entries e join entries o on o.bucket = e.bucket and o.source = e.reverses
  cross join jsonb_array_elements(o.lines) l`;
const reversing = `select e.entry, l ->> 0, (l ->> 2)::int8 from entries e cross join jsonb_array_elements(e.lines) l where e.reverses is not null`;

/** What must hold of the books by themselves, at any moment between two transactions. */
export const lawsOfTheBooks: readonly Law[] = [
  {
    name: 'I1',
    says: 'an entry sums to zero in each currency',
    sql: `select concat_ws(' ', p.entry, s.currency, sum(p.amount)) as found from postings p join slots s using (bucket, account)
      group by p.entry, s.currency having sum(p.amount) <> 0`,
  },
  {
    name: 'I2',
    says: 'an entry sums to zero at each place',
    sql: `select concat_ws(' ', p.entry, s.currency, s.place, sum(p.amount)) as found from postings p join slots s using (bucket, account)
      group by p.entry, s.currency, s.place having sum(p.amount) <> 0`,
  },
  {
    name: 'I3',
    says: 'a slot is the sum of its postings, numbered from 1 without gaps',
    sql: `select concat_ws(' ', s.bucket, s.account, 'has', s.balance, 'at', s.seq, 'postings', p.total, 'at', p.last, 'of', p.count) as found
      from slots s full join (select bucket, account, sum(amount) as total, max(seq) as last, count(*) as count from postings group by 1, 2) p
        using (bucket, account)
      where s.account is null or s.balance <> coalesce(p.total, 0) or s.seq <> coalesce(p.last, 0) or s.seq <> coalesce(p.count, 0)`,
  },
  {
    name: 'I4',
    says: 'the balance after a posting is the sum up to it',
    sql: `select concat_ws(' ', bucket, account, seq, 'says', balance_after, 'is', running) as found from (
        select *, sum(amount) over (partition by bucket, account order by seq) as running from postings) p
      where balance_after <> running`,
  },
  {
    name: 'I5',
    says: 'a slot does not run backwards in time',
    sql: `select concat_ws(' ', bucket, account, seq) as found from (
        select *, lag(booked_at) over (partition by bucket, account order by seq) as before from postings) p
      where booked_at < before`,
  },
  {
    name: 'I6',
    says: 'an entry has two postings or more, of its own date and instant, and they are what it meant',
    sql: `select concat_ws(' ', e.entry, e.source, 'has', count(p.entry), 'postings') as found
        from entries e left join postings p using (entry) group by e.entry, e.source having count(p.entry) < 2
      union all select concat_ws(' ', p.bucket, p.account, p.seq, 'differs from its entry', p.entry) from postings p left join entries e using (entry)
        where e.entry is null or e.business_date <> p.business_date or e.booked_at <> p.booked_at
      union all select concat_ws(' ', entry, bucket, account, amount, 'was not meant') from (${bookedLines} except all ${meantLines}) x
      union all select concat_ws(' ', x.*, 'was not booked') from (${meantLines} except all ${bookedLines}) x`,
  },
  {
    name: 'I7',
    says: 'a source posts once',
    sql: `select concat_ws(' ', bucket, source, count(*)) as found from entries group by bucket, source having count(*) > 1`,
  },
  {
    name: 'I8',
    says: 'an entry is taken back once, by its mirror',
    sql: `select concat_ws(' ', bucket, reverses, 'was taken back', count(*), 'times') as found from entries
        where reverses is not null group by bucket, reverses having count(*) > 1
      union all select concat_ws(' ', e.source, 'takes back nothing:', e.reverses) from entries e
        where e.reverses is not null and not exists (select from entries o where o.bucket = e.bucket and o.source = e.reverses)
      union all select concat_ws(' ', x.*, 'is not in the mirror') from (${mirrored} except all ${reversing}) x
      union all select concat_ws(' ', x.*, 'is not mirrored') from (${reversing} except all ${mirrored}) x`,
  },
  {
    name: 'I9',
    says: 'a place sums to zero in each currency: all that is there has an owner',
    sql: `select concat_ws(' ', place, currency, sum(balance)) as found from slots group by place, currency having sum(balance) <> 0`,
  },
];

const floored = (side: 'asset' | 'claim'): string =>
  Object.entries(chart)
    .filter(([, kind]) => kind.floor && kind.side === side)
    .map(([name]) => `'${name}'`)
    .join(', ');

/** `openCases`: SQL that selects the `account` of each case about an overdraft that is open. */
export const noFloorWithoutCase = (openCases: string): Law => ({
  name: 'I10',
  says: 'an account below its floor has an open case',
  sql: `select concat_ws(' ', account, balance) as found from slots
    where (kind in (${floored('asset')}) and balance < 0 or kind in (${floored('claim')}) and balance > 0)
      and account not in (select c.account from (${openCases}) c)`,
});

/** `records`: SQL that selects merchant_id, place, currency and minor (positive) of what is open: refunds for I13, surplus receipts for I14. */
export const claimMatchesRecords = (name: 'I13' | 'I14', kind: AccountKindName, records: string): Law => ({
  name,
  says: `${kind} is the sum of the open records`,
  sql: `select concat_ws(' ', merchant_id, place, currency, 'booked', b.minor, 'open', r.minor) as found
    from (select merchant_id, place, currency, -sum(balance) as minor from slots where kind = '${kind}' group by 1, 2, 3) b
      full join (select merchant_id, place, currency, sum(minor) as minor from (${records}) o group by 1, 2, 3) r using (merchant_id, place, currency)
    where coalesce(b.minor, 0) <> coalesce(r.minor, 0)`,
});

/** `attempts`: SQL that selects bucket and `source` (`payment:<serial>:succeeded`) of every attempt that succeeded. */
export const successIsBooked = (attempts: string): Law => ({
  name: 'I22',
  says: 'what succeeded is booked, and nothing else',
  sql: `select concat_ws(' ', bucket, source, case when e.entry is null then 'is not booked' else 'did not succeed' end) as found
    from (select bucket, source, entry from entries where kind in ('payment', 'surplus')) e full join (${attempts}) a using (bucket, source)
    where e.entry is null or a.source is null`,
});
