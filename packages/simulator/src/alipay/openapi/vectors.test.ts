import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Agenda } from '../../agenda.ts';
import type { Pairs } from '../signing.ts';
import { readApp } from './apps.ts';
import { OpenApiBooks } from './books.ts';
import { certSn, rootCertSn } from './certificates.ts';
import { envelope, jsonIn, refusalText } from './dress.ts';
import { formEncoded } from './form.ts';
import { readOpenApiParams, readOpenApiRequest } from './request.ts';
import { dressRest } from './rest-dress.ts';
import { readRestRequest } from './rest-request.ts';
import { isGenuineRest, readAuthorization, restAnswerText, restRequestText, restSigned } from './rest-signing.ts';
import { initialOpenApiSettings } from './settings.ts';
import { decrypted, encrypted, isGenuine, notificationText, requestText, signed } from './signing.ts';

const vectors = JSON.parse(readFileSync(new URL('../../../fixtures/openapi-vectors.json', import.meta.url), 'utf8'));
const { keys } = vectors;
const keyApp = {
  app_id: '2021000000000001',
  seller_id: '2088101568338364',
  alipay_private_key_pem: keys.alipay_private_pkcs8,
  merchant_public_key_pem: keys.app_public,
  aes_key: vectors.A1.aes_key_base64,
};
const certificates = {
  app_cert_pem: keys.app_cert,
  alipay_cert_pem: keys.alipay_cert,
  alipay_root_cert_pem: keys.root_bundle,
};
const app = readApp(keyApp);
const { alipayKey, merchantKey, aesKey } = app;
const now = Date.UTC(2026, 0, 1, 19, 4, 5);
const pairsOf = (params: Record<string, string>): Pairs => Object.entries(params);
const c2: Record<string, string> = Object.fromEntries(
  (vectors.C2.prestring as string)
    .split('&')
    .map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]),
);

describe('requests', () => {
  test('O1, O2 and O3: the text keeps sign_type, and the merchant’s signatures fit it', () => {
    expect(requestText(pairsOf({ ...vectors.O1.params, sign: 'x', empty: '' }))).toBe(vectors.O1.prestring);
    expect(requestText(pairsOf(vectors.O3.params))).toBe(vectors.O3.prestring);
    expect(isGenuine(vectors.O1.prestring, 'UTF-8', 'RSA2', merchantKey, vectors.O1.RSA2)).toBe(true);
    expect(isGenuine(vectors.O2.prestring, 'UTF-8', 'RSA', merchantKey, vectors.O2.RSA)).toBe(true);
    expect(isGenuine(vectors.O3.prestring, 'UTF-8', 'RSA2', merchantKey, vectors.O3.RSA2)).toBe(true);
    expect(isGenuine(`${vectors.O3.prestring} `, 'UTF-8', 'RSA2', merchantKey, vectors.O3.RSA2)).toBe(false);
  });
  test('O3g: the same in GBK is signed over other bytes', () => {
    const text = requestText(pairsOf({ ...vectors.O3.params, charset: 'gbk' }));
    expect(isGenuine(text, 'GBK', 'RSA2', merchantKey, vectors.O3g.RSA2)).toBe(true);
    expect(isGenuine(text, 'UTF-8', 'RSA2', merchantKey, vectors.O3g.RSA2)).toBe(false);
  });
  test('A1 and A2: content is encrypted before it is signed', () => {
    const key = aesKey ?? Buffer.alloc(16);
    expect(encrypted(vectors.A1.plaintext, 'UTF-8', key)).toBe(vectors.A1.ciphertext);
    expect(decrypted(vectors.A1.ciphertext, 'UTF-8', key)).toBe(vectors.A1.plaintext);
    expect(decrypted('AAAA', 'UTF-8', key)).toBe(undefined);
    expect(isGenuine(vectors.A2.prestring, 'UTF-8', 'RSA2', merchantKey, vectors.A2.RSA2)).toBe(true);
  });
  test('C1: certificate numbers, and the bundle’s without its EC certificate', () => {
    expect(certSn(keys.app_cert)).toBe(vectors.C1.app.md5);
    expect(certSn(keys.alipay_cert)).toBe(vectors.C1.alipay.md5);
    expect(rootCertSn(keys.root_bundle)).toBe(vectors.C1.root_cert_sn);
  });
});

