// The vectors of signing and sealing that a merchant's side can run: made for this project, and computed by four libraries alike.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { expect, test } from 'vitest';
import { CNY, Secret } from '../../kernel/index.ts';
import type { Instant, Result } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount, Draft, PayInstruction } from '../contract/index.ts';
import vectors from './fixtures/vectors.json' with { type: 'json' };
import connector from './index.ts';
import { draftCall } from './request.ts';
import { openSealed, sign, signAtOnce, vouchedFor } from './sign.ts';
import { openRefundInfo, signV2, v2Text } from './sign-v2.ts';

const { keys } = vectors;
const pay = connector.pay!;
const at = 1_796_090_400_000 as Instant;
const of = (text: string): readonly Secret[] => [new Secret(text)];

const secrets: AccountSecrets = {
  merchant_private_key: of(keys.merchant_private_pkcs8),
  api_v3_key: of(keys.api_v3_key),
  api_v2_key: of(keys.api_v2_key),
  platform_public_key: of(keys.platform_public),
  platform_certificate: of(keys.platform_certificate),
};
const byKey: ChannelAccount = {
  id: 'test',
  settings: {
    ...{ mchid: '1800000042', appid: 'wx0123456789abcdef', merchant_serial_no: keys.merchant_serial },
    ...{ platform_keys: 'public_key', public_key_id: keys.public_key_id, fund_flow: 'new' },
  },
};
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (body: Uint8Array | undefined): string => new TextDecoder().decode(body);

function drafted(result: Result<Draft>): Draft {
  if (!result.ok) throw new Error(result.refusal.code);
  return result.value;
}

const instruction: PayInstruction = {
  ...{
    serialNo: 'LS20261201-0001',
    product: 'jsapi',
    amount: { minor: 12_345n, currency: CNY },
    subject: '流水测试商品',
  },
  ...{ deadlineAt: (at + 1_800_000) as Instant, notifyUrl: 'https://pay.example.com/notify/wechat' },
  payerId: new Secret('oLiushui0000000000000000test'),
};

const noticeOrder = '/v3/fund-app/mch-transfer/transfer-bills/out-bill-no/LSPO20261201001/cancel';
const requests = [
  ['A1', (nonce: string) => pay.query.build(instruction, byKey, { at, nonce }, secrets)],
  [
    'A2',
    (nonce: string) =>
      draftCall(
        {
          ...{ method: 'POST', path: '/v3/pay/transactions/jsapi' },
          body: JSON.parse(vectors.A2.body) as Record<string, unknown>,
        },
        byKey,
        { at, nonce },
        secrets,
      ),
  ],
  ['A3', (nonce: string) => draftCall({ method: 'POST', path: noticeOrder }, byKey, { at, nonce }, secrets)],
  [
    'A4',
    (nonce: string) => {
      const path = `/v3/pay/transactions/out-trade-no/${encodeURIComponent('LS20261201|0002')}?mchid=1800000042`;
      return draftCall({ method: 'GET', path }, byKey, { at, nonce }, secrets);
    },
  ],
] as const;

test.each(requests)('%s: five lines, each with its line feed, and the header byte for byte', async (name, build) => {
  const vector = vectors[name];
  const draft = drafted(build(vector.nonce));
  expect(textOf(draft.toSign)).toBe(vector.message);
  expect(createHash('sha256').update(draft.toSign).digest('hex')).toBe(vector.sha256);
  const request = draft.finish(await sign(draft.toSign, byKey, secrets));
  expect(request.headers['authorization']).toBe(vector.authorization);
  expect(request.headers['wechatpay-serial']).toBe(keys.public_key_id);
  expect(request.headers['user-agent']).not.toBe('');
});

test('the platform is asked for the signature that the account can verify', () => {
  const asked = (verifiesWith: string) => {
    const account = { ...byKey, settings: { ...byKey.settings, platform_keys: verifiesWith } };
    return drafted(pay.query.build(instruction, account, { at, nonce: 'n' }, secrets)).finish('').headers[
      'wechatpay-serial'
    ];
  };
  expect(asked('public_key')).toBe(keys.public_key_id);
  expect(asked('both')).toBe(keys.public_key_id);
  expect(asked('certificate')).toBe(keys.platform_serial);
});

