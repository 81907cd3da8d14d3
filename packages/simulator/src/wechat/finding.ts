import { namesOrder, orderOfCall, readParties } from './method-call.ts';
import type { MethodCall } from './method-call.ts';
import { orderView, v2OrderFields } from './order-views.ts';
import { done, refused } from './results.ts';
import type { Result } from './types.ts';

export function queryOrder(method: MethodCall): Result {
  const { call } = method;
  const isV2 = call.version === 'v2';
  const parties = readParties(method, isV2);
  if ('kind' in parties) return parties;
  const mchidName = call.partner ? 'sp_mchid' : 'mchid';
  if (!isV2 && call.fields[mchidName] === undefined) return refused('PARAM_ERROR', `${mchidName} is missing`);
  if (!namesOrder(method)) return refused('PARAM_ERROR');
  const order = orderOfCall(method, parties.payee);
  if (!order) return refused('ORDER_NOT_EXIST');
  return done(isV2 ? v2OrderFields(order) : orderView(order));
}
