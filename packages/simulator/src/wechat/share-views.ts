import type { Fields } from '../input.ts';
import { spacedTime } from '../shanghai.ts';
import { isFinished, returnedOf } from './share-types.ts';
import type { SharePart, ShareRequest, ShareReturn } from './share-types.ts';
import type { Settings } from './settings.ts';
import { rfc3339 } from './times.ts';
import type { Order } from './types.ts';

/** What real answers show as the end of what has not ended. */
const notEnded = rfc3339(0);

function subMchid({ terms }: Order): Fields {
  return terms.subMchid === undefined ? {} : { sub_mchid: terms.subMchid };
}

/** Answer to a request and to a query. FINISHED says that nothing is on its way, not that everybody got his part. */
export function shareView(request: ShareRequest, settings: Settings): Fields {
  const shown = request.parts.filter((part) => settings.share_release_listed || !part.isRelease);
  return {
    ...subMchid(request.order),
    transaction_id: request.order.payment?.transactionId ?? '',
    out_order_no: request.outOrderNo,
    order_id: request.orderId,
    state: isFinished(request) ? 'FINISHED' : 'PROCESSING',
    receivers: shown.map((part) => partView(request, part)),
  };
}

function partView(request: ShareRequest, part: SharePart): Fields {
  return {
    amount: part.amountFen,
    description: part.description,
    type: part.type,
    account: part.account,
    result: part.result,
    ...(part.failReason === undefined ? {} : { fail_reason: part.failReason }),
    create_time: rfc3339(request.createdAt),
    finish_time: part.endedAt === undefined ? notEnded : rfc3339(part.endedAt),
    detail_id: part.detailId,
  };
}

export function shareReturnView(back: ShareReturn): Fields {
  return {
    ...subMchid(back.request.order),
    order_id: back.request.orderId,
    out_order_no: back.request.outOrderNo,
    out_return_no: back.outReturnNo,
    return_id: back.returnId,
    return_mchid: back.part.account,
    amount: back.amountFen,
    description: back.description,
    result: back.result,
    ...(back.failReason === undefined ? {} : { fail_reason: back.failReason }),
    create_time: rfc3339(back.createdAt),
    finish_time: back.endedAt === undefined ? notEnded : rfc3339(back.endedAt),
  };
}

const stateOf = { PENDING: 'pending', SUCCESS: 'succeeded', CLOSED: 'failed' } as const;
const returnStateOf = { PROCESSING: 'pending', SUCCESS: 'succeeded', FAILED: 'failed' } as const;

/** One request in the books, in the words that both simulators use. */
export function shareBooksView(request: ShareRequest) {
  const { order, parts } = request;
  const released = parts.filter((part) => part.isRelease && part.result === 'SUCCESS');
  return {
    share_no: request.outOrderNo,
    channel_no: request.orderId,
    payee: order.terms.payee,
    out_trade_no: order.terms.outTradeNo,
    trade_no: order.payment?.transactionId ?? '',
    state: isFinished(request) ? 'finished' : 'processing',
    parts: parts.filter((part) => !part.isRelease).map((part) => partBooksView(request, part)),
    released_fen: released.reduce((sum, { amountFen }) => sum + amountFen, 0),
    returns: request.returns.map(returnBooksView),
    created_at: spacedTime(request.createdAt),
  };
}

function partBooksView(request: ShareRequest, part: SharePart) {
  return {
    type: part.type,
    account: part.account,
    amount_fen: part.amountFen,
    state: stateOf[part.result],
    reason: part.failReason ?? null,
    channel_part_no: part.detailId,
    returned_fen: returnedOf(request, part, false),
  };
}

export function returnBooksView(back: ShareReturn) {
  return {
    return_no: back.outReturnNo,
    channel_no: back.returnId,
    account: back.part.account,
    amount_fen: back.amountFen,
    state: returnStateOf[back.result],
    reason: back.failReason ?? null,
    created_at: spacedTime(back.createdAt),
  };
}
