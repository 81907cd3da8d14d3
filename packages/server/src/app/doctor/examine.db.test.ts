import { expect, test } from 'vitest';
import { useDatabase } from '../../../test/kit/database.ts';
import { days, plus } from '../../kernel/index.ts';
import type { Instant } from '../../kernel/index.ts';
import { timestamp } from '../../platform/db.ts';
import { beat } from '../../platform/processes.ts';
import { examineChannels } from './channels.ts';
import { examineServer, readConnections, readUpkeep } from './server.ts';
import { examineServing } from './serving.ts';

const own = useDatabase();
const now = Date.parse('2026-11-22T01:00:00+08:00') as Instant;
const run = (sql: string, ...values: unknown[]) => own.db.query(sql, values);
const told = (
  findings: readonly { readonly name: string; readonly state: string; readonly found: { readonly en: string } }[],
) => findings.map(({ name, state, found }) => `${name} ${state}: ${found.en}`);

test('a fresh database is in order, and what it says of itself is read', async () => {
  expect((await examineServer(own.db, false, 'x', now)).map(({ name, state }) => [name, state])).toEqual([
    ['database', 'ok'],
    ['schema', 'ok'],
    ['connections', expect.any(String)],
    ['upkeep', expect.any(String)],
  ]);
  const { used, most } = await readConnections(own.db);
  expect(used).toBeGreaterThan(0);
  expect(most).toBeGreaterThan(used);
  expect(await readUpkeep(own.db)).toMatchObject({ age: expect.any(Number), forcedAt: 200_000_000 });
});

test('secrets, data keys and the clocks of channels are read from where they are kept', async () => {
  await run(`insert into merchants values ('demo', '示例', 'Demo', now())`);
  for (const id of ['A1', 'A2'])
    await run(`insert into channel_accounts values ($1, 'demo', 'alipay', 'n', '{}', now(), null)`, id);
  const secret = `insert into channel_secrets values (gen_random_uuid(), $1, $2, '', $3, $4)`;
  const [past, soon] = [timestamp(plus(now, -days(9))), timestamp(plus(now, days(5)))];
  await run(secret, 'A1', 'md5_key', past, soon);
  await run(secret, 'A2', 'md5_key', past, soon);
  await run(secret, 'A2', 'md5_key', soon, null); // its successor lasts
  await run(
    `insert into lanes (id, account_id, operation, calls_per_second, items_per_call, next_free_at)
     values ('A1/q', 'A1', 'q', 1, 1, now())`,
  );
  for (const second of [1, 2, 3]) {
    const id = `00000000-0000-7000-8000-00000000000${second}`;
    const sent = timestamp(plus(now, -second * 1000));
    await run(`insert into exchanges values (1, $1, 'A1', 'q', 'w', $2, $2, 'POST', 'https://x', '')`, id, sent);
    await run(
      `insert into exchange_answers (bucket, exchange_id, kind, heard_at, channel_date)
       values (1, $1, 'answered', $2, $2::timestamptz - interval '80.7 seconds')`,
      id,
      sent,
    );
  }
  expect(told(await examineChannels(own.db, false, now))).toEqual([
    'secrets warn: md5_key of A1 ends in 5 days',
    'data_keys warn: not there yet: 2026-11 personal, 2026-11 exchange, 2026-11 credential',
    'clock fail: the channel of A1 is -80 s before us',
  ]);
  expect((await examineChannels(own.db, true, now)).map(({ name }) => name)).not.toContain('clock');
});

test('processes, backups and incidents are read from where they are kept', async () => {
  expect(told(await examineServing(own.db, false, now))).toEqual([
    'people fail: 0 people can log in',
    'workers fail: no process works the jobs (0 serving)',
    'backups warn: none was ever taken',
    'incidents ok: none is open',
  ]);
  for (const user of ['wang', 'zhao']) await run(`insert into users values ($1, $1, '{}', '{}', now())`, user);
  await run(`insert into access_tokens values ('x', 'cli', 'wang', 'own', '{}', '{}', '{}', now())`);
  await run(
    `insert into access_tokens values ('y', 'cli', 'zhao', 'own', '{}', '{}', '{}', now(), now() - interval '1 day')`,
  );
  await beat(own.db, { id: 'a/1', role: 'worker', program: '1', schema: 6, host: 'a', pid: 1 }, 0);
  await run(
    `insert into backups_taken values (gen_random_uuid(), $1, 'f', 'x', 'chen')`,
    timestamp(plus(now, -days(9))),
  );
  expect(told(await examineServing(own.db, false, now))).toEqual([
    'people fail: 1 people can log in',
    'people warn: without a login: zhao',
    'workers ok: 1 serving, 1 of them work the jobs',
    'backups fail: last 2026-11-13 01:00:00 (GMT+8), 216 hours ago',
    'incidents ok: none is open',
  ]);
});
