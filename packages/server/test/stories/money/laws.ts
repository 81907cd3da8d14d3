import { checkLedger } from '../../../src/ledger/index.ts';
import type { Database } from '../../../src/platform/db.ts';
import type { Broken } from '../broken.ts';
import { refundedOf } from './channel.ts';
import type { MoneyChannel } from './channel.ts';

type Found = Broken & { readonly orderNo?: string };
type Law = { readonly law: string; readonly sql: string };
type FoundRow = { readonly order_no: string | null; readonly what: string };

const workFor = (table: string): string =>
  `exists (select from jobs j where j.bucket = ${table}.bucket and j.subject = ${table}.id and j.wanted > j.done)`;
/** Chores are keyed by a digest of what they are about. */
const choreFor = (table: string): string =>
  `exists (select from jobs j where j.bucket = ${table}.bucket and j.payload ->> 'part' = ${table}.id::text and j.wanted > j.done)`;
const caseFor = (id: string): string =>
  `exists (select from cases c where c.state = 'open' and c.subject = ${id}::text)`;
const orderOf = (table: string): string =>
  `join merchant_orders o on o.bucket = ${table}.bucket and o.id = ${table}.order_id`;

/** Each finds what breaks it: order number and words. They need nothing but the records. */
const lawsOfRecords: readonly Law[] = [
  {
    law: 'live refunds never exceed what was received, and the reserve is their sum',
    sql: `select o.order_no, a.serial_no || ' reserves ' || a.refunding_minor || ' of ' || a.received_minor || ', refunds are ' || coalesce(r.sum, 0) as what
            from payment_attempts a ${orderOf('a')} left join (select bucket, attempt_id, sum(amount_minor)::int8 as sum from refunds
              where state not in ('failed', 'cancelled') group by 1, 2) r on r.bucket = a.bucket and r.attempt_id = a.id
           where a.refunding_minor <> coalesce(r.sum, 0) or a.refunding_minor > a.received_minor`,
  },
  {
    law: 'an order is settled by one payment, and everything else that was received is a surplus',
    sql: `select o.order_no, 'payments that settle: ' || count(p.id) as what from merchant_orders o join payments p on p.bucket = o.bucket and p.order_id = o.id
           where p.state = 'paid' group by 1 having count(*) > 1
          union all select o.order_no, a.serial_no || ' is ' || a.state || ', received ' || a.received_minor
            from payment_attempts a ${orderOf('a')} left join payments p on p.bucket = a.bucket and p.settled_by = a.id
              left join surplus_receipts s on s.bucket = a.bucket and s.attempt_id = a.id
           where (a.received_minor > 0) <> (p.id is not null or s.id is not null) or (a.state = 'succeeded' and a.received_minor = 0)
              or (p.id is not null and s.id is not null and s.state <> 'adopted')`,
  },
  {
    law: 'whatever is open is due, or with a person',
    sql: `select o.order_no, 'attempt ' || a.serial_no || ' ' || a.product || ' ' || a.state as what from payment_attempts a ${orderOf('a')}
           where a.state not in ('succeeded', 'rejected', 'closed') and not ${workFor('a')} and not ${caseFor('a.id')}
          union all select o.order_no, 'refund ' || r.refund_no || ' ' || r.state from refunds r ${orderOf('r')}
           where r.state not in ('refunded', 'failed', 'cancelled', 'awaiting_approval') and not ${workFor('r')} and not ${caseFor('r.id')}
          union all select o.order_no, 'surplus ' || s.why || ' ' || s.state from surplus_receipts s ${orderOf('s')}
           where s.state = 'held' and not ${choreFor('s')} and not ${caseFor('s.id')} and not ${caseFor('s.attempt_id')} and not ${caseFor('s.refund_id')}
          union all select o.order_no, 'payment ' || p.state from payments p ${orderOf('p')}
           where p.state = 'open' and not ${choreFor('p')} and not exists (select from payment_attempts a where a.bucket = p.bucket
             and a.payment_id = p.id and a.state not in ('succeeded', 'rejected', 'closed'))
          union all select o.order_no, 'payment ' || p.state || ' with no attempt that is open' from payments p ${orderOf('p')}
           where p.state = 'closing' and not exists (select from payment_attempts a where a.bucket = p.bucket and a.payment_id = p.id
             and a.state not in ('succeeded', 'rejected', 'closed'))`,
  },
  {
    law: 'what receivers have or were promised is the sum of their parts, less what came back',
    sql: `with given as (select s.bucket, s.attempt_id, sum(p.amount_minor)::int8 as sum from shares s join share_parts p on p.bucket = s.bucket and p.share_id = s.id
              where p.state <> 'failed' group by 1, 2),
            back as (select s.bucket, s.attempt_id, sum(r.amount_minor)::int8 as sum from share_returns r join shares s on s.bucket = r.bucket and s.id = r.share_id
              where r.state in ('done', 'late') group by 1, 2),
            refunded as (select r.bucket, r.attempt_id, sum((one ->> 'minor')::int8)::int8 as sum from refunds r, jsonb_array_elements(r.parts_back) one
              where r.state not in ('failed', 'cancelled') group by 1, 2)
          select o.order_no, a.serial_no || ' counts ' || a.shared_minor || ' as shared, refunds ' || a.refunding_minor || ' of ' || a.received_minor as what
            from payment_attempts a ${orderOf('a')} left join given g on g.bucket = a.bucket and g.attempt_id = a.id
              left join back b on b.bucket = a.bucket and b.attempt_id = a.id left join refunded d on d.bucket = a.bucket and d.attempt_id = a.id
           where a.shared_minor <> coalesce(g.sum, 0) - coalesce(b.sum, 0) - coalesce(d.sum, 0) or a.shared_minor + a.refunding_minor > a.received_minor`,
  },
  {
    law: 'a share is due for as long as a part of it is open, and its end is that of its parts',
    sql: `select o.order_no, 'share ' || s.share_no || ' ' || s.state as what from shares s ${orderOf('s')}
           where s.state in ('submitting', 'processing', 'in_doubt') and not ${workFor('s')}
          union all select o.order_no, 'return ' || r.return_no || ' ' || r.state from share_returns r ${orderOf('r')}
           where r.state in ('submitting', 'processing', 'in_doubt') and not ${workFor('r')}
          union all select o.order_no, 'part ' || p.part_no || ' ' || p.state || ' of share ' || s.share_no || ' ' || s.state from share_parts p ${orderOf('p')}
            join shares s on s.bucket = p.bucket and s.id = p.share_id where p.state = 'pending' and s.ended_at is not null`,
  },
  {
    law: 'the shop is told exactly what happened, each once',
    sql: `with told as (select subject, type, count(*)::int as n from webhook_events where type ~ '^(payment|refund|surplus)[.]' and type <> 'payment.disputed' group by 1, 2),
          meant as (
            select id::text as subject, 'payment.succeeded' as type, order_id, bucket from payments where state = 'paid'
            union all select id::text, 'payment.closed', order_id, bucket from payments where state = 'closed'
            union all select id::text, 'refund.succeeded', order_id, bucket from refunds where state = 'refunded'
            union all select id::text, 'refund.failed', order_id, bucket from refunds where state = 'failed'
            union all select id::text, 'refund.cancelled', order_id, bucket from refunds where state = 'cancelled'
            union all select id::text, 'surplus.received', order_id, bucket from surplus_receipts
            union all select id::text, 'surplus.refunding', order_id, bucket from surplus_receipts where refund_id is not null
            union all select id::text, 'surplus.resolved', order_id, bucket from surplus_receipts where ended_at is not null)
          select o.order_no, type || ' of ' || subject || ': told ' || coalesce(told.n, 0) || ' times, happened ' || (case when meant.order_id is null then 0 else 1 end) as what
            from told full join meant using (subject, type) left join (select bucket, id, order_no from merchant_orders) o on o.bucket = meant.bucket and o.id = meant.order_id
           where coalesce(told.n, 0) <> (case when meant.order_id is null then 0 else 1 end)`,
  },
];

