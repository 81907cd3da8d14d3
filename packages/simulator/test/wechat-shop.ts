import { createDecipheriv, createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulators } from '../src/index.ts';
import { appid, keys, mchid, merchantInput, noon, vectors } from './wechat-merchant.ts';

type Headers = Readonly<Record<string, string | string[] | undefined>>;
export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
  readonly text: string;
};
export type Heard = { readonly headers: Headers; readonly body: string };
export type SignOptions = {
  /** Path and query that are signed instead of the true ones. */
  readonly target?: string;
  readonly body?: string;
  readonly at?: number;
  readonly serial?: string;
  readonly mchid?: string;
  readonly headers?: Record<string, string>;
};

const merchantKey = createPrivateKey(keys.merchant_private);
const platformKey = createPublicKey(keys.platform_public);

/** Whether the platform signed this; false also when it did not sign at all. */
export function isGenuine(headers: Headers, body: string): boolean {
  const [timestamp, nonce] = [headers['wechatpay-timestamp'], headers['wechatpay-nonce']];
  const signature = headers['wechatpay-signature'];
  if (typeof signature !== 'string') return false;
  const message = Buffer.from(`${String(timestamp)}\n${String(nonce)}\n${body}\n`);
  return verify('sha256', message, platformKey, Buffer.from(signature, 'base64'));
}

/** What lies sealed in a callback or a certificate. Throws when the tag does not fit. */
export function opened(resource: Record<string, string>): string {
  const bytes = Buffer.from(resource['ciphertext'] ?? '', 'base64');
  const decipher = createDecipheriv('aes-256-gcm', vectors.api_v3_key, resource['nonce'] ?? '');
  decipher.setAAD(Buffer.from(resource['associated_data'] ?? ''));
  decipher.setAuthTag(bytes.subarray(-16));
  return decipher.update(bytes.subarray(0, -16)).toString() + decipher.final().toString();
}

export function v2Signed(fields: Record<string, string>): string {
  const all: Record<string, string> = { appid, mch_id: mchid, nonce_str: 'N0NCE', ...fields };
  const names = Object.keys(all).filter((name) => all[name] !== '');
  const text = names.toSorted().map((name) => `${name}=${all[name]}`);
  const md5 = createHash('md5')
    .update(`${text.join('&')}&key=${vectors.v2_key}`)
    .digest('hex')
    .toUpperCase();
  const sent = { ...all, sign: all['sign'] ?? md5 };
  return `<xml>${Object.entries(sent)
    .map(([name, value]) => `<${name}><![CDATA[${value}]]></${name}>`)
    .join('')}</xml>`;
}

/** The fields of a message of v2, values as they are. */
export function v2Fields(xml: string): Record<string, string> {
  const parts = xml.matchAll(/<(\w+)>(?:<!\[CDATA\[(.*?)\]\]>|([^<]*))<\/\1>/gs);
  return Object.fromEntries([...parts].map(([, name = '', cdata, plain]) => [name, cdata ?? plain ?? '']));
}

/** A shop at the simulator: the merchant of the vectors with a signer of its own, and an address that hears callbacks. */
export async function openWechatShop(contract: object = {}, at = noon) {
  const dataDir = mkdtempSync(join(tmpdir(), 'liushui-simulator-'));
  let simulators = await startSimulators({ dataDir, clock: 'stepped', at });
  const heard: Heard[] = [];
  const says: { readonly status: number; readonly body: string }[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      heard.push({ headers: incoming.headers, body: Buffer.concat(chunks).toString() });
      const said = says.shift() ?? { status: 200, body: '' };
      response.writeHead(said.status).end(said.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const notifyUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/notify`;

  const send = (method: string, path: string, headers: Record<string, string>, body: string): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const outgoing = request(simulators.wechatUrl, { method, path, headers }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('error', reject);
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () => {
          const bytes = Buffer.concat(chunks);
          const { statusCode: status = 0 } = incoming;
          resolve({ status, headers: incoming.headers, body: bytes, text: bytes.toString() });
        });
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  const control = async (path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST') => {
    const answer = await send(method, `/control/${path}`, {}, body === undefined ? '' : JSON.stringify(body));
    return JSON.parse(answer.text);
  };
  const now = async (): Promise<number> => (await control('clock')).now_ms;
  const signedHeaders = async (method: string, path: string, body: string, options: SignOptions) => {
    const timestamp = String(Math.floor((options.at ?? (await now())) / 1000));
    const message = `${method}\n${options.target ?? path}\n${timestamp}\nN0NCE\n${options.body ?? body}\n`;
    const signature = sign('sha256', Buffer.from(message), merchantKey).toString('base64');
    const parts = {
      mchid: options.mchid ?? mchid,
      nonce_str: 'N0NCE',
      timestamp,
      serial_no: options.serial ?? vectors.merchant_serial,
    };
    const said = Object.entries({ ...parts, signature }).map(([name, value]) => `${name}="${value}"`);
    const authorization = `WECHATPAY2-SHA256-RSA2048 ${said.join(',')}`;
    return { authorization, accept: 'application/json', 'user-agent': 'shop', ...options.headers };
  };
  const v3 = async (method: string, path: string, json?: unknown, options: SignOptions = {}): Promise<Answer> => {
    const body = json === undefined ? '' : JSON.stringify(json);
    return send(method, path, await signedHeaders(method, path, body, options), body);
  };
  const v2 = async (path: string, fields: Record<string, string>) =>
    v2Fields((await send('POST', path, {}, v2Signed(fields))).text);
  await control('merchants', { ...merchantInput, ...contract });
  const order = (no: string, changes: object = {}, options: SignOptions = {}) =>
    v3(
      'POST',
      '/v3/pay/transactions/native',
      {
        appid,
        mchid,
        description: '流水测试商品',
        out_trade_no: no,
        notify_url: notifyUrl,
        amount: { total: 12_345 },
        ...changes,
      },
      options,
    );
  const query = async (no: string) =>
    JSON.parse((await v3('GET', `/v3/pay/transactions/out-trade-no/${no}?mchid=${mchid}`)).text);
  /** Moves the clock, and waits until what fell due has been delivered. */
  const later = async (ms: number) => {
    await control('clock', { now_ms: (await now()) + ms });
    return control('settle', {});
  };
  const restart = async () => {
    await simulators.close();
    simulators = await startSimulators({ dataDir, clock: 'stepped' });
  };
  const books = async () => JSON.parse((await send('GET', '/books', {}, '')).text);
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await simulators.close();
    rmSync(dataDir, { recursive: true });
  };
  return {
    url: () => simulators.wechatUrl,
    send,
    control,
    now,
    v3,
    v2,
    order,
    query,
    later,
    restart,
    books,
    heard,
    says,
    notifyUrl,
    close,
  };
}
export type WechatShop = Awaited<ReturnType<typeof openWechatShop>>;
