// Goal: declarations at WeChat Pay, which knows them by payment, child and place: declared, stuck, pushed again by a call of its own and from its
// end states only, split, told of another person. SUCCESS is never taken for delivery.
// Method: its simulator with the port behind it; what it says is compared with what its books say of the port.
import { expect, test } from 'vitest';
import {
  decideNumberRule,
  decidePlan,
  importPayments,
  proposeDeclareAnew,
  proposeNumberRule,
  proposeRepush,
} from '../../src/customs/index.ts';
import { openAccount, testAccount } from '../../src/accounts/index.ts';
import { CNY, minutes, Secret } from '../../src/kernel/index.ts';
import { stepsOn } from '../kit/pay-steps.ts';
import { merchant, wang, zhao } from '../kit/world.ts';
import { addWechatAccount, customsNo, paidElsewhere, useWechatWorld } from '../kit/wechat-world.ts';
import { approvedPlan, good, list, runToEnd, triage } from './steps.ts';

const own = useWechatWorld('2026-12-03 10:00:00');
const { begin, seen } = stepsOn(() => own.world);
const m = minutes(1);
const pass = (ms: number) => own.world.pass(ms);

type Declared = { readonly orderNo: string; readonly tradeNo: string; readonly childOrderNo: string };

let orders = 0;
/** Paid by another system; one declaration for each child, or one of the whole. */
async function paid(...children: readonly string[]): Promise<readonly Declared[]> {
  const orderNo = `LS20261203-${String((orders += 1)).padStart(4, '0')}`;
  const tradeNo = await paidElsewhere(own.world, orderNo);
  return (children.length === 0 ? [''] : children).map((childOrderNo) => ({ orderNo, tradeNo, childOrderNo }));
}

/** Taken over from the other system, which says nothing of how it declared. */
async function adopt(all: readonly Declared[], fen = '100.00', accountId = own.world.accountId): Promise<void> {
  const file = { merchantId: merchant, accountId, fileName: 'payments.csv', defaults: {} };
  const bytes = Buffer.from(paymentFile(all, fen));
  const imported = await importPayments(own.world.app.customs, wang, { ...file, bytes });
  expect(imported).toMatchObject({ ok: true, value: { rowsFound: all.length, refusals: [], problems: [] } });
}

function paymentFile(all: readonly Declared[], fen = '100.00'): string {
  const head = 'order_no,place,customs_code,customs_name,declared_amount,is_split,child_order_no,trade_no,paid_at';
  const rows = all.map(({ orderNo, tradeNo, childOrderNo }) => {
    const split = childOrderNo === '' ? 'F' : 'T';
    return `${orderNo},ZONGSHU,${customsNo},测试公司,${fen},${split},${childOrderNo},${tradeNo},2026-12-03 09:00:00`;
  });
  return [head, ...rows].join('\n');
}

async function chooseRule(accountId = own.world.accountId): Promise<void> {
  const { customs, db } = own.world.app;
  const known = await db.query(`select 1 from customs_number_rules where account_id = $1`, [accountId]);
  if (known.length > 0) return;
  const wanted = { accountId, place: 'ZONGSHU', rule: 'serial' } as const;
  const { approvalId } = good(await proposeNumberRule(customs, wang, wanted, 'test'));
  good(await decideNumberRule(customs, zhao, approvalId, 'approve', ''));
}

/** Declared by us, under numbers of our own that WeChat never hears. */
async function declare(all: readonly Declared[]) {
  await chooseRule();
  const { customs } = own.world.app;
  const numbers = [...new Set(all.map(({ orderNo }) => orderNo))];
  const { plan } = good(await proposeDeclareAnew(customs, wang, { merchantId: merchant, numbers }, 'never declared'));
  good(await decidePlan(customs, zhao, plan.id, 'approve', ''));
  return runToEnd(own.world, plan.id);
}

type TheirDeclaration = {
  readonly sub_order_no: string | null;
  readonly state: string;
  readonly declared_fen: number;
  readonly pushes: number;
  readonly at_port: string | null;
};

async function books(all: readonly Declared[]): Promise<readonly TheirDeclaration[]> {
  const numbers = [...new Set(all.map(({ orderNo }) => orderNo))].join(',');
  const { declarations } = await own.world.get<{ declarations: readonly TheirDeclaration[] }>(
    `/books?out_trade_nos=${numbers}`,
  );
  return declarations;
}

