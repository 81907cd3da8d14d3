-- Which ways to pay a payer is offered, and in which order: what merchants wish, and what channels announce.
-- works with: 10
-- An older program beside this one offers nothing and reads none of it.

-- Only ever added: of those that hold at a moment, the one that was said last goes before.
create table routing_rules (
  id uuid primary key,
  account_id text not null references channel_accounts,
  -- '*': every product.
  product text not null,
  -- The lowest goes first.
  priority smallint not null check (priority between 1 and 999),
  -- Its share among ways of the same priority; 0: not offered; null: by cost, after those that have one.
  weight smallint check (weight between 0 and 1000),
  valid_from timestamptz not null,
  valid_to timestamptz check (valid_to > valid_from),
  reason text not null,
  made_by text not null references users,
  made_at timestamptz not null
);
create index routing_rules_by_account on routing_rules (account_id);

-- What a channel announced, or somebody found out: maintenance, changed limits, a new interface.
create table channel_notices (
  id text primary key,
  -- Null: accounts of every merchant.
  merchant_id text references merchants,
  channel text not null,
  -- Null: every account at the channel.
  account_id text references channel_accounts,
  product text not null,
  effect text not null check (effect in ('closed', 'warning')),
  text text not null check (text <> ''),
  valid_from timestamptz not null,
  valid_to timestamptz check (valid_to > valid_from),
  made_by text not null references users,
  made_at timestamptz not null,
  withdrawn_by text references users,
  withdrawn_at timestamptz
);

-- Limits of a day and a month count what accounts took since then. Rows come in the order of time, so ranges of it cost a pay-in next to nothing.
-- Building it keeps pay-ins waiting while the table is read through once: docs/operations/upgrade.md says when to apply this file.
create index payment_attempts_by_time on payment_attempts using brin (created_at) with (autosummarize = on);
