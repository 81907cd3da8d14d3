import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { initialSettings } from '../settings.ts';
import { answerBytes, refusalXml, signedText, successXml } from './answers.ts';
import type { Field } from './answers.ts';
import { readParams, readRequest } from './request.ts';
import { keysOf, signText, textToSign, verifyText, withoutEmpty } from './signing.ts';
import { plainFields } from './signed-reply.ts';

const vectors = JSON.parse(readFileSync(new URL('../../fixtures/mapi-vectors.json', import.meta.url), 'utf8'));
const keys = keysOf({
  md5_key: vectors.keys.md5_key,
  merchant_public_key_pem: vectors.keys.app_public,
  dsa_public_key_pem: vectors.keys.dsa_public,
  alipay_private_key_pem: vectors.keys.alipay_private_pkcs8,
  alipay_dsa_private_key_pem: vectors.keys.dsa_private_pkcs8,
});
const partner = { partner: '2088101568338364', keys, signTypes: ['MD5', 'RSA', 'RSA2', 'DSA'] as const };
const partners = new Map([[partner.partner, partner]]);
const sent = (params: Record<string, string>) => withoutEmpty(Object.entries(params));
const M6: Field[] = [
  { name: 'not_found', value: 'LS20260102_000099' },
  { name: 'records', inner: /<records>(.*)<\/records>/.exec(vectors.M6.inner)![1]! },
  { name: 'result_code', value: 'SUCCESS' },
];

describe('the signature rules reproduce the vectors', () => {
  test('M1: a query request by MD5', () => {
    expect(textToSign(sent(vectors.M1.params))).toBe(vectors.M1.prestring);
    expect(signText(vectors.M1.prestring, 'UTF-8', 'MD5', keys)).toBe(vectors.M1.md5);
  });
  test('M2: Chinese text in UTF-8, and M2g: the same in GBK', () => {
    expect(textToSign(sent(vectors.M2.params))).toBe(vectors.M2.prestring);
    expect(signText(vectors.M2.prestring, 'UTF-8', 'MD5', keys)).toBe(vectors.M2.md5_utf8);
    expect(signText(vectors.M2g.prestring, 'GBK', 'MD5', keys)).toBe(vectors.M2g.md5_gbk);
  });
  test('M3 and M3g: the merchant’s RSA, RSA2 and DSA signatures verify, and a spoilt one does not', () => {
    const { prestring } = vectors.M3;
    expect(verifyText(prestring, 'UTF-8', 'RSA', keys, vectors.M3.RSA)).toBe(true);
    expect(verifyText(prestring, 'UTF-8', 'RSA2', keys, vectors.M3.RSA2)).toBe(true);
    expect(verifyText(prestring, 'UTF-8', 'DSA', keys, vectors.M3.DSA_example)).toBe(true);
    expect(verifyText(vectors.M2g.prestring, 'GBK', 'RSA', keys, vectors.M3g.RSA)).toBe(true);
    expect(verifyText(`${prestring}x`, 'UTF-8', 'RSA', keys, vectors.M3.RSA)).toBe(false);
    expect(verifyText(`${prestring}x`, 'UTF-8', 'DSA', keys, vectors.M3.DSA_example)).toBe(false);
  });
  test('M4 and M4r: a success answer, by MD5 and with Alipay’s key', () => {
    const text = signedText(plainFields(vectors.M4.fields), 'A');
    expect(text).toBe(vectors.M4.prestring);
    expect(signText(text, 'UTF-8', 'MD5', keys)).toBe(vectors.M4.md5);
    expect(signText(text, 'UTF-8', 'RSA', keys)).toBe(vectors.M4r.RSA);
    expect(signText(text, 'UTF-8', 'RSA2', keys)).toBe(vectors.M4r.RSA2);
  });
  test('M4: the whole document, byte for byte', () => {
    const request = [...vectors.M4.xml.matchAll(/<param name="(\w+)">([^<]*)</g)].map(
      (m) => [m[1], m[2]] as [string, string],
    );
    const fields = plainFields(vectors.M4.fields);
    expect(successXml({ request, fields, charset: 'UTF-8', signature: vectors.M4.md5, signType: 'MD5' })).toBe(
      vectors.M4.xml,
    );
  });
  test('M5 and M5g: a failure answer in UTF-8 and in GBK', () => {
    const text = signedText(plainFields(vectors.M5.fields), 'A');
    expect(signText(text, 'UTF-8', 'MD5', keys)).toBe(vectors.M5.md5);
    expect(signText(text, 'GBK', 'MD5', keys)).toBe(vectors.M5g.md5_gbk);
    expect(answerBytes(refusalXml('ILLEGAL_SIGN', 'GBK', []), 'GBK').toString('latin1')).toContain(
      vectors.M5g.xml_declaration,
    );
  });
  test('M6: a nested answer under each of the three readings', () => {
    for (const reading of ['A', 'B', 'C'] as const) {
      expect(signText(signedText(M6, reading), 'UTF-8', 'MD5', keys)).toBe(vectors.M6[reading].md5);
    }
  });
  test('M7: empty values drop out, values stay as they are', () => {
    expect(textToSign(sent(vectors.M7.params))).toBe(vectors.M7.prestring);
    expect(signText(vectors.M7.prestring, 'UTF-8', 'MD5', keys)).toBe(vectors.M7.md5);
  });
});

