/** The subject may hold no `/`, `=`, `&` (documents of alipay.trade.page.pay and its siblings): their full-width forms stand in. */
const fullWidth = new Map([
  ['/', '／'],
  ['=', '＝'],
  ['&', '＆'],
]);

const subjectMax = 256;

/**
 * What the payer reads, as Alipay carries it: control characters and halves of a pair become blanks, the forbidden ones full width,
 * and it ends after 256 characters. The original stays in the instruction.
 */
export function subjectText(subject: string): string {
  const clean = subject
    .toWellFormed()
    .replaceAll('\ufffd', ' ')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[/=&]/g, (character) => fullWidth.get(character) ?? ' ')
    .trim();
  return [...clean].slice(0, subjectMax).join('').trim();
}
