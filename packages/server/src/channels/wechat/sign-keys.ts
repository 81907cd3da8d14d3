import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Instant, Secret } from '../../kernel/index.ts';
import type { AccountSecrets } from '../contract/index.ts';

/** A platform certificate as verification needs it. Moments in epoch milliseconds. */
export type PlatformCertificate = {
  /** Upper-case hex digits without leading zeros, as headers name it. */
  readonly serial: string;
  readonly key: KeyObject;
  readonly validFrom: number;
  readonly validTo: number;
};

/** Keys are PEM: private ones PKCS#8 or PKCS#1, public ones SPKI or PKCS#1. Undefined: nothing that can be read. */
export const privateKey = (secret: Secret): KeyObject | undefined => read(secret, privateKeys, createPrivateKey);
export const publicKey = (secret: Secret): KeyObject | undefined => read(secret, publicKeys, createPublicKey);
export const platformCertificate = (secret: Secret): PlatformCertificate | undefined =>
  read(secret, certificates, (pem) => {
    const certificate = new X509Certificate(pem);
    return {
      serial: serialName(certificate.serialNumber),
      key: certificate.publicKey,
      validFrom: certificate.validFromDate.getTime(),
      validTo: certificate.validToDate.getTime(),
    };
  });

/** Serial numbers are compared in upper case (APIv3, verification of signatures). */
export const serialName = (serial: string): string => serial.toUpperCase().replace(/^0+/, '');

const keptMax = 256;
const privateKeys = new Map<string, KeyObject | undefined>();
const publicKeys = new Map<string, KeyObject | undefined>();
const certificates = new Map<string, PlatformCertificate | undefined>();

/** Reading a PEM costs more than a verification, so what was read is kept. */
function read<T>(secret: Secret, known: Map<string, T | undefined>, make: (pem: string) => T): T | undefined {
  const pem = secret.reveal().trim();
  if (known.has(pem)) return known.get(pem);
  if (known.size >= keptMax) known.clear();
  const made = attempt(() => make(pem));
  known.set(pem, made);
  return made;
}

function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

const readers = {
  merchant_private_key: (secret: Secret) => privateKey(secret)?.asymmetricKeyType === 'rsa',
  api_v3_key: (secret: Secret) => Buffer.byteLength(secret.reveal().trim()) === 32,
  api_v2_key: (secret: Secret) => /^[\x21-\x7e]{32}$/.test(secret.reveal().trim()),
  platform_public_key: (secret: Secret) => publicKey(secret)?.asymmetricKeyType === 'rsa',
  platform_certificate: (secret: Secret, at: Instant) => (platformCertificate(secret)?.validTo ?? 0) > at,
} as const;

/** The names of secrets that are given and cannot be used. */
export function keysThatFail(secrets: AccountSecrets, at: Instant): readonly (keyof typeof readers)[] {
  const names = Object.keys(readers) as (keyof typeof readers)[];
  return names.filter((name) => secrets[name]?.some((secret) => !secret.isEmpty() && !readers[name](secret, at)));
}
