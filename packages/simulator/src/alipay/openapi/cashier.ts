import { yuanOf } from '../../money.ts';
import { spacedTime } from '../../shanghai.ts';
import type { Reply } from '../../reply.ts';
import { redirect, textReply } from '../../reply.ts';
import { escapeXml } from '../../xml.ts';
import type { World } from '../../world.ts';
import { returnAddress } from './form.ts';
import type { Register } from './register.ts';
import type { Offer, Trade } from './types.ts';

/** What lies behind the code of a cashier, a QR code, or a trade number: the last for payments without a page of their own. */
function behind(register: Register, code: string): { offer?: Offer; trade?: Trade } | undefined {
  const offer = register.offers.get(code);
  const trade = offer ? register.tradeOf(offer.terms.sellerId, offer.terms.outTradeNo) : register.trades.get(code);
  if (!offer && !trade) return undefined;
  return { ...(offer ? { offer } : {}), ...(trade ? { trade } : {}) };
}

/** The payer's page, for a browser: `GET` shows it, `POST …/open` and `POST …/pay` are the payer's acts. */
export function cashierDoor(method: string, path: string, world: World): Reply | undefined {
  const [, , code = '', act] = path.split('/');
  const { register } = world.openApi;
  if (!behind(register, code)) return undefined;
  if (method !== 'POST') return textReply(cashierPage(register, code, world.now), 'text/html; charset=utf-8', 200);
  if (act !== 'open' && act !== 'pay') return undefined;
  const outcome = world.openApiControl(act, { code });
  const trade = behind(register, code)?.trade;
  const back =
    act === 'pay' && outcome && trade?.paidAt !== undefined ? wayBack(register, trade, world.now) : undefined;
  return redirect(back ?? `/cashier/${code}`);
}

function wayBack(register: Register, trade: Trade, now: number): string | undefined {
  return returnAddress(trade, register.appOf(trade), now);
}

const statusWords: Readonly<Record<Trade['status'], string>> = {
  WAIT_BUYER_PAY: '等待付款 waiting for payment',
  TRADE_SUCCESS: '支付成功 paid',
  TRADE_CLOSED: '交易关闭 closed',
  TRADE_FINISHED: '交易完结 finished',
};

function cashierPage(register: Register, code: string, now: number): string {
  const { offer, trade } = behind(register, code) ?? {};
  const terms = trade?.terms ?? offer?.terms;
  const amountFen = trade?.amountFen ?? offer?.terms.amountFen ?? 0;
  const until = trade?.expiresAt ?? offer?.endsAt;
  const rows = [
    ['收款方 seller', terms?.sellerId ?? ''],
    ['商品 subject', terms?.subject ?? ''],
    ['订单 number', terms?.outTradeNo ?? ''],
    ['状态 status', trade ? statusWords[trade.status] : '尚未登录 nobody has logged in yet'],
    ['截止 until', until === undefined ? '—' : spacedTime(until)],
    ['现在 now', spacedTime(now)],
  ];
  const isOpen = !trade || trade.status === 'WAIT_BUYER_PAY';
  const button = (act: string, words: string) =>
    `<form method="post" action="/cashier/${escapeXml(code)}/${act}"><button>${words}</button></form>`;
  const buttons = isOpen ? (trade ? '' : button('open', '登录 log in')) + button('pay', '支付 pay') : '';
  const back = trade?.paidAt !== undefined ? wayBack(register, trade, now) : undefined;
  return (
    `<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8"><title>收银台 Cashier</title><style>${styles}</style></head><body>` +
    `<h1>支付宝收银台（模拟） Alipay cashier, simulated</h1><p class="amount">¥ ${yuanOf(amountFen)}</p><table>` +
    rows.map(([name, value]) => `<tr><th scope="row">${name}</th><td>${escapeXml(value ?? '')}</td></tr>`).join('') +
    `</table>${buttons}${back === undefined ? '' : `<p><a href="${escapeXml(back)}">返回商家 back to the shop</a></p>`}</body></html>`
  );
}

const styles =
  'body{font:16px/1.5 system-ui,sans-serif;margin:2rem;max-width:40rem;color:#1a1a1a;background:#fff}.amount{font-size:2rem;font-weight:600}' +
  'th,td{text-align:left;padding:.2rem 1rem .2rem 0;font-weight:400}form{display:inline-block;margin:1rem 1rem 0 0}button{font:inherit;padding:.5rem 1.5rem}';
