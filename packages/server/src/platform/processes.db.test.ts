import { expect, test } from 'vitest';
import { useDatabase } from '../../test/kit/database.ts';
import { spareRunning } from './migrate-guard.ts';
import type { Migration } from './migrate.ts';
import { beat, isAlive, leave, readProcesses } from './processes.ts';
import type { ServingProcess } from './processes.ts';

const own = useDatabase();
const empty = useDatabase({ migrated: false });

const one: ServingProcess = { id: 'a/1', role: 'all', program: '1.2.3', schema: 6, host: 'a', pid: 1 };
const file = (worksWith: number): Migration => ({ version: 9, name: '0009_x.sql', sql: '', sha256: '', worksWith });
const silence = (id: string, time: string) =>
  own.db.query(`update processes set last_seen_at = clock_timestamp() - interval '${time}' where id = $1`, [id]);
const guard = (worksWith: number) => own.db.transaction((tx) => spareRunning(tx, file(worksWith)));

test('a process that beats is alive, one that stops beating is dead after half a minute, one that leaves is gone', async () => {
  expect(await readProcesses(empty.db)).toEqual([]);
  await beat(own.db, one, 12.4);
  await beat(own.db, { ...one, id: 'b/2', host: 'b' }, 0);
  await silence('b/2', '31 seconds');
  const seen = await readProcesses(own.db);
  expect(seen.map((each) => [each.id, isAlive(each), each.clockOffsetMs])).toEqual([
    ['a/1', true, 12],
    ['b/2', false, 0],
  ]);
  await beat(own.db, { ...one, id: 'b/2', host: 'b' }, -3);
  expect((await readProcesses(own.db)).map(isAlive)).toEqual([true, true]);
  await leave(own.db, 'b/2');
  expect((await readProcesses(own.db)).map(({ id }) => id)).toEqual(['a/1']);
});

test('a file waits for every living process that it would shut out, and names it', async () => {
  await beat(own.db, one, 0);
  await expect(guard(6)).resolves.toBeUndefined();
  await expect(guard(7)).rejects.toMatchObject({
    code: 'schema.shuts_out',
    params: { file: '0009_x.sql', needs: 7, processes: 'a/1 (1.2.3, schema 6)' },
  });
  await silence('a/1', '31 seconds');
  await expect(guard(7)).resolves.toBeUndefined();
});

test('rows of the long dead are swept when somebody leaves', async () => {
  await beat(own.db, { ...one, id: 'old/9' }, 0);
  await silence('old/9', '8 days');
  await leave(own.db, 'a/1');
  expect(await readProcesses(own.db)).toEqual([]);
});
