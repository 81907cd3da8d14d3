import { wordOr } from '../../input.ts';
import type { OpenApiHit } from './faults.ts';
import type { Register } from './register.ts';
import type { RoyaltyPart, RoyaltyRequest } from './royalty-types.ts';
import type { SettleAsked } from './settle-asking.ts';

/** The receivers get their parts, each for himself, or not, a while from now. */
export function workOn(
  register: Register,
  request: RoyaltyRequest,
  finish: SettleAsked['finish'],
  hits: readonly OpenApiHit[],
  at: number,
): void {
  const played = (fault: OpenApiHit['fault']) => hits.find((hit) => hit.fault === fault)?.params;
  const [stuck, closed] = [played('share_stays_processing'), played('share_receiver_closed')];
  const { sellerId } = request.trade.terms;
  register.agenda.add(at + register.settings().royalty_ms, (due) => {
    for (const part of request.parts) {
      if (stuck && (stuck['account'] ?? part.account) === part.account) continue;
      const isClosed = closed !== undefined && (closed['account'] ?? part.account) === part.account;
      const isBound = register.royalties.isBound(sellerId, part);
      const word = isClosed ? wordOr(closed, 'reason', 'ROYALTY_RECEIVER_ACCOUNT_NOT_CERTIFY') : undefined;
      executePart(register, request, part, word ?? (isBound ? undefined : 'ROYALTY_RECEIVER_INVALID'), due);
    }
    finishRequest(register, request, finish, due);
  });
}

/** Once: what has ended stays as it is. `why`: it failed, and nothing has moved. */
export function executePart(
  register: Register,
  request: RoyaltyRequest,
  part: RoyaltyPart,
  why: string | undefined,
  at: number,
): void {
  if (part.state !== 'PROCESSING') return;
  register.revision += 1;
  const { trade } = request;
  const { royalty } = trade;
  const isShort = !part.isFrozen && register.freeOf(trade.terms.sellerId) < part.amountFen;
  const word = why ?? (isShort ? 'TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH' : undefined);
  part.executedAt = at;
  part.state = word === undefined ? 'SUCCESS' : 'FAIL';
  part.errorCode = word;
  if (part.isFrozen) royalty.reservedFen -= part.amountFen;
  // After the release nothing is frozen any more: what a receiver did not get is the seller's.
  if (part.isFrozen && (word === undefined || royalty.releasedAt !== undefined))
    register.changeHeld(trade, -part.amountFen);
  if (word !== undefined) {
    royalty.sharedFen -= part.amountFen;
    return;
  }
  register.royalties.give(part.account, part.amountFen);
  register.moveRoyalty(trade, -part.amountFen, at, request.requestNo);
}

export function finishRequest(
  register: Register,
  request: RoyaltyRequest,
  finish: SettleAsked['finish'],
  at: number,
): void {
  if (finish) request.releasedFen += register.release(request.trade, finish.amountFen, at);
}
