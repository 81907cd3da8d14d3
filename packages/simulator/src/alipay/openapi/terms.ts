import type { Fields } from '../../input.ts';
import { fenOf } from '../../money.ts';
import { failure } from './results.ts';
import type { App, CallResult, OpenApiCall, Terms } from './types.ts';

// Field rules: Alipay open platform, documents of alipay.trade.page.pay, precreate, pay, create.

/** Scalars may come as JSON numbers. */
export function word(biz: Fields, key: string): string | undefined {
  const value = biz[key];
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** What stands under a name, when it is an object. */
export function fieldsIn(biz: Fields, key: string): Fields {
  const value = biz[key];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

export function amountOf(biz: Fields, key: string): number | undefined {
  const given = word(biz, key);
  if (given === undefined || !/^\d{1,9}(\.\d{1,2})?$/.test(given)) return undefined;
  const fen = fenOf(given);
  return fen === undefined || fen < 1 || fen > 10_000_000_000 ? undefined : fen;
}

/** Products whose code must be said; the other methods have a default. */
const productCodes: ReadonlyMap<string, string> = new Map([
  ['alipay.trade.page.pay', 'FAST_INSTANT_TRADE_PAY'],
  ['alipay.trade.wap.pay', 'QUICK_WAP_WAY'],
  ['alipay.trade.app.pay', 'QUICK_MSECURITY_PAY'],
]);

export function readTerms(call: OpenApiCall, app: App): Terms | CallResult {
  const { biz } = call;
  const invalid = (name: string) => ({ ...failure('INVALID_PARAMETER'), subMsg: `参数无效: ${name}` });
  const outTradeNo = word(biz, 'out_trade_no');
  if (outTradeNo === undefined || !/^[A-Za-z0-9_]{1,64}$/.test(outTradeNo)) return invalid('out_trade_no');
  const amountFen = amountOf(biz, 'total_amount');
  if (amountFen === undefined) return invalid('total_amount');
  const subject = word(biz, 'subject');
  if (subject === undefined || subject.length > 256 || /[/=&]/.test(subject)) return invalid('subject');
  const [body, passback] = [word(biz, 'body'), word(biz, 'passback_params')];
  if ((body ?? '').length > 128) return invalid('body');
  if ((passback ?? '').length > 512) return invalid('passback_params');
  const product = productCodes.get(call.method);
  if (product !== undefined && word(biz, 'product_code') !== product) return invalid('product_code');
  if (biz['disable_pay_channels'] !== undefined && biz['enable_pay_channels'] !== undefined)
    return invalid('disable_pay_channels');
  const sellerId = word(biz, 'seller_id') ?? app.sellerId;
  if (sellerId !== app.sellerId) return failure('SELLER_NOT_EXIST');
  return { outTradeNo, amountFen, subject, body, passback, sellerId };
}

export function isSame(a: Terms, b: Terms): boolean {
  return a.amountFen === b.amountFen && a.subject === b.subject && a.sellerId === b.sellerId;
}
