-- Evidence packs: what was handed to a channel or a port about which declarations, and what came back.
-- works with: 1

create table evidence_packs (
  id text primary key,
  merchant_id text not null references merchants,
  -- What it was made of: a port's list, a plan, an incident.
  source text not null,
  receiver_kind text not null check (receiver_kind in ('channel', 'port')),
  receiver text not null,
  -- Of all that it says; the same said again is the same pack.
  facts_sha256 text not null,
  -- Of its manifest, which holds the digest of every file.
  sha256 text not null,
  members integer not null,
  money_minor bigint not null,
  currency text not null,
  complete boolean not null,
  missing text[] not null,
  raw boolean not null,
  -- People are shown as they are: only to a port, and only by this approval.
  unmasked_by text references approvals,
  facts_until timestamptz not null,
  made_by text not null,
  made_at timestamptz not null,
  deadline_at timestamptz not null,
  sent_at timestamptz,
  sent_by text,
  sent_note text not null default '',
  unique (source, receiver_kind, receiver, facts_sha256)
);
create index evidence_packs_by_merchant on evidence_packs (merchant_id, made_at);

create table evidence_pack_members (
  bucket smallint not null,
  declaration_id uuid not null,
  pack_id text not null references evidence_packs,
  position integer not null,
  verdict_row text,
  complete boolean not null,
  -- What the receiver answered last, in our words and in its own.
  reply_result text,
  reply_text text not null default '',
  replied_at timestamptz,
  primary key (bucket, declaration_id, pack_id)
);
create index evidence_pack_members_by_pack on evidence_pack_members (pack_id, position);

create table evidence_pack_files (
  pack_id text not null references evidence_packs,
  position integer not null,
  name text not null,
  bytes bigint not null,
  sha256 text not null,
  primary key (pack_id, name)
);

-- Deflated and sealed, at most a few hundred kilobytes each.
create table evidence_pack_pieces (
  pack_id text not null,
  name text not null,
  position integer not null,
  piece bytea not null,
  primary key (pack_id, name, position),
  foreign key (pack_id, name) references evidence_pack_files (pack_id, name)
);

create table evidence_pack_replies (
  pack_id text not null references evidence_packs,
  file_sha256 text not null,
  file_name text not null,
  imported_at timestamptz not null,
  imported_by text not null,
  -- Null while its rows are being told: a process that died in between tells them again, which is one fact.
  told_at timestamptz,
  primary key (pack_id, file_sha256)
);