describe('the gateway reads requests as they come', () => {
  const read = (query: string, body: string) =>
    readRequest(readParams(query, Buffer.from(body, 'latin1'), initialSettings), partners);
  const m1 = vectors.M1.url.split('?')[1] as string;

  test('M1 by GET, M2g by POST in GBK', () => {
    expect(read(m1, '')).toHaveProperty('charset', 'UTF-8');
    const gbk = read('_input_charset=gbk', vectors.M2g.body_gbk);
    expect('params' in gbk && gbk.params.get('merchant_customs_name')).toBe('杭州流水电子商务有限公司');
  });
  test('a UTF-8 body whose URL does not name the charset is read as GBK and its signature fails', () => {
    const body = new URLSearchParams({ ...vectors.M2.params, sign: vectors.M2.md5_utf8 }).toString();
    expect(read('', body)).toHaveProperty('error', 'ILLEGAL_SIGN');
    expect(read('_input_charset=utf-8', body)).toHaveProperty('charset', 'UTF-8');
  });
  test.each([
    ['sign=1405', 'sign=1406', 'ILLEGAL_SIGN'],
    ['sign_type=MD5', 'sign_type=md5', 'ILLEGAL_SIGN'],
    ['sign_type=MD5', 'sign_type=SM2', 'ILLEGAL_SIGN_TYPE'],
    ['partner=2088', 'partner=2099', 'ILLEGAL_PARTNER'],
    ['charset=UTF-8', 'charset=BIG5', 'ILLEGAL_CHARSET'],
    ['customs.query', 'customs.ask', 'ILLEGAL_SERVICE'],
    ['service=', 'servant=', 'PARAMTER_IS_NULL'],
    ['&sign_type', '&buyer_name=&sign_type', 'ILLEGAL_SIGN'],
    ['&sign_type', '&partner=x&sign_type', 'ILLEGAL_ARGUMENT'],
  ])('%s as %s is answered with %s', (from, to, error) => {
    expect(read(m1.replace(from, to), '')).toHaveProperty('error', error);
  });
  test('RSA of a partner without a public key has no key to check with', () => {
    const poor = {
      ...partner,
      keys: keysOf({ md5_key: 'x', alipay_private_key_pem: vectors.keys.alipay_private_pkcs8 }),
    };
    const params = new URLSearchParams({ ...vectors.M1.params, sign_type: 'RSA', sign: vectors.M3.RSA }).toString();
    const pairs = readParams(params, Buffer.alloc(0), initialSettings);
    expect(readRequest(pairs, new Map([[poor.partner, poor]]))).toHaveProperty('error', 'HAS_NO_PUBLICKEY');
    expect(readRequest(pairs, partners)).toHaveProperty('signType', 'RSA');
  });
});