const laws: readonly Law[] = [
  ...lawsOfRecords,
  {
    law: 'what is settled never changes',
    sql: `select '' as order_no, s.kind || ' ' || s.id || ' was ' || s.state || ', is ' || n.state as what from story_settled s join (${settledNow()}) n using (kind, id)
           where n.state <> s.state union all select '', s.kind || ' ' || s.id || ' was ' || s.state || ', is open again' from story_settled s
           where not exists (select from (${settledNow()}) n where n.kind = s.kind and n.id = s.id)`,
  },
];

/** What breaks a law of the records, in words; journeys of other makings hold to them as well. */
export async function brokenRecords(db: Database): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const { law, sql } of lawsOfRecords) {
    const rows = await db.query<FoundRow>(`select * from (${sql}) found order by 1, 2`);
    lines.push(...rows.map((row) => `${law}: ${row.order_no ?? ''} ${row.what}`));
  }
  return lines;
}

function settledNow(): string {
  return `select 'attempt' as kind, id, state from payment_attempts where state in ('succeeded', 'rejected', 'closed')
    union all select 'payment', id, state from payments where state in ('paid', 'closed')
    union all select 'refund', id, state from refunds where state in ('refunded', 'failed', 'cancelled')
    union all select 'surplus', id, state from surplus_receipts where state in ('returned', 'kept', 'credited', 'adopted')`;
}

