import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { createLiushui, OutcomeUnknownError, RefusedError, verifyWebhook, WebhookRefusedError } from '../src/index.ts';
import type { Liushui, LiushuiEvent, Order } from '../src/index.ts';
import { standingOf, words } from './words.ts';

export type ShopParts = {
  readonly liushui: Liushui;
  /** The account at the channel that collects. */
  readonly account: string;
  readonly webhookSecret: string;
  readonly port: number;
  /** 300 s in earnest; a sandbox's clock stands elsewhere. */
  readonly toleranceSeconds?: number;
};

type Page = { readonly status: number; readonly html?: string; readonly to?: string };

const product = { subject: '武夷岩茶 Wuyi tea 100 g', amount: 42_000, currency: 'CNY' };
const priceText = '¥420.00';

/** A shop of one product. It remembers numbers and news only; what an order is, it asks. */
export class Shop {
  readonly #parts: ShopParts;
  /** Messages seen, by id: each comes at least once. A table with a unique key, in earnest. */
  readonly #seen = new Map<string, LiushuiEvent>();

  constructor(parts: ShopParts) {
    this.#parts = parts;
  }

  async answer(request: IncomingMessage): Promise<Page> {
    const [, first = '', no = '', act = ''] = (request.url ?? '/').split('?')[0]?.split('/') ?? [];
    const line = `${request.method} /${first}${no === '' ? '' : '/:no'}${act === '' ? '' : `/${act}`}`;
    switch (line) {
      case 'GET /':
        return page('茶 Tea', `<p>${product.subject}, ${priceText}</p>${button('/buy', '购买 buy')}`);
      case 'POST /buy':
        return this.#pay(`T${Date.now()}${randomBytes(3).toString('hex')}`, request);
      case 'POST /orders/:no/again':
        return this.#pay(decodeURIComponent(no), request);
      case 'GET /orders/:no':
        return this.#show(decodeURIComponent(no));
      case 'POST /orders/:no/refund':
        return this.#refund(decodeURIComponent(no));
      case 'POST /liushui':
        return this.#hear(request.headers, await buffer(request));
      default:
        return { ...page('404', '<p>没有这一页 No such page</p>'), status: 404 };
    }
  }

  /** The order number is the key as well: asked again, it is the same payment and not a second one. */
  async #pay(orderNo: string, { headers }: IncomingMessage): Promise<Page> {
    const { liushui, account } = this.#parts;
    const here = `/orders/${encodeURIComponent(orderNo)}`;
    const wish = {
      ...{ ...product, order_no: orderNo, account_id: account, product: 'page' },
      return_url: `http://${headers.host ?? '127.0.0.1'}${here}`,
    };
    try {
      const order = await liushui.payments.create(wish, { idempotencyKey: `pay-${orderNo}`, wait: 3 });
      return { status: 303, to: order.attempt?.hand_out?.url ?? here };
    } catch (error) {
      // Not failed: the order's page says that it is being checked, and goes on asking.
      if (error instanceof OutcomeUnknownError) return { status: 303, to: here };
      throw error;
    }
  }

  async #show(orderNo: string): Promise<Page> {
    const order = await this.#find(orderNo);
    const standing = order ? standingOf(order) : 'checking';
    const news = [...this.#seen.values()].filter(({ data }) => 'order_no' in data && data.order_no === orderNo);
    const at = `/orders/${encodeURIComponent(orderNo)}`;
    return page(
      orderNo,
      `<p class="${standing}" role="status">${words[standing].zh}<br>${words[standing].en}</p>` +
        (standing === 'checking' ? button(`${at}/again`, '去付款 go to the cashier') : '') +
        (standing === 'paid' ? button(`${at}/refund`, '退款 refund') : '') +
        `<ul>${news.map(({ type, timestamp }) => `<li>${escape(`${timestamp} ${type}`)}</li>`).join('')}</ul><p><a href="/">返回 back</a></p>`,
      ['checking', 'refunding'].includes(standing),
    );
  }

  /** Undefined: no word of it has reached the server yet, which says nothing of what is still under way. */
  async #find(orderNo: string): Promise<Order | undefined> {
    try {
      return await this.#parts.liushui.orders.get(orderNo, { wait: 1 });
    } catch (error) {
      if (error instanceof RefusedError && error.code === 'order.not_found') return undefined;
      throw error;
    }
  }

  async #refund(orderNo: string): Promise<Page> {
    const there = { status: 303, to: `/orders/${encodeURIComponent(orderNo)}` };
    const payment = (await this.#find(orderNo))?.payments.find(({ state }) => state === 'paid');
    if (!payment) return there;
    const wish = { refund_no: `${orderNo}-R1`, reason: '买家退货 returned' };
    try {
      await this.#parts.liushui.refunds.create(payment.id, wish, { idempotencyKey: `refund-${orderNo}` });
    } catch (error) {
      if (!(error instanceof OutcomeUnknownError)) throw error;
    }
    return there;
  }

  /** Kept first, answered at once; what it means is asked when somebody looks. */
  #hear(headers: IncomingMessage['headers'], body: Uint8Array): Page {
    const { webhookSecret: secrets, toleranceSeconds = 300 } = this.#parts;
    try {
      const event = verifyWebhook({ secrets, headers, body, now: Date.now(), toleranceSeconds });
      this.#seen.set(event.id, event);
      return { status: 204 };
    } catch (error) {
      if (error instanceof WebhookRefusedError) return { status: 401 };
      throw error;
    }
  }
}

