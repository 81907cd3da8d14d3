import { beforeEach, expect, test } from 'vitest';
import { useDatabase } from '../../test/kit/database.ts';
import type { Instant } from '../kernel/index.ts';
import { openInstallation, readInstallation } from './installation.ts';

const own = useDatabase();
const at = Date.parse('2015-10-28T16:20:00+08:00') as Instant;

beforeEach(async () => {
  await own.db.query('truncate installation');
});

test('a new database is born as it is first opened, once, whoever comes at the same time', async () => {
  expect(await readInstallation(own.db)).toBeUndefined();
  const openings = await Promise.all([1, 2, 3].map(() => openInstallation(own.db, 'sandbox', at)));
  for (const opened of openings) expect(opened).toEqual({ ok: true, value: { bornAs: 'sandbox', epoch: 1 } });
  expect(await readInstallation(own.db)).toEqual({ bornAs: 'sandbox', epoch: 1 });
});

test('a database never changes between sandbox and production', async () => {
  await openInstallation(own.db, 'production', at);
  expect(await openInstallation(own.db, 'sandbox', at)).toMatchObject({
    ok: false,
    refusal: { code: 'installation.born_otherwise', params: { born: 'production', wanted: 'sandbox' } },
  });
  expect(await readInstallation(own.db)).toEqual({ bornAs: 'production', epoch: 1 });
});

test('a database that wakes up in another cluster begins a new epoch, once', async () => {
  await openInstallation(own.db, 'sandbox', at);
  await own.db.query(`update installation set cluster_identity = 'where the backup was made'`);
  const openings = await Promise.all([1, 2].map(() => openInstallation(own.db, 'sandbox', at)));
  for (const opened of openings) expect(opened).toEqual({ ok: true, value: { bornAs: 'sandbox', epoch: 2 } });
  expect(await openInstallation(own.db, 'sandbox', at)).toMatchObject({ ok: true, value: { epoch: 2 } });
});

test('when the epochs are used up, the database is refused instead of handing out a number twice', async () => {
  await openInstallation(own.db, 'sandbox', at);
  await own.db.query(`update installation set epoch = 99, cluster_identity = 'elsewhere'`);
  expect(await openInstallation(own.db, 'sandbox', at)).toMatchObject({
    ok: false,
    refusal: { code: 'installation.epochs_used_up' },
  });
});
