import type { Fields } from '../input.ts';
import { spacedTime } from '../shanghai.ts';
import { canonical, fenAt, wholeAt, word } from './fields.ts';
import { namesOrder, orderOfCall, readParties, secretAt } from './method-call.ts';
import type { MethodCall } from './method-call.ts';
import { isCovered, settleLater, startRefund } from './refund-life.ts';
import { done, refused } from './results.ts';
import { v2AccountOf, v2RefundStatus } from './telling.ts';
import { rfc3339 } from './times.ts';
import type { Order, Purse, Refund, Refused, RefundTerms, Result } from './types.ts';

// Rules: WeChat Pay merchant documents "apply for a refund", "query a refund" and "abnormal refund", APIv3 and v2.

const partsMax = 50;

const names = {
  v3: {
    refund: 'amount.refund',
    total: 'amount.total',
    currency: 'amount.currency',
    account: 'funds_account',
    reason: 'reason',
  },
  v2: {
    refund: 'refund_fee',
    total: 'total_fee',
    currency: 'refund_fee_type',
    account: 'refund_account',
    reason: 'refund_desc',
  },
} as const;

/** Which words ask for the balance instead of what has not been settled. */
const fromBalance = ['AVAILABLE', 'REFUND_SOURCE_RECHARGE_FUNDS'];

export function refundOrder(method: MethodCall): Result {
  const { register, hits, at } = method;
  const parties = readParties(method, method.call.version === 'v2');
  if ('kind' in parties) return parties;
  const terms = readRefund(method);
  if ('kind' in terms) return terms;
  const order = orderOfCall(method, parties.payee);
  if (!order) return refused('RESOURCE_NOT_EXISTS', '订单不存在');
  const known = register.refundOf(parties.payee, terms.outRefundNo);
  if (known) return repeated(method, known, terms, order);
  const obstacle = obstacleOf(method, order, terms);
  if (obstacle) return obstacle;
  return answerOf(method, startRefund(register, order, terms, { by: 'api', hits }, at));
}

function readRefund({ call, merchant, register }: MethodCall): RefundTerms | Refused {
  const { fields, version } = call;
  const name = names[version];
  const invalid = (field: string) => refused('PARAM_ERROR', `参数错误: ${field}`);
  const outRefundNo = word(fields, 'out_refund_no');
  if (outRefundNo === undefined || !/^[0-9A-Za-z_\-|*@]{1,64}$/.test(outRefundNo)) return invalid('out_refund_no');
  const [amountFen, totalFen] = [fenAt(fields, name.refund, version), fenAt(fields, name.total, version)];
  if (amountFen === undefined || amountFen < 1) return invalid(name.refund);
  if (totalFen === undefined) return invalid(name.total);
  const currency = word(fields, name.currency);
  if (currency === undefined ? version === 'v3' : currency !== 'CNY') return invalid(name.currency);
  const reason = word(fields, name.reason);
  if ([...(reason ?? '')].length > 80) return invalid(name.reason);
  const notifyUrl = word(fields, 'notify_url');
  if ((notifyUrl ?? '').length > 256) return invalid('notify_url');
  const account = word(fields, name.account);
  if (account !== undefined && merchant.flow === 'new')
    return refused('INVALID_REQUEST', '该商户号不支持指定退款资金来源');
  const isFromBalance = account !== undefined && fromBalance.includes(account);
  const purse: Purse = isFromBalance ? 'AVAILABLE' : register.purseOf(merchant);
  const said = {
    amountFen,
    totalFen,
    account,
    reason,
    notifyUrl,
    order: [fields['transaction_id'], fields['out_trade_no']],
  };
  return { version, outRefundNo, amountFen, reason, notifyUrl, purse, content: canonical(said) };
}

/** The same number: the same content gets the answer again, whatever has become of it; another content is refused. */
function repeated(method: MethodCall, known: Refund, terms: RefundTerms, order: Order): Result {
  const { settings } = method.register;
  if (known.by === 'reversal' || known.order !== order) return refused('INVALID_REQUEST');
  if (known.terms.amountFen !== terms.amountFen) return refused(settings.refund_mismatch);
  return known.terms.content === terms.content ? answerOf(method, known) : refused('INVALID_REQUEST');
}

