// Goal: one number tells the whole story of a declaration: what was said, by whom, what is next. Server and simulators on one clock.
import { beforeAll, expect, test } from 'vitest';
import { at, merchant, partner, useWorld, wang, zhao } from '../../test/kit/world.ts';
import type { Actor } from '../identity/index.ts';
import { minutes, plus } from '../kernel/index.ts';
import {
  countWaiting,
  decidePlan,
  importPayments,
  importPortList,
  judgeReport,
  proposeRepush,
  runPlan,
  startTriage,
} from './index.ts';
import { findStories, openExchange } from './story.ts';
import type { DeclarationStory } from './story.ts';

const own = useWorld('2015-10-28 16:20:00');
const paidAt = at('2015-10-27 20:00:00');
const orders = ['L1', 'L2'].map((orderNo, index) => ({
  orderNo,
  tradeNo: `201510271000000${index}`,
  waybillNo: `W${index}`,
}));
const number = async (text: string, actor: Actor = wang) => {
  const found = await findStories(own.world.app.customs, actor, [text]);
  if (!found.ok) throw new Error(found.refusal.code);
  return found.value.asked[0]!;
};
const storyOf = async (text: string) => (await number(text)).stories.at(-1) as DeclarationStory;
const sentences = (story: DeclarationStory, lang: 'zh' | 'en') =>
  story.timeline.map((entry) => `${entry.who[lang]}: ${entry.what[lang]}`);

let reportId = '';

beforeAll(async () => {
  const { app, accountId, stepper, clock } = own.world;
  const post = (path: string, body: unknown) => own.world.post('alipay', path, body);
  const trade = (order: (typeof orders)[number]) => ({
    ...{ partner, trade_no: order.tradeNo, out_trade_no: order.orderNo, amount: '420.00', paid_at: paidAt },
    payer: { name: '测试', id_no: '999999190001010015' },
  });
  const declaration = (order: (typeof orders)[number]) => ({
    ...{ partner, out_request_no: `REQNO${order.orderNo}`, trade_no: order.tradeNo, place: 'ZONGSHU' },
    ...{ customs_code: '3301TEST01', customs_name: '测试公司', amount: '420.00', accepted_at_ms: paidAt + 60_000 },
  });
  await post('/control/trades', orders.map(trade));
  await post('/control/faults', [{ id: 'lost', fault: 'swallow_declaration', match: { is_repush: false } }]);
  await post('/control/declarations', orders.map(declaration));
  const head = 'order_no,request_no,place,customs_code,customs_name,declared_amount,trade_no,waybill_no,paid_at';
  const rows = orders.map(
    (order) =>
      `${order.orderNo},REQNO${order.orderNo},ZONGSHU,3301TEST01,测试公司,420.00,${order.tradeNo},${order.waybillNo},2015-10-27 20:00:00`,
  );
  const bytes = Buffer.from([head, ...rows].join('\n'));
  const file = { merchantId: merchant, accountId, fileName: 'payments.csv', bytes, defaults: {} };
  expect(await importPayments(app.customs, wang, file)).toMatchObject({ value: { adopted: 2, problems: [] } });
  const list = `order_no,waybill_no,trade_no,status\n${orders[0]!.orderNo},W0,${orders[0]!.tradeNo},未出关`;
  const report = await importPortList(app.customs, wang, {
    ...{ merchantId: merchant, fileName: 'port.csv', bytes: Buffer.from(list), meaning: 'missing' },
  });
  if (!report.ok) throw new Error(JSON.stringify(report.refusal));
  reportId = report.value.report.id;
  const triage = await startTriage(app.customs, wang, reportId);
  if (!triage.ok) throw new Error(triage.refusal.code);
  const settled = async () => (await countWaiting(app.customs, triage.value)) === 0;
  await stepper.runUntil(plus(clock.now(), minutes(5)), settled);
  await judgeReport(app.customs, reportId);
}, 120_000);

test('every number of a record leads to the same story', async () => {
  const ids = [];
  for (const text of ['l1', 'REQNOL1', orders[0]!.tradeNo, ' W0 ', 'Ｗ０']) ids.push((await storyOf(text)).id);
  expect(new Set(ids).size).toBe(1);
  expect((await storyOf(ids[0]!)).orderNo).toBe('L1');
  expect((await number('w0')).kinds).toEqual(['waybill']);
});

test('the story says who told what, with file, line, exchange and signature, and what one can do', async () => {
  const story = await storyOf('L1');
  expect(story.state).toMatchObject({ code: 'missing_reported', words: { en: 'the port reports it missing' } });
  const listed = story.timeline.find((entry) => entry.evidence.file?.name === 'port.csv');
  expect(listed).toMatchObject({
    who: { en: 'port list' },
    trust: { kind: 'stated' },
    evidence: { file: { line: 2 } },
  });
  const heard = story.timeline.find((entry) => entry.evidence.exchange !== undefined);
  expect(heard?.evidence.exchange).toMatchObject({
    operation: 'customs.query',
    try: 1,
    ended: 'answered',
    httpStatus: 200,
  });
  expect(heard?.trust?.kind).toMatch(/^(verified|transport_only)$/);
  const times = story.timeline.map((entry) => entry.at);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(story.can.map((one) => one.command)).toContain(`liushui customs repush propose ${reportId}`);
  expect(sentences(story, 'en').join('\n')).toMatch(/triage: row 14/);
});

