-- The spine: who may act, what is paid, what is declared, what was said, what is due.
-- Every row of an order's life has `bucket` first in its keys (architecture rule 10); ids and times come from the application.

create table installation (
  one boolean primary key default true check (one),
  born_as text not null check (born_as in ('sandbox', 'production')),
  -- Belongs to one life of one database: it rises on restore or when the cluster's identity changes.
  epoch smallint not null check (epoch between 0 and 99),
  cluster_identity text not null,
  created_at timestamptz not null
);

create table sandbox_clock (
  one boolean primary key default true check (one),
  sandbox_at timestamptz not null,
  real_at timestamptz not null,
  running boolean not null
);

create table counters (name text primary key, value bigint not null);

create table serial_sequences (
  bucket smallint not null,
  epoch smallint not null,
  day date not null,
  next integer not null,
  primary key (bucket, epoch, day)
);

create table data_keys (
  id uuid primary key,
  month text not null,
  class text not null,
  wrapped bytea not null,
  created_at timestamptz not null,
  unique (month, class)
);

-- Who -------------------------------------------------------------------------------------------------------------

create table merchants (id text primary key, name_zh text not null, name_en text not null, created_at timestamptz not null);

create table users (
  id text primary key,
  name text not null,
  roles text[] not null,
  merchants text[] not null,
  created_at timestamptz not null,
  disabled_at timestamptz
);

-- A login of the command line or a key of the HTTP API. Only a keyed digest is kept; the token itself is shown once.
create table access_tokens (
  digest bytea primary key,
  kind text not null check (kind in ('cli', 'api_key')),
  user_id text not null references users,
  label text not null,
  scopes text[] not null,
  merchants text[] not null,
  ip_allow text[] not null default '{}',
  created_at timestamptz not null,
  expires_at timestamptz,
  revoked_at timestamptz
);

create table audit_entries (
  id uuid primary key,
  at timestamptz not null,
  actor text not null,
  door text not null,
  act text not null,
  subject text not null,
  reason text not null default '',
  detail jsonb not null default '{}'
);
create index audit_entries_by_subject on audit_entries (subject, at);

create table approvals (
  id text primary key,
  merchant_id text not null references merchants,
  command text not null,
  subject text not null,
  input jsonb not null,
  digest text not null,
  state text not null check (state in ('asked', 'approved', 'refused', 'lapsed', 'used')),
  maker text not null references users,
  asked_at timestamptz not null,
  lapses_at timestamptz not null,
  checker text references users,
  decided_at timestamptz,
  reason text not null default '',
  check (checker is null or checker <> maker)
);
create index approvals_open on approvals (state, asked_at) where state = 'asked';

create table idempotency_keys (
  token_digest bytea not null,
  key text not null,
  body_digest text not null,
  state text not null check (state in ('running', 'answered')),
  status integer,
  answer jsonb,
  created_at timestamptz not null,
  primary key (token_digest, key)
);

create table cases (
  id text primary key,
  merchant_id text not null,
  kind text not null,
  subject_kind text not null,
  bucket smallint not null,
  subject text not null,
  params jsonb not null default '{}',
  state text not null check (state in ('open', 'closed')),
  owner text,
  opened_at timestamptz not null,
  due_at timestamptz not null,
  closed_at timestamptz
);
create unique index cases_open on cases (merchant_id, kind, subject_kind, subject) where state = 'open';

-- Channels --------------------------------------------------------------------------------------------------------

create table channel_accounts (
  id text primary key,
  merchant_id text not null references merchants,
  channel text not null,
  name text not null,
  settings jsonb not null,
  created_at timestamptz not null,
  closed_at timestamptz
);

create table channel_secrets (
  id uuid primary key,
  account_id text not null references channel_accounts,
  field text not null,
  sealed bytea not null,
  valid_from timestamptz not null,
  valid_to timestamptz
);

-- Architecture rule 11: which number customs gets to know, per account and place, chosen by two people.
create table customs_number_rules (
  account_id text not null references channel_accounts,
  place text not null,
  rule text not null check (rule in ('serial', 'child')),
  valid_from timestamptz not null,
  primary key (account_id, place, valid_from)
);

