/**
 * Answers that prove that this call did nothing and that no earlier one with the same number can have: HTTP status and code together, from the
 * error tables of the APIv3 documents for ordering and closing. Maps, never object literals: a literal also "contains" toString.
 *
 * Not listed on purpose, so doubt: 429 and 5xx, which may have been taken; what says that something exists under this number or existed
 * (INVALID_REQUEST, OUT_TRADE_NO_USED, ORDERPAID, ORDER_CLOSED, ALREADY_EXISTS, TRADE_ERROR).
 */
export const orderRefusals: ReadonlyMap<string, string> = new Map([
  ['400 PARAM_ERROR', 'a parameter is wrong'],
  ['400 APPID_MCHID_NOT_MATCH', 'application and merchant number are not bound to each other'],
  ['400 MCH_NOT_EXISTS', 'there is no such merchant number'],
  ['401 SIGN_ERROR', 'the request was not signed as the merchant platform knows it'],
  ['403 NO_AUTH', 'the merchant has no permission for this product'],
  ['403 RULE_LIMIT', 'a rule of the channel forbids it'],
]);

export const closeRefusals: ReadonlyMap<string, string> = new Map([
  ['400 ORDERPAID', 'the order is paid'],
  ['403 TRADE_ERROR', 'the order is paid, or in no state to be closed'],
]);

/** Of an order that is asked about or closed: no order was ever made under this number, or none yet. */
export const orderUnknown = '404 ORDER_NOT_EXIST';

/** The purse is empty: top up, and the same request again. Every other refusal of a refund is doubt until it has been asked about. */
export const refundFundsShort = 'NOT_ENOUGH';
export const refundRefusals: ReadonlyMap<string, string> = new Map([
  [`403 ${refundFundsShort}`, 'the balance that refunds are taken from is too low'],
]);
