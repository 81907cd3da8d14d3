import { constants, createCipheriv, createDecipheriv, createHash, privateDecrypt, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

// Rules of APIv3: WeChat Pay merchant documents "signing a request", "verifying an answer", "decrypting callbacks and platform
// certificates", "signature probe" and "encrypting sensitive fields".

export const scheme = 'WECHATPAY2-SHA256-RSA2048';

/** Of a request; `target` is path and query exactly as they went over the wire. Every line ends with a line feed, the last one too. */
export function requestMessage(method: string, target: string, timestamp: string, nonce: string, body: string): string {
  return `${method}\n${target}\n${timestamp}\n${nonce}\n${body}\n`;
}

/** Of an answer and of a callback. An answer 204 has an empty body, and its line feed all the same. */
export function answerMessage(timestamp: string, nonce: string, body: string): string {
  return `${timestamp}\n${nonce}\n${body}\n`;
}

export function signed(message: string, key: KeyObject): string {
  return sign('sha256', Buffer.from(message), key).toString('base64');
}

export function isGenuine(message: string, key: KeyObject, signature: string): boolean {
  return verify('sha256', Buffer.from(message), key, Buffer.from(signature, 'base64'));
}

const probeMark = 'WECHATPAY/SIGNTEST/';

/** As the platform spoils a signature to see who verifies: the mark stands where the first characters stood. */
export function probeOf(signature: string): string {
  return probeMark + signature.slice(probeMark.length);
}

export type Authorization = {
  readonly mchid: string;
  readonly serialNo: string;
  readonly timestamp: string;
  readonly nonce: string;
  readonly signature: string;
};

/** The header of a request, its parts in any order. `undefined` when it is not of this scheme or a part is missing. */
export function readAuthorization(header: string | undefined): Authorization | undefined {
  if (!header?.startsWith(`${scheme} `)) return undefined;
  const parts = new Map([...header.matchAll(/([a-z_]+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
  const [mchid, serialNo, timestamp] = [parts.get('mchid'), parts.get('serial_no'), parts.get('timestamp')];
  const [nonce, signature] = [parts.get('nonce_str'), parts.get('signature')];
  if (!mchid || !serialNo || !timestamp || !nonce || !signature) return undefined;
  return { mchid, serialNo, timestamp, nonce, signature };
}

const tagBytes = 16;

/** AES-256-GCM; the tag stands behind the cipher text, both as Base64. */
export function sealed(plain: string, key: Buffer, nonce: string, associated: string): string {
  const cipher = createCipheriv('aes-256-gcm', key, Buffer.from(nonce));
  cipher.setAAD(Buffer.from(associated));
  return Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

/** `undefined` when the key, the associated data or one bit of the text is another. */
export function unsealed(sealedText: string, key: Buffer, nonce: string, associated: string): string | undefined {
  const bytes = Buffer.from(sealedText, 'base64');
  if (bytes.length < tagBytes) return undefined;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce), { authTagLength: tagBytes });
    decipher.setAAD(Buffer.from(associated));
    decipher.setAuthTag(bytes.subarray(-tagBytes));
    return Buffer.concat([decipher.update(bytes.subarray(0, -tagBytes)), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

/** A sensitive field: RSAES-OAEP with SHA-1, as all official libraries have it. `undefined` when it is not for this key. */
export function disclosed(base64: string, key: KeyObject): string | undefined {
  try {
    const options = { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' };
    return privateDecrypt(options, Buffer.from(base64, 'base64')).toString('utf8');
  } catch {
    return undefined;
  }
}

/** A text that looks drawn by lot and is the same after a restart: nonces need to differ, not to be secret, in a simulator. */
export function lot(of: string, length: number): string {
  return createHash('sha256').update(of).digest('hex').slice(0, length);
}
