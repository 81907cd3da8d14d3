// Goal: what the payer says moves questions and closes, and nothing else.
// Method: orders as values; the payer's word, then what is due and what stands.
import { expect, test } from 'vitest';
import { at, paid, Play, t0 } from '../../test/kit/order-play.ts';
import { minutes, plus } from '../kernel/index.ts';

const jobsOf = (play: Play) =>
  play.effects.flatMap((effect) =>
    effect.kind === 'job' ? [[effect.wish.kind, effect.wish.dueAt - t0] as const] : [],
  );

test('"I have paid" asks at once although somebody has looked all the time, and settles nothing', () => {
  const play = new Play().open('a');
  for (let minute = 0; minute < 6; minute += 1)
    play.tell({ kind: 'watch', attemptId: 'a', until: at(minute + 2) }, at(minute));
  play.hear('a', { kind: 'in_doubt', why: 'not found' }, at(6), { isAbsent: true });
  const now = plus(at(6), 30_000);
  play.tell({ kind: 'watch', attemptId: 'a', until: plus(now, minutes(2)) }, now);
  expect(jobsOf(play)).toEqual([['pay.query', minutes(8)]]);
  play.tell({ kind: 'watch', attemptId: 'a', until: plus(now, minutes(2)), atOnce: true }, now);
  expect(jobsOf(play)).toEqual([['pay.query', minutes(6.5)]]);
  expect(play.states).toBe('open | cashier_open |  | ');
});

test('"I have not paid" closes that attempt at its channel; the payment stays open, and money that comes all the same settles it', () => {
  const play = new Play().open('a').tell({ kind: 'give_up', attemptId: 'a' }, at(1));
  expect(play.states).toBe('open | closing |  | ');
  expect(jobsOf(play).map(([kind]) => kind)).toContain('pay.close');
  play.tell({ kind: 'give_up', attemptId: 'a' }, at(2));
  expect(jobsOf(play)).toEqual([]);
  expect(play.hear('a', paid('a'), at(3)).states).toBe('paid | succeeded |  | ');
});

test("a payer's code is not given up: it ends by its own plan, before anything else is offered", () => {
  const play = new Play().open('a', 'barcode').tell({ kind: 'give_up', attemptId: 'a' }, at(1));
  expect(play.states).toBe('open | submitting |  | ');
});
