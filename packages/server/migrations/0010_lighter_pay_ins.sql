-- What one pay-in writes, made less.
-- works with: 1

-- An order, its payment and its attempt are written once and changed once or twice: there is room beside them, so that a change touches no index.
alter table merchant_orders set (fillfactor = 60);
alter table payments set (fillfactor = 60);
alter table payment_attempts set (fillfactor = 50);

-- A balance at an instant is found by halving the sequence of a slot, whose times never go back: it needs no index of its own.
drop index postings_by_instant;
