/**
 * Codes that prove that the call was not executed, per operation. Maps, never object literals: a literal also "contains"
 * toString. Not listed on purpose: SYSTEM_ERROR and SESSION_TIMEOUT (unknown outcome), and ILLEGAL_TARGET_SERVICE,
 * ILLEGAL_ACCESS_SWITCH_SYSTEM, EXTERFACE_IS_CLOSED, which no public document explains.
 */
type CodeTexts = ReadonlyMap<string, string>;

/** `error` of an answer with is_success = F ("System error codes", Alipay cross-border integration documents). */
export const systemErrors: CodeTexts = new Map([
  ['ILLEGAL_SIGN', 'the signature is wrong'],
  ['ILLEGAL_DYN_MD5_KEY', 'the dynamic key is wrong'],
  ['ILLEGAL_ENCRYPT', 'the encryption is wrong'],
  ['ILLEGAL_ARGUMENT', 'a parameter is wrong'],
  ['ILLEGAL_SERVICE', 'the service name is wrong'],
  ['ILLEGAL_USER', 'the user id is wrong'],
  ['ILLEGAL_PARTNER', 'the partner id is wrong'],
  ['ILLEGAL_EXTERFACE', 'the interface is not configured'],
  ['ILLEGAL_PARTNER_EXTERFACE', 'the partner has no contract for this interface'],
  ['ILLEGAL_SECURITY_PROFILE', 'the security profile is missing'],
  ['ILLEGAL_AGENT', 'the agent id is wrong'],
  ['ILLEGAL_SIGN_TYPE', 'the sign type is wrong'],
  ['ILLEGAL_CHARSET', 'the charset is wrong'],
  ['ILLEGAL_CLIENT_IP', 'the address of the caller is not allowed'],
  ['HAS_NO_PRIVILEGE', 'the partner has no right to call this'],
  ['HASH_NO_PRIVILEGE', 'the partner has no right to call this'],
  ['HAS_NO_PUBLICKEY', 'the public key of the merchant has not been uploaded'],
  ['ILLEGAL_ANTI_PHISHING_KEY', 'the anti-phishing key is wrong'],
  ['PARAMTER_IS_NULL', 'a parameter is missing'],
  ['ILLEGAL_REQUEST_REFERER', 'the referer is not allowed'],
]);

/** `detail_error_code` of alipay.acquire.customs (enumeration of its OpenAPI twin alipay.trade.customs.declare). */
export const declareRefusals: CodeTexts = new Map([
  ['TRADE_NOT_EXIST', 'the partner has no such trade'],
  ['TRADE_STATUS_ERROR', 'the trade is in no state that can be declared'],
  ['INVALID_PARAMETER', 'a parameter has a wrong form or is missing'],
  ['CONTEXT_INCONSISTENT', 'this request number was used with other values'],
  ['REQUEST_AMOUNT_EXCEED', 'the declared amounts exceed the trade'],
  ['PARTNER_ERROR', 'the partner is not allowed to declare'],
  ['PAYER_ENABLE_STATUS_FORBID', 'the account of the payer is frozen'],
  ['PAYER_BUYER_MISMATCH', 'orderer and payer are different people'],
  ['DEPOSIT_TRADE_NOT_EXIST', 'the deposit trade was not found'],
  ['NOT_SUPPORT_SPLIT', 'this customs place takes no split declarations'],
  ['PAYER_CERT_INFO_ILLEGAL', 'the identity data of the payer cannot be used'],
]);

/** These say that an earlier declaration stands: something exists, so they refuse nothing. Ask. */
export const declarationStands: readonly string[] = ['SAME_CUSTOMS_DECLARE_ONCE'];

/** `detail_error_code` of alipay.overseas.acquire.customs.query: one bad number refuses the whole batch. */
export const queryRefusals: CodeTexts = new Map([
  ['INVALID_PARAMETER', 'a request number is empty or too long'],
  ['MAX_OUT_REQUEST_NO_EXCEEDED', 'more than ten request numbers'],
]);