function obstacleOf(method: MethodCall, order: Order, terms: RefundTerms): Refused | undefined {
  const { register, at, call } = method;
  const { settings } = register;
  if (order.state !== 'SUCCESS' || !order.payment)
    return refused(call.version === 'v2' ? 'ORDER_NOT_READY' : 'INVALID_REQUEST', '订单未支付');
  if (fenAt(call.fields, names[call.version].total, call.version) !== order.terms.amountFen)
    return refused('INVALID_REQUEST', '订单金额与原订单不一致');
  if (at > order.payment.at + settings.refund_window_ms) return refused('TRADE_OVERDUE');
  const alive = order.refunds.filter((refund) => refund.status !== 'CLOSED');
  if (alive.length >= partsMax) return refused('INVALID_REQUEST', '部分退款次数已达上限');
  if (order.refundedFen + terms.amountFen > order.terms.amountFen)
    return refused('INVALID_REQUEST', '退款金额大于可退金额');
  const { hold } = order;
  const isOut = hold && order.refundedFen + terms.amountFen + hold.sharedFen - hold.returnedFen > order.terms.amountFen;
  if (isOut && settings.shared_refund === 'return_first')
    return refused('INVALID_REQUEST', '订单已分账，请先发起分账回退');
  if (order.lastRefundAt !== undefined && at < order.lastRefundAt + settings.refund_gap_ms)
    return refused('FREQUENCY_LIMITED', '同一笔订单两次退款需间隔1分钟');
  if (settings.short_refund === 'refuse' && !isCovered(register, order, terms)) return refused('NOT_ENOUGH');
  return undefined;
}

function answerOf({ call }: MethodCall, refund: Refund): Result {
  return done(call.version === 'v3' ? refundView(refund) : v2RefundFields(refund));
}

function refundView(refund: Refund): Fields {
  const { order, terms } = refund;
  const [total, part] = [order.terms.amountFen, terms.amountFen];
  const settled = { settlement_refund: part, settlement_total: total, discount_refund: 0, currency: 'CNY' };
  return {
    refund_id: refund.refundId,
    out_refund_no: terms.outRefundNo,
    transaction_id: order.payment?.transactionId ?? '',
    out_trade_no: order.terms.outTradeNo,
    channel: 'ORIGINAL',
    user_received_account: refund.receivedBy,
    ...(refund.successAt === undefined ? {} : { success_time: rfc3339(refund.successAt) }),
    create_time: rfc3339(refund.createdAt),
    status: refund.status,
    funds_account: terms.purse,
    amount: {
      total,
      refund: part,
      from: [],
      payer_total: total,
      payer_refund: part,
      ...settled,
      refund_fee: refund.feeReturnedFen,
    },
    promotion_detail: [],
  };
}

function v2RefundFields({ refundId, order, terms }: Refund): Fields {
  return {
    transaction_id: order.payment?.transactionId ?? '',
    out_trade_no: order.terms.outTradeNo,
    out_refund_no: terms.outRefundNo,
    refund_id: refundId,
    refund_fee: String(terms.amountFen),
    settlement_refund_fee: String(terms.amountFen),
    total_fee: String(order.terms.amountFen),
    cash_fee: String(order.terms.amountFen),
    cash_refund_fee: String(terms.amountFen),
  };
}

export function queryRefund(method: MethodCall): Result {
  const parties = readParties(method, method.call.version === 'v2');
  if ('kind' in parties) return parties;
  const { register, call } = method;
  if (call.version === 'v2') return v2QueryRefunds(method, parties.payee);
  const refund = register.refundOf(parties.payee, word(call.fields, 'out_refund_no') ?? '');
  return refund && refund.by !== 'reversal' ? done(refundView(refund)) : refused('RESOURCE_NOT_EXISTS');
}

