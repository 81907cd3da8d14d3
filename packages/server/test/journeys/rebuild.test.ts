// Goal: what is kept of a declaration can always be made anew from its facts, and a difference is shown before it is written.
// Method: a kept summary is bent behind the product's back; one look, one write, one more look.
import { expect, test } from 'vitest';
import { rebuildMerchant } from '../../src/customs/index.ts';
import { listAudit } from '../../src/identity/index.ts';
import { merchant, useWorld, wang } from '../kit/world.ts';
import { adopt, good, ordersOf, seed } from './steps.ts';

const own = useWorld('2015-10-28 16:20:00');

test('a summary that differs from its facts is shown, then made anew, and the trail says who did it', async () => {
  const { app } = own.world;
  const orders = ordersOf(1, 3);
  await seed(own.world, orders);
  await adopt(own.world, orders);
  const run = async (write: boolean) => good(await rebuildMerchant(app.customs, wang, merchant, { write }));
  expect(await run(false)).toEqual({ looked: 3, differing: [], written: 0 });
  const [bent] = orders;
  await app.db.query(`update customs_declarations set summary = summary || '{"asked": 99}' where order_no = $1`, [
    bent?.orderNo,
  ]);

  expect(await run(false)).toMatchObject({ differing: [{ orderNo: bent?.orderNo, fields: ['asked'] }], written: 0 });
  expect(await run(true)).toMatchObject({ looked: 3, differing: [{ fields: ['asked'] }], written: 1 });
  expect(await run(false)).toEqual({ looked: 3, differing: [], written: 0 });
  const trail = await listAudit(app.db, { act: 'customs.rebuilt', limit: 5 });
  expect(trail.map((entry) => [entry.actor, entry.detail])).toEqual([
    ['wang', { looked: 3, differing: 1, written: 1 }],
  ]);
});

test('who may not judge may not rebuild', async () => {
  const refused = await rebuildMerchant(own.world.app.customs, { ...wang, roles: ['viewer'] }, merchant, {
    write: true,
  });
  expect(refused).toMatchObject({ ok: false, refusal: { code: 'auth.role_missing' } });
});