create table lanes (
  id text primary key,
  account_id text not null references channel_accounts,
  operation text not null,
  calls_per_second double precision not null check (calls_per_second > 0),
  items_per_call integer not null check (items_per_call > 0),
  gap_ms bigint not null default 0,
  next_free_at timestamptz not null,
  failures integer not null default 0,
  closed_until timestamptz,
  paused_at timestamptz,
  paused_why text not null default ''
);

-- Due work of a record: at most one row per kind and subject; a wish that arrives while it runs raises `wanted`.
create table jobs (
  bucket smallint not null,
  kind text not null,
  subject uuid not null,
  lane text not null,
  due_at timestamptz not null,
  priority smallint not null check (priority between 0 and 3),
  gap_key text,
  wanted integer not null default 1,
  done integer not null default 0,
  payload jsonb not null default '{}',
  lease_owner text,
  leased_until timestamptz,
  leased_wanted integer,
  tries integer not null default 0,
  last_error text,
  primary key (bucket, kind, subject)
);
create index jobs_due on jobs (lane, due_at) where wanted > done;

-- The minimum gap between two calls that share a key, e.g. two pushes of one trade.
create table gaps (
  bucket smallint not null,
  gap_key text not null,
  free_at timestamptz not null,
  primary key (bucket, gap_key)
);

-- The sent row and the answered row of an exchange; both append-only, bodies sealed.
create table exchanges (
  bucket smallint not null,
  id uuid not null,
  account_id text not null,
  operation text not null,
  worker text not null,
  created_at timestamptz not null,
  send_before timestamptz not null,
  method text not null,
  url text not null,
  request bytea not null,
  primary key (bucket, id)
);

create table exchange_answers (
  bucket smallint not null,
  exchange_id uuid not null,
  kind text not null check (kind in ('answered', 'silent', 'unsent', 'lost')),
  why text not null default '',
  http_status integer,
  answer bytea,
  sent_at timestamptz,
  heard_at timestamptz not null,
  ms double precision,
  reading jsonb not null default '{}',
  primary key (bucket, exchange_id)
);

create table exchange_subjects (
  bucket smallint not null,
  subject uuid not null,
  operation text not null,
  try integer not null,
  -- When the work was due: what was due together is one round, and a round should need no more calls than it fills.
  due_at timestamptz,
  exchange_bucket smallint not null,
  exchange_id uuid not null,
  primary key (bucket, subject, operation, try)
);
create index exchange_subjects_by_exchange on exchange_subjects (exchange_bucket, exchange_id);

-- Orders and payments ---------------------------------------------------------------------------------------------

create table merchant_orders (
  bucket smallint not null,
  id uuid not null,
  merchant_id text not null,
  order_no text not null,
  waybill_no text,
  created_at timestamptz not null,
  primary key (bucket, id),
  unique (bucket, merchant_id, order_no)
);

create table payments (
  bucket smallint not null,
  id uuid not null,
  order_id uuid not null,
  merchant_id text not null,
  account_id text not null,
  origin text not null check (origin in ('adopted', 'made')),
  trade_no text not null,
  paid_at timestamptz not null,
  created_at timestamptz not null,
  primary key (bucket, id),
  unique (bucket, account_id, trade_no),
  foreign key (bucket, order_id) references merchant_orders (bucket, id)
);

-- Guards that hold across buckets: one trade and one request number belong to one record of ours.
create table channel_trades (
  account_id text not null,
  trade_no text not null,
  bucket smallint not null,
  payment_id uuid not null,
  primary key (account_id, trade_no)
);

create table channel_requests (
  account_id text not null,
  request_no text not null,
  bucket smallint not null,
  declaration_id uuid not null,
  primary key (account_id, request_no)
);

-- Any number a person may paste → the record it belongs to. An index, rebuildable; guards are elsewhere.
create table numbers (
  bucket smallint not null,
  merchant_id text not null,
  normal_form text not null,
  kind text not null,
  record uuid not null,
  primary key (bucket, merchant_id, normal_form, kind, record)
);
create index numbers_by_form on numbers (normal_form);

-- Customs ---------------------------------------------------------------------------------------------------------

