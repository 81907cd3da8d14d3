/**
 * Codes that prove that the money did not move and will not, per operation ("Common error codes" and the error tables of each
 * method, as the official PHP SDK enumerates them, 2025-12-16). Maps, never object literals: a literal also "contains" toString.
 *
 * Not listed on purpose, so doubt: everything that ends in SYSTEM_ERROR, `unknow-error`; what says that something exists under
 * this number (TRADE_HAS_SUCCESS, TRADE_HAS_CLOSE, CONTEXT_INCONSISTENT, TRADE_BUYER_NOT_MATCH, APPLY_PC_MERCHANT_CODE_ERROR,
 * DISCORDANT_REPEAT_REQUEST); what our own first call may have brought about (NOW_TIME_AFTER_EXPIRE_TIME_ERROR for a payment; TRADE_HAS_CLOSE,
 * TRADE_STATUS_ERROR, REASON_TRADE_STATUS_INVALID for a refund); PAYMENT_FAIL and PULL_MOBILE_CASHIER_FAIL, which name no
 * state of the trade; and codes of products that we do not offer.
 */
type CodeTexts = ReadonlyMap<string, string>;

/** Answers of the gateway itself. They come unsigned; the call did not reach the business, except that 20000 says nothing at all. */
export const gatewayCodes: ReadonlySet<string> = new Set([
  '20000',
  '20001',
  '40001',
  '40002',
  '40003',
  '40005',
  '40006',
]);

/** What excludes that this call was executed. 40005 does so too, but it asks to come back later: nothing ends with it. */
export const gatewayRefusals: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  [
    '20001',
    new Set([
      'aop.invalid-auth-token',
      'aop.auth-token-time-out',
      'aop.invalid-app-auth-token',
      'aop.invalid-app-auth-token-no-api',
      'aop.app-auth-token-time-out',
      'aop.no-product-reg-by-partner',
    ]),
  ],
  [
    '40001',
    new Set([
      'isv.missing-method',
      'isv.missing-signature',
      'isv.missing-signature-type',
      'isv.missing-signature-key',
      'isv.missing-app-id',
      'isv.missing-timestamp',
      'isv.missing-version',
      'isv.decryption-error-missing-encrypt-type',
    ]),
  ],
  [
    '40002',
    new Set([
      'isv.invalid-parameter',
      'isv.invalid-method',
      'isv.invalid-format',
      'isv.invalid-signature-type',
      'isv.invalid-signature',
      'isv.invalid-encrypt-type',
      'isv.invalid-encrypt',
      'isv.invalid-app-id',
      'isv.invalid-timestamp',
      'isv.invalid-charset',
      'isv.illegal-json',
      'isv.suspected-attack',
      'isv.forbidden-api',
      'isv.app-cert-expired',
      'isv.not-online-app',
      'isv.decryption-error-not-valid-encrypt-type',
      'isv.decryption-error-not-valid-encrypt-key',
    ]),
  ],
  ['40003', new Set(['isv.missing-signature-config', 'isv.invalid-auth-relations'])],
  [
    '40006',
    new Set(['isv.insufficient-isv-permissions', 'isv.insufficient-user-permissions', 'isv.self-invoke-forbidden']),
  ],
]);

