import type { Fields } from '../../input.ts';
import type { CallResult } from './types.ts';

const messages: Readonly<Record<string, string>> = {
  '10000': 'Success',
  '10003': 'order success pay inprocess',
  '20000': 'Service Currently Unavailable',
  '20001': 'Insufficient Token Permissions',
  '40001': 'Missing Required Arguments',
  '40002': 'Invalid Arguments',
  '40003': 'Insufficient Conditions',
  '40004': 'Business Failed',
  '40005': 'Call Limited',
  '40006': 'Insufficient Permissions',
};

/** Texts are for people and change; only the codes carry meaning. */
const subMessages: Readonly<Record<string, string>> = {
  'ACQ.TRADE_NOT_EXIST': '交易不存在',
  'ACQ.TRADE_HAS_SUCCESS': '交易已被支付',
  'ACQ.TRADE_HAS_CLOSE': '交易已经关闭',
  'ACQ.TRADE_HAS_FINISHED': '交易已经完结',
  'ACQ.TRADE_STATUS_ERROR': '交易状态不合法',
  'ACQ.CONTEXT_INCONSISTENT': '交易信息被篡改',
  'ACQ.INVALID_PARAMETER': '参数无效',
  'ACQ.SELLER_BALANCE_NOT_ENOUGH': '卖家余额不足',
  'ACQ.DISCORDANT_REPEAT_REQUEST': '请求信息不一致',
  'ACQ.REFUND_AMT_NOT_EQUAL_TOTAL': '退款金额超限',
  'ACQ.TRADE_CANCEL_TIME_OUT': '超过撤销时间范围',
  'ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR': '当前时间已超过允许支付的时间',
  'ACQ.PAYMENT_AUTH_CODE_INVALID': '支付授权码无效',
  'ACQ.BUYER_BALANCE_NOT_ENOUGH': '买家余额不足',
  'ACQ.SYSTEM_ERROR': '系统错误',
  'isv.invalid-app-id': '无效的AppID参数',
  'isv.invalid-signature': '无效签名',
  'isv.app-call-limited': '应用调用次数超限',
  'isp.unknow-error': '系统繁忙',
};

export function success(fields: Fields): CallResult {
  return { code: '10000', fields };
}

/** The business said no: signed, and nothing was executed. */
export function failure(word: string, fields: Fields = {}): CallResult {
  return { code: '40004', subCode: `ACQ.${word}`, fields };
}

/** The gateway said no, before any business: such answers are not signed. */
export function refusal(code: '20000' | '40001' | '40002' | '40003' | '40005' | '40006', subCode: string): CallResult {
  return { code, subCode };
}

/** Gateway errors come without a signature; everything that reached the business is signed. */
export function isSigned(result: CallResult): boolean {
  return !['20000', '20001', '40001', '40002', '40003', '40005', '40006'].includes(result.code);
}

export function nodeOf(result: CallResult): Fields {
  const subMsg = result.subMsg ?? (result.subCode === undefined ? undefined : subMessages[result.subCode]);
  return {
    code: result.code,
    msg: messages[result.code] ?? 'Unknown',
    ...(result.subCode === undefined ? {} : { sub_code: result.subCode, sub_msg: subMsg ?? result.subCode }),
    ...result.fields,
  };
}
