import type { PayRules, RefundRules } from '../contract/index.ts';
import { refundFundsShort } from './openapi-codes.ts';

const minute = 60_000;

/** "Not found" is normal until the payer comes; after the absolute deadline and a margin it proves that nobody did. */
const afterDeadline = { afterDeadlineMinutes: 10 };

/** Without an application of the open platform an account declares to customs and collects nothing. */
export const collecting = [{ setting: 'openapi_mode', oneOf: ['key', 'cert'] }] as const;

export const payRules = {
  serialNo: { pattern: '^[A-Za-z0-9_]{1,64}$' },
  currencies: ['CNY'],
  amount: { minMinor: 1n, maxMinor: 10_000_000_000n },
  // time_expire: one minute to fifteen days ahead.
  expiry: { minMs: minute, maxMs: 15 * 24 * 60 * minute },
  // out_trade_no names one trade whatever the product; other terms under it are refused.
  resendIsSafe: true,
  products: {
    page: {
      nameZh: '电脑网站支付',
      nameEn: 'Web page',
      scene: 'online',
      terminals: ['pc'],
      handsOut: 'page',
      openedBy: collecting,
      begins: 'show',
      tradeBornAt: 'payer',
      needs: [],
      absenceProves: afterDeadline,
    },
    wap: {
      nameZh: '手机网站支付',
      nameEn: 'Phone page',
      scene: 'online',
      terminals: ['phone', 'wallet'],
      handsOut: 'page',
      openedBy: collecting,
      begins: 'show',
      tradeBornAt: 'payer',
      needs: [],
      absenceProves: afterDeadline,
    },
    app: {
      nameZh: 'App 支付',
      nameEn: 'App',
      scene: 'online',
      terminals: ['app'],
      handsOut: 'app',
      openedBy: collecting,
      begins: 'show',
      tradeBornAt: 'payer',
      needs: [],
      absenceProves: afterDeadline,
    },
    create: {
      nameZh: '小程序支付',
      nameEn: 'Inside the wallet',
      scene: 'online',
      terminals: ['wallet', 'mini_program'],
      handsOut: 'wallet_script',
      openedBy: collecting,
      begins: 'submit',
      tradeBornAt: 'call',
      needs: ['payer_id'],
      absenceProves: afterDeadline,
    },
    precreate: {
      nameZh: '当面付（顾客扫码）',
      nameEn: 'Code at the counter, scanned by the payer',
      scene: 'counter',
      terminals: ['counter'],
      handsOut: 'code',
      openedBy: collecting,
      begins: 'submit',
      tradeBornAt: 'payer',
      needs: [],
      // The code dies two hours after it was made, whatever deadline was set.
      absenceProves: { afterDeadlineMinutes: 10, afterCreationMinutes: 130 },
    },
    barcode: {
      nameZh: '当面付（付款码）',
      nameEn: "Payer's code, scanned at the counter",
      scene: 'counter',
      terminals: ['counter'],
      handsOut: 'nothing',
      openedBy: collecting,
      begins: 'submit',
      tradeBornAt: 'call',
      needs: ['payer_code'],
      codePayment: { waitMs: 5000, everyMs: 5000, forMs: 30_000 },
    },
  },
  wallet: {
    browser: ['AlipayClient'],
    // No word is published for the desktop, nor for a page inside a mini program: the shop's own word counts there.
    desktop: [],
    miniProgram: [],
    opensOthers: false,
    // Payment codes of Alipay: 16 to 24 digits that begin with 25 to 30 (document of alipay.trade.pay, auth_code).
    payerCodes: ['25', '26', '27', '28', '29', '30'],
    // Document of JSAPI payment: AlipayJSBridge.call('tradePay', { tradeNO }, callback).
    bridge: {
      ...{ object: 'AlipayJSBridge', ready: 'AlipayJSBridgeReady', method: 'call', call: 'tradePay' },
      tradeParam: 'tradeNO',
    },
  },
  queryFloorMs: 5000,
  notice: {
    ack: { status: 200, contentType: 'text/plain', body: 'success' },
    refused: { status: 200, contentType: 'text/plain', body: 'fail' },
  },
} as const satisfies PayRules;

export const refundRules = {
  refundNo: { pattern: '^[A-Za-z0-9_]{1,64}$' },
  resendIsSafe: true,
  gapMs: 3000,
  // fund_change=Y ends it; every other answer asks.
  answerIsFinal: true,
  firstQueryAfterMs: 10_000,
  fundsShortCodes: refundFundsShort,
} as const satisfies RefundRules;
