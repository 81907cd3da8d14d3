// Goal: whatever payers, shops, people, the channel and our own processes do, money is booked once, told once and never forgotten.
// Method: orders made from seeds, played by the real commands, jobs and workers on a real database against a channel's own books.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { useDatabase } from '../../kit/database.ts';
import { makeMoney } from './make.ts';
import { playMoney } from './play.ts';
import { shortestMoney } from './run.ts';
import { MoneyStage } from './stage.ts';
import type { MoneyStory } from './story.ts';

const database = useDatabase();
let stage: MoneyStage;
beforeAll(async () => {
  stage = await MoneyStage.open(database.url);
}, 120_000);
afterAll(() => stage.close());

const twice: MoneyStory = {
  seed: 7,
  orders: [
    {
      ...{ no: 1, minor: 10_000, minutes: 5 },
      acts: [
        { at: 0, do: 'open', channel: 'strict', product: 'page', keepOthers: false },
        { at: 0, do: 'fault', attempt: 0, on: 'query', how: 'lost' },
        { at: 5, do: 'open', channel: 'calm', product: 'wap', keepOthers: true },
        { at: 20, do: 'pay', attempt: 0, notify: [1, 1] },
        { at: 21, do: 'pay', attempt: 1, notify: [] },
        {
          at: 60,
          do: 'refund',
          parts: [
            ['R0', 7],
            ['R0b', 7],
          ],
          two: false,
        },
        { at: 60, do: 'die', answers: 9 },
      ],
    },
  ],
};

test(
  'an order that is paid twice keeps one payment, gives the other back, and refunds no more than it got',
  { timeout: 60_000 },
  async () => {
    const { broken } = await playMoney(stage, twice);
    expect(broken).toBeUndefined();
    const rows = await stage.db.query<{ state: string; origin: string }>(
      'select state, origin from refunds order by origin',
    );
    expect(rows).toEqual([
      { state: 'refunded', origin: 'shop' },
      { state: 'refunded', origin: 'surplus' },
    ]);
  },
);

test('the same story has one course, to the last balance', { timeout: 60_000 }, async () => {
  const first = await playMoney(stage, twice);
  await playMoney(stage, { ...twice, seed: 8 });
  expect((await playMoney(stage, twice)).digest).toBe(first.digest);
});

test('forty orders break no law', { timeout: 240_000 }, async () => {
  const { broken, calls } = await playMoney(stage, makeMoney(1, 40));
  if (broken) {
    const shortest = await shortestMoney(stage, 1, 40, () => false);
    expect.fail(`${broken.law}: ${shortest?.what ?? ''}\n${shortest?.text ?? ''}`);
  }
  expect(calls).toBeGreaterThan(40);
});