const pageSize = 10;
const listedPartsMax = 20;

/** `refund_id` wins over `out_refund_no`, that over `transaction_id`, that over `out_trade_no`; ten to a page. */
function v2QueryRefunds(method: MethodCall, payee: string): Result {
  const { register, call } = method;
  const [refundId, outRefundNo] = [word(call.fields, 'refund_id'), word(call.fields, 'out_refund_no')];
  if (refundId === undefined && outRefundNo === undefined && !namesOrder(method)) return refused('PARAM_ERROR');
  const one =
    refundId === undefined ? outRefundNo && register.refundOf(payee, outRefundNo) : register.refundsById.get(refundId);
  const order = one ? one.order : orderOfCall(method, payee);
  if (order?.terms.payee !== payee) return refused('RESOURCE_NOT_EXISTS');
  const isByNumber = refundId !== undefined || outRefundNo !== undefined;
  const all = isByNumber ? (one ? [one] : []) : order.refunds.filter((refund) => refund.by !== 'reversal');
  if (all.length === 0) return refused('RESOURCE_NOT_EXISTS');
  if (!isByNumber && all.length > listedPartsMax) return refused('PARAM_ERROR', '部分退款超过20笔，请使用退款单号查询');
  const offset = wholeAt(call.fields, 'offset') ?? 0;
  const page = all.slice(offset, offset + pageSize);
  const common = {
    transaction_id: order.payment?.transactionId ?? '',
    out_trade_no: order.terms.outTradeNo,
    total_fee: String(order.terms.amountFen),
    cash_fee: String(order.terms.amountFen),
    refund_count: String(page.length),
    total_refund_count: String(all.length),
  };
  return done({ ...common, ...Object.fromEntries(page.flatMap(indexedFields)) });
}

function indexedFields(refund: Refund, n: number): [string, string][] {
  const fields: [string, string | undefined][] = [
    ['out_refund_no', refund.terms.outRefundNo],
    ['refund_id', refund.refundId],
    ['refund_channel', 'ORIGINAL'],
    ['refund_fee', String(refund.terms.amountFen)],
    ['settlement_refund_fee', String(refund.terms.amountFen)],
    ['refund_status', v2RefundStatus[refund.status]],
    ['refund_account', v2AccountOf(refund)],
    ['refund_recv_accout', refund.receivedBy],
    ['refund_success_time', refund.successAt === undefined ? undefined : spacedTime(refund.successAt)],
  ];
  return fields.flatMap(([name, value]) => (value === undefined ? [] : [[`${name}_${n}`, value]]));
}

/** A refund that reached neither card nor wallet is sent to another card. */
export function redirectRefund(method: MethodCall): Result {
  const { register, call, at } = method;
  const refund = register.refundsById.get(word(call.fields, 'refund_id') ?? '');
  const parties = readParties(method, false);
  if ('kind' in parties) return parties;
  if (refund?.order.terms.payee !== parties.payee) return refused('RESOURCE_NOT_EXISTS');
  if (refund.terms.outRefundNo !== word(call.fields, 'out_refund_no')) return refused('INVALID_REQUEST');
  const type = word(call.fields, 'type');
  if (type !== 'USER_BANK_CARD' && type !== 'MERCHANT_BANK_CARD') return refused('PARAM_ERROR', '参数错误: type');
  if (refund.status !== 'ABNORMAL') return refused('INVALID_REQUEST', '退款单状态不是退款异常');
  if (type === 'USER_BANK_CARD') {
    if (
      word(call.fields, 'bank_type') === undefined ||
      !secretAt(method, 'bank_account') ||
      !secretAt(method, 'real_name')
    )
      return refused('PARAM_ERROR', '参数错误: bank_account, real_name');
  }
  register.revision += 1;
  refund.status = 'PROCESSING';
  refund.receivedBy = type === 'USER_BANK_CARD' ? '用户银行卡' : '商户结算账户';
  settleLater(register, refund, 'SUCCESS', at);
  return done(refundView(refund));
}
