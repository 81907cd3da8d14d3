import { createDecipheriv, sign as signWithKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { assert, minutes } from '../../kernel/index.ts';
import type { Instant, Secret, Trust } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount } from '../contract/index.ts';
import { signV2, v2SignTypes } from './sign-v2.ts';
import type { V2SignType } from './sign-v2.ts';
import { platformCertificate, privateKey, publicKey, serialName } from './sign-keys.ts';
import type { PlatformCertificate } from './sign-keys.ts';

/** Which kind of key a request of version 2 is signed with; of APIv3 there is one kind, which needs no name. */
export const v2Kinds = { MD5: 'v2 MD5', 'HMAC-SHA256': 'v2 HMAC-SHA256' } as const satisfies Record<V2SignType, string>;

/** SHA256withRSA by the merchant's newest key, Base64 on one line (APIv3, generating signatures). Version 2 has a key of its own. */
export async function sign(
  toSign: Uint8Array,
  account: ChannelAccount,
  secrets: AccountSecrets,
  signWith?: string,
): Promise<string> {
  if (signWith !== undefined) return signPlain(toSign, account, secrets, signWith);
  const key = signingKey(secrets);
  assert(key !== undefined, `account ${account.id} has no merchant_private_key that can be read`);
  return await new Promise<string>((resolve, reject) => {
    // The callback form signs on the thread pool: an RSA signature takes longer than everything else of a request.
    signWithKey('SHA256', toSign, key, (problem, signature) => {
      if (problem) reject(problem);
      else resolve(signature.toString('base64'));
    });
  });
}

function signPlain(toSign: Uint8Array, { id }: ChannelAccount, secrets: AccountSecrets, signWith: string): string {
  const type = v2SignTypes.find((one) => v2Kinds[one] === signWith);
  assert(type !== undefined, `WeChat Pay has no kind of key named ${signWith}`);
  const signature = signV2(new TextDecoder().decode(toSign), type, secrets);
  assert(signature !== undefined, `account ${id} has no api_v2_key`);
  return signature;
}

/** The same signature over what the wallet's script or an app's SDK is given, where the answer is read. */
export function signAtOnce(text: string, secrets: AccountSecrets): string | undefined {
  const key = signingKey(secrets);
  return key && signWithKey('SHA256', Buffer.from(text), key).toString('base64');
}

function signingKey(secrets: AccountSecrets): KeyObject | undefined {
  const secret = secrets['merchant_private_key']?.[0];
  return secret && privateKey(secret);
}

/** Who vouches for an answer or message, and why not the platform. */
export type Vouched = { readonly trust: Trust; readonly why: string };

const freshMs = minutes(5);
const publicKeyMark = 'PUB_KEY_ID_';
const probeMark = 'WECHATPAY/SIGNTEST/';
const signatureType = 'WECHATPAY2-SHA256-RSA2048';

type Headers = Readonly<Record<string, string>>;

/**
 * APIv3, verifying signatures: over time, nonce and the bytes as they came, by the key that the header names. Old ones are refused, since
 * anybody may send them again; and so are probes, which are signed wrongly on purpose.
 */
export function vouchedFor(
  headers: Headers,
  body: Uint8Array,
  account: ChannelAccount,
  secrets: AccountSecrets,
  heardAt: Instant,
): Vouched {
  const [time, nonce, signature, serial] = ['timestamp', 'nonce', 'signature', 'serial'].map(
    (name) => headers[`wechatpay-${name}`] ?? '',
  );
  if (!time || !nonce || !signature || !serial)
    return { trust: 'transport_only', why: 'it is not signed: a header is missing' };
  const nobody = (why: string): Vouched => ({ trust: 'none', why });
  if (!/^\d{1,12}$/.test(time) || Math.abs(heardAt - Number(time) * 1000) >= freshMs)
    return nobody('the signature is of another time');
  if ((headers['wechatpay-signature-type'] ?? signatureType) !== signatureType)
    return nobody('the signature is of another type');
  const keys = platformKeys(serial, account, secrets, heardAt);
  if (keys.length === 0) return nobody(`no key of the platform is known by ${serial}`);
  const signed = Buffer.concat([Buffer.from(`${time}\n${nonce}\n`), body, Buffer.from('\n')]);
  if (keys.some((key) => keyFits(signed, key, signature))) return { trust: 'verified', why: '' };
  const isProbe = signature.startsWith(probeMark);
  return nobody(isProbe ? 'a probe of the platform: signed wrongly on purpose' : 'the signature does not fit');
}