function page(title: string, inner: string, refresh = false): Page {
  const again = refresh ? '<meta http-equiv="refresh" content="3">' : '';
  const head = `<meta charset="utf-8"><title>${escape(title)}</title>${again}<style>body{font:16px/1.6 system-ui,sans-serif;margin:2rem}</style>`;
  return {
    status: 200,
    html: `<!DOCTYPE html><html lang="zh"><head>${head}</head><body><h1>${escape(title)}</h1>${inner}</body></html>`,
  };
}

const button = (to: string, label: string): string =>
  `<form method="post" action="${escape(to)}"><button>${escape(label)}</button></form>`;

const escape = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** Words for the buyer when there was an answer, or when nothing happened at all. */
function sorry(error: unknown): Page {
  const said =
    error instanceof RefusedError
      ? { status: 409, text: `${error.problem.detail_zh}${error.wayOut.zh}<br>${error.message}` }
      : { status: 503, text: '现在无法查询，请稍后再试。Nothing can be asked at this moment; try again later.' };
  return { ...page('抱歉 Sorry', `<p>${said.text}</p><p><a href="/">返回 back</a></p>`), status: said.status };
}

/** Listens on this machine only. */
export async function startShop(parts: ShopParts): Promise<{ readonly url: string; close(): Promise<void> }> {
  const shop = new Shop(parts);
  const server = createServer((request, response) => {
    void shop
      .answer(request)
      .catch(sorry)
      .then(({ status, html, to }) => {
        response.writeHead(status, {
          ...(to === undefined ? {} : { location: to }),
          ...(html === undefined ? {} : { 'content-type': 'text/html; charset=utf-8' }),
        });
        response.end(html);
      });
  });
  await new Promise<void>((settle, fail) => server.once('error', fail).listen(parts.port, '127.0.0.1', settle));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => new Promise((settle) => (server.close(() => settle()), server.closeAllConnections())),
  };
}

if (import.meta.main) {
  const read = (name: string): string => {
    const value = process.env[name];
    if (value === undefined || value === '') throw new Error(`set ${name}; see the README beside this file`);
    return value;
  };
  const { url } = await startShop({
    liushui: createLiushui({ baseUrl: read('LIUSHUI_URL'), key: read('LIUSHUI_KEY') }),
    ...{ account: read('LIUSHUI_ACCOUNT'), webhookSecret: read('LIUSHUI_WEBHOOK_SECRET') },
    ...{ port: Number(process.env['PORT'] ?? 8080), toleranceSeconds: Number(process.env['TOLERANCE_SECONDS'] ?? 300) },
  });
  console.log(url);
}
