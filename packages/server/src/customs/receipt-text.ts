import { codePatterns, missingPaymentPatterns, orderNoPatterns } from './receipt-patterns.ts';

export type ReceiptText = {
  /** `[Code:n;Desc:…]`: the number as customs wrote it. */
  readonly code?: string;
  readonly codeText?: string;
  readonly orderNo?: string;
  /** Positive evidence that customs looks for a payment document and does not find it. */
  readonly missingPayment: boolean;
};

export function readReceiptText(text: string): ReceiptText {
  const missing = firstMatch(missingPaymentPatterns, text);
  const orderNo = missing?.groups?.['orderNo'] ?? firstMatch(orderNoPatterns, text)?.groups?.['orderNo'];
  const code = firstMatch(codePatterns, text)?.groups;
  return {
    ...(code?.['code'] !== undefined && { code: code['code'], codeText: (code['text'] ?? '').trim() }),
    ...(orderNo !== undefined && { orderNo: orderNo.trim() }),
    missingPayment: missing !== undefined,
  };
}

function firstMatch(patterns: readonly RegExp[], text: string): RegExpExecArray | undefined {
  for (const pattern of patterns) {
    const match = pattern.exec(text);
    if (match) return match;
  }
  return undefined;
}
