import { shanghaiText, toDecimal } from '../kernel/index.ts';
import type { Instant, Money } from '../kernel/index.ts';
import type { Words } from './answer.ts';

/** Columns that a terminal gives a letter: two for Chinese and full-width forms (Unicode East Asian Width W and F). */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/;

export function widthOf(text: string): number {
  let width = 0;
  for (const letter of text) width += wide.test(letter) ? 2 : 1;
  return width;
}

/** A negative width aligns to the right. */
function pad(text: string, width: number): string {
  const blanks = ' '.repeat(Math.max(0, Math.abs(width) - widthOf(text)));
  return width < 0 ? blanks + text : text + blanks;
}

/** Lines of equal columns, one blank before each and two between. Columns named in `right` hold figures. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, at) => Math.max(...rows.map((row) => widthOf(row[at] ?? ''))));
  return rows.map((row) =>
    ` ${widths.map((width, at) => pad(row[at] ?? '', right.includes(at) ? -width : width)).join('  ')}`.trimEnd(),
  );
}

/** Grouped by three: 33,593. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

export function money(amount: Money): string {
  const [whole = '', part] = toDecimal(amount).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  const sign = amount.currency === 'CNY' ? '¥' : `${amount.currency} `;
  return `${sign}${grouped}${part === undefined ? '' : `.${part}`}`;
}

/** Beijing time, without saying so on every line: the heading does. */
export function time(at: Instant): string {
  return shanghaiText(at);
}

/** `30m`, `2h`, `1h30m`, `90s`, `2d` as milliseconds; undefined when it is none. */
export function readDuration(text: string): number | undefined {
  const match = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text.trim());
  if (!match || text.trim() === '') return undefined;
  const [, d, h, m, s] = match.map((part) => Number(part ?? 0));
  return (((d ?? 0) * 24 + (h ?? 0)) * 60 + (m ?? 0)) * 60_000 + (s ?? 0) * 1000;
}

/** A table whose headings have two languages and whose cells have one. */
export function bilingualTable(
  heads: { readonly zh: readonly string[]; readonly en: readonly string[] },
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): Words[] {
  const zh = table([heads.zh, ...rows], right);
  const en = table([heads.en, ...rows], right);
  return zh.map((line, index) => ({ zh: line, en: en[index] ?? '' }));
}

/** A table whose cells have two languages as well. */
export function tableOfWords(
  heads: { readonly zh: readonly string[]; readonly en: readonly string[] },
  rows: (lang: 'zh' | 'en') => readonly (readonly string[])[],
): Words[] {
  const en = table([heads.en, ...rows('en')]);
  return table([heads.zh, ...rows('zh')]).map((zh, index) => ({ zh, en: en[index] ?? '' }));
}