/**
 * Certificates by their number, of which either may be in use during a switch. A public key goes by its id (APIv3, verifying signatures with the
 * public key), and ids of earlier keys are not kept: whatever has another id than the account's may be signed with an earlier key as long as that
 * one is live, and never with the newest. Which of them it was is proved by the signature itself.
 */
function platformKeys(
  serial: string,
  account: ChannelAccount,
  secrets: AccountSecrets,
  at: Instant,
): readonly KeyObject[] {
  if (!serial.startsWith(publicKeyMark))
    return certificatesIn(secrets, at).flatMap((one) => (one.serial === serialName(serial) ? [one.key] : []));
  const live = secrets['platform_public_key'] ?? [];
  const known = serial === account.settings['public_key_id'] ? live : live.slice(1);
  return known.flatMap((secret) => publicKey(secret) ?? []);
}

/** The one key of that name that a field is sealed with: of public keys the newest. */
export function platformKey(
  serial: string,
  account: ChannelAccount,
  secrets: AccountSecrets,
  at: Instant,
): KeyObject | undefined {
  if (!serial.startsWith(publicKeyMark))
    return certificatesIn(secrets, at).find((one) => one.serial === serialName(serial))?.key;
  if (serial !== account.settings['public_key_id']) return undefined;
  const secret = secrets['platform_public_key']?.[0];
  return secret && publicKey(secret);
}

function certificatesIn(secrets: AccountSecrets, at: Instant): readonly PlatformCertificate[] {
  return (secrets['platform_certificate'] ?? [])
    .flatMap((secret) => platformCertificate(secret) ?? [])
    .filter(({ validTo }) => validTo > at)
    .sort((a, b) => b.validFrom - a.validFrom);
}

/** What the platform is asked to sign its answer with: the public key where the account verifies with one, else the newest certificate. */
export function wantedSerial(account: ChannelAccount, secrets: AccountSecrets, at: Instant): string | undefined {
  const { platform_keys: verifiesWith, public_key_id: keyId } = account.settings;
  return verifiesWith !== 'certificate' && keyId !== undefined ? keyId : certificatesIn(secrets, at)[0]?.serial;
}

function keyFits(signed: Uint8Array, key: KeyObject, signature: string): boolean {
  if (!/^[A-Za-z0-9+/]{1,1024}={0,2}$/.test(signature)) return false;
  try {
    return key.asymmetricKeyType === 'rsa' && verify('SHA256', signed, key, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}

/** An encrypted part as messages and certificate lists carry it. */
export type Sealed = { readonly ciphertext: string; readonly nonce: string; readonly associatedData: string };

const tagBytes = 16;

/** AEAD_AES_256_GCM under the APIv3 key, whose 32 characters are the key's bytes; by the first live key whose tag fits. */
export function openSealed(
  { ciphertext, nonce, associatedData }: Sealed,
  secrets: AccountSecrets,
): Uint8Array | undefined {
  const bytes = Buffer.from(ciphertext, 'base64');
  const at = bytes.byteLength - tagBytes;
  if (at < 0 || Buffer.byteLength(nonce) !== 12) return undefined;
  for (const secret of secrets['api_v3_key'] ?? []) {
    const key = Buffer.from(secret.reveal().trim());
    if (key.byteLength !== 32) continue;
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, nonce);
      decipher.setAAD(Buffer.from(associatedData));
      decipher.setAuthTag(bytes.subarray(at));
      return Buffer.concat([decipher.update(bytes.subarray(0, at)), decipher.final()]);
    } catch {
      continue;
    }
  }
  return undefined;
}

/** The orderer's data leave their wrapping in this file, too, so that a channel reveals anything in one place only. */
export function personalText(secret: Secret): string {
  return secret.reveal().trim();
}

/** What the payer gave (his id, his address) leaves its wrapping here, for the request that carries it. */
export function payerText(secret: Secret): string {
  return secret.reveal().trim();
}
