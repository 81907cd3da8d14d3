import type { Register, Payer } from './register.ts';
import { tellPaid } from './telling.ts';
import type { Offer, Order } from './types.ts';

/** Why the payer cannot pay this; `undefined` = nothing stands in the way. In our words: the app shows texts, not codes. */
export function payersObstacle(order: Order, offer: Offer | undefined, openid: string | undefined, at: number) {
  if (order.state === 'SUCCESS') return 'ORDER_PAID';
  if (order.state !== 'NOTPAY') return order.state === 'USERPAYING' ? undefined : 'ORDER_CLOSED';
  if (offer !== order.offer) return 'CODE_REPLACED';
  if (offer && offer.endsAt <= at) return 'CODE_EXPIRED';
  if (order.payableUntil <= at) return 'ORDER_EXPIRED';
  const wanted = order.terms.openid;
  return wanted !== undefined && openid !== undefined && openid !== wanted ? 'OTHER_PAYER' : undefined;
}

/** The money moves and the merchant is told. */
export function payOrder(register: Register, order: Order, payer: Payer, at: number): void {
  register.pay(order, { ...payer, openid: order.terms.openid ?? payer.openid }, at);
  tellPaid(register, order, at);
}
