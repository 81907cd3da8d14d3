/** What is expected where the form alone cannot say it. */
export const allowed = {
  merchant_private_key: { allowed: 'a PEM file, RSA, PKCS#8 or PKCS#1', allowedZh: 'PEM 文件，RSA，PKCS#8 或 PKCS#1' },
  api_v3_key: { allowed: '32 characters', allowedZh: '32 个字符' },
  api_v2_key: { allowed: '32 characters', allowedZh: '32 个字符' },
  platform_public_key: { allowed: 'a PEM file, an RSA public key', allowedZh: 'PEM 文件，RSA 公钥' },
  platform_certificate: {
    allowed: 'a PEM file, an X.509 certificate that has not expired',
    allowedZh: 'PEM 文件，未过期的 X.509 证书',
  },
  sub_mchid: { allowed: '8–10 digits, since sub_appid is given', allowedZh: '8–10 位数字（给了 sub_appid）' },
} as const;
