import { readFileSync } from 'node:fs';
import { Agenda } from '../src/agenda.ts';
import { OpenApiBooks } from '../src/alipay/openapi/books.ts';
import { initialOpenApiSettings, patchOpenApiSettings } from '../src/alipay/openapi/settings.ts';
import { openApiBooksView } from '../src/alipay/openapi/views.ts';

type Fields = Readonly<Record<string, unknown>>;

const { keys } = JSON.parse(readFileSync(new URL('../fixtures/openapi-vectors.json', import.meta.url), 'utf8'));
const start = Date.UTC(2026, 0, 2, 4);
export const [second, day] = [1_000, 86_400_000];
const ownApp = '2021000000000001';
/** Of another seller. */
export const strangersApp = '2021000000000002';
export const sellerId = '2088101568338364';
export const [partner, other] = ['2088102146225135', '2088102146225136'];

/** One receiver of a request. */
export function to(account: string, amount: string, more: object = {}) {
  return { royalty_type: 'transfer', trans_in_type: 'userId', trans_in: account, amount, ...more };
}

/** What a refund takes from a receiver. */
export function back(account: string, amount: string) {
  return { trans_out: account, trans_in: sellerId, amount };
}

export const finish = { extend_params: { royalty_finish: 'true' } };
export const later = { royalty_mode: 'async' };

/** Alipay's books without a network, a seller with 1000.00, a clock that the test moves, and the calls of profit sharing. */
export function openSettling() {
  const agenda = new Agenda();
  let settings = initialOpenApiSettings;
  let now = start;
  const books = new OpenApiBooks(agenda, () => settings);
  const control = (verb: string, input: unknown): unknown => {
    const outcome = books.control(verb, input, now);
    agenda.runUntil(now);
    return outcome?.answer;
  };
  const after = (ms: number): void => {
    now += ms;
    agenda.runUntil(now);
  };
  const said = (method: string, biz: object, appId = ownApp) => {
    const call = { appId, charset: 'UTF-8', signType: 'RSA2' } as const;
    const outcome = books.call({ ...call, method: `alipay.trade.${method}`, biz: { ...biz } }, now);
    agenda.runUntil(now);
    const { code, subCode, fields = {} } = outcome.result;
    return { word: subCode?.replace('ACQ.', '') ?? code, fields };
  };
  const app = { alipay_private_key_pem: keys.alipay_private_pkcs8, merchant_public_key_pem: keys.app_public };
  control('apps', { ...app, app_id: ownApp, seller_id: sellerId, balance: '1000.00' });
  control('apps', { ...app, app_id: strangersApp, seller_id: '2088101568338365' });
  let tradeNo = '';
  const tradeOf = (no: string) => String(said('query', { out_trade_no: no }).fields['trade_no']);
  /** A trade of 100.00; the fee is 0.60. */
  const sell = (method = 'page.pay', isFrozen = true): void => {
    const product = method === 'page.pay' ? { product_code: 'FAST_INSTANT_TRADE_PAY' } : {};
    const code = method === 'pay' ? { auth_code: '280000000000000001' } : {};
    const freeze = isFrozen ? { extend_params: { royalty_freeze: 'true' } } : {};
    said(method, { out_trade_no: 'T1', total_amount: '100.00', subject: 'milk', ...product, ...code, ...freeze });
    control('pay', { out_trade_no: 'T1' });
    tradeNo = tradeOf('T1');
  };
  const details = (no: string) =>
    said('order.settle.query', { out_request_no: no, trade_no: tradeNo }).fields['royalty_detail_list'] as Fields[];
  return {
    books,
    control,
    after,
    said,
    tradeOf,
    sell,
    details,
    tradeNo: () => tradeNo,
    now: () => now,
    set: (patch: object) => {
      settings = patchOpenApiSettings(settings, patch);
    },
    fault: (name: string, match: object, params: object = {}) =>
      books.register.faults.add({ fault: name, match, params }),
    bind: (...accounts: string[]) =>
      said('royalty.relation.bind', {
        out_request_no: 'b1',
        receiver_list: accounts.map((account) => ({ type: 'userId', account })),
      }).word,
    settle: (no: string, parts: readonly object[], more: object = {}) =>
      said('order.settle', { out_request_no: no, trade_no: tradeNo, royalty_parameters: parts, ...more }),
    states: (no: string) =>
      details(no).map((one) => [
        one['operation_type'],
        one['trans_in'],
        one['amount'],
        one['state'],
        one['error_code'],
      ]),
    left: () => said('order.onsettle.query', { trade_no: tradeNo }).fields['unsettled_amount'],
    refund: (no: string, amount: string, more: object = {}) =>
      said('refund', { out_trade_no: 'T1', out_request_no: no, refund_amount: amount, ...more }),
    balance: () => books.register.balanceOf(sellerId),
    theirs: (account = partner) => books.register.royalties.balances.get(account) ?? 0,
    inBooks: () => openApiBooksView(books.register, { offset: 0, limit: 10 }),
  };
}