type Ours = { readonly state: string; readonly status: string; readonly pushed: string; readonly check: string | null };
const ours = (all: readonly Declared[]) =>
  own.world.app.db.query<Ours>(
    `select state, summary->'snapshot'->>'channelStatus' as status, summary->'snapshot'->>'pushedPaymentNo' as pushed,
       summary->>'identityCheck' as check
     from customs_declarations where order_no = any($1::text[]) order by child_order_no`,
    [all.map(({ orderNo }) => orderNo)],
  );

let faults = 0;
async function fault(name: string, all: readonly Declared[], params = {}): Promise<string> {
  const id = `customs-${(faults += 1)}`;
  const match = { out_trade_nos: all.map(({ orderNo }) => orderNo) };
  await own.world.post('/control/faults', [{ id, fault: name, match, params }]);
  return id;
}

test('the test of an account asks about a declaration that nobody made; one without version 2 asks about an order', async () => {
  const { app, accountId } = own.world;
  expect(await testAccount(app.customs, app.transport, accountId)).toMatchObject({ ok: true });
  const more = { gateway_url: await gateway(), api_v2: 'off', sub_mchid: '1900000109' };
  const added = good(await app.db.transaction((tx) => addWechatAccount(tx, app, more)));
  expect(await testAccount(app.customs, app.transport, added.id)).toMatchObject({ ok: true });
});

async function gateway(): Promise<string> {
  const { app, accountId } = own.world;
  const [row] = await app.db.query<{ url: string }>(
    `select settings->>'gateway_url' as url from channel_accounts where id = $1`,
    [accountId],
  );
  return row?.url ?? '';
}

test('declared, asked about and SUCCESS: the port has it, and yet nobody takes the word for the fact', async () => {
  const all = await paid();
  await adopt(all);
  const shown = await declare(all);
  expect(shown).toMatchObject({ effective: 0, ineffective: 1, counts: { pushes: 1 } });
  expect(await books(all)).toMatchObject([{ state: 'SUCCESS', declared_fen: 10_000, pushes: 1 }]);
  expect((await books(all))[0]?.at_port).not.toBeNull();
  const [one] = await ours(all);
  expect(one).toEqual({ state: 'accepted', status: 'SUCCESS', pushed: all[0]?.tradeNo, check: null });
});

test('what was paid here was paid under our serial number: so it is declared, asked about and pushed again', async () => {
  const orderNo = 'shop/2026:0001#a-number-that-no-channel-would-take';
  const payerCode = '130000000000077777';
  await own.world.post('/control/codes', { auth_code: payerCode, does: 'pay' });
  const { order, attempt } = await begin({ orderNo, product: 'code', payerCode: new Secret(payerCode) });
  await pass(10_000);
  const tradeNo = (await seen(order)).attempts[0]?.tradeNo ?? '';
  const all = [{ orderNo, tradeNo, childOrderNo: '' }];
  await adopt(all);
  const under = [{ ...all[0]!, orderNo: attempt.serialNo }];
  const lost = await fault('swallow_declaration', under);
  await declare(all);
  expect(await ours(all)).toMatchObject([{ state: 'accepted', status: 'SUCCESS' }]);
  expect(
    await own.world.app.db.query(`select customs_order_no from customs_declarations where order_no = $1`, [orderNo]),
  ).toEqual([{ customs_order_no: attempt.serialNo }]);
  await own.world.remove(`/control/faults/${lost}`);
  const report = await list(own.world, all);
  await triage(own.world, report.id);
  await runToEnd(own.world, await approvedPlan(own.world, report.id));
  expect((await books(under)).map((one) => [one.pushes, one.at_port !== null])).toEqual([[2, true]]);
});

test('SUCCESS and the port hears nothing: reported missing, pushed again from SUCCESS, and proved by the port alone', async () => {
  const all = await paid();
  await adopt(all);
  const id = await fault('swallow_declaration', all);
  await declare(all);
  expect(await books(all)).toMatchObject([{ state: 'SUCCESS', pushes: 1, at_port: null }]);
  await own.world.remove(`/control/faults/${id}`);
  const report = await list(own.world, all);
  expect(await triage(own.world, report.id)).toEqual({ [all[0]?.orderNo ?? '']: '14' });
  const plan = await approvedPlan(own.world, report.id);
  expect(await runToEnd(own.world, plan)).toMatchObject({ effective: 0, ineffective: 1, counts: { pushes: 1 } });
  const [theirs] = await books(all);
  expect(theirs).toMatchObject({ state: 'SUCCESS', pushes: 2 });
  expect(theirs?.at_port).not.toBeNull();
  expect((await ours(all))[0]?.state).toBe('missing_reported');
  await list(own.world, all, all);
  expect((await ours(all))[0]?.state).toBe('released');
});

