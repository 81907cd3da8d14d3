import { endOf } from './deadlines.ts';
import type { OpenApiHit } from './faults.ts';
import type { Register } from './register.ts';
import { isSame } from './terms.ts';
import type { Buyer, Offer, Trade } from './types.ts';

/** One act of the payer at a cashier, a code or a trade. */
export type PayerAct = {
  readonly offer?: Offer;
  readonly trade?: Trade;
  readonly buyer: Buyer;
  readonly pays: boolean;
  /** Fen; only as a fault: the payer pays another amount than asked. */
  readonly amountFen?: number;
};

/** What the payer sees: `done`, or why it does not work, in Alipay's words where it has one. */
export type PayerResult = { readonly trade: Trade | undefined; readonly refused: string | undefined };

/** Opening gives birth to the trade, unless another cashier of the same number has done so before. */
export function actOnNumber(register: Register, act: PayerAct, at: number): PayerResult {
  const { offer } = act;
  let trade = act.trade;
  if (offer) {
    trade = register.tradeOf(offer.terms.sellerId, offer.terms.outTradeNo);
    if (!trade && offer.endsAt !== undefined && offer.endsAt <= at)
      return { trade: undefined, refused: offer.kind === 'qr' ? 'CODE_EXPIRED' : 'NOW_TIME_AFTER_EXPIRE_TIME_ERROR' };
    if (!trade && register.isKilled(offer)) return { trade: undefined, refused: 'CODE_EXPIRED' };
    if (trade && !isSame(offer.terms, trade.terms)) return { trade, refused: 'CONTEXT_INCONSISTENT' };
    trade ??= register.bear(offer.call, offer.terms, endOf(offer.deadline, at), at, { buyer: act.buyer });
  }
  if (!trade) return { trade: undefined, refused: 'TRADE_NOT_EXIST' };
  if (!act.pays) return { trade, refused: undefined };
  if (trade.status !== 'WAIT_BUYER_PAY')
    return { trade, refused: trade.status === 'TRADE_CLOSED' ? 'TRADE_HAS_CLOSE' : 'TRADE_HAS_SUCCESS' };
  const hits = register.play({
    method: 'payer.pay',
    appId: trade.appId,
    outTradeNo: trade.terms.outTradeNo,
    tradeNo: trade.tradeNo,
    outRequestNo: undefined,
    event: undefined,
  });
  if (act.amountFen !== undefined) trade.amountFen = act.amountFen;
  payTrade(register, trade, act.buyer, at, hits);
  return { trade: register.tradeOf(trade.terms.sellerId, trade.terms.outTradeNo), refused: undefined };
}

/** Pays; with `second_trade_no` another trade under the same number is paid too, or (`instead`) in its place. */
export function payTrade(
  register: Register,
  trade: Trade,
  buyer: Buyer,
  at: number,
  hits: readonly OpenApiHit[],
): void {
  const second = hits.find((hit) => hit.fault === 'second_trade_no')?.params;
  const isInstead = second?.['instead'] === true;
  if (!isInstead) register.pay(trade, buyer, at);
  if (!second) return;
  const other = register.bear(trade.call, trade.terms, trade.expiresAt, at, { buyer, first: isInstead });
  other.amountFen = trade.amountFen;
  register.pay(other, buyer, at);
}
