// Goal: an order is paid once, whoever says what in which order; our books equal the channel's.
// Method: the simulated gateway with its own books, named faults, and a moved clock.
import { expect, test } from 'vitest';
import { CNY } from '../../src/kernel/index.ts';
import { cancelPayment, findOrder, handOutOf, orderStateOf, startPayment } from '../../src/payments/index.ts';
import type { Order, PaymentWish } from '../../src/payments/index.ts';
import { usePayWorld } from '../kit/pay-world.ts';
import { merchant, wang } from '../kit/world.ts';

const own = usePayWorld('2015-10-28 16:20:00');
const s = 1000;
const m = 60 * s;
let orders = 0;

async function begin(changes: Partial<PaymentWish> = {}): Promise<{ order: Order; serialNo: string; url: string }> {
  const { app, accountId } = own.world;
  const started = await startPayment(app.payments, app.orders, wang, {
    ...{
      merchantId: merchant,
      orderNo: `A${(orders += 1)}`,
      amount: { minor: 10_000n, currency: CNY },
      subject: '测试商品',
    },
    ...{ accountId, product: 'page', ...changes },
  });
  if (!started.ok) throw new Error(JSON.stringify(started.refusal));
  const { order, attempt } = started.value;
  const handOut = await handOutOf(app.payments, attempt);
  const url = handOut?.kind === 'url' ? handOut.url : '';
  if (url !== '') await fetch(url, { redirect: 'manual' });
  return { order, serialNo: attempt.serialNo, url };
}

async function seen({ orderNo }: Pick<Order, 'orderNo'>): Promise<Order> {
  const order = await findOrder(own.world.app, { merchantId: merchant, orderNo });
  if (!order) throw new Error(`no order ${orderNo}`);
  return order;
}

const pay = (serialNo: string, more: object = {}) =>
  own.world.post<{ refused: string | null }>('/control/openapi/pay', { out_trade_no: serialNo, ...more });

test('a page payment that is notified is booked once and told once', async () => {
  const { order, serialNo } = await begin();
  expect((await pay(serialNo)).refused).toBe(null);
  await own.world.pass(10 * s);
  const paid = await seen(order);
  expect(orderStateOf(paid)).toBe('paid');
  expect(paid.attempts.map(({ state }) => state)).toEqual(['succeeded']);
});
