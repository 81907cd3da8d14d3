// Goal: a large re-push learns while it runs: each hour goes on only if its canary shows more than what was held back, and a person can
// hold it at any time.
// Method: orders of an hour in which a re-push works and of one in which it does not, at a moved clock; the simulator's books say what was sent.
import { expect, test } from 'vitest';
import {
  decidePlan,
  pausePlan,
  proposeRepush,
  resumePlan,
  runPlan,
  showPlan,
  stopPlan,
} from '../../src/customs/index.ts';
import type { ShownCell, ShownPlan } from '../../src/customs/index.ts';
import { hours, minutes, plus, shanghaiText } from '../../src/kernel/index.ts';
import { useWorld, wang, zhao } from '../kit/world.ts';
import { adopt, booksOf, fault, good, list, ordersOf, seed, triage } from './steps.ts';
import type { Order } from './steps.ts';

const own = useWorld('2015-10-28 16:20:00');
let next = 1;

/** Orders whose numbers name an hour of the 27th, as this merchant's do. */
function ordersAt(hour: number, count: number): Order[] {
  const made = ordersOf((next += count) - count, count);
  return made.map((order, index) => ({
    ...order,
    orderNo: `20151027${String(hour).padStart(2, '0')}${String(index % 60).padStart(2, '0')}3111${order.orderNo.slice(-9).padStart(9, '0')}`,
  }));
}

async function planOf(orders: readonly Order[], groups = { canary: 6, control: 6 }): Promise<string> {
  await seed(own.world, orders);
  await adopt(own.world, orders);
  const { id } = await list(own.world, orders);
  await triage(own.world, id);
  const { customs } = own.world.app;
  const { plan } = good(
    await proposeRepush(customs, wang, { reportId: id }, { reason: 'test', groups, dimension: 'hour' }),
  );
  good(await decidePlan(customs, zhao, plan.id, 'approve', ''));
  return plan.id;
}

async function passed(planId: string, ms: number): Promise<ShownPlan> {
  await own.world.stepper.runUntil(plus(own.world.clock.now(), ms));
  return good(await showPlan(own.world.app.db, planId));
}

const told = ({ cell, state, pushed, pushedWith, held, heldWith, sent }: ShownCell): unknown[] => [
  ...[cell, state, `${pushedWith}/${pushed}`, `${heldWith}/${held}`, sent],
];

test('the hour in which a push works ramps at once, the other waits for its window and stops; its held-back ones are never sent', async () => {
  const [good11, dead19] = [ordersAt(11, 20), ordersAt(19, 20)];
  await fault(own.world, 'no_effect_repush', dead19, { is_repush: true });
  const planId = await planOf([...good11, ...dead19]);
  const since = own.world.clock.now();
  good(await runPlan(own.world.app.customs, wang, planId));
  const early = await passed(planId, minutes(6));
  expect(early.cells.map(told)).toEqual([
    ['2015-10-27 11', 'done', '6/6', '0/6', 20],
    ['2015-10-27 19', 'canary', '0/6', '0/6', 6],
  ]);
  const end = await passed(planId, hours(1));
  expect(end.plan).toMatchObject({ state: 'finished', stoppedBy: '' });
  expect(end.cells.map(told)).toEqual([
    ['2015-10-27 11', 'done', '6/6', '0/6', 20],
    ['2015-10-27 19', 'stopped', '0/6', '0/6', 6],
  ]);
  expect(end.counts.bySkip).toEqual({ no_effect: 14 });
  expect(await booksOf(own.world, good11, since)).toMatchObject({ attempts: 20, executed: 20 });
  expect(await booksOf(own.world, dead19, since)).toMatchObject({ attempts: 6, executed: 0 });
});

test('what clears by itself shows no effect of pushing: receipts come for those held back as well', async () => {
  const orders = ordersAt(12, 24);
  const planId = await planOf(orders);
  good(await runPlan(own.world.app.customs, wang, planId));
  // The port finds all of them at once, two minutes later, pushed or not.
  await own.world.stepper.runUntil(plus(own.world.clock.now(), 1000));
  const { db } = own.world.app;
  const held = await db.query(`select from plan_items where plan_id = $1 and state = 'held'`, [planId]);
  expect(held).toHaveLength(6);
  await list(own.world, orders, orders);
  const end = await passed(planId, hours(1));
  expect(end.cells[0]).toMatchObject({ heldWith: 6, state: 'stopped', stoppedBy: 'no_effect' });
});

