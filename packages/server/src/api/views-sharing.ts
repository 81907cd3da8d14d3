import { Type } from 'typebox';
import { leftOf } from '../sharing/index.ts';
import type { Receiver, Share, SharedOrder, ShareReturn } from '../sharing/index.ts';

const Moment = Type.String({ format: 'date-time', description: 'RFC 3339 with offset' });
const Minor = Type.Integer({ description: 'Minor units of the currency (fen for CNY)' });
const text = Type.String();
const Optional = Type.Optional;

const PartView = Type.Object({
  ...{ id: text, part_no: text, receiver: text, state: text, amount_minor: Minor, currency: text, reason: text },
  left_minor: Type.Integer({ description: 'What the receiver has of it and was not asked to give back' }),
  ...{ why: text, channel_part_no: Optional(text), ended_at: Optional(Moment) },
});

export const ShareView = Type.Object({
  ...{ id: text, share_no: text, channel_share_no: text, order_no: text, payment_id: text, state: text },
  ...{ releases_rest: Type.Boolean(), reason: text, why: text, due_at: Moment, parts: Type.Array(PartView) },
  ...{ created_at: Moment, ended_at: Optional(Moment) },
});

export const ShareReturnView = Type.Object({
  ...{ id: text, return_no: text, channel_return_no: text, share_id: text, part_id: text, state: text },
  ...{ amount_minor: Minor, currency: text, reason: text, why: text, created_at: Moment, ended_at: Optional(Moment) },
});

export const SharedOrderView = Type.Object({
  ...{ order_no: text, shared_minor: Minor, shares: Type.Array(ShareView), returns: Type.Array(ShareReturnView) },
});

export const ReceiverView = Type.Object({
  ...{ id: text, account_id: text, kind: text, account_masked: text, name_masked: Optional(text) },
  ...{ relation: Optional(text), state: text, why: text, approval_id: Optional(text), digest: Optional(text) },
  created_at: Moment,
});

export function shareView(shared: SharedOrder, share: Share) {
  const { id, shopShareNo, shareNo, paymentId, state, releasesRest, reason, why, dueAt, createdAt, endedAt } = share;
  return {
    ...{ id, shareNo: shopShareNo, channelShareNo: shareNo, orderNo: shared.order.orderNo, paymentId, state },
    ...{ releasesRest, reason, why, dueAt, createdAt, endedAt },
    parts: share.parts.map((part) => {
      const { amount, channelPartNo } = part;
      return {
        ...{ id: part.id, partNo: part.partNo, receiver: part.receiver.id, state: part.state, reason: part.reason },
        ...{ amountMinor: amount.minor, currency: amount.currency, leftMinor: leftOf(shared, part) },
        ...{ why: part.why, channelPartNo, endedAt: part.endedAt },
      };
    }),
  };
}

export function shareReturnView(back: ShareReturn) {
  const { id, shopReturnNo, returnNo, shareId, partId, state, amount, reason, why, createdAt, endedAt } = back;
  return {
    ...{ id, returnNo: shopReturnNo, channelReturnNo: returnNo, shareId, partId, state, reason, why },
    ...{ amountMinor: amount.minor, currency: amount.currency, createdAt, endedAt },
  };
}

export const sharedOrderView = (shared: SharedOrder) => ({
  orderNo: shared.order.orderNo,
  sharedMinor: shared.order.attempts.reduce((sum, { sharedMinor }) => sum + sharedMinor, 0n),
  shares: shared.shares.map((share) => shareView(shared, share)),
  returns: shared.returns.map(shareReturnView),
});

export function receiverView(receiver: Receiver) {
  const { id, accountId, kind, accountMasked, nameMasked, relation, state, why, approvalId, createdAt } = receiver;
  return { id, accountId, kind, accountMasked, nameMasked, relation, state, why, approvalId, createdAt };
}
