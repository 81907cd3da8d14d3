import { expect, test } from 'vitest';
import { CNY, Secret } from '../../kernel/index.ts';
import type { Instant } from '../../kernel/index.ts';
import type { DeclareInstruction } from '../contract/index.ts';
import { moment as kitMoment } from '../contract/kit.ts';
import type { Fixture } from '../contract/kit.ts';
import channelFixtures from './fixtures/index.ts';
import done from './fixtures/customs-query-done.json' with { type: 'json' };
import vectors from './fixtures/vectors.json' with { type: 'json' };
import connector from './index.ts';
import { readV2 } from './v2-xml.ts';

const customs = connector.customs!;
const { secrets } = channelFixtures;
const at = Date.UTC(2026, 10, 30, 22, 0, 0) as Instant;
const moment = { at, nonce: '0198c2f4-0000-7000-8000-000000000001' };
const { keys } = vectors;
const account = (more: Record<string, string> = {}) => ({
  id: 'test',
  settings: {
    ...{ mchid: '1800000042', appid: 'wx0123456789abcdef', merchant_serial_no: keys.merchant_serial, fund_flow: 'new' },
    ...{ platform_keys: 'public_key', public_key_id: keys.public_key_id, api_v2: 'on', ...more },
  },
});

const instruction: DeclareInstruction = {
  ...{ requestNo: 'LS20261201-0003', serialNo: 'LS20261201-0003', tradeNo: '4200009999202612010000000003' },
  ...{ amount: { minor: 5000n, currency: CNY }, place: 'GUANGZHOU_ZS', customsCode: '4401000001', customsName: '' },
  isSplit: false,
};
const child = { ...instruction, requestNo: 'LS20261201-0003-1', isSplit: true, childOrderNo: 'LS20261201-0003-1' };
const buyer = { name: new Secret('张三'), idNo: new Secret('11010119900307123x') };

type Built = ReturnType<typeof customs.declare.build>;
function sentBy(built: Built) {
  if (!built.ok) return `${built.refusal.code} ${String(Object.values(built.refusal.params)[0])}`;
  const { method, url, body } = built.value.finish('SIGN');
  const text = Buffer.from(body ?? []).toString();
  const fields: unknown = text.startsWith('<')
    ? Object.fromEntries(readV2(body!)!)
    : text === ''
      ? {}
      : JSON.parse(text);
  return { call: `${method} ${url}`, fields, signed: Buffer.from(built.value.toSign).toString() };
}
const v2 = 'POST https://api.mch.weixin.qq.com/cgi-bin/mch';
const v3 = 'https://apihk.mch.weixin.qq.com/v3/global/customs';

test('F4: a whole payment is declared without its amount and without a nonce, and signed with MD5', async () => {
  const draft = customs.declare.build(instruction, account(), moment, secrets);
  const { text, md5 } = vectors.F4;
  const sent = sentBy(draft);
  expect(sent).toMatchObject({
    call: `${v2}/customs/customdeclareorder`,
    signed: text.slice(0, text.lastIndexOf('&key=')),
  });
  if (!draft.ok) throw new Error(draft.refusal.code);
  const { toSign, signWith } = draft.value;
  expect(await connector.sign(toSign, account(), { api_v2_key: [new Secret(keys.api_v2_key)] }, signWith)).toBe(md5);
});

test('a child goes with its three fees, its parent and the person who ordered', () => {
  expect(sentBy(customs.declare.build({ ...child, buyer }, account(), moment, secrets))).toMatchObject({
    fields: {
      ...{ out_trade_no: 'LS20261201-0003', sub_order_no: 'LS20261201-0003-1', order_fee: '5000', product_fee: '5000' },
      ...{ transport_fee: '0', fee_type: 'CNY', cert_type: 'IDCARD', cert_id: '11010119900307123X', name: '张三' },
    },
  });
});

test('what is pushed again, and what is asked about, is named by payment, child and place', () => {
  const built = [
    customs.rePush!.build(child, account(), moment, secrets),
    customs.query.build([instruction], account(), moment, secrets),
    customs.query.build([child], account(), moment, secrets),
  ].map(sentBy);
  const party = { appid: 'wx0123456789abcdef', mch_id: '1800000042', sign: 'SIGN' };
  const place = { customs: 'GUANGZHOU_ZS' };
  expect(built).toMatchObject([
    {
      call: `${v2}/newcustoms/customdeclareredeclare`,
      fields: {
        ...{ ...party, ...place, mch_customs_no: '4401000001', sub_order_no: 'LS20261201-0003-1' },
        ...{ out_trade_no: 'LS20261201-0003', transaction_id: '4200009999202612010000000003' },
      },
    },
    { call: `${v2}/customs/customdeclarequery`, fields: { ...party, ...place, out_trade_no: 'LS20261201-0003' } },
    { fields: { ...party, ...place, sub_order_no: 'LS20261201-0003-1' } },
  ]);
});

