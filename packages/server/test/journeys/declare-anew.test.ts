// Goal: what cannot be asked about is declared under a new number only after two people chose the customs order number and two agreed
// to the act; nothing is sent twice; what the channel refuses because an earlier declaration stands stays in doubt.
// Method: server and simulators on one clock; at the end our numbers are compared with the simulator's own books.
import { expect, test } from 'vitest';
import {
  askAllFirst,
  decideNumberRule,
  decidePlan,
  importPayments,
  listNumberRules,
  pausePlan,
  proposeDeclareAnew,
  proposeNumberRule,
  proposeRepush,
  resumePlan,
  runPlan,
  showPlan,
} from '../../src/customs/index.ts';
import type { AnewChoice } from '../../src/customs/index.ts';
import { hours, isSerialNo, minutes, plus } from '../../src/kernel/index.ts';
import type { Result } from '../../src/kernel/index.ts';
import { at, merchant, partner, useWorld, wang, zhao } from '../kit/world.ts';

const start = '2015-10-28 16:20:00';
const own = useWorld(start);
const paidAt = at('2015-10-27 20:00:00');

type Order = { readonly orderNo: string; readonly tradeNo: string };
type BooksRow = {
  out_request_no: string;
  attempts: unknown[];
  order_no?: string;
  record?: { trade_no: string };
};

const ordersOf = (from: number, count: number): Order[] =>
  Array.from({ length: count }, (_, index) => ({
    orderNo: `20151027200000${String(from + index).padStart(6, '0')}`,
    tradeNo: `20151027000010006300011${String(from + index).padStart(5, '0')}`,
  }));

const codeOf = (result: Result<unknown>): string => (result.ok ? 'done' : result.refusal.code);

async function seed(orders: readonly Order[], { paid = true } = {}): Promise<void> {
  const { app, post, accountId } = own.world;
  const payer = { name: '测试', id_no: '999999190001010015' };
  const trades = orders.map(({ orderNo, tradeNo }) => ({
    ...{ partner, trade_no: tradeNo, out_trade_no: orderNo, amount: '420.00', paid_at: paidAt, payer },
  }));
  if (paid) await post('alipay', '/control/trades', trades);
  const head = 'order_no,place,customs_code,customs_name,declared_amount,is_split,trade_no,paid_at\n';
  const rows = orders.map(
    ({ orderNo, tradeNo }) => `${orderNo},ZONGSHU,3301TEST01,测试公司,420.00,F,${tradeNo},2015-10-27 20:00:00`,
  );
  const file = { merchantId: merchant, accountId, fileName: 'payments.csv', defaults: {} };
  const imported = await importPayments(app.customs, wang, { ...file, bytes: Buffer.from(head + rows.join('\n')) });
  expect(imported).toMatchObject({ ok: true, value: { rowsFound: orders.length, refusals: [] } });
}

const numbersOf = (orders: readonly Order[]): AnewChoice => ({
  merchantId: merchant,
  numbers: orders.map((order) => order.orderNo),
});

const propose = (orders: readonly Order[], actor = wang) =>
  proposeDeclareAnew(own.world.app.customs, actor, numbersOf(orders), 'the old number is lost');

async function chooseRule(rule: 'serial' | 'child'): Promise<void> {
  const { app, accountId } = own.world;
  const asked = await proposeNumberRule(app.customs, wang, { accountId, place: 'zongshu', rule }, 'test');
  if (!asked.ok) throw new Error(asked.refusal.code);
  const chosen = await decideNumberRule(app.customs, zhao, asked.value.approvalId, 'approve', '');
  if (!chosen.ok) throw new Error(chosen.refusal.code);
}

async function agreeAndRun(planId: string): Promise<void> {
  const { app } = own.world;
  expect(codeOf(await decidePlan(app.customs, zhao, planId, 'approve', ''))).toBe('done');
  expect(codeOf(await runPlan(app.customs, wang, planId))).toBe('done');
}

const planOf = async (orders: readonly Order[]): Promise<string> => {
  const proposed = await propose(orders);
  if (!proposed.ok) throw new Error(proposed.refusal.code);
  return proposed.value.plan.id;
};

