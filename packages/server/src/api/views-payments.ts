import { Type } from 'typebox';
import type { HandOut } from '../channels/contract/index.ts';
import { orderStateOf, sumsOf } from '../payments/index.ts';
import type { Attempt, Order, Payment, Refund, Surplus } from '../payments/index.ts';

const Moment = Type.String({ format: 'date-time', description: 'RFC 3339 with offset' });
const Minor = Type.Integer({ description: 'Minor units of the currency (fen for CNY)' });
const text = Type.String();
const Optional = Type.Optional;

const HandOutView = Type.Object(
  { kind: text, url: Optional(text), text: Optional(text), trade_no: Optional(text), lives_until: Optional(Moment) },
  {
    description: 'url: open it in a browser; sdk: give it to the app; code: draw it; trade: open it inside the wallet',
  },
);

const AttemptView = Type.Object({
  ...{ id: text, serial_no: text, payment_id: text, account_id: text, channel: text, product: text, state: text },
  ...{ amount_minor: Minor, currency: text, deadline_at: Moment, channel_trade_no: Optional(text) },
  ...{ received_minor: Minor, fee_minor: Minor, paid_at: Optional(Moment), payer: Optional(text), why: text },
  ...{ created_at: Moment, hand_out: Optional(HandOutView) },
});
const PaymentView = Type.Object({
  ...{ id: text, state: text, origin: text, expires_at: Optional(Moment), closing_cause: Optional(text) },
  ...{ settled_by: Optional(text), paid_at: Optional(Moment), created_at: Moment },
});
const SurplusView = Type.Object({
  ...{ id: text, payment_id: text, attempt_id: text, why: text, state: text, amount_minor: Minor, currency: text },
  ...{ act_at: Optional(Moment), refund_id: Optional(text), created_at: Moment },
});
export const RefundView = Type.Object({
  ...{ id: text, refund_no: text, channel_refund_no: text, payment_id: text, state: text, origin: text },
  ...{ amount_minor: Minor, currency: text, fee_back_minor: Minor, fee_rule: text, reason: text, why: text },
  ...{ approval_id: Optional(text), refunded_at: Optional(Moment), created_at: Moment },
});

export const OrderView = Type.Object({
  ...{ merchant_id: text, order_no: text, state: text, due_minor: Optional(Minor), currency: Optional(text) },
  ...{ received_minor: Minor, refunded_minor: Minor, surplus_held_minor: Minor, surplus_returned_minor: Minor },
  ...{ payments: Type.Array(PaymentView), attempts: Type.Array(AttemptView) },
  ...{ surplus_receipts: Type.Array(SurplusView), refunds: Type.Array(RefundView) },
  /** The attempt that this request began or found; on reading, the one that can be paid now. */
  attempt: Optional(AttemptView),
});

export function orderView(order: Order, attempt: Attempt | undefined, handOut: HandOut | undefined) {
  const { received, refunded, surplusHeld, surplusReturned } = sumsOf(order);
  return {
    ...{ merchantId: order.merchantId, orderNo: order.orderNo, state: orderStateOf(order) },
    ...{ dueMinor: order.due?.minor, currency: order.due?.currency, receivedMinor: received, refundedMinor: refunded },
    ...{ surplusHeldMinor: surplusHeld, surplusReturnedMinor: surplusReturned },
    payments: order.payments.map(paymentView),
    attempts: order.attempts.map((one) => attemptView(one)),
    surplusReceipts: order.surplus.map(surplusView),
    refunds: order.refunds.map(refundView),
    ...(attempt ? { attempt: attemptView(attempt, handOut) } : {}),
  };
}

function paymentView({ id, state, origin, expiresAt, closingCause, settledBy, paidAt, createdAt }: Payment) {
  return { id, state, origin, expiresAt, closingCause, settledBy, paidAt, createdAt };
}

function attemptView(attempt: Attempt, handOut?: HandOut) {
  const { id, serialNo, paymentId, accountId, channel, product, state, amount, deadlineAt, tradeNo } = attempt;
  const { receivedMinor, feeMinor, paidAt, payer, why, createdAt } = attempt;
  return {
    ...{ id, serialNo, paymentId, accountId, channel, product, state, deadlineAt, channelTradeNo: tradeNo },
    ...{ amountMinor: amount.minor, currency: amount.currency, receivedMinor, feeMinor, paidAt, payer, why, createdAt },
    ...(handOut ? { handOut } : {}),
  };
}

function surplusView({ id, paymentId, attemptId, why, state, amount, actAt, refundId, createdAt }: Surplus) {
  const { minor, currency } = amount;
  return { id, paymentId, attemptId, why, state, amountMinor: minor, currency, actAt, refundId, createdAt };
}

export function refundView(refund: Refund) {
  const { id, shopRefundNo, refundNo, paymentId, state, origin, amount, feeBackMinor, feeRule, reason, why } = refund;
  return {
    ...{ id, refundNo: shopRefundNo, channelRefundNo: refundNo, paymentId, state, origin, feeBackMinor, feeRule },
    ...{ amountMinor: amount.minor, currency: amount.currency, reason, why, approvalId: refund.approvalId },
    ...{ refundedAt: refund.refundedAt, createdAt: refund.createdAt },
  };
}
