import { tableLimits } from './table.ts';
import type { TableFormat } from './table.ts';

export type RawRow = { readonly line: number; readonly cells: readonly string[] };
export type SplitText = { readonly format: Exclude<TableFormat, 'xlsx'>; readonly rows: RawRow[] };

type Delimiter = { readonly sign: string; readonly format: 'csv' | 'tsv' | 'pipes' };

/** In order of preference when two would fit equally well. */
const delimiters: readonly Delimiter[] = [
  { sign: '\t', format: 'tsv' },
  { sign: '|', format: 'pipes' },
  { sign: '｜', format: 'pipes' },
  { sign: ',', format: 'csv' },
  { sign: '，', format: 'csv' },
  { sign: ';', format: 'csv' },
  { sign: '；', format: 'csv' },
];

const sampleLines = 200;
const sampledCharacters = 20_000;
/** A quoted value never spans more lines than this: a quote left open must not swallow the rest of the file. */
const quotedLinesMax = 50;
/** One more than a table may have: enough to see that a row is too wide, however long its line is. */
const cellsMax = tableLimits.columns + 1;

/** A blank between columns; the one between a date and its time is none. */
const singleBlank = /\s+(?!\d{1,2}:\d{2})/;

/**
 * Cuts a text into rows of raw cells. Line ends CRLF, LF or CR; blank lines and markdown rules (---|---) are left out.
 * Why not a library: the fast ones join a row that is too short with the next one, and a port's list is typed by hand.
 */
export function splitText(text: string): SplitText {
  const lines = text.split(/\r\n|\n|\r/);
  const chosen = chooseDelimiter(lines.filter((line) => line.trim() !== '').slice(0, sampleLines));
  if (!chosen) return { format: 'spaces', rows: bySpaces(lines) };
  if (chosen.format === 'pipes') return { format: 'pipes', rows: byPipes(lines, chosen.sign) };
  return { format: chosen.format, rows: bySign(lines, chosen.sign) };
}

/** The sign that occurs equally often on most lines; columns kept apart by blanks alone compete on the same terms. */
function chooseDelimiter(lines: readonly string[]): Delimiter | undefined {
  const bare = lines.map((line) => withoutQuotedParts(line.slice(0, sampledCharacters)));
  let best: Delimiter | undefined;
  let most = { lines: 0, count: 0 };
  for (const delimiter of delimiters) {
    const found = agreement(bare.map((line) => line.split(delimiter.sign, cellsMax).length - 1));
    if (outdoes(found, most)) [best, most] = [delimiter, found];
  }
  const apart = bare.map((line) => line.trim().replace(/\s*[|｜,，;；\t]\s*/g, '|'));
  const blanks = [/\s{2,}/, singleBlank].map((blank) =>
    agreement(apart.map((line) => line.split(blank, cellsMax).length - 1)),
  );
  return blanks.some((found) => outdoes(found, most)) ? undefined : best;
}

type Agreement = { readonly lines: number; readonly count: number };

function outdoes(one: Agreement, other: Agreement): boolean {
  return one.lines > other.lines || (one.lines === other.lines && one.count > other.count);
}

/** On how many lines a sign occurs the same number of times, and how often. */
function agreement(counts: readonly number[]): Agreement {
  const linesByCount = new Map<number, number>();
  for (const count of counts) if (count > 0) linesByCount.set(count, (linesByCount.get(count) ?? 0) + 1);
  let best: Agreement = { lines: 0, count: 0 };
  for (const [count, lines] of linesByCount) if (outdoes({ lines, count }, best)) best = { lines, count };
  return best;
}

/** Signs inside quotes are text, and a tab glued to a comma is Alipay's way of keeping a number from a spreadsheet. */
function withoutQuotedParts(line: string): string {
  const bare = line.includes('"') ? line.replace(/"[^"]*"/g, '') : line;
  return /[,;]/.test(bare) ? bare.replace(/\t+(?=[,;]|$)/g, '') : bare;
}

function isRule(line: string): boolean {
  return /^[\s|｜+:=-]+$/.test(line) && /--|==/.test(line);
}

function byPipes(lines: readonly string[], sign: string): RawRow[] {
  const rows: RawRow[] = [];
  for (const [index, line] of lines.entries()) {
    const text = line.trim();
    if (text === '' || isRule(text)) continue;
    const inner = text.replace(/^[|｜]/, '').replace(/[|｜]$/, '');
    rows.push({
      line: index + 1,
      cells: text.includes(sign) ? inner.split(sign, cellsMax) : text.split(/\t+|\s{2,}/, cellsMax),
    });
  }
  return rows;
}

/** Columns kept apart by two or more blanks; if that finds a single column only, by one (a date keeps its time). */
function bySpaces(lines: readonly string[]): RawRow[] {
  const used = lines
    .map((line, index) => ({ line: index + 1, text: line.trim() }))
    .filter(({ text }) => text !== '' && !isRule(text));
  const wide = used.map(({ line, text }) => ({ line, cells: text.split(/\t+|\s{2,}/, cellsMax) }));
  const several = wide.filter((row) => row.cells.length > 1).length;
  if (several * 2 >= wide.length) return wide;
  return used.map(({ line, text }) => ({ line, cells: text.split(singleBlank, cellsMax) }));
}

function bySign(lines: readonly string[], sign: string): RawRow[] {
  const rows: RawRow[] = [];
  for (let index = 0; index < lines.length;) {
    const line = lines[index] ?? '';
    const quoted = line.includes('"') ? readQuoted(lines, index, sign) : undefined;
    const cells = quoted?.cells ?? line.split(sign, cellsMax);
    if (cells.some((cell) => cell.trim() !== '')) rows.push({ line: index + 1, cells });
    index += quoted?.lines ?? 1;
  }
  return rows;
}

/** RFC 4180 quotes. Undefined when a quote is never closed: then the line is taken as it stands. */
function readQuoted(
  lines: readonly string[],
  first: number,
  sign: string,
): { cells: string[]; lines: number } | undefined {
  let text = lines[first] ?? '';
  for (let used = 1; used <= quotedLinesMax; used++) {
    const cells = quotedCells(text, sign);
    if (cells) return { cells, lines: used };
    const next = lines[first + used];
    if (next === undefined) return undefined;
    text += `\n${next}`;
  }
  return undefined;
}

function quotedCells(text: string, sign: string): string[] | undefined {
  const cells: string[] = [];
  for (let at = 0; at <= text.length;) {
    const opening = /^[ \t]*"/.exec(text.slice(at, at + 16));
    if (!opening) {
      const end = endOfCell(text, sign, at);
      cells.push(text.slice(at, end));
      at = end + sign.length;
      continue;
    }
    const start = at + opening[0].length;
    const close = closingQuote(text, start);
    if (close < 0) return undefined;
    const end = endOfCell(text, sign, close + 1);
    cells.push(text.slice(start, close).replaceAll('""', '"') + text.slice(close + 1, end));
    at = end + sign.length;
  }
  return cells;
}

function endOfCell(text: string, sign: string, from: number): number {
  const found = text.indexOf(sign, from);
  return found < 0 ? text.length : found;
}

function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2)) if (text[at + 1] !== '"') return at;
  return -1;
}