describe('answers and notifications', () => {
  test('R1, R2, R4 and R5: the whole body, byte for byte', () => {
    const sign = (text: string) => signed(text, 'UTF-8', 'RSA2', alipayKey);
    const member = 'alipay_trade_query_response';
    expect(envelope(member, vectors.R1.signed, undefined, sign(vectors.R1.signed))).toBe(vectors.R1.body);
    const number = '0123456789abcdef0123456789abcdef';
    expect(envelope(member, vectors.R1.signed, number, sign(vectors.R1.signed))).toBe(vectors.R2.body);
    expect(envelope(member, vectors.R4.signed, undefined, sign(vectors.R4.signed))).toBe(vectors.R4.body);
    const refused = { code: '40002', subCode: 'isv.invalid-app-id' };
    expect(refusalText({ refused, method: 'alipay.trade.query', charset: 'UTF-8' })).toBe(vectors.R5.body);
  });
  test('A3: an encrypted answer is signed with its quotes', () => {
    expect(signed(vectors.A3.signed, 'UTF-8', 'RSA2', alipayKey)).toBe(vectors.A3.sign);
    const plain = decrypted(JSON.parse(vectors.A3.signed), 'UTF-8', aesKey ?? Buffer.alloc(16)) ?? '';
    expect(JSON.stringify(encrypted(plain, 'UTF-8', aesKey ?? Buffer.alloc(16)))).toBe(vectors.A3.signed);
  });
  test.each([
    ['N1', 'UTF-8'],
    ['N2', 'UTF-8'],
    ['N3', 'GBK'],
  ] as const)('%s: text, signature and form in %s', (name, charset) => {
    const pairs = readOpenApiParams('', Buffer.from(vectors[name].form, 'latin1'));
    expect(notificationText(pairs)).toBe(vectors[name].prestring ?? notificationText(pairs));
    expect(signed(notificationText(pairs), charset, 'RSA2', alipayKey)).toBe(vectors[name].sign);
    expect(formEncoded(pairs, charset)).toBe(vectors[name].form);
  });
});

describe('the REST dress', () => {
  const [path, p1, p2] = ['/v3/alipay/trade/query', vectors.P1, vectors.P2];
  const everyByteChanged = (text: string) =>
    Array.from(text, (byte, at) => `${text.slice(0, at)}${byte === '0' ? '1' : '0'}${text.slice(at + 1)}`);
  const { 'alipay-timestamp': timestamp, 'alipay-nonce': nonce, 'alipay-signature': signature } = p2.headers;
  const alipayPublic = createPublicKey(keys.alipay_public);

  test('P1: the header is taken apart, its text and signature come out, and no byte can be changed', () => {
    const { text = '', signature: given = '' } = readAuthorization(p1.authorization) ?? {};
    const request = { authorization: text, method: 'POST', target: path, body: p1.body, appAuthToken: undefined };
    expect(restRequestText(request)).toBe(p1.prestring);
    expect(given).toBe(p1.RSA2);
    expect(restSigned(p1.prestring, createPrivateKey(keys.app_private_pkcs8))).toBe(p1.RSA2);
    expect(isGenuineRest(p1.prestring, merchantKey, p1.RSA2)).toBe(true);
    const changed = [...everyByteChanged(p1.prestring), `${p1.prestring}\n`, p1.prestring.slice(0, -1)];
    expect(changed.filter((one) => isGenuineRest(one, merchantKey, p1.RSA2))).toEqual([]);
    expect(restRequestText({ ...request, appAuthToken: 'T1' })).toBe(`${p1.prestring}T1\n`);
  });

  test('P1: the door takes it, and refuses it with another body, path, query, method, token or key', () => {
    const sent = { method: 'POST', path, query: '', body: Buffer.from(p1.body) };
    const headers = { authorization: p1.authorization, 'content-type': 'application/json' };
    const read = (change: object, more: object = {}, settled = app) => {
      const header = (name: string) => new Map(Object.entries({ ...headers, ...more })).get(name) as string | undefined;
      const apps = new Map([[app.appId, settled]]);
      const request = readRestRequest({ ...sent, header, ...change }, apps, initialOpenApiSettings, now);
      return 'refused' in request ? request.refused.subCode : request.call.biz;
    };
    expect(read({})).toEqual({ out_trade_no: 'LS20260102_0001' });
    const other = [
      read({ body: Buffer.from(p1.body.replace('0001', '0002')) }),
      read({ path: '/v3/alipay/trade/close' }),
      read({ query: 'a=1' }),
      read({ method: 'GET' }),
      read({}, { 'alipay-app-auth-token': 'T1' }),
      read({}, {}, { ...app, merchantKey: alipayPublic }),
    ];
    expect(new Set(other)).toEqual(new Set(['isv.invalid-signature']));
  });

  test('P2: an answer is signed by its headers, and no byte can be changed', () => {
    expect(restAnswerText(timestamp, nonce, p2.body)).toBe(p2.prestring);
    expect(restSigned(p2.prestring, alipayKey)).toBe(signature);
    expect(isGenuineRest(p2.prestring, alipayPublic, signature)).toBe(true);
    const changed = everyByteChanged(p2.prestring).filter((one) => isGenuineRest(one, alipayPublic, signature));
    expect(changed).toEqual([]);
  });

  test('P2: the door writes this body with these headers, byte for byte', () => {
    const call = {
      appId: app.appId,
      method: 'alipay.trade.query',
      biz: {},
      charset: 'UTF-8',
      signType: 'RSA2',
    } as const;
    const result = { code: '10000', fields: JSON.parse(p2.body) };
    const moment = { at: Number(timestamp), callId: nonce, settings: initialOpenApiSettings };
    expect(dressRest({ call, app, isEncrypted: false }, result, [], moment)).toEqual({
      kind: 'answer',
      code: 200,
      contentType: 'application/json;charset=UTF-8',
      body: Buffer.from(p2.body),
      headers: { ...p2.headers, 'alipay-trace-id': nonce },
    });
  });
});

