-- Messages of channels that are kept and whose order has not heard of them: few, and looked for every few seconds.
-- works with: 14
-- An older program beside this one keeps and tells in one transaction, and leaves none of them.
create index inbound_notices_waiting on inbound_notices (read_at) where state = 'stored';
