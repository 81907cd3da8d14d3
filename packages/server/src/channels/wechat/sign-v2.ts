import { createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../../kernel/index.ts';
import type { AccountSecrets } from '../contract/index.ts';

/** The words of `sign_type`; without one, MD5. */
export const v2SignTypes = ['MD5', 'HMAC-SHA256'] as const;
export type V2SignType = (typeof v2SignTypes)[number];

/** Version 2, signature rules: non-empty fields but `sign`, sorted by code, raw values. The key follows where it is signed. */
export function v2Text(fields: Iterable<readonly [name: string, value: string]>): string {
  return [...fields]
    .filter(([name, value]) => name !== 'sign' && value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** By the account's newest key; undefined where it has none. */
export function signV2(text: string, type: V2SignType, secrets: AccountSecrets): string | undefined {
  const secret = secrets[keyName]?.[0];
  return secret && digestOf(text, type, secret);
}

/** Under one of the live keys: in upper case, as the documents have it. */
export function v2Fits(text: string, signature: string, type: V2SignType, secrets: AccountSecrets): boolean {
  const given = Buffer.from(signature);
  return (secrets[keyName] ?? []).some((secret) => {
    const expected = Buffer.from(digestOf(text, type, secret));
    return expected.byteLength === given.byteLength && timingSafeEqual(expected, given);
  });
}

const keyName = 'api_v2_key';

/** The key stands at the end of the text, of both kinds. */
function digestOf(text: string, type: V2SignType, secret: Secret): string {
  const key = secret.reveal().trim();
  const digest = type === 'MD5' ? createHash('md5') : createHmac('sha256', key);
  const signed = text === '' ? `key=${key}` : `${text}&key=${key}`;
  return digest.update(signed, 'utf8').digest('hex').toUpperCase();
}

/**
 * The `req_info` of version 2's refund notice: AES-256-ECB under the lower-case hex MD5 of the version 2 key. Some senders leave the padding out
 * when nothing is to be padded, so it is taken off only where it is well-formed. Undefined where no live key opens it to text.
 */
export function openRefundInfo(info: string, secrets: AccountSecrets): string | undefined {
  const bytes = Buffer.from(info, 'base64');
  if (bytes.byteLength === 0 || bytes.byteLength % 16 !== 0) return undefined;
  for (const secret of secrets[keyName] ?? []) {
    const key = createHash('md5').update(secret.reveal().trim(), 'utf8').digest('hex');
    const decipher = createDecipheriv('aes-256-ecb', key, null).setAutoPadding(false);
    const text = utf8(withoutPadding(Buffer.concat([decipher.update(bytes), decipher.final()])));
    if (text !== undefined) return text;
  }
  return undefined;
}

function withoutPadding(bytes: Buffer): Buffer {
  const count = bytes.at(-1) ?? 0;
  const isPadding = count >= 1 && count <= 16 && bytes.subarray(-count).every((byte) => byte === count);
  return isPadding ? bytes.subarray(0, -count) : bytes;
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
