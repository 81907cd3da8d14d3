import { createCipheriv, createDecipheriv, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import iconv from 'iconv-lite';
import type { Charset, Pairs } from '../signing.ts';

// Rules of the OpenAPI signature: Alipay open platform documents "signing a request", "verifying an answer",
// "asynchronous notification" and "content encryption".

export const openApiSignTypes = ['RSA2', 'RSA'] as const;
export type OpenApiSignType = (typeof openApiSignTypes)[number];

/** Of a request: only `sign` stays out, so `sign_type` is part of the text. This is where MAPI differs. */
export function requestText(pairs: Pairs): string {
  return joined(pairs.filter(([name, value]) => name !== 'sign' && value !== ''));
}

/** Of a notification and of a return to the shop's page: both `sign` and `sign_type` stay out. */
export function notificationText(pairs: Pairs): string {
  return joined(pairs.filter(([name]) => name !== 'sign' && name !== 'sign_type'));
}

function joined(pairs: Pairs): string {
  return pairs
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

export function signed(text: string, charset: Charset, type: OpenApiSignType, key: KeyObject): string {
  return sign(digestOf(type), iconv.encode(text, charset), key).toString('base64');
}

export function isGenuine(text: string, charset: Charset, type: OpenApiSignType, key: KeyObject, given: string) {
  return verify(digestOf(type), iconv.encode(text, charset), key, Buffer.from(given, 'base64'));
}

function digestOf(type: OpenApiSignType): 'sha256' | 'sha1' {
  return type === 'RSA2' ? 'sha256' : 'sha1';
}

const zeroVector = Buffer.alloc(16);

/** AES-128-CBC with a vector of zeros, as Base64. */
export function encrypted(text: string, charset: Charset, key: Buffer): string {
  const cipher = createCipheriv('aes-128-cbc', key, zeroVector);
  return Buffer.concat([cipher.update(iconv.encode(text, charset)), cipher.final()]).toString('base64');
}

/** `undefined` when it is not a text under this key. */
export function decrypted(text: string, charset: Charset, key: Buffer): string | undefined {
  try {
    const decipher = createDecipheriv('aes-128-cbc', key, zeroVector);
    return iconv.decode(Buffer.concat([decipher.update(Buffer.from(text, 'base64')), decipher.final()]), charset);
  } catch {
    return undefined;
  }
}
