import { carry } from './call.ts';
import type { CallParts, CallTold, Options, PostOptions } from './call.ts';
import type { About } from './errors.ts';
import type { Fetch } from './heard.ts';
import type { Cashier, NewCashier, NewPayment, NewRefund, Order, Proposed, Refund, RefundPreview } from './types.ts';
import type { NewShare, NewShareReturn, Share, SharedOrder, ShareReturn } from './types.ts';

export type LiushuiOptions = {
  /** Where the API is, without `/v1`: `https://pay.example.com`. */
  readonly baseUrl: string;
  /** The API key. It is sent in a header and shown nowhere. */
  readonly key: string;
  readonly fetch?: Fetch;
  /** Of each try, beside `wait`. 10 s unless told. */
  readonly timeoutMs?: number;
  /** 4 unless told; 1 never tries again. */
  readonly triesMax?: number;
  /** Told once per call, for the shop's log. */
  readonly onCall?: (told: CallTold) => void;
  /** Between tries; handed in by tests. */
  readonly sleep?: (ms: number) => Promise<void>;
  readonly random?: () => number;
};

/** Whole seconds, 1 to 30: the server answers when there is a result, or after them with what it has. */
export type Waiting = { readonly wait?: number };

export type Liushui = {
  readonly cashiers: {
    /** A page for the payer. Its address is shown once: where an answer was lost, another page of the same order is made. */
    create(wish: NewCashier, options?: PostOptions): Promise<Cashier>;
  };
  readonly payments: {
    /** Collects one order. The same order number with the same terms finds what is there; `attempt.hand_out` is for the payer. */
    create(wish: NewPayment, options?: PostOptions & Waiting): Promise<Order>;
    get(paymentId: string, options?: Options & Waiting): Promise<Order>;
    /** Not wanted any more. It is over when the payment is `closed`; money that comes all the same is given back. */
    cancel(paymentId: string, options?: PostOptions): Promise<Order>;
    /** Wanted after all: what was paid while it was being cancelled stays. Refused where it is closed, or has gone back. */
    keep(paymentId: string, options?: PostOptions): Promise<Order>;
  };
  readonly orders: {
    get(orderNo: string, options?: Options & Waiting & { readonly merchant_id?: string }): Promise<Order>;
  };
  readonly refunds: {
    preview(paymentId: string, options?: Options & { readonly amount?: number }): Promise<RefundPreview>;
    create(paymentId: string, wish: NewRefund, options?: PostOptions): Promise<Refund>;
    get(refundId: string, options?: Options): Promise<Refund>;
    /** Only what was never sent. */
    withdraw(refundId: string, options?: PostOptions): Promise<Refund>;
    /** The account has money again. */
    toppedUp(refundId: string, options?: PostOptions): Promise<Refund>;
  };
  readonly shares: {
    /** Shares a paid order that was collected with `shares`, or releases what is held. Every part has its own end: read the parts. */
    create(orderNo: string, wish: NewShare, options?: PostOptions): Promise<Share>;
    get(shareId: string, options?: Options): Promise<Share>;
    /** All that was shared of an order, what came back, and what receivers have. */
    ofOrder(orderNo: string, options?: Options & { readonly merchant_id?: string }): Promise<SharedOrder>;
    /** Asks a part back, where the channel has a call for it; elsewhere parts come back with refunds (`parts_back`). */
    giveBack(partId: string, wish: NewShareReturn, options?: PostOptions): Promise<ShareReturn>;
  };
  readonly surplus: {
    /** Proposes to send it back to its source, before its policy does or without one. */
    refund(surplusId: string, reason: string, options?: PostOptions): Promise<Proposed>;
    keep(surplusId: string, reason: string, options?: PostOptions): Promise<Proposed>;
    credit(surplusId: string, reason: string, options?: PostOptions): Promise<Proposed>;
    /** The shop still delivers: late money becomes the payment. */
    adopt(surplusId: string, options?: PostOptions): Promise<Order>;
  };
};

/** Every method throws RefusedError, UnreachableError or, where something was to happen, OutcomeUnknownError; TypeError for what cannot be meant. */
export function createLiushui(options: LiushuiOptions): Liushui {
  const parts = partsOf(options);
  return { ...moneyIn(parts), ...moneyBack(parts), shares: sharesOf(parts) };
}

function moneyIn(parts: CallParts): Pick<Liushui, 'cashiers' | 'payments' | 'orders'> {
  return {
    cashiers: { create: (wish, options = {}) => openCashier(parts, wish, options) },
    payments: {
      create(wish, options = {}) {
        checkAmount(wish.amount);
        const about = { order_no: wish.order_no };
        const call = { method: 'POST', path: '/v1/payments', body: wish, about, wait: waitOf(options) } as const;
        return carry<Order>(parts, call, options);
      },
      get: (paymentId, options = {}) =>
        get(parts, path('payments', paymentId), options, { payment_id: paymentId }, { wait: waitOf(options) }),
      cancel: (paymentId, options = {}) =>
        post(parts, path('payments', paymentId, 'cancel'), {}, options, { payment_id: paymentId }),
      keep: (paymentId, options = {}) =>
        post(parts, path('payments', paymentId, 'keep'), {}, options, { payment_id: paymentId }),
    },
    orders: {
      get: (orderNo, options = {}) =>
        get(...([parts, path('orders', orderNo), options, { order_no: orderNo }] as const), {
          wait: waitOf(options),
          query: { merchant_id: options.merchant_id },
        }),
    },
  };
}

