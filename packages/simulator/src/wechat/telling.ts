import type { Fields } from '../input.ts';
import { compactTime, spacedTime } from '../shanghai.ts';
import type { NoticeEvent, NoticeInput } from './notices.ts';
import type { Register } from './register.ts';
import { orderView } from './order-views.ts';
import { rfc3339 } from './times.ts';
import type { Merchant, Order, Refund, Version } from './types.ts';
import type { V2Pairs } from './v2-signing.ts';

/** To the address that the order named. A payment by the payer's code is answered at once and told to nobody. */
export function tellPaid(register: Register, order: Order, at: number): void {
  const { notifyUrl, version } = order.terms;
  if (notifyUrl !== undefined) tell(register, 'paid', order, undefined, { url: notifyUrl, version }, at);
}

/** To the refund's own address, else to the one of the merchant's console; the older kind where there is none, and for a refund by hand. */
export function tellRefund(register: Register, event: NoticeEvent, refund: Refund, at: number): void {
  const address = addressOf(register.merchantOf(refund.order), refund);
  if (address) tell(register, event, refund.order, refund, address, at);
}

type Address = { readonly url: string; readonly version: Version };

function addressOf(merchant: Merchant, { terms, by }: Refund): Address | undefined {
  if (terms.notifyUrl !== undefined) return { url: terms.notifyUrl, version: terms.version };
  if (merchant.refundNotifyUrl !== undefined && by !== 'console')
    return { url: merchant.refundNotifyUrl, version: 'v3' };
  return merchant.v2RefundNotifyUrl === undefined ? undefined : { url: merchant.v2RefundNotifyUrl, version: 'v2' };
}

function tell(
  register: Register,
  event: NoticeEvent,
  order: Order,
  refund: Refund | undefined,
  { url, version }: Address,
  at: number,
): void {
  const merchant = register.merchantOf(order);
  // Without the key nothing can be sealed: then nothing is sent.
  if (version === 'v3' ? merchant.apiV3Key === undefined : merchant.v2Key === undefined) return;
  const input = noticeOf(event, order, refund, { url, version });
  const hits = register.play({
    api: 'notify',
    version,
    mchid: input.mchid,
    outTradeNo: input.outTradeNo,
    transactionId: input.transactionId,
    outRefundNo: input.outRefundNo,
    outOrderNo: undefined,
    outReturnNo: undefined,
    event,
  });
  register.beforeAnswer.push(...register.notices.write(input, hits, at));
}

export function noticeOf(event: NoticeEvent, order: Order, refund: Refund | undefined, address: Address): NoticeInput {
  const { mchid, appid, outTradeNo } = order.terms;
  const numbers = { mchid, outTradeNo, transactionId: order.payment?.transactionId ?? '' };
  const common = { event, url: address.url, ...numbers, outRefundNo: refund?.terms.outRefundNo };
  if (address.version === 'v2') {
    const pairs = refund ? v2RefundPairs(order, refund) : v2PaymentPairs(order);
    return { ...common, content: { version: 'v2', pairs, appid } };
  }
  return { ...common, content: { version: 'v3', plain: refund ? refundPlain(order, refund) : orderView(order) } };
}

function refundPlain(order: Order, refund: Refund): Fields {
  const { terms, payment } = order;
  const numbers = terms.partner ? { sp_mchid: terms.mchid, sub_mchid: terms.subMchid } : { mchid: terms.mchid };
  const { amountFen } = refund.terms;
  return {
    ...numbers,
    transaction_id: payment?.transactionId ?? '',
    out_trade_no: terms.outTradeNo,
    refund_id: refund.refundId,
    out_refund_no: refund.terms.outRefundNo,
    refund_status: refund.status,
    ...(refund.successAt === undefined ? {} : { success_time: rfc3339(refund.successAt) }),
    user_received_account: refund.receivedBy,
    amount: { total: terms.amountFen, refund: amountFen, payer_total: terms.amountFen, payer_refund: amountFen },
  };
}

function v2PaymentPairs({ terms, payment }: Order): V2Pairs {
  const fen = String(terms.amountFen);
  const sub = terms.subMchid === undefined ? [] : [['sub_mch_id', terms.subMchid] as const];
  return [
    ['return_code', 'SUCCESS'],
    ['appid', terms.appid],
    ['mch_id', terms.mchid],
    ...sub,
    ['result_code', 'SUCCESS'],
    ['openid', payment?.openid ?? ''],
    ['is_subscribe', 'N'],
    ['trade_type', terms.product],
    ['bank_type', payment?.bankType ?? ''],
    ['total_fee', fen],
    ['fee_type', 'CNY'],
    ['cash_fee', fen],
    ['transaction_id', payment?.transactionId ?? ''],
    ['out_trade_no', terms.outTradeNo],
    ['attach', terms.attach],
    ['time_end', compactTime(payment?.at ?? 0)],
  ];
}

export const v2RefundStatus = {
  PROCESSING: 'PROCESSING',
  SUCCESS: 'SUCCESS',
  CLOSED: 'REFUNDCLOSE',
  ABNORMAL: 'CHANGE',
} as const;

/** What lies sealed inside `req_info`. */
function v2RefundPairs({ terms, payment }: Order, refund: Refund): V2Pairs {
  const [total, part] = [String(terms.amountFen), String(refund.terms.amountFen)];
  return [
    ['out_refund_no', refund.terms.outRefundNo],
    ['out_trade_no', terms.outTradeNo],
    ['refund_account', v2AccountOf(refund)],
    ['refund_fee', part],
    ['refund_id', refund.refundId],
    ['refund_recv_accout', refund.receivedBy],
    ['refund_request_source', refund.by === 'console' ? 'VENDOR_PLATFORM' : 'API'],
    ['refund_status', v2RefundStatus[refund.status]],
    ['settlement_refund_fee', part],
    ['settlement_total_fee', total],
    ['success_time', refund.successAt === undefined ? '' : spacedTime(refund.successAt)],
    ['total_fee', total],
    ['transaction_id', payment?.transactionId ?? ''],
  ];
}

export function v2AccountOf(refund: Refund): string {
  return refund.terms.purse === 'AVAILABLE' ? 'REFUND_SOURCE_RECHARGE_FUNDS' : 'REFUND_SOURCE_UNSETTLED_FUNDS';
}
