-- The walk by which an account at a channel is opened: what people note on the way, and from when on buyers are offered it.
-- works with: 12
-- An older program beside this one offers accounts that are not live; an account that it adds waits for its walk.

-- Null: its opening has not come to its end, and buyers are not offered it.
alter table channel_accounts add column live_at timestamptz;
-- What collected before there was a walk goes on.
update channel_accounts set live_at = created_at;
-- The products that the channel has opened; null: nobody said, and the settings alone tell.
alter table channel_accounts add column products text[];

-- Only ever added: of one key the row that was noted last holds.
create table onboarding_facts (
  id uuid primary key,
  account_id text not null references channel_accounts,
  step text not null,
  key text not null,
  value text not null check (value <> ''),
  -- From then on it holds no more: a licence, a certificate.
  valid_to timestamptz,
  noted_by text not null references users,
  noted_at timestamptz not null
);
create index onboarding_facts_by_account on onboarding_facts (account_id);
