import { expect, test, vi } from 'vitest';
import { useDatabase } from '../../test/kit/database.ts';
import { Bug, done } from '../kernel/index.ts';
import { gather } from './commands.ts';

const own = useDatabase({ migrated: false });

test('who comes first does not wait, those after him share a list when the pause is over, and a full list does not wait', async () => {
  vi.useFakeTimers();
  try {
    const lists: number[][] = [];
    const ask = gather((inputs: readonly number[]) => (lists.push([...inputs]), Promise.resolve(inputs.map(done))), {
      apartMs: 8,
      itemsMax: 3,
      listsMax: 2,
    });
    const answers = [1, 2].map(ask);
    await vi.advanceTimersByTimeAsync(1);
    expect(lists).toEqual([[1, 2]]);
    answers.push(ask(3));
    await vi.advanceTimersByTimeAsync(6);
    answers.push(ask(4));
    expect(lists).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(lists.slice(1)).toEqual([[3, 4]]);
    answers.push(...[5, 6, 7].map(ask));
    expect(lists.slice(2)).toEqual([[5, 6, 7]]);
    expect(await Promise.all(answers)).toEqual([1, 2, 3, 4, 5, 6, 7].map(done));
    await vi.advanceTimersByTimeAsync(8);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test('what comes while as many lists are under way as may be waits, and becomes one list when the first of them ends', async () => {
  const lists: { readonly inputs: readonly number[]; readonly end: (failure?: Error) => void }[] = [];
  const ask = gather(
    (inputs: readonly number[]) =>
      new Promise<readonly number[]>((resolve, reject) => {
        lists.push({ inputs, end: (failure) => (failure ? reject(failure) : resolve(inputs)) });
      }),
    { apartMs: 0, itemsMax: 3, listsMax: 1 },
  );
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const told = (): string => lists.map(({ inputs }) => inputs.join(' ')).join(' | ');
  const answers = [ask(1)];
  await turn();
  answers.push(...[2, 3, 4, 5].map(ask));
  await turn();
  expect(told()).toBe('1');
  lists[0]!.end(new Error('lost'));
  await expect(answers[0]).rejects.toThrow('lost');
  await turn();
  expect(told()).toBe('1 | 2 3 4');
  lists[1]!.end();
  await answers[1];
  await turn();
  expect(told()).toBe('1 | 2 3 4 | 5');
  lists[2]!.end();
  expect(await Promise.all(answers.slice(1))).toEqual([2, 3, 4, 5]);
});

const pairs = { apartMs: 0, itemsMax: 2, listsMax: 1 } as const;

test('a list that fails tells each of its callers, and one that answers too little is a bug for those left over', async () => {
  const failing = gather(() => Promise.reject(new Error('no database')), pairs);
  const ends = await Promise.allSettled([failing(1), failing(2)]);
  expect(ends.map((end) => (end.status === 'rejected' ? String(end.reason) : ''))).toEqual(
    Array(2).fill('Error: no database'),
  );
  const short = gather((inputs: readonly number[]) => Promise.resolve(inputs.slice(1).map(done)), pairs);
  const [first, second] = await Promise.allSettled([short(1), short(2)]);
  expect(first).toMatchObject({ status: 'fulfilled' });
  expect(second).toMatchObject({ status: 'rejected', reason: expect.any(Bug) });
});

test('a value that the database cannot take fails its own caller and nobody else of the list', async () => {
  const ask = gather(
    async (inputs: readonly string[]) =>
      (await own.db.query<{ n: number }>('select n::int4 as n from unnest($1::text[]) n', [inputs])).map(({ n }) => n),
    { apartMs: 0, itemsMax: 8, listsMax: 1 },
  );
  const ends = await Promise.allSettled(['1', '2', 'three', '4', '5'].map(ask));
  expect(ends.map((end) => (end.status === 'fulfilled' ? end.value : 'refused'))).toEqual([1, 2, 'refused', 4, 5]);
});
