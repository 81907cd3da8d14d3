import { createDecipheriv, createHash, createPrivateKey, createPublicKey, constants, publicEncrypt } from 'node:crypto';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  answerMessage,
  disclosed,
  isGenuine,
  probeOf,
  readAuthorization,
  requestMessage,
  sealed,
  signed,
  unsealed,
} from './signing.ts';
import { sealedRefund, v2Signature, v2SignTypeOf, v2Text } from './v2-signing.ts';
import { readV2, writeV2 } from './v2-xml.ts';

const vectors = JSON.parse(readFileSync(new URL('./fixtures/vectors.json', import.meta.url), 'utf8'));
const { keys } = vectors;
const merchantKey = new X509Certificate(keys.merchant_certificate).publicKey;
const platformKey = createPrivateKey(keys.platform_private);
const apiKey = Buffer.from(vectors.api_v3_key);
const at = String(vectors.timestamp);

describe('requests', () => {
  test.each(['A1', 'A2', 'A3', 'A4'])(
    '%s is read from its header and verifies with the merchant certificate',
    (name) => {
      const { message, authorization, sha256, nonce } = vectors.requests[name];
      const header = readAuthorization(authorization)!;
      expect(header).toMatchObject({ mchid: vectors.mchid, serialNo: vectors.merchant_serial, timestamp: at, nonce });
      const [method = '', target = '', , , ...body] = message.slice(0, -1).split('\n');
      const built = requestMessage(method, target, at, nonce, body.join('\n'));
      expect(createHash('sha256').update(built).digest('hex')).toBe(sha256);
      expect(isGenuine(built, merchantKey, header.signature)).toBe(true);
      expect(isGenuine(built.replace(at, '1796090401'), merchantKey, header.signature)).toBe(false);
      expect(signed(built, createPrivateKey(keys.merchant_private))).toBe(header.signature);
    },
  );

  test('a POST without a body has five lines: with four, as one public package signs it, nothing verifies', () => {
    const { message, authorization } = vectors.requests.A3;
    const { signature } = readAuthorization(authorization)!;
    expect(isGenuine(message.slice(0, -1), merchantKey, signature)).toBe(false);
  });

  test('an order of the parts does not matter, a missing part or another scheme does', () => {
    const header: string = vectors.requests.A1.authorization;
    const turned = `WECHATPAY2-SHA256-RSA2048 ${header.slice(26).split(',').toReversed().join(',')}`;
    expect(readAuthorization(turned)).toEqual(readAuthorization(header));
    expect(readAuthorization(header.replace('serial_no', 'serial'))).toBeUndefined();
    expect(readAuthorization(header.replace('RSA2048', 'SM2'))).toBeUndefined();
    expect(readAuthorization(undefined)).toBeUndefined();
  });

  test('the parameters that open a payment in a client are signed by the merchant in four lines', () => {
    for (const name of ['H1', 'H2'])
      expect(isGenuine(vectors.client[name].message, merchantKey, vectors.client[name].signature)).toBe(true);
  });
});

describe('answers', () => {
  test.each(['B1', 'B2'])('%s is signed as the platform signs', (name) => {
    const { nonce, body, signature } = vectors.replies[name];
    expect(signed(answerMessage(at, nonce, body), platformKey)).toBe(signature);
  });

  test('a probe is the same signature with a mark in front, and fits nothing', () => {
    const { nonce, body, signature } = vectors.replies.B1;
    expect(probeOf(signature)).toBe(vectors.replies.B3.signature);
    const message = answerMessage(at, nonce, body);
    expect(isGenuine(message, createPublicKey(keys.platform_public), vectors.replies.B3.signature)).toBe(false);
    expect(isGenuine(message, new X509Certificate(keys.platform_certificate).publicKey, signature)).toBe(true);
  });

  test.each(['C1', 'C2', 'C3'])('%s, a callback, is sealed and signed byte for byte', (name) => {
    const { nonce, body, signature, plain } = vectors.notices[name];
    expect(signed(answerMessage(at, nonce, body), platformKey)).toBe(signature);
    const { resource } = JSON.parse(body);
    expect(sealed(plain, apiKey, resource.nonce, resource.associated_data)).toBe(resource.ciphertext);
  });

  test('a seal without associated data, and one with a changed tag', () => {
    const { nonce, ciphertext, plain } = vectors.notices.C4;
    expect(sealed(plain, apiKey, nonce, '')).toBe(ciphertext);
    expect(unsealed(ciphertext, apiKey, nonce, '')).toBe(plain);
    const bytes = Buffer.from(ciphertext, 'base64');
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    expect(unsealed(bytes.toString('base64'), apiKey, nonce, '')).toBeUndefined();
    expect(unsealed('AAAA', apiKey, nonce, '')).toBeUndefined();
  });

  test('the certificate as it is handed out', () => {
    const { nonce, ciphertext } = vectors.certificate;
    expect(sealed(keys.platform_certificate, apiKey, nonce, 'certificate')).toBe(ciphertext);
    expect(new X509Certificate(keys.platform_certificate).serialNumber).toBe(vectors.platform_serial);
  });
});

