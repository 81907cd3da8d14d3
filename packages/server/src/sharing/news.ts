import { rfc3339 } from '../kernel/index.ts';
import type { CaseKindName } from '../cases/index.ts';
import type { EventType, EventValue } from '../notifications/index.ts';
import { orderStateOf } from '../payments/index.ts';
import type { Order, OrderEffect } from '../payments/index.ts';
import { sumOf } from './shared-order.ts';
import type { Share, SharePart, ShareReturn } from './share.ts';

type ShareEvent = Extract<EventType, `share.${string}`>;
type Data = Readonly<Record<string, EventValue>>;

function event(type: ShareEvent, order: Order, subject: string, data: Data): OrderEffect {
  const common = { order_no: order.orderNo, order_state: orderStateOf(order) };
  return { kind: 'event', event: { merchantId: order.merchantId, type, subject, data: { ...common, ...data } } };
}

/** What the shop hears when a request has ended, whatever its parts came to. */
export function shareEnded(order: Order, share: Share): OrderEffect {
  const { id, shopShareNo, paymentId, state, parts, releasesRest, endedAt } = share;
  const sumIn = (states: readonly SharePart['state'][]) => sumOf(parts.filter((part) => states.includes(part.state)));
  return event(state === 'failed' ? 'share.failed' : 'share.done', order, id, {
    ...{ share: id, share_no: shopShareNo, payment: paymentId, state, releases_rest: releasesRest },
    ...{ shared_minor: sumIn(['succeeded', 'late']), failed_minor: sumIn(['failed']) },
    currency: parts[0]?.amount.currency ?? order.due?.currency ?? '',
    ...(endedAt === undefined ? {} : { ended_at: rfc3339(endedAt) }),
    ...(share.why === '' ? {} : { why: share.why }),
  });
}

export const partFailed = (order: Order, share: Share, part: SharePart): OrderEffect =>
  event('share.part_failed', order, part.id, {
    ...{
      share: share.id,
      share_no: share.shopShareNo,
      part: part.id,
      part_no: part.partNo,
      receiver: part.receiver.id,
    },
    ...{ minor: part.amount.minor, currency: part.amount.currency, why: part.why },
  });

export function returnEnded(order: Order, back: ShareReturn): OrderEffect {
  const { id, shopReturnNo, shareId, partId, amount, state, why, endedAt } = back;
  return event(state === 'failed' ? 'share.return_failed' : 'share.returned', order, id, {
    ...{ return: id, return_no: shopReturnNo, share: shareId, part: partId, state },
    ...{ minor: amount.minor, currency: amount.currency },
    ...(endedAt === undefined ? {} : { ended_at: rfc3339(endedAt) }),
    ...(why === '' ? {} : { why }),
  });
}

type ShareCase = Extract<CaseKindName, `share.${string}`>;
type Params = Readonly<Record<string, string | number>>;

export const shareCase = (kind: ShareCase, share: Share, params: Params): OrderEffect =>
  caseOf(kind, 'share', share, { share_no: share.shopShareNo, channel_share_no: share.shareNo, ...params });

export const returnCase = (kind: ShareCase, back: ShareReturn, params: Params): OrderEffect =>
  caseOf(kind, 'share_return', back, { return_no: back.shopReturnNo, channel_return_no: back.returnNo, ...params });

function caseOf(kind: ShareCase, subjectKind: string, about: Share | ShareReturn, params: Params): OrderEffect {
  const { merchantId, bucket, id: subject } = about;
  return { kind: 'case', open: { merchantId, kind, subjectKind, bucket, subject, params } };
}
