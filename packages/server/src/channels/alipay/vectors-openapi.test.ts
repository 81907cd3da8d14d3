import { createPrivateKey, createPublicKey, sign as signWithKey, verify } from 'node:crypto';
import { AlipaySdk } from 'alipay-sdk';
import { expect, test } from 'vitest';
import { CNY, Secret } from '../../kernel/index.ts';
import type { Instant, Result } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount, Draft, PayInstruction, WireAnswer } from '../contract/index.ts';
import { certificateOf, rootBundleSn } from './certificates.ts';
import { encodeText } from './charset.ts';
import mapi from './fixtures/vectors.json' with { type: 'json' };
import vectors from './fixtures/vectors-openapi.json' with { type: 'json' };
import connector from './index.ts';
import { draftOpenapi, openapiText } from './openapi.ts';
import { readOpenapiAnswer } from './openapi-answer.ts';
import { sign } from './sign.ts';
import { decryptContent, encryptContent } from './sign-openapi.ts';

const { keys } = vectors;
const pay = connector.pay!;

function secret(text: string): readonly Secret[] {
  return [new Secret(text)];
}

const secrets: AccountSecrets = {
  app_private_key: secret(mapi.keys.app_private_pkcs8),
  alipay_openapi_public_key: secret(mapi.keys.alipay_public),
  app_cert: secret(keys.app_cert),
  alipay_cert: secret(keys.alipay_cert),
  alipay_root_cert: secret(keys.root_bundle),
  content_key: secret(vectors.A1.aes_key_base64),
};

function account(settings: Record<string, string> = {}): ChannelAccount {
  return { id: 'test', settings: { app_id: '2021000000000001', openapi_mode: 'key', ...settings } };
}

/** 2026-01-02 03:04:05 on a wall clock in Beijing. */
const moment = { at: Date.UTC(2026, 0, 1, 19, 4, 5) as Instant, nonce: '' };

const instruction: PayInstruction = {
  serialNo: 'LS20260102_0001',
  product: 'precreate',
  amount: { minor: 19_900n, currency: CNY },
  subject: '保税仓奶粉',
  deadlineAt: Date.UTC(2026, 0, 1, 20, 34, 5) as Instant,
  notifyUrl: 'https://pay.example.com/notify/alipay?m=1&n=%E4%B8%AD',
};

