-- Profit sharing: receivers of an account, requests to share a payment with their parts, and parts that come back.
-- works with: 14
-- An older program beside this one makes payments that are not held, and refunds that know nothing of what was shared: share when it is gone.

alter table payment_attempts
  -- Frozen with the other terms: the channel holds the money back so that it can be shared.
  add column held_for_sharing boolean not null default false,
  -- What receivers have of it or were promised, less what came back. With refunds it never exceeds what was received; only what a channel does
  -- by itself may.
  add column shared_minor bigint not null default 0 check (shared_minor >= 0);
alter table refunds
  -- Parts that come back with this refund: [{"part": id, "minor": text}]; null: none.
  add column parts_back jsonb,
  -- The same with the receivers, as the request carries them, sealed; null where the channel takes the parts back by itself.
  add column parts_back_sealed bytea;

-- 分账接收方: who may be given a part of the payments of an account. What the channel must know of him is sealed.
create table share_receivers (
  bucket smallint not null,
  id uuid not null,
  account_id text not null references channel_accounts,
  merchant_id text not null,
  kind text not null,
  account_sealed bytea not null,
  -- Enough to know him again on a screen.
  account_masked text not null,
  -- Keyed: finds the same receiver without opening it.
  account_digest bytea not null,
  name_sealed bytea,
  name_masked text,
  relation text,
  -- Sent with every call about him, the same each time.
  bind_no text not null,
  unbind_no text,
  state text not null check (state in ('asked', 'binding', 'bound', 'refused', 'unbinding', 'removed')),
  approval_id text,
  why text not null default '',
  created_at timestamptz not null,
  ended_at timestamptz,
  primary key (bucket, id)
);
create index share_receivers_by_account on share_receivers (account_id);
-- One living entry per receiver and account.
create unique index share_receivers_once on share_receivers (bucket, account_id, kind, account_digest) where state not in ('refused', 'removed');

-- 分账单: one request about one payment. Without parts it only releases what is still held.
create table shares (
  bucket smallint not null,
  id uuid not null,
  order_id uuid not null,
  payment_id uuid not null,
  attempt_id uuid not null,
  merchant_id text not null,
  account_id text not null references channel_accounts,
  -- The shop's own number for it: the same number is the same request.
  shop_share_no text not null,
  share_no text not null,
  state text not null check (state in ('submitting', 'processing', 'in_doubt', 'done', 'partly', 'failed')),
  releases_rest boolean not null,
  reason text not null,
  channel_no text,
  -- Not before: channels share nothing in the first minute after a payment.
  due_at timestamptz not null,
  asked integer not null default 0,
  sent_tries integer not null default 0,
  -- The code of a refusal that nobody signed: it counts once the channel does not know the number either.
  refused_with text,
  doubt_since timestamptz,
  why text not null default '',
  created_at timestamptz not null,
  ended_at timestamptz,
  primary key (bucket, id),
  unique (bucket, share_no),
  unique (bucket, merchant_id, order_id, shop_share_no),
  foreign key (bucket, attempt_id) references payment_attempts (bucket, id)
);
create index shares_by_order on shares (bucket, order_id);

create table share_parts (
  bucket smallint not null,
  id uuid not null,
  order_id uuid not null,
  share_id uuid not null,
  part_no text not null,
  receiver_bucket smallint not null,
  receiver_id uuid not null,
  -- late: was said to have failed, and was done after all.
  state text not null check (state in ('pending', 'succeeded', 'failed', 'late')),
  amount_minor bigint not null check (amount_minor > 0),
  currency text not null,
  reason text not null,
  channel_part_no text,
  why text not null default '',
  created_at timestamptz not null,
  ended_at timestamptz,
  primary key (bucket, id),
  unique (bucket, share_id, part_no),
  foreign key (bucket, share_id) references shares (bucket, id),
  foreign key (receiver_bucket, receiver_id) references share_receivers (bucket, id)
);
create index share_parts_by_order on share_parts (bucket, order_id);

-- 分账回退: a part that comes back by a call of its own.
create table share_returns (
  bucket smallint not null,
  id uuid not null,
  order_id uuid not null,
  share_id uuid not null,
  part_id uuid not null,
  merchant_id text not null,
  account_id text not null references channel_accounts,
  shop_return_no text not null,
  return_no text not null,
  state text not null check (state in ('submitting', 'processing', 'in_doubt', 'done', 'failed', 'late')),
  amount_minor bigint not null check (amount_minor > 0),
  currency text not null,
  reason text not null,
  asked integer not null default 0,
  sent_tries integer not null default 0,
  -- The code of a refusal that nobody signed: it counts once the channel does not know the number either.
  refused_with text,
  doubt_since timestamptz,
  why text not null default '',
  created_at timestamptz not null,
  ended_at timestamptz,
  primary key (bucket, id),
  unique (bucket, return_no),
  unique (bucket, merchant_id, order_id, shop_return_no),
  foreign key (bucket, part_id) references share_parts (bucket, id)
);
create index share_returns_by_order on share_returns (bucket, order_id);
