import { createHash, X509Certificate } from 'node:crypto';

// Certificate numbers: Alipay open platform document "certificate mode", computed over issuer and serial number.

/** MD5 of the issuer's name (most specific part first) and the serial number in decimal, without a separator. */
export function certSn(pem: string): string {
  const certificate = new X509Certificate(pem);
  const issuer = certificate.issuer.split('\n').reverse().join(',');
  const serial = BigInt(`0x${certificate.serialNumber}`).toString();
  return createHash('md5').update(`${issuer}${serial}`).digest('hex');
}

/** The numbers of those certificates of the bundle that are signed with an algorithm of the RSA family, joined by `_`. */
export function rootCertSn(bundle: string): string {
  const pems = bundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return pems.filter(isSignedByRsa).map(certSn).join('_');
}

/** Algorithm identifiers 1.2.840.113549.1.1.*, as DER: the runtime's X509Certificate does not tell the algorithm. */
const rsaFamily = Buffer.from('2a864886f70d0101', 'hex');

function isSignedByRsa(pem: string): boolean {
  const der = new X509Certificate(pem).raw;
  // Certificate = SEQUENCE { tbsCertificate, signatureAlgorithm, signature }: skip the first element of the outer sequence.
  const outer = elementAt(der, 0);
  const body = elementAt(der, outer.contentAt);
  const algorithm = elementAt(der, body.endsAt);
  const identifier = elementAt(der, algorithm.contentAt);
  return der.subarray(identifier.contentAt, identifier.endsAt).subarray(0, rsaFamily.length).equals(rsaFamily);
}

function elementAt(der: Buffer, at: number): { readonly contentAt: number; readonly endsAt: number } {
  const first = der.readUInt8(at + 1);
  const lengthBytes = first < 0x80 ? 0 : first - 0x80;
  const length = lengthBytes === 0 ? first : der.readUIntBE(at + 2, lengthBytes);
  const contentAt = at + 2 + lengthBytes;
  return { contentAt, endsAt: contentAt + length };
}
