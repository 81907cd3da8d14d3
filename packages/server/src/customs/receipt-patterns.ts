/**
 * What receipts say in `returnInfo`. Free text: the forms were collected from public samples, not from an official list,
 * so they are data, and a text that fits none is kept as it is.
 */
export const codePatterns: readonly RegExp[] = [
  /\[\s*code\s*[:：]\s*(?<code>-?\d{1,10})\s*[;；]\s*desc\s*[:：](?<text>[^\]]*)\]?/i,
  /code\s*[:：]\s*(?<code>-?\d{1,10})(?<text>)/i,
];

/** A list (CEB622) that waits because the payment document of its order is not there. */
export const missingPaymentPatterns: readonly RegExp[] = [
  /对应电商平台为\s*\[[^\]]*\]\s*订单号为\s*\[(?<orderNo>[^\]]+)\][^;；。]{0,20}?(?:支付信息|支付单|支付单信息)\s*不存在/,
  /(?:支付信息|支付单信息|支付单)\s*(?:不存在|缺失)/,
];

export const orderNoPatterns: readonly RegExp[] = [
  /订单号为\s*\[(?<orderNo>[^\]]+)\]/,
  /订单编号\s*[:：]\s*\[?(?<orderNo>[0-9A-Za-z_-]+)/,
  /订单号\s*[:：]\s*\[?(?<orderNo>[0-9A-Za-z_-]+)/,
];
