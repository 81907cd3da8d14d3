import { compactTime } from '../../shanghai.ts';
import type { AccountType, RoyaltyBack, RoyaltyPart, RoyaltyRequest } from './royalty-types.ts';
import type { Trade } from './types.ts';

export type Bound = {
  readonly type: AccountType;
  readonly account: string;
  readonly name: string | undefined;
  readonly memo: string | undefined;
};

export type PartWish = Pick<RoyaltyPart, 'type' | 'account' | 'amountFen' | 'isFrozen'>;

type Opening = Pick<RoyaltyRequest, 'requestNo' | 'trade' | 'mode' | 'content' | 'createdAt'>;

/** Alipay's book of profit sharing: who may receive, what was asked, and what receivers have of it. */
export class RoyaltyBook {
  /** Names as a test says them; who is not in it has whatever name is told of him. */
  readonly names = new Map<string, string>();
  /** What receivers have: what they got, less what went back; or what a test says. */
  readonly balances = new Map<string, number>();
  readonly requests = new Map<string, RoyaltyRequest>();
  readonly #bound = new Map<string, Bound>();
  readonly #ofTrade = new Map<string, RoyaltyRequest[]>();
  readonly #bySettleNo = new Map<string, RoyaltyRequest>();
  #details = 0;

  bind(sellerId: string, bound: Bound): void {
    this.#bound.set(`${sellerId}|${bound.type}|${bound.account}`, bound);
  }

  unbind(sellerId: string, { type, account }: Pick<Bound, 'type' | 'account'>): void {
    this.#bound.delete(`${sellerId}|${type}|${account}`);
  }

  isBound(sellerId: string, { type, account }: Pick<Bound, 'type' | 'account'>): boolean {
    return this.#bound.has(`${sellerId}|${type}|${account}`);
  }

  boundTo(sellerId: string): readonly Bound[] {
    return [...this.#bound].flatMap(([key, bound]) => (key.startsWith(`${sellerId}|`) ? [bound] : []));
  }

  isNamed({ account, name }: Pick<Bound, 'account' | 'name'>): boolean {
    return name === undefined || (this.names.get(account) ?? name) === name;
  }

  requestOf(sellerId: string, requestNo: string): RoyaltyRequest | undefined {
    return this.requests.get(`${sellerId}|${requestNo}`);
  }

  bySettleNo(sellerId: string, settleNo: string): RoyaltyRequest | undefined {
    const request = this.#bySettleNo.get(settleNo);
    return request?.trade.terms.sellerId === sellerId ? request : undefined;
  }

  ofTrade(trade: Trade): readonly RoyaltyRequest[] {
    return this.#ofTrade.get(trade.tradeNo) ?? [];
  }

  open(opening: Opening, wishes: readonly PartWish[]): RoyaltyRequest {
    const { trade, requestNo, createdAt } = opening;
    const number = String(this.requests.size + 1).padStart(14, '0');
    const request: RoyaltyRequest = {
      ...opening,
      settleNo: `${compactTime(createdAt).slice(0, 8)}0025300200${number}`,
      parts: wishes.map((wish) => this.#partOf(wish, createdAt)),
      backs: [],
      releasedFen: 0,
    };
    this.requests.set(`${trade.terms.sellerId}|${requestNo}`, request);
    this.#bySettleNo.set(request.settleNo, request);
    this.#ofTrade.set(trade.tradeNo, [...this.ofTrade(trade), request]);
    return request;
  }

  #partOf(wish: PartWish, at: number): RoyaltyPart {
    const detailId = this.#newDetail(at);
    return { ...wish, detailId, state: 'PROCESSING', errorCode: undefined, executedAt: undefined, returnedFen: 0 };
  }

  /** A part, or some of it, is with the seller again. */
  takeBack(request: RoyaltyRequest, back: Omit<RoyaltyBack, 'detailId'>): void {
    back.part.returnedFen += back.amountFen;
    this.give(back.part.account, -back.amountFen);
    request.backs.push({ ...back, detailId: this.#newDetail(back.at) });
  }

  give(account: string, fen: number): void {
    this.balances.set(account, (this.balances.get(account) ?? 0) + fen);
  }

  #newDetail(at: number): string {
    this.#details += 1;
    return `${compactTime(at).slice(0, 8)}00254002${String(this.#details).padStart(12, '0')}`;
  }
}
