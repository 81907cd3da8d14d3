import { wordOr } from '../../input.ts';
import type { MethodCall, MethodResult } from './method-call.ts';
import { failure, success } from './results.ts';
import type { PartWish } from './royalty-book.ts';
import type { RoyaltyRequest } from './royalty-types.ts';
import { readSettle } from './settle-asking.ts';
import type { SettleAsked, Wish } from './settle-asking.ts';
import { executePart, finishRequest, workOn } from './settle-life.ts';
import type { Trade } from './types.ts';

// Rules: Alipay open platform, documents of alipay.trade.order.settle and of profit sharing for merchants.

export function settleTrade(method: MethodCall): MethodResult {
  const { register, app, at } = method;
  const { royalties } = register;
  const asked = readSettle(method);
  if ('code' in asked) return asked;
  const content = JSON.stringify(asked);
  const known = royalties.requestOf(app.sellerId, asked.requestNo);
  if (known) return known.content === content ? answerOf(known) : failure(register.settings().royalty_repeat);
  const trade = register.trades.get(asked.tradeNo);
  if (trade?.terms.sellerId !== app.sellerId) return failure('TRADE_NOT_EXIST');
  const wishes = asked.wishes.map((wish) => partWish(trade, wish));
  const obstacle = stateObstacle(method, trade, asked) ?? moneyObstacle(method, trade, asked, wishes);
  if (obstacle !== undefined) return failure(obstacle);
  // At once everybody gets his part, or nobody does and the number is free again.
  const stranger = asked.mode === 'sync' ? receiverObstacle(method, asked.wishes) : undefined;
  if (stranger !== undefined) return failure(stranger);
  register.revision += 1;
  const { requestNo, mode } = asked;
  const request = royalties.open({ requestNo, trade, mode, content, createdAt: at }, wishes);
  const { royalty } = trade;
  royalty.mode = mode;
  for (const part of request.parts) {
    royalty.sharedFen += part.amountFen;
    if (part.isFrozen) royalty.reservedFen += part.amountFen;
  }
  if (mode === 'async') workOn(register, request, asked.finish, method.hits, at);
  else {
    for (const part of request.parts) executePart(register, request, part, undefined, at);
    finishRequest(register, request, asked.finish, at);
  }
  if (asked.finish && asked.finish.amountFen === undefined) royalty.finishedAt = at;
  return answerOf(request);
}

function answerOf({ trade, settleNo }: RoyaltyRequest): MethodResult {
  return success({ trade_no: trade.tradeNo, settle_no: settleNo });
}

/** While the payment keeps money frozen, receivers are paid of that and of nothing else. */
function partWish(trade: Trade, { type, account, amountFen, percent }: Wish): PartWish {
  const isFrozen = trade.royalty.isFrozen && trade.royalty.releasedAt === undefined;
  return { type, account, amountFen: amountFen ?? Math.floor((trade.amountFen * (percent ?? 0)) / 100), isFrozen };
}

function stateObstacle({ register, at }: MethodCall, trade: Trade, { mode }: SettleAsked): string | undefined {
  const settings = register.settings();
  if (trade.status === 'TRADE_CLOSED')
    return trade.paidAt === undefined ? 'TRADE_STATUS_ERROR' : 'ALLOC_REFUSE_AFTER_REFUND';
  if (trade.status !== 'TRADE_SUCCESS' || trade.paidAt === undefined) return 'TRADE_STATUS_ERROR';
  if (at < trade.paidAt + settings.royalty_wait_ms) return 'ALLOC_REFUSE_BEFORE_SETTLE';
  const { royalty } = trade;
  if (royalty.finishedAt !== undefined) return 'ALREADY_FINISH_ALLOC';
  // One trade is shared at once or later, never both.
  if (royalty.mode !== undefined && royalty.mode !== mode) return 'ILLEGAL_SETTLE_STATE';
  const max = mode === 'sync' ? settings.royalty_sync_requests : settings.royalty_async_requests;
  return register.royalties.ofTrade(trade).length >= max ? 'ILLEGAL_SETTLE_STATE' : undefined;
}

function moneyObstacle(
  { register }: MethodCall,
  trade: Trade,
  { finish }: SettleAsked,
  wishes: readonly PartWish[],
): string | undefined {
  const { royalty } = trade;
  const sum = wishes.reduce((total, { amountFen }) => total + amountFen, 0);
  if (wishes.some(({ amountFen }) => amountFen < 1)) return 'ALLOC_AMOUNT_VALIDATE_ERROR';
  const limit = Math.floor((trade.amountFen * register.settings().royalty_percent) / 100);
  if (royalty.sharedFen + sum > Math.min(limit, trade.amountFen - trade.refundedFen) && sum > 0)
    return 'ALLOC_AMOUNT_VALIDATE_ERROR';
  const rest = royalty.heldFen - royalty.reservedFen;
  const isFrozen = wishes[0]?.isFrozen === true;
  if (sum > (isFrozen ? rest : register.freeOf(trade.terms.sellerId))) return 'TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH';
  return (finish?.amountFen ?? 0) > rest - (isFrozen ? sum : 0) ? 'ALLOC_AMOUNT_VALIDATE_ERROR' : undefined;
}

/** Who is not bound, has another name, or cannot receive, as a fault says. */
function receiverObstacle({ register, app, hits }: MethodCall, wishes: readonly Wish[]): string | undefined {
  const closed = hits.find((hit) => hit.fault === 'share_receiver_closed')?.params;
  for (const wish of wishes) {
    if (!register.royalties.isBound(app.sellerId, wish)) return 'ROYALTY_RECEIVER_INVALID';
    if (!register.royalties.isNamed(wish)) return 'ROYALTY_ACCOUNT_NAME_NOT_MATCH';
    if (closed && (closed['account'] ?? wish.account) === wish.account)
      return wordOr(closed, 'reason', 'ROYALTY_RECEIVER_ACCOUNT_NOT_CERTIFY');
  }
  return undefined;
}