const untilDone = (planId: string) =>
  own.world.stepper.runUntil(plus(own.world.clock.now(), hours(2)), async () => {
    const shown = await showPlan(own.world.app.db, planId);
    return shown.ok && shown.value.open === 0;
  });

async function books(orders: readonly Order[]): Promise<BooksRow[]> {
  const kept = await declarationsOf(orders);
  const { declarations } = (await own.world.post('alipay', '/control/books/declarations', {
    request_nos: kept.map((one) => one.request_no ?? ''),
  })) as { declarations: BooksRow[] };
  return declarations.sort((a, b) => ((a.order_no ?? '') < (b.order_no ?? '') ? -1 : 1));
}

const declarationsOf = (orders: readonly Order[]) =>
  own.world.app.db.query<{
    order_no: string;
    request_no: string | null;
    customs_order_no: string;
    number_rule: string;
    state: string;
    bucket: number;
  }>(
    `select order_no, request_no, customs_order_no, number_rule, state, bucket from customs_declarations
     where order_no = any($1::text[]) order by order_no`,
    [orders.map((order) => order.orderNo)],
  );

test('without a chosen customs order number nothing can be declared anew, and one person cannot choose it', async () => {
  const { app, accountId } = own.world;
  const orders = ordersOf(1, 2);
  await seed(orders);
  expect(await propose(orders)).toMatchObject({
    refusal: { code: 'customs.number_rule_missing', params: { account: accountId, place: 'ZONGSHU' } },
  });
  const choice = { accountId, place: 'zongshu', rule: 'serial' } as const;
  expect(codeOf(await proposeNumberRule(app.customs, zhao, choice, ''))).toBe('auth.role_missing');
  const asked = await proposeNumberRule(app.customs, wang, choice, '');
  if (!asked.ok) throw new Error(asked.refusal.code);
  const both = { ...wang, roles: ['maker', 'checker'] as const };
  const { approvalId } = asked.value;
  expect(codeOf(await decideNumberRule(app.customs, both, approvalId, 'approve', ''))).toBe(
    'approval.maker_is_checker',
  );
  expect(await listNumberRules(app.customs, accountId)).toEqual([]);
  expect(await decideNumberRule(app.customs, zhao, approvalId, 'approve', '')).toMatchObject({
    value: { place: 'ZONGSHU', rule: 'serial' },
  });
  expect(await listNumberRules(app.customs, accountId)).toMatchObject([{ place: 'ZONGSHU', rule: 'serial' }]);
  expect(codeOf(await decideNumberRule(app.customs, zhao, approvalId, 'approve', ''))).toBe('approval.already_decided');
  expect(codeOf(await proposeNumberRule(app.customs, wang, choice, ''))).toBe('customs.number_rule_unchanged');
});

test('declared anew after its own approval, sent once though run twice, and the books agree', async () => {
  const { app } = own.world;
  const orders = ordersOf(10, 3);
  await seed(orders);
  const proposed = await propose(orders);
  expect(proposed).toMatchObject({ value: { plan: { kind: 'declare_anew', size: 3 }, warning: 'possible_duplicate' } });
  if (!proposed.ok) return;
  const { id } = proposed.value.plan;
  expect((await declarationsOf(orders)).map((one) => one.request_no)).toEqual([null, null, null]);
  expect(codeOf(await runPlan(app.customs, wang, id))).toBe('customs.plan_not_approved');
  const both = { ...wang, roles: ['maker', 'checker'] as const };
  expect(codeOf(await decidePlan(app.customs, both, id, 'approve', ''))).toBe('approval.maker_is_checker');
  const onlyRepush = { ...zhao, scopes: ['customs.repush.approve', 'customs.repush.run'] };
  expect(codeOf(await decidePlan(app.customs, onlyRepush, id, 'approve', ''))).toBe('auth.scope_missing');
  const looks = () => app.db.query(`select from jobs where kind = 'incident.look' and wanted > done`);
  expect(await looks()).toHaveLength(0);
  await agreeAndRun(id);
  // Whoever pushes much is looked at while it lasts, however old the orders are (rule D5).
  expect(await looks()).toHaveLength(1);
  expect(codeOf(await runPlan(app.customs, wang, id))).toBe('done');
  await untilDone(id);
  expect(codeOf(await runPlan(app.customs, wang, id))).toBe('done');
  expect(await showPlan(app.db, id)).toMatchObject({ value: { effective: 3, ineffective: 0, counts: { pushes: 3 } } });

  const kept = await declarationsOf(orders);
  for (const one of kept) {
    expect(isSerialNo(one.request_no ?? '')).toBe(true);
    expect(Number(one.request_no?.slice(8, 11))).toBe(one.bucket);
    expect(one).toMatchObject({ number_rule: 'serial', customs_order_no: one.order_no, state: 'at_eport' });
  }
  const theirs = await books(orders);
  expect(theirs.map((row) => [row.order_no, row.attempts.length])).toEqual(
    kept.map((one) => [one.customs_order_no, 1]),
  );
  expect(await propose(orders)).toMatchObject({
    refusal: { code: 'customs.nothing_to_declare_anew', params: { why: 'has_request_no: 3' } },
  });
});

