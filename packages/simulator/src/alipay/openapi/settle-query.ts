import type { Fields } from '../../input.ts';
import { yuanOf } from '../../money.ts';
import { spacedTime } from '../../shanghai.ts';
import type { MethodCall, MethodResult } from './method-call.ts';
import { failure, success } from './results.ts';
import type { RoyaltyBack, RoyaltyPart, RoyaltyRequest } from './royalty-types.ts';
import { word } from './terms.ts';

/** By Alipay's number, or by the merchant's together with the trade. */
export function querySettle({ register, app, call }: MethodCall): MethodResult {
  const [settleNo, requestNo] = [word(call.biz, 'settle_no'), word(call.biz, 'out_request_no')];
  const tradeNo = word(call.biz, 'trade_no');
  if (settleNo === undefined && (requestNo === undefined || tradeNo === undefined)) return failure('INVALID_PARAMETER');
  const { royalties } = register;
  const request =
    settleNo === undefined
      ? royalties.requestOf(app.sellerId, requestNo ?? '')
      : royalties.bySettleNo(app.sellerId, settleNo);
  if (!request || (settleNo === undefined && request.trade.tradeNo !== tradeNo)) return failure('TRADE_NOT_EXIST');
  return success({
    out_request_no: request.requestNo,
    operation_dt: spacedTime(request.createdAt),
    royalty_detail_list: [
      ...request.parts.map((part) => partDetail(request, part)),
      ...request.backs.map((back) => backDetail(request, back)),
    ],
  });
}

function partDetail({ trade }: RoyaltyRequest, part: RoyaltyPart): Fields {
  return {
    operation_type: 'transfer',
    ...(part.executedAt === undefined ? {} : { execute_dt: spacedTime(part.executedAt) }),
    trans_out: trade.terms.sellerId,
    trans_out_type: 'userId',
    trans_in: part.account,
    trans_in_type: part.type,
    amount: yuanOf(part.amountFen),
    state: part.state,
    detail_id: part.detailId,
    ...(part.errorCode === undefined ? {} : { error_code: part.errorCode, error_desc: part.errorCode }),
  };
}

function backDetail({ trade }: RoyaltyRequest, { part, amountFen, detailId, at }: RoyaltyBack): Fields {
  return {
    operation_type: 'transfer_refund',
    execute_dt: spacedTime(at),
    trans_out: part.account,
    trans_out_type: part.type,
    trans_in: trade.terms.sellerId,
    trans_in_type: 'userId',
    amount: yuanOf(amountFen),
    state: 'SUCCESS',
    detail_id: detailId,
  };
}

/** What can still be shared: what is frozen, or what of a trade that froze nothing was not shared yet. */
export function queryUnsettled({ register, app, call }: MethodCall): MethodResult {
  const tradeNo = word(call.biz, 'trade_no');
  if (tradeNo === undefined) return failure('INVALID_PARAMETER');
  const trade = register.trades.get(tradeNo);
  if (trade?.terms.sellerId !== app.sellerId) return failure('TRADE_NOT_EXIST');
  if (trade.paidAt === undefined) return failure('TRADE_STATUS_ERROR');
  const { royalty } = trade;
  const rest = trade.amountFen - trade.feeFen - trade.refundedFen + trade.feeReturnedFen - royalty.sharedFen;
  const open = royalty.isFrozen ? royalty.heldFen - royalty.reservedFen : rest;
  return success({ unsettled_amount: yuanOf(royalty.finishedAt === undefined ? Math.max(0, open) : 0) });
}