test('A2: the body goes as it was signed, Chinese text and all', () => {
  const { body } = drafted(requests[1][1]('n')).finish('c2ln');
  expect(textOf(body)).toBe(vectors.A2.body);
});

type Answered = { readonly nonce: string; readonly signature: string };

function headersOf({ nonce, signature }: Answered, serial: string): Record<string, string> {
  return {
    ...{ 'wechatpay-timestamp': '1796090400', 'wechatpay-nonce': nonce, 'wechatpay-signature': signature },
    'wechatpay-serial': serial,
  };
}

const b1 = (changes: Partial<Answered> = {}) => headersOf({ ...vectors.B1, ...changes }, keys.public_key_id);
const vouched = (headers: Record<string, string>, body: string, account = byKey, held = secrets, heardAt = at) =>
  vouchedFor(headers, bytes(body), account, held, heardAt);
const byCertificate = headersOf(vectors.B1, keys.platform_serial);

test('B1: an answer is verified by the public key and, during a switch, by the certificate that its header names', () => {
  expect(vouched(b1(), vectors.B1.body).trust).toBe('verified');
  expect(vouched(byCertificate, vectors.B1.body).trust).toBe('verified');
  expect(
    vouched({ ...byCertificate, 'wechatpay-serial': keys.platform_serial.toLowerCase() }, vectors.B1.body).trust,
  ).toBe('verified');
  const pkcs1 = { ...secrets, platform_public_key: of(keys.platform_public_pkcs1) };
  expect(vouched(b1(), vectors.B1.body, byKey, pkcs1).trust).toBe('verified');
});

test('B1: changed by a byte, unsigned, of another time, type or key it is not', () => {
  const { body } = vectors.B1;
  expect(vouched(b1(), `${body} `)).toEqual({ trust: 'none', why: 'the signature does not fit' });
  for (const name of ['timestamp', 'nonce', 'signature', 'serial'])
    expect(vouched({ ...b1(), [`wechatpay-${name}`]: '' }, body).trust, name).toBe('transport_only');
  for (const ms of [300_000, -300_000])
    expect(vouched(b1(), body, byKey, secrets, (at + ms) as Instant).why).toBe('the signature is of another time');
  expect(vouched(b1(), body, byKey, secrets, (at + 299_000) as Instant).trust).toBe('verified');
  const brand = { ...b1(), 'wechatpay-signature-type': 'WECHATPAY-BRAND-SHA256-RSA2048' };
  expect(vouched(brand, body).why).toBe('the signature is of another type');
  for (const serial of [`${keys.public_key_id}1`, keys.public_key_id.toLowerCase(), '00'])
    expect(vouched({ ...b1(), 'wechatpay-serial': serial }, body).why).toContain('no key of the platform');
  const { platform_certificate: _gone, ...withoutCertificate } = secrets;
  expect(vouched(byCertificate, body, byKey, withoutCertificate).trust).toBe('none');
  const inSixYears = (at + 6 * 366 * 86_400_000) as Instant;
  const later = { ...byCertificate, 'wechatpay-timestamp': String(inSixYears / 1000) };
  expect(vouched(later, body, byKey, secrets, inSixYears).why).toContain('no key of the platform');
});

test('B2: 204 is signed over an empty body', () => {
  const headers = headersOf(vectors.B2, keys.public_key_id);
  expect(vouched(headers, '').trust).toBe('verified');
  const answer = { status: 204, headers, body: new Uint8Array() };
  expect(pay.close.interpret(answer, instruction, byKey, secrets, at)).toEqual({
    trust: 'verified',
    outcome: { kind: 'succeeded', facts: { action: 'closed' } },
  });
});

test('B3: a probe is refused and called one', () => {
  expect(vouched(b1(vectors.B3), vectors.B1.body)).toEqual({
    trust: 'none',
    why: 'a probe of the platform: signed wrongly on purpose',
  });
});

