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

/**
 * Of a payer's code (version 2, document of micropay): refused for good. Not listed, so doubt that asking ends: SYSTEMERROR, BANKERROR, whatever is
 * new; ORDERPAID, ORDERCLOSED, ORDERREVERSED, OUT_TRADE_NO_USED and INVALID_REQUEST, which may say that something exists under this number.
 */
export const codeRefusals: ReadonlyMap<string, string> = new Map([
  ['PARAM_ERROR', 'a parameter is wrong'],
  ['NOAUTH', 'the merchant has no permission for code payments'],
  ['AUTHCODEEXPIRE', 'the code has expired: the payer shows a new one'],
  ['NOTENOUGH', 'the payer has too little money'],
  ['NOTSUPORTCARD', 'the card cannot be used for this'],
  ['AUTH_CODE_ERROR', 'the code is wrong'],
  ['AUTH_CODE_INVALID', 'this is no payment code of WeChat'],
  ['XML_FORMAT_ERROR', 'the request could not be read'],
  ['REQUIRE_POST_METHOD', 'the request could not be read'],
  ['SIGNERROR', 'the request was not signed as the merchant platform knows it'],
  ['LACK_PARAMS', 'a parameter is missing'],
  ['NOT_UTF8', 'the request could not be read'],
  ['BUYER_MISMATCH', 'another payer began to pay this number'],
  ['APPID_NOT_EXIST', 'there is no such application'],
  ['MCHID_NOT_EXIST', 'there is no such merchant number'],
  ['TRADE_ERROR', 'the trade was refused'],
  ['APPID_MCHID_NOT_MATCH', 'application and merchant number are not bound to each other'],
]);

/** Of a reversal: it will not be reversed any more, so ask what it is. */
export const reverseRefusals: ReadonlyMap<string, string> = new Map([
  ['REVERSE_EXPIRE', 'older than seven days: it cannot be reversed'],
]);

/** Version 2: of an order that is asked about or reversed. */
export const orderUnknownV2 = 'ORDERNOTEXIST';

/**
 * Of a declaration or push (customs documents, both versions): nothing was taken. Not listed, so doubt: SYSTEMERROR; 132021028, whose meaning is not
 * published; 35311004, "submitted, check whether it took effect"; INVALID_REQUEST, which another content or state than the channel's is answered with.
 */
export const declareRefusals: ReadonlyMap<string, string> = new Map([
  ['132011004', 'fees without a child order number'],
  ['MCHID_NOT_SET', 'the merchant number is missing'],
  ['MCHID_INVALID_LENGTH', 'the merchant number has a wrong length'],
  ['CUSTOMSCONFIG_NOT_SET', 'the merchant did not enter this customs place on the merchant platform'],
  ['FEETYPE_NOT_SET', 'the currency is missing'],
  ['OUTTRADENO_NOT_SET', 'the number of the order is missing'],
  ['TRANSACTION_ID_NOT_SET', 'the number of the transaction is missing'],
  ['INVALID_TRANSACTION_ID', 'there is no such transaction'],
  ['CUSTOMS_NOT_SET', 'the customs place is missing'],
  ['CHCUSTOMSNO_NOT_SET', 'the registration at customs is missing'],
  ['INVALID_MCHCUSTOMSNO', 'the registration at customs is wrong'],
  ['PAYFEE_NOT_MATCH', 'the fees do not fit each other or the payment'],
  ['INVALID_SUBORDER_NO', 'the child order number is wrong'],
  ['APPID_NOT_EXIST', 'there is no such application'],
  ['MCHID_NOT_EXIST', 'there is no such merchant number'],
  ['AUTHORITY_NOT_FOUND', 'the merchant has no permission to declare'],
  ['NO_AUTH', 'the merchant has no permission to declare'],
]);

/** The same behind HTTP status 400, and what every door of APIv3 refuses with. */
export const declareRefusalsV3: ReadonlyMap<string, string> = new Map([
  ...[...declareRefusals].map(([code, text]) => [`400 ${code}`, text] as const),
  ...[...orderRefusals].filter(([code]) => !code.endsWith(' RULE_LIMIT')),
]);

/** Of an order that is asked about or closed: no order was ever made under this number, or none yet. */
export const orderUnknown = '404 ORDER_NOT_EXIST';

/** The purse is empty: top up, and the same request again. Every other refusal of a refund is doubt until it has been asked about. */
export const refundFundsShort = 'NOT_ENOUGH';
export const refundRefusals: ReadonlyMap<string, string> = new Map([
  [`403 ${refundFundsShort}`, 'the balance that refunds are taken from is too low'],
]);

/** Of a bill that is asked for: not made yet, and nothing that day. */
export const statementNotReady = '400 STATEMENT_CREATING';
export const statementEmpty = '400 NO_STATEMENT_EXIST';
/** No bill comes until somebody changes something. Not listed, so asked again: whatever else. */
export const statementRefusals: ReadonlyMap<string, string> = new Map([
  ['400 PARAM_ERROR', 'a parameter is wrong'],
  ['400 INVALID_REQUEST', 'the day is too far back, or the question does not fit'],
  ['401 SIGN_ERROR', 'the request was not signed as the merchant platform knows it'],
  ['403 NO_AUTH', 'the merchant has no permission for this bill'],
]);
