// Goal: a lane whose channel says that it is called too often goes slower, goes on, and comes back to its own pace.
// Method: leases at given moments; the time between their calls is the pace.
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { useDatabase } from '../../test/kit/database.ts';
import { plus, seconds } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { enqueue, ensureLanes, leaseLane, priorities } from './jobs.ts';
import { slowDown } from './lane-health.ts';

const own = useDatabase();
const start = Date.parse('2015-10-28T16:20:00+08:00') as Instant;
const lane = 'A-1/ask';

beforeAll(async () => {
  await own.db.query(`insert into merchants (id, name_zh, name_en, created_at) values ('m', '', '', now())`);
  await own.db.query(
    `insert into channel_accounts (id, merchant_id, channel, name, settings, created_at) values ('A-1', 'm', 'c', 'a', '{}', now())`,
  );
});

/** Four calls a second, and more to do than they carry. */
beforeEach(async () => {
  await own.db.query('truncate jobs, gaps, lanes');
  const pace = { callsPerSecond: 4, itemsPerCall: 1, gapMs: 0 };
  await ensureLanes(own.db, [{ id: lane, accountId: 'A-1', operation: 'ask', ...pace }], start);
  const wishes = Array.from({ length: 100 }, (_, index) => ({
    ...{ bucket: index, kind: 'ask', lane, dueAt: start, priority: priorities.plan },
    subject: `00000000-0000-7000-8000-${String(index).padStart(12, '0')}`,
  }));
  await enqueue(own.db, wishes);
});

test('each answer that it is asked too often doubles the gap of a lane, and each minute without one takes a doubling back', async () => {
  const gapAt = async (at: Instant): Promise<number> => {
    const { calls } = await leaseLane(own.db, lane, 'w1', at);
    return (calls[1]?.at ?? NaN) - (calls[0]?.at ?? NaN);
  };
  const later = (count: number): Instant => plus(start, seconds(count));
  expect(await gapAt(start)).toBe(250);
  await slowDown(own.db, lane, later(5), later(6));
  expect(await gapAt(later(10))).toBe(500);
  await slowDown(own.db, lane, later(5), later(20)); // sent before it went slower: it says nothing new
  expect(await gapAt(later(20))).toBe(500);
  await slowDown(own.db, lane, later(21), later(30));
  expect(await gapAt(later(40))).toBe(1000);
  expect(await gapAt(later(91))).toBe(500);
  expect(await gapAt(later(151))).toBe(250);
});

test('however often a channel says too often, a lane goes on at a sixty-fourth of its pace', async () => {
  for (let count = 1; count < 12; count += 1)
    await slowDown(own.db, lane, plus(start, count * 10), plus(start, count * 10 + 5));
  const first = plus(start, seconds(1));
  expect((await leaseLane(own.db, lane, 'w1', first)).calls.map(({ at }) => at)).toEqual([first]);
  expect((await leaseLane(own.db, lane, 'w1', plus(first, seconds(11)))).calls).toEqual([]);
  const [next] = (await leaseLane(own.db, lane, 'w1', plus(first, seconds(12) + 1))).calls;
  expect(next?.at).toBe(plus(first, seconds(16)));
});
