import { done, refuse } from '../../kernel/index.ts';
import type { Result } from '../../kernel/index.ts';

/** By our word for a column: the names that it goes by. `may`: files without it are whole. */
export type Columns = Readonly<Record<string, { readonly names: readonly string[]; readonly may?: true }>>;

/** One line of values, with where its bytes lie. */
export type Row<Column extends string> = {
  readonly lineNo: number;
  readonly byteOff: number;
  readonly byteLen: number;
  readonly cells: Readonly<Partial<Record<Column, string>>>;
};

export type Table<Column extends string, Total extends string> = {
  readonly rows: readonly Row<Column>[];
  readonly totals: Row<Total>;
  /** By our word: the name that this file gives it. */
  readonly names: Readonly<Partial<Record<Column, string>>>;
  readonly totalNames: Readonly<Partial<Record<Total, string>>>;
};

type Line = { readonly lineNo: number; readonly byteOff: number; readonly byteLen: number; readonly text: string };

const [lf, cr, tick] = [0x0a, 0x0d, 0x60];

/**
 * The form of every bill (notes on the text of bills): UTF-8 behind a byte order mark, lines that end with CR LF; names, then rows, then the names
 * of the totals, then the totals. Values stand behind a back-tick, names do not.
 */
export function readTable<C extends Columns, T extends Columns>(
  contents: Uint8Array,
  columns: C,
  totals: T,
): Result<Table<keyof C & string, keyof T & string>> {
  const lines = linesOf(contents);
  if (!lines) return refuse('statement.not_whole', { row: 0, problem: 'no UTF-8' });
  const isRow = ({ text }: Line): boolean => text.charCodeAt(0) === tick;
  const [heading, ...rest] = lines;
  const end = rest.findIndex((line) => !isRow(line));
  const [totalHeading, totalLine, ...more] = end < 0 ? [] : rest.slice(end);
  if (!heading || isRow(heading)) return refuse('statement.not_whole', { row: 1, problem: 'no line of names' });
  if (!totalHeading || !totalLine || !isRow(totalLine))
    return refuse('statement.not_whole', { row: lines.length, problem: 'it ends without its totals' });
  const [beyond] = more;
  if (beyond) return refuse('statement.not_whole', { row: beyond.lineNo, problem: 'lines behind the totals' });
  const names = readNames(heading, columns);
  if (!names.ok) return names;
  const totalNames = readNames(totalHeading, totals);
  if (!totalNames.ok) return totalNames;
  const rows: Row<keyof C & string>[] = [];
  for (const line of rest.slice(0, end)) {
    const row = readRow<keyof C & string>(line, names.value);
    if (!row.ok) return row;
    rows.push(row.value);
  }
  const sums = readRow<keyof T & string>(totalLine, totalNames.value);
  if (!sums.ok) return sums;
  return done({
    ...{ rows, totals: sums.value },
    names: Object.fromEntries(names.value) as Partial<Record<keyof C & string, string>>,
    totalNames: Object.fromEntries(totalNames.value) as Partial<Record<keyof T & string, string>>,
  });
}

/** Undefined: no UTF-8. */
function linesOf(contents: Uint8Array): readonly Line[] | undefined {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const lines: Line[] = [];
  let from = contents[0] === 0xef && contents[1] === 0xbb && contents[2] === 0xbf ? 3 : 0;
  try {
    for (let lineNo = 1; from < contents.byteLength; lineNo += 1) {
      const found = contents.indexOf(lf, from);
      const next = found < 0 ? contents.byteLength : found + 1;
      let to = found < 0 ? next : found;
      if (to > from && contents[to - 1] === cr) to -= 1;
      const text = decoder.decode(contents.subarray(from, to));
      lines.push({ lineNo, byteOff: from, byteLen: to - from, text });
      from = next;
    }
  } catch {
    return undefined;
  }
  return lines;
}

/** Pairs of our word and the name that stands there, in the file's order. A name that no list has could change what the others mean. */
function readNames({ text, lineNo: row }: Line, columns: Columns): Result<readonly (readonly [string, string])[]> {
  const found: [string, string][] = [];
  for (const name of text.split(',')) {
    const [word] = Object.entries(columns).find(([, { names }]) => names.includes(name)) ?? [];
    if (word === undefined || found.some(([other]) => other === word))
      return refuse('statement.heading_unknown', { row, column: shown(name) });
    found.push([word, name]);
  }
  const lacking = Object.entries(columns).find(([word, { may }]) => !may && !found.some(([one]) => one === word));
  return lacking ? refuse('statement.heading_unknown', { row, column: `- ${lacking[1].names[0] ?? ''}` }) : done(found);
}

/** Never split on the comma alone: it may stand in a value's place, and an empty value is a back-tick too. */
function readRow<Column extends string>(
  { text, ...where }: Line,
  names: readonly (readonly [string, string])[],
): Result<Row<Column>> {
  const values = text.slice(1).split(',`');
  if (values.length !== names.length)
    return refuse('statement.not_whole', { row: where.lineNo, problem: `${values.length} of ${names.length} values` });
  const unfit = values.findIndex((value) => control.test(value));
  if (unfit >= 0) {
    const [column, found] = [names[unfit]?.[1] ?? '', shown(values[unfit] ?? '')];
    return refuse('statement.cell_unfit', { row: where.lineNo, column, found }, `line ${where.lineNo}`);
  }
  const cells = Object.fromEntries(names.map(([word], index) => [word, values[index] ?? '']));
  return done({ ...where, cells: cells as Row<Column>['cells'] });
}

/** Bills write line ends and tabs as escapes (notes on the text of bills). Of the others PostgreSQL keeps no U+0000 in a text. */
const control = /[^\P{Cc}\t]|\p{Cs}/u;

/** What is quoted in a refusal is short and can be kept, whatever stands in the file: no control characters, no half of a pair at its end. */
export function shown(text: string): string {
  const clean = [...text.slice(0, 200)].filter((sign) => !control.test(sign));
  return text.length > 200 || clean.length > 40 ? `${clean.slice(0, 40).join('')}…` : clean.join('');
}

/** Millionths, exactly; undefined for whatever is no plain decimal, or has digits below that. */
export function micro(text: string): bigint | undefined {
  const match = /^(-?)(\d{1,15})(?:\.(\d{1,6}))?$/.exec(text);
  if (!match) return undefined;
  const units = BigInt((match[2] ?? '') + (match[3] ?? '').padEnd(6, '0'));
  return match[1] === '-' ? -units : units;
}

/** The other sign, with every digit that was printed. */
export function negated(text: string): string {
  if (text.startsWith('-')) return text.slice(1);
  return micro(text) === 0n ? text : `-${text}`;
}

const signs: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** A comma was made a backslash and a blank, and so was something else: a blank is all that can be shown. */
export const unescaped = (text: string): string =>
  text.replace(/\\(140|.)/g, (_, sign: string) => (sign === '140' ? '`' : (signs[sign] ?? sign)));