async function openCashier(parts: CallParts, wish: NewCashier, options: PostOptions): Promise<Cashier> {
  checkAmount(wish.amount);
  const open = (more: PostOptions): Promise<Omit<Cashier, 'url'> & { readonly url: string | null }> =>
    post(parts, '/v1/cashiers', wish, more, { order_no: wish.order_no });
  const first = await open(options);
  if (first.url !== null) return { ...first, url: first.url };
  // The key was carried out before, and its address is kept nowhere: under another key there is another page, and nobody was asked to pay twice.
  const again = await open({ ...options, idempotencyKey: parts.newKey() });
  if (again.url === null) throw new TypeError('the server showed no address for a new key');
  return { ...again, url: again.url };
}

function sharesOf(parts: CallParts): Liushui['shares'] {
  return {
    create(orderNo, wish, options = {}) {
      for (const { amount } of wish.parts ?? []) checkAmount(amount);
      return post(parts, path('orders', orderNo, 'shares'), wish, options, { order_no: orderNo });
    },
    get: (shareId, options = {}) => get(parts, path('shares', shareId), options, {}),
    ofOrder: (orderNo, options = {}) =>
      get(
        parts,
        path('orders', orderNo, 'shares'),
        options,
        { order_no: orderNo },
        {
          query: { merchant_id: options.merchant_id },
        },
      ),
    giveBack(partId, wish, options = {}) {
      if (wish.amount !== undefined) checkAmount(wish.amount);
      return post(parts, path('share-parts', partId, 'returns'), wish, options, {});
    },
  };
}

function moneyBack(parts: CallParts): Pick<Liushui, 'refunds' | 'surplus'> {
  const act = (refundId: string, word: string, options: PostOptions = {}): Promise<Refund> =>
    post(parts, path('refunds', refundId, word), {}, options, { refund_id: refundId });
  const resolve = <Answer>(surplusId: string, word: string, body: object, options: PostOptions = {}) =>
    post<Answer>(parts, path('surplus-receipts', surplusId, word), body, options, {});
  return {
    refunds: {
      preview(paymentId, options = {}) {
        if (options.amount !== undefined) checkAmount(options.amount);
        const query = { amount: options.amount };
        return get(parts, path('payments', paymentId, 'refund-preview'), options, { payment_id: paymentId }, { query });
      },
      create(paymentId, wish, options = {}) {
        if (wish.amount !== undefined) checkAmount(wish.amount);
        const about = { payment_id: paymentId, refund_no: wish.refund_no };
        return post(parts, path('payments', paymentId, 'refunds'), wish, options, about);
      },
      get: (refundId, options = {}) => get(parts, path('refunds', refundId), options, { refund_id: refundId }),
      withdraw: (refundId, options) => act(refundId, 'withdraw', options),
      toppedUp: (refundId, options) => act(refundId, 'topped-up', options),
    },
    surplus: {
      refund: (surplusId, reason, options) => resolve(surplusId, 'refund', { reason }, options),
      keep: (surplusId, reason, options) => resolve(surplusId, 'keep', { reason }, options),
      credit: (surplusId, reason, options) => resolve(surplusId, 'credit', { reason }, options),
      adopt: (surplusId, options) => resolve(surplusId, 'adopt', {}, options),
    },
  };
}

function partsOf(options: LiushuiOptions): CallParts {
  const { baseUrl, key, timeoutMs = 10_000, triesMax = 4 } = options;
  if (!/^https?:\/\/[^\s?#]+$/.test(baseUrl)) throw new TypeError(`baseUrl ${baseUrl} is no http(s) address`);
  if (!/^[\x21-\x7e]+$/.test(key)) throw new TypeError('key is empty or holds characters that no key has');
  return {
    ...{ baseUrl: baseUrl.replace(/\/+$/, ''), key, timeoutMs, triesMax },
    fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
    // tidy-allow sleep: a shop has no clock of ours; a test hands its own in
    sleep: options.sleep ?? ((ms) => new Promise((settle) => setTimeout(settle, ms))),
    // tidy-allow random: jitter only, and a test hands its own in
    random: options.random ?? (() => Math.random()),
    newKey: () => globalThis.crypto.randomUUID(),
    onCall: options.onCall ?? (() => undefined),
  };
}

type More = {
  readonly wait?: number | undefined;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
};

function get<Answer>(parts: CallParts, at: string, options: Options, about: About, more: More = {}): Promise<Answer> {
  return carry<Answer>(parts, { method: 'GET', path: at, about, ...more }, options);
}

function post<Answer>(parts: CallParts, at: string, body: object, options: PostOptions, about: About): Promise<Answer> {
  return carry<Answer>(parts, { method: 'POST', path: at, body, about }, options);
}

/** A number of the shop's may hold a slash or a hash; a dot segment would be another address (WHATWG URL §4.4). */
function path(...segments: readonly string[]): string {
  const wrong = segments.find((segment) => /^\.{0,2}$/.test(segment));
  if (wrong !== undefined) throw new TypeError(`"${wrong}" is no number or id`);
  return `/v1/${segments.map(encodeURIComponent).join('/')}`;
}

function checkAmount(amount: number): void {
  if (!Number.isSafeInteger(amount) || amount < 1)
    throw new TypeError(`amount ${amount} is no positive integer of minor units (fen for CNY)`);
}

function waitOf({ wait }: Waiting): number | undefined {
  if (wait !== undefined && !(Number.isInteger(wait) && wait >= 1 && wait <= 30))
    throw new TypeError(`wait ${wait} is no whole number of seconds from 1 to 30`);
  return wait;
}
