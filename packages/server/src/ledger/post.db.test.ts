import { expect, test } from 'vitest';
import { useDatabase } from '../../test/kit/database.ts';
import { CNY, parseShanghai } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { createIds, seededRandomBytes } from '../platform/ids.ts';
import { paymentSucceeded, postEntries } from './index.ts';
import type { AtPlace } from './index.ts';

const database = useDatabase();
const noon = parseShanghai('2026-11-21 12:00:00') as Instant;
const ids = createIds({ now: () => noon }, seededRandomBytes('ledger'));
const at: AtPlace = { bucket: 17, merchantId: 'demo', subject: 'o-1', actor: 'system', place: 'A-1', currency: CNY };

test('a source posts once, whoever tells it again', async () => {
  const draft = paymentSucceeded(at, { attempt: '1', amount: 10000n, fee: 60n });
  const post = () => database.db.transaction((tx) => postEntries(tx, [draft, draft], { at: noon, ids }));
  const [first, second] = [await post(), await post()];
  expect(first).toMatchObject([{ value: { isNew: true, kind: 'payment' } }, { value: { isNew: false } }]);
  expect(second).toMatchObject([{ value: { isNew: false } }, { value: { isNew: false } }]);
  expect(
    await database.db.query('select bucket, account, seq, amount, balance_after from postings order by account'),
  ).toHaveLength(4);
});
