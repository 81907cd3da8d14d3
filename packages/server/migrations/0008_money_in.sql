-- Money in: orders with what is due, payments, attempts under their own serial numbers, surplus receipts, refunds, what was heard of them.
-- works with: 1

-- One version for all that belongs to an order: whoever decides about any part of it decides on the whole as it stands.
alter table merchant_orders
  add column due_minor bigint check (due_minor > 0),
  add column currency text,
  add column subject text not null default '',
  add column return_until timestamptz,
  add column cancelled_at timestamptz,
  add column version integer not null default 0;

-- Payments that are ours begin without a trade; adopted ones came paid.
alter table payments
  alter column account_id drop not null,
  alter column trade_no drop not null,
  alter column paid_at drop not null,
  add column state text not null default 'paid' check (state in ('open', 'closing', 'paid', 'closed')),
  add column due_minor bigint,
  add column currency text,
  add column expires_at timestamptz,
  add column closing_cause text check (closing_cause in ('cancel_by_shop', 'deadline')),
  -- The attempt that settled it.
  add column settled_by uuid,
  -- Adopted late money: the surplus receipt that it was born from.
  add column born_of uuid,
  add column ended_at timestamptz;
create index payments_by_order on payments (bucket, order_id);

-- 支付流水: one try at one channel under one serial number, whose first terms are its only terms.
create table payment_attempts (
  bucket smallint not null,
  id uuid not null,
  order_id uuid not null,
  payment_id uuid not null,
  merchant_id text not null,
  account_id text not null references channel_accounts,
  channel text not null,
  product text not null,
  scene text not null check (scene in ('online', 'counter')),
  serial_no text not null,
  state text not null check (state in (
    'created', 'submitting', 'cashier_open', 'trade_open', 'in_doubt', 'closing', 'succeeded', 'rejected', 'closed')),
  amount_minor bigint not null check (amount_minor > 0),
  currency text not null,
  subject text not null,
  deadline_at timestamptz not null,
  notify_url text not null,
  return_url text,
  -- The payer's code or id at the channel, sealed; a code is used once.
  payer_sealed bytea,
  -- The code to draw, or the number to open inside the wallet, as the channel gave it.
  hand_out jsonb,
  trade_no text,
  received_minor bigint not null default 0,
  fee_minor bigint not null default 0,
  fee_exact text not null default '0',
  -- Sum of refunds that are under way or done: never above what was received.
  refunding_minor bigint not null default 0 check (refunding_minor >= 0),
  paid_at timestamptz,
  heard_at timestamptz,
  payer text,
  asked integer not null default 0,
  -- Since when questions are counted: the hand-out, and again whenever somebody looks.
  asked_from timestamptz,
  watched_until timestamptz,
  close_from timestamptz,
  close_tries integer not null default 0,
  doubt_since timestamptz,
  why text not null default '',
  created_at timestamptz not null,
  ended_at timestamptz,
  primary key (bucket, id),
  unique (bucket, serial_no),
  check (refunding_minor <= received_minor),
  foreign key (bucket, order_id) references merchant_orders (bucket, id),
  foreign key (bucket, payment_id) references payments (bucket, id)
);
create index payment_attempts_by_order on payment_attempts (bucket, order_id);

-- 多收款: money received that the order does not need.
create table surplus_receipts (
  bucket smallint not null,
  id uuid not null,
  order_id uuid not null,
  payment_id uuid not null,
  attempt_id uuid not null,
  merchant_id text not null,
  why text not null check (why in ('second_success', 'late', 'excess')),
  state text not null check (state in ('held', 'refunding', 'returned', 'kept', 'credited', 'adopted')),
  amount_minor bigint not null check (amount_minor > 0),
  currency text not null,
  -- When the policy acts, if nobody did; null: a person must.
  act_at timestamptz,
  refund_id uuid,
  decided_by text,
  reason text not null default '',
  created_at timestamptz not null,
  ended_at timestamptz,
  primary key (bucket, id),
  unique (bucket, attempt_id),
  foreign key (bucket, attempt_id) references payment_attempts (bucket, id)
);
create index surplus_receipts_by_order on surplus_receipts (bucket, order_id);

create table refunds (
  bucket smallint not null,
  id uuid not null,
  order_id uuid not null,
  payment_id uuid not null,
  attempt_id uuid not null,
  merchant_id text not null,
  account_id text not null references channel_accounts,
  -- The shop's own number for it: the same number is the same refund.
  shop_refund_no text not null,
  refund_no text not null,
  state text not null check (state in (
    'created', 'awaiting_approval', 'waiting_funds', 'submitting', 'processing', 'in_doubt', 'abnormal', 'refunded', 'failed', 'cancelled')),
  origin text not null check (origin in ('shop', 'surplus', 'channel')),
  amount_minor bigint not null check (amount_minor > 0),
  currency text not null,
  reason text not null,
  -- Computed before it was asked for, kept to be compared with the statement.
  fee_back_minor bigint not null,
  fee_rule text not null,
  approval_id text,
  asked integer not null default 0,
  asked_from timestamptz,
  sent_tries integer not null default 0,
  doubt_since timestamptz,
  why text not null default '',
  refunded_at timestamptz,
  created_at timestamptz not null,
  ended_at timestamptz,
  primary key (bucket, id),
  unique (bucket, refund_no),
  unique (bucket, merchant_id, order_id, shop_refund_no),
  foreign key (bucket, attempt_id) references payment_attempts (bucket, id)
);
create index refunds_by_order on refunds (bucket, order_id);

-- What was heard, append-only; the same words from the same source only count up.
create table payment_observations (
  bucket smallint not null,
  id uuid not null,
  order_id uuid not null,
  subject uuid not null,
  source text not null,
  digest text not null,
  body jsonb not null,
  trust text not null,
  exchange_id uuid,
  notice_id uuid,
  heard_at timestamptz not null,
  last_seen_at timestamptz not null,
  seen_count integer not null default 1,
  primary key (bucket, id),
  unique (bucket, subject, source, digest)
);
create index payment_observations_by_order on payment_observations (bucket, order_id, heard_at);

-- Messages that channels sent by themselves: kept as they came before anybody reads them.
create table inbound_notices (
  bucket smallint not null,
  id uuid not null,
  account_id text not null,
  received_at timestamptz not null,
  peer text not null,
  digest text not null,
  message bytea not null,
  state text not null check (state in ('stored', 'told', 'refused', 'unknown')),
  reading jsonb not null default '{}',
  read_at timestamptz,
  seen_count integer not null default 1,
  last_seen_at timestamptz not null,
  primary key (bucket, id),
  unique (bucket, account_id, digest)
);
create index inbound_notices_by_time on inbound_notices (account_id, received_at);

insert into lanes (id, account_id, operation, calls_per_second, items_per_call, next_free_at) values
  ('chores/payments.expire', null, 'payments.expire', 50, 200, '2000-01-01T00:00:00Z'),
  ('chores/payments.surplus_due', null, 'payments.surplus_due', 50, 200, '2000-01-01T00:00:00Z'),
  ('chores/payments.paid_after_cancel', null, 'payments.paid_after_cancel', 50, 200, '2000-01-01T00:00:00Z');
