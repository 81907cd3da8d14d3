-- Plans that learn while they run, due work that belongs to no channel account, and groups that are watched.
-- works with: 1

-- Due work of the installation itself ("chores") goes through the same jobs as the calls to channels; its lanes have no account.
alter table lanes alter column account_id drop not null;
insert into lanes (id, account_id, operation, calls_per_second, items_per_call, next_free_at) values
  ('chores/incident.look', null, 'incident.look', 100, 100, '2000-01-01T00:00:00Z'),
  ('chores/plan.step', null, 'plan.step', 100, 100, '2000-01-01T00:00:00Z'),
  ('chores/retention', null, 'retention', 100, 100, '2000-01-01T00:00:00Z');

-- When the channel took it, computed from the summary, so that a program that does not know the column fills it too.
alter table customs_declarations add column accepted_at timestamptz
  generated always as (to_timestamp((summary->>'firstAcceptedAt')::float8 / 1000)) stored;
create index customs_declarations_by_accepted on customs_declarations (account_id, place, accepted_at);

-- A group whose receipts are watched: channel account × place. While an incident is open it is sampled instead of asked in full.
create table customs_watches (
  account_id text not null references channel_accounts,
  place text not null,
  merchant_id text not null references merchants,
  channel text not null,
  watched_since timestamptz not null,
  sampled_since timestamptz,
  primary key (account_id, place)
);

alter table plans drop constraint plans_state_check;
alter table plans add constraint plans_state_check
  check (state in ('asked', 'approved', 'refused', 'running', 'paused', 'finished', 'stopped'));
-- How it was chosen (a report, or a filter), by what its cells are cut, and the rules by which it stops itself.
alter table plans add column source jsonb not null default '{}';
alter table plans add column dimension text not null default '';
alter table plans add column canary integer not null default 0;
alter table plans add column control integer not null default 0;
alter table plans add column stop_rules jsonb not null default '{}';
alter table plans add column paused_why text not null default '';
alter table plans add column stopped_by text not null default '';

-- Each value of the separating dimension ramps or stops alone, by its canary against what was held back.
create table plan_cells (
  plan_id text not null references plans,
  cell text not null,
  position integer not null,
  size integer not null,
  state text not null check (state in ('waiting', 'canary', 'ramp', 'done', 'stopped')),
  began_at timestamptz,
  judged_at timestamptz,
  pushed integer,
  pushed_with integer,
  held integer,
  held_with integer,
  stopped_by text not null default '',
  primary key (plan_id, cell)
);

alter table plan_items add column cell text not null default '';
alter table plan_items add column role text not null default 'rest' check (role in ('canary', 'control', 'rest'));
-- What the held-back ones showed by themselves, kept when they are released.
alter table plan_items add column held_at timestamptz;
alter table plan_items add column held_evidence text check (held_evidence in ('E0', 'E1', 'E2', 'E3'));
alter table plan_items add column number_changed boolean not null default false;
alter table plan_items drop constraint plan_items_state_check;
alter table plan_items add constraint plan_items_state_check
  check (state in ('planned', 'held', 'due', 'pushing', 'pushed', 'judged', 'skipped', 'refused'));
drop index plan_items_live;
create unique index plan_items_live on plan_items (bucket, declaration_id) where state in ('held', 'due', 'pushing', 'pushed');
create index plan_items_by_cell on plan_items (plan_id, cell, role, state);

-- Calls whose process died are looked for by the moment until which they could leave.
create index exchanges_by_deadline on exchanges (send_before);