describe('sensitive fields', () => {
  test('what was encrypted to the platform is read with SHA-1 padding, also from a PKCS#1 key, and nothing else is', () => {
    const { E1, E2, E3 } = vectors.oaep;
    expect(disclosed(E1.base64, platformKey)).toBe(E1.plain);
    expect(disclosed(E3.base64, platformKey)).toBe(E3.plain);
    expect(disclosed(E2.base64, platformKey)).toBeUndefined();
    expect(disclosed(E2.base64, createPrivateKey(keys.merchant_private))).toBe(E2.plain);
    const padding = { key: createPublicKey(keys.platform_public), padding: constants.RSA_PKCS1_OAEP_PADDING };
    const other = publicEncrypt({ ...padding, oaepHash: 'sha256' }, Buffer.from('x')).toString('base64');
    expect(disclosed(other, platformKey)).toBeUndefined();
  });
});

describe('v2', () => {
  const pairsOf = (text: string) =>
    text
      .replace(/&key=\w+$/, '')
      .split(/&(?=[a-z_]+=)(?!b=)/)
      .map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)] as const);

  test.each(['F0', 'F1', 'F2', 'F3', 'F4', 'F5', 'F6'])('%s: the text, MD5 and HMAC', (name) => {
    const { text, md5, hmac } = vectors.v2[name];
    const key = name === 'F0' ? '192006250b4c09247ec02edce69f6a2d' : vectors.v2_key;
    const pairs = [...pairsOf(text).toReversed(), ['device_info_2', ''], ['sign', 'x']] as const;
    expect(v2Text(pairs, key)).toBe(text);
    expect(v2Signature(pairs, key, 'MD5')).toBe(md5);
    expect(v2Signature(pairs, key, 'HMAC-SHA256')).toBe(hmac);
  });

  test('the type of a signature: MD5 unless said, no other kinds', () => {
    expect([undefined, 'MD5', 'HMAC-SHA256', 'SM3'].map(v2SignTypeOf)).toEqual([
      'MD5',
      'MD5',
      'HMAC-SHA256',
      undefined,
    ]);
  });

  test('a message in CDATA and entities is read into raw values, and what is written reads back', () => {
    const pairs = readV2(vectors.v2_xml);
    const fields = Object.fromEntries(pairs);
    expect(fields['attach']).toBe('a&b=c <d>');
    expect(v2Signature(pairs, vectors.v2_key, 'MD5')).toBe(fields['sign']);
    const odd = [['a', 'x]]>y'] as const, ['b', '<&>'] as const];
    expect(readV2(writeV2(odd))).toEqual(odd);
  });

  test.each([
    '<!DOCTYPE xml [<!ENTITY a "b">]><xml><a>&a;</a></xml>',
    '<xml><!ENTITY a "b"></xml>',
    '<root><a>1</a></root>',
    'nonsense',
    '',
  ])('%s is not read', (text) => {
    expect(() => readV2(text)).toThrow();
  });

  test('the notice of a refund has a whole block of padding when its text fills the blocks', () => {
    const { req_info: sealedText, plain } = vectors.refund_notice;
    expect(Buffer.byteLength(plain) % 16).toBe(0);
    expect(sealedRefund(plain, vectors.v2_key)).toBe(sealedText);
    const key = createHash('md5').update(vectors.v2_key).digest('hex');
    const opened = createDecipheriv('aes-256-ecb', key, null);
    const bytes = Buffer.concat([opened.update(sealedText, 'base64'), opened.final()]);
    expect(bytes.toString()).toBe(plain);
  });
});
