import { done, minutes, plus } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import type { OrderDoor } from './order-door.ts';
import type { Order } from './order.ts';
import type { PaymentParts } from './parts.ts';

/** The payer says that he has paid, or is back from his wallet: the channel is asked at once. */
export async function askPaymentNow(
  { clock }: Pick<PaymentParts, 'clock'>,
  door: OrderDoor,
  order: Order,
  attemptId: string,
): Promise<Result<Order>> {
  const until = plus(clock.now(), minutes(2));
  const told = await door.tell({ key: order, kind: 'watch', attemptId, until, atOnce: true });
  return told.ok ? done(told.value.order) : told;
}

/** The payer wants to pay in another way: this attempt is closed at its channel, the order and its payment stay open. */
export async function giveUpPayment(door: OrderDoor, order: Order, attemptId: string): Promise<Result<Order>> {
  const told = await door.tell({ key: order, kind: 'give_up', attemptId });
  return told.ok ? done(told.value.order) : told;
}