create table customs_declarations (
  bucket smallint not null,
  id uuid not null,
  payment_id uuid not null,
  merchant_id text not null,
  account_id text not null,
  channel text not null,
  place text not null,
  child_order_no text not null default '',
  order_no text not null,
  waybill_no text,
  trade_no text not null,
  request_no text,
  customs_order_no text not null,
  number_rule text not null check (number_rule in ('adopted', 'serial', 'child')),
  declared_minor bigint not null,
  currency text not null,
  customs_code text not null,
  customs_name text not null,
  is_split boolean not null,
  paid_at timestamptz not null,
  -- Folded from customs_facts; `liushui customs rebuild` makes it anew.
  summary jsonb not null,
  state text not null check (state in (
    'draft', 'blocked', 'ready', 'submitting', 'in_doubt', 'accepted', 'at_eport', 'at_customs', 'missing_reported',
    'mismatch', 'hop_failed', 'repush_due', 'repushing', 'rejected', 'refused_by_channel', 'escalated', 'released',
    'cancelled', 'closed', 'closed_manual', 'cannot_be_asked')),
  version integer not null,
  created_at timestamptz not null,
  primary key (bucket, id),
  unique (bucket, payment_id, place, child_order_no),
  foreign key (bucket, payment_id) references payments (bucket, id)
);
create index customs_declarations_by_group on customs_declarations (channel, account_id, place, state);

-- What anybody said about a declaration; append-only. The one thing that never changes in customs is a fact.
create table customs_facts (
  bucket smallint not null,
  id uuid not null,
  declaration_id uuid not null,
  kind text not null,
  source text not null,
  happened_at timestamptz not null,
  heard_at timestamptz not null,
  trust text not null check (trust in ('verified', 'transport_only', 'none', 'stated')),
  exchange_bucket smallint,
  exchange_id uuid,
  body jsonb not null,
  digest text not null,
  seen_count integer not null default 1,
  last_seen_at timestamptz not null,
  primary key (bucket, id),
  unique (bucket, declaration_id, digest),
  foreign key (bucket, declaration_id) references customs_declarations (bucket, id)
);

create table port_reports (
  id text primary key,
  merchant_id text not null references merchants,
  file_name text not null,
  file_sha256 text not null,
  meaning text not null check (meaning in ('missing', 'status_only')),
  imported_at timestamptz not null,
  imported_by text not null,
  columns jsonb not null,
  rows_found integer not null,
  rows_kept integer not null,
  rows_doubled integer not null,
  problems jsonb not null,
  separation jsonb not null,
  unique (merchant_id, file_sha256, meaning)
);

create table port_report_rows (
  bucket smallint not null,
  report_id text not null references port_reports,
  line integer not null,
  order_no text not null,
  waybill_no text,
  trade_no text,
  released boolean,
  -- Null until the payment behind the row is known to us.
  tied_at timestamptz,
  primary key (bucket, report_id, line)
);
create index port_report_rows_untied on port_report_rows (bucket, order_no) where tied_at is null;

create table port_report_members (
  bucket smallint not null,
  report_id text not null,
  declaration_id uuid not null,
  line integer not null,
  row_trade_no text,
  verdict_row text,
  verdict jsonb,
  judged_at timestamptz,
  primary key (bucket, report_id, declaration_id)
);
create index port_report_members_by_report on port_report_members (report_id);

create table plans (
  id text primary key,
  merchant_id text not null references merchants,
  kind text not null check (kind in ('repush', 'declare_anew')),
  report_id text references port_reports,
  state text not null check (state in ('asked', 'approved', 'refused', 'running', 'finished', 'stopped')),
  digest text not null,
  approval_id text not null references approvals,
  size integer not null,
  made_by text not null,
  made_at timestamptz not null,
  started_at timestamptz,
  finished_at timestamptz
);

create table plan_items (
  bucket smallint not null,
  plan_id text not null references plans,
  declaration_id uuid not null,
  position integer not null,
  state text not null check (state in ('planned', 'due', 'pushing', 'pushed', 'judged', 'skipped', 'refused')),
  why text not null default '',
  before jsonb,
  pushed_at timestamptz,
  pushes integer not null default 0,
  evidence text check (evidence in ('E0', 'E1', 'E2', 'E3')),
  unsigned boolean not null default false,
  judged_at timestamptz,
  primary key (bucket, plan_id, declaration_id)
);
create index plan_items_by_plan on plan_items (plan_id, state);
-- A declaration is in one live plan at most.
create unique index plan_items_live on plan_items (bucket, declaration_id) where state in ('due', 'pushing', 'pushed');
