-- The daily look at accounts: papers that end soon, applications whose day has passed.
-- works with: 14
-- An older program beside this one looks at none of them.
insert into lanes (id, account_id, operation, calls_per_second, items_per_call, next_free_at) values
  ('chores/onboarding.look', null, 'onboarding.look', 10, 100, '2000-01-01T00:00:00Z');
