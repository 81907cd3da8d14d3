import { canonical, fenAt, word } from './fields.ts';
import { orderOfCall, readParties } from './method-call.ts';
import type { MethodCall } from './method-call.ts';
import { appidObstacle, isNamed, readReceiver } from './receivers.ts';
import { done, refused } from './results.ts';
import type { PartWish } from './share-desk.ts';
import { workOn } from './share-life.ts';
import { shareView } from './share-views.ts';
import type { Hold, Order, Refused, Result } from './types.ts';

// Rules: WeChat Pay merchant documents "request profit sharing", "release the rest", "query" and "what is left to share", APIv3.

type Asked = {
  readonly outOrderNo: string;
  readonly wishes: readonly PartWish[];
  /** The rest is the merchant's from now on. */
  readonly releases: boolean;
  readonly content: string;
};

export function shareOrder(method: MethodCall): Result {
  return ask(method, readShare(method));
}

/** A request of its own, under a number of its own, that gives nothing to anybody. */
export function unfreezeOrder(method: MethodCall): Result {
  return ask(method, readUnfreeze(method));
}

function ask(method: MethodCall, asked: Asked | Refused): Result {
  const { sharing, register, at, hits } = method;
  const parties = readParties(method, false);
  if ('kind' in parties) return parties;
  if ('kind' in asked) return asked;
  const known = sharing.requestOf(parties.payee, asked.outOrderNo);
  if (known)
    return known.content === asked.content
      ? done(shareView(known, register.settings))
      : refused('INVALID_REQUEST', '商户分账单号重复，与原请求参数不一致');
  const order = orderOfCall(method, parties.payee);
  if (!order?.payment) return refused('RESOURCE_NOT_EXISTS', '订单不存在');
  const obstacle = obstacleOf(method, order, order.payment.at, asked);
  if (obstacle) return obstacle;
  const { hold } = order;
  if (!hold) return refused('INVALID_REQUEST', '非分账订单');
  register.revision += 1;
  const request = sharing.open(order, asked.outOrderNo, asked.content, withRest(order, hold, asked), at);
  for (const part of request.parts) {
    hold.reservedFen += part.amountFen;
    if (!part.isRelease) hold.sharedFen += part.amountFen;
  }
  if (asked.releases) hold.endedAt = at;
  workOn(method, request, hits, at);
  return done(shareView(request, register.settings));
}

/** What is left after this request becomes a receiver among the others: the merchant itself. */
function withRest(order: Order, hold: Hold, { wishes, releases }: Asked): readonly PartWish[] {
  const amountFen = restOf(hold) - sumOf(wishes);
  if (!releases || amountFen === 0) return wishes;
  const own = { type: 'MERCHANT_ID', account: order.terms.payee, description: '解冻给分账方' } as const;
  return [...wishes, { ...own, amountFen, isRelease: true }];
}

const restOf = (hold: Hold): number => hold.fen - hold.reservedFen;
const sumOf = (wishes: readonly PartWish[]): number => wishes.reduce((sum, { amountFen }) => sum + amountFen, 0);

function obstacleOf(method: MethodCall, order: Order, paidAt: number, asked: Asked): Refused | undefined {
  const { register, sharing, at } = method;
  const { settings } = register;
  const { hold } = order;
  if (!hold || order.state !== 'SUCCESS') return refused('INVALID_REQUEST', '非分账订单');
  if (at < paidAt + settings.share_wait_ms) return refused('INVALID_REQUEST', '订单处理中，暂时无法分账，请稍后再试');
  if (hold.endedAt !== undefined) return refused('INVALID_REQUEST', '分账订单已完结');
  const sum = sumOf(asked.wishes);
  if (sum === 0) return restOf(hold) === 0 ? refused('INVALID_REQUEST', '没有可解冻的资金') : undefined;
  if (sharing.ofOrder(order).length >= settings.share_requests_max)
    return refused('RULE_LIMIT', '同一笔订单分账次数已达上限');
  if ((hold.sharedFen + sum) * 100 > order.terms.amountFen * settings.share_percent)
    return refused('RULE_LIMIT', '分账金额超出最大分账比例');
  return sum > restOf(hold) ? refused('NOT_ENOUGH', '分账余额不足') : undefined;
}

function isNumber(no: string | undefined): no is string {
  return no !== undefined && /^[0-9A-Za-z_\-|*@]{1,64}$/.test(no);
}

