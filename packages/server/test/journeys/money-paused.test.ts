// Goal: a worker that stands still between the row and the socket, and wakes when another has taken its work over, doubles nothing.
// Method: two processes on one database. The first stops when its call is written down; its lease runs out, the second takes over and
// asks; then the first wakes: after the moment to send by its own monotonic clock (it must not send), or, the worst case, with that clock
// frozen like the rest of its machine (it sends, and the books must be equal all the same).
import { afterEach, expect, test } from 'vitest';
import { plus, Secret } from '../../src/kernel/index.ts';
import { paidOnce, stepsOn } from '../kit/pay-steps.ts';
import { pauseBeforeSend } from '../kit/paused-worker.ts';
import { expectEqualBooks, usePayWorld } from '../kit/pay-world.ts';

const own = usePayWorld('2015-10-28 16:20:00');
const { begin, paid, cancel, seen, pay, open, refund, events, cases, states, calls } = stepsOn(() => own.world);
const s = 1000;
const m = 60 * s;
/** Longer than a lease, and than what is written down may take to leave. */
const slept = 2 * m;

afterEach(() => expectEqualBooks(own.world));

/** The first process stops before its call; the second one works for two minutes; the first wakes. */
async function pauseAndTakeOver(machine: 'goes on' | 'is frozen', meanwhile: () => Promise<void>): Promise<void> {
  const paused = await pauseBeforeSend(own.world);
  await paused.stands;
  await own.world.pass(slept);
  await meanwhile();
  const sent = (await paused.wake(machine === 'goes on' ? slept : 0)).map(({ kind }) => kind);
  expect(sent).toEqual([machine === 'goes on' ? 'unsent' : 'answered']);
}

const machines = ['goes on', 'is frozen'] as const;
const nothing = (): Promise<void> => Promise.resolve();

test.each(machines)(
  'worker paused before the order of a code, its clock %s: the second asks and orders nothing, and one payment is booked',
  async (machine) => {
    const { order, attempt, serialNo } = await begin({ product: 'precreate' });
    await pauseAndTakeOver(machine, async () => {
      expect(await calls(attempt.id, 'pay.submit')).toHaveLength(1);
      expect((await states(order)).attempts).toEqual(['in_doubt']);
    });
    if (machine === 'is frozen') {
      await pay(serialNo);
      await own.world.pass(2 * m);
      return expect(await states(order)).toEqual(paidOnce);
    }
    // The code was never made. Another cashier is offered, and this number is proven unpaid.
    const other = await begin({ orderNo: order.orderNo });
    await pay(other.serialNo);
    await own.world.pass(3 * 60 * m);
    expect(await states(order)).toMatchObject({ order: 'paid', attempts: ['closed', 'succeeded'], surplus: [] });
  },
);

test.each(machines)(
  "worker paused before a payer's code is charged, its clock %s: it is charged once at most, and what is charged is booked",
  async (machine) => {
    const code = `28000000000000001${machines.indexOf(machine)}`;
    await own.world.post('/control/openapi/codes', [{ auth_code: code, does: 'pay' }]);
    const { order, attempt } = await begin({ product: 'barcode', payerCode: new Secret(code) });
    await pauseAndTakeOver(machine, async () => {
      expect(await calls(attempt.id, 'pay.submit')).toHaveLength(1);
      expect((await states(order)).attempts).toEqual(['closing']);
    });
    if (machine === 'is frozen') return expect(await states(order)).toEqual(paidOnce);
    await own.world.pass(60 * m);
    // No answer of the channel can prove that a code is not charged late: a person ends it.
    expect(await states(order)).toMatchObject({ order: 'unpaid', attempts: ['closing'] });
    expect(await cases(order)).toEqual(['payment.in_doubt_long']);
  },
);

test.each(machines)(
  'worker paused before a close, its clock %s: the second closes, and the late close changes nothing',
  async (machine) => {
    const { order, serialNo } = await begin();
    await open(serialNo);
    await own.world.pass(2 * m);
    await cancel(order);
    await pauseAndTakeOver(machine, async () => expect((await states(order)).attempts).toEqual(['closed']));
    await own.world.pass(10 * m);
    expect(await states(order)).toMatchObject({ order: 'cancelled', payments: ['closed'], attempts: ['closed'] });
    expect(await events(order)).toEqual(['payment.closed']);
    expect(await cases(order)).toEqual([]);
  },
);

test.each(machines)(
  'worker paused before a refund, its clock %s: the second sends the same number, and the channel gives back once',
  async (machine) => {
    const { order } = await paid();
    expect((await refund(order, 'R1', 4000n)).ok).toBe(true);
    await pauseAndTakeOver(machine, async () => expect((await states(order)).refunds).toEqual(['refunded']));
    await own.world.pass(10 * m);
    const refunds = (await seen(order)).refunds;
    expect(refunds.map(({ state }) => state)).toEqual(['refunded']);
    expect(await events(order)).toEqual(['payment.succeeded', 'refund.succeeded']);
    expect(await cases(order)).toEqual([]);
  },
);

test('worker paused before the return of a surplus, while the shop asks for the rest: each goes back once', async () => {
  const first = await begin();
  const second = await begin({ orderNo: first.order.orderNo, product: 'wap', keepOthers: true });
  await pay(first.serialNo);
  await pay(second.serialNo);
  await own.world.pass(30 * s);
  await own.world.pass(80 * s);
  const { clock } = own.world;
  clock.moveTo(plus(clock.now(), 20 * s)); // the policy's moment comes while only the first looks
  await pauseAndTakeOver('is frozen', nothing);
  expect((await refund(first.order, 'R1')).ok).toBe(true);
  await own.world.pass(10 * m);
  expect(await states(first.order)).toMatchObject({ surplus: ['returned'], refunds: ['refunded', 'refunded'] });
});