/** Common to alipay.trade.precreate, .create and .pay. */
const orderCodes: readonly (readonly [code: string, text: string])[] = [
  ['ACQ.INVALID_PARAMETER', 'a parameter has a wrong form'],
  ['ACQ.ACCESS_FORBIDDEN', 'the product is not signed for'],
  ['ACQ.EXIST_FORBIDDEN_WORD', 'the text contains a forbidden word'],
  ['ACQ.PARTNER_ERROR', 'the application or its merchant is not valid'],
  ['ACQ.TOTAL_FEE_EXCEED', 'the amount is above the limit'],
  ['ACQ.BUYER_SELLER_EQUAL', 'payer and seller are the same'],
  ['ACQ.BUYER_ENABLE_STATUS_FORBID', 'the payer may not pay'],
  ['ACQ.BUYER_NOT_EXIST', 'there is no such payer'],
  ['ACQ.SELLER_BEEN_BLOCKED', 'the seller is blocked'],
  ['ACQ.SELLER_NOT_EXIST', 'there is no such seller'],
  ['ACQ.ERROR_BUYER_CERTIFY_LEVEL_LIMIT', 'the payer has not proved who he is'],
  ['ACQ.INVALID_STORE_ID', 'the store is unknown'],
  ['ACQ.BEYOND_PER_RECEIPT_SINGLE_RESTRICTION', 'above what the merchant may receive at once'],
  ['ACQ.INVALID_RECEIVE_ACCOUNT', 'the receiving account is not bound'],
  ['ACQ.SECONDARY_MERCHANT_STATUS_ERROR', 'the secondary merchant is not in business'],
  ['ACQ.SECONDARY_MERCHANT_ID_INVALID', 'the secondary merchant is unknown'],
  ['ACQ.SECONDARY_MERCHANT_ID_BLANK', 'the secondary merchant is missing'],
  ['ACQ.SECONDARY_MERCHANT_NOT_MATCH', 'the secondary merchant is another one'],
  ['ACQ.SECONDARY_MERCHANT_ALIPAY_ACCOUNT_INVALID', 'the account of the secondary merchant is not valid'],
  ['ACQ.SECONDARY_MERCHANT_ISV_PUNISH_INDIRECT', 'the secondary merchant is barred'],
  ['ACQ.MERCHANT_PERM_RECEIPT_SUSPEND_LIMIT', 'the merchant may not receive at present'],
  ['ACQ.MERCHANT_PERM_RECEIPT_SINGLE_LIMIT', 'above what the merchant may receive at once'],
  ['ACQ.MERCHANT_PERM_RECEIPT_DAY_LIMIT', 'above what the merchant may receive in a day'],
  ['ACQ.MERCHANT_STATUS_NOT_NORMAL', 'the merchant is not in business'],
  ['ACQ.RISK_MERCHANT_IP_NOT_EXIST', 'the address of the merchant is missing'],
];

const payerLimitCodes: readonly (readonly [code: string, text: string])[] = [
  ['ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR', 'above what the payer may pay in a day'],
  ['ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR', 'above what the payer may pay in a month'],
  ['ACQ.BEYOND_PAY_RESTRICTION', 'above what the merchant may receive'],
  ['ACQ.BEYOND_PER_RECEIPT_RESTRICTION', 'above what the merchant may receive at once'],
  ['ACQ.BEYOND_PER_RECEIPT_DAY_RESTRICTION', 'above what the merchant may receive in a day'],
];

export const precreateRefusals: CodeTexts = new Map([...orderCodes, ...payerLimitCodes]);

export const createRefusals: CodeTexts = new Map([
  ...orderCodes,
  ['ACQ.ILLEGAL_ARGUMENT', 'a parameter has a wrong form'],
  ['ACQ.ERROR_SELLER_CERTIFY_LEVEL_LIMIT', 'the seller has not proved who he is'],
  ['ACQ.STORE_INFO_INVALID', 'the store is unknown'],
  ['ACQ.OPEN_ID_NOT_TINY_APP', 'the payer id is not one of the mini program'],
  ['ACQ.BIZ_PRODUCT_NOT_ALLOWED', 'the product is not allowed'],
  ['ACQ.UNBOUND_APPLICATION', 'the application is not bound to the merchant'],
  ['ACQ.PRODUCT_NOT_SUPPORT_IN_TINY_APP', 'the product does not work in mini programs'],
  ['ACQ.NOT_SUPPORT_PAYMENT_INST', 'the payment institution is not supported'],
]);

