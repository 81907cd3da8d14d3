// Goal: a channel that stops answering closes its lane, somebody is told, and nothing is lost when it answers again.
// Method: the simulator breaks the connections of six queries; the case is looked for while the lane is closed and after.
import { expect, test } from 'vitest';
import { listCases } from '../../src/cases/index.ts';
import { hours, plus } from '../../src/kernel/index.ts';
import { useWorld } from '../kit/world.ts';
import { adopt, fault, list, ordersOf, seed, triage } from './steps.ts';

const own = useWorld('2015-10-28 16:20:00');

test('a lane that hears nothing five times becomes a case, and the first answer ends both', async () => {
  const { world } = own;
  const orders = ordersOf(1, 3);
  await seed(world, orders);
  await adopt(world, orders);
  const { id } = await list(world, orders);
  const connections = { times: 6, params: { book: false } };
  await fault(world, 'drop_connection_after_booking', orders, { operation: 'query' }, connections);
  const all = await listCases(world.app.db, { merchants: 'all', limit: 10 });
  expect(all).toEqual([]);

  expect(Object.values(await triage(world, id))).toEqual(['19', '19', '19']); // nobody knows yet
  await world.stepper.runUntil(plus(world.clock.now(), hours(2)));

  expect(Object.values(await triage(world, id))).toEqual(['14', '14', '14']);
  const cases = await listCases(world.app.db, { merchants: 'all', limit: 10 });
  // That the port's list speaks of an incident is another journey.
  const ofLanes = cases.filter(({ kind }) => kind !== 'customs.incident');
  expect(ofLanes.map(({ kind, subject, state }) => [kind, subject, state])).toEqual([
    ['lane.closed', `${world.accountId}/customs.query`, 'closed'],
  ]);
  const [lane] = await world.app.db.query('select failures, closed_until from lanes where operation = $1', [
    'customs.query',
  ]);
  expect(lane).toEqual({ failures: 0, closed_until: null });
});
