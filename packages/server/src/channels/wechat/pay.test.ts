import { expect, test } from 'vitest';
import { CNY, Secret } from '../../kernel/index.ts';
import type { Currency, Instant } from '../../kernel/index.ts';
import type { PayInstruction, RefundInstruction, WireAnswer } from '../contract/index.ts';
import { moment as kitMoment } from '../contract/kit.ts';
import type { Fixture } from '../contract/kit.ts';
import channelFixtures from './fixtures/index.ts';
import queryPaid from './fixtures/query-paid.json' with { type: 'json' };
import refundAbnormal from './fixtures/refund-query-abnormal.json' with { type: 'json' };
import vectors from './fixtures/vectors.json' with { type: 'json' };
import connector from './index.ts';
import { readFields } from './json.ts';
import { cleanText } from './pay-terms.ts';

const pay = connector.pay!;
const { secrets } = channelFixtures;
const at = Date.UTC(2026, 0, 1, 19, 4, 5) as Instant;
const moment = { at, nonce: '0198c2f4-0000-7000-8000-000000000001' };
const settings = {
  ...{ mchid: '1800000042', appid: 'wx0123456789abcdef', merchant_serial_no: '4C49' },
  ...{ platform_keys: 'public_key', public_key_id: 'PUB_KEY_ID_1', fund_flow: 'new' },
};
const partner = { sub_mchid: '1900000109', sub_appid: 'wxfedcba9876543210' };

const instruction: PayInstruction = {
  ...{ serialNo: 'LS20260102_0001', product: 'native', amount: { minor: 19_900n, currency: CNY }, subject: '奶粉' },
  ...{ deadlineAt: (at + 1_800_000) as Instant, notifyUrl: 'https://pay.example.com/notices/1' },
};

type Built = ReturnType<typeof pay.query.build>;

function sentBy(built: Built): { readonly url: string; readonly body?: unknown } | string {
  if (!built.ok) return `${built.refusal.code} ${String(Object.values(built.refusal.params)[0])}`;
  const { url, body } = built.value.finish('c2ln');
  return {
    url: url.replace('https://api.mch.weixin.qq.com', ''),
    ...(body ? { body: JSON.parse(Buffer.from(body).toString()) as unknown } : {}),
  };
}

const submitted = (wish: Partial<PayInstruction>, more: Record<string, string> = {}) =>
  sentBy(
    pay.submit.build({ ...instruction, ...wish }, { id: 'test', settings: { ...settings, ...more } }, moment, secrets),
  );

const terms = {
  ...{ description: '奶粉', out_trade_no: 'LS20260102_0001', time_expire: '2026-01-02T03:34:05+08:00' },
  ...{ notify_url: 'https://pay.example.com/notices/1', amount: { total: 19_900, currency: 'CNY' } },
};
const direct = { appid: 'wx0123456789abcdef', mchid: '1800000042', ...terms };

test('what each product sends, and to which door', () => {
  const payerId = new Secret('oLiushui0000000000000000test');
  expect(submitted({})).toEqual({ url: '/v3/pay/transactions/native', body: direct });
  expect(submitted({ product: 'jsapi', payerId })).toEqual({
    url: '/v3/pay/transactions/jsapi',
    body: { ...direct, payer: { openid: 'oLiushui0000000000000000test' } },
  });
  expect(submitted({ product: 'mini', payerId }, { mini_appid: 'wx2222222222222222' })).toMatchObject({
    url: '/v3/pay/transactions/jsapi',
    body: { appid: 'wx2222222222222222' },
  });
  expect(submitted({ product: 'app' }, { app_appid: 'wx1111111111111111', limit_pay: 'no_credit' })).toEqual({
    url: '/v3/pay/transactions/app',
    body: { ...direct, appid: 'wx1111111111111111', limit_pay: ['no_credit'] },
  });
  expect(submitted({ product: 'h5', payerAddress: new Secret('2001:db8::7') })).toEqual({
    url: '/v3/pay/transactions/h5',
    body: { ...direct, scene_info: { payer_client_ip: '2001:db8::7', h5_info: { type: 'Wap' } } },
  });
});

