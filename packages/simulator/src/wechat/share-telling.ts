import type { Fields } from '../input.ts';
import type { NoticeEvent } from './notices.ts';
import type { Rooms } from './rooms.ts';
import type { SharePart, ShareRequest, ShareReturn } from './share-types.ts';
import { rfc3339 } from './times.ts';

// Callbacks: WeChat Pay merchant document "notice of profit sharing": merchants that receive are told, persons and the sharer are not.

export function tellShared(rooms: Rooms, request: ShareRequest, part: SharePart, at: number): void {
  const receiver = { type: part.type, account: part.account, amount: part.amountFen, description: part.description };
  const numbers = { order_id: request.orderId, out_order_no: request.outOrderNo };
  tell(rooms, 'shared', request, part, { ...numbers, receiver }, at);
}

/** The merchant that gives back is told; who gets the money then is who shared it. */
export function tellReturned(rooms: Rooms, back: ShareReturn, at: number): void {
  const { request, part, amountFen, description } = back;
  const account = request.order.terms.payee;
  const receiver = { type: 'MERCHANT_ID', account, amount: amountFen, description };
  const numbers = { order_id: back.returnId, out_order_no: back.outReturnNo };
  tell(rooms, 'share_returned', request, part, { ...numbers, receiver }, at);
}

/** Sealed with the receiver's key, so the receiver must be a merchant of this simulator and have an address. */
function tell(
  { register, sharing }: Rooms,
  event: NoticeEvent,
  request: ShareRequest,
  part: SharePart,
  content: Fields,
  at: number,
): void {
  const url = sharing.parties.get(part.account)?.notifyUrl;
  const theirs = register.merchants.get(part.account);
  if (part.type !== 'MERCHANT_ID' || url === undefined || !theirs?.apiV3Key) return;
  const { terms, payment } = request.order;
  const transactionId = payment?.transactionId ?? '';
  const numbers = { mchid: theirs.mchid, outTradeNo: terms.outTradeNo, transactionId, outRefundNo: undefined };
  const shares = { outOrderNo: request.outOrderNo, outReturnNo: undefined };
  const hits = register.play({ api: 'notify', version: 'v3', ...numbers, ...shares, event });
  const parties =
    terms.subMchid === undefined ? { mchid: terms.payee } : { sp_mchid: terms.mchid, sub_mchid: terms.subMchid };
  const plain = { ...parties, transaction_id: transactionId, ...content, success_time: rfc3339(at) };
  const input = { event, url, ...numbers, content: { version: 'v3', plain } } as const;
  register.beforeAnswer.push(...register.notices.write(input, hits, at));
}
