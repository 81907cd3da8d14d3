import type { Fields } from '../input.ts';
import { compactTime } from '../shanghai.ts';
import { rfc3339 } from './times.ts';
import type { Order, OrderState } from './types.ts';

export const stateWords: Readonly<Record<OrderState | 'REFUND', string>> = {
  NOTPAY: '订单未支付',
  USERPAYING: '用户支付中',
  SUCCESS: '支付成功',
  REFUND: '转入退款',
  CLOSED: '订单已关闭',
  REVOKED: '已撤销',
  PAYERROR: '支付失败',
};

/** `REFUND` as soon as anything went back: the order is still a paid one. */
export function tradeStateOf(order: Order): OrderState | 'REFUND' {
  return order.state === 'SUCCESS' && order.refundedFen > 0 ? 'REFUND' : order.state;
}

function partiesView({ terms }: Order): Fields {
  if (!terms.partner) return { appid: terms.appid, mchid: terms.mchid };
  const sub = terms.subAppid === undefined ? {} : { sub_appid: terms.subAppid };
  return { sp_appid: terms.appid, sp_mchid: terms.mchid, sub_mchid: terms.subMchid, ...sub };
}

/** Answer to a query of APIv3 and content of its payment notice. An unpaid order lacks what only a payment brings. */
export function orderView(order: Order): Fields {
  const { terms, payment } = order;
  const state = tradeStateOf(order);
  const common = { ...partiesView(order), out_trade_no: terms.outTradeNo };
  const said = { trade_state: state, trade_state_desc: stateWords[state], attach: terms.attach };
  if (!payment) return { ...common, ...said, amount: { total: terms.amountFen, currency: 'CNY' } };
  const openidName = terms.partner ? 'sp_openid' : 'openid';
  return {
    ...common,
    transaction_id: payment.transactionId,
    trade_type: terms.product,
    ...said,
    bank_type: payment.bankType,
    success_time: rfc3339(payment.at),
    payer: { [openidName]: payment.openid },
    amount: { total: terms.amountFen, payer_total: terms.amountFen, currency: 'CNY', payer_currency: 'CNY' },
  };
}

/** Answer to a query of v2, and of a payment by code that went through. */
export function v2OrderFields(order: Order): Record<string, string> {
  const { terms, payment } = order;
  const state = tradeStateOf(order);
  const fen = String(terms.amountFen);
  return {
    out_trade_no: terms.outTradeNo,
    attach: terms.attach,
    trade_state: state,
    trade_state_desc: stateWords[state],
    total_fee: fen,
    fee_type: 'CNY',
    ...(payment
      ? {
          openid: payment.openid,
          is_subscribe: 'N',
          trade_type: terms.product,
          bank_type: payment.bankType,
          cash_fee: fen,
          transaction_id: payment.transactionId,
          time_end: compactTime(payment.at),
        }
      : {}),
  };
}
