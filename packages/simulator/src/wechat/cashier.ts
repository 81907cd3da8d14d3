import type { Call } from '../call.ts';
import { yuanOf } from '../money.ts';
import type { Reply } from '../reply.ts';
import { redirect, textReply } from '../reply.ts';
import { spacedTime } from '../shanghai.ts';
import type { World } from '../world.ts';
import { escapeXml } from '../xml.ts';
import { stateWords, tradeStateOf } from './order-views.ts';
import type { ShareRequest } from './share-types.ts';
import type { Offer, Order } from './types.ts';

/** The payer's page, for a browser: `GET` shows it, `POST` is the payer's act. Plays the app for all products. */
export function cashierDoor(call: Call, world: World): Reply | undefined {
  const query = new URLSearchParams(call.query);
  const offer = world.wechat.register.offers.get(query.get('prepay_id') ?? query.get('code') ?? '');
  if (!offer) return undefined;
  const back = query.get('redirect_url');
  if (call.method !== 'POST')
    return page('微信支付收银台（模拟） WeChat Pay cashier, simulated', offerPart(offer, call.query, world.now));
  world.wechatAct({ does: 'control', verb: 'pay', input: { code: offer.code } });
  return redirect(offer.order.payment && back !== null ? back : `/cashier?${call.query}`);
}

function offerPart(offer: Offer, query: string, now: number): string {
  const { order } = offer;
  const rows: readonly (readonly [string, string])[] = [
    ['收款方 payee', order.terms.payee],
    ['商品 description', order.terms.description],
    ['订单 number', order.terms.outTradeNo],
    ['状态 state', stateOf(order)],
    ['截止 until', spacedTime(Math.min(offer.endsAt, order.payableUntil))],
    ['现在 now', spacedTime(now)],
  ];
  const lines = rows.map(([name, value]) => `<tr><th scope="row">${name}</th><td>${escapeXml(value)}</td></tr>`);
  const button = `<form method="post" action="/cashier?${escapeXml(query)}"><button>支付 pay</button></form>`;
  const amount = `<p class="amount">¥ ${yuanOf(order.terms.amountFen)}</p>`;
  return `${amount}<table>${lines.join('')}</table>${order.state === 'NOTPAY' ? button : ''}`;
}

function stateOf(order: Order): string {
  const state = tradeStateOf(order);
  return `${stateWords[state]} ${state}`;
}

const latestMax = 50;

/** The latest orders, each with the way to its cashier. */
export function frontPage(world: World): Reply {
  const orders = [...world.wechat.register.orders.values()].slice(-latestMax).toReversed();
  const rows = orders.map((order) => {
    const { terms, offer } = order;
    const way = offer ? `<a href="/cashier?code=${offer.code}">收银台 cashier</a>` : '';
    const cells = [terms.outTradeNo, terms.payee, terms.product, yuanOf(terms.amountFen), stateOf(order)];
    return `<tr>${cells.map((cell) => `<td>${escapeXml(cell)}</td>`).join('')}<td>${way}</td></tr>`;
  });
  const shares = [...world.wechat.sharing.requests.values()].slice(-latestMax).toReversed();
  const clock = `<p>模拟时钟 simulated clock (${world.mode}): ${spacedTime(world.now)} UTC+8</p>`;
  return page(
    '微信支付模拟 WeChat Pay simulator',
    `${clock}<table>${rows.join('') || '<tr><td>无 none</td></tr>'}</table>${sharesPart(shares)}`,
  );
}

/** The latest requests to share, each with what became of its parts. */
function sharesPart(requests: readonly ShareRequest[]): string {
  if (requests.length === 0) return '';
  const rows = requests.map(({ outOrderNo, order, parts, returns }) => {
    const told = parts.map(
      (part) => `${part.account} ¥ ${yuanOf(part.amountFen)} ${part.result} ${part.failReason ?? ''}`,
    );
    const back = returns.map((one) => `${one.outReturnNo} ¥ ${yuanOf(one.amountFen)} ${one.result}`);
    const cells = [outOrderNo, order.terms.outTradeNo, told.join('; '), back.join('; ')];
    return `<tr>${cells.map((cell) => `<td>${escapeXml(cell)}</td>`).join('')}</tr>`;
  });
  return `<h2>分账 profit sharing</h2><table>${rows.join('')}</table>`;
}

const styles =
  'body{font:16px/1.5 system-ui,sans-serif;margin:2rem;color:#1a1a1a;background:#fff}.amount{font-size:2rem;font-weight:600}' +
  'th,td{text-align:left;padding:.2rem 1rem .2rem 0;font-weight:400}form{margin:1rem 0}button{font:inherit;padding:.5rem 1.5rem}';

function page(title: string, body: string): Reply {
  const head = `<meta charset="utf-8"><title>${title}</title><style>${styles}</style>`;
  const html = `<!DOCTYPE html><html lang="zh"><head>${head}</head><body><h1>${title}</h1>${body}</body></html>`;
  return textReply(html, 'text/html; charset=utf-8', 200);
}