test('a service provider names both merchants, and the payer under the application that knows him', () => {
  const payerId = new Secret('oSub');
  const merchants = { sp_mchid: '1800000042', sub_mchid: '1900000109' };
  const body = { sp_appid: 'wx0123456789abcdef', sub_appid: 'wxfedcba9876543210', ...merchants, ...terms };
  expect(submitted({ product: 'jsapi', payerId }, partner)).toEqual({
    url: '/v3/pay/partner/transactions/jsapi',
    body: { ...body, payer: { sub_openid: 'oSub' } },
  });
  expect(submitted({ product: 'jsapi', payerId }, { sub_mchid: '1900000109' })).toMatchObject({
    body: { payer: { sp_openid: 'oSub' } },
  });
  const account = { id: 'test', settings: { ...settings, ...partner } };
  const number = '/v3/pay/partner/transactions/out-trade-no/LS20260102_0001';
  expect(sentBy(pay.query.build(instruction, account, moment, secrets))).toEqual({
    url: `${number}?sp_mchid=1800000042&sub_mchid=1900000109`,
  });
  expect(sentBy(pay.close.build(instruction, account, moment, secrets))).toEqual({
    url: `${number}/close`,
    body: merchants,
  });
});

const days = 24 * 60 * 60_000;

test.each<[Partial<PayInstruction>, string]>([
  [{ serialNo: 'LS-1' }, 'out_trade_no'],
  [{ serialNo: 'L'.repeat(33) }, 'out_trade_no'],
  [{ serialNo: 'LS20260102|0001' }, 'out_trade_no'],
  [{ amount: { minor: 0n, currency: CNY } }, 'total'],
  [{ amount: { minor: 10_000_000_001n, currency: CNY } }, 'total'],
  [{ amount: { minor: 100n, currency: 'USD' as Currency } }, 'currency'],
  [{ subject: '\n' }, 'description'],
  [{ deadlineAt: at }, 'time_expire'],
  [{ deadlineAt: (at + 90 * days + 1) as Instant }, 'time_expire'],
  [{ notifyUrl: 'https://pay.example.com/notices?account=1' }, 'notify_url'],
  [{ notifyUrl: `https://pay.example.com/${'n'.repeat(256)}` }, 'notify_url'],
  [{ product: 'toString' }, 'product'],
  [{ product: 'jsapi' }, 'payer.openid'],
  [{ product: 'h5' }, 'scene_info.payer_client_ip'],
  [{ product: 'h5', payerAddress: new Secret('127.0.0.1') }, 'scene_info.payer_client_ip'],
])('%o is refused before anything leaves', (wish, field) => {
  expect(submitted(wish)).toBe(`channel.value_not_taken ${field}`);
});

test('a service provider may set fifteen days, and no key id means no set-up', () => {
  const deadlineAt = (at + 15 * days + 1) as Instant;
  expect(submitted({ deadlineAt })).toMatchObject({ url: '/v3/pay/transactions/native' });
  expect(submitted({ deadlineAt }, partner)).toBe('channel.value_not_taken time_expire');
  const { public_key_id: _none, ...without } = settings;
  const build = (more: Record<string, string>) =>
    sentBy(pay.query.build(instruction, { id: 'test', settings: { ...without, ...more } }, moment, secrets));
  expect(build({})).toBe('channel.not_set_up public_key_id');
  expect(build({ platform_keys: 'certificate' })).toMatchObject({
    url: '/v3/pay/transactions/out-trade-no/LS20260102_0001?mchid=1800000042',
  });
});

test('the deadline of a later call under the same number may be close: the first one counts', () => {
  expect(submitted({ deadlineAt: (at + 1) as Instant })).toMatchObject({ url: '/v3/pay/transactions/native' });
});

test('the nonce is a UUID without its dashes, at most 32 characters', () => {
  const built = pay.query.build(instruction, { id: 'test', settings }, moment, secrets);
  if (!built.ok) throw new Error(built.refusal.code);
  const { authorization } = built.value.finish('c2ln').headers;
  expect(authorization).toContain('nonce_str="0198c2f4000070008000000000000001"');
});

test.each([
  [' 两行\r\n\t文字\u2028 ', '两行 文字'],
  ['半个 \ud83d 字', '半个   字'],
  ['奶'.repeat(300), '奶'.repeat(127)],
  ['😀'.repeat(64), '😀'.repeat(63)],
  ['\u0000\u007f', ''],
])('the description %j travels as %j', (text, travels) => {
  expect(cleanText(text, 127)).toBe(travels);
});

