import { createPrivateKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { day, keys, merchantInput, noon } from '../../test/wechat-merchant.ts';
import { signerOf } from './letter.ts';
import { readMerchant } from './merchants.ts';
import type { PlatformCertificate } from './types.ts';

const certificate = (serial: string, effectiveAt: number, expiresAt: number): PlatformCertificate => ({
  serial,
  pem: '',
  privateKey: createPrivateKey(keys.platform_private),
  effectiveAt,
  expiresAt,
});

describe('which key signs', () => {
  const merchant = readMerchant({ ...merchantInput, public_key_percent: 20 });
  const publicKeyId = merchant.publicKey?.id ?? '';
  const rotating = {
    ...merchant,
    platformCertificates: [certificate('NEW', noon, noon + 9 * day), certificate('OLD', noon - 9 * day, noon + day)],
  };

  test.each([
    [noon - 1, 'OLD'],
    [noon, 'NEW'],
    [noon + 5 * day, 'NEW'],
  ])('at %i it is %s while one certificate replaces the other', (at, serial) => {
    expect(signerOf(rotating, at, undefined, 99).serial).toBe(serial);
  });

  test('the public key for its share, for who asks for it, and where there is no certificate', () => {
    const serials = [19, 20].map((among) => signerOf(rotating, noon, undefined, among).serial);
    expect(serials).toEqual([publicKeyId, 'NEW']);
    expect(signerOf(rotating, noon, publicKeyId, 99).serial).toBe(publicKeyId);
    expect(signerOf(rotating, noon, 'OLD', 99).serial).toBe('NEW');
    expect(signerOf({ ...rotating, platformCertificates: [] }, noon, undefined, 99).serial).toBe(publicKeyId);
  });
});

describe('a merchant as it is deposited', () => {
  test.each([
    [{ api_v3_key: 'short' }, 'api_v3_key'],
    [{ certificate_pems: ['nonsense'] }, 'certificate_pems'],
    [{ certificate_pems: [1] }, 'certificate_pems'],
    [{ certificate_keys: [{ serial_no: 'abc', public_key_pem: 'x' }] }, 'serial_no'],
    [{ certificate_keys: [{ serial_no: 'A'.repeat(40), public_key_pem: 'nonsense' }] }, 'public_key_pem'],
    [{ platform_public_key: { id: 'KEY_1', private_key_pem: keys.platform_private } }, 'PUB_KEY_ID_'],
    [{ platform_public_key: undefined, platform_certificates: undefined }, 'APIv3 needs'],
    [{ fund_flow: 'none' }, 'fund_flow'],
    [{ fee_rate: '0.6%' }, 'fee_rate'],
    [{ public_key_percent: 101 }, 'public_key_percent'],
  ])('%j is refused', (changes, word) => {
    expect(() => readMerchant({ ...merchantInput, ...changes })).toThrow(word);
  });

  test('for v2 alone it needs neither certificates nor keys of the platform', () => {
    expect(readMerchant({ mchid: '1800000042', v2_key: 'k' })).toMatchObject({
      v2Key: 'k',
      feePpm: 6_000,
      flow: 'new',
    });
  });
});
