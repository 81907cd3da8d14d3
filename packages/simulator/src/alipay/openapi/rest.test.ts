import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readApp } from './apps.ts';
import { dressRest, restRefusal } from './rest-dress.ts';
import { readRestRequest } from './rest-request.ts';
import { readAuthorization, restRequestText, restSigned } from './rest-signing.ts';
import { initialOpenApiSettings, patchOpenApiSettings } from './settings.ts';
import type { OpenApiSettings } from './settings.ts';

const vectors = JSON.parse(readFileSync(new URL('../../../fixtures/openapi-vectors.json', import.meta.url), 'utf8'));
const { keys } = vectors;
const now = Date.UTC(2026, 0, 1, 19, 4, 5);
const common = {
  app_id: '2021000000000001',
  seller_id: '2088101568338364',
  alipay_private_key_pem: keys.alipay_private_pkcs8,
};
const keyApp = readApp({ ...common, merchant_public_key_pem: keys.app_public });
const certificateApp = readApp({
  ...common,
  app_cert_pem: keys.app_cert,
  alipay_cert_pem: keys.alipay_cert,
  alipay_root_cert_pem: keys.root_bundle,
});
const merchant = createPrivateKey(keys.app_private_pkcs8);

type Change = Readonly<Record<string, string>>;
const defaults: Change = {
  method: 'POST',
  path: '/v3/alipay/trade/query',
  query: '',
  body: '{"out_trade_no":"A1"}',
  auth: `app_id=2021000000000001,nonce=n1,timestamp=${now}`,
  scheme: 'ALIPAY-SHA256withRSA',
  'content-type': 'application/json',
};

/** A request that the merchant has signed as it is; `sign` replaces the signature. */
function asked(change: Change, settings: OpenApiSettings = initialOpenApiSettings, app = keyApp) {
  const sent = { ...defaults, ...change };
  const get = (name: string) => sent[name] ?? '';
  const target = get('query') ? `${get('path')}?${get('query')}` : get('path');
  const line = { authorization: get('auth'), method: get('method'), target, body: get('body') };
  const text = restRequestText({ ...line, appAuthToken: sent['alipay-app-auth-token'] });
  const authorization = `${get('scheme')} ${get('auth')},sign=${sent['sign'] ?? restSigned(text, merchant)}`;
  const header = (name: string) => (name === 'authorization' ? authorization : sent[name]);
  const call = {
    method: get('method'),
    path: get('path'),
    query: get('query'),
    body: Buffer.from(get('body')),
    header,
  };
  return readRestRequest(call, new Map([[app.appId, app]]), settings, now);
}

function answerTo(change: Change, settings?: OpenApiSettings, app?: typeof keyApp): string {
  const request = asked(change, settings, app);
  return 'refused' in request ? `${request.refused.code} ${request.refused.subCode}` : 'taken';
}

const auth = (...parts: string[]) => ({ auth: ['app_id=2021000000000001', 'nonce=n1', ...parts].join(',') });

test.each([
  ['a sound request', {}, 'taken'],
  ['an app_auth_token in the signed text', { 'alipay-app-auth-token': 'T1' }, 'taken'],
  ['another scheme', { scheme: 'ALIPAY-SM2' }, '40001 isv.missing-timestamp'],
  ['no timestamp', auth(), '40001 isv.missing-timestamp'],
  ['no app', { auth: `nonce=n1,timestamp=${now}` }, '40001 isv.missing-app-id'],
  ['an unknown app', { auth: `app_id=1,nonce=n1,timestamp=${now}` }, '40002 isv.invalid-app-id'],
  ['no nonce', { auth: `app_id=2021000000000001,timestamp=${now}` }, '40002 isv.invalid-parameter'],
  ['no signature', { sign: '' }, '40001 isv.missing-signature'],
  ['another signature', { sign: 'AAAA' }, '40002 isv.invalid-signature'],
  ['a timestamp that is none', auth('timestamp=2026-01-02 03:04:05'), '40002 isv.invalid-timestamp'],
  ['a timestamp ten minutes old', auth(`timestamp=${now - 600_000}`), 'taken'],
  ['one a millisecond older', auth(`timestamp=${now - 600_001}`), '40002 isv.invalid-timestamp'],
  ['one as far ahead', auth(`timestamp=${now + 600_001}`), '40002 isv.invalid-timestamp'],
  ['its own limit reached', auth(`timestamp=${now - 120_000}`, 'expired_seconds=120'), 'taken'],
  ['its own limit passed', auth(`timestamp=${now - 120_001}`, 'expired_seconds=120'), '40002 isv.invalid-timestamp'],
  ['GET where POST is taken', { method: 'GET', body: '' }, '40002 isv.invalid-http-method'],
  ['a method that nobody knows', { path: '/v3/alipay/trade/nothing' }, '40002 isv.invalid-method'],
  ['a page', { path: '/v3/alipay/trade/page/pay' }, '40002 isv.invalid-method'],
  ['an app payment', { path: '/v3/alipay/trade/app/pay' }, '40002 isv.invalid-method'],
  ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, '40002 isv.invalid-content-type'],
  ['a body that is no JSON', { body: 'out_trade_no=A1' }, '40002 isv.illegal-json'],
  ['a list as body', { body: '[]' }, '40002 isv.illegal-json'],
] as [string, Change, string][])('%s', (_, change, answer) => {
  expect(answerTo(change)).toBe(answer);
});

