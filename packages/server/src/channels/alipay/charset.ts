import iconv from 'iconv-lite';

/** The charsets that MAPI knows (`_input_charset`; "Signature" chapter of the Alipay integration documents). */
export type Charset = 'utf-8' | 'gbk' | 'gb2312';

const charsetWords = new Map<string, Charset>([
  ['utf-8', 'utf-8'],
  ['utf8', 'utf-8'],
  ['gbk', 'gbk'],
  ['gb2312', 'gb2312'],
]);

/** The case of the word does not matter to MAPI. Undefined: a charset that we do not read. */
export function charsetNamed(word: string): Charset | undefined {
  return charsetWords.get(word.toLowerCase());
}

const encoder = new TextEncoder();
const utf8 = new TextDecoder('utf-8', { fatal: true });
const gbk = new TextDecoder('gbk', { fatal: true });

/** The bytes of the text, or undefined when the charset cannot carry all of it: nothing is ever replaced by `?`. */
export function encodeText(text: string, charset: Charset): Uint8Array | undefined {
  if (!text.isWellFormed()) return undefined;
  if (charset === 'utf-8') return encoder.encode(text);
  const bytes = iconv.encode(text, 'gbk');
  if (decodeText(bytes, 'gbk') !== text) return undefined;
  return inDoubleByteRange(bytes, charset) ? bytes : undefined;
}

/** The text of the bytes, or undefined when they are no text of that charset. A byte order mark is left out. */
export function decodeText(bytes: Uint8Array, charset: Charset): string | undefined {
  try {
    return (charset === 'utf-8' ? utf8 : gbk).decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * GB/T 2312-1980 fills rows 1–9 and 16–87, EUC-CN bytes A1–F7 and A1–FE; GBK opens 81–FE and 40–FE.
 * Outside of both lies the single byte 80, which some tables read as the euro sign and others refuse.
 */
function inDoubleByteRange(bytes: Uint8Array, charset: Charset): boolean {
  for (let at = 0; at < bytes.length; at += 1) {
    const high = bytes[at] ?? 0;
    if (high < 0x80) continue;
    at += 1;
    const low = bytes[at] ?? 0;
    if (high === 0x80) return false;
    if (charset === 'gb2312' && (low < 0xa1 || high < 0xa1 || high > 0xf7 || (high > 0xa9 && high < 0xb0)))
      return false;
  }
  return true;
}
