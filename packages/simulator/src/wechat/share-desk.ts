import { compactDate, dateOf } from './times.ts';
import type { ReceiverType, SharePart, ShareRequest, ShareReturn } from './share-types.ts';
import type { Order } from './types.ts';

/** Who somebody is, as a test says it; who is in no list has whatever name is told of him. */
export type Party = { readonly name: string | undefined; readonly notifyUrl: string | undefined };

/** One line of the sharing bill: a part that was paid, or money that came back. */
export type ShareRow = {
  readonly at: number;
  readonly request: ShareRequest;
  readonly part: SharePart;
  readonly back: ShareReturn | undefined;
};

export type PartWish = Pick<SharePart, 'type' | 'account' | 'amountFen' | 'description' | 'isRelease'>;

/** WeChat's desk for profit sharing: who may receive, what was asked, what came back. */
export class ShareDesk {
  readonly parties = new Map<string, Party>();
  readonly requests = new Map<string, ShareRequest>();
  readonly returns = new Map<string, ShareReturn>();
  readonly #relations = new Map<string, string>();
  readonly #ofOrder = new Map<Order, ShareRequest[]>();
  readonly #byId = new Map<string, ShareRequest>();
  readonly #rows = new Map<string, ShareRow[]>();
  #details = 0;

  relate(payee: string, type: ReceiverType, account: string, relation: string): void {
    this.#relations.set(`${payee}|${type}|${account}`, relation);
  }

  part(payee: string, type: ReceiverType, account: string): boolean {
    return this.#relations.delete(`${payee}|${type}|${account}`);
  }

  isRelated(payee: string, type: ReceiverType, account: string): boolean {
    return this.#relations.has(`${payee}|${type}|${account}`);
  }

  /** Accounts with which this merchant may share, and what each is to it. */
  relationsOf(payee: string) {
    const own = [...this.#relations].filter(([key]) => key.startsWith(`${payee}|`));
    return own.map(([key, relation]) => {
      const [, type = '', account = ''] = key.split('|');
      return { type, account, relation };
    });
  }

  requestOf(payee: string, outOrderNo: string): ShareRequest | undefined {
    return this.requests.get(`${payee}|${outOrderNo}`);
  }

  /** By WeChat's number, or else by the merchant's. */
  find(payee: string, orderId: string | undefined, outOrderNo: string | undefined): ShareRequest | undefined {
    const request = orderId === undefined ? this.requestOf(payee, outOrderNo ?? '') : this.#byId.get(orderId);
    return request?.order.terms.payee === payee ? request : undefined;
  }

  ofOrder(order: Order): readonly ShareRequest[] {
    return this.#ofOrder.get(order) ?? [];
  }

  returnOf(payee: string, outReturnNo: string): ShareReturn | undefined {
    return this.returns.get(`${payee}|${outReturnNo}`);
  }

  open(order: Order, outOrderNo: string, content: string, wishes: readonly PartWish[], at: number): ShareRequest {
    const request: ShareRequest = {
      outOrderNo,
      orderId: `3000810001${compactDate(at)}${String(this.requests.size + 1).padStart(10, '0')}`,
      order,
      content,
      createdAt: at,
      parts: wishes.map((wish) => this.#partOf(wish, at)),
      returns: [],
    };
    this.requests.set(`${order.terms.payee}|${outOrderNo}`, request);
    this.#byId.set(request.orderId, request);
    this.#ofOrder.set(order, [...this.ofOrder(order), request]);
    return request;
  }

  #partOf(wish: PartWish, at: number): SharePart {
    this.#details += 1;
    const detailId = `3600810001${compactDate(at)}${String(this.#details).padStart(11, '0')}`;
    return { ...wish, detailId, result: 'PENDING', failReason: undefined, endedAt: undefined };
  }

  openReturn(input: Omit<ShareReturn, 'returnId' | 'result' | 'failReason' | 'endedAt'>): ShareReturn {
    const { request, outReturnNo } = input;
    const back: ShareReturn = {
      ...input,
      returnId: `3008100001${compactDate(input.createdAt)}${String(this.returns.size + 1).padStart(10, '0')}`,
      result: 'PROCESSING',
      failReason: undefined,
      endedAt: undefined,
    };
    request.returns.push(back);
    this.returns.set(`${request.order.terms.payee}|${outReturnNo}`, back);
    return back;
  }

  record(row: ShareRow): void {
    const key = `${row.request.order.terms.payee}|${dateOf(row.at)}`;
    const rows = this.#rows.get(key);
    if (rows) rows.push(row);
    else this.#rows.set(key, [row]);
  }

  rowsOf(payee: string, date: string): readonly ShareRow[] {
    return this.#rows.get(`${payee}|${date}`) ?? [];
  }
}
