import { expect, test } from 'vitest';
import { at, useWorld } from '../../test/kit/world.ts';
import { timestamp } from '../platform/db.ts';
import { wishRetention } from './retention.ts';

const own = useWorld('2026-11-22 01:00:00');

test('every night at half past three the worker deletes what is past its term, and says so', async () => {
  const { app, stepper, clock } = own.world;
  const gap = `insert into gaps (bucket, gap_key, free_at) values (1, $1, $2)`;
  await app.db.query(gap, ['old', timestamp(at('2026-08-01 00:00:00'))]);
  await app.db.query(gap, ['young', timestamp(at('2026-08-24 12:00:00'))]);
  await wishRetention(app.db, clock.now());
  await wishRetention(app.db, clock.now()); // a second process that starts changes nothing

  await stepper.runUntil(at('2026-11-22 03:29:59'));
  expect(await app.db.query('select gap_key from gaps order by 1')).toHaveLength(2);
  await stepper.runUntil(at('2026-11-22 03:31:00'));
  expect(await app.db.query('select gap_key from gaps')).toEqual([{ gap_key: 'young' }]);
  const audit = `select actor, subject, detail from audit_entries where act = 'retention.deleted'`;
  expect(await app.db.query(audit)).toEqual([
    { actor: 'system', subject: 'work', detail: { before: '2026-08-24T00:00:00+08:00', gaps: 1 } },
  ]);

  await stepper.runUntil(at('2026-11-23 03:31:00'));
  expect(await app.db.query('select gap_key from gaps')).toEqual([]);
  const due = await app.db.query(`select due_at, last_error from jobs where kind = 'retention'`);
  expect(due).toEqual([{ due_at: at('2026-11-24 03:30:00'), last_error: null }]);
});
