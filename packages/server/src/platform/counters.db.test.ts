import { expect, test } from 'vitest';
import { useDatabase } from '../../test/kit/database.ts';
import { nextNumbers } from './counters.ts';

const shared = useDatabase();
const draw = (count: number) => shared.db.transaction((tx) => nextNumbers(tx, 'approval', count));

test('numbers rise from 1, each is given once also to many at once, and a rollback gives them back', async () => {
  expect(await draw(1)).toEqual([1]);
  expect(await draw(3)).toEqual([2, 3, 4]);
  expect(await draw(0)).toEqual([]);
  const many = await Promise.all([draw(2), draw(3), draw(1), draw(4)]);
  expect(many.flat().sort((a, b) => a - b)).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
  const broken = shared.db.transaction(async (tx) => {
    await nextNumbers(tx, 'approval', 10);
    throw new Error('no');
  });
  await expect(broken).rejects.toThrow('no');
  expect(await draw(1)).toEqual([15]);
  expect(await shared.db.transaction((tx) => nextNumbers(tx, 'case', 1))).toEqual([1]);
});
