import { spacedTime } from '../../shanghai.ts';
import { isFinished } from './royalty-types.ts';
import type { RoyaltyRequest } from './royalty-types.ts';
import type { Trade } from './types.ts';

const stateOf = { PROCESSING: 'pending', SUCCESS: 'succeeded', FAIL: 'failed' } as const;

/** One request in the books, in the words that both simulators use. */
export function shareBooksView(request: RoyaltyRequest) {
  const { trade } = request;
  return {
    share_no: request.requestNo,
    channel_no: request.settleNo,
    payee: trade.terms.sellerId,
    out_trade_no: trade.terms.outTradeNo,
    trade_no: trade.tradeNo,
    state: isFinished(request) ? 'finished' : 'processing',
    parts: request.parts.map((part) => ({
      type: part.type,
      account: part.account,
      amount_fen: part.amountFen,
      state: stateOf[part.state],
      reason: part.errorCode ?? null,
      channel_part_no: part.detailId,
      returned_fen: part.returnedFen,
    })),
    released_fen: request.releasedFen,
    returns: request.backs.map((back) => ({
      return_no: back.refundNo,
      channel_no: back.detailId,
      account: back.part.account,
      amount_fen: back.amountFen,
      state: 'succeeded',
      reason: null,
      created_at: spacedTime(back.at),
    })),
    created_at: spacedTime(request.createdAt),
  };
}

/** Of a trade that froze money or was shared. */
export function holdView({ royalty }: Trade, requests: readonly RoyaltyRequest[]) {
  if (!royalty.isFrozen && requests.length === 0) return null;
  const endedAt = royalty.finishedAt ?? royalty.releasedAt;
  const backs = requests.flatMap((request) => request.backs);
  return {
    held_fen: royalty.heldFen,
    pending_fen: royalty.reservedFen,
    shared_fen: royalty.sharedFen,
    returned_fen: backs.reduce((sum, { amountFen }) => sum + amountFen, 0),
    ended_at: endedAt === undefined ? null : spacedTime(endedAt),
  };
}
