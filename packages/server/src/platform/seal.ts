import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { assert } from '../kernel/index.ts';
import type { RandomBytes } from './ids.ts';

/** Where a sealed value lives. It is bound into the seal, so that nobody can move a value to another row or column. */
export type SealedPlace = { readonly table: string; readonly column: string; readonly rowId: string };

/*
 * AES-256-GCM (NIST SP 800-38D) with random 96-bit nonces; one data key serves one class for one month, far below the 2^32 seals
 * that §8.3 allows. Layout: version(1) key id(16) nonce(12) tag(16) ciphertext.
 */
const version = 1;
const keyIdAt = 1;
const nonceAt = 17;
const tagAt = 29;
const textAt = 45;

export function seal(
  key: KeyObject,
  keyId: string,
  content: Uint8Array,
  context: string,
  random: RandomBytes,
): Uint8Array {
  const head = headOf(keyId);
  const nonce = random(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.concat([head, Buffer.from(context)]));
  const text = cipher.update(content);
  cipher.final(); // a stream cipher keeps nothing back
  return new Uint8Array(Buffer.concat([head, nonce, cipher.getAuthTag(), text]));
}

let lastHead: { readonly keyId: string; readonly head: Buffer } | undefined;

/** Version and key: the same for a month. */
function headOf(keyId: string): Buffer {
  if (lastHead?.keyId === keyId) return lastHead.head;
  const id = Buffer.from(keyId.replaceAll('-', ''), 'hex');
  assert(id.length === 16, `a key id is a UUID, not ${keyId}`);
  const head = Buffer.concat([Buffer.of(version), id]);
  lastHead = { keyId, head };
  return head;
}

/** The content, or undefined when one bit of it, its key or its place is not as it was sealed. */
export function unseal(key: KeyObject, sealed: Uint8Array, context: string): Uint8Array | undefined {
  if (keyIdOf(sealed) === undefined) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(nonceAt, tagAt), { authTagLength: 16 });
  decipher.setAAD(Buffer.concat([sealed.subarray(0, nonceAt), Buffer.from(context)]));
  decipher.setAuthTag(sealed.subarray(tagAt, textAt));
  try {
    return new Uint8Array(Buffer.concat([decipher.update(sealed.subarray(textAt)), decipher.final()]));
  } catch {
    return undefined;
  }
}

/** Which key opens it; undefined when these bytes are no seal that we know. */
export function keyIdOf(sealed: Uint8Array): string | undefined {
  if (sealed.length < textAt || sealed[0] !== version) return undefined;
  const hex = Buffer.from(sealed.subarray(keyIdAt, nonceAt)).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** JSON keeps the parts apart: ("a", "bc") and ("ab", "c") are different places. */
export function contextOf(place: SealedPlace): string {
  return JSON.stringify([place.table, place.column, place.rowId]);
}
