import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { BadRequest, fieldsOf, listOf, optionalText, text } from '../input.ts';
import type { Fields } from '../input.ts';
import { products } from './types.ts';
import type { Merchant, PlatformCertificate } from './types.ts';

/** A merchant as the control door takes it; see the README beside this file. Throws BadRequest. */
export function readMerchant(input: unknown): Merchant {
  const fields = fieldsOf(input, 'a merchant');
  const apiV3Key = optionalText(fields, 'api_v3_key');
  if (apiV3Key !== undefined && Buffer.byteLength(apiV3Key) !== 32)
    throw new BadRequest('api_v3_key has 32 characters');
  const publicKey = publicKeyOf(fields);
  const platformCertificates = certificatesOf(fields);
  const certificates = new Map([
    ...textsOf(fields, 'certificate_pems').map(merchantCertificate),
    ...certificateKeysOf(fields),
  ]);
  if (!publicKey && platformCertificates.length === 0 && (apiV3Key !== undefined || certificates.size > 0))
    throw new BadRequest('APIv3 needs platform_certificates or platform_public_key');
  return {
    mchid: text(fields, 'mchid'),
    appids: textsOf(fields, 'appids'),
    subMchids: textsOf(fields, 'sub_mchids'),
    certificates,
    apiV3Key: apiV3Key === undefined ? undefined : Buffer.from(apiV3Key),
    v2Key: optionalText(fields, 'v2_key'),
    platformCertificates,
    publicKey,
    publicKeyPercent: percentOf(fields, platformCertificates.length === 0 ? 100 : 0),
    flow: oneOf(fields, 'fund_flow', ['new', 'old']),
    feePpm: feePpmOf(optionalText(fields, 'fee_rate') ?? '0.006'),
    products: fields['products'] === undefined ? products : products.filter((one) => wanted(fields).includes(one)),
    customs: customsOf(fields),
    refundNotifyUrl: optionalText(fields, 'refund_notify_url'),
    v2RefundNotifyUrl: optionalText(fields, 'v2_refund_notify_url'),
  };
}

function wanted(fields: Fields): readonly unknown[] {
  return listOf(fields['products'], 'products');
}

function textsOf(fields: Fields, key: string): readonly string[] {
  if (fields[key] === undefined) return [];
  const list = listOf(fields[key], key);
  return list.map((one) => {
    if (typeof one !== 'string') throw new BadRequest(`${key} must be texts`);
    return one;
  });
}

function merchantCertificate(pem: string): [string, KeyObject] {
  return readKey('certificate_pems', () => {
    const certificate = new X509Certificate(pem);
    return [certificate.serialNumber, certificate.publicKey];
  });
}

/** Of a certificate whose period is nobody's business: the clock of a sandbox may stand before it or behind it. */
function certificateKeysOf(fields: Fields): readonly [string, KeyObject][] {
  const given = fields['certificate_keys'];
  if (given === undefined) return [];
  return listOf(given, 'certificate_keys').map((one) => {
    const key = fieldsOf(one, 'the key of a certificate');
    const serial = text(key, 'serial_no');
    if (!/^[0-9A-F]{16,40}$/.test(serial))
      throw new BadRequest('serial_no is 16 to 40 digits of hex, A to F in capitals');
    const pem = text(key, 'public_key_pem');
    return [serial, readKey('public_key_pem', () => createPublicKey(pem))];
  });
}

function publicKeyOf(fields: Fields): Merchant['publicKey'] {
  if (fields['platform_public_key'] === undefined) return undefined;
  const key = fieldsOf(fields['platform_public_key'], 'platform_public_key');
  const id = text(key, 'id');
  if (!/^PUB_KEY_ID_\d+$/.test(id)) throw new BadRequest('platform_public_key.id is PUB_KEY_ID_ and digits');
  return { id, privateKey: privateKeyOf(key) };
}

function certificatesOf(fields: Fields): readonly PlatformCertificate[] {
  const given = fields['platform_certificates'];
  return given === undefined ? [] : listOf(given, 'platform_certificates').map(platformCertificate);
}

function platformCertificate(input: unknown): PlatformCertificate {
  const fields = fieldsOf(input, 'a platform certificate');
  const pem = text(fields, 'pem');
  const certificate = readKey('pem', () => new X509Certificate(pem));
  return {
    serial: certificate.serialNumber,
    pem,
    privateKey: privateKeyOf(fields),
    effectiveAt: Date.parse(certificate.validFrom),
    expiresAt: Date.parse(certificate.validTo),
  };
}

function privateKeyOf(fields: Fields): KeyObject {
  const pem = text(fields, 'private_key_pem');
  return readKey('private_key_pem', () => createPrivateKey(pem));
}

function readKey<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new BadRequest(`${what} cannot be read: ${error instanceof Error ? error.message : 'unknown reason'}`);
  }
}

function oneOf<const T extends string>(fields: Fields, key: string, known: readonly [T, ...T[]]): T {
  const given = fields[key] ?? known[0];
  const found = known.find((one) => one === given);
  if (found === undefined) throw new BadRequest(`${key} is one of ${known.join(', ')}`);
  return found;
}

function percentOf(fields: Fields, otherwise: number): number {
  const given = fields['public_key_percent'] ?? otherwise;
  if (typeof given !== 'number' || given < 0 || given > 100) throw new BadRequest('public_key_percent is 0 to 100');
  return given;
}

function feePpmOf(rate: string): number {
  const parts = /^0(?:\.(\d{1,6}))?$/.exec(rate);
  if (!parts) throw new BadRequest('fee_rate must be a text such as 0.006');
  return Number((parts[1] ?? '').padEnd(6, '0'));
}

function customsOf(fields: Fields): Merchant['customs'] {
  if (fields['customs'] === undefined) return undefined;
  const entries = listOf(fields['customs'], 'customs').map((one) => fieldsOf(one, 'a customs place'));
  return new Map(entries.map((one) => [text(one, 'customs'), text(one, 'mch_customs_no')]));
}
