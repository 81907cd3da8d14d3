import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { BadRequest, optionalText, text, fieldsOf } from '../../input.ts';
import type { Fields } from '../../input.ts';
import { certSn, rootCertSn } from './certificates.ts';
import type { App } from './types.ts';

const dayMs = 86_400_000;

/** An application as the control door takes it; see the README beside this file. Throws BadRequest. */
export function readApp(input: unknown): App {
  const fields = fieldsOf(input, 'an app');
  const sellerId = text(fields, 'seller_id');
  const aes = optionalText(fields, 'aes_key');
  const aesKey = aes === undefined ? undefined : Buffer.from(aes, 'base64');
  if (aesKey && aesKey.length !== 16) throw new BadRequest('aes_key must be 16 bytes as Base64');
  const notify = fieldsOf(fields['notify'] ?? {}, 'notify');
  return {
    appId: text(fields, 'app_id'),
    sellerId,
    sellerEmail: optionalText(fields, 'seller_email') ?? `${sellerId}@seller.example`,
    merchantKey: merchantKeyOf(fields),
    alipayKey: readKey('alipay_private_key_pem', () => privateKeyOf(text(fields, 'alipay_private_key_pem'))),
    aesKey,
    certificates: certificatesOf(fields),
    feePpm: feePpmOf(optionalText(fields, 'fee_rate') ?? '0.006'),
    feeReturned: fields['fee_returned'] === true,
    refundWindowMs: daysOf(fields, 'refund_window_days', 365) * dayMs,
    notify: {
      created: notify['created'] === true,
      closed: notify['closed'] === true,
      finished: notify['finished'] === true,
    },
  };
}

function merchantKeyOf(fields: Fields): KeyObject {
  const certificate = optionalText(fields, 'app_cert_pem');
  if (certificate !== undefined) return readKey('app_cert_pem', () => new X509Certificate(certificate).publicKey);
  return readKey('merchant_public_key_pem', () => publicKeyOf(text(fields, 'merchant_public_key_pem')));
}

function certificatesOf(fields: Fields): App['certificates'] {
  const app = optionalText(fields, 'app_cert_pem');
  if (app === undefined) return undefined;
  const [alipay, root] = [text(fields, 'alipay_cert_pem'), text(fields, 'alipay_root_cert_pem')];
  return readKey('a certificate', () => ({ app: certSn(app), root: rootCertSn(root), alipay: certSn(alipay) }));
}

function readKey<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new BadRequest(`${what} cannot be read: ${error instanceof Error ? error.message : 'unknown reason'}`);
  }
}

/** Consoles hand keys out as bare Base64 without the armour. */
function publicKeyOf(given: string): KeyObject {
  if (given.includes('-----BEGIN')) return createPublicKey(given);
  return createPublicKey({ key: Buffer.from(given, 'base64'), format: 'der', type: 'spki' });
}

function privateKeyOf(given: string): KeyObject {
  if (given.includes('-----BEGIN')) return createPrivateKey(given);
  return createPrivateKey({ key: Buffer.from(given, 'base64'), format: 'der', type: 'pkcs8' });
}

function feePpmOf(rate: string): number {
  const parts = /^0(?:\.(\d{1,6}))?$/.exec(rate);
  if (!parts) throw new BadRequest('fee_rate must be a text such as 0.006');
  return Number((parts[1] ?? '').padEnd(6, '0'));
}

function daysOf(fields: Fields, key: string, otherwise: number): number {
  const value = fields[key] ?? otherwise;
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
    throw new BadRequest(`${key} must be a number`);
  return value;
}
