import { createDecipheriv, createHash, createHmac } from 'node:crypto';
import type { AccountSecrets } from '../contract/index.ts';

/** The words of `sign_type`; without one, MD5. */
export type V2SignType = 'MD5' | 'HMAC-SHA256';

/** Version 2, signature rules: non-empty fields but `sign`, sorted by code, raw values, and the key at the end. */
export function signV2(
  fields: Readonly<Record<string, string>>,
  type: V2SignType,
  secrets: AccountSecrets,
): string | undefined {
  const key = secrets['api_v2_key']?.[0]?.reveal().trim();
  if (key === undefined) return undefined;
  const sorted = Object.entries(fields)
    .filter(([name, value]) => name !== 'sign' && value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const text = [...sorted.map(([name, value]) => `${name}=${value}`), `key=${key}`].join('&');
  const digest = type === 'MD5' ? createHash('md5') : createHmac('sha256', key);
  return digest.update(text, 'utf8').digest('hex').toUpperCase();
}

/**
 * The `req_info` of version 2's refund notice: AES-256-ECB under the lower-case hex MD5 of the version 2 key. Some senders leave the padding out
 * when nothing is to be padded, so it is taken off only where it is well-formed. Undefined where no live key opens it to text.
 */
export function openRefundInfo(info: string, secrets: AccountSecrets): string | undefined {
  const bytes = Buffer.from(info, 'base64');
  if (bytes.byteLength === 0 || bytes.byteLength % 16 !== 0) return undefined;
  for (const secret of secrets['api_v2_key'] ?? []) {
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
