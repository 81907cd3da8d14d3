import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { quietLists } from './quiet-lists.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const limits = { quietMs: 4, patienceMs: 50, itemsMax: 5 } as const;

function recorded(takesMs = 0) {
  const lists: number[][] = [];
  const run = async (inputs: readonly number[]): Promise<void> => {
    lists.push([...inputs]);
    if (takesMs > 0) await new Promise((resolve) => setTimeout(resolve, takesMs));
  };
  return { lists, made: quietLists(run, limits) };
}

test('a list begins when nothing more has come for a moment', async () => {
  const { lists, made } = recorded();
  made.add(1);
  await vi.advanceTimersByTimeAsync(3);
  made.add(2);
  await vi.advanceTimersByTimeAsync(3);
  expect(lists).toEqual([]);
  await vi.advanceTimersByTimeAsync(2);
  expect(lists).toEqual([[1, 2]]);
});

test('what never stops coming does not keep the first one waiting, and a full list waits for nobody', async () => {
  const { lists, made } = recorded();
  for (let at = 0; at < 17; at += 1) {
    if (at < 4) made.add(at);
    else made.add(100);
    await vi.advanceTimersByTimeAsync(at < 4 ? 3 : 0);
  }
  expect(lists).toEqual([
    [0, 1, 2, 3, 100],
    [100, 100, 100, 100, 100],
    [100, 100, 100, 100, 100],
  ]);
  const slow = recorded();
  for (let at = 0; at < 20; at += 1) {
    if (at % 5 === 0) slow.made.add(at);
    await vi.advanceTimersByTimeAsync(3);
  }
  expect(slow.lists).toEqual([[0], [5], [10], [15]]);
  const steady = recorded();
  for (let at = 0; at < 4; at += 1) {
    steady.made.add(at);
    await vi.advanceTimersByTimeAsync(3);
  }
  for (let at = 0; at < 13; at += 1) await vi.advanceTimersByTimeAsync(3);
  expect(steady.lists).toEqual([[0, 1, 2, 3]]);
});

test('one list at a time: what comes meanwhile goes with the next', async () => {
  const { lists, made } = recorded(100);
  made.add(1);
  await vi.advanceTimersByTimeAsync(5);
  made.add(2);
  made.add(3);
  await vi.advanceTimersByTimeAsync(98);
  expect(lists).toEqual([[1]]);
  await vi.advanceTimersByTimeAsync(8);
  expect(lists).toEqual([[1], [2, 3]]);
});

test('whoever wants it idle begins what waits and is told when that is done, whatever came since', async () => {
  const { lists, made } = recorded(10);
  made.add(1);
  const idle = made.idle().then(() => [...lists]);
  made.add(2);
  await vi.advanceTimersByTimeAsync(20);
  expect(await idle).toEqual([[1]]);
  await vi.advanceTimersByTimeAsync(20);
  expect(lists).toEqual([[1], [2]]);
});
