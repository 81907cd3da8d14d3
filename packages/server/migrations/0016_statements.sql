-- Statements: the files in which a channel tells what happened on a day, as they came, and their lines.
-- works with: 14
-- An older program beside this one fetches no statements.

-- What is to be had: one row for each account, kind of file and day of the channel.
create table statement_days (
  bucket smallint not null,
  id uuid not null,
  account_id text not null references channel_accounts,
  merchant_id text not null references merchants,
  kind text not null,
  day date not null,
  -- Lateness is no state: it is a day without a statement after late_at.
  state text not null check (state in ('due', 'waiting', 'received', 'empty', 'refused')),
  -- Why there is none yet, in the channel's words or ours.
  why text not null default '',
  ready_at timestamptz not null,
  late_at timestamptz not null,
  -- Somebody was told that it is.
  late_told boolean not null default false,
  asked_at timestamptz,
  -- Questions and downloads since the last that brought something.
  failures integer not null default 0,
  -- How often the channel has said that nothing happened.
  empties integer not null default 0,
  -- Where the file lies for some minutes: sealed, since the address opens it together with our signature.
  address bytea,
  address_digest text,
  address_at timestamptz,
  address_exchange uuid,
  -- The newest version.
  statement_id text,
  primary key (bucket, id),
  unique (account_id, kind, day)
);
create index statement_days_open on statement_days (late_at) where state not in ('received', 'empty');
create index statement_days_by_merchant on statement_days (merchant_id, day);

-- Versions. What differs from the one before stands beside it; nothing is written over.
create table statements (
  id text primary key,
  day_bucket smallint not null,
  day_id uuid not null,
  version integer not null,
  -- False: the channel says that nothing happened.
  has_file boolean not null,
  bytes bigint not null,
  sha256 text not null,
  -- What the channel named, and what the contents were compared with.
  channel_digest text not null,
  -- The answer that named the digest, or said that there is nothing; and the one that brought the contents.
  asked_exchange uuid not null,
  file_exchange uuid,
  trust text not null,
  fetched_at timestamptz not null,
  last_seen_at timestamptz not null,
  seen_count integer not null default 1,
  lines integer not null,
  totals jsonb not null,
  -- Null: read whole, or of a kind that is kept and not read.
  unread jsonb,
  unique (day_bucket, day_id, version),
  foreign key (day_bucket, day_id) references statement_days (bucket, id)
);

-- Deflated and sealed, at most half a megabyte each.
create table statement_pieces (
  statement_id text not null references statements,
  position integer not null,
  piece bytea not null,
  primary key (statement_id, position)
);

-- By the bucket of the number that the line quotes for its operation, as orders are.
create table statement_lines (
  bucket smallint not null,
  statement_id text not null references statements,
  line_no integer not null,
  byte_off bigint not null,
  byte_len integer not null,
  kind text not null,
  channel_kind text not null,
  channel_status text,
  serial_no text,
  trade_no text,
  refund_no text,
  channel_refund_no text,
  voucher_no text,
  flow_no text,
  product text,
  currency text not null,
  -- Signed effects on our balance at the channel, with every digit that was printed.
  amount numeric not null,
  fee numeric,
  rate text,
  gross numeric,
  balance numeric,
  about text,
  at timestamptz not null,
  primary key (bucket, statement_id, line_no)
);
create index statement_lines_in_order on statement_lines (statement_id, line_no);

insert into lanes (id, account_id, operation, calls_per_second, items_per_call, next_free_at) values
  ('chores/statement.plan', null, 'statement.plan', 10, 100, '2000-01-01T00:00:00Z');
