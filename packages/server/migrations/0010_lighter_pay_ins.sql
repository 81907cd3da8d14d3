-- What one pay-in writes, made less.
-- works with: 10
-- An older program beside this one would leave payments open whose time is over: it waits for a job that is not made any more.

-- An order, its payment and its attempt are written once and changed once or twice: there is room beside them, so that a change touches no index.
alter table merchant_orders set (fillfactor = 50);
alter table payments set (fillfactor = 45);
alter table payment_attempts set (fillfactor = 40);

-- A balance at an instant is found by halving the sequence of a slot, whose times never go back: it needs no index of its own.
drop index postings_by_instant;

-- What was heard is read by whom it is about, which is its natural key; nothing looks for one by its id or by its order.
drop index payment_observations_by_order;
alter table payment_observations drop constraint payment_observations_pkey;
alter table payment_observations drop constraint payment_observations_bucket_subject_source_digest_key;
alter table payment_observations add primary key (bucket, subject, source, digest);
alter table payment_observations alter column id drop not null;

-- Account and trade of a payment that was made here stand with the attempt that settled it; `channel_trades` is the guard for all of them.
alter table payments drop constraint payments_bucket_account_id_trade_no_key;
create unique index payments_by_trade on payments (bucket, account_id, trade_no) where trade_no is not null;

-- An attempt belongs to its payment, and that to the order.
alter table payment_attempts drop constraint payment_attempts_bucket_order_id_fkey;

-- The entries of one record are few, and sorted when they are read.
drop index entries_by_subject;
create index entries_of_subject on entries (bucket, subject);

-- Events come in the order of time, and are read by spans of it.
drop index webhook_events_by_merchant;
create index webhook_events_by_time on webhook_events using brin (at) with (autosummarize = on);
