// Goal: a row that is refused leaves nothing behind: corrected, it is taken like any other.
// Method: a row loses one of the two numbers that only one may own, is corrected, and comes again.
import { expect, test } from 'vitest';
import { useWorld } from '../kit/world.ts';
import { adopt, orderOf } from './steps.ts';

const own = useWorld('2015-10-28 16:20:00');

test('a row refused for its trade number does not keep its request number from the corrected row', async () => {
  const [first, second] = [orderOf(1), orderOf(2)];
  expect(await adopt(own.world, [first])).toMatchObject({ adopted: 1 });
  const wrong = await adopt(own.world, [{ ...second, tradeNo: first.tradeNo }]);
  expect(wrong.refusals.map(({ refusal }) => refusal.code)).toEqual(['import.trade_of_other_order']);
  expect(await adopt(own.world, [second])).toMatchObject({ adopted: 1, refusals: [] });
});

test('a row refused for its request number does not keep its trade number from the corrected row', async () => {
  const [first, second] = [orderOf(3), orderOf(4)];
  expect(await adopt(own.world, [first])).toMatchObject({ adopted: 1 });
  const wrong = await adopt(own.world, [{ ...second, requestNo: first.requestNo }]);
  expect(wrong.refusals.map(({ refusal }) => refusal.code)).toEqual(['import.request_no_taken']);
  expect(await adopt(own.world, [second])).toMatchObject({ adopted: 1, refusals: [] });
});

test('an amount that differs is told as money, not as a bare figure', async () => {
  const order = orderOf(5);
  await adopt(own.world, [order]);
  const { refusals } = await adopt(own.world, [{ ...order, amount: '419.00' }]);
  expect(refusals.map(({ refusal }) => refusal.params)).toMatchObject([{ known: 'CNY 420.00', found: 'CNY 419.00' }]);
});