const given: RefundInstruction = {
  ...{ refundNo: 'RF1', serialNo: 'LS20260102_0001', tradeNo: '42000', reason: '不想要了', whole: instruction.amount },
  ...{ amount: { minor: 5000n, currency: CNY }, notifyUrl: 'https://pay.example.com/notices/1' },
};

const refunded = (changes: Partial<RefundInstruction>, more: Record<string, string> = {}) => {
  const account = { id: 'test', settings: { ...settings, ...more } };
  return sentBy(connector.refund!.submit.build({ ...given, ...changes }, account, moment, secrets));
};

test('a refund names the transaction where it is known, and its purse only in the old fund flow', () => {
  const body = {
    ...{ out_refund_no: 'RF1', reason: '不想要了', notify_url: 'https://pay.example.com/notices/1' },
    amount: { refund: 5000, total: 19_900, currency: 'CNY' },
  };
  const url = '/v3/refund/domestic/refunds';
  expect(refunded({})).toEqual({ url, body: { transaction_id: '42000', ...body } });
  expect(refunded({ tradeNo: '' })).toEqual({ url, body: { out_trade_no: 'LS20260102_0001', ...body } });
  expect(refunded({}, { fund_flow: 'old', refund_from: 'available' })).toMatchObject({
    body: { funds_account: 'AVAILABLE' },
  });
  expect(refunded({}, { refund_from: 'available' })).toBe('channel.not_set_up refund_from');
  expect(refunded({}, partner)).toMatchObject({ body: { sub_mchid: '1900000109' } });
  const account = { id: 'test', settings: { ...settings, ...partner } };
  expect(sentBy(connector.refund!.query.build({ ...given, refundNo: 'R|1' }, account, moment, secrets))).toEqual({
    url: `${url}/R%7C1?sub_mchid=1900000109`,
  });
});

test('a refund of more than there is never leaves', () => {
  for (const minor of [0n, 19_901n])
    expect(refunded({ amount: { minor, currency: CNY } })).toBe('channel.value_not_taken refund');
  expect(refunded({ refundNo: 'R/1' })).toBe('channel.value_not_taken out_refund_no');
});

const account = { id: 'test', settings: { ...settings, public_key_id: vectors.keys.public_key_id } };

/** The fixture's answer, signed anew with other members. */
const answered = (fixture: object, change: (body: Record<string, unknown>) => Record<string, unknown>): WireAnswer => {
  const whole = { ...fixture } as Fixture;
  const body = change(JSON.parse(whole.answer.body) as Record<string, unknown>);
  return channelFixtures.wire({ ...whole, answer: { ...whole.answer, body: JSON.stringify(body) } });
};

test('an answer that names no merchant, or is not signed, says nothing of the money', () => {
  const read = (answer: WireAnswer) => pay.query.interpret(answer, instruction, account, secrets, kitMoment.at).outcome;
  expect(read(answered(queryPaid, (body) => body)).kind).toBe('succeeded');
  expect(read(answered(queryPaid, ({ mchid: _nobody, ...body }) => body))).toEqual({
    ...{ kind: 'in_doubt', why: 'the answer is about mchid nobody' },
  });
  const unsigned = { ...answered(queryPaid, (body) => body), headers: {} };
  expect(read(unsigned)).toEqual({ kind: 'in_doubt', why: 'it is not signed: a header is missing' });
});

test('a refusal or absence of a refund proves nothing, an empty purse waits, and abnormal is doubt with a mark', () => {
  const told = { ...given, refundNo: 'LSRF20260102_0001', tradeNo: '4200009999202601020000000001' };
  const { submit, query } = connector.refund!;
  const says = (status: number, code: string) => ({ status, headers: {}, body: Buffer.from(`{"code":"${code}"}`) });
  const kind = (answer: WireAnswer) => submit.interpret(answer, told, account, secrets, kitMoment.at).outcome.kind;
  for (const code of ['INVALID_REQUEST', 'PARAM_ERROR', 'MCH_NOT_EXISTS'])
    expect(kind(says(400, code)), code).toBe('in_doubt');
  expect(kind(says(403, 'NOT_ENOUGH'))).toBe('rejected');
  expect(kind(says(400, 'NOT_ENOUGH'))).toBe('in_doubt');
  const absent = query.interpret(says(404, 'RESOURCE_NOT_EXISTS'), told, account, secrets, kitMoment.at);
  expect(absent).toMatchObject({ trust: 'transport_only', outcome: { kind: 'in_doubt' } });
  const abnormal = answered(refundAbnormal, (body) => body);
  expect(query.interpret(abnormal, told, account, secrets, kitMoment.at)).toMatchObject({
    ...{ isAbnormal: true, trust: 'verified', outcome: { kind: 'in_doubt' } },
  });
});

