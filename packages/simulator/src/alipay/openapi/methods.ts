import { cancelTrade, closeTrade } from './closing.ts';
import { tradeAnswer } from './finding.ts';
import type { MethodCall, MethodResult } from './method-call.ts';
import { createTrade, openCashier, payByCode, precreate } from './opening.ts';
import { queryRefund, refundTrade } from './refunding.ts';
import { bindReceivers, listReceivers, unbindReceivers } from './relations.ts';
import { querySettle, queryUnsettled } from './settle-query.ts';
import { settleTrade } from './settling.ts';

export const methodsByName: ReadonlyMap<string, (call: MethodCall) => MethodResult> = new Map([
  ['alipay.trade.page.pay', openCashier],
  ['alipay.trade.wap.pay', openCashier],
  ['alipay.trade.app.pay', openCashier],
  ['alipay.trade.precreate', precreate],
  ['alipay.trade.create', createTrade],
  ['alipay.trade.pay', payByCode],
  ['alipay.trade.query', tradeAnswer],
  ['alipay.trade.close', closeTrade],
  ['alipay.trade.cancel', cancelTrade],
  ['alipay.trade.refund', refundTrade],
  ['alipay.trade.fastpay.refund.query', queryRefund],
  ['alipay.trade.order.settle', settleTrade],
  ['alipay.trade.order.settle.query', querySettle],
  ['alipay.trade.order.onsettle.query', queryUnsettled],
  ['alipay.trade.royalty.relation.bind', bindReceivers],
  ['alipay.trade.royalty.relation.unbind', unbindReceivers],
  ['alipay.trade.royalty.relation.batchquery', listReceivers],
]);

/** Methods whose answer is a page for a person. */
export const pageMethods: readonly string[] = ['alipay.trade.page.pay', 'alipay.trade.wap.pay'];