/** Where the states are kept that may not change any more. */
export async function rememberSettled(db: Database): Promise<void> {
  await db.query(
    'create temporary table if not exists story_settled (kind text, id uuid, state text, primary key (kind, id))',
  );
  await db.query('truncate story_settled');
}

/** What must hold whenever nothing is under way. */
export async function lawsOfTheBooks(db: Database, channel: MoneyChannel): Promise<Found | undefined> {
  for (const { law, sql } of laws) {
    const [row] = await db.query<FoundRow>(`select * from (${sql}) found order by 1, 2 limit 1`);
    if (row) return found(law, row);
  }
  await db.query(`insert into story_settled (${settledNow()}) on conflict do nothing`);
  return againstTheChannel(await readBooks(db), channel);
}

const found = (law: string, { order_no: orderNo, what }: FoundRow): Found =>
  orderNo === null || orderNo === '' ? { law, what } : { law, what: `${orderNo}: ${what}`, orderNo };

type BookRow = {
  order_no: string;
  serial_no: string;
  state: string;
  received: string;
  cased: boolean;
  /** Somebody is still asking about it. */
  asked: boolean;
  refunds: { no: string; state: string; minor: number }[];
};

const readBooks = (db: Database): Promise<BookRow[]> =>
  db.query<BookRow>(`select o.order_no, a.serial_no, a.state, a.received_minor::text as received, ${caseFor('a.id')} as cased, ${workFor('a')} as asked,
      coalesce((select json_agg(json_build_object('no', r.refund_no, 'state', r.state, 'minor', r.amount_minor)) from refunds r
        where r.bucket = a.bucket and r.attempt_id = a.id), '[]') as refunds
    from payment_attempts a ${orderOf('a')} order by 1, 2`);

/** A refund that no call of ours made. */
const isByChannel = ({ no }: BookRow['refunds'][number]): boolean => no.startsWith('C');
const isAllBack = (refunds: BookRow['refunds']): boolean =>
  refunds.some((one) => isByChannel(one) && one.state === 'refunded');

/** At any time: we book nothing that the channel has not, and send nothing back twice. */
function againstTheChannel(books: readonly BookRow[], channel: MoneyChannel): Found | undefined {
  for (const { order_no: orderNo, serial_no: no, received, refunds, cased, asked } of books) {
    const trade = channel.trades.get(no);
    const law = (text: string, what: string): Found => ({ law: text, what: `${orderNo}: ${what}`, orderNo });
    const isThere = trade?.state === 'paid' || (trade?.gaveBack === true && (cased || asked || isAllBack(refunds)));
    if (received !== '0' && !cased && !asked && !(isThere && String(trade.minor) === received))
      return law(
        'nothing is booked that the channel has not',
        `${no}: booked ${received}, the channel says ${trade?.state ?? 'nothing'}`,
      );
    if (!trade) continue;
    if (trade.submits > 1 && (trade.channel === 'strict' || trade.isCharged))
      return law('a first call that may have left is not made again', `${no}: the channel got ${trade.submits}`);
    const twice = trade.refunds.find(
      ({ no: one }, index) => trade.refunds.findIndex((other) => other.no === one) < index,
    );
    if (twice) return law('a refund is made once', `${twice.no}: the channel made it twice`);
    const ours = new Map(refunds.map((one) => [one.no, one]));
    const strange = trade.refunds.find((one) => ours.get(one.no)?.minor !== one.minor);
    if (strange) return law('the channel gives back what we asked for', `${strange.no}: ${strange.minor}`);
    const early = refunds.find(
      (one) =>
        one.state === 'refunded' &&
        !(isByChannel(one) && trade.gaveBack) &&
        !trade.refunds.some((theirs) => theirs.no === one.no),
    );
    if (early) return law('nothing is given back in the books that the channel did not give back', early.no);
    const lost = refunds.find(
      (one) => ['failed', 'cancelled'].includes(one.state) && trade.refunds.some((theirs) => theirs.no === one.no),
    );
    if (lost) return law('a refund that ended unpaid was not made', lost.no);
  }
  return undefined;
}

