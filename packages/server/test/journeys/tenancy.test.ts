// Goal: who belongs to another merchant sees and changes nothing of ours, by whatever number they know.
// Method: a second merchant with every role knocks at each door of customs with our numbers, and our figures stay ours.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { listApprovals } from '../../src/approvals/index.ts';
import { listCases } from '../../src/cases/index.ts';
import {
  decidePlan,
  findStories,
  importPayments,
  importPortList,
  importReceipts,
  judgeReport,
  listReportsOf,
  openExchange,
  proposeDeclareAnew,
  proposeNumberRule,
  proposeRepush,
  readVerdicts,
  runPlan,
  startTriage,
} from '../../src/customs/index.ts';
import { roles } from '../../src/identity/index.ts';
import type { Actor } from '../../src/identity/index.ts';
import { merchant, useWorld, wang, zhao } from '../kit/world.ts';
import { adopt, good, list, ordersOf, paymentsCsv, seed, triage } from './steps.ts';

const own = useWorld('2015-10-28 16:20:00');
const li: Actor = { userId: 'li', name: '李', roles, merchants: ['other'], door: 'api' };
const orders = ordersOf(1, 3);
let ours: { report: string; plan: string; approval: string; exchange: string; numbers: string[] };

beforeAll(async () => {
  const { app } = own.world;
  await app.db.query(
    "insert into merchants (id, name_zh, name_en, created_at) values ('other', '别家', 'Another', now())",
  );
  await seed(own.world, orders);
  await adopt(own.world, orders);
  const { id } = await list(own.world, orders);
  await triage(own.world, id);
  const { plan } = good(await proposeRepush(app.customs, wang, { reportId: id }, { reason: 'test' }));
  const [exchange] = await app.db.query<{ id: string }>('select id from exchanges limit 1');
  const [declaration] = await app.db.query<{ id: string }>('select id from customs_declarations limit 1');
  const numbers = orders.flatMap((order) => [order.orderNo, order.requestNo, order.tradeNo, order.waybillNo]);
  ours = {
    ...{ report: id, plan: plan.id, approval: plan.approvalId, exchange: exchange?.id ?? '' },
    numbers: [...numbers, declaration?.id ?? '', id, plan.id, plan.approvalId],
  };
});

test('none of our numbers tells another merchant anything, and lists show nothing of ours', async () => {
  const { app, clock } = own.world;
  const { asked } = good(await findStories(app.customs, li, ours.numbers));
  expect(asked.flatMap((one) => one.stories)).toEqual([]);
  const known = good(await findStories(app.customs, wang, ours.numbers));
  expect(known.asked.filter((one) => one.stories.length === 0)).toEqual([]);
  expect(good(await listReportsOf(app.customs, li, 10, undefined))).toEqual([]);
  expect(await listApprovals(app.db, { merchants: li.merchants, limit: 10 }, clock.now())).toEqual([]);
  expect(await listCases(app.db, { merchants: li.merchants, limit: 10 })).toEqual([]);
});

test('every door refuses another merchant, and nothing has changed', async () => {
  const { customs, db } = own.world.app;
  const count = async () =>
    db.query(
      `select (select count(*) from plans) as plans, (select count(*) from approvals) as approvals,
         (select count(*) from jobs where wanted > done) as jobs, (select count(*) from port_reports) as reports,
         (select count(*) from payments) as payments, (select state from plans) as state`,
    );
  const before = await count();
  const choice = { accountId: own.world.accountId, place: 'ZONGSHU', rule: 'child' } as const;
  const bytes = Buffer.from(paymentsCsv(ordersOf(50, 1)));
  const file = { merchantId: merchant, fileName: 'a.csv', bytes };
  const payments = { accountId: own.world.accountId, defaults: {} };
  const refused = await Promise.all([
    startTriage(customs, li, ours.report),
    readVerdicts(customs, li, ours.report, 10, undefined),
    proposeRepush(customs, li, { reportId: ours.report }, { reason: 'r' }),
    decidePlan(customs, li, ours.plan, 'approve', 'r'),
    decidePlan(customs, li, ours.plan, 'refuse', 'r'),
    runPlan(customs, li, ours.plan),
    openExchange(customs, li, ours.exchange, 'curious'),
    proposeDeclareAnew(customs, li, { reportId: ours.report }, 'r'),
    proposeDeclareAnew(customs, li, { merchantId: merchant, numbers: ours.numbers }, 'r'),
    proposeDeclareAnew(customs, li, { merchantId: 'other', numbers: ours.numbers }, 'r'),
    proposeNumberRule(customs, li, choice, 'r'),
    importPayments(customs, li, { ...file, ...payments }),
    importPayments(customs, li, { ...file, ...payments, merchantId: 'other' }),
    importPortList(customs, li, { ...file, meaning: 'missing' }),
  ]);
  expect(refused.filter((one) => one.ok)).toEqual([]);
  const [asked] = await db.query<{ digest: string }>('select digest from approvals where id = $1', [ours.approval]);
  const guessed = await decidePlan(customs, li, ours.plan, 'approve', 'r', '0'.repeat(64));
  expect(JSON.stringify([...refused, guessed])).not.toContain(asked?.digest);
  const seenElse = await decidePlan(customs, zhao, ours.plan, 'approve', 'r', '0'.repeat(64));
  expect(seenElse).toMatchObject({ refusal: { code: 'approval.digest_differs' } });
  expect(await count()).toEqual(before);
});

test("another merchant's list, receipts and figures touch nothing of ours", async () => {
  const { customs, db } = own.world.app;
  const facts = async () => db.query('select count(*) as n from customs_facts');
  const before = await facts();
  const rows = ['order_no,exit_status', ...orders.map((order) => `${order.orderNo},1`)].join('\n');
  const theirs = { merchantId: 'other', fileName: 'list.csv', bytes: Buffer.from(rows), meaning: 'missing' } as const;
  expect(await importPortList(customs, li, theirs)).toMatchObject({ ok: true, value: { unknown: 3 } });
  const sample = readFileSync(join(import.meta.dirname, '../fixtures/ceb/sample-ceb412.xml'), 'utf8');
  const receipts = sample.replaceAll(/<payTransactionId>[^<]*/g, `<payTransactionId>${orders[0]?.tradeNo}`);
  expect(good(await importReceipts(customs, li, 'other', ours.plan, Buffer.from(receipts)))).toMatchObject({ tied: 0 });
  expect(await facts()).toEqual(before);
  const [story] = good(await findStories(customs, wang, [ours.plan])).asked;
  expect(JSON.stringify(story)).not.toContain('li (api)');
});

test('what other channels of other merchants see at a place is no ground for our verdicts', async () => {
  const { customs, db } = own.world.app;
  const theirs = `'{"merchant_id": "other", "channel": "another", "child_order_no": "x", "request_no": null}'::jsonb`;
  const [{ columns } = { columns: '' }] = await db.query<{ columns: string }>(
    `select string_agg(column_name, ', ') as columns from information_schema.columns
     where table_name = 'customs_declarations' and is_generated = 'NEVER'`,
  );
  await db.query(
    `insert into customs_declarations (${columns}) select ${columns} from (
       select (jsonb_populate_record(d, ${theirs} || jsonb_build_object('id', gen_random_uuid()))).* from customs_declarations d) made`,
  );
  const [first] = good(await judgeReport(customs, ours.report));
  expect(first?.verdict.because).toContainEqual(expect.objectContaining({ said: 'group', value: '0 of 0' }));
});
