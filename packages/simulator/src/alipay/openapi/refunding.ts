import { yuanOf } from '../../money.ts';
import { spacedTime } from '../../shanghai.ts';
import { namesTrade, numbersOf, payerFields, tradeOfCall, wants } from './finding.ts';
import type { MethodCall, MethodResult } from './method-call.ts';
import { failure, success } from './results.ts';
import { backsOf } from './settle-refunds.ts';
import { amountOf, word } from './terms.ts';
import type { Refund, Trade } from './types.ts';

/** Without a request number the trade's own number counts as one, so a second refund without it repeats the first. */
function requestNoOf({ call }: MethodCall, trade: Trade): string {
  return word(call.biz, 'out_request_no') ?? trade.terms.outTradeNo;
}

export function refundTrade(method: MethodCall): MethodResult {
  const { register, call, at } = method;
  const amountFen = amountOf(call.biz, 'refund_amount');
  if (!namesTrade(method) || amountFen === undefined) return failure('INVALID_PARAMETER');
  if ((word(call.biz, 'out_request_no') ?? '').length > 64) return failure('INVALID_PARAMETER');
  const trade = tradeOfCall(method);
  if (!trade) return failure('TRADE_NOT_EXIST');
  const requestNo = requestNoOf(method, trade);
  const before = trade.refunds.get(requestNo);
  if (before) {
    if (before.amountFen !== amountFen) return failure('DISCORDANT_REPEAT_REQUEST');
    return success(refundFields(method, trade, before, 'N'));
  }
  const obstacle = obstacleOf(trade, amountFen);
  if (obstacle !== undefined) return failure(obstacle);
  const backs = backsOf(method, trade, amountFen);
  if (typeof backs === 'string') return failure(backs);
  const entry = { requestNo, reason: word(call.biz, 'refund_reason'), by: 'refund', backs } as const;
  if (!register.refund(trade, amountFen, entry, at)) return failure('SELLER_BALANCE_NOT_ENOUGH');
  const done = trade.refunds.get(requestNo);
  if (!done) throw new Error('a refund that was booked is not in the book');
  return success(refundFields(method, trade, done, 'Y'));
}

function obstacleOf(trade: Trade, amountFen: number): string | undefined {
  if (trade.status === 'TRADE_FINISHED') return 'TRADE_HAS_FINISHED';
  if (trade.status === 'TRADE_CLOSED') return 'TRADE_HAS_CLOSE';
  if (trade.status === 'WAIT_BUYER_PAY') return 'TRADE_STATUS_ERROR';
  return trade.refundedFen + amountFen > trade.amountFen ? 'REFUND_AMT_NOT_EQUAL_TOTAL' : undefined;
}

/** `refund_fee` is cumulative over the trade; `fund_change` says whether this very call moved money. */
function refundFields(method: MethodCall, trade: Trade, refund: Refund, fundChange: 'Y' | 'N') {
  const detail = [{ amount: yuanOf(refund.amountFen), fund_channel: 'ALIPAYACCOUNT' }];
  return {
    ...numbersOf(trade),
    ...payerFields(trade),
    fund_change: fundChange,
    refund_fee: yuanOf(trade.refundedFen),
    gmt_refund_pay: spacedTime(refund.at),
    ...(wants(method, 'refund_detail_item_list')
      ? { refund_detail_item_list: detail, send_back_fee: yuanOf(refund.amountFen) }
      : {}),
  };
}

/** An absent status proves nothing: a number never seen and a refund not visible yet look alike. */
export function queryRefund(method: MethodCall): MethodResult {
  const { register, at } = method;
  if (!namesTrade(method)) return failure('INVALID_PARAMETER');
  const trade = tradeOfCall(method);
  const settings = register.settings();
  if (!trade) {
    const missing = failure('TRADE_NOT_EXIST');
    return settings.refund_query_prefix ? missing : { ...missing, subCode: 'TRADE_NOT_EXIST' };
  }
  const refund = trade.refunds.get(requestNoOf(method, trade));
  if (!refund || at < refund.at + settings.refund_visible_ms) return success({});
  return success({
    ...numbersOf(trade),
    out_request_no: refund.requestNo,
    total_amount: yuanOf(trade.amountFen),
    refund_amount: yuanOf(refund.amountFen),
    refund_status: 'REFUND_SUCCESS',
    ...(wants(method, 'gmt_refund_pay') ? { gmt_refund_pay: spacedTime(refund.at) } : {}),
    ...(wants(method, 'refund_detail_item_list')
      ? {
          refund_detail_item_list: [{ amount: yuanOf(refund.amountFen), fund_channel: 'ALIPAYACCOUNT' }],
          send_back_fee: yuanOf(refund.amountFen),
        }
      : {}),
  });
}
