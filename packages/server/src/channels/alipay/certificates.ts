import { createHash, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/**
 * The number by which OpenAPI names a certificate: MD5 over the issuer (RFC 2253 order, most specific part first, no blanks)
 * and the serial number in decimal ("Public key certificates" of the open platform).
 */
export type Certificate = { readonly sn: string; readonly isRsaSigned: boolean; readonly key: KeyObject | undefined };

/** The first certificate of the text, which may bring its chain; undefined when there is none. */
export function certificateOf(pem: string): Certificate | undefined {
  return certificatesIn(pem)[0];
}

/** The numbers of the certificates signed with RSA, in the order of the bundle. The others (EC, SM2) are left out. */
export function rootBundleSn(bundle: string): string | undefined {
  const numbers = certificatesIn(bundle).flatMap(({ sn, isRsaSigned }) => (isRsaSigned ? [sn] : []));
  return numbers.length === 0 ? undefined : numbers.join('_');
}

const bundlesMax = 64;
const bundles = new Map<string, readonly Certificate[]>();

function certificatesIn(text: string): readonly Certificate[] {
  const known = bundles.get(text);
  if (known) return known;
  if (bundles.size >= bundlesMax) bundles.clear();
  const parts = text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  const certificates = parts.flatMap((pem) => readCertificate(pem) ?? []);
  bundles.set(text, certificates);
  return certificates;
}

/** RSA with any digest: the arc of PKCS #1 (RFC 8017, appendix C). */
const rsaSignatures = '1.2.840.113549.1.1.';

function readCertificate(pem: string): Certificate | undefined {
  try {
    const certificate = new X509Certificate(pem);
    const issuer = certificate.issuer.split('\n').reverse().join(',');
    const serial = BigInt(`0x${certificate.serialNumber}`);
    return {
      sn: createHash('md5').update(`${issuer}${serial}`).digest('hex'),
      isRsaSigned: (certificate.signatureAlgorithmOid ?? '').startsWith(rsaSignatures),
      key: keyOf(certificate),
    };
  } catch {
    return undefined;
  }
}

/** The bundle holds an SM2 root, whose key not every OpenSSL can read. */
function keyOf(certificate: X509Certificate): KeyObject | undefined {
  try {
    return certificate.publicKey;
  } catch {
    return undefined;
  }
}
