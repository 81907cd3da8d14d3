import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AlipaySdk } from 'alipay-sdk';
import { play } from './player.ts';

export const vectors = JSON.parse(readFileSync(new URL('../fixtures/openapi-vectors.json', import.meta.url), 'utf8'));
export const appId = '2021000000000001';
export const sellerId = '2088101568338364';
const { keys } = vectors;

/** A shop for tests: an app at the simulator, the official SDK as its voice, and an address that hears notifications. */
export async function openShop(
  mode: 'key' | 'certificate',
  options: Parameters<typeof play>[0] = {},
  contract: object = {},
) {
  const sim = await play(options);
  await sim.control('openapi/apps', { ...appInput(mode), ...contract });
  const heard: Record<string, string>[] = [];
  const says: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      heard.push(Object.fromEntries(new URLSearchParams(body)));
      response.end(says.shift() ?? 'success');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const notifyUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/notify`;
  const sdk = new AlipaySdk({ ...sdkConfig(mode), endpoint: sim.alipayUrl, gateway: `${sim.alipayUrl}/gateway.do` });
  const exec = (method: string, bizContent: Record<string, unknown>, more: Record<string, unknown> = {}) =>
    sdk.exec(`alipay.trade.${method}`, { notifyUrl, bizContent, ...more }, { validateSign: true });
  const act = async (verb: string, body: unknown) => (await sim.control(`openapi/${verb}`, body)).json;
  const books = async (outTradeNo: string) =>
    (await (await fetch(`${sim.alipayUrl}/openapi/books?out_trade_nos=${outTradeNo}`)).json()) as Books;
  const statement = async () => (await (await fetch(`${sim.alipayUrl}/openapi/statement`)).json()) as Day[];
  /** Moves the clock, and waits until what fell due has been delivered. */
  const later = async (ms: number) => {
    await sim.after(ms);
    await act('settle', {});
  };
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await sim.close();
    sim.remove();
  };
  return { sim, sdk, exec, act, books, statement, later, heard, says, notifyUrl, close };
}
export type Shop = Awaited<ReturnType<typeof openShop>>;
type Row = Record<string, unknown>;
type Books = { trades: (Row & { refunds: Row[] })[]; notices: (Row & { attempts: Row[] })[]; offers: Row[] };
type Day = Row & { rows: Row[] };

export function appInput(mode: 'key' | 'certificate') {
  const common = { app_id: appId, seller_id: sellerId, alipay_private_key_pem: keys.alipay_private_pkcs8 };
  const aes = { aes_key: vectors.A1.aes_key_base64 };
  if (mode === 'key') return { ...common, ...aes, merchant_public_key_pem: keys.app_public };
  return {
    ...common,
    ...aes,
    app_cert_pem: keys.app_cert,
    alipay_cert_pem: keys.alipay_cert,
    alipay_root_cert_pem: keys.root_bundle,
  };
}

export function sdkConfig(mode: 'key' | 'certificate') {
  const common = {
    appId,
    privateKey: keys.app_private_pkcs8 as string,
    keyType: 'PKCS8' as const,
    encryptKey: vectors.A1.aes_key_base64 as string,
  };
  if (mode === 'key') return { ...common, alipayPublicKey: keys.alipay_public as string };
  return {
    ...common,
    appCertContent: keys.app_cert as string,
    alipayPublicCertContent: keys.alipay_cert as string,
    alipayRootCertContent: keys.root_bundle as string,
  };
}
