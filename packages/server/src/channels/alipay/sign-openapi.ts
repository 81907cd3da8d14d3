import { createCipheriv, createDecipheriv, sign as signWithKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { assert } from '../../kernel/index.ts';
import type { Secret } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount } from '../contract/index.ts';
import { certificateOf, rootBundleSn } from './certificates.ts';
import { privateKey, publicKey } from './sign-keys.ts';

/** `signWith` of the drafts that go to OpenAPI: signed with the application's key, never with the partner's. */
export const openapiKind = 'openapi';

/** RSA2: SHA256withRSA, Base64 on one line. The sign_type RSA (SHA-1) is not offered. */
export async function signOpenapi(
  toSign: Uint8Array,
  account: ChannelAccount,
  secrets: AccountSecrets,
): Promise<string> {
  const secret = secrets['app_private_key']?.[0];
  const key = secret && privateKey(secret);
  assert(key !== undefined, `account ${account.id} has no app_private_key that can be read`);
  return await new Promise<string>((resolve, reject) => {
    signWithKey('SHA256', toSign, key, (problem, signature) => {
      if (problem) reject(problem);
      else resolve(signature.toString('base64'));
    });
  });
}

export const isCertificateMode = (account: ChannelAccount): boolean => account.settings['openapi_mode'] === 'cert';

/** True when a live key of Alipay fits. In certificate mode `certSn`, where the answer names one, must be that of a certificate we hold. */
export function openapiSignatureFits(
  signed: Uint8Array,
  signature: string,
  account: ChannelAccount,
  secrets: AccountSecrets,
  certSn?: string,
): boolean {
  if (!/^[A-Za-z0-9+/]{1,1024}={0,2}$/.test(signature)) return false;
  const bytes = Buffer.from(signature, 'base64');
  return alipayKeys(account, secrets, certSn).some((key) => keyFits(signed, key, bytes));
}

function alipayKeys(account: ChannelAccount, secrets: AccountSecrets, certSn: string | undefined): KeyObject[] {
  if (!isCertificateMode(account))
    return (secrets['alipay_openapi_public_key'] ?? []).flatMap((secret) => publicKey(secret) ?? []);
  return (secrets['alipay_cert'] ?? [])
    .flatMap((secret) => certificateOf(secret.reveal()) ?? [])
    .filter((certificate) => certSn === undefined || certificate.sn === certSn)
    .flatMap((certificate) => certificate.key ?? []);
}

function keyFits(signed: Uint8Array, key: KeyObject, signature: Uint8Array): boolean {
  try {
    return key.asymmetricKeyType === 'rsa' && verify('SHA256', signed, key, signature);
  } catch {
    return false;
  }
}

/** The two certificate numbers of a request in certificate mode; undefined when a certificate is missing or cannot be read. */
export function requestCertificates(
  secrets: AccountSecrets,
): { readonly appSn: string; readonly rootSn: string } | undefined {
  const app = secrets['app_cert']?.[0];
  const root = secrets['alipay_root_cert']?.[0];
  const appSn = app && certificateOf(app.reveal())?.sn;
  const rootSn = root && rootBundleSn(root.reveal());
  return appSn === undefined || rootSn === undefined ? undefined : { appSn, rootSn };
}

/** What payers gave (code, id) and who receives a part leave their wrapping here, for the request that carries them. */
export function payerText(secret: Secret): string {
  return secret.reveal().trim();
}

/** AES-128-CBC, PKCS#7, the vector all zero, Base64 ("Content encryption" of the open platform). */
const noVector = new Uint8Array(16);

function contentKey(secret: Secret): Buffer | undefined {
  const key = Buffer.from(secret.reveal().trim(), 'base64');
  return key.byteLength === 16 ? key : undefined;
}

export function encryptContent(text: string, secrets: AccountSecrets): string | undefined {
  const secret = secrets['content_key']?.[0];
  const key = secret && contentKey(secret);
  if (!key) return undefined;
  const cipher = createCipheriv('aes-128-cbc', key, noVector);
  return Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]).toString('base64');
}

/** The bytes inside, by the first live key that opens them. */
export function decryptContent(content: string, secrets: AccountSecrets): Uint8Array | undefined {
  for (const secret of secrets['content_key'] ?? []) {
    const key = contentKey(secret);
    if (!key) continue;
    try {
      const decipher = createDecipheriv('aes-128-cbc', key, noVector);
      return Buffer.concat([decipher.update(content, 'base64'), decipher.final()]);
    } catch {
      continue;
    }
  }
  return undefined;
}
