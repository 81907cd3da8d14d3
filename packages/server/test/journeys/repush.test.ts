// Goal: the spine in one story: adopt payments, take the port's list, ask, judge, propose, approve, push, prove.
// Method: server and simulators on one clock; at the end our evidence is compared with the simulator's own books.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  countWaiting,
  decidePlan,
  importPayments,
  importPortList,
  judgeReport,
  proposeRepush,
  runPlan,
  showPlan,
  startTriage,
} from '../../src/customs/index.ts';
import { hours, minutes, plus } from '../../src/kernel/index.ts';
import { at, merchant, partner, useWorld, wang, zhao } from '../kit/world.ts';

const start = '2015-10-28 16:20:00';
const own = useWorld(start);
const fixtures = join(import.meta.dirname, '../fixtures/2015-10-28');

function ordersOf(text: string): { orderNo: string; waybillNo: string; tradeNo: string }[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => {
      const [orderNo = '', waybillNo = '', tradeNo = ''] = line
        .split('|')
        .map((cell) => cell.trim())
        .filter((cell) => cell !== '');
      return { orderNo, waybillNo, tradeNo };
    });
}

test('only the re-pushes that the simulator executed are shown as effective', async () => {
  const { app, stepper, post, accountId, clock } = own.world;
  const listed = readFileSync(join(fixtures, 'port-list-1.txt'));
  const orders = ordersOf(listed.toString());
  const paidAt = at('2015-10-27 20:00:00');
  await post(
    'alipay',
    '/control/trades',
    orders.map((order) => ({
      partner,
      trade_no: order.tradeNo,
      out_trade_no: order.orderNo,
      amount: '420.00',
      paid_at: paidAt,
      payer: { name: '测试', id_no: '999999190001010015' },
    })),
  );
  // Nothing of this day reached the port; a re-push works again for what was ordered at 20:00 and later.
  await post('alipay', '/control/faults', [
    { id: 'lost', fault: 'swallow_declaration', match: { is_repush: false } },
    {
      id: 'dead',
      fault: 'no_effect_repush',
      match: { is_repush: true, order_hours: { date: '20151027', from: 11, to: 19 } },
    },
  ]);
  await post(
    'alipay',
    '/control/declarations',
    orders.map((order, index) => ({
      partner,
      out_request_no: `LS${String(index).padStart(8, '0')}`,
      trade_no: order.tradeNo,
      place: 'ZONGSHU',
      customs_code: '3301TEST01',
      customs_name: '测试公司',
      amount: '420.00',
      accepted_at_ms: paidAt + 60_000,
    })),
  );
  await post(
    'port',
    '/control/lists',
    orders.map((order) => ({
      order_no: order.orderNo,
      waybill_no: order.waybillNo,
      payment_no: order.tradeNo,
      at_ms: paidAt + 120_000,
    })),
  );
  const head =
    'order_no,request_no,place,customs_code,customs_name,declared_amount,is_split,child_order_no,pushed_payment_no,trade_no,waybill_no,paid_at,earlier_push_at,earlier_push_answer\n';
  const csv =
    head +
    orders
      .map(
        (order, index) =>
          `${order.orderNo},LS${String(index).padStart(8, '0')},ZONGSHU,3301TEST01,测试公司,420.00,F,,,${order.tradeNo},${order.waybillNo},2015-10-27 20:00:00,2015-10-28 15:57:00,SUCCESS`,
      )
      .join('\n');
  const imported = await importPayments(app.customs, wang, {
    merchantId: merchant,
    accountId,
    fileName: 'payments.csv',
    bytes: Buffer.from(csv),
    defaults: {},
  });
  expect(imported).toMatchObject({ ok: true, value: { adopted: 25, cannotBeAsked: 0, problems: [], refusals: [] } });

  const report = await importPortList(app.customs, wang, {
    merchantId: merchant,
    fileName: 'port-list-1.txt',
    bytes: listed,
    meaning: 'missing',
  });
  expect(report).toMatchObject({
    ok: true,
    value: { released: 6, stuck: 19, unknown: 0, report: { rowsKept: 25, problems: [] } },
  });
  if (!report.ok) return;
  expect(report.value.report.separation.best?.name).toBe('hour');

  const triage = await startTriage(app.customs, wang, report.value.report.id);
  if (!triage.ok) throw new Error(triage.refusal.code);
  expect(triage.value.asked).toBe(19);
  await stepper.runUntil(
    plus(clock.now(), minutes(5)),
    async () => (await countWaiting(app.customs, triage.value)) === 0,
  );
  const judged = await judgeReport(app.customs, report.value.report.id);
  if (!judged.ok) throw new Error(judged.refusal.code);
  const rows = Object.groupBy(judged.value, (member) => member.verdict.row.row);
  expect(rows['14']?.length).toBe(19);
  expect(rows['-']?.length).toBe(6);

  const plan = await proposeRepush(app.customs, wang, { reportId: report.value.report.id }, { reason: 'test' });
  if (!plan.ok) throw new Error(plan.refusal.code);
  expect(plan.value.plan.size).toBe(19);
  const { id } = plan.value.plan;
  expect(await runPlan(app.customs, wang, id)).toMatchObject({
    ok: false,
    refusal: { code: 'customs.plan_not_approved' },
  });
  expect(await decidePlan(app.customs, { ...wang, roles: ['checker'] }, id, 'approve', '')).toMatchObject({
    ok: false,
    refusal: { code: 'approval.maker_is_checker' },
  });
  expect(await decidePlan(app.customs, zhao, id, 'approve', '')).toMatchObject({ ok: true });
  expect(await runPlan(app.customs, wang, id)).toMatchObject({ ok: true });
  await stepper.runUntil(plus(clock.now(), hours(1)), async () => {
    const shown = await showPlan(app.db, id);
    return shown.ok && shown.value.open === 0;
  });
  const shown = await showPlan(app.db, id);
  expect(shown).toMatchObject({ ok: true, value: { effective: 18, ineffective: 1, open: 0 } });
});
