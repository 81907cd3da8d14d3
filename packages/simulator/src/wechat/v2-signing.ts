import { createCipheriv, createHash, createHmac } from 'node:crypto';

// Rules of v2: WeChat Pay merchant documents "signature algorithm" and "refund result notice".

export type V2Pairs = readonly (readonly [name: string, value: string])[];

const v2SignTypes = ['MD5', 'HMAC-SHA256'] as const;
export type V2SignType = (typeof v2SignTypes)[number];

/** Without `sign_type` it is MD5. `undefined` = a kind that does not exist. */
export function v2SignTypeOf(given: string | undefined): V2SignType | undefined {
  return v2SignTypes.find((type) => type === (given ?? 'MD5'));
}

/** Names in byte order, empty values and `sign` left out, values as they are; the key stands at the end. */
export function v2Text(pairs: V2Pairs, key: string): string {
  const parts = pairs
    .filter(([name, value]) => name !== 'sign' && value !== '')
    .toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([name, value]) => `${name}=${value}`);
  return [...parts, `key=${key}`].join('&');
}

export function v2Signature(pairs: V2Pairs, key: string, type: V2SignType): string {
  const hash = type === 'MD5' ? createHash('md5') : createHmac('sha256', key);
  return hash.update(v2Text(pairs, key)).digest('hex').toUpperCase();
}

/** `req_info`: AES-256-ECB with full PKCS#7 padding; the key is the 32 characters of the v2 key's MD5 in small letters. */
export function sealedRefund(plain: string, key: string): string {
  const cipher = createCipheriv('aes-256-ecb', createHash('md5').update(key).digest('hex'), null);
  return Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]).toString('base64');
}
