-- Running the installation: who runs it, what was kept elsewhere, how long things are kept, and who has come in person.
-- works with: 1

-- Operability -----------------------------------------------------------------------------------------------------

-- Every serving process says that it lives, by the database's own time: a sandbox's clock may stand while processes die.
create table processes (
  id text primary key,
  role text not null check (role in ('api', 'worker', 'all')),
  program text not null,
  -- The newest migration that it knows: what must not be taken away while it runs.
  schema integer not null,
  host text not null,
  pid integer not null,
  started_at timestamptz not null,
  last_seen_at timestamptz not null,
  clock_offset_ms integer not null default 0
);

-- A term of an installation's own instead of the program's; the newest that has begun counts.
create table retention_terms (
  class text not null,
  days integer not null check (days > 0),
  valid_from timestamptz not null,
  decided_by text not null,
  reason text not null default '',
  primary key (class, valid_from)
);

-- A login that its owner made before the installation knew them: only a digest reached whoever founded it.
create table login_claims (
  digest bytea primary key,
  user_id text not null references users,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  claimed_at timestamptz
);

-- The channel's own clock (Date of RFC 9110 §6.6.1): it shows what the clocks of this house cannot show each other.
alter table exchange_answers add column channel_date timestamptz;

-- Written by the backup once its file is complete.
create table backups_taken (
  id uuid primary key,
  taken_at timestamptz not null,
  file text not null,
  sha256 text not null,
  by text not null
);

-- Restore ---------------------------------------------------------------------------------------------------------

-- A life of this database that began from a backup. What was sent between backup and restore is not known here: nothing is pushed
-- before the channel was asked about it after this moment.
create table restores (
  epoch smallint primary key,
  restored_at timestamptz not null,
  restored_by text not null,
  reason text not null,
  file text not null,
  sha256 text not null,
  taken_at timestamptz not null
);

-- Who may not resume this lane: whoever restored the database. Empty again once somebody else has.
alter table lanes add column not_resumed_by text;

-- Hot tables ------------------------------------------------------------------------------------------------------

-- The next jobs of a lane in the order in which they are taken: a lease walks along it and stops when it has enough.
create index jobs_next on jobs (lane, priority, due_at, bucket, subject) where wanted > done;
drop index jobs_due;
-- Each lease and each end writes a new version of the row: with room on its page the lease touches no index.
alter table jobs set (fillfactor = 50);

-- A summary is folded anew with each fact and grows threefold; with room on its page most new versions need no index entry.
alter table customs_declarations set (fillfactor = 35);
-- A member is short until it is judged, and then ten times as long.
alter table port_report_members set (fillfactor = 15);

-- The lines of a report in their order, a page at a time.
create index port_report_members_by_line on port_report_members (report_id, line, declaration_id);
drop index port_report_members_by_report;

-- Sealed bytes look random: trying to compress them costs time and saves nothing.
alter table exchanges alter column request set storage external;
alter table exchange_answers alter column answer set storage external;
