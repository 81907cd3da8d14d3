import type { MethodCall } from './method-call.ts';
import { done, refused } from './results.ts';
import { lot, sealed } from './signing.ts';
import { rfc3339 } from './times.ts';
import type { Result } from './types.ts';

/** All certificates in force, each sealed with the APIv3 key. Who has only the public key has none. */
export function listCertificates({ merchant, at }: MethodCall): Result {
  const { apiV3Key } = merchant;
  const alive = merchant.platformCertificates.filter((one) => one.expiresAt > at);
  if (alive.length === 0 || !apiV3Key) return refused('RESOURCE_NOT_EXISTS', '商户未启用平台证书');
  const data = alive.map((one) => {
    const nonce = lot(`certificate ${one.serial} ${at}`, 12);
    const associated = 'certificate';
    return {
      serial_no: one.serial,
      effective_time: rfc3339(one.effectiveAt),
      expire_time: rfc3339(one.expiresAt),
      encrypt_certificate: {
        algorithm: 'AEAD_AES_256_GCM',
        nonce,
        associated_data: associated,
        ciphertext: sealed(one.pem, apiV3Key, nonce, associated),
      },
    };
  });
  return done({ data });
}
