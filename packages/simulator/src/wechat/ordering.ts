import type { MethodCall } from './method-call.ts';
import { done, refused } from './results.ts';
import { readTerms } from './terms.ts';
import type { Offer, Order, Product, Refused, Result, Terms } from './types.ts';

const productOf: ReadonlyMap<string, Product> = new Map([
  ['jsapi', 'JSAPI'],
  ['native', 'NATIVE'],
  ['h5', 'MWEB'],
  ['app', 'APP'],
]);

/** A session at the cashier. The same number with the same content gets a fresh one for as long as nobody has paid. */
export function orderAtCashier(method: MethodCall): Result {
  const { register, call, merchant, at } = method;
  const product = productOf.get(call.api);
  if (product === undefined) return refused('PARAM_ERROR', '参数错误: trade_type');
  if (!merchant.products.includes(product)) return refused('NO_AUTH');
  const terms = readTerms(method, product);
  if ('kind' in terms) return terms;
  const known = register.orderOf(terms.payee, terms.outTradeNo);
  const obstacle = known && obstacleOf(method, known, terms);
  if (obstacle) return obstacle;
  const order = known ?? register.open(terms, at, undefined);
  return withOffer(order, register.makeOffer(order, at));
}

/** Why a number that exists already cannot be ordered again. */
export function obstacleOf({ register, at }: MethodCall, order: Order, terms: Terms): Refused | undefined {
  const { settings } = register;
  if (order.state === 'SUCCESS') return refused(settings.paid_order);
  if (order.state === 'CLOSED' || order.state === 'PAYERROR') return refused('ORDER_CLOSED');
  if (order.state === 'REVOKED') return refused(terms.version === 'v2' ? 'ORDERREVERSED' : 'ORDER_CLOSED');
  if (order.terms.content !== terms.content) return refused(settings.changed_content);
  return order.payableUntil <= at ? refused('INVALID_REQUEST', '订单已过期') : undefined;
}

/** The address behind the code is the caller's to write: it depends on the host that was asked. */
function withOffer(order: Order, offer: Offer): Result {
  if (order.terms.version === 'v2')
    return { ...done({ trade_type: order.terms.product, prepay_id: offer.prepayId }), offer };
  const { product } = order.terms;
  return { ...done(product === 'JSAPI' || product === 'APP' ? { prepay_id: offer.prepayId } : {}), offer };
}
