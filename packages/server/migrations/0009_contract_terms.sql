-- What the paper contract of an account says, with dates: fees, refunds, limits, settlement.
-- works with: 1

-- Only ever added. A later row of the same subject ends the earlier one at its own `valid_from`; `valid_to` ends a row that nothing follows.
-- What a channel's documents say without being confirmed for the account is no row: it is the connector's default, and is shown as one.
create table contract_terms (
  account_id text not null references channel_accounts,
  -- '*': every product, every scene.
  product text not null,
  scene text not null check (scene in ('*', 'online', 'counter')),
  kind text not null,
  value jsonb not null,
  valid_from timestamptz not null,
  valid_to timestamptz check (valid_to > valid_from),
  -- The paper and its clause, or the mail in which the channel confirmed it.
  source text not null check (source <> ''),
  made_by text not null references users,
  -- Null: the sandbox let one person do both.
  approved_by text references users check (approved_by <> made_by),
  approval_id text not null references approvals,
  made_at timestamptz not null,
  primary key (account_id, kind, product, scene, valid_from)
);