describe('the gateway', () => {
  const read = (params: Record<string, string>, input: object = keyApp, settings = initialOpenApiSettings) => {
    const books = new OpenApiBooks(new Agenda(), () => settings);
    books.control('apps', input, now);
    return readOpenApiRequest(pairsOf(params), books.register.apps, settings, now);
  };
  const o1 = { ...vectors.O1.params, sign: vectors.O1.RSA2 } as Record<string, string>;
  const refusedAs = (params: Record<string, string>, input?: object, settings = initialOpenApiSettings) => {
    const request = read(params, input, settings);
    return 'refused' in request ? `${request.refused.code} ${request.refused.subCode}` : 'taken';
  };

  test('takes O1 and O3 in key mode, A2 encrypted, and C2 in certificate mode', () => {
    expect(read(o1)).toMatchObject({ call: { biz: { out_trade_no: 'LS20260102_0001' } } });
    expect(refusedAs({ ...vectors.O3.params, sign: vectors.O3.RSA2 })).toBe('taken');
    const a2 = { ...vectors.O1.params, biz_content: vectors.A1.ciphertext, encrypt_type: 'AES', sign: vectors.A2.RSA2 };
    expect(read(a2)).toMatchObject({ isEncrypted: true, call: { biz: { query_options: ['fund_bill_list'] } } });
    expect(refusedAs({ ...c2, sign: vectors.C2.RSA2 }, { ...keyApp, ...certificates })).toBe('taken');
    expect(refusedAs(o1, { ...keyApp, ...certificates })).toBe('40002 isv.invalid-signature');
  });

  const table = `
    method=                       40001 isv.missing-method
    app_id=                       40001 isv.missing-app-id
    app_id=2021000000000002       40002 isv.invalid-app-id
    charset=big5                  40002 isv.invalid-charset
    sign_type=                    40001 isv.missing-signature-type
    sign_type=MD5                 40002 isv.invalid-signature-type
    sign=                         40001 isv.missing-signature
    timestamp=                    40001 isv.missing-timestamp
    timestamp=2026-02-30_03:04:05 40002 isv.invalid-timestamp
    version=                      40001 isv.missing-version
    version=1.00                  40001 isv.missing-version
    format=xml                    40002 isv.invalid-format
    format=JSON                   40002 isv.invalid-signature
    biz_content={}                40002 isv.invalid-signature
    method=alipay.trade.nothing   40002 isv.invalid-signature
    app_cert_sn=                  taken
  `;
  const lines = table
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s{2,}|(?<=_03:04:05) /));
  test.each(lines)('with %s it says %s', (change = '', answer = '') => {
    const at = change.indexOf('=');
    expect(refusedAs({ ...o1, [change.slice(0, at)]: change.slice(at + 1) })).toBe(answer);
  });

  test('compares the timestamp with the clock only when told to', () => {
    const late = { ...initialOpenApiSettings, timestamp_skew_ms: 600_000 };
    expect(refusedAs(o1, keyApp, late)).toBe('taken');
    const strict = readOpenApiRequest(pairsOf(o1), new Map([[app.appId, app]]), late, now + 600_001);
    expect(strict).toMatchObject({ refused: { subCode: 'isv.invalid-timestamp' } });
  });
  test('a request without a method is answered as error_response, in the charset of the request', () => {
    const refused = read({ ...o1, method: '', charset: 'gbk' });
    expect('refused' in refused && refusalText(refused)).toMatch(/^\{"error_response":\{"code":"40001"/);
    expect(jsonIn('中', 'GBK')).toMatchObject({ body: Buffer.from([0xd6, 0xd0]) });
  });
});
