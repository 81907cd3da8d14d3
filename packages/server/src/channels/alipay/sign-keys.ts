import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Secret } from '../../kernel/index.ts';

/**
 * Keys come as PEM or, from Alipay's console, as bare Base64: then as PKCS#8, or as PKCS#1 where the console calls the key
 * "non-Java". Undefined: no key that can be read.
 */
export function privateKey(secret: Secret): KeyObject | undefined {
  return read(secret, 'private', (key, type) => createPrivateKey({ key, format: 'der', type }), createPrivateKey);
}

export function publicKey(secret: Secret): KeyObject | undefined {
  const bare = (key: Buffer, type: 'pkcs8' | 'pkcs1'): KeyObject =>
    createPublicKey({ key, format: 'der', type: type === 'pkcs8' ? 'spki' : 'pkcs1' });
  return read(secret, 'public', bare, createPublicKey);
}

const keysMax = 256;
const keys = new Map<string, KeyObject | undefined>();
/** A secret that is kept in memory for a moment is asked for its key by every message of that moment. */
const keysOfSecrets = { private: new WeakMap<Secret, KeyObject>(), public: new WeakMap<Secret, KeyObject>() };

/** Reading a PEM costs more than a verification, so what was read is kept. */
function read(
  secret: Secret,
  half: 'private' | 'public',
  bare: (key: Buffer, type: 'pkcs8' | 'pkcs1') => KeyObject,
  armoured: (pem: string) => KeyObject,
): KeyObject | undefined {
  const known = keysOfSecrets[half].get(secret);
  if (known) return known;
  const key = readText(secret.reveal().trim(), half, bare, armoured);
  if (key) keysOfSecrets[half].set(secret, key);
  return key;
}

function readText(
  text: string,
  half: 'private' | 'public',
  bare: (key: Buffer, type: 'pkcs8' | 'pkcs1') => KeyObject,
  armoured: (pem: string) => KeyObject,
): KeyObject | undefined {
  const name = `${half} ${text}`;
  if (keys.has(name)) return keys.get(name);
  if (keys.size >= keysMax) keys.clear();
  const key = text.includes('-----BEGIN')
    ? attempt(() => armoured(text))
    : (attempt(() => bare(Buffer.from(text, 'base64'), 'pkcs8')) ??
      attempt(() => bare(Buffer.from(text, 'base64'), 'pkcs1')));
  keys.set(name, key);
  return key;
}

function attempt(make: () => KeyObject): KeyObject | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
