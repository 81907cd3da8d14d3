import type { Fields } from '../../input.ts';
import { yuanOf } from '../../money.ts';
import { spacedTime } from '../../shanghai.ts';
import type { MethodCall } from './method-call.ts';
import { failure, success } from './results.ts';
import { word } from './terms.ts';
import type { CallResult, Trade } from './types.ts';

/** By either number; when both are sent, `trade_no` wins. */
export function tradeOfCall({ register, call, app }: MethodCall): Trade | undefined {
  const tradeNo = word(call.biz, 'trade_no');
  if (tradeNo === undefined) return register.tradeOf(app.sellerId, word(call.biz, 'out_trade_no') ?? '');
  const trade = register.trades.get(tradeNo);
  return trade?.terms.sellerId === app.sellerId ? trade : undefined;
}

export function namesTrade({ call }: MethodCall): boolean {
  return word(call.biz, 'trade_no') !== undefined || word(call.biz, 'out_trade_no') !== undefined;
}

/** Both numbers as the answer repeats them. */
export function numbersOf(trade: Trade): Fields {
  return { out_trade_no: trade.terms.outTradeNo, trade_no: trade.tradeNo };
}

export function tradeAnswer(call: MethodCall): CallResult {
  if (!namesTrade(call)) return failure('INVALID_PARAMETER');
  const trade = tradeOfCall(call);
  // The amounts stand beside the error all the same.
  if (!trade) return failure('TRADE_NOT_EXIST', { ...noAmounts, ...echoed(call) });
  return success({
    ...numbersOf(trade),
    trade_status: trade.status,
    total_amount: yuanOf(trade.amountFen),
    subject: trade.terms.subject,
    ...(trade.terms.body === undefined ? {} : { body: trade.terms.body }),
    ...(trade.terms.passback === undefined ? {} : { passback_params: trade.terms.passback }),
    ...payerFields(trade),
    ...amountFields(trade),
    ...(trade.paidAt === undefined ? {} : { send_pay_date: spacedTime(trade.paidAt) }),
    ...(wants(call, 'fund_bill_list') && trade.paidAt !== undefined ? { fund_bill_list: fundBill(trade) } : {}),
  });
}

const noAmounts: Fields = {
  buyer_pay_amount: '0.00',
  invoice_amount: '0.00',
  point_amount: '0.00',
  receipt_amount: '0.00',
};

function echoed({ call }: MethodCall): Fields {
  const outTradeNo = word(call.biz, 'out_trade_no');
  return outTradeNo === undefined ? {} : { out_trade_no: outTradeNo };
}

export function payerFields(trade: Trade): Fields {
  return { buyer_logon_id: trade.buyer.logonId, buyer_user_id: trade.buyer.id };
}

export function amountFields(trade: Trade): Fields {
  if (trade.paidAt === undefined) return noAmounts;
  const paid = yuanOf(trade.amountFen);
  return { buyer_pay_amount: paid, invoice_amount: paid, point_amount: '0.00', receipt_amount: paid };
}

export function fundBill(trade: Trade): readonly Fields[] {
  return [{ amount: yuanOf(trade.amountFen), fund_channel: 'ALIPAYACCOUNT' }];
}

export function wants({ call }: MethodCall, option: string): boolean {
  const options: unknown = call.biz['query_options'];
  return Array.isArray(options) && options.includes(option);
}
