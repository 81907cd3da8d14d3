import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import iconv from 'iconv-lite';

// Rules of the MAPI signature: Alipay's acquire.customs and overseas.acquire.customs.query documents, section on signing.

export const signTypes = ['MD5', 'RSA', 'RSA2', 'DSA'] as const;
export type SignType = (typeof signTypes)[number];

const charsets = ['UTF-8', 'GBK', 'GB2312'] as const;
export type Charset = (typeof charsets)[number];

/** The word may come in any case; it is signed exactly as sent. */
export function charsetOf(word: string): Charset | undefined {
  return charsets.find((charset) => charset === word.toUpperCase());
}

export type Keys = {
  readonly md5Key?: string;
  readonly merchantPublicKey?: KeyObject;
  readonly merchantDsaPublicKey?: KeyObject;
  readonly alipayPrivateKey?: KeyObject;
  readonly alipayDsaPrivateKey?: KeyObject;
};

export type Pairs = readonly (readonly [string, string])[];

/** Names in plain ASCII order, values raw, `sign` and `sign_type` left out. What is empty must be gone before. */
export function textToSign(pairs: Pairs): string {
  return pairs
    .filter(([name]) => name !== 'sign' && name !== 'sign_type')
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

export function withoutEmpty(pairs: Pairs): Pairs {
  return pairs.filter(([, value]) => value !== '');
}

/** `undefined` = the partner has no key of ours for this kind of signature. */
export function signText(text: string, charset: Charset, signType: SignType, keys: Keys): string | undefined {
  const bytes = iconv.encode(text, charset);
  switch (signType) {
    case 'MD5':
      return keys.md5Key === undefined ? undefined : md5(bytes, keys.md5Key);
    case 'RSA':
      return keys.alipayPrivateKey && sign('sha1', bytes, keys.alipayPrivateKey).toString('base64');
    case 'RSA2':
      return keys.alipayPrivateKey && sign('sha256', bytes, keys.alipayPrivateKey).toString('base64');
    case 'DSA':
      return keys.alipayDsaPrivateKey && sign('sha1', bytes, keys.alipayDsaPrivateKey).toString('base64');
  }
}

/** `undefined` = the merchant has deposited no key for this kind of signature. */
export function verifyText(
  text: string,
  charset: Charset,
  signType: SignType,
  keys: Keys,
  given: string,
): boolean | undefined {
  const bytes = iconv.encode(text, charset);
  const signature = Buffer.from(given, 'base64');
  switch (signType) {
    case 'MD5':
      return keys.md5Key === undefined ? undefined : md5(bytes, keys.md5Key) === given;
    case 'RSA':
      return keys.merchantPublicKey && verify('sha1', bytes, keys.merchantPublicKey, signature);
    case 'RSA2':
      return keys.merchantPublicKey && verify('sha256', bytes, keys.merchantPublicKey, signature);
    case 'DSA':
      return keys.merchantDsaPublicKey && verify('sha1', bytes, keys.merchantDsaPublicKey, signature);
  }
}

function md5(bytes: Buffer, key: string): string {
  return createHash('md5').update(bytes).update(key).digest('hex');
}

export type KeyTexts = {
  readonly md5_key?: string;
  readonly merchant_public_key_pem?: string;
  readonly dsa_public_key_pem?: string;
  readonly alipay_private_key_pem?: string;
  readonly alipay_dsa_private_key_pem?: string;
};

/** Parses the keys once; parsing costs more than signing. Throws what node:crypto throws on a bad key. */
export function keysOf(texts: KeyTexts): Keys {
  return {
    ...(texts.md5_key === undefined ? {} : { md5Key: texts.md5_key }),
    ...(texts.merchant_public_key_pem ? { merchantPublicKey: createPublicKey(texts.merchant_public_key_pem) } : {}),
    ...(texts.dsa_public_key_pem ? { merchantDsaPublicKey: createPublicKey(texts.dsa_public_key_pem) } : {}),
    ...(texts.alipay_private_key_pem ? { alipayPrivateKey: createPrivateKey(texts.alipay_private_key_pem) } : {}),
    ...(texts.alipay_dsa_private_key_pem
      ? { alipayDsaPrivateKey: createPrivateKey(texts.alipay_dsa_private_key_pem) }
      : {}),
  };
}
