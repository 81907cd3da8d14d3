-- Webhooks: what merchants' systems are told, where, and what they answered (Standard Webhooks 1.0).
-- works with: 1

-- An address that two people agreed to (architecture rule 12). It is never changed: another address is another endpoint.
create table webhook_endpoints (
  id text primary key,
  merchant_id text not null references merchants,
  url text not null,
  -- Null: every type, also those to come.
  types text[],
  state text not null check (state in ('asked', 'live', 'refused', 'off')),
  approval_id text not null references approvals,
  asked_by text not null references users,
  asked_at timestamptz not null,
  live_at timestamptz,
  off_at timestamptz,
  off_why text not null default ''
);
create index webhook_endpoints_live on webhook_endpoints (merchant_id) where state = 'live';

-- Two are live while one replaces the other: each message is signed with both.
create table webhook_secrets (
  id uuid primary key,
  endpoint_id text not null references webhook_endpoints,
  sealed bytea not null,
  valid_from timestamptz not null,
  valid_to timestamptz
);
create index webhook_secrets_by_endpoint on webhook_secrets (endpoint_id);

-- The outbox: written in the transaction that the event is about. The id is derived from the content: told twice, it is one event.
create table webhook_events (
  id text primary key,
  merchant_id text not null,
  type text not null,
  subject text not null,
  -- Exactly what is signed and sent.
  body text not null,
  at timestamptz not null
);
create index webhook_events_by_merchant on webhook_events (merchant_id, at);

create table webhook_deliveries (
  id uuid primary key,
  event_id text not null references webhook_events,
  endpoint_id text not null references webhook_endpoints,
  state text not null check (state in ('waiting', 'delivered', 'dead')),
  -- From when the three days count: the event, or the redelivery by hand.
  since timestamptz not null,
  tries integer not null default 0,
  failures integer not null default 0,
  ended_at timestamptz,
  unique (event_id, endpoint_id)
);
create index webhook_deliveries_by_endpoint on webhook_deliveries (endpoint_id, since);
create index webhook_deliveries_open on webhook_deliveries (endpoint_id, state) where state <> 'delivered';

-- Committed before the first byte leaves; its end with the answer. One without an end: the process died before it heard.
create table webhook_tries (
  delivery_id uuid not null references webhook_deliveries,
  try integer not null,
  worker text not null,
  started_at timestamptz not null,
  heard_at timestamptz,
  kind text check (kind in ('answered', 'silent', 'unsent')),
  http_status integer,
  -- The first 500 characters of the answer, or why there is none.
  words text not null default '',
  ms double precision,
  primary key (delivery_id, try)
);
