import { createHash, sign as signWithKey, timingSafeEqual, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { assert } from '../../kernel/index.ts';
import type { Secret } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount } from '../contract/index.ts';
import { privateKey, publicKey } from './sign-keys.ts';
import { openapiKind, signOpenapi } from './sign-openapi.ts';

/** `sign_type` words of MAPI; RSA2 comes from the newer global documentation, the older one knows the other three. */
export const signTypes = ['MD5', 'RSA', 'RSA2', 'DSA'] as const;
export type SignType = (typeof signTypes)[number];

const digests: Readonly<Record<Exclude<SignType, 'MD5'>, string>> = { RSA: 'SHA1', RSA2: 'SHA256', DSA: 'SHA1' };

export function signTypeOf(account: ChannelAccount): SignType {
  const word = account.settings['sign_type'] ?? 'MD5';
  const known = signTypes.find((type) => type === word);
  assert(known !== undefined, `account ${account.id} has the unknown sign_type ${word}`);
  return known;
}

/** Signs with the newest key: MD5 as 32 lower-case hex digits, the others in Base64 on one line. OpenAPI has a key of its own. */
export async function sign(
  toSign: Uint8Array,
  account: ChannelAccount,
  secrets: AccountSecrets,
  signWith?: string,
): Promise<string> {
  if (signWith === openapiKind) return signOpenapi(toSign, account, secrets);
  assert(signWith === undefined, `Alipay has no kind of key named ${signWith ?? ''}`);
  const type = signTypeOf(account);
  if (type === 'MD5') return md5(toSign, newest(secrets, 'md5_key', account)).toString('hex');
  const key = privateKey(newest(secrets, 'merchant_private_key', account));
  assert(key !== undefined, `the merchant_private_key of account ${account.id} cannot be read`);
  return await new Promise<string>((resolve, reject) => {
    // The callback form signs on the thread pool: an RSA signature takes longer than everything else of a request.
    signWithKey(digests[type], toSign, key, (problem, signature) => {
      if (problem) reject(problem);
      else resolve(signature.toString('base64'));
    });
  });
}

/** True when the signature fits one of the live keys. Only the account's own sign_type counts, whatever the answer claims. */
export function signatureFits(
  signed: Uint8Array,
  signature: string,
  account: ChannelAccount,
  secrets: AccountSecrets,
): boolean {
  const type = signTypeOf(account);
  if (type === 'MD5') return (secrets['md5_key'] ?? []).some((key) => md5Fits(md5(signed, key), signature));
  if (!/^[A-Za-z0-9+/]{1,1024}={0,2}$/.test(signature)) return false;
  const bytes = Buffer.from(signature, 'base64');
  return (secrets['alipay_public_key'] ?? []).some((text) => {
    const key = publicKey(text);
    return key !== undefined && keyFits(digests[type], signed, key, bytes);
  });
}

/** The orderer's data leave their wrapping in this file too, so that a channel reveals anything in one place only. */
export function personalText(secret: Secret): string {
  return secret.reveal();
}

function newest(secrets: AccountSecrets, name: string, account: ChannelAccount): Secret {
  const secret = secrets[name]?.[0];
  assert(secret !== undefined, `account ${account.id} has no ${name}`);
  return secret;
}

/** MAPI appends the key directly, without `&` or `key=`. A blank behind a pasted key is the usual reason for ILLEGAL_SIGN. */
function md5(signed: Uint8Array, key: Secret): Buffer {
  return createHash('md5').update(signed).update(key.reveal().trim(), 'utf8').digest();
}

function md5Fits(expected: Buffer, signature: string): boolean {
  return /^[0-9a-f]{32}$/.test(signature) && timingSafeEqual(expected, Buffer.from(signature, 'hex'));
}

function keyFits(digest: string, signed: Uint8Array, key: KeyObject, signature: Uint8Array): boolean {
  try {
    return verify(digest, signed, key, signature);
  } catch {
    return false;
  }
}