test('paused, nothing more leaves; resumed, it goes on; every order is sent once', async () => {
  const orders = ordersAt(13, 120);
  await own.world.app.db.query(`update lanes set calls_per_second = 0.5 where operation = 'customs.declare'`);
  const planId = await planOf(orders);
  const { customs } = own.world.app;
  const since = own.world.clock.now();
  good(await runPlan(customs, wang, planId));
  await passed(planId, minutes(3));
  const paused = good(await pausePlan(customs, wang, planId, 'the channel rang'));
  expect(paused).toMatchObject({ state: 'paused', pausedWhy: 'the channel rang' });
  expect(await runPlan(customs, wang, planId)).toMatchObject({ refusal: { code: 'customs.plan_paused' } });
  await passed(planId, minutes(1));
  const sentBefore = (await booksOf(own.world, orders, since)).attempts;
  expect(sentBefore).toBeGreaterThan(6);
  await passed(planId, minutes(30));
  expect((await booksOf(own.world, orders, since)).attempts).toBe(sentBefore);
  good(await resumePlan(customs, wang, planId, 'the channel is well again'));
  const end = await passed(planId, hours(1));
  expect(end).toMatchObject({ plan: { state: 'finished' }, effective: 120 });
  expect(await booksOf(own.world, orders, since)).toMatchObject({ attempts: 120, executed: 120 });
});

test('stopped by a person, what was not sent never is, and what was sent is judged', async () => {
  const orders = ordersAt(14, 60);
  const planId = await planOf(orders, { canary: 4, control: 4 });
  const { customs } = own.world.app;
  const since = own.world.clock.now();
  good(await runPlan(customs, wang, planId));
  await passed(planId, 7000);
  good(await stopPlan(customs, wang, planId, 'wrong list'));
  const end = await passed(planId, hours(2));
  expect(end.plan).toMatchObject({ state: 'stopped', stoppedBy: 'person' });
  const { attempts } = await booksOf(own.world, orders, since);
  expect(end).toMatchObject({ open: 0, counts: { pushes: attempts, bySkip: { plan_stopped: 60 - attempts } } });
});

test('a plan that was approved and never run can be ended: nothing is sent, and its members may be in the next one', async () => {
  const orders = ordersAt(16, 20);
  const planId = await planOf(orders);
  const { customs } = own.world.app;
  const since = own.world.clock.now();
  good(await stopPlan(customs, wang, planId, 'nobody decided in time'));
  expect(await runPlan(customs, wang, planId)).not.toMatchObject({ value: { state: 'running' } });
  expect(await decidePlan(customs, zhao, planId, 'approve', '')).toMatchObject({ ok: false });
  const end = await passed(planId, hours(1));
  expect(end).toMatchObject({ plan: { state: 'stopped' }, open: 0, counts: { bySkip: { plan_stopped: 20 } } });
  expect((await booksOf(own.world, orders, since)).attempts).toBe(0);
  const { id } = await list(own.world, orders);
  await triage(own.world, id);
  const next = good(await proposeRepush(customs, wang, { reportId: id }, { reason: 'again' }));
  expect(next.plan.size).toBe(20);
  // Not decided yet: ended all the same, and then nobody can approve it any more.
  good(await stopPlan(customs, wang, next.plan.id, 'wrong list'));
  expect(await decidePlan(customs, zhao, next.plan.id, 'approve', '')).toMatchObject({
    refusal: { code: 'customs.plan_not_running' },
  });
});

test('a refusal code that the group never gave stops all cells', async () => {
  const orders = ordersAt(15, 40);
  await own.world.app.db.query(`update lanes set calls_per_second = 20 where operation = 'customs.declare'`);
  await fault(
    own.world,
    'business_error',
    orders,
    { is_repush: true },
    { params: { code: 'PAYER_CERT_INFO_ILLEGAL' } },
  );
  const planId = await planOf(orders);
  good(await runPlan(own.world.app.customs, wang, planId));
  const end = await passed(planId, hours(1));
  expect(end.plan.state).toBe('stopped');
  expect(end.plan.stoppedBy).toBe('new_refusal:PAYER_CERT_INFO_ILLEGAL');
  expect(end.counts.pushes).toBe(6);
});

test('a filter takes what the decision table would push among all that are not released', async () => {
  const orders = ordersAt(16, 30);
  await seed(own.world, orders);
  await adopt(own.world, orders);
  const { id } = await list(own.world, orders.slice(0, 26));
  await triage(own.world, id);
  await list(own.world, orders.slice(0, 2), orders.slice(0, 2));
  const filter = {
    accountId: own.world.accountId,
    place: 'ZONGSHU',
    from: plus(own.world.clock.now(), -hours(48)),
    to: own.world.clock.now(),
  };
  const { customs } = own.world.app;
  const wish = { merchantId: 'demo', filter };
  const proposed = good(await proposeRepush(customs, wang, wish, { reason: shanghaiText(filter.to) }));
  const { leftOut, plan } = proposed;
  expect(plan.size).toBeGreaterThanOrEqual(24);
  expect(leftOut['not_judged']).toBeGreaterThanOrEqual(4);
  expect(plan).toMatchObject({ filter: { place: 'ZONGSHU' }, reportId: undefined });
});