test('in certificate mode both numbers must be there and be the deposited ones', () => {
  const own = (sn: string) => auth(`app_cert_sn=${sn}`, `timestamp=${now}`);
  const root = { 'alipay-root-cert-sn': vectors.C1.root_cert_sn };
  const say = (change: Change) => answerTo(change, initialOpenApiSettings, certificateApp);
  expect(say({ ...own(vectors.C1.app.md5), ...root })).toBe('taken');
  expect(say(root)).toBe('40001 isv.missing-app-cert-sn');
  expect(say({ ...own('0'), ...root })).toBe('40002 isv.app-cert-not-exist');
  expect(say(own(vectors.C1.app.md5))).toBe('40001 isv.missing-alipay-root-cert-sn');
  expect(say({ ...own(vectors.C1.app.md5), 'alipay-root-cert-sn': '0' })).toBe('40002 isv.invalid-alipay-root-cert-sn');
});

test('the clock is not looked at, and the query is asked with GET, when the settings say so', () => {
  const settings = patchOpenApiSettings(initialOpenApiSettings, { v3_skew_ms: null, v3_query: 'GET' });
  const query = 'out_trade_no=A1&query_options=fund_bill_list';
  const old = auth(`timestamp=${now - 9_000_000}`);
  expect(asked({ ...old, method: 'GET', body: '', query, 'content-type': '' }, settings)).toMatchObject({
    call: { biz: { out_trade_no: 'A1', query_options: ['fund_bill_list'] } },
  });
  expect(answerTo({}, settings)).toBe('40002 isv.invalid-http-method');
  expect(answerTo({}, { ...settings, v3_query: 'either' })).toBe('taken');
  expect(answerTo({ path: '/v3/alipay/trade/refund' }, settings)).toBe('taken');
});

test('the address for notifications is a field of the body, and no part of the order', () => {
  const body = '{"out_trade_no":"A1","notify_url":"http://127.0.0.1:1/n"}';
  const request = asked({ body, path: '/v3/alipay/trade/precreate' });
  expect(request).toMatchObject({ call: { notifyUrl: 'http://127.0.0.1:1/n' } });
  expect('call' in request && request.call.biz).toEqual({ out_trade_no: 'A1' });
});

describe('answers', () => {
  const at = { at: now, callId: 'c1', settings: initialOpenApiSettings };
  const { call } = asked({}) as Extract<ReturnType<typeof asked>, { call: unknown }>;

  test.each([
    ['40002', 'isv.invalid-app-id', 400, 'invalid-app-id'],
    ['40002', 'isv.invalid-signature', 400, 'invalid-signature'],
    ['40002', 'isv.invalid-method', 404, 'invalid-method'],
    ['40004', 'ACQ.TRADE_NOT_EXIST', 400, 'ACQ.TRADE_NOT_EXIST'],
    ['40005', 'isv.app-call-limited', 429, 'app-call-limited'],
    ['40006', 'isv.insufficient-isv-permissions', 401, 'insufficient-isv-permissions'],
    ['20001', 'aop.invalid-auth-token', 401, 'invalid-auth-token'],
    ['20000', 'isp.unknow-error', 500, 'unknow-error'],
  ])('%s %s is status %i, %s, and not signed', (code, subCode, status, word) => {
    const reply = dressRest({ call, app: keyApp, isEncrypted: false }, { code, subCode }, [], at);
    expect(reply).toEqual(restRefusal({ code, subCode }, at));
    expect(reply).toMatchObject({ code: status, headers: { 'alipay-trace-id': 'c1' } });
    expect(Object.keys(reply.kind === 'answer' ? (reply.headers ?? {}) : {})).toEqual(['alipay-trace-id']);
    const body = JSON.parse(reply.kind === 'answer' ? reply.body.toString() : '');
    expect(body).toEqual({
      code: word,
      links: [expect.objectContaining({ desc: '解决方案' })],
      message: expect.any(String),
    });
  });

  test('what the documents contradict each other about is a setting', () => {
    const wish = { v3_signature_status: 401, v3_unknown_status: 400, v3_in_process_status: 202 };
    const moment = { ...at, settings: patchOpenApiSettings(initialOpenApiSettings, wish) };
    expect(restRefusal({ code: '40002', subCode: 'isv.invalid-signature' }, moment)).toMatchObject({ code: 401 });
    expect(restRefusal({ code: '20000', subCode: 'isp.unknow-error' }, moment)).toMatchObject({ code: 400 });
    const waits = { code: '10003', fields: { out_trade_no: 'A1' } };
    const dressed = { call, app: keyApp, isEncrypted: false };
    expect(dressRest(dressed, waits, [], moment)).toMatchObject({
      code: 202,
      body: Buffer.from('{"out_trade_no":"A1"}'),
    });
    expect(dressRest(dressed, waits, [], at)).toMatchObject({ code: 200 });
    expect(() => patchOpenApiSettings(initialOpenApiSettings, { v3_signature_status: 403 })).toThrow(
      'v3_signature_status',
    );
  });
});

test('a header without a signature, or of another kind, is told apart', () => {
  expect(readAuthorization(undefined)).toBe(undefined);
  expect(readAuthorization('Bearer x')).toBe(undefined);
  expect(readAuthorization('ALIPAY-SHA256withRSA app_id=1')).toMatchObject({ text: 'app_id=1', signature: '' });
});
