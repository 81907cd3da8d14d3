// The invented channel's own side: its books behind its own doors, and the account of ours at it.
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { addAccount } from '../../src/accounts/index.ts';
import type { App } from '../../src/app/parts.ts';
import { Secret } from '../../src/kernel/index.ts';
import { merchant } from '../stories/people.ts';
import type { Furnish } from './money-ground.ts';
import { idOf } from './pay-side.ts';
import type { Doors } from './pay-side.ts';

const key = 'a key that both of us know';
const shop = 'L0042';

type Words = Record<string, string>;
type Lantern = Words & { no: string; amount: string; tell: string; state: string };
type Refund = { readonly refund: string; readonly no: string; readonly amount: string };

/** Written from the leaflet, not from the connector. */
class LanternBank {
  readonly #orders = new Map<string, Lantern>();
  readonly #refunds = new Map<string, Refund>();
  readonly #news: Lantern[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  answer(door: string, asked: Words): Words {
    const { no = '', refund = '' } = asked;
    const known = this.#orders.get(no);
    if (door === '/orders' && !known) this.#orders.set(no, this.#made(asked));
    const order = this.#orders.get(no);
    if (!order) return { no, state: 'UNKNOWN' };
    if (order.state === 'READY' && this.#now() >= Date.parse(order['until'] ?? '')) order.state = 'OUT';
    if (door === '/orders/close' && order.state === 'READY') order.state = 'OUT';
    if (door.startsWith('/orders')) return order;
    const left = fen(order.amount) - this.#refundsOf(no).reduce((sum, one) => sum + fen(one.amount), 0);
    if (door === '/refunds' && !this.#refunds.has(refund)) {
      if (order.state !== 'LIT' || fen(asked['amount'] ?? '') > left) return { refund, state: 'NO', why: 'TOO MUCH' };
      this.#refunds.set(refund, { refund, no, amount: asked['amount'] ?? '' });
    }
    const back = this.#refunds.get(refund);
    return back ? { ...back, state: 'BACK' } : { refund, state: 'UNKNOWN' };
  }

  #made({ no = '', amount = '', tell = '', until = '', product = '' }: Words): Lantern {
    const where = product === 'code' ? { code: `lantern:${no}` } : { link: `https://lantern.example/${no}` };
    return { no, amount, tell, until, shop, state: 'READY', trade: `T${no}`, ...where };
  }

  pay(no: string): string | null {
    const order = this.#orders.get(no);
    if (order?.state !== 'READY') return order?.state ?? 'UNKNOWN';
    Object.assign(order, { state: 'LIT', paid_at: new Date(this.#now()).toISOString() });
    this.#news.push(order);
    return null;
  }

  /** Tells what has happened, once each. */
  async tell(): Promise<void> {
    for (const order of this.#news.splice(0)) {
      const body = JSON.stringify(order);
      const answer = await fetch(order.tell, { method: 'POST', headers: { 'x-lantern-sign': signed(body) }, body });
      if (answer.status !== 202) throw new Error(`the lantern was answered ${answer.status}`);
    }
  }

  books(numbers: readonly string[]) {
    return numbers.flatMap((no) => {
      const order = this.#orders.get(no);
      if (!order) return [];
      const refunds = this.#refundsOf(no).map(({ refund, amount }) => {
        return { out_request_no: refund, amount_fen: fen(amount), by: 'refund' };
      });
      return [
        {
          ...{
            out_trade_no: no,
            trade_no: order['trade'] ?? '',
            trade_status: order.state,
            amount_fen: fen(order.amount),
          },
          ...{ paid_at: order['paid_at'] ?? null, refunds },
          refunded_fen: refunds.reduce((sum, one) => sum + one.amount_fen, 0),
        },
      ];
    });
  }

  #refundsOf = (no: string): readonly Refund[] => [...this.#refunds.values()].filter((one) => one.no === no);
}

const fen = (yuan: string): number => Math.round(Number(yuan) * 100);
const signed = (body: string): string => createHmac('sha256', key).update(body).digest('hex');

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

async function gatewayOf(bank: LanternBank): Promise<string> {
  const server = createServer((request, response) => {
    void textOf(request).then((text) => {
      const isSigned = request.headers['x-lantern-sign'] === signed(text);
      const words = isSigned ? bank.answer(request.url ?? '', JSON.parse(text) as Words) : { state: 'WHO' };
      const body = JSON.stringify(words);
      response.writeHead(200, { 'x-lantern-sign': signed(body) }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What journeys ask of every channel's side, for as much of it as this one has. */
function doorsTo(bank: LanternBank): Doors {
  const post = async (path: string, body: unknown): Promise<unknown> => {
    if (path.endsWith('/pay')) return { refused: bank.pay((body as { out_trade_no: string }).out_trade_no) };
    // It reads the clock of the test.
    if (path.endsWith('/clock')) return {};
    if (!path.endsWith('/settle')) throw new Error(`no such door: ${path}`);
    await bank.tell();
    return { next_due_ms: null };
  };
  const get = (path: string): Promise<unknown> => {
    const numbers = new URL(path, 'http://books').searchParams.get('out_trade_nos') ?? '';
    return Promise.resolve({ trades: bank.books(numbers.split(',')) });
  };
  return {
    ...{ post: post as Doors['post'], get: get as Doors['get'] },
    ...{ remove: () => Promise.resolve(), openInWallet: () => Promise.resolve() },
  };
}

/** The invented channel, played, and an account at it. */
export const lanternPay: Furnish = async (app: App) => {
  const bank = new LanternBank(() => app.clock.now());
  const settings = { shop, gateway_url: await gatewayOf(bank) };
  const account = {
    ...{ merchantId: merchant, channel: 'lantern', name: 'lantern', isFurnished: true as const },
    settings,
  };
  const secrets = { shared_key: new Secret(key) };
  const added = await app.db.transaction((tx) => addAccount(tx, app.customs, { ...account, secrets }));
  return { ...doorsTo(bank), accountId: idOf(added) };
};