test('a plan runs with what was agreed to, or not at all: the rule changed, the number was found', async () => {
  const { app } = own.world;
  const orders = ordersOf(20, 2);
  await seed(orders);
  const stale = await planOf(orders);
  await app.db.query(`update customs_declarations set request_no = 'FOUND-0001' where order_no = $1`, [
    orders[0]?.orderNo,
  ]);
  own.world.clock.moveTo(plus(own.world.clock.now(), minutes(1)));
  await chooseRule('child');
  await agreeAndRun(stale);
  expect(await showPlan(app.db, stale)).toMatchObject({
    value: { counts: { bySkip: { number_rule_changed: 2 }, pushes: 0 }, plan: { state: 'finished' } },
  });
  expect((await declarationsOf(orders)).map((one) => one.request_no)).toEqual(['FOUND-0001', null]);
});

test('the rule child declares as split, so customs knows the order by the number of the shop', async () => {
  const orders = ordersOf(30, 1);
  await seed(orders);
  const id = await planOf(orders);
  await agreeAndRun(id);
  await untilDone(id);
  const [kept] = await declarationsOf(orders);
  const [theirs] = await books(orders);
  expect(kept).toMatchObject({ number_rule: 'child', customs_order_no: orders[0]?.orderNo });
  expect(theirs).toMatchObject({ order_no: orders[0]?.orderNo, record: { sub_out_biz_no: orders[0]?.orderNo } });
  expect(theirs?.record?.trade_no).not.toBe(orders[0]?.tradeNo);
  await seed(orders);
  expect(await declarationsOf(orders)).toHaveLength(1);
});

test('where an earlier declaration stands it is asked about and stays in doubt: not failed, not pushed again', async () => {
  const { app, post, clock, stepper } = own.world;
  const orders = ordersOf(40, 1);
  await seed(orders);
  const seeded = { partner, place: 'ZONGSHU', customs_code: '3301TEST01', customs_name: '测试公司', amount: '420.00' };
  const [order] = orders;
  await post('alipay', '/control/declarations', [
    { ...seeded, out_request_no: 'LOST-NUMBER-1', trade_no: order?.tradeNo, accepted_at_ms: paidAt + 60_000 },
  ]);
  const id = await planOf(orders);
  await agreeAndRun(id);
  await untilDone(id);
  await stepper.runUntil(plus(clock.now(), hours(2)));
  const [kept] = await declarationsOf(orders);
  expect(kept?.state).toBe('in_doubt');
  const [theirs] = await books(orders);
  expect(theirs?.attempts).toHaveLength(1);
  const facts = await app.db.query<{ kind: string; n: bigint }>(
    `select f.kind, sum(f.seen_count) as n from customs_facts f
     join customs_declarations d on d.bucket = f.bucket and d.id = f.declaration_id
     where d.order_no = $1 group by f.kind order by min(f.heard_at), min(f.id::text)`,
    [order?.orderNo],
  );
  // Under a number that did not exist there was nothing to ask about before the push.
  const kinds = facts.map((fact) => fact.kind);
  expect(kinds).toEqual(['push_started', 'push_in_doubt', 'channel_not_found']);
  expect(await showPlan(app.db, id)).toMatchObject({ value: { ineffective: 1, counts: { pushes: 1 } } });
});