test('H1, B1: what the script of WeChat is given is signed over four lines', () => {
  expect(signAtOnce(vectors.H1.message, secrets)).toBe(vectors.H1.signature);
  const answer = { status: 200, headers: b1(), body: bytes(vectors.B1.body) };
  const { outcome } = pay.submit.interpret(answer, instruction, byKey, secrets, at);
  if (outcome.kind !== 'accepted' || outcome.facts.handOut?.kind !== 'sdk') throw new Error(JSON.stringify(outcome));
  const given = JSON.parse(outcome.facts.handOut.text) as Record<string, string>;
  const prepay = 'prepay_id=wx011000000000000000000000000000000a';
  expect(given).toMatchObject({
    appId: 'wx0123456789abcdef',
    timeStamp: '1796090400',
    package: prepay,
    signType: 'RSA',
  });
  const signed = `wx0123456789abcdef\n1796090400\n${vectors.B1.nonce}\n${prepay}\n`;
  const certified = createPublicKey(keys.merchant_certificate);
  expect(verify('SHA256', bytes(signed), certified, Buffer.from(given['paySign']!, 'base64'))).toBe(true);
});

test('H2: what the SDK of an app is given has the bare id in its fourth line', () => {
  expect(signAtOnce(vectors.H2.message, secrets)).toBe(vectors.H2.signature);
  const answer = { status: 200, headers: b1(), body: bytes(vectors.B1.body) };
  const account = { ...byKey, settings: { ...byKey.settings, app_appid: 'wxaaaaaaaaaaaaaaaa' } };
  const { outcome } = pay.submit.interpret(answer, { ...instruction, product: 'app' }, account, secrets, at);
  if (outcome.kind !== 'accepted' || outcome.facts.handOut?.kind !== 'sdk') throw new Error(JSON.stringify(outcome));
  const given = JSON.parse(outcome.facts.handOut.text) as Record<string, string>;
  expect(given).toMatchObject({ appid: 'wxaaaaaaaaaaaaaaaa', partnerid: '1800000042', package: 'Sign=WXPay' });
  const lines = ['wxaaaaaaaaaaaaaaaa', '1796090400', vectors.B1.nonce, 'wx011000000000000000000000000000000a', ''];
  const certified = createPublicKey(keys.merchant_certificate);
  expect(verify('SHA256', bytes(lines.join('\n')), certified, Buffer.from(given['sign']!, 'base64'))).toBe(true);
});

function heard(name: 'C1' | 'C2' | 'C3', body: string = vectors[name].body) {
  const headers = headersOf(vectors[name], keys.public_key_id);
  return pay.notice.read({ method: 'POST', query: '', headers, body: bytes(body) }, byKey, secrets, at);
}

test('C1: a payment is told under its number, with the amount that the message names', () => {
  const { outcome, ...rest } = heard('C1');
  expect(rest).toMatchObject({ trust: 'verified', kind: 'payment', isOurs: true, serialNo: 'LS20261201-0001' });
  expect(rest.says).toEqual({ minor: 12_345n, currency: CNY });
  expect(outcome).toMatchObject({
    kind: 'succeeded',
    facts: { tradeNo: '4200009999202612010000000001', paidAt: at - 2000, channelStatus: 'SUCCESS' },
  });
});

test('C2, C3: news of a refund names it and is a reason to ask; a transfer is something else', () => {
  const refundNo = 'LSRF20261201-0001';
  expect(heard('C2')).toMatchObject({ kind: 'refund', isOurs: true, refundNo, outcome: { kind: 'in_doubt' } });
  expect(heard('C3')).toMatchObject({ trust: 'verified', kind: 'other', isOurs: false });
});

test('C1: what was changed, sealed under another key or cut short tells nothing', () => {
  expect(heard('C1', `${vectors.C1.body}\n`)).toMatchObject({ trust: 'none', kind: 'other' });
  const other = { ...secrets, api_v3_key: of('0'.repeat(32)) };
  const headers = headersOf(vectors.C1, keys.public_key_id);
  const message = { method: 'POST', query: '', headers, body: bytes(vectors.C1.body) };
  expect(pay.notice.read(message, byKey, other, at)).toMatchObject({ trust: 'none', isOurs: false });
  const both = { ...secrets, api_v3_key: [...other.api_v3_key, ...of(keys.api_v3_key)] };
  expect(pay.notice.read(message, byKey, both, at)).toMatchObject({ trust: 'verified', kind: 'payment' });
});

