-- The ledger: where the merchant's money is, and whose it is. Entries and postings are only ever added.
-- works with: 1

-- One movement and what it says: balanced per place and currency. `lines` is what was meant, the postings are what was booked: they must be
-- equal, and an entry is read and reversed without an index on postings besides the two they need.
create table entries (
  bucket smallint not null,
  entry uuid not null,
  kind text not null,
  -- The fact behind it: it posts once, whatever tells it again.
  source text not null,
  -- Whose books: the merchant that holds the accounts at the channels.
  merchant_id text not null,
  -- The record that it is about.
  subject text not null,
  business_date date not null,
  -- The day that it speaks of, where that day was over.
  belongs_to date,
  -- The channel's own day, for comparing with its statement only.
  channel_day date,
  booked_at timestamptz not null,
  -- The source of the entry in the same bucket that this one takes back.
  reverses text,
  actor text not null,
  -- [account, slot, amount as text] each, in the order of booking.
  lines jsonb not null,
  primary key (bucket, entry),
  unique (bucket, source)
);
create index entries_by_subject on entries (bucket, subject, entry);

-- One account's running balance in one slot. A busy account has many slots, one with a floor has one, in its home bucket. No check holds
-- the floor here: commands are refused before, facts must be able to pass.
create table slots (
  bucket smallint not null,
  account text not null,
  kind text not null,
  merchant_id text,
  place text not null,
  currency text not null,
  balance bigint not null default 0,
  seq bigint not null default 0,
  last_booked_at timestamptz not null default '-infinity',
  primary key (bucket, account)
) with (fillfactor = 50);

-- Signed minor units: debit +, credit −. Partitions by month come with the seals; until then it is one table.
create table postings (
  -- The slot: the group of the order's bucket, or the home bucket of an account with one slot.
  bucket smallint not null,
  account text not null,
  seq bigint not null,
  entry uuid not null,
  amount bigint not null check (amount <> 0),
  balance_after bigint not null,
  business_date date not null,
  booked_at timestamptz not null,
  primary key (bucket, account, seq)
);
-- The balance at any instant: the last posting of each slot until then.
create index postings_by_instant on postings (bucket, account, booked_at, seq) include (balance_after);

-- A day of a merchant's books. Nothing closes days yet: what has no row is open.
create table business_days (
  merchant_id text not null,
  business_date date not null,
  state text not null check (state in ('open', 'closing', 'sealed')),
  opened_at timestamptz not null,
  closing_at timestamptz,
  sealed_at timestamptz,
  primary key (merchant_id, business_date)
);
