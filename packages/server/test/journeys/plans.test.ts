// Goal: a plan does what a second person saw and agreed to, or less: never more, never twice, never for somebody else.
// Method: what people may do wrong with a plan, against a real database; the simulator's books say what was sent.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { addAccount } from '../../src/accounts/index.ts';
import { decidePlan, proposeRepush, runPlan, showPlan } from '../../src/customs/index.ts';
import { hours, minutes, plus, Secret } from '../../src/kernel/index.ts';
import { merchant, useWorld, wang, zhao } from '../kit/world.ts';
import { adopt, approvedPlan, booksOf, good, list, ordersOf, runToEnd, seed, statesOf, triage } from './steps.ts';
import type { Order } from './steps.ts';

const own = useWorld('2015-10-28 16:20:00');
let next = 1;
const take = (count: number, changes: Partial<Order> = {}): Order[] =>
  ordersOf((next += count) - count, count, changes);

async function judged(orders: readonly Order[]): Promise<string> {
  await seed(own.world, orders);
  await adopt(own.world, orders);
  const { id } = await list(own.world, orders);
  await triage(own.world, id);
  return id;
}

test('who proposed cannot approve, whatever roles they have; who may not propose or run is refused', async () => {
  const { customs } = own.world.app;
  const report = await judged(take(1));
  expect(await proposeRepush(customs, { ...zhao, roles: [] }, { reportId: report }, { reason: '' })).toMatchObject({
    ok: false,
  });
  expect(
    await proposeRepush(customs, { ...wang, merchants: ['other'] }, { reportId: report }, { reason: '' }),
  ).toMatchObject({ ok: false });
  const { plan } = good(await proposeRepush(customs, wang, { reportId: report }, { reason: 'test' }));
  for (const roles of [['maker'], ['checker'], ['maker', 'checker']] as const)
    expect(await decidePlan(customs, { ...wang, roles }, plan.id, 'approve', '')).toMatchObject({ ok: false });
  expect(await runPlan(customs, wang, plan.id)).toMatchObject({ refusal: { code: 'customs.plan_not_approved' } });
  good(await decidePlan(customs, zhao, plan.id, 'refuse', 'not today'));
  expect(await runPlan(customs, wang, plan.id)).toMatchObject({ refusal: { code: 'customs.plan_not_approved' } });
  expect(await decidePlan(customs, zhao, plan.id, 'approve', '')).toMatchObject({ ok: false });
});

const tampering = {
  'a member is taken out': 'delete from plan_items where plan_id = $1 and position = 1',
  'a member is exchanged':
    "update plan_items set declaration_id = '00000000-0000-7000-8000-000000000001' where plan_id = $1 and position = 1",
  'a member is put in':
    "insert into plan_items (bucket, plan_id, declaration_id, position, state) values (0, $1, '00000000-0000-7000-8000-000000000001', 99, 'planned')",
  'the order is changed': 'update plan_items set position = 4 - position where plan_id = $1',
};
for (const [what, sql] of Object.entries(tampering))
  test(`after the approval ${what}: the plan does not run, and nothing is sent`, async () => {
    const orders = take(3);
    const report = await judged(orders);
    const plan = await approvedPlan(own.world, report);
    const since = own.world.clock.now();
    await own.world.app.db.query(sql, [plan]);
    expect(await runPlan(own.world.app.customs, wang, plan)).toMatchObject({
      ok: false,
      refusal: { code: 'approval.digest_differs' },
    });
    await own.world.stepper.runUntil(plus(since, minutes(10)));
    expect(await booksOf(own.world, orders, since)).toMatchObject({ attempts: 0 });
  });

test('what was released between approval and run is left out, and the plan never grows', async () => {
  const orders = take(4);
  const report = await judged(orders);
  const plan = await approvedPlan(own.world, report);
  await list(own.world, orders.slice(0, 2), orders.slice(0, 2));
  const since = own.world.clock.now();
  const shown = await runToEnd(own.world, plan);
  expect(shown).toMatchObject({ plan: { size: 4 }, effective: 2, counts: { bySkip: { released: 2 }, pushes: 2 } });
  expect(await booksOf(own.world, orders.slice(0, 2), since)).toMatchObject({ attempts: 0 });
  expect(await statesOf(own.world, orders.slice(0, 2))).toEqual(['released', 'released']);
});