test('stuck on the way: the state gate holds the push back, with its reason; EXCEPT is pushed again and ends well', async () => {
  const [stuck, broken] = [await paid(), await paid()];
  await adopt([...stuck, ...broken]);
  await fault('stuck_processing', stuck);
  const except = await fault('customs_except', broken, { text: '海关接口异常' });
  await declare([...stuck, ...broken]);
  await own.world.remove(`/control/faults/${except}`);
  await pass(60 * m);
  const report = await list(own.world, [...stuck, ...broken]);
  expect(await triage(own.world, report.id)).toEqual({
    [stuck[0]?.orderNo ?? '']: '12',
    [broken[0]?.orderNo ?? '']: '11',
  });
  const proposed = good(await proposeRepush(own.world.app.customs, wang, { reportId: report.id }, { reason: 'test' }));
  expect(proposed).toMatchObject({ plan: { size: 1 }, leftOut: { channel_state: 1 } });
  good(await decidePlan(own.world.app.customs, zhao, proposed.plan.id, 'approve', ''));
  await runToEnd(own.world, proposed.plan.id);
  expect(await books(stuck)).toMatchObject([{ state: 'PROCESSING', pushes: 1 }]);
  expect(await books(broken)).toMatchObject([{ state: 'SUCCESS', pushes: 2 }]);
  // What the channel had said of customs is over; the port has not spoken yet.
  expect(await ours(broken)).toMatchObject([{ state: 'missing_reported', status: 'SUCCESS' }]);
});

test('pushed again by somebody else meanwhile: the channel refuses ours, which is doubt, asked about and not repeated', async () => {
  const all = await paid();
  await adopt(all);
  await fault('swallow_declaration', all);
  await declare(all);
  const report = await list(own.world, all);
  await triage(own.world, report.id);
  const plan = await approvedPlan(own.world, report.id);
  const stuck = await fault('stuck_undeclared', all);
  await pushedElsewhere(all[0]!);
  expect(await runToEnd(own.world, plan)).toMatchObject({ effective: 0, ineffective: 1, counts: { pushes: 1 } });
  expect(await books(all)).toMatchObject([{ state: 'UNDECLARED', pushes: 2 }]);
  await own.world.remove(`/control/faults/${stuck}`);
});

/** Another program of the merchant's, with the same key. */
async function pushedElsewhere({ orderNo, tradeNo }: Declared, how: 'declare' | 'rePush' = 'rePush'): Promise<void> {
  const { app, accountId } = own.world;
  const { account, connector, secrets } = good(await openAccount(app.customs, accountId));
  const named = { requestNo: orderNo, serialNo: orderNo, tradeNo, place: 'ZONGSHU', customsCode: customsNo };
  const instruction = { ...named, customsName: '', isSplit: false, amount: { minor: 1n, currency: CNY } };
  const moment = { at: app.clock.now(), nonce: 'n' };
  const { toSign, signWith, finish } = good(connector.customs![how]!.build(instruction, account, moment, secrets));
  const { url, headers, body } = finish(await connector.sign(toSign, account, secrets, signWith));
  const answer = await fetch(url, { method: 'POST', headers, body: Buffer.from(body ?? []) });
  expect(await answer.text()).toContain('UNDECLARED');
}

test('declared by another system: a template is refused, as every number would be confirmed; declaring anew asks, and sends nothing', async () => {
  const all = await paid();
  await pushedElsewhere(all[0]!, 'declare');
  const { customs, transport } = own.world.app;
  const parts = { ...customs, transport };
  const file = { merchantId: merchant, accountId: own.world.accountId, fileName: 'payments.csv', defaults: {} };
  const bytes = Buffer.from(paymentFile(all));
  const imported = await importPayments(parts, wang, {
    ...file,
    bytes,
    requestNoTemplate: 'X{order_no}',
  });
  expect(imported).toMatchObject({ refusal: { code: 'import.template_not_confirmable' } });
  await adopt(all);
  expect(await declare(all)).toMatchObject({ counts: { pushes: 0 } });
  expect(await ours(all)).toMatchObject([{ state: 'accepted', status: 'SUCCESS' }]);
  expect(await books(all)).toMatchObject([{ pushes: 1 }]);
});

