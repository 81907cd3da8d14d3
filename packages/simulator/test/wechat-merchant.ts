import { readFileSync } from 'node:fs';

const file = new URL('../src/wechat/fixtures/vectors.json', import.meta.url);
export const vectors = JSON.parse(readFileSync(file, 'utf8'));
export const { keys } = vectors;
export const mchid: string = vectors.mchid;
export const appid: string = vectors.appid;
export const openid: string = vectors.openid;
/** Noon of 2026-12-02 in Shanghai: the certificates of the vectors are in force. */
export const noon = Date.UTC(2026, 11, 2, 4);
export const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000];

/** The merchant of the vectors, as the control door takes it. */
export const merchantInput = {
  mchid,
  appids: [appid],
  certificate_pems: [keys.merchant_certificate],
  api_v3_key: vectors.api_v3_key,
  v2_key: vectors.v2_key,
  platform_public_key: { id: vectors.public_key_id, private_key_pem: keys.platform_private },
  platform_certificates: [{ pem: keys.platform_certificate, private_key_pem: keys.platform_private }],
};
