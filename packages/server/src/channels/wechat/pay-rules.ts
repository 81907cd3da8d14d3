import type { PayRules, ProductRule, RefundRules } from '../contract/index.ts';
import { refundFundsShort } from './codes.ts';

const minute = 60_000;

/**
 * An order exists from the call on and can be paid until time_expire; ten minutes later "no such order" proves that nobody paid. An order call whose
 * answer was lost is asked about, too: it may be late rather than lost.
 */
const online = {
  scene: 'online',
  begins: 'submit',
  tradeBornAt: 'call',
  needs: [],
  absenceProves: { afterDeadlineMinutes: 10 },
} as const satisfies Partial<ProductRule>;

export const payRules = {
  // 6 to 32 characters; pages differ on the other signs.
  serialNo: { pattern: '^[0-9A-Za-z_-]{6,32}$' },
  currencies: ['CNY'],
  // The document names no upper bound of an order; contracts do.
  amount: { minMinor: 1n, maxMinor: 10_000_000_000n },
  expiry: { minMs: minute, maxMs: 90 * 24 * 60 * minute },
  // The same number with exactly the same content gives a fresh prepay_id or code_url, before payment.
  resendIsSafe: true,
  products: {
    native: {
      ...online,
      ...{ nameZh: 'Native 支付', nameEn: 'Code to scan', terminals: ['pc'], handsOut: 'code' },
    },
    jsapi: {
      ...online,
      ...{ nameZh: 'JSAPI 支付', nameEn: 'Inside WeChat', terminals: ['wallet'], handsOut: 'wallet_script' },
      needs: ['payer_id'],
    },
    mini: {
      ...online,
      ...{ nameZh: '小程序支付', nameEn: 'Mini program', terminals: ['mini_program'], handsOut: 'wallet_script' },
      ...{ needs: ['payer_id'], openedBy: [{ setting: 'mini_appid' }] },
    },
    h5: {
      ...online,
      ...{ nameZh: 'H5 支付', nameEn: 'Phone page', terminals: ['phone'], handsOut: 'page' },
      needs: ['payer_address'],
    },
    app: {
      ...online,
      ...{ nameZh: 'App 支付', nameEn: 'App', terminals: ['app'], handsOut: 'app' },
      // An app pays under its own application of the open platform.
      openedBy: [{ setting: 'app_appid' }],
    },
    code: {
      ...{
        nameZh: '付款码支付',
        nameEn: "Payer's code, scanned at the counter",
        scene: 'counter',
        terminals: ['counter'],
      },
      ...{ begins: 'submit', tradeBornAt: 'call', needs: ['payer_code'], handsOut: 'nothing' },
      openedBy: [{ setting: 'api_v2', oneOf: ['on'] }],
      // Version 2 can say no_credit and nothing else (document of micropay, limit_pay).
      closedBy: [{ setting: 'limit_pay', oneOf: ['no_balance', 'no_debit', 'balance_only'] }],
      // Ask after five seconds, then every five to ten, up to 45; only then reverse (document of micropay), and never within 15 (document of reverse).
      codePayment: { waitMs: 5000, everyMs: 5000, forMs: 45_000, cancelAfterMs: 15_000 },
    },
  },
  wallet: {
    browser: ['MicroMessenger'],
    // Whether JSAPI works on a desktop is not published: there the payer scans.
    desktop: ['WindowsWechat'],
    miniProgram: ['miniProgram'],
    // H5 is refused inside WeChat, and pages of other wallets are intercepted.
    opensOthers: false,
    // Payment codes of WeChat: 18 digits that begin with 10 to 15 (document of the code payment, auth_code).
    payerCodes: ['10', '11', '12', '13', '14', '15'],
    // Document of JSAPI payment, step 3: WeixinJSBridge.invoke('getBrandWCPayRequest', { … }, callback).
    bridge: {
      ...{ object: 'WeixinJSBridge', ready: 'WeixinJSBridgeReady', method: 'invoke', call: 'getBrandWCPayRequest' },
    },
  },
  creditCardOff: { setting: 'limit_pay', oneOf: ['no_credit', 'balance_only'] },
  queryFloorMs: 5000,
  notice: {
    ack: { status: 200, contentType: 'application/json', body: '{"code":"SUCCESS"}' },
    refused: { status: 401, contentType: 'application/json', body: '{"code":"FAIL","message":"refused"}' },
  },
} as const satisfies PayRules;

export const refundRules = {
  // Up to 64 of digits, letters and _-|*@.
  refundNo: { pattern: '^[0-9A-Za-z_|*@-]{1,64}$' },
  // What failed or is unclear goes again under the same number with the same content.
  resendIsSafe: true,
  // Two refunds of one order are at least a minute apart.
  gapMs: minute,
  countMax: 50,
  // 200 says accepted, not refunded.
  answerIsFinal: false,
  firstQueryAfterMs: minute,
  fundsShortCodes: [refundFundsShort],
} as const satisfies RefundRules;