function drafted(result: Result<Draft>): Draft {
  if (!result.ok) throw new Error(`${result.refusal.code} ${JSON.stringify(result.refusal.params)}`);
  return result.value;
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const answerOf = (body: string): WireAnswer => ({ status: 200, headers: {}, body: new TextEncoder().encode(body) });
const bare = (pem: string): string => pem.replaceAll(/-----[A-Z ]+-----|\s/g, '');

function queryDraft(settings: Record<string, string> = {}): Draft {
  const biz = { out_trade_no: 'LS20260102_0001', query_options: ['fund_bill_list'] };
  return drafted(
    draftOpenapi({ method: 'alipay.trade.query', travel: 'call', biz }, account(settings), moment, secrets),
  );
}

test.each([
  ['PKCS#8', mapi.keys.app_private_pkcs8],
  ['PKCS#1', mapi.keys.app_private_pkcs1],
  ['bare PKCS#8', bare(mapi.keys.app_private_pkcs8)],
  ['bare PKCS#1', bare(mapi.keys.app_private_pkcs1)],
])('O1: the text and its RSA2 signature, by a key in %s', async (_, key) => {
  const draft = queryDraft();
  expect(openapiText(Object.entries(vectors.O1.params))).toBe(vectors.O1.prestring);
  expect(textOf(draft.toSign)).toBe(vectors.O1.prestring);
  const held = { ...secrets, app_private_key: secret(key) };
  expect(await sign(draft.toSign, account(), held, draft.signWith)).toBe(vectors.O1.RSA2);
});

test('O2: sign_type stays in the text, so RSA signs another one', () => {
  const text = openapiText(Object.entries({ ...vectors.O1.params, sign_type: 'RSA', sign: 'x', app_auth_token: '' }));
  expect(text).toBe(vectors.O2.prestring);
  const signature = signWithKey('SHA1', Buffer.from(text), createPrivateKey(mapi.keys.app_private_pkcs8));
  expect(signature.toString('base64')).toBe(vectors.O2.RSA);
});

test('O3, O3g: Chinese text and an address with a query of its own stay raw, in UTF-8 and in GBK', () => {
  const text = openapiText(Object.entries(vectors.O3.params));
  expect(text).toBe(vectors.O3.prestring);
  const key = createPrivateKey(mapi.keys.app_private_pkcs8);
  const signed = (words: string, charset: 'utf-8' | 'gbk'): string =>
    signWithKey('SHA256', encodeText(words, charset)!, key).toString('base64');
  expect(signed(text, 'utf-8')).toBe(vectors.O3.RSA2);
  expect(signed(text.replace('charset=utf-8', 'charset=gbk'), 'gbk')).toBe(vectors.O3g.RSA2);
});

function asked(body: string, settings: Record<string, string> = {}, held: AccountSecrets = secrets) {
  return pay.query.interpret(answerOf(body), instruction, account(settings), held, moment.at);
}

const paidFacts = {
  serialNo: 'LS20260102_0001',
  tradeNo: '2026010222001400010500000001',
  amount: { minor: 19_900n, currency: CNY },
  received: { minor: 19_900n, currency: CNY },
  paidAt: Date.UTC(2026, 0, 1, 19, 5, 6),
  payer: '159****5620',
  channelStatus: 'TRADE_SUCCESS',
};

test.each(['R1', 'R2', 'R3', 'R7'] as const)('%s: a signed answer is verified over its raw text and read', (name) => {
  expect(asked(vectors[name].body)).toEqual({ trust: 'verified', outcome: { kind: 'succeeded', facts: paidFacts } });
});

test('R1 with another amount, signed by nobody, proves nothing', () => {
  const forged = vectors.R1.body.replaceAll('199.00', '299.00');
  expect(asked(forged)).toMatchObject({ trust: 'none', outcome: { kind: 'in_doubt' } });
  expect(asked(vectors.R1.body.replace(/,"sign":"[^"]*"/, ''))).toMatchObject({
    trust: 'transport_only',
    outcome: { kind: 'in_doubt' },
  });
});

test('R1 while a second key of Alipay is live, and under another key alone', () => {
  const [alipay] = secrets['alipay_openapi_public_key']!;
  const both = { ...secrets, alipay_openapi_public_key: [new Secret(keys.app_public), alipay!] };
  expect(asked(vectors.R1.body, {}, both).outcome.kind).toBe('succeeded');
  const other = { ...secrets, alipay_openapi_public_key: secret(keys.app_public) };
  expect(asked(vectors.R1.body, {}, other)).toMatchObject({ trust: 'none', outcome: { kind: 'in_doubt' } });
});

test('R4: the channel knows no such number, which proves nothing by itself', () => {
  const reading = pay.query.interpret(
    answerOf(vectors.R4.body),
    { ...instruction, serialNo: 'LS20260102_0009' },
    account(),
    secrets,
    moment.at,
  );
  expect(reading).toMatchObject({ trust: 'verified', outcome: { kind: 'in_doubt' }, isAbsent: true });
  expect(asked(vectors.R4.body).isAbsent).toBeUndefined();
});

test('R5, R6: an error of the gateway is read unsigned and signed, and says nothing of the trade', () => {
  const read = (body: string) => readOpenapiAnswer(answerOf(body), 'alipay.trade.query', account(), secrets);
  const words = { kind: 'said', code: '40002', subCode: 'isv.invalid-app-id', text: '无效的AppID参数' };
  expect(read(vectors.R5.body)).toMatchObject({ ...words, trust: 'transport_only' });
  expect(read(vectors.R6.body)).toMatchObject({ ...words, trust: 'verified' });
  expect(asked(vectors.R5.body).outcome.kind).toBe('in_doubt');
});

test('A1, A2: the content is encrypted first and signed then', async () => {
  const { plaintext, ciphertext } = vectors.A1;
  expect(encryptContent(plaintext, secrets)).toBe(ciphertext);
  expect(textOf(decryptContent(ciphertext, secrets)!)).toBe(plaintext);
  const draft = queryDraft({ content_encryption: 'AES' });
  expect(textOf(draft.toSign)).toBe(vectors.A2.prestring);
  expect(await sign(draft.toSign, account(), secrets, draft.signWith)).toBe(vectors.A2.RSA2);
});

test('A3: an encrypted answer is verified with its quotes, then opened', () => {
  const encrypted = { content_encryption: 'AES' };
  expect(asked(vectors.A3.body, encrypted)).toMatchObject({ trust: 'verified', outcome: { kind: 'succeeded' } });
  const strange = { ...secrets, content_key: secret(Buffer.alloc(16).toString('base64')) };
  expect(asked(vectors.A3.body, encrypted, strange).outcome.kind).toBe('in_doubt');
});

test('C1: certificates are named by issuer and serial number, the bundle by those signed with RSA', () => {
  expect(certificateOf(keys.app_cert)?.sn).toBe(vectors.C1.app.md5);
  expect(certificateOf(keys.alipay_cert)?.sn).toBe(vectors.C1.alipay.md5);
  expect(rootBundleSn(keys.root_bundle)).toBe(vectors.C1.root_cert_sn);
  expect(certificateOf('no certificate')).toBeUndefined();
  expect(rootBundleSn('')).toBeUndefined();
});

test('C2: a request in certificate mode names both certificates', async () => {
  const draft = queryDraft({ openapi_mode: 'cert' });
  expect(textOf(draft.toSign)).toBe(vectors.C2.prestring);
  expect(await sign(draft.toSign, account(), secrets, draft.signWith)).toBe(vectors.C2.RSA2);
});

test('R2 in certificate mode: the answer must name the certificate that we hold', () => {
  const cert = { openapi_mode: 'cert' };
  expect(asked(vectors.R2.body, cert)).toMatchObject({ trust: 'none', outcome: { kind: 'in_doubt' } });
  const named = vectors.R2.body.replace(/"alipay_cert_sn":"[^"]*"/, `"alipay_cert_sn":"${vectors.C1.alipay.md5}"`);
  expect(asked(named, cert)).toMatchObject({ trust: 'verified', outcome: { kind: 'succeeded' } });
});

function heard(form: string, settings: Record<string, string> = {}) {
  const message = { method: 'POST', query: '', headers: {}, body: new TextEncoder().encode(form) };
  return pay.notice.read(message, account(settings), secrets, moment.at);
}

test.each([
  ['N1', {}],
  ['N3', { seller_id: '2088101568338364' }],
] as const)('%s: news of a payment, in the charset that it names', (name, settings) => {
  const { payer: _payer, ...facts } = paidFacts;
  expect(heard(vectors[name].form, settings)).toEqual({
    trust: 'verified',
    kind: 'payment',
    noticeId: '2026010200222030506000000000000001',
    isOurs: true,
    serialNo: 'LS20260102_0001',
    outcome: { kind: 'succeeded', facts: { ...facts, payerPaid: { minor: 19_900n, currency: CNY } } },
    says: { minor: 19_900n, currency: CNY },
    word: 'TRADE_SUCCESS',
  });
});

test('N2: a refund comes over the same address under the status of the payment', () => {
  expect(heard(vectors.N2.form)).toMatchObject({
    trust: 'verified',
    kind: 'refund',
    refundNo: 'RF20260103_0001',
    outcome: { kind: 'succeeded', facts: { hasRefunds: true } },
  });
});

test('a notification signed rightly may be about another application or receiver', () => {
  expect(heard(vectors.N1.form, { app_id: '2021000000000002' }).isOurs).toBe(false);
  expect(heard(vectors.N1.form, { seller_id: '2088000000000001' }).isOurs).toBe(false);
});

test.each([
  ['another amount', vectors.N1.form.replaceAll('199.00', '299.00'), 'none'],
  ['no signature', vectors.N1.form.replace(/&sign=.*$/, ''), 'transport_only'],
  ['a value twice', `${vectors.N1.form}&trade_status=TRADE_CLOSED`, 'transport_only'],
  ['a broken escape', vectors.N1.form.replace('%25', '%2'), 'transport_only'],
  ['sign_type RSA', vectors.N1.form.replace('sign_type=RSA2', 'sign_type=RSA'), 'none'],
])('N1 with %s proves nothing and passes on nothing', (_, form, trust) => {
  expect(heard(form)).toMatchObject({ trust, kind: 'other', isOurs: false, outcome: { kind: 'in_doubt' } });
  expect(heard(form).serialNo).toBeUndefined();
});

/** The official SDK: read, never used by the product. It signs in its own way and must come to the same bytes. */
const sdk = new AlipaySdk({
  appId: '2021000000000001',
  privateKey: mapi.keys.app_private_pkcs8,
  keyType: 'PKCS8',
  alipayPublicKey: keys.app_public,
});

function fieldsOf(text: string): Record<string, string> {
  return Object.fromEntries(text.split('&').map((pair) => pair.split('=', 2).map(decodeURIComponent))) as Record<
    string,
    string
  >;
}

test.each(['page', 'wap', 'app'])('the official SDK signs a %s payment as we do, byte for byte', async (product) => {
  const shown = { ...instruction, product, subject: '保税仓奶粉 50%+OFF' };
  const draft = drafted(pay.show!.build(shown, account(), moment, secrets));
  const request = draft.finish(await sign(draft.toSign, account(), secrets, draft.signWith));
  const handOut = pay.show!.handOut(request, shown);
  const text = handOut.kind === 'sdk' ? handOut.text : handOut.kind === 'url' ? handOut.url.split('?')[1]! : '';
  const ours = fieldsOf(text);
  const theirs = fieldsOf(
    sdk.sdkExecute(ours['method']!, {
      timestamp: ours['timestamp'],
      notifyUrl: ours['notify_url'],
      bizContent: JSON.parse(ours['biz_content']!) as Record<string, string>,
    }),
  );
  expect(ours).toEqual(theirs);
  expect(sdk.checkNotifySignV2(ours)).toBe(true);
  expect(sdk.checkNotifySignV2({ ...ours, notify_url: 'https://elsewhere.example.com' })).toBe(false);
});

test('a call travels with its charset in the address and its content in the body, and the official SDK verifies it', async () => {
  const draft = drafted(pay.submit.build(instruction, account(), moment, secrets));
  const { method, url, body } = draft.finish(await sign(draft.toSign, account(), secrets, draft.signWith));
  expect(method).toBe('POST');
  expect(new URL(url).searchParams.get('charset')).toBe('utf-8');
  expect(url).not.toContain('biz_content');
  expect(sdk.checkNotifySignV2({ ...fieldsOf(url.split('?')[1]!), ...fieldsOf(textOf(body!)) })).toBe(true);
  const { sign: signature, ...rest } = { ...fieldsOf(url.split('?')[1]!), ...fieldsOf(textOf(body!)) };
  const text = Buffer.from(openapiText(Object.entries(rest)));
  expect(verify('SHA256', text, createPublicKey(keys.app_public), Buffer.from(signature!, 'base64'))).toBe(true);
});
