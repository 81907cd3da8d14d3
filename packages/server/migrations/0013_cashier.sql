-- The hosted cashier: links under which a payer chooses how to pay one order.
-- works with: 11
-- An older program beside this one opens no links and shows none.

create table cashiers (
  bucket smallint not null,
  id uuid not null,
  merchant_id text not null references merchants,
  order_no text not null,
  -- All that is kept of the link.
  token_digest bytea not null,
  subject text not null,
  amount_minor bigint not null check (amount_minor > 0),
  currency text not null,
  expires_at timestamptz not null,
  return_url text,
  return_until timestamptz,
  -- Sealed: the payer's id at his wallet.
  payer_sealed bytea,
  -- What the order asks of a way to pay besides taking the money.
  needs jsonb not null,
  -- Null: as the payer's browser asks.
  lang text check (lang in ('zh', 'en')),
  -- The same order was offered at another price later.
  replaced_at timestamptz,
  created_at timestamptz not null,
  primary key (bucket, id),
  unique (bucket, token_digest)
);
create index cashiers_by_order on cashiers (bucket, merchant_id, order_no);