/** Once all is quiet. */
export async function lawsAtTheEnd(db: Database, channel: MoneyChannel): Promise<Found | undefined> {
  const [ledger] = await checkLedger(db);
  if (ledger) return { law: `the ledger: ${ledger.law}`, what: JSON.stringify(ledger.found) };
  const books = await readBooks(db);
  let [received, refunded] = [0, 0];
  for (const { order_no: orderNo, serial_no: no, state, received: booked, refunds, cased } of books) {
    const trade = channel.trades.get(no);
    const law = (text: string, what: string): Found => ({ law: text, what: `${orderNo}: ${what}`, orderNo });
    // What the channel gave back by itself was booked before or never, and then as given back, or it is with a person.
    const isBack = trade?.gaveBack === true && (cased || isAllBack(refunds));
    const theirs = isBack ? Number(booked) : trade?.state === 'paid' ? trade.minor : 0;
    if (String(theirs) !== booked)
      return law('what the channel received is booked', `${no} ${state}: booked ${booked}, received ${theirs}`);
    const back = refunds.filter((one) => one.state === 'refunded').reduce((sum, one) => sum + one.minor, 0);
    if (trade && !isBack && refundedOf(trade) !== back && !refunds.some((one) => one.state === 'in_doubt'))
      return law('what the channel gave back is booked', `${no}: booked ${back}, given back ${refundedOf(trade)}`);
    [received, refunded] = [received + theirs, refunded + back];
  }
  const [open] = await db.query<FoundRow>(openAtTheEnd);
  if (open) return found('once all is quiet, nothing is open that is not with a person', open);
  const [place] = await db.query<{ sum: string }>(
    `select coalesce(sum(balance), 0)::text as sum from slots where account like 'channel_receivable:%'`,
  );
  const net = String(received - refunded);
  return place?.sum === net
    ? undefined
    : { law: 'the books hold what lies at the channel', what: `books ${place?.sum ?? ''}, channel ${net}` };
}

const openAtTheEnd = `
  select o.order_no, 'attempt ' || a.serial_no || ' ' || a.product || ' ' || a.state as what from payment_attempts a ${orderOf('a')}
   where a.state not in ('succeeded', 'rejected', 'closed') and not ${caseFor('a.id')}
  union all select o.order_no, 'refund ' || r.refund_no || ' ' || r.state from refunds r ${orderOf('r')}
   where r.state not in ('refunded', 'failed', 'cancelled', 'awaiting_approval') and not ${caseFor('r.id')}
  union all select o.order_no, 'payment ' || p.state from payments p ${orderOf('p')}
   where p.state in ('open', 'closing') and not exists (select from payment_attempts a where a.bucket = p.bucket and a.payment_id = p.id and ${caseFor('a.id')})
  limit 1`;

/** Two plays of one story agree in it. */
export async function digestOfBooks(db: Database): Promise<string> {
  const [row] = await db.query<{ digest: string }>(
    `select md5(string_agg(line, ',' order by line)) as digest from (
       select serial_no || state || received_minor || asked || coalesce(ended_at::text, '') as line from payment_attempts
       union all select refund_no || state || asked || sent_tries from refunds union all select account || balance from slots) lines`,
  );
  return row?.digest ?? '';
}
