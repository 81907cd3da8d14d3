import { beforeEach, expect, test } from 'vitest';
import { useDatabase } from '../../test/kit/database.ts';
import { bucketOf, bucketOfSerialNo, checkDigit, composeSerialNo, fnv1a32, isSerialNo } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { nextSerials } from './serials.ts';

const shared = useDatabase();
const at = Date.parse('2015-10-28T15:59:59Z') as Instant;
const nextDay = Date.parse('2015-10-28T16:00:00Z') as Instant;
const draw = (buckets: readonly number[], when = at) => shared.db.transaction((tx) => nextSerials(tx, when, buckets));
const live = (epoch: number) => shared.db.query('update installation set epoch = $1', [epoch]);

beforeEach(async () => {
  await shared.db.query('truncate serial_sequences, installation');
  await shared.db.query(
    `insert into installation (born_as, epoch, cluster_identity, created_at) values ('sandbox', 1, 'test', now())`,
  );
});

// Fixed for ever: a number that was handed out must be found in its bucket by every later version.
test('buckets, check digits and composed numbers are what they have always been', () => {
  // FNV-1a, 32 bit: draft-eastlake-fnv, test vectors.
  expect([fnv1a32(''), fnv1a32('a'), fnv1a32('foobar')]).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
  expect(bucketOf('demo', '2015102711123130001')).toBe(9);
  expect(bucketOf('demo', '中文单号')).toBe(232);
  // ISO 7064 MOD 11,10: the example of the standard.
  expect(checkDigit('0794')).toBe('5');
  expect(composeSerialNo(at, 1, 7, 42)).toBe('15102801007000000429');
  expect(composeSerialNo(nextDay, 99, 999, 99_999_999)).toBe('15102999999999999990');
});

test('numbers count from one in each bucket, epoch and Beijing day, in the order they were asked for', async () => {
  const drawn = await draw([7, 3, 7]);
  expect(drawn.map((number) => number.slice(0, 19))).toEqual([
    '1510280100700000001',
    '1510280100300000001',
    '1510280100700000002',
  ]);
  expect(drawn.every(isSerialNo)).toBe(true);
  expect(drawn.map(bucketOfSerialNo)).toEqual([7, 3, 7]);
  const bodyOf = async (when: Instant) => (await draw([7], when))[0]?.slice(0, 19);
  expect(await bodyOf(at)).toBe('1510280100700000003');
  expect(await bodyOf(nextDay)).toBe('1510290100700000001');
  await live(2);
  expect(await bodyOf(at)).toBe('1510280200700000001');
  expect(await draw([])).toEqual([]);
});

test('a thousand draws at the same time never repeat a number and leave no gap', async () => {
  // Each list takes two of one bucket, in either order.
  const lists = Array.from({ length: 125 }, (_, index) => [0, 0, 1, 2].map((n) => ((index + n) % 4) + 1));
  const drawn = await Promise.all(lists.flatMap((list) => [draw(list), draw([...list].reverse())]));
  const numbers = drawn.flat();
  expect(numbers.length).toBe(1000);
  expect(new Set(numbers).size).toBe(1000);
  for (const [, own] of Map.groupBy(numbers, bucketOfSerialNo)) {
    expect(Math.max(...own.map((number) => Number(number.slice(11, 19))))).toBe(own.length);
  }
});

test('a draw that rolls back gives its numbers back', async () => {
  const broken = shared.db.transaction(async (tx) => {
    await nextSerials(tx, at, [7, 7]);
    throw new Error('planned');
  });
  await expect(broken).rejects.toThrow('planned');
  expect((await draw([7]))[0]?.slice(11, 19)).toBe('00000001');
});

test('without a birth mark nothing can be drawn', async () => {
  await shared.db.query('truncate installation');
  await expect(draw([7])).rejects.toThrow('birth mark');
});
