/**
 * Of sharing and giving back (error tables of the profit sharing documents, APIv3): nothing was done under this number. A number that was taken before
 * is answered with what became of it, so what refuses the content of a request refuses every request with this number.
 *
 * Not listed on purpose, so doubt: 401 SIGN_ERROR, which speaks of this call only; INVALID_REQUEST, which says that the order is not ready yet as well
 * as that the number exists with other content; 404, 429 and 5xx.
 */
const refusals = [
  ['400 PARAM_ERROR', 'a parameter is wrong'],
  ['400 APPID_MCHID_NOT_MATCH', 'application and merchant number are not bound to each other'],
  ['400 MCH_NOT_EXISTS', 'there is no such merchant number'],
  ['403 NO_AUTH', 'the merchant has no permission to share'],
  ['403 RULE_LIMIT', 'a rule of the channel forbids it, such as the greatest part that may be shared'],
] as const;

export const shareRefusals: ReadonlyMap<string, string> = new Map([
  ...refusals,
  ['403 NOT_ENOUGH', 'less is left of the payment than is to be shared'],
]);

/** A receiver without money may have some tomorrow: then the part is asked back under another number. */
export const shareReturnRefusals: ReadonlyMap<string, string> = new Map([
  ...refusals,
  ['403 NOT_ENOUGH', 'the receiver has less than is to come back'],
]);

/** Naming a receiver has no number and moves nothing: what is refused may be asked for again. */
export const receiverRefusals: ReadonlyMap<string, string> = new Map([
  ...refusals,
  ['400 INVALID_REQUEST', 'the receiver cannot be named like this'],
  ['403 USER_ACCOUNT_ABNORMAL', 'the account of the receiver cannot be used'],
]);

/** Of a number that is asked about: the channel does not know it, which proves nothing. */
export const shareUnknown: ReadonlySet<string> = new Set([
  '404 RESOURCE_NOT_EXISTS',
  '404 NOT_FOUND',
  '404 ORDER_NOT_EXIST',
]);
