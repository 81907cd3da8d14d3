/** Digits, letters and signs in full width (U+FF01–FF5E) and the ideographic space, as a Chinese input method writes them. */
export function foldWidth(text: string): string {
  return text
    .replace(/[\uff01-\uff5e]/g, (character) => String.fromCharCode(character.charCodeAt(0) - 0xfee0))
    .replace(/\u3000/g, ' ');
}

const blank = /[\s\u200b\u200c\u200d\u2060\ufeff]/;

/** By hand: an expression for blanks before an end begins anew at every blank, and a cell may have a million of them. */
function withoutBlanksAround(text: string): string {
  let [from, to] = [0, text.length];
  while (from < to && blank.test(text.charAt(from))) from += 1;
  while (to > from && blank.test(text.charAt(to - 1))) to -= 1;
  return text.slice(from, to);
}

const onlyWideAndAscii = /^[\x20-\x7e\u3000\uff01-\uff5e]+$/;

/**
 * The value a person meant: without blanks of any kind around it (Alipay's files glue a tab to every number),
 * without the apostrophe or ="…" that keeps a spreadsheet from reading a number, full-width digits folded.
 * A text that also holds other characters (a registered name) keeps its width: names are compared to the letter.
 */
export function cleanCell(raw: string): string {
  if (needsNothing(raw)) return raw;
  let text = withoutBlanksAround(raw);
  const asFormula = /^="([^"]*)"$/.exec(text);
  if (asFormula) text = asFormula[1] ?? '';
  if (text.startsWith("'")) text = text.slice(1);
  text = withoutBlanksAround(text);
  return onlyWideAndAscii.test(text) && /[\uff10-\uff19]/.test(text) ? foldWidth(text) : text;
}

/** Most cells of most files: a long list is read several times faster for asking this first. */
function needsNothing(raw: string): boolean {
  for (let at = 0; at < raw.length; at++) {
    const code = raw.charCodeAt(at);
    const isEdge = at === 0 || at === raw.length - 1;
    if (isEdge && (code <= 0x20 || code === 0x27 || code === 0x3d)) return false;
    if (code >= 0x7f && (code < 0x4e00 || code > 0x9fff)) return false;
  }
  return true;
}

/**
 * The form in which headings are compared: width and case folded, units in brackets, blanks and signs left out.
 * "订单金额（元）" and "订单金额", "Order No." and "order_no" are the same.
 */
export function normalHeading(text: string): string {
  return foldWidth(text)
    .toLowerCase()
    .replace(/\([^()]*\)|\[[^[\]]*\]|【[^【】]*】/g, '') // a bracket ends at the next one: thousands that open would be read to the end each
    .replace(/[^\p{L}\p{N}]/gu, '');
}