export const barcodeRefusals: CodeTexts = new Map([
  ...orderCodes,
  ...payerLimitCodes,
  ['ACQ.PAYMENT_AUTH_CODE_INVALID', 'the code of the payer is used up, out of date or wrong'],
  ['ACQ.BUYER_BALANCE_NOT_ENOUGH', 'the balance of the payer is too low'],
  ['ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH', 'the bank card of the payer has too little'],
  ['ACQ.ERROR_BALANCE_PAYMENT_DISABLE', 'the payer has switched off paying from the balance'],
  ['ACQ.MOBILE_PAYMENT_SWITCH_OFF', 'the payer has switched off paying by phone'],
  ['ACQ.USER_FACE_PAYMENT_SWITCH_OFF', 'the payer has switched off paying at counters'],
  ['ACQ.PAYMENT_REQUEST_HAS_RISK', 'the payment was stopped as a risk'],
  ['ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE', 'the payer has nothing to pay with'],
  ['ACQ.PRODUCT_AMOUNT_LIMIT_ERROR', 'above the limit of the product'],
  ['ACQ.RESTRICTED_MERCHANT_INDUSTRY', 'the trade of the merchant is barred'],
  ['ACQ.NOT_CERTIFIED_USER', 'the payer has not proved who he is'],
  ['ACQ.BUYER_NOT_MAINLAND_CERT', 'the payer is not certified in the mainland'],
  ['ACQ.UN_SUPPORT_TRADE_SCENE', 'the scene is not supported'],
]);

/** These say: not closed. What the trade is then, only a query tells. */
export const closeRefusals: CodeTexts = new Map([
  ['ACQ.TRADE_STATUS_ERROR', 'the trade is paid or closed already'],
  ['ACQ.REASON_TRADE_STATUS_INVALID', 'the trade is in another state'],
  ['ACQ.REASON_ILLEGAL_STATUS', 'the trade is in another state'],
  ['ACQ.INVALID_PARAMETER', 'a parameter has a wrong form'],
]);

/** These say: not cancelled. */
export const cancelRefusals: CodeTexts = new Map([
  ['ACQ.INVALID_PARAMETER', 'a parameter has a wrong form'],
  ['ACQ.SELLER_BALANCE_NOT_ENOUGH', 'paid, and the balance does not suffice to give it back'],
  ['ACQ.REASON_TRADE_BEEN_FREEZEN', 'the trade is frozen'],
  ['ACQ.TRADE_HAS_FINISHED', 'the trade is finished'],
  ['ACQ.TRADE_CANCEL_TIME_OUT', 'older than 24 hours'],
  ['ACQ.REASON_TRADE_REFUND_FEE_ERR', 'the amount to give back is wrong'],
  ['ACQ.CANCEL_NOT_ALLOWED', 'this trade cannot be cancelled'],
]);

/** The same refund may go again under the same number once the balance suffices. */
export const refundFundsShort: readonly string[] = ['ACQ.SELLER_BALANCE_NOT_ENOUGH'];

export const refundRefusals: CodeTexts = new Map([
  ['ACQ.SELLER_BALANCE_NOT_ENOUGH', 'the balance does not suffice'],
  ['ACQ.INVALID_PARAMETER', 'a parameter has a wrong form'],
  ['ACQ.REFUND_AMT_NOT_EQUAL_TOTAL', 'more than is left of the trade'],
  ['ACQ.REASON_TRADE_REFUND_FEE_ERR', 'the amount cannot be given back'],
  ['ACQ.REFUND_FEE_ERROR', 'the amount cannot be given back'],
  ['ACQ.REASON_TRADE_BEEN_FREEZEN', 'the trade is frozen'],
  ['ACQ.TRADE_NOT_EXIST', 'there is no such trade'],
  ['ACQ.TRADE_HAS_FINISHED', 'the time for refunds is over'],
  ['ACQ.TRADE_NOT_ALLOW_REFUND', 'this trade takes no refund'],
  ['ACQ.NOT_ALLOW_PARTIAL_REFUND', 'this trade takes no partial refund'],
  ['ACQ.ONLINE_TRADE_VOUCHER_NOT_ALLOW_REFUND', 'the voucher cannot be given back'],
  ['ACQ.BUYER_NOT_EXIST', 'there is no such payer any more'],
  ['ACQ.BUYER_ENABLE_STATUS_FORBID', 'the account of the payer is barred'],
  ['ACQ.CURRENCY_NOT_SUPPORT', 'the currency is not supported'],
  ['ACQ.REFUNDALLOC_UNAUTH_LIMIT', 'receivers of parts did not agree to give back'],
  ['ACQ.REFUND_ROYALTY_PAYEE_ACCOUNT_NOT_EXIST', 'the receiver of a part is there no more'],
]);
