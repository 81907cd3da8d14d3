import { playedOf } from './faults.ts';
import { orderOfCall, readParties } from './method-call.ts';
import type { MethodCall } from './method-call.ts';
import { payersObstacle, payOrder } from './payer.ts';
import { defaultPayer } from './register.ts';
import { done, refused } from './results.ts';
import type { Order, Result } from './types.ts';

/** May be repeated. What is paid is not closed, and a payment by code is only reversed. */
export function closeOrder(method: MethodCall): Result {
  const { register, call, at } = method;
  const parties = readParties(method, call.version === 'v2');
  if ('kind' in parties) return parties;
  const mchidName = call.partner ? 'sp_mchid' : 'mchid';
  if (call.version === 'v3' && call.fields[mchidName] === undefined)
    return refused('PARAM_ERROR', `${mchidName} is missing`);
  const order = orderOfCall(method, parties.payee);
  if (!order) return refused('ORDER_NOT_EXIST');
  payBefore(method, order);
  if (order.terms.product === 'MICROPAY') return refused('TRADE_ERROR', '付款码支付订单不支持关单，请使用撤销');
  if (order.state === 'SUCCESS') return refused(register.settings.paid_order);
  if (call.version === 'v2' && at < order.createdAt + register.settings.v2_close_wait_ms)
    return refused('INVALID_REQUEST', '订单生成后不能马上关单');
  if (order.state !== 'CLOSED') register.close(order, at);
  return done({});
}

/** The payment lands just before, as `close_loses` wants it. */
export function payBefore({ register, hits, at }: MethodCall, order: Order): void {
  if (!playedOf(hits, 'close_loses')) return;
  if (payersObstacle(order, order.offer, undefined, at) === undefined) payOrder(register, order, defaultPayer, at);
}