test.each(['C4', 'D1'] as const)('%s: sealed bytes open with their tag, and never without', (name) => {
  const { ciphertext, nonce, associated_data: associatedData } = vectors[name];
  const expected = name === 'C4' ? vectors.C4.plain : keys.platform_certificate;
  expect(textOf(openSealed({ ciphertext, nonce, associatedData }, secrets))).toBe(expected);
  expect(openSealed({ ciphertext, nonce, associatedData: 'x' }, secrets)).toBeUndefined();
  const changed = Buffer.from(ciphertext, 'base64');
  changed[changed.length - 1]! ^= 1;
  expect(openSealed({ ciphertext: changed.toString('base64'), nonce, associatedData }, secrets)).toBeUndefined();
});

const v2Names = ['F0', 'F1', 'F2', 'F3', 'F4', 'F5', 'F6', 'H3', 'H4', 'H5'] as const;

test.each(v2Names)('%s: version 2 signs the sorted, raw fields with MD5 and with HMAC', (name) => {
  const { text, md5, hmac } = vectors[name];
  const at = text.lastIndexOf('&key=');
  const held = { api_v2_key: of(text.slice(at + 5)) };
  // A value may hold "&" and "=" itself: the names tell where one ends.
  const fields = Object.fromEntries(
    [...text.slice(0, at).matchAll(/(?:^|&)([A-Za-z_]{2,})=(.*?)(?=&[A-Za-z_]{2,}=|$)/g)].map(([, field, value]) => [
      field!,
      value!,
    ]),
  );
  const shuffled = Object.fromEntries(
    Object.entries({ ...fields, device_info: fields['device_info'] ?? '', sign: 'X' }).reverse(),
  );
  const signed = v2Text(Object.entries(shuffled));
  expect(signV2(signed, 'MD5', held)).toBe(md5);
  expect(signV2(signed, 'HMAC-SHA256', held)).toBe(hmac);
});

test('G1: the refund notice of version 2 opens, with and without its padding block', () => {
  expect(openRefundInfo(vectors.G1.req_info, secrets)).toBe(vectors.G1.plain);
  const unpadded = Buffer.from(vectors.G1.req_info, 'base64').subarray(0, -16).toString('base64');
  expect(openRefundInfo(unpadded, secrets)).toBe(vectors.G1.plain);
  expect(openRefundInfo(vectors.G1.req_info, { api_v2_key: of('other') })).toBeUndefined();
});

test('G1: the refund notice is a reason to ask, for the merchant that it names, and is answered in its own words', () => {
  const heardOf = (mchId: string, info: string, held = secrets) => {
    const text = `<xml><return_code>SUCCESS</return_code><mch_id>${mchId}</mch_id><req_info><![CDATA[${info}]]></req_info></xml>`;
    return pay.notice.read({ method: 'POST', query: '', headers: {}, body: bytes(text) }, byKey, held, at);
  };
  const { req_info: info } = vectors.G1;
  const { ack, ...told } = heardOf('1800000042', info);
  expect(told).toEqual({
    ...{ trust: 'verified', kind: 'refund', isOurs: true, serialNo: 'LS20261201-0003', refundNo: 'LSRF20261201-0003' },
    ...{ outcome: { kind: 'in_doubt', why: 'news of refund, to be asked about' }, word: 'refund_status SUCCESS' },
  });
  expect(ack).toMatchObject({ status: 200, body: expect.stringContaining('<![CDATA[SUCCESS]]>') as string });
  expect(heardOf('1800000043', info)).toMatchObject({ trust: 'verified', isOurs: false });
  for (const unknown of [heardOf('1800000042', info, { api_v2_key: of('other') }), heardOf('1800000042', 'AAAA')])
    expect(unknown).toMatchObject({ trust: 'none', isOurs: false, kind: 'other' });
});
