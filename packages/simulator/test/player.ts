import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulators } from '../src/index.ts';
import type { SimulatorOptions } from '../src/index.ts';

export const partner = '2088101568338364';
export const md5Key = 'liushui0test0md5key0for0vectors0';
export const start = Date.UTC(2015, 9, 27, 4);
export const minute = 60_000;

type Params = Record<string, string>;
export type Answer = { readonly text: string; readonly get: (name: string) => string | undefined };

/** A merchant, an operator and a port's clerk for tests: stepped clock, books in a fresh folder. */
export async function play(options: Partial<SimulatorOptions> = {}) {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'liushui-simulator-'));
  const simulators = await startSimulators({ dataDir, clock: 'stepped', at: start, ...options });
  return {
    dataDir,
    ...doors(simulators.alipayUrl, simulators.portUrl),
    close: simulators.close,
    remove: () => rmSync(dataDir, { recursive: true }),
  };
}

export function doors(alipayUrl: string, portUrl: string) {
  const control = async (path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST') => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await fetch(`${alipayUrl}/control/${path}`, init);
    return { code: response.status, json: JSON.parse(await response.text()) };
  };
  const raw = (params: Params, init: RequestInit = {}) =>
    fetch(`${alipayUrl}/gateway.do?_input_charset=utf-8`, { method: 'POST', body: signed(params), ...init });
  const call = async (params: Params): Promise<Answer> => {
    const text = await (await raw(params)).text();
    return {
      text,
      get: (name) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text.replace(/<request>.*<\/request>/, ''))?.[1],
    };
  };
  const declare = (n: number, changes: Params = {}) => call(declareParams(n, changes));
  const query = (...numbers: number[]) => call(queryParams(numbers.map(requestNo).join(',')));
  const books = async (n: number) =>
    (await control(`books/declarations?request_nos=${requestNo(n)}`)).json.declarations[0];
  const after = (ms: number) => control('clock').then(({ json }) => control('clock', { now_ms: json.now_ms + ms }));
  const port = async (path: string, body?: string | Buffer) => {
    const response = await fetch(`${portUrl}/${path}`, body === undefined ? {} : { method: 'POST', body });
    return { code: response.status, text: await response.text() };
  };
  const open = async (count: number) => {
    await control('partners', { partner, md5_key: md5Key });
    await control(
      'trades',
      Array.from({ length: count }, (_, i) => trade(i + 1)),
    );
  };
  return { alipayUrl, portUrl, control, raw, call, declare, query, books, after, port, open };
}

export const requestNo = (n: number) => `LS20151027_${String(n).padStart(6, '0')}`;
export const tradeNo = (n: number) => `2015102700001000${String(n).padStart(12, '0')}`;
export const orderNo = (n: number) => `201510271200${String(n).padStart(13, '0')}`;
export const payer = { name: '测试甲', id_no: '999999190001010015' };

export function trade(n: number) {
  return {
    partner,
    trade_no: tradeNo(n),
    out_trade_no: orderNo(n),
    amount: '199.00',
    paid_at: start - 60 * minute,
    payer,
  };
}
export function list(n: number, atMs: number) {
  return { order_no: orderNo(n), waybill_no: `11327035837${n}`, payment_no: tradeNo(n), amount: '199.00', at_ms: atMs };
}
export function pastDeclaration(n: number, atMs: number) {
  return {
    partner,
    out_request_no: requestNo(n),
    trade_no: tradeNo(n),
    place: 'ZONGSHU',
    customs_code: '3301TEST01',
    customs_name: '杭州流水电子商务有限公司',
    amount: '199.00',
    accepted_at_ms: atMs,
  };
}
export function declareParams(n: number, changes: Params): Params {
  return {
    service: 'alipay.acquire.customs',
    out_request_no: requestNo(n),
    trade_no: tradeNo(n),
    merchant_customs_code: '3301TEST01',
    merchant_customs_name: '杭州流水电子商务有限公司',
    amount: '199.00',
    customs_place: 'ZONGSHU',
    ...changes,
  };
}
export function queryParams(numbers: string): Params {
  return { service: 'alipay.overseas.acquire.customs.query', out_request_nos: numbers };
}

function signed(params: Params): URLSearchParams {
  const all = Object.entries({ partner, _input_charset: 'utf-8', ...params }).sort(([a], [b]) => (a < b ? -1 : 1));
  const text = all.map(([name, value]) => `${name}=${value}`).join('&');
  return new URLSearchParams([
    ...all,
    ['sign_type', 'MD5'],
    [
      'sign',
      createHash('md5')
        .update(text + md5Key)
        .digest('hex'),
    ],
  ]);
}
