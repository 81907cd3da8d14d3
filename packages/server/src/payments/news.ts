import { rfc3339 } from '../kernel/index.ts';
import type { CaseKindName } from '../cases/index.ts';
import type { EventType, EventValue } from '../notifications/index.ts';
import type { Attempt } from './attempt.ts';
import { orderStateOf, sumsOf } from './order.ts';
import type { Order } from './order.ts';
import type { Refund } from './refund.ts';
import type { Surplus } from './surplus.ts';
import type { OrderEffect } from './work.ts';

type Data = Readonly<Record<string, EventValue>>;

function event(type: EventType, order: Order, subject: string, data: Data): OrderEffect {
  const common = { order_no: order.orderNo, order_state: orderStateOf(order) };
  return { kind: 'event', event: { merchantId: order.merchantId, type, subject, data: { ...common, ...data } } };
}

/** What the shop hears of a payment. The number to pay is for systems: a shop's order document at customs may have to carry it. */
export function paymentEvent(
  type: Extract<EventType, `payment.${string}`>,
  order: Order,
  attempt: Attempt | undefined,
  cause = '',
): OrderEffect {
  const { received } = sumsOf(order);
  const paymentId = attempt?.paymentId ?? order.payments.at(-1)?.id ?? '';
  return event(type, order, paymentId, {
    ...{ payment: paymentId, due_minor: order.due?.minor ?? 0n, received_minor: received },
    currency: attempt?.amount.currency ?? order.due?.currency ?? '',
    ...(attempt ? { serial_no: attempt.serialNo, channel: attempt.channel, account: attempt.accountId } : {}),
    ...(attempt?.tradeNo === undefined ? {} : { channel_trade_no: attempt.tradeNo }),
    ...(attempt?.paidAt === undefined ? {} : { paid_at: rfc3339(attempt.paidAt) }),
    ...(cause === '' ? {} : { cause }),
  });
}

export function surplusEvent(
  type: Extract<EventType, `surplus.${string}`>,
  order: Order,
  surplus: Surplus,
): OrderEffect {
  return event(type, order, surplus.id, {
    ...{ surplus: surplus.id, payment: surplus.paymentId, why: surplus.why, state: surplus.state },
    ...{ minor: surplus.amount.minor, currency: surplus.amount.currency },
    ...(surplus.actAt === undefined ? {} : { refund_at: rfc3339(surplus.actAt) }),
  });
}

export function refundEvent(type: Extract<EventType, `refund.${string}`>, order: Order, refund: Refund): OrderEffect {
  return event(type, order, refund.id, {
    ...{ refund: refund.id, refund_no: refund.shopRefundNo, payment: refund.paymentId, state: refund.state },
    ...{ minor: refund.amount.minor, currency: refund.amount.currency, fee_back_minor: refund.feeBackMinor },
    ...(refund.refundedAt === undefined ? {} : { refunded_at: rfc3339(refund.refundedAt) }),
    ...(refund.why === '' ? {} : { why: refund.why }),
  });
}

type About = Pick<Attempt, 'merchantId' | 'bucket' | 'id'>;

function caseOf(
  kind: CaseKindName,
  subjectKind: string,
  about: About,
  params: Readonly<Record<string, string | number>>,
): OrderEffect {
  const { merchantId, bucket, id } = about;
  return { kind: 'case', open: { merchantId, kind, subjectKind, bucket, subject: id, params } };
}

export const paymentCase = (
  kind: Extract<CaseKindName, `payment.${string}`>,
  attempt: Attempt,
  params: Readonly<Record<string, string | number>>,
): OrderEffect => caseOf(kind, 'payment_attempt', attempt, { serial_no: attempt.serialNo, ...params });

export const refundCase = (
  kind: Extract<CaseKindName, `refund.${string}`>,
  refund: Refund,
  params: Readonly<Record<string, string | number>>,
): OrderEffect => caseOf(kind, 'refund', refund, { refund_no: refund.refundNo, ...params });
