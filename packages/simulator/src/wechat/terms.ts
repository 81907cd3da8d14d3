import type { Fields } from '../input.ts';
import { canonical, fenAt, word } from './fields.ts';
import { readParties } from './method-call.ts';
import type { MethodCall } from './method-call.ts';
import { refused } from './results.ts';
import type { Settings } from './settings.ts';
import { parseCompact, parseRfc3339 } from './times.ts';
import type { Product, Refused, Terms } from './types.ts';

// Field rules: WeChat Pay merchant documents of the order calls (JSAPI, Native, H5, App) and of v2 unified order and micropay.

/** The names of the same things in both versions, and how long each text may be. */
const names = {
  v3: { description: 'description', amount: 'amount.total', currency: 'amount.currency', openid: 'payer.openid' },
  v2: { description: 'body', amount: 'total_fee', currency: 'fee_type', openid: 'openid' },
} as const;
const lengths = { v3: { description: 127, attach: 128 }, v2: { description: 128, attach: 127 } } as const;

/** What a repetition may differ in: the end of the order, which only the first request decides, and the wrapping of v2. */
const changing = ['time_expire', 'time_start', 'nonce_str', 'sign', 'sign_type', 'spbill_create_ip'];

export function readTerms(method: MethodCall, product: Product): Terms | Refused {
  const { call, at, register } = method;
  const { fields, version } = call;
  const parties = readParties(method, true);
  if ('kind' in parties) return parties;
  const invalid = (name: string) => refused('PARAM_ERROR', `参数错误: ${name}`);
  const outTradeNo = word(fields, 'out_trade_no');
  if (outTradeNo === undefined || !isOrderNo(outTradeNo, register.settings)) return invalid('out_trade_no');
  const name = names[version];
  const amountFen = fenAt(fields, name.amount, version);
  if (amountFen === undefined || amountFen < 1) return invalid(name.amount);
  if ((word(fields, name.currency) ?? 'CNY') !== 'CNY') return invalid(name.currency);
  const description = word(fields, name.description) ?? '';
  if (description === '' || [...description].length > lengths[version].description) return invalid(name.description);
  const attach = word(fields, 'attach') ?? '';
  if ([...attach].length > lengths[version].attach) return invalid('attach');
  const notifyUrl = word(fields, 'notify_url');
  if (product !== 'MICROPAY' && !isNotifyUrl(notifyUrl)) return invalid('notify_url');
  const missing = productField(method, product);
  if (missing !== undefined) return invalid(missing);
  const expiresAt = readEnd(method);
  if (expiresAt === 'unreadable') return invalid('time_expire');
  const { openid, spOpenid } = openidsOf(method);
  return {
    ...parties,
    version,
    partner: call.partner,
    product,
    outTradeNo,
    amountFen,
    description,
    attach,
    notifyUrl: product === 'MICROPAY' ? undefined : notifyUrl,
    openid: product === 'JSAPI' ? (openid ?? spOpenid) : undefined,
    isShared: isToBeShared(fields),
    expiresAt: expiresAt === undefined ? undefined : withinBounds(expiresAt, at, register.settings),
    content: `${product} ${version} ${canonical({ ...fields, ...Object.fromEntries(changing.map((key) => [key, 0])) })}`,
  };
}

function isToBeShared(fields: Fields): boolean {
  const settle = fields['settle_info'];
  const wish = typeof settle === 'object' && settle !== null && 'profit_sharing' in settle && settle.profit_sharing;
  return wish === true || fields['profit_sharing'] === 'Y';
}

function isOrderNo(no: string, settings: Settings): boolean {
  const signs = [...settings.number_signs].map((sign) => `\\${sign}`).join('');
  // In a class an escaped underscore or at-sign means itself only without the flag `u`.
  return new RegExp(`^[0-9A-Za-z${signs}]{6,32}$`).test(no);
}

/** https without a query string; to this machine itself http will do. */
function isNotifyUrl(url: string | undefined): url is string {
  if (url === undefined || url.length > 256 || !URL.canParse(url) || url.includes('?')) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname));
}

function openidsOf({ call }: MethodCall) {
  const [direct, sp, sub] = ['payer.openid', 'payer.sp_openid', 'payer.sub_openid'].map((name) =>
    word(call.fields, name),
  );
  if (call.version === 'v2')
    return { openid: word(call.fields, 'openid') ?? word(call.fields, 'sub_openid'), spOpenid: undefined };
  return call.partner ? { openid: sub, spOpenid: sp } : { openid: direct, spOpenid: undefined };
}

/** The name of a field that this product needs and that is missing or of no use. */
function productField(method: MethodCall, product: Product): string | undefined {
  const { fields, version } = method.call;
  const openids = openidsOf(method);
  if (product === 'JSAPI' && (openids.openid ?? openids.spOpenid) === undefined) return names[version].openid;
  if (product === 'MICROPAY') return undefined;
  if (version === 'v2') {
    if (word(fields, 'spbill_create_ip') === undefined) return 'spbill_create_ip';
    return product === 'NATIVE' && word(fields, 'product_id') === undefined ? 'product_id' : undefined;
  }
  if (product !== 'MWEB') return undefined;
  if ([undefined, '127.0.0.1'].includes(word(fields, 'scene_info.payer_client_ip')))
    return 'scene_info.payer_client_ip';
  return word(fields, 'scene_info.h5_info.type') === undefined ? 'scene_info.h5_info.type' : undefined;
}

function readEnd({ call }: MethodCall): number | 'unreadable' | undefined {
  const given = word(call.fields, 'time_expire');
  if (given === undefined) return undefined;
  return (call.version === 'v3' ? parseRfc3339(given) : parseCompact(given)) ?? 'unreadable';
}

/** Too early is raised, too late is lowered; neither is an error. */
function withinBounds(end: number, at: number, settings: Settings): number {
  return Math.min(Math.max(end, at + settings.expire_min_ms), at + settings.expire_max_ms);
}
