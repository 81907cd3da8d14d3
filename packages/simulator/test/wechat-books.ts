import { Agenda } from '../src/agenda.ts';
import { PortBooks } from '../src/port/books.ts';
import { initialSettings } from '../src/settings.ts';
import { WechatBooks } from '../src/wechat/books.ts';
import { appid, mchid, merchantInput, noon, openid, vectors } from './wechat-merchant.ts';

type Fields = Record<string, unknown>;

/** Fields are encrypted with the platform's public key. */
const serial: string = vectors.public_key_id;

const needs: Record<string, Fields> = {
  jsapi: { payer: { openid } },
  h5: { scene_info: { payer_client_ip: '203.0.113.7', h5_info: { type: 'Wap' } } },
};

export const terms: Fields = {
  appid,
  mchid,
  description: 'milk',
  out_trade_no: 'ORDER-1',
  notify_url: 'https://shop.example/notify',
  amount: { total: 10_000, currency: 'CNY' },
};

/** WeChat's books without a network: one merchant, one order `ORDER-1` of 100.00, a clock that the test moves. */
export function openBooks(contract: object = {}) {
  const agenda = new Agenda();
  const books = new WechatBooks(agenda, new PortBooks(agenda, () => initialSettings));
  let now = noon;
  const after = (ms: number): void => {
    now += ms;
    agenda.runUntil(now);
  };
  const control = (verb: string, input: unknown) => {
    const outcome = books.act({ does: 'control', verb, input }, now);
    agenda.runUntil(now);
    return outcome?.answer as { refused?: string | null };
  };
  const said = (api: string, fields: Fields, version: 'v2' | 'v3' = 'v3', partner = false) => {
    const outcome = books.act({ does: 'call', call: { api, version, mchid, partner, fields, serial } }, now);
    agenda.runUntil(now);
    const { result } = outcome!;
    const answer = result.kind === 'done' ? { word: 'done', fields: result.fields } : { word: result.code, fields: {} };
    return { ...answer, offer: result.kind === 'done' ? result.offer : undefined } as const;
  };
  control('merchants', { ...merchantInput, ...contract });
  const query = () => said('query', { mchid, out_trade_no: 'ORDER-1' }).fields as Fields;
  const payer = (act: string, input: Fields = { out_trade_no: 'ORDER-1' }) => control(act, input).refused ?? 'done';
  return {
    books,
    after,
    control,
    said,
    query,
    payer,
    order: (api: string, changes: Fields = {}) => said(api, { ...terms, ...needs[api], ...changes }),
    state: () => query()['trade_state'] ?? 'none',
    close: () => said('close', { mchid, out_trade_no: 'ORDER-1' }).word,
    pay: (input?: Fields) => payer('pay', input),
    set: (settings: object) => control('settings', settings),
    fault: (name: string, match: object, params: object = {}) => control('faults', { fault: name, match, params }),
    refund: (no: string, fen: number, changes: Fields = {}) => {
      const amount = { refund: fen, total: 10_000, currency: 'CNY' };
      return said('refund', { out_trade_no: 'ORDER-1', out_refund_no: no, amount, ...changes });
    },
    refundStatus: (no: string) => (said('refund_query', { out_refund_no: no }).fields as Fields)['status'] ?? 'none',
    bookedOrder: () => books.register.orderOf(mchid, 'ORDER-1')!,
    basic: () => books.register.ledger.balanceOf(mchid, 'BASIC'),
  };
}
