import { CNY, parseDecimal, parseShanghai, type Instant, type Money } from '../kernel/index.ts';
import { foldWidth, type Cell, type RowProblemText } from '../platform/tables/index.ts';
import type { PaymentField } from './headings.ts';

/** The form a field must have, in words for the person who mends the file. */
export const fieldRules: Readonly<Record<PaymentField, RowProblemText>> = {
  order_no: rule('订单号不能为空，1–64 位，不含空格', 'the order number has 1–64 characters and no blanks'),
  request_no: rule(
    '报关请求号为 6–32 位字母、数字、_ : -',
    'the request number has 6–32 characters of A–Z a–z 0–9 _ : -',
    '填写当时报关所用的请求号，不知道时留空',
    'give the request number that was declared with; leave it empty when it is not known',
  ),
  place: rule(
    '海关代码为 1–20 位字母、数字或 _',
    'the customs place has 1–20 letters, digits or _',
    '例如 ZONGSHU',
    'e.g. ZONGSHU',
  ),
  customs_code: rule('备案号为 1–20 位字母、数字', 'the customs record number has 1–20 letters or digits'),
  customs_name: rule('备案名称为 1–256 字', 'the registered name has 1–256 characters'),
  declared_amount: rule(
    '报关金额为大于零的人民币元，最多两位小数',
    'the declared amount is in yuan, above zero, two decimals at most',
  ),
  is_split: rule('是否拆单填 T 或 F，T 时须有子订单号', 'is_split is T or F; T needs a child order number, F has none'),
  child_order_no: rule('子订单号为 1–32 位，不含空格', 'the child order number has 1–32 characters and no blanks'),
  pushed_payment_no: rule(
    '推送支付号为 1–60 位，不含空格',
    'the pushed payment number has 1–60 characters and no blanks',
  ),
  trade_no: rule('交易号为 16–64 位字母、数字', 'the trade number has 16–64 letters or digits'),
  waybill_no: rule('运单号为 1–60 位，不含空格', 'the waybill number has 1–60 characters and no blanks'),
  paid_at: rule(
    '支付时间为北京时间，例如 2015-10-27 20:07:10',
    'the time of payment is Beijing time, e.g. 2015-10-27 20:07:10',
  ),
  earlier_push_at: rule(
    '每个重推时间须是北京时间，且与重推结果一一对应',
    'every earlier push has a Beijing time, and as many answers as times (or none)',
    '多次重推用分号隔开，时间与结果次序相同',
    'separate several pushes by semicolons, times and answers in the same order',
  ),
  earlier_push_answer: rule('重推结果须与重推时间一一对应', 'as many answers as times of earlier pushes'),
};

function rule(
  ruleZh: string,
  ruleEn: string,
  wayOutZh = '改正该单元格后重新导入',
  wayOutEn = 'mend the cell and import again',
): RowProblemText {
  return { ruleZh, ruleEn, wayOutZh, wayOutEn };
}

/** Request number: Alipay "acquire.customs" documents: 6–32; the query also allows a colon. Lengths: same documents; GACC message specification 202205. */
const patterns = {
  order_no: /^[^\s\p{C}]{1,64}$/u,
  request_no: /^[A-Za-z0-9_:-]{6,32}$/,
  place: /^[A-Za-z0-9_]{1,20}$/,
  customs_code: /^[A-Za-z0-9]{1,20}$/,
  customs_name: /^[^\p{C}]{1,256}$/u,
  child_order_no: /^[^\s\p{C}]{1,32}$/u,
  pushed_payment_no: /^[^\s\p{C}]{1,60}$/u,
  trade_no: /^[0-9A-Za-z]{16,64}$/,
  waybill_no: /^[^\s\p{C}]{1,60}$/u,
} as const;

export type TextField = keyof typeof patterns;

/** The text when it has the field's form. */
export function asText(field: TextField, text: string): string | undefined {
  const value = field === 'customs_name' ? text : foldWidth(text);
  return patterns[field].test(value) ? value : undefined;
}

/** Yuan with or without ¥, 元 and grouping commas. A number cell is read to the 15 digits that a double keeps. */
export function asYuan({ text, numeric }: Cell): Money | undefined {
  const bare = foldWidth(text)
    .replace(/^(?:[¥￥]|CNY|RMB)\s*/i, '')
    .replace(/\s*(?:元|CNY|RMB)$/i, '');
  if (bare.includes(',') && !/^\d{1,3}(,\d{3})+(\.\d+)?$/.test(bare)) return undefined;
  const plain = numeric && /^\d+\.\d{3,}$/.test(bare) ? toFifteenDigits(bare) : bare.replaceAll(',', '');
  const amount = parseDecimal(trimZeros(plain), CNY);
  return amount && amount.minor > 0n ? amount : undefined;
}

/** A workbook stores 19.9 as 19.899999999999999: the double's shortest text of 15 digits is what the person typed. */
function toFifteenDigits(text: string): string {
  return String(Number(Number(text).toPrecision(15)));
}

/** "420.0000" states no more than "420.00"; other digits below the fen stay and are refused. */
function trimZeros(text: string): string {
  return text.replace(/^(\d+\.\d\d)0+$/, '$1');
}

const yes = new Set(['t', 'true', 'y', 'yes', '1', '是', '拆单']);
const no = new Set(['f', 'false', 'n', 'no', '0', '否', '不拆', '不拆单']);

export function asFlag(text: string): boolean | undefined {
  const word = foldWidth(text).toLowerCase();
  return yes.has(word) ? true : no.has(word) ? false : undefined;
}

const msPerDay = 86_400_000;
/** Day 0 of a workbook's calendar (ECMA-376 part 1 §18.17.4.1, 1900 system, valid from 1 March 1900): 30 December 1899, here in Beijing. */
const sheetDayZero = Date.UTC(1899, 11, 30) - 8 * 3_600_000;

/** Beijing time as text, with Chinese date signs, or as a workbook's day number. */
export function asInstant({ text, numeric }: Cell): Instant | undefined {
  if (numeric) {
    if (!/^\d{5}(\.\d+)?$/.test(text)) return undefined;
    return (sheetDayZero + Math.round((Number(text) * msPerDay) / 1000) * 1000) as Instant;
  }
  const plain = foldWidth(text)
    .replace(/[年月]/g, '-')
    .replace(/日\s*/, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return parseShanghai(plain);
}
