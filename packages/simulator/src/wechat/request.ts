import type { Call } from '../call.ts';
import type { Fields } from '../input.ts';
import { UnreadableXml } from '../xml.ts';
import { refused } from './results.ts';
import type { Route } from './routes.ts';
import { v2TradeTypes } from './routes.ts';
import type { Settings } from './settings.ts';
import { isGenuine, readAuthorization, requestMessage } from './signing.ts';
import type { Merchant, Refused, WechatCall } from './types.ts';
import { v2Signature, v2SignTypeOf } from './v2-signing.ts';
import type { V2Pairs, V2SignType } from './v2-signing.ts';
import { readV2 } from './v2-xml.ts';

export type V3Request = { readonly call: WechatCall; readonly merchant: Merchant };

/** The door's checks in its order: the timestamp comes before the signature. */
export function readV3(
  call: Call,
  route: Route,
  merchants: ReadonlyMap<string, Merchant>,
  settings: Settings,
  now: number,
): V3Request | Refused {
  const header = (name: string) => call.header(name) || undefined;
  const isPicky = call.path === '/v3/certificates' || call.path.startsWith('/v3/refund/');
  if (isPicky && !header('user-agent')) return refused('INVALID_REQUEST', 'Http头缺少Accept或User-Agent');
  const given = readAuthorization(header('authorization'));
  if (!given) return refused('SIGN_ERROR', 'Http头Authorization值格式错误');
  const merchant = merchants.get(given.mchid);
  if (!merchant) return refused('SIGN_ERROR', '商户号不存在');
  const skew = Math.abs(now - Number(given.timestamp) * 1000);
  if (!(skew <= settings.timestamp_skew_ms))
    return refused('SIGN_ERROR', 'Http头Authorization中的timestamp与发起请求的时间不得超过5分钟');
  const key = merchant.certificates.get(given.serialNo.toUpperCase());
  if (!key) return refused('SIGN_ERROR', '商户证书序列号有误');
  const target = call.query === '' ? call.path : `${call.path}?${call.query}`;
  const message = requestMessage(call.method, target, given.timestamp, given.nonce, call.body.toString('utf8'));
  if (given.nonce.length > 32 || !isGenuine(message, key, given.signature)) return refused('SIGN_ERROR');
  const content = contentOf(call);
  if (!content) return refused('PARAM_ERROR', '请求体不是JSON对象');
  const fields = { ...content, ...route.params };
  const { api, partner } = route;
  const serial = header('wechatpay-serial');
  const named = serial === undefined ? {} : { serial };
  return { call: { api, version: 'v3', mchid: merchant.mchid, partner, fields, ...named }, merchant };
}

/** The query string's fields, and the body's where there is one. */
function contentOf(call: Call): Fields | undefined {
  const query: Fields = Object.fromEntries(new URLSearchParams(call.query));
  if (call.body.length === 0) return query;
  try {
    const body: unknown = JSON.parse(call.body.toString('utf8'));
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
    return { ...query, ...(body as Fields) };
  } catch {
    return undefined;
  }
}

export type V2Request = { readonly call: WechatCall; readonly merchant: Merchant; readonly signType: V2SignType };

/** What went wrong before any business: such an answer has nothing but a text, and no signature. */
export type V2Fault = { readonly returnMsg: string };

export function readV2Request(call: Call, api: string, merchants: ReadonlyMap<string, Merchant>): V2Request | V2Fault {
  if (call.method !== 'POST') return { returnMsg: 'REQUIRE_POST_METHOD' };
  if (call.body.length === 0) return { returnMsg: 'POST_DATA_EMPTY' };
  const pairs = pairsOf(call.body.toString('utf8'));
  if (!pairs) return { returnMsg: 'XML_FORMAT_ERROR' };
  const fields = Object.fromEntries(pairs);
  const merchant = merchants.get(fields['mch_id'] ?? '');
  if (merchant?.v2Key === undefined) return { returnMsg: 'mch_id参数错误' };
  const signType = v2SignTypeOf(fields['sign_type'] === '' ? undefined : fields['sign_type']);
  // Customs calls know MD5 alone, and have no nonce.
  const isMd5Only = api.startsWith('customs_');
  if (!signType || (isMd5Only && signType !== 'MD5')) return { returnMsg: '签名类型不支持' };
  if (fields['sign'] !== v2Signature(pairs, merchant.v2Key, signType)) return { returnMsg: '签名错误' };
  if (!isMd5Only && !fields['nonce_str']) return { returnMsg: '缺少参数nonce_str' };
  const tradeType = api === 'unifiedorder' ? v2TradeTypes.get(fields['trade_type'] ?? '') : api;
  if (tradeType === undefined) return { returnMsg: '参数错误: trade_type' };
  const { mchid } = merchant;
  return { call: { api: tradeType, version: 'v2', mchid, partner: false, fields }, merchant, signType };
}

function pairsOf(text: string): V2Pairs | undefined {
  try {
    return readV2(text);
  } catch (error) {
    if (error instanceof UnreadableXml) return undefined;
    throw error;
  }
}