test('the members of an object: text and whole numbers, none of them twice', () => {
  const read = (json: string) => readFields(Buffer.from(json));
  const fields = read(
    '{"a":"x: \\"y\\" :","n":12,"g":{"a":"in"},"l":[{"a":1}],"s":"7","f":1.5,"m":-1,"__proto__":"p"}',
  )!;
  expect([fields.text('a'), fields.fen('n'), fields.group('g').text('a')]).toEqual(['x: "y" :', 12n, 'in']);
  expect([fields.fen('s'), fields.fen('f'), fields.fen('m'), fields.text('n'), fields.text('toString')]).toEqual([
    ...[undefined, undefined, undefined],
    ...['', ''],
  ]);
  expect(fields.text('__proto__')).toBe('p');
  for (const broken of [
    '',
    '[]',
    'null',
    '{"a":1}{',
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '{"g":{"a":1,"a":1}}',
    '[['.repeat(60_000),
  ])
    expect(read(broken), broken.slice(0, 20)).toBeUndefined();
  expect(readFields(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toBeUndefined();
});

test('an answer that says too often slows the lane', () => {
  expect(connector.saysTooOften?.({ status: 429, headers: {}, body: new Uint8Array() })).toBe(true);
  const v2 = (code: string) => Buffer.from(`<xml><err_code><![CDATA[${code}]]></err_code></xml>`);
  const says = (code: string) => connector.saysTooOften?.({ status: 200, headers: {}, body: v2(code) });
  expect([says('FREQUENCY_LIMITED'), says('SYSTEMERROR')]).toEqual([true, false]);
  expect(connector.saysTooOften?.({ status: 403, headers: {}, body: Buffer.from('{"code":"RULE_LIMIT"}') })).toBe(
    false,
  );
});

const full = { ...secrets, platform_public_key: [new Secret(vectors.keys.platform_public)] };

test('an account that can be used is taken, also one that verifies by certificates only', () => {
  expect(connector.refuseAccount?.({ id: 'test', settings }, full, at)).toEqual([]);
  const byCertificate = { ...settings, platform_keys: 'certificate' };
  expect(connector.refuseAccount?.({ id: 'test', settings: byCertificate }, full, at)).toEqual([]);
});

test.each<[Record<string, string>, Record<string, string>, string]>([
  [{ refund_from: 'available' }, {}, '/settings/refund_from'],
  [{ sub_appid: 'wxfedcba9876543210' }, {}, '/settings/sub_mchid'],
  [{}, { merchant_private_key: 'a key' }, '/secrets/merchant_private_key'],
  [{}, { api_v3_key: '0'.repeat(31) }, '/secrets/api_v3_key'],
  [{}, { platform_public_key: 'PUB_KEY_ID_1' }, '/secrets/platform_public_key'],
  [{}, { platform_certificate: vectors.keys.platform_public }, '/secrets/platform_certificate'],
])('an account with %o and %o is refused before it is saved', (more, held, pointer) => {
  const given = Object.fromEntries(Object.entries({ ...settings, ...more }).filter(([, value]) => value !== ''));
  const changed = Object.fromEntries(Object.entries(held).map(([name, text]) => [name, [new Secret(text)]]));
  expect(connector.refuseAccount?.({ id: 'test', settings: given }, { ...full, ...changed }, at)).toMatchObject([
    { pointer },
  ]);
});

test('a certificate that has expired is no key any more', () => {
  const in2032 = Date.UTC(2032, 0, 1) as Instant;
  expect(connector.refuseAccount?.({ id: 'test', settings }, full, in2032)).toMatchObject([
    { code: 'account.secret_unreadable', pointer: '/secrets/platform_certificate' },
  ]);
});