test('another person ordered than paid: the channel says so, customs refuses, and the reason is told instead of a push', async () => {
  const all = await paid();
  await adopt(all);
  await fault('identity_different', all);
  await fault('customs_fail', all, { text: '[Code:1327;Desc:订购人与支付人不一致]' });
  await declare(all);
  expect(await ours(all)).toMatchObject([{ state: 'rejected', status: 'FAIL', check: 'different' }]);
  const report = await list(own.world, all);
  expect(await triage(own.world, report.id)).toEqual({ [all[0]?.orderNo ?? '']: '8' });
  const refused = await proposeRepush(own.world.app.customs, wang, { reportId: report.id }, { reason: 'test' });
  expect(refused.ok).toBe(false);
  expect(await books(all)).toMatchObject([{ pushes: 1, at_port: null }]);
});

test('children of one payment are declared, asked about and pushed apart; more than was paid is refused', async () => {
  const all = await paid('LS20261203-A', 'LS20261203-B');
  await adopt(all, '50.00');
  const lost = await fault('swallow_declaration', all);
  await declare(all);
  expect(await books(all)).toMatchObject([
    { sub_order_no: 'LS20261203-A', declared_fen: 5000, state: 'SUCCESS', at_port: null },
    { sub_order_no: 'LS20261203-B', declared_fen: 5000, state: 'SUCCESS', at_port: null },
  ]);
  const pushed = (await ours(all)).map((one) => one.pushed);
  expect(new Set([...pushed, all[0]?.tradeNo]).size).toBe(3);
  await own.world.remove(`/control/faults/${lost}`);
  const report = await list(own.world, all.slice(0, 1));
  await triage(own.world, report.id);
  await runToEnd(own.world, await approvedPlan(own.world, report.id));
  expect((await books(all)).map((one) => [one.pushes, one.at_port !== null])).toEqual([
    [2, true],
    [1, false],
  ]);
  const more = (await paid('LS20261203-C', 'LS20261203-D')).slice(0, 2);
  await adopt(more, '60.00');
  await declare(more);
  expect((await ours(more)).map((one) => one.state).sort()).toEqual(['accepted', 'refused_by_channel']);
});

test.each(['book_then_hang', 'bad_signature'])(
  'a declaration that nobody answered rightly (%s) is asked about and stands once',
  async (name) => {
    const all = await paid();
    await adopt(all);
    const match = { api: 'customs_declare', out_trade_nos: [all[0]?.orderNo] };
    await own.world.post('/control/faults', [{ id: `lost-${name}`, fault: name, times: 1, match }]);
    await declare(all);
    expect(await books(all)).toMatchObject([{ state: 'SUCCESS', pushes: 1 }]);
    expect(await ours(all)).toMatchObject([{ state: 'accepted', status: 'SUCCESS' }]);
  },
);

test('asked too often about declarations, or told of too many: their lanes go slower as those of payments do, and nothing is lost', async () => {
  const all = await paid();
  await adopt(all);
  const match = { out_trade_nos: all.map(({ orderNo }) => orderNo) };
  await own.world.post(
    '/control/faults',
    ['customs_declare', 'customs_query'].map((api) => {
      return { id: `often-${api}`, fault: 'frequency_limited_not_booked', times: 1, match: { ...match, api } };
    }),
  );
  const slowed = () =>
    own.world.app.db.query<{ id: string }>(
      `select operation as id from lanes where id like $1 || '/customs.%' and slowed_at is not null order by id`,
      [own.world.accountId],
    );
  expect(await slowed()).toEqual([]);
  await declare(all);
  expect((await slowed()).map(({ id }) => id)).toEqual(['customs.declare', 'customs.query']);
  expect(await ours(all)).toMatchObject([{ state: 'accepted', status: 'SUCCESS' }]);
  expect(await books(all)).toMatchObject([{ state: 'SUCCESS', pushes: 1 }]);
});

test('overseas: the same over APIv3, pushed again too', async () => {
  const { app } = own.world;
  const url = await gateway();
  const more = { gateway_url: url, customs_api: 'v3', customs_gateway_url: url, api_v2: 'off' };
  const added = good(await app.db.transaction((tx) => addWechatAccount(tx, app, more)));
  const all = await paid();
  await adopt(all, '100.00', added.id);
  await chooseRule(added.id);
  const lost = await fault('swallow_declaration', all);
  await declare(all);
  await own.world.remove(`/control/faults/${lost}`);
  expect(await ours(all)).toMatchObject([{ state: 'accepted', status: 'SUCCESS' }]);
  const report = await list(own.world, all);
  await triage(own.world, report.id);
  await runToEnd(own.world, await approvedPlan(own.world, report.id));
  expect((await books(all)).map((one) => [one.pushes, one.at_port !== null])).toEqual([[2, true]]);
});
