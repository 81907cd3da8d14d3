import type { Attempt, Order, Refund } from '../payments/index.ts';
import type { Share, SharePart, ShareReturn } from './share.ts';

/** An order with all that was shared of it. Decided as a whole, under the order's version: a refund sees every share, and a share every refund. */
export type SharedOrder = {
  readonly order: Order;
  readonly shares: readonly Share[];
  readonly returns: readonly ShareReturn[];
};

const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);

/** A paid payment of the order, or its last one. */
export const paidPayment = ({ payments }: Order, paymentId?: string): Order['payments'][number] | undefined =>
  payments.findLast(({ state, id }) => state === 'paid' && (paymentId === undefined || id === paymentId));

/** The attempt that settled such a payment. Late money that was adopted settled another payment than it was begun for. */
export function settledAttempt(order: Order, paymentId?: string): Attempt | undefined {
  const settledBy = paidPayment(order, paymentId)?.settledBy;
  return order.attempts.find(({ id }) => id === settledBy);
}

const isWithReceiver = ({ state }: SharePart): boolean => state === 'succeeded' || state === 'late';

/** Parts that receivers have, or may still be given. */
export const livePartsOf = (shares: readonly Share[], attemptId: string): readonly SharePart[] =>
  shares
    .filter((share) => share.attemptId === attemptId)
    .flatMap(({ parts }) => parts.filter(({ state }) => state !== 'failed'));

/** A refund that had failed and was carried out after all took its parts back as well. */
const cameOrComes = ({ state, refundedAt }: Refund): boolean =>
  refundedAt !== undefined || (state !== 'failed' && state !== 'cancelled');

/** What came back of a part, or is asked back: by calls of its own, and with refunds. */
function backOf({ order, returns }: Omit<SharedOrder, 'shares'>, partId: string): bigint {
  const returned = returns.filter((one) => one.partId === partId && one.state !== 'failed');
  const refunded = order.refunds
    .filter(cameOrComes)
    .flatMap(({ partsBack = [] }) => partsBack.filter(({ part }) => part === partId));
  return sum(returned.map(({ amount }) => amount.minor)) + sum(refunded.map(({ minor }) => minor));
}

/** What a receiver has of a part and was not asked to give back. Nothing, also where more came back than he had: a case tells of that. */
export function leftOf(shared: SharedOrder, part: SharePart): bigint {
  const left = part.amount.minor - backOf(shared, part.id);
  return isWithReceiver(part) && left > 0n ? left : 0n;
}

export const sumOf = (parts: readonly SharePart[]): bigint => sum(parts.map(({ amount }) => amount.minor));

export function findPart(
  { shares }: Pick<SharedOrder, 'shares'>,
  partId: string,
): { readonly share: Share; readonly part: SharePart } | undefined {
  for (const share of shares) {
    const part = share.parts.find(({ id }) => id === partId);
    if (part) return { share, part };
  }
  return undefined;
}
