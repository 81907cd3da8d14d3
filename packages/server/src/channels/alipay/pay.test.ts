import { expect, test } from 'vitest';
import { CNY, Secret } from '../../kernel/index.ts';
import type { Currency, Instant } from '../../kernel/index.ts';
import type { PayInstruction } from '../contract/index.ts';
import channelFixtures from './fixtures/index.ts';
import connector from './index.ts';
import { jsonMembers } from './openapi-json.ts';
import { subjectText } from './text.ts';

const pay = connector.pay!;
const { secrets } = channelFixtures;
const account = { id: 'test', settings: { openapi_mode: 'key', app_id: '2021000000000001' } };
const at = Date.UTC(2026, 0, 1, 19, 4, 5) as Instant;
const moment = { at, nonce: '' };

const instruction: PayInstruction = {
  serialNo: 'LS20260102_0001',
  product: 'precreate',
  amount: { minor: 19_900n, currency: CNY },
  subject: '奶粉',
  deadlineAt: (at + 1_800_000) as Instant,
  notifyUrl: 'https://pay.example.com/notices/1',
};

function contentOf(wish: Partial<PayInstruction>): Record<string, unknown> | string {
  const built = pay.submit.build({ ...instruction, ...wish }, account, moment, secrets);
  if (!built.ok) return `${built.refusal.code} ${String(built.refusal.params['field'])}`;
  const body = new URLSearchParams(new TextDecoder().decode(built.value.finish('c2ln').body));
  return JSON.parse(body.get('biz_content')!) as Record<string, unknown>;
}

test.each([
  ['a/b=c&d', 'a／b＝c＆d'],
  [' 两行\r\n\t文字\u2028 ', '两行 文字'],
  ['半个 \ud83d 字', '半个   字'],
  ['奶'.repeat(300), '奶'.repeat(256)],
  ['😀'.repeat(257), '😀'.repeat(256)],
  ['\u0000\u007f', ''],
])('the subject %j travels as %j', (subject, travels) => {
  expect(subjectText(subject)).toBe(travels);
});

test('what each product sends', () => {
  const terms = {
    out_trade_no: 'LS20260102_0001',
    total_amount: '199.00',
    subject: '奶粉',
    time_expire: '2026-01-02 03:34:05',
  };
  expect(contentOf({})).toEqual({ ...terms, product_code: 'FACE_TO_FACE_PAYMENT' });
  const code = { scene: 'bar_code', product_code: 'FACE_TO_FACE_PAYMENT' };
  for (const text of ['2812345678901234', `fp${'a'.repeat(33)}`])
    expect(contentOf({ product: 'barcode', payerCode: new Secret(text) })).toEqual({
      ...terms,
      ...code,
      auth_code: text,
    });
  const create = (id: string) => contentOf({ product: 'create', payerId: new Secret(id) });
  expect(create('2088102122524333')).toEqual({ ...terms, buyer_id: '2088102122524333' });
  expect(create('074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5')).toMatchObject({
    buyer_open_id: '074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5',
  });
});

const days = 24 * 60 * 60_000;

test.each<[Partial<PayInstruction>, string]>([
  [{ serialNo: 'LS-1' }, 'out_trade_no'],
  [{ serialNo: 'L'.repeat(65) }, 'out_trade_no'],
  [{ amount: { minor: 0n, currency: CNY } }, 'total_amount'],
  [{ amount: { minor: 10_000_000_001n, currency: CNY } }, 'total_amount'],
  [{ amount: { minor: 100n, currency: 'USD' as Currency } }, 'currency'],
  [{ subject: '\n' }, 'subject'],
  [{ deadlineAt: (at + 59_999) as Instant }, 'time_expire'],
  [{ deadlineAt: (at + 15 * days + 1) as Instant }, 'time_expire'],
  [{ notifyUrl: `https://pay.example.com/${'n'.repeat(256)}` }, 'notify_url'],
  [{ notifyUrl: 'pay.example.com' }, 'notify_url'],
  [{ returnUrl: 'javascript:alert(1)' }, 'return_url'],
  [{ product: 'page' }, 'product'],
  [{ product: 'toString' }, 'product'],
  [{ product: 'barcode' }, 'auth_code'],
  [{ product: 'barcode', payerCode: new Secret('1312345678901234') }, 'auth_code'],
  [{ product: 'create' }, 'buyer_open_id'],
])('%o is refused before anything leaves', (wish, field) => {
  expect(contentOf(wish)).toBe(`channel.value_not_taken ${field}`);
});

test.each([
  [{ openapi_mode: 'none' }, 'openapi_mode'],
  [{ openapi_mode: 'key' }, 'app_id'],
  [{ ...account.settings, openapi_mode: 'cert' }, 'app_cert, alipay_root_cert'],
  [{ ...account.settings, content_encryption: 'AES' }, 'content_key'],
])('an account that is not set up for it refuses to build: %o', (settings, setting) => {
  const built = pay.query.build(instruction, { id: 'test', settings }, moment, {});
  expect(built).toMatchObject({ ok: false, refusal: { code: 'channel.not_set_up', params: { setting } } });
});

test('a refund of more than there is never leaves', () => {
  const refund = {
    refundNo: 'RF1',
    serialNo: 'LS1',
    tradeNo: '2026',
    reason: '',
    whole: instruction.amount,
    notifyUrl: '',
  };
  const build = (minor: bigint) =>
    connector.refund!.submit.build({ ...refund, amount: { minor, currency: CNY } }, account, moment, secrets);
  expect(build(19_900n).ok).toBe(true);
  expect(build(19_901n).ok).toBe(false);
  expect(build(0n).ok).toBe(false);
});

test('the members of an object keep their exact text, whatever stands in their strings', () => {
  const json = ' { "a" : {"x":"}\\"{","y":[1,{}]} , "b":"\\/\\u4e2d" ,"c": -1.50,"d":null } ';
  const members = { a: '{"x":"}\\"{","y":[1,{}]}', b: '"\\/\\u4e2d"', c: '-1.50', d: 'null' };
  expect(Object.fromEntries(jsonMembers(json)!)).toEqual(members);
  expect(jsonMembers('{}')).toEqual(new Map());
  for (const broken of ['', '[]', 'null', '{"a":1}{', '{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '['.repeat(100_000)])
    expect(jsonMembers(broken), broken.slice(0, 20)).toBeUndefined();
});

test('an answer that says too often slows the lane, signed or not; other refusals, other members and broken bytes do not', () => {
  const says = (body: string, status = 200): boolean =>
    connector.saysTooOften?.({ status, headers: {}, body: new TextEncoder().encode(body) }) ?? false;
  expect(says('{"alipay_trade_query_response":{"code":"40005","sub_code":"isv.app-call-limited"}}')).toBe(true);
  expect(says('{"error_response":{"code":"40005"},"sign":"x"}')).toBe(true);
  expect(says('', 429)).toBe(true);
  for (const body of [
    '{"alipay_trade_query_response":{"code":"40004","sub_msg":"40005"}}',
    '{"alipay_trade_query_response":{"code":"20000"}}',
    '{"code":"40005"}',
    '{"alipay_trade_query_response":"40005"}',
    'code 40005',
  ])
    expect(says(body), body).toBe(false);
  expect(says('{"error_response":{"code":"40005"}}', 503)).toBe(false);
});