test('what is next names the moment and the pace, or says that nothing happens by itself', async () => {
  const story = await storyOf('L1');
  expect(story.next[0]).toMatchObject({ what: { en: expect.stringMatching(/^ask the channel|^no job/) } });
  if (story.next[0]!.at !== undefined) expect(story.next[0]!.callsPerSecond).toBeGreaterThan(0);
});

test('a number that is not there says so, and a slip in a serial number is told apart', async () => {
  expect((await number('NOPE')).refusal?.code).toBe('number.not_found');
  expect((await number('15102701123000000018')).refusal?.code).toMatch(/number\.(check_digit|not_found)/);
  const codes = await Promise.all(
    Array.from({ length: 10 }, async (_, digit) => (await number(`1510270112300000001${digit}`)).refusal?.code),
  );
  expect(codes.filter((code) => code === 'number.check_digit')).toHaveLength(9);
  expect(codes.filter((code) => code === 'number.not_found')).toHaveLength(1);
});

test('nobody reads the story of a merchant that is not theirs', async () => {
  const stranger: Actor = { ...wang, merchants: ['other'] };
  expect((await number('L1', stranger)).stories).toEqual([]);
  expect((await number(reportId, stranger)).stories).toEqual([]);
  const id = (await storyOf('L1')).id;
  expect((await number(id, stranger)).stories).toEqual([]);
  const nobody: Actor = { ...wang, roles: [] };
  expect(await findStories(own.world.app.customs, nobody, ['L1'])).toMatchObject({
    refusal: { code: 'auth.role_missing' },
  });
});

test('hostile text finds nothing and breaks nothing', async () => {
  for (const text of [
    `'; drop table numbers; --`,
    '%',
    '\u0000x',
    '<script>',
    'P-99999999999999',
    '𝟙'.repeat(50),
    '\\',
  ])
    expect((await number(text)).stories, text).toEqual([]);
  expect(await findStories(own.world.app.customs, wang, [])).toMatchObject({ refusal: { code: 'usage.bad_input' } });
});

test('a plan, its approval and its pushes stand in the story, and accepted is not called delivered', async () => {
  const { app, stepper, clock } = own.world;
  const proposed = await proposeRepush(app.customs, wang, { reportId }, { reason: 'buyer waits, phone 13800138000' });
  if (!proposed.ok) throw new Error(proposed.refusal.code);
  const { id } = proposed.value.plan;
  const asked = await storyOf('L1');
  expect(asked.can.map((one) => one.command)).toContain(`liushui customs repush approve ${id}`);
  expect(await decidePlan(app.customs, zhao, id, 'approve', '')).toMatchObject({ ok: true });
  expect(await runPlan(app.customs, wang, id)).toMatchObject({ ok: true });
  const pushed = async () =>
    (await storyOf('L1')).timeline.some(
      ({ evidence }) => evidence.exchange?.operation === 'customs.declare' && evidence.exchange.ended === 'answered',
    );
  await stepper.runUntil(plus(clock.now(), minutes(40)), pushed);
  const story = await storyOf('L1');
  const text = sentences(story, 'en').join('\n');
  const order = [
    'imported the port list',
    'proposed the re-push',
    'put into the re-push plan',
    'approved: P-1',
    'push, try 1',
  ];
  const places = order.map((words) => text.indexOf(words));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(places).not.toContain(-1);
  expect(text).toMatch(/does not prove delivery/);
  expect(text).toMatch(/zhao \(cli\): approved: P-1/);
  expect(text).not.toMatch(/13800138000|succeeded|delivered/);
  expect(sentences(story, 'zh').join('\n')).toMatch(/不证明送达/);
  expect((await number(id)).stories[0]).toMatchObject({ kind: 'plan', state: { code: 'running' } });
  expect((await number('A-1')).stories[0]).toMatchObject({ kind: 'approval', state: { code: 'used' } });
  const exchange = story.timeline.find((entry) => entry.evidence.exchange?.operation === 'customs.declare')!.evidence
    .exchange!;
  const opened = await openExchange(app.customs, wang, exchange.id);
  if (!opened.ok || opened.value.request.kind !== 'kept') throw new Error('not opened');
  const request = Buffer.from(opened.value.request.bytes).toString('latin1');
  expect(request).toMatch(/out_request_no=REQNOL1/);
  expect(request).not.toMatch(/test0only/);
});

test('every look at an exchange is written down, and needs its permission and merchant', async () => {
  const { app } = own.world;
  const { exchange } = (await storyOf('L1')).timeline.find((entry) => entry.evidence.exchange)!.evidence;
  const look = (actor: Actor, reason?: string) => openExchange(app.customs, actor, exchange!.id, reason);
  expect(await look({ ...wang, roles: ['viewer'] })).toMatchObject({ refusal: { code: 'auth.role_missing' } });
  expect(await look({ ...wang, merchants: ['other'] })).toMatchObject({ refusal: { code: 'number.not_found' } });
  expect(await look(zhao, 'asked by the port')).toMatchObject({ value: { revealed: true } });
  const kept = await app.db.query('select actor, reason, detail from audit_entries where act = $1 and subject = $2', [
    'exchange.opened',
    exchange!.id,
  ]);
  expect(kept).toContainEqual({ actor: 'zhao', reason: 'asked by the port', detail: { revealed: true } });
  expect(kept.filter((row) => row['actor'] === 'zhao')).toHaveLength(1);
});
