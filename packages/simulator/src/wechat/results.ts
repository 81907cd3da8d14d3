import type { Fields } from '../input.ts';
import type { Done, Refused } from './types.ts';

// Error codes: WeChat Pay merchant documents, error tables of APIv3 and of v2.

const httpOf: Readonly<Record<string, number>> = {
  SIGN_ERROR: 401,
  NO_AUTH: 403,
  RULE_LIMIT: 403,
  USER_ACCOUNT_ABNORMAL: 403,
  TRADE_ERROR: 403,
  OUT_TRADE_NO_USED: 403,
  NOT_ENOUGH: 403,
  TRADE_OVERDUE: 403,
  USERPAYING: 202,
  ORDER_NOT_EXIST: 404,
  RESOURCE_NOT_EXISTS: 404,
  NOT_FOUND: 404,
  FREQUENCY_LIMITED: 429,
  RATELIMIT_EXCEEDED: 429,
  FREQUENCY_LIMIT_EXCEED: 429,
  SYSTEM_ERROR: 500,
  SERVICE_UNAVAILABLE: 503,
};

/** 400 for whatever is not listed. */
export function httpStatusOf(code: string): number {
  return new Map(Object.entries(httpOf)).get(code) ?? 400;
}

const v2Words: ReadonlyMap<string, string> = new Map([
  ['ORDER_NOT_EXIST', 'ORDERNOTEXIST'],
  ['RESOURCE_NOT_EXISTS', 'REFUNDNOTEXIST'],
  ['ORDER_CLOSED', 'ORDERCLOSED'],
  ['NOT_ENOUGH', 'NOTENOUGH'],
  ['NO_AUTH', 'NOAUTH'],
  ['SYSTEM_ERROR', 'SYSTEMERROR'],
  ['SIGN_ERROR', 'SIGNERROR'],
  ['MCH_NOT_EXISTS', 'MCHID_NOT_EXIST'],
]);

export function v2WordOf(code: string): string {
  return v2Words.get(code) ?? code;
}

/** Texts are for people and change; only the codes carry meaning. */
const messages: Readonly<Record<string, string>> = {
  PARAM_ERROR: '参数错误',
  INVALID_REQUEST: '请求参数符合参数格式，但不符合业务规则',
  APPID_MCHID_NOT_MATCH: 'appid和mch_id不匹配',
  ORDERPAID: '该订单已支付',
  ORDER_CLOSED: '订单已关闭',
  ORDER_NOT_EXIST: '订单不存在',
  RESOURCE_NOT_EXISTS: '查询的资源不存在',
  OUT_TRADE_NO_USED: '商户订单号重复',
  SIGN_ERROR: '签名错误',
  NO_AUTH: '商户无权限',
  RULE_LIMIT: '业务规则限制',
  NOT_ENOUGH: '基本账户余额不足，请充值后重新发起',
  TRADE_OVERDUE: '订单已经超过退款期限',
  FREQUENCY_LIMITED: '频率限制',
  SYSTEM_ERROR: '系统异常，请稍后重试',
  USERPAYING: '需要用户输入支付密码',
  NO_STATEMENT_EXIST: '账单文件不存在',
  STATEMENT_CREATING: '账单文件正在生成中，请稍后再来获取',
};

export function messageOf(refused: Refused): string {
  return refused.message ?? new Map(Object.entries(messages)).get(refused.code) ?? refused.code;
}

export function done(fields: Fields): Done {
  return { kind: 'done', fields };
}

export function refused(code: string, message?: string): Refused {
  return message === undefined ? { kind: 'refused', code } : { kind: 'refused', code, message };
}
