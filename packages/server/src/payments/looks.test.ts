// Goal: what looks cost the channel is bounded, whoever looks and however often.
// Method: half an hour of one payment that nobody pays, decided without a database: looks at their times, questions when they are due.
import { expect, test } from 'vitest';
import { Play, t0 } from '../../test/kit/order-play.ts';
import { plus } from '../kernel/index.ts';

const s = 1000;
const m = 60 * s;

/** When the channel is asked, in seconds from the start, while somebody looks so often. Answers come at once: not found. */
function asked(everyMs: number, forMs = 30 * m): readonly number[] {
  const play = new Play().open('a');
  const moments: number[] = [];
  let due = Infinity;
  const note = (): void => {
    for (const effect of play.effects)
      if (effect.kind === 'job' && effect.wish.kind === 'pay.query') due = Math.min(due, effect.wish.dueAt);
  };
  note();
  for (let now = 0; now < forMs; now += s) {
    const at = plus(t0, now);
    if (now % everyMs === 0) {
      play.tell({ kind: 'watch', attemptId: 'a', until: plus(at, 2 * m) }, at);
      note();
    }
    if (due > at) continue;
    moments.push(now / s);
    play.hear('a', { kind: 'in_doubt', why: 'not found' }, at, { isAbsent: true });
    due = play.againAt ?? Infinity;
    note();
  }
  return moments;
}

test.each([
  ['once, and never again', 60 * m, 7],
  ['every ten minutes', 10 * m, 18],
  ['every half minute', 30 * s, 18],
  ['every second', s, 18],
  ['whenever the last look has just lapsed', 2 * m + s, 26],
])('a program that looks %s asks the channel a bounded number of times in half an hour', (_name, everyMs, most) => {
  expect(asked(everyMs).length).toBeLessThanOrEqual(most);
});

test('the first look asks soon and densely, and whoever goes on looking waits two minutes for the next question at most', () => {
  const moments = asked(30 * s, 28 * m);
  expect(moments.slice(0, 4)).toEqual([5, 15, 35, 95]);
  for (const [index, moment] of moments.entries()) expect(moment - (moments[index - 1] ?? 0)).toBeLessThanOrEqual(120);
});
