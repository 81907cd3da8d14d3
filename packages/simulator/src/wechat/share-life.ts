import { wordOr } from '../input.ts';
import { playedOf } from './faults.ts';
import type { Hit } from './faults.ts';
import type { Rooms } from './rooms.ts';
import { tellReturned, tellShared } from './share-telling.ts';
import type { SharePart, ShareRequest, ShareReturn } from './share-types.ts';
import type { Order, Purse } from './types.ts';

/** Why a part is closed or a return fails; `undefined` = the money moves. */
export type Verdict = string | undefined;

/** The receivers get their parts, or not, a while from now. */
export function workOn(rooms: Rooms, request: ShareRequest, hits: readonly Hit[], at: number): void {
  const stuck = playedOf(hits, 'share_stays_processing');
  const closed = playedOf(hits, 'share_receiver_closed');
  const { register, sharing } = rooms;
  const concerns = (params: Readonly<Record<string, unknown>>, { account }: SharePart): boolean =>
    params['account'] === undefined || params['account'] === account;
  register.agenda.add(at + register.settings.share_ms, (due) => {
    for (const part of request.parts) {
      if (stuck && concerns(stuck, part)) continue;
      const isClosed = closed !== undefined && !part.isRelease && concerns(closed, part);
      const isKnown = part.isRelease || sharing.isRelated(request.order.terms.payee, part.type, part.account);
      const why = isClosed ? wordOr(closed, 'reason', 'ACCOUNT_ABNORMAL') : isKnown ? undefined : 'NO_RELATION';
      settlePart(rooms, request, part, why, due);
    }
  });
}

/** Once: what has ended stays as it is. */
export function settlePart(rooms: Rooms, request: ShareRequest, part: SharePart, why: Verdict, at: number): void {
  const { register, sharing } = rooms;
  const { order } = request;
  const { hold } = order;
  if (!hold || part.result !== 'PENDING') return;
  register.revision += 1;
  hold.reservedFen -= part.amountFen;
  part.endedAt = at;
  part.result = why === undefined ? 'SUCCESS' : 'CLOSED';
  part.failReason = why;
  if (why !== undefined) {
    hold.sharedFen -= part.amountFen;
    // After the release nothing is kept any more: what a receiver did not get is the merchant's.
    if (hold.endedAt !== undefined) register.changeHeld(order, hold, -part.amountFen);
    return;
  }
  register.changeHeld(order, hold, -part.amountFen);
  if (part.isRelease) return;
  moveBetween(rooms, order, part, { fen: part.amountFen, voucherNo: part.detailId, type: '分账' }, at);
  sharing.record({ at, request, part, back: undefined });
  tellShared(rooms, request, part, at);
}

type Move = { readonly fen: number; readonly voucherNo: string; readonly type: '分账' | '分账回退' };

/** From the merchant to a receiver, or back. What persons have is in no book. */
function moveBetween(rooms: Rooms, order: Order, part: SharePart, { fen, voucherNo, type }: Move, at: number): void {
  const { register } = rooms;
  const sign = type === '分账' ? -1 : 1;
  const businessNo = order.payment?.transactionId ?? '';
  const common = { at, businessNo, voucherNo, name: '分账', type, remark: part.description };
  const purse = register.purseOf(register.merchantOf(order));
  register.ledger.move({ ...common, payee: order.terms.payee, purse, fen: sign * fen });
  if (part.type !== 'MERCHANT_ID') return;
  const theirs = purseOfReceiver(rooms, part.account);
  register.ledger.move({ ...common, payee: part.account, purse: theirs, fen: -sign * fen });
}

function purseOfReceiver({ register }: Rooms, account: string): Purse {
  const merchant = register.merchants.get(account);
  return merchant ? register.purseOf(merchant) : 'BASIC';
}

/** Returns are answered in real time, unless they are made to take a while. */
export function workOnReturn(rooms: Rooms, back: ShareReturn, hits: readonly Hit[], at: number): void {
  if (playedOf(hits, 'share_return_stays_processing')) return;
  const fails = playedOf(hits, 'share_return_fails');
  const settle = (due: number) =>
    settleReturn(rooms, back, fails ? wordOr(fails, 'reason', 'PAYER_ACCOUNT_ABNORMAL') : undefined, due);
  const { share_return_ms: ms } = rooms.register.settings;
  if (ms === 0) settle(at);
  else rooms.register.agenda.add(at + ms, settle);
}

/** Once. Without money at the receiver it fails, and nothing has moved. */
export function settleReturn(rooms: Rooms, back: ShareReturn, failure: Verdict, at: number): void {
  const { register, sharing } = rooms;
  const { request, part, amountFen } = back;
  const { hold } = request.order;
  if (!hold || back.result !== 'PROCESSING') return;
  register.revision += 1;
  const theirs = register.ledger.balanceOf(part.account, purseOfReceiver(rooms, part.account));
  const why = failure ?? (theirs < amountFen ? 'BALANCE_NOT_ENOUGH' : undefined);
  back.endedAt = at;
  back.result = why === undefined ? 'SUCCESS' : 'FAILED';
  back.failReason = why;
  if (why !== undefined) return;
  hold.returnedFen += amountFen;
  moveBetween(rooms, request.order, part, { fen: amountFen, voucherNo: back.returnId, type: '分账回退' }, at);
  sharing.record({ at, request, part, back });
  tellReturned(rooms, back, at);
}
