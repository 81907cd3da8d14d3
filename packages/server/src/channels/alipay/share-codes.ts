/**
 * Codes that prove that nothing was shared under a number (error table of alipay.trade.order.settle, as the official PHP SDK enumerates it,
 * 2025-12-16). In the synchronous mode one bad receiver refuses all of them, and a number that was taken before is answered as before, so these
 * speak of the number.
 *
 * Not listed on purpose, so doubt: SYSTEM_ERROR, FREQUENCY_LIMITED; what says that something exists under this number (DUP_OUT_REQUEST_NO,
 * DISCORDANT_REPEAT_REQUEST); states of the trade that an earlier call may have brought about or that pass (TRADE_STATUS_ERROR,
 * REASON_TRADE_STATUS_INVALID, ILLEGAL_SETTLE_STATE, TRADE_SETTLE_ERROR, ALREADY_FINISH_ALLOC, ALLOC_REFUSE_BEFORE_SETTLE,
 * ALLOC_REFUSE_AFTER_REFUND); and codes of products that we do not offer. People end what stays open so.
 */
export const settleRefusals: ReadonlyMap<string, string> = new Map([
  ['ACQ.INVALID_PARAMETER', 'a parameter has a wrong form'],
  ['ACQ.ACCESS_FORBIDDEN', 'sharing is not signed for'],
  ['ACQ.NOT_SUPPORT_ROYALTY', 'this trade cannot be shared'],
  ['ACQ.UN_SUPPORT_BIZ_TYPE', 'this trade cannot be shared'],
  ['ACQ.SETTLE_SCENE_NOT_SUPPORT', 'this scene cannot be shared'],
  ['ACQ.PARTNER_ERROR', 'the application or its merchant is not valid'],
  ['ACQ.TRADE_NOT_EXIST', 'there is no such trade'],
  ['ACQ.USER_LOGONID_DUP', 'the login names more than one account'],
  ['ACQ.ROYALTY_RECEIVER_INVALID', 'the receiver is not bound, or not valid'],
  ['ACQ.ROYALTY_ACCOUNT_NOT_EXIST', 'there is no such receiver'],
  ['ACQ.ROYALTY_ACCOUNT_INVALID', 'the account of the receiver is not valid'],
  ['ACQ.ROYALTY_ACCOUNT_NAME_NOT_MATCH', 'the receiver has another name'],
  ['ACQ.ROYALTY_ACCOUNTS_EQUAL', 'receiver and payer of the part are the same'],
  ['ACQ.ROYALTY_RECEIVER_ACCOUNT_NOT_EXIST', 'there is no such receiver'],
  ['ACQ.ROYALTY_RECEIVER_ACCOUNT_NOT_CERTIFY', 'the receiver has not proved who he is'],
  ['ACQ.ROYALTY_RECEIVER_ACCOUNT_NO_BALANCE', 'the receiver has no balance account'],
  ['ACQ.ROYALTY_PAYER_ACCOUNT_NOT_EXIST', 'there is no such merchant'],
  ['ACQ.ROYALTY_PAYER_ACCOUNT_NOT_CERTIFY', 'the merchant has not proved who he is'],
  ['ACQ.SETTLE_TO_CARD_NOT_SUPPORT', 'parts cannot go to a card'],
  ['ACQ.ALLOC_AMOUNT_VALIDATE_ERROR', 'more than may be shared of this trade'],
  ['ACQ.TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH', 'less is left of the payment than is to be shared'],
]);

/** Of a trade that was released before, whoever asked for it. */
export const releasedAlready = 'ACQ.ALREADY_FINISH_ALLOC';

/** Of binding: error tables of alipay.trade.royalty.relation.bind and .unbind. It moves nothing: what is refused may be asked for again. */
export const relationRefusals: ReadonlyMap<string, string> = new Map([
  ['INVALID_PARAMETER', 'a parameter has a wrong form'],
  ['PRODUCT_UNSIGN', 'sharing is not signed for'],
  ['RELATION_QUANTITY_LIMIT', 'the merchant has as many receivers as he may have'],
  ['USER_NOT_EXIST', 'there is no such receiver'],
  ['USERNAME_NOT_MATCH', 'the receiver has another name'],
  ['INVALID_RECEIVER_TYPE', 'the channel knows no such kind of receiver'],
  ['OPENID_APPID_NOT_MATCH', 'the open id belongs to another application'],
  ['RECEIVER_LIST_EMPTY', 'no receiver is named'],
  ['RECEIVER_ACCOUNT_NOT_CERTIFY', 'the receiver has not proved who he is'],
  ['RECEIVER_ACCOUNT_NO_BALANCE', 'the receiver has no balance account'],
  ['RECEIVER_ACCOUNT_STATE_INVALID', 'the account of the receiver cannot be used'],
]);
