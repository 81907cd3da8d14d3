import { expect, test } from 'vitest';
import { useDatabase } from '../../../test/kit/database.ts';
import type { Instant } from '../../kernel/index.ts';
import { examineStatements } from './statements.ts';

const own = useDatabase();
const at = (text: string): Instant => Date.parse(`${text}+08:00`) as Instant;

test('doctor names days that are missing, files that nobody could read, and a plan that stood still', async () => {
  const { db } = own;
  const found = async (moment: string) =>
    (await examineStatements(db, at(moment))).map(({ state, found: { en } }) => `${state} ${en}`);
  expect(await found('2026-12-03T13:00:00')).toEqual(['ok no account has statements to be fetched']);
  await db.query(`insert into merchants values ('demo', '示例', 'Demo', now())`);
  await db.query(`insert into channel_accounts values ('A1', 'demo', 'wechat', 'n', '{}', now(), null)`);
  const plant = (day: string, state: string, statement: string | null, why = '') =>
    db.query(
      `insert into statement_days (bucket, id, account_id, merchant_id, kind, day, state, why, ready_at, late_at, statement_id)
       values (1, gen_random_uuid(), 'A1', 'demo', 'trade', $1::date, $2, $4, ($1::date + 1) + time '10:00', ($1::date + 1)::timestamptz + interval '12 hours', $3)`,
      [day, state, statement, why],
    );
  await plant('2026-12-01', 'received', 'S-1');
  await plant('2026-12-02', 'empty', 'S-2');
  expect(await found('2026-12-03T13:00:00')).toEqual(['ok all are here, up to 2026-12-02']);
  expect(await found('2026-12-04T01:30:00')).toEqual([
    'warn yesterday was not planned; the last day that was is 2026-12-02',
  ]);
  await plant('2026-12-03', 'refused', null, '403 NO_AUTH');
  await plant('2026-12-04', 'due', null);
  await db.query(
    `insert into statements select 'S-1', 1, id, 1, true, 1, 'a', 'b', id, null, 'verified', now(), now(), 1, 0, '{}', '{"code":"x"}'
     from statement_days where day = '2026-12-01'`,
  );
  expect(await found('2026-12-05T01:30:00')).toEqual([
    'warn 1 should be here and are not, the first of 2026-12-03 (403 NO_AUTH)',
    'warn 1 are here and cannot be read, such as S-1',
  ]);
});
