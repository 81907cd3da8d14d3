-- Incidents: groups of declarations whose receipts do not come; what is usual there, counted by the hour.
-- works with: 1

-- Read from the summary, so that a program that does not know the columns fills them too.
-- reached: the step of the ladder that is proved (0 nothing, 2 e-port, 3 passed on to customs, 5 settled or released).
-- answered: port or customs said something of it, good or bad.
-- waited: the age in minutes, of those that rules count by, at which the channel was last asked; 0 earlier or never.
-- refusal: the code of what was not good, with the code inside its text (GACC receipt text form, [Code:n;Desc:…]).
alter table customs_declarations
  add column reached smallint generated always as (
    case when summary ? 'released' then 5 else coalesce((summary->'best'->>'rank')::smallint, 0::smallint) end) stored,
  add column answered boolean generated always as (
    summary ? 'released' or coalesce((summary->'best'->>'rank')::smallint, 0::smallint) >= 2
      or coalesce(summary->'bad'->>'class', '') = 'refused') stored,
  add column waited smallint generated always as (
    case
      when (summary->>'lastAskedAt')::float8 - (summary->>'firstAcceptedAt')::float8 >= 3600000 then 60
      when (summary->>'lastAskedAt')::float8 - (summary->>'firstAcceptedAt')::float8 >= 1800000 then 30
      when (summary->>'lastAskedAt')::float8 - (summary->>'firstAcceptedAt')::float8 >= 600000 then 10
      when (summary->>'lastAskedAt')::float8 - (summary->>'firstAcceptedAt')::float8 >= 300000 then 5
      when (summary->>'lastAskedAt')::float8 - (summary->>'firstAcceptedAt')::float8 >= 120000 then 2
      else 0
    end) stored,
  add column missing_at timestamptz generated always as (
    to_timestamp((summary->'missing'->>'at')::float8 / 1000)) stored,
  add column refusal text generated always as (
    (summary->'bad'->>'code') || coalesce('/' || substring(summary->'bad'->>'text' from '[Cc]ode[:：]\s*(-?[0-9]+)'), '')) stored;

-- No index holds what an answer changes, so that an answer writes the row and touches no index.
drop index customs_declarations_by_group;
create index customs_declarations_missing on customs_declarations (missing_at, account_id, place) where missing_at is not null;
create index customs_declarations_refused on customs_declarations (account_id, place, accepted_at) include (refusal)
  where refusal is not null;
create index exchanges_by_account on exchanges (account_id, operation, created_at);

-- place '': the whole account, when its calls or our own sending are in trouble.
create table incidents (
  id text primary key,
  merchant_id text not null references merchants,
  account_id text not null references channel_accounts,
  channel text not null,
  place text not null,
  state text not null check (state in ('open', 'closing', 'closed')),
  -- Which rules saw it, first and last, with the figures they saw.
  signals jsonb not null,
  -- First minute of acceptance that is affected, and by how many minutes that may be wrong.
  onset_at timestamptz not null,
  onset_within_minutes integer not null,
  seen_at timestamptz not null,
  last_affected_at timestamptz not null,
  usual double precision not null,
  asked integer not null,
  silent integer not null,
  findings jsonb not null,
  quiet_since timestamptz,
  sampled_at timestamptz,
  owner text,
  closed_at timestamptz,
  closed_by text,
  close_reason text,
  -- Those that were not at customs when it closed, by name.
  rest jsonb
);
-- A second signal about the same group joins the incident that is open.
create unique index incidents_live on incidents (account_id, place) where state <> 'closed';
create index incidents_by_group on incidents (account_id, place, onset_at);

-- Where the looks at a group stand.
create table incident_groups (
  account_id text not null references channel_accounts,
  place text not null,
  -- The last minute at which the main rule held: the alarm needs two in succession.
  hot_at timestamptz,
  -- Minutes of acceptance before this one are in the baselines.
  counted_until timestamptz not null,
  primary key (account_id, place)
);

-- What is usual in a group: `what` is silent_<age in minutes> or refusal_<code>.
create table incident_baselines (
  account_id text not null references channel_accounts,
  place text not null,
  hour timestamptz not null,
  what text not null,
  asked integer not null,
  found integer not null,
  primary key (account_id, place, hour, what)
);
