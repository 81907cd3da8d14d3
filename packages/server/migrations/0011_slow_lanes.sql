-- A lane whose channel answers that it is asked too often goes slower for a while.
-- works with: 10
-- An older program beside this one keeps the pace of before: it asks as often as it always did.

-- Each such answer doubles the gap between two calls, at most to 64 times; each minute without one takes a doubling back.
alter table lanes add column slowed smallint not null default 0 check (slowed between 0 and 6);
alter table lanes add column slowed_at timestamptz;
