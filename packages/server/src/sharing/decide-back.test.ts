// Goal: with a refund only receivers of its own payment give back, each what he has at most.
// Method: an order of two shared payments as a value.
import { expect, test } from 'vitest';
import { CNY } from '../kernel/index.ts';
import type { Attempt } from '../payments/index.ts';
import { addedUp, refuseBack } from './decide-back.ts';
import type { SharedOrder } from './shared-order.ts';

const amount = { minor: 1500n, currency: CNY };
const share = (attemptId: string, part: string) => ({ attemptId, parts: [{ id: part, state: 'succeeded', amount }] });
const shares = [share('a', 'A'), share('b', 'B')];
const shared = { order: { refunds: [] }, shares, returns: [] } as unknown as SharedOrder;
const attempt = { id: 'a', amount } as Attempt;
const back = (part: string, minor: bigint) => ({ part, minor });

test.each([
  ['all that he has', [back('A', 1500n)], undefined],
  ['all that he has in two words', [back('A', 1000n), back('A', 500n)], undefined],
  ['more than he has in two words', [back('A', 1500n), back('A', 1n)], 'share.exceeds_part'],
  ['more than he has, and less than nothing', [back('A', 1501n), back('A', -1n)], 'share.exceeds_part'],
  ['nothing', [back('A', 0n)], 'share.exceeds_part'],
  ['what was given of another payment of the order', [back('B', 1500n)], 'share.part_not_found'],
  ['what nobody was given', [back('C', 1n)], 'share.part_not_found'],
])('a refund asks a receiver for %s', (_what, named, code) => {
  expect(refuseBack(shared, attempt, named)?.code).toBe(code);
});

test('a part that is named twice is one part', () => {
  expect(addedUp([back('A', 700n), back('B', 1n), back('A', 300n)])).toEqual([back('A', 1000n), back('B', 1n)]);
});
