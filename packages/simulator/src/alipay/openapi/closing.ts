import { namesTrade, numbersOf, tradeOfCall } from './finding.ts';
import type { MethodCall, MethodResult } from './method-call.ts';
import { actOnNumber, payTrade } from './payer.ts';
import { defaultBuyer } from './register.ts';
import { failure, success } from './results.ts';
import { proRata } from './settle-refunds.ts';
import { word } from './terms.ts';
import type { Trade } from './types.ts';

const cancelWindowMs = 24 * 3_600_000;

export function closeTrade(method: MethodCall): MethodResult {
  if (!namesTrade(method)) return failure('INVALID_PARAMETER');
  const { register, at } = method;
  if (losesRace(method)) payBefore(method);
  const trade = tradeOfCall(method);
  // Before the payer has acted there is nothing to close: the cashier lives on.
  if (!trade) return failure('TRADE_NOT_EXIST');
  if (trade.status !== 'WAIT_BUYER_PAY') return failure('TRADE_STATUS_ERROR');
  register.close(trade, at);
  return success(numbersOf(trade));
}

function losesRace({ hits }: MethodCall): boolean {
  return hits.some((hit) => hit.fault === 'close_loses');
}

/** The payment lands just before the close, as `close_loses` wants it; a trade not born yet is born and paid just after. */
function payBefore(method: MethodCall): void {
  const { register, call, app, at } = method;
  const trade = tradeOfCall(method);
  if (trade?.status === 'WAIT_BUYER_PAY') return payTrade(register, trade, defaultBuyer, at, []);
  const outTradeNo = word(call.biz, 'out_trade_no');
  if (trade || outTradeNo === undefined) return;
  register.agenda.add(at, (due) => {
    const offer = register.offersOfNumber(app.sellerId, outTradeNo).at(-1);
    if (offer) actOnNumber(register, { offer, buyer: defaultBuyer, pays: true }, due);
  });
}

/** Unpaid: closed. Paid: all money goes back, with the fee. A number nobody knows is a success without an action. */
export function cancelTrade(method: MethodCall): MethodResult {
  if (!namesTrade(method)) return failure('INVALID_PARAMETER');
  const { register, call, app, at } = method;
  if (losesRace(method)) payBefore(method);
  const trade = tradeOfCall(method);
  if (!trade) {
    if (word(call.biz, 'trade_no') !== undefined) return failure('TRADE_NOT_EXIST');
    const outTradeNo = word(call.biz, 'out_trade_no') ?? '';
    if (register.settings().cancel_kills_code) register.kill(app.sellerId, outTradeNo);
    return success({ out_trade_no: outTradeNo, retry_flag: 'N' });
  }
  if (at > trade.createdAt + cancelWindowMs) return failure('TRADE_CANCEL_TIME_OUT');
  switch (trade.status) {
    case 'TRADE_FINISHED':
      return failure('TRADE_HAS_FINISHED');
    case 'TRADE_CLOSED':
      return cancelled(trade, trade.refundedFen > 0 ? 'refund' : 'close');
    case 'WAIT_BUYER_PAY':
      register.close(trade, at);
      return cancelled(trade, 'close');
    case 'TRADE_SUCCESS': {
      const rest = trade.amountFen - trade.refundedFen;
      const backs = proRata(method, trade, rest);
      const entry = { requestNo: `cancel${trade.tradeNo}`, reason: undefined, by: 'cancel', backs } as const;
      if (!register.refund(trade, rest, entry, at)) return failure('SELLER_BALANCE_NOT_ENOUGH', { retry_flag: 'Y' });
      return cancelled(trade, 'refund');
    }
  }
}

function cancelled(trade: Trade, action: 'close' | 'refund'): MethodResult {
  return success({ ...numbersOf(trade), retry_flag: 'N', action });
}
