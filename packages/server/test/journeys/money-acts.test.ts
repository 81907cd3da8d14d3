// Goal: what people decide about money is carried out once, is told with who and why, and is refused where it cannot be.
// Method: the simulated gateway with its own books, and a moved clock. Which test plays which rule: docs/money-in-races.md.
import { afterEach, expect, test } from 'vitest';
import { decideSurplus, proposeSurplus } from '../../src/payments/index.ts';
import type { Order } from '../../src/payments/index.ts';
import { codeOf, stepsOn } from '../kit/pay-steps.ts';
import { expectEqualBooks, usePayWorld } from '../kit/pay-world.ts';
import { wang, zhao } from '../kit/world.ts';

const own = usePayWorld('2015-10-05 09:00:00');
const { begin, seen, pay, agree, events, states } = stepsOn(() => own.world);
const pass = (ms: number) => own.world.pass(ms);
const s = 1000;
const m = 60 * s;
const h = 60 * m;

afterEach(() => expectEqualBooks(own.world));

/** Paid at two cashiers: the second receipt is a surplus. */
async function doubled(): Promise<Order> {
  const first = await begin();
  const second = await begin({ orderNo: first.order.orderNo, product: 'wap', keepOthers: true });
  await pay(first.serialNo);
  await pass(s);
  await pay(second.serialNo);
  await pass(5 * s);
  return seen(first.order);
}

const propose = (order: Order) =>
  proposeSurplus(own.world.app.payments, wang, order, order.surplus[0]?.id ?? '', 'person_refund', 'he called');

async function sendBack(order: Order): Promise<string> {
  const proposed = await propose(order);
  if (!proposed.ok) return proposed.refusal.code;
  const { app } = own.world;
  return codeOf(
    await decideSurplus(app.payments, app.orders, zhao, proposed.value.approvalId, 'approve', 'seen the statement'),
  );
}

const auditOf = (subject: string) =>
  own.world.app.db.query('select act, actor, reason from audit_entries where subject = $1 order by at, id', [subject]);

test('a surplus that its policy would give back later goes back at once when two people say so, and once', async () => {
  const order = await doubled();
  expect(order.surplus).toMatchObject([{ state: 'held' }]);
  expect(await sendBack(order)).toBe('done');
  expect(await sendBack(await seen(order))).toBe('surplus.resolved');
  await pass(10 * m); // the policy's own time comes and finds nothing to do
  expect(await states(order)).toMatchObject({ order: 'paid', surplus: ['returned'], refunds: ['refunded'] });
  const [surplus] = (await seen(order)).surplus;
  expect(surplus).toMatchObject({ decidedBy: 'zhao', reason: 'seen the statement' });
  expect(await auditOf(surplus?.id ?? '')).toEqual([
    { act: 'approval.asked', actor: 'wang', reason: '' },
    { act: 'approval.approved', actor: 'zhao', reason: 'seen the statement' },
    { act: 'approval.used', actor: 'zhao', reason: '' },
  ]);
  expect((await events(order)).filter((type) => type === 'surplus.refunding')).toHaveLength(1);
});

test('a surplus that no policy gives back is sent back by two people, and past the window nobody is asked', async () => {
  await agree('*', 'surplus', { policy: 'keep', delay_seconds: 0 });
  await agree('wap', 'refund_window', { days: 1 });
  const [order, late] = [await doubled(), await doubled()];
  await pass(h);
  expect((await states(order)).surplus).toEqual(['held']);
  const asked = await propose(late);
  expect(await sendBack(order)).toBe('done');
  await pass(24 * h);
  expect((await states(order)).surplus).toEqual(['returned']);
  expect(codeOf(await propose(late))).toBe('contract.refund_window_over');
  // Agreed to too late: refused as well, and it is still held.
  const { app } = own.world;
  if (!asked.ok) throw new Error(asked.refusal.code);
  const decided = await decideSurplus(app.payments, app.orders, zhao, asked.value.approvalId, 'approve', 'late');
  expect(codeOf(decided)).toBe('approval.lapsed');
  expect(await states(late)).toMatchObject({ surplus: ['held'], refunds: [] });
});