function readShare(method: MethodCall): Asked | Refused {
  const { fields } = method.call;
  const invalid = (field: string) => refused('PARAM_ERROR', `参数错误: ${field}`);
  const outOrderNo = word(fields, 'out_order_no');
  if (!isNumber(outOrderNo)) return invalid('out_order_no');
  const transactionId = word(fields, 'transaction_id');
  if (transactionId === undefined) return invalid('transaction_id');
  const releases = fields['unfreeze_unsplit'];
  if (typeof releases !== 'boolean') return invalid('unfreeze_unsplit');
  const given = fields['receivers'];
  const max = method.register.settings.share_receivers_max;
  if (!Array.isArray(given) || given.length === 0 || given.length > max) return invalid('receivers');
  const said = given.map((_, n) => readWish(method, n));
  const bad = said.find((one) => 'kind' in one);
  if (bad && 'kind' in bad) return bad;
  const read = said.flatMap((one) => ('kind' in one ? [] : [one]));
  const wishes = read.map(({ wish }) => wish);
  const obstacle = appidObstacle(
    method,
    wishes.some(({ type }) => type === 'PERSONAL_OPENID'),
  );
  if (obstacle) return obstacle;
  return { outOrderNo, wishes, releases, content: canonical({ transactionId, releases, read }) };
}

/** The n-th receiver. A name that is not his, and where it is set so one who was never added, is refused with the whole request. */
function readWish(method: MethodCall, n: number) {
  const path = `receivers.${n}.`;
  const { fields } = method.call;
  const invalid = (field: string) => refused('PARAM_ERROR', `参数错误: ${path}${field}`);
  const receiver = readReceiver(method, path);
  if ('kind' in receiver) return receiver;
  const amountFen = fenAt(fields, `${path}amount`, 'v3');
  if (amountFen === undefined || amountFen < 1) return invalid('amount');
  const description = word(fields, `${path}description`) ?? '';
  if (description === '' || [...description].length > 80) return invalid('description');
  if (!isNamed(method, receiver)) return refused('INVALID_REQUEST', '分账接收方姓名与账号不匹配');
  const { type, account, name } = receiver;
  if (method.register.settings.share_unrelated === 'refuse') {
    const parties = readParties(method, false);
    if ('kind' in parties) return parties;
    if (!method.sharing.isRelated(parties.payee, type, account))
      return refused('INVALID_REQUEST', '分账接收方关系不存在');
  }
  return { name, wish: { type, account, amountFen, description, isRelease: false } };
}

function readUnfreeze({ call: { fields } }: MethodCall): Asked | Refused {
  const outOrderNo = word(fields, 'out_order_no');
  if (!isNumber(outOrderNo)) return refused('PARAM_ERROR', '参数错误: out_order_no');
  const transactionId = word(fields, 'transaction_id');
  if (transactionId === undefined) return refused('PARAM_ERROR', '参数错误: transaction_id');
  const description = word(fields, 'description') ?? '';
  if (description === '' || [...description].length > 80) return refused('PARAM_ERROR', '参数错误: description');
  return { outOrderNo, wishes: [], releases: true, content: canonical({ transactionId, description }) };
}

export function queryShare(method: MethodCall): Result {
  const { sharing, register, call } = method;
  const parties = readParties(method, false);
  if ('kind' in parties) return parties;
  const transactionId = word(call.fields, 'transaction_id');
  if (transactionId === undefined) return refused('PARAM_ERROR', '参数错误: transaction_id');
  const request = sharing.requestOf(parties.payee, word(call.fields, 'out_order_no') ?? '');
  if (request?.order.payment?.transactionId !== transactionId) return refused('RESOURCE_NOT_EXISTS', '分账单不存在');
  return done(shareView(request, register.settings));
}

/** What is kept and promised to nobody. The call names no sub-merchant: the transaction says whose it is. */
export function queryAmounts({ register, call, merchant }: MethodCall): Result {
  const transactionId = word(call.fields, 'transaction_id') ?? '';
  const order = register.transactions.get(transactionId);
  const isOurs = order && [merchant.mchid, ...merchant.subMchids].includes(order.terms.payee);
  if (!order || !isOurs) return refused('RESOURCE_NOT_EXISTS', '订单不存在');
  if (!order.hold) return refused('INVALID_REQUEST', '非分账订单');
  return done({ transaction_id: transactionId, unsplit_amount: restOf(order.hold) });
}