test('two plans may name one declaration; only the first that runs holds it', async () => {
  const orders = take(2);
  const report = await judged(orders);
  const [first, second] = [await approvedPlan(own.world, report), await approvedPlan(own.world, report)];
  const since = own.world.clock.now();
  good(await runPlan(own.world.app.customs, wang, first));
  expect(await runToEnd(own.world, second)).toMatchObject({ counts: { bySkip: { in_another_plan: 2 }, pushes: 0 } });
  await expect(approvedPlan(own.world, report)).rejects.toThrow('customs.plan_empty');
  expect(await runToEnd(own.world, first)).toMatchObject({ effective: 2, counts: { pushes: 2 } });
  expect(await booksOf(own.world, orders, since)).toMatchObject({ attempts: 2 });
});

test('a plan that is run again, at once or after its end, sends nothing twice', async () => {
  const orders = take(3);
  const plan = await approvedPlan(own.world, await judged(orders));
  const since = own.world.clock.now();
  const { customs, db } = own.world.app;
  const runs = await Promise.all([runPlan(customs, wang, plan), runPlan(customs, wang, plan)]);
  expect(runs.some((run) => run.ok)).toBe(true);
  await runToEnd(own.world, plan);
  good(await runPlan(customs, wang, plan));
  await own.world.stepper.runUntil(plus(own.world.clock.now(), hours(1)));
  expect(await booksOf(own.world, orders, since)).toMatchObject({ attempts: 3, executed: 3 });
  expect(good(await showPlan(db, plan))).toMatchObject({ plan: { state: 'finished' }, effective: 3 });
});

test('an approval that was not used in time lapses', async () => {
  const plan = await approvedPlan(own.world, await judged(take(1)));
  await own.world.stepper.runUntil(plus(own.world.clock.now(), hours(3)));
  expect(await runPlan(own.world.app.customs, wang, plan)).toMatchObject({
    ok: false,
    refusal: { code: 'approval.lapsed' },
  });
});

type Keys = { app_private_pkcs8: string; app_public: string; alipay_private_pkcs8: string; alipay_public: string } & {
  dsa_private_pkcs8: string;
  dsa_public: string;
};
const { keys } = JSON.parse(
  readFileSync(new URL('../../src/channels/alipay/fixtures/vectors.json', import.meta.url), 'utf8'),
) as { keys: Keys };
const md5Key = 'test0only0test0only0test0only0md';
const rsa = {
  at: { merchant_public_key_pem: keys.app_public, alipay_private_key_pem: keys.alipay_private_pkcs8 },
  ours: { merchant_private_key: keys.app_private_pkcs8, alipay_public_key: keys.alipay_public },
};
const dsa = {
  at: { dsa_public_key_pem: keys.dsa_public, alipay_dsa_private_key_pem: keys.dsa_private_pkcs8 },
  ours: { merchant_private_key: keys.dsa_private_pkcs8, alipay_public_key: keys.dsa_public },
};
const md5 = { at: { md5_key: md5Key }, ours: { md5_key: md5Key } };
const accounts = [
  { sign_type: 'MD5', input_charset: 'gbk', key: md5 },
  { sign_type: 'MD5', input_charset: 'gb2312', key: md5 },
  { sign_type: 'RSA', input_charset: 'gbk', key: rsa },
  { sign_type: 'RSA2', input_charset: 'utf-8', key: rsa },
  { sign_type: 'DSA', input_charset: 'utf-8', key: dsa },
] as const;
for (const [index, { sign_type, input_charset, key }] of accounts.entries())
  test(`an account with ${sign_type} and ${input_charset} is adopted, asked, pushed and proved like any other`, async () => {
    const { app, alipayUrl, post } = own.world;
    const partner = `208800000000010${index}`;
    await post('alipay', '/control/settings', { answer_charset: 'as_request' });
    await post('alipay', '/control/partners', [{ partner, ...key.at }]);
    const secrets = Object.fromEntries(Object.entries(key.ours).map(([name, text]) => [name, new Secret(text)]));
    const settings = { partner, gateway_url: `${alipayUrl}/gateway.do`, sign_type, input_charset };
    const given = { merchantId: merchant, channel: 'alipay', name: sign_type, settings, secrets };
    const { id: account } = good(await app.db.transaction((tx) => addAccount(tx, app.customs, given)));
    const orders = take(2);
    await seed(own.world, orders, { by: partner });
    expect(await adopt(own.world, orders, account)).toMatchObject({ adopted: 2 });
    const { id } = await list(own.world, orders);
    expect(Object.values(await triage(own.world, id))).toEqual(['14', '14']);
    const since = own.world.clock.now();
    const shown = await runToEnd(own.world, await approvedPlan(own.world, id));
    expect(shown).toMatchObject({ effective: 2, ineffective: 0 });
    expect(await booksOf(own.world, orders, since)).toMatchObject({ attempts: 2, executed: 2, reached: 2 });
  });