test('overseas the same goes over APIv3, amounts as numbers, under the prefix that the account names', () => {
  const overseas = account({ customs_api: 'v3', api_v2: 'off' });
  const party = { appid: 'wx0123456789abcdef', mchid: '1800000042' };
  expect(sentBy(customs.declare.build({ ...child, buyer }, overseas, moment, secrets))).toMatchObject({
    call: `POST ${v3}/orders`,
    fields: {
      ...{ ...party, out_trade_no: 'LS20261201-0003', transaction_id: '4200009999202612010000000003' },
      ...{ customs: 'GUANGZHOU_ZS', merchant_customs_no: '4401000001', sub_order_no: 'LS20261201-0003-1' },
      ...{ fee_type: 'CNY', order_fee: 5000, transport_fee: 0, product_fee: 5000 },
    },
  });
  expect(sentBy(customs.rePush!.build(child, overseas, moment, secrets))).toMatchObject({
    call: `POST ${v3}/redeclare`,
  });
  const query = 'appid=wx0123456789abcdef&mchid=1800000042&order_type=out_trade_no&order_no=LS20261201-0003';
  const older = account({ customs_api: 'v3', customs_path: '/global/v3/customs' });
  expect(sentBy(customs.query.build([instruction], older, moment, secrets))).toMatchObject({
    call: `GET https://apihk.mch.weixin.qq.com/global/v3/customs/orders?${query}&customs=GUANGZHOU_ZS&offset=0&limit=20`,
  });
});

test.each<[Partial<DeclareInstruction>, Record<string, string>, string]>([
  [{ place: 'guangzhou' }, {}, 'declaration.place_malformed guangzhou'],
  [{ amount: { minor: 0n, currency: CNY } }, {}, 'declaration.amount_not_positive_yuan CNY'],
  [{ serialNo: 'x'.repeat(33) }, {}, 'declaration.value_length serialNo'],
  [{ tradeNo: '' }, {}, 'declaration.value_length tradeNo'],
  [{ isSplit: true }, {}, 'declaration.value_length childOrderNo'],
  [{ customsCode: '' }, {}, 'declaration.value_length customsCode'],
  [{ buyer: { ...buyer, name: new Secret('张\u0000三') } }, {}, 'declaration.text_not_in_charset utf-8'],
  [{}, { sub_mchid: '1900000109' }, 'channel.value_not_taken sub_mchid'],
  [{}, { sub_mchid: '1900000109', customs_api: 'v3' }, 'channel.value_not_taken sub_mchid'],
  [{}, { api_v2: 'off' }, 'channel.not_set_up api_v2'],
])('%o with %o is refused before anything leaves', (change, more, refusal) => {
  const given = { ...instruction, ...change };
  expect(sentBy(customs.declare.build(given, account(more), moment, secrets))).toBe(refusal);
  expect(sentBy(customs.rePush!.build(given, account(more), moment, secrets))).toBe(refusal);
});

test('a question that names nothing, or two things, never leaves', () => {
  const ask = (...asked: Parameters<typeof customs.query.build>[0]) =>
    sentBy(customs.query.build(asked, account(), moment, secrets));
  expect(ask()).toBe('declaration.query_batch_size 0');
  expect(ask(instruction, child)).toBe('declaration.query_batch_size 2');
  expect(ask({ requestNo: 'LS20261201-0003' })).toBe('declaration.request_no_malformed ');
  expect(ask({ requestNo: 'N', serialNo: 'LS20261201-0003' })).toBe('declaration.place_malformed ');
});

/** The record of the fixture with other fields, signed anew. */
function asked(changes: Readonly<Record<string, string>>) {
  const whole = done as unknown as Fixture;
  const nodes = channelFixtures.open(whole).filter(({ name }) => !(name in changes));
  const more = Object.entries(changes).map(([name, text]) => ({ name, text, children: [] }));
  const answer = channelFixtures.write([...nodes, ...more], whole);
  const held = { id: 'test', settings: whole.settings };
  const reading = customs.query.interpret(answer, whole.instructions, held, secrets, kitMoment.at);
  return [...reading.byRequestNo.values()][0];
}

test.each<[Record<string, string>, Record<string, unknown>]>([
  [{ state_0: 'UNDECLARED' }, { progress: 'waiting' }],
  [{ state_0: 'NDECLARED' }, { progress: 'waiting', channelStatus: 'NDECLARED' }],
  [{ state_0: 'SUBMITTED' }, { progress: 'waiting' }],
  [{ state_0: 'PROCESSING' }, { progress: 'sending' }],
  [{ state_0: 'SLEEPING' }, { progress: 'other', channelStatus: 'SLEEPING' }],
  [{ cert_check_result_0: 'DIFFERENT' }, { identityCheck: 'different', progress: 'done', isAnsweredWell: true }],
  [
    { state_0: 'FAIL', explanation_0: '[Code:1327;Desc:订购人与支付人不一致]' },
    {
      progress: 'other',
      receipt: { code: 'FAIL', text: '[Code:1327;Desc:订购人与支付人不一致]', at: 1_767_294_298_000 },
    },
  ],
  [{ state_0: 'FAIL', explanation_0: '支付单已存在并且为非退单状态' }, { receipt: { code: '-401007' } }],
])('a record with %o tells of %o', (changes, facts) => {
  expect(asked(changes)).toMatchObject({ kind: 'succeeded', facts: { found: true, ...facts } });
});

test('SUCCESS is no receipt: nobody says that the port has it', () => {
  expect(asked({})).not.toHaveProperty('facts.receipt');
  expect(asked({ cert_check_result_0: 'UNCHECKED' })).not.toHaveProperty('facts.identityCheck');
});

test.each<Record<string, string>>([
  { sub_order_no_0: 'LS20260102_0002', sub_order_id_0: '1200000001000000000000000003' },
  { customs_0: 'NINGBO' },
  { count: '2' },
  { count: '2', customs_1: 'ZONGSHU', state_1: 'SUCCESS' },
  { count: '0' },
  { state_0: '' },
])('records among which ours is not, or not alone, or not whole (%o), are doubt', (changes) => {
  expect(asked(changes)?.kind).toBe('in_doubt');
});
