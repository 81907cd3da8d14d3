// Goal: what receivers give back goes on to the buyer, is counted once, and is never lost, whatever the channel says later.
// Method: an order as a value of which something was shared; one input at a time, its sums and effects looked at.
import { expect, test } from 'vitest';
import { CNY } from '../kernel/index.ts';
import type { Outcome } from '../kernel/index.ts';
import { at, facts, paid, Play } from '../../test/kit/order-play.ts';
import type { PartBack } from './refund.ts';

const part = (name: string, minor: bigint): PartBack => ({ part: name, minor });

/** A hundred yuan of which receivers have so much. */
function shared(minor: bigint): Play {
  const play = new Play().open('a').hear('a', paid('a'), at(1));
  const { order } = play;
  if (!order) throw new Error('no order');
  play.order = { ...order, attempts: order.attempts.map((one) => ({ ...one, sharedMinor: minor })) };
  return play;
}

function ask(play: Play, no: string, minor: bigint, partsBack: readonly PartBack[] = [], version?: number): Play {
  const wish = {
    ...{ id: no, attemptId: 'a', shopRefundNo: no, refundNo: no, amount: { minor, currency: CNY }, reason: '退货' },
    ...{ origin: 'shop' as const, ...(partsBack.length > 0 ? { partsBack } : {}) },
  };
  return play.tell({ kind: 'refund', wish, ...(version === undefined ? {} : { version }) }, at(2));
}

function told(play: Play, no: string, outcome: Outcome<never>): Play {
  const heard = { by: 'query', outcome, trust: 'verified', heardAt: at(3) } as const;
  return play.tell({ kind: 'refund_heard', refundId: no, heard }, at(3));
}

const refunded = { kind: 'succeeded', facts: {} } as unknown as Outcome<never>;
const refused: Outcome<never> = { kind: 'rejected', code: 'NO', text: '' };
const sums = ({ order }: Play) => [order?.attempts[0]?.refundingMinor, order?.attempts[0]?.sharedMinor];

test.each<[string, bigint, readonly PartBack[], string | undefined]>([
  ['a fen, and fifteen yuan come back', 1n, [part('A', 1500n)], 'share.parts_exceed_refund'],
  ['less than both parts together', 1999n, [part('A', 1500n), part('B', 500n)], 'share.parts_exceed_refund'],
  ['more comes back than receivers have', 5000n, [part('A', 2001n)], 'share.exceeds_part'],
  ['what receivers keep', 8001n, [], 'refund.shared'],
  ['more than was received', 10_001n, [part('A', 2000n)], 'refund.exceeds_refundable'],
  ['all of it, and all comes back', 10_000n, [part('A', 1500n), part('B', 500n)], undefined],
])('of a hundred yuan with twenty shared a refund asks for %s', (_what, minor, back, refusal) => {
  expect(ask(shared(2000n), 'R1', minor, back).refusal).toBe(refusal);
});

test('refunded late, when its part had come back with another refund: booked as it moved, nobody has less than nothing', () => {
  const play = told(ask(shared(1500n), 'R1', 2000n, [part('A', 1500n)]), 'R1', refused);
  expect(sums(play)).toEqual([0n, 1500n]);
  told(ask(play, 'R2', 2000n, [part('A', 1500n)]), 'R2', refunded);
  expect(sums(play)).toEqual([2000n, 0n]);
  told(play, 'R1', refunded);
  expect(sums(play)).toEqual([4000n, 0n]);
  expect(play.kinds('case')).toEqual(['refund.contradiction']);
  expect(play.kinds('entry')).toEqual(['refund_started', 'refund', 'share_back', 'share_back_kept']);
  expect(play.order?.refunds.find(({ id }) => id === 'R1')).toMatchObject({ state: 'failed', refundedAt: at(3) });
});

test('told again that it went back late: counted and booked once', () => {
  const play = told(ask(shared(1500n), 'R1', 2000n, [part('A', 1000n)]), 'R1', refused);
  expect(sums(told(play, 'R1', refunded))).toEqual([2000n, 500n]);
  expect(sums(told(play, 'R1', refunded))).toEqual([2000n, 500n]);
  expect(play.kinds('entry')).toEqual([]);
});

test('the same refund number with other parts is another refund, and is refused', () => {
  const play = ask(shared(1500n), 'R1', 2000n, [part('A', 700n), part('B', 500n)]);
  expect(ask(play, 'R1', 2000n, [part('B', 500n), part('A', 700n)]).refusal).toBeUndefined();
  expect(ask(play, 'R1', 2000n, [part('A', 1200n)]).refusal).toBe('refund.other_terms');
  expect(play.order?.refunds).toHaveLength(1);
});

test('reckoned from an order that changed since: told so before the number is compared', () => {
  const play = ask(shared(1500n), 'R1', 2000n, [part('A', 700n)]);
  const version = play.order?.version ?? 0;
  expect(ask(play, 'R1', 2000n, [part('A', 600n)], version - 1).refusal).toBe('refund.order_changed');
});

test('the channel gave all of it back while receivers have a part: booked, and a person looks', () => {
  const givenBack = { kind: 'succeeded', facts: { ...facts('a'), isGivenBack: true } } as const;
  const play = shared(1500n).hear('a', givenBack, at(4));
  expect([play.states, play.kinds('case')]).toEqual(['paid | succeeded |  | refunded', ['payment.contradiction']]);
  expect(sums(play)).toEqual([10_000n, 1500n]);
  expect(shared(0n).hear('a', givenBack, at(4)).kinds('case')).toEqual([]);
});
