import { CNY, parseDecimal, parseShanghai, type Instant, type Money } from '../kernel/index.ts';
import { foldWidth, type Cell } from '../platform/tables/index.ts';
import { noWords, yesWords } from './headings.ts';

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

export function asFlag(text: string): boolean | undefined {
  const word = foldWidth(text).toLowerCase();
  return yesWords.has(word) ? true : noWords.has(word) ? false : undefined;
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
