import { askFundFlowBill, askShareBill, askTradeBill, downloadTradeBill, fetchBill } from './bill-asking.ts';
import { listCertificates } from './certificates.ts';
import { closeOrder } from './closing.ts';
import { payByCode, reverseOrder } from './codepay.ts';
import { declareOrder, queryDeclarations, redeclare, verifyCertificate } from './customs.ts';
import { queryOrder } from './finding.ts';
import type { MethodCall } from './method-call.ts';
import { orderAtCashier } from './ordering.ts';
import { addReceiver, deleteReceiver } from './receivers.ts';
import { queryRefund, redirectRefund, refundOrder } from './refunding.ts';
import { queryShareReturn, returnShare } from './share-returns.ts';
import { queryAmounts, queryShare, shareOrder, unfreezeOrder } from './sharing.ts';
import type { Result } from './types.ts';

/** What the doors can ask for; fault rules and the books use these names. */
export const methodsByName: ReadonlyMap<string, (call: MethodCall) => Result> = new Map([
  ['jsapi', orderAtCashier],
  ['native', orderAtCashier],
  ['h5', orderAtCashier],
  ['app', orderAtCashier],
  ['codepay', payByCode],
  ['query', queryOrder],
  ['close', closeOrder],
  ['reverse', reverseOrder],
  ['refund', refundOrder],
  ['refund_query', queryRefund],
  ['abnormal_refund', redirectRefund],
  ['certificates', listCertificates],
  ['tradebill', askTradeBill],
  ['fundflowbill', askFundFlowBill],
  ['billfile', fetchBill],
  ['downloadbill', downloadTradeBill],
  ['share_receiver_add', addReceiver],
  ['share_receiver_delete', deleteReceiver],
  ['share', shareOrder],
  ['share_query', queryShare],
  ['share_unfreeze', unfreezeOrder],
  ['share_amounts', queryAmounts],
  ['share_return', returnShare],
  ['share_return_query', queryShareReturn],
  ['share_bill', askShareBill],
  ['customs_declare', declareOrder],
  ['customs_modify', declareOrder],
  ['customs_query', queryDeclarations],
  ['customs_repush', redeclare],
  ['customs_verify', verifyCertificate],
]);
