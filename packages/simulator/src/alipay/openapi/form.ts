import iconv from 'iconv-lite';
import { spacedTime } from '../../shanghai.ts';
import type { Charset, Pairs } from '../signing.ts';
import { yuanOf } from '../../money.ts';
import type { Notice } from './notices.ts';
import type { Register } from './register.ts';
import { notificationText, signed } from './signing.ts';
import type { App, Trade } from './types.ts';

/** Names and values percent-encoded in the charset, blanks as `+`. */
export function formEncoded(pairs: Pairs, charset: Charset): string {
  return pairs.map(([name, value]) => `${encoded(name, charset)}=${encoded(value, charset)}`).join('&');
}

function encoded(value: string, charset: Charset): string {
  let text = '';
  for (const byte of iconv.encode(value, charset)) {
    const char = String.fromCharCode(byte);
    if (/[A-Za-z0-9*\-._]/.test(char)) text += char;
    else text += char === ' ' ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return text;
}

/** One delivery of a notification as it goes over the wire; `notify_time` changes with every repetition. */
export function deliveryForm(register: Register, notice: Notice, due: number): string {
  const app = register.apps.get(notice.appId);
  if (!app) throw new Error(`notification ${notice.notifyId} belongs to no app`);
  const pairs: Pairs = [
    ...notice.fields,
    ['notify_id', notice.notifyId],
    ['notify_time', spacedTime(due)],
    ['charset', notice.charset.toLowerCase()],
    ['sign_type', notice.signType],
  ];
  // A forger signs something else: the signature has the right shape and fits nothing.
  const text = notificationText(pairs) + (notice.forged ? '&forged' : '');
  const sign = signed(text, notice.charset, notice.signType, app.alipayKey);
  return formEncoded([...pairs, ['sign', sign]], notice.charset);
}

/** The way back to the shop's page. It proves nothing, and carries no status. */
export function returnAddress(trade: Trade, app: App, at: number): string | undefined {
  const { returnUrl, charset, signType, method } = trade.call;
  if (returnUrl === undefined) return undefined;
  const pairs: Pairs = [
    ['charset', charset.toLowerCase()],
    ['out_trade_no', trade.terms.outTradeNo],
    ['method', `${method}.return`],
    ['total_amount', yuanOf(trade.amountFen)],
    ['trade_no', trade.tradeNo],
    ['auth_app_id', app.appId],
    ['version', '1.0'],
    ['app_id', app.appId],
    ['sign_type', signType],
    ['seller_id', trade.terms.sellerId],
    ['timestamp', spacedTime(at)],
  ];
  const sign = signed(notificationText(pairs), charset, signType, app.alipayKey);
  const mark = returnUrl.includes('?') ? '&' : '?';
  return `${returnUrl}${mark}${formEncoded([...pairs, ['sign', sign]], charset)}`;
}