test('a pause takes back what was due and drops nobody: under the numbers drawn before, each is declared once', async () => {
  const { app } = own.world;
  const orders = ordersOf(50, 3);
  await seed(orders);
  const id = await planOf(orders);
  await agreeAndRun(id);
  const drawn = (await declarationsOf(orders)).map((one) => one.request_no);
  expect(drawn.every((number) => isSerialNo(number ?? ''))).toBe(true);
  expect(codeOf(await pausePlan(app.customs, wang, id, 'look first'))).toBe('done');
  expect(await showPlan(app.db, id)).toMatchObject({ value: { counts: { byState: { planned: 3 } } } });
  expect(codeOf(await resumePlan(app.customs, wang, id, 'go on'))).toBe('done');
  expect(codeOf(await runPlan(app.customs, wang, id))).toBe('done');
  await untilDone(id);
  expect(await showPlan(app.db, id)).toMatchObject({ value: { effective: 3, counts: { pushes: 3, bySkip: {} } } });
  expect((await declarationsOf(orders)).map((one) => one.request_no)).toEqual(drawn);
  expect((await books(orders)).map((row) => row.attempts.length)).toEqual([1, 1, 1]);
});

test('after a restore no plan that declares anew goes on: the lost life may have declared under numbers that nobody knows', async () => {
  const { app, clock } = own.world;
  const orders = ordersOf(60, 3);
  await seed(orders);
  const [running, paused, asked] = [
    await planOf(orders.slice(0, 1)),
    await planOf(orders.slice(1, 2)),
    await planOf(orders.slice(2)),
  ];
  await agreeAndRun(running);
  await agreeAndRun(paused);
  expect(codeOf(await pausePlan(app.customs, wang, paused, 'look first'))).toBe('done');
  const first = await app.db.transaction((tx) => askAllFirst(tx, clock.now(), 'restored'));
  expect(first).toMatchObject({ pausedPlans: [], stoppedPlans: expect.arrayContaining([running, paused, asked]) });
  for (const id of [running, paused, asked])
    expect(await showPlan(app.db, id)).toMatchObject({
      value: { plan: { state: 'stopped', stoppedBy: 'restored' }, open: 0, counts: { pushes: 0 } },
    });
  expect(codeOf(await resumePlan(app.customs, wang, paused, 'go on'))).toBe('customs.plan_not_running');
  // What drew its number is asked about, and may be pushed by a plan of re-pushes.
  const numbered = (await declarationsOf(orders)).filter((one) => one.request_no !== null);
  expect(numbered).toHaveLength(2);
  const [asks] = await app.db.query<{ n: number }>(
    `select count(*)::int4 as n from jobs j join customs_declarations d on d.bucket = j.bucket and d.id = j.subject::uuid
     where j.kind = 'customs.ask' and j.wanted > j.done and d.order_no = any($1::text[])`,
    [numbered.map((one) => one.order_no)],
  );
  expect(asks?.n).toBe(2);
});

test('what the channel refuses under its new number is a case: nothing else would bring it back', async () => {
  const { app } = own.world;
  const orders = ordersOf(70, 1);
  // A payment that the channel knows nothing of.
  await seed(orders, { paid: false });
  const id = await planOf(orders);
  await agreeAndRun(id);
  await untilDone(id);
  expect((await declarationsOf(orders)).map((one) => one.state)).toEqual(['refused_by_channel']);
  const cases = await app.db.query<{ kind: string; params: unknown }>(
    `select c.kind, c.params from cases c join customs_declarations d on d.id::text = c.subject
     where c.state = 'open' and d.order_no = any($1::text[])`,
    [orders.map((order) => order.orderNo)],
  );
  expect(cases).toMatchObject([
    { kind: 'customs.declaration_refused', params: { orderNo: orders[0]?.orderNo, code: expect.stringMatching(/./) } },
  ]);
});

test('the permission to re-push is none to declare anew', async () => {
  const narrow = { ...wang, scopes: ['customs.repush.propose', 'customs.repush.run'] };
  expect(codeOf(await propose(ordersOf(40, 1), narrow))).toBe('auth.scope_missing');
  expect(codeOf(await proposeRepush(own.world.app.customs, narrow, { reportId: 'R-1' }, { reason: '' }))).toBe(
    'customs.report_not_found',
  );
});
