import { cleanCell } from './cell-text.ts';
import { rowTooWide } from './row-problem.texts.ts';
import { shorten, type Cell, type RowProblem, type Table, type TableRow } from './table.ts';

type Shaped = Pick<Table, 'headings' | 'rows' | 'problems' | 'skipped'>;

const sampleRows = 50;

/**
 * Tells titles, headings and rows apart. A table's usual width decides: what is above and clearly narrower is a title.
 * The first row of full width is the heading row, unless it holds values; then the table has no headings.
 */
export function shapeTable(cleaned: readonly TableRow[]): Shaped {
  const width = usualWidth(cleaned.slice(0, sampleRows));
  const top = cleaned.find((row) => isTableRow(row, width));
  const hasHeadings = top !== undefined && !top.cells.some(isValue);
  const start = hasHeadings ? cleaned.indexOf(top) : firstRow(cleaned, width);
  const skipped = cleaned.slice(0, start).map(asSkipped);
  if (!hasHeadings) return { headings: [], rows: cleaned.slice(start), problems: [], skipped };
  const headings = top.cells.map((cell) => cell.text);
  const rows: TableRow[] = [];
  const problems: RowProblem[] = [];
  for (const row of cleaned.slice(start + 1)) {
    if (repeats(row, headings)) skipped.push(asSkipped(row));
    else if (row.cells.length > headings.length) problems.push(tooWide(row, headings.length));
    else rows.push(row);
  }
  return { headings, rows, problems, skipped };
}

/** Without headings, a line that holds a number is a row even when it is narrower than the others. */
function firstRow(cleaned: readonly TableRow[], width: number): number {
  const found = cleaned.findIndex((row) => isTableRow(row, width) || row.cells.some(isNumberLike));
  return Math.max(0, found);
}

function asSkipped({ line, cells }: TableRow): { line: number; text: string } {
  return { line, text: shorten(texts(cells).join(' ')) };
}

/** Cells cleaned, empty ones at the end cut off. */
export function cleanRow(line: number, cells: readonly Cell[]): TableRow {
  const cleaned = cells.map((cell) => {
    const text = cleanCell(cell.text);
    return text === cell.text ? cell : { text, numeric: cell.numeric };
  });
  let end = cleaned.length;
  while (end > 0 && cleaned[end - 1]?.text === '') end -= 1;
  return { line, cells: end === cleaned.length ? cleaned : cleaned.slice(0, end) };
}

function usualWidth(rows: readonly TableRow[]): number {
  const rowsByWidth = new Map<number, number>();
  for (const row of rows) rowsByWidth.set(row.cells.length, (rowsByWidth.get(row.cells.length) ?? 0) + 1);
  let [usual, most] = [1, 0];
  for (const [width, count] of rowsByWidth)
    if (count > most || (count === most && width > usual)) [usual, most] = [width, count];
  return usual;
}

function isTableRow(row: TableRow, width: number): boolean {
  return texts(row.cells).length >= Math.min(width, Math.max(2, Math.ceil(width / 2)));
}

/** An order, trade or waybill number standing alone in its cell: such a line is a row, whatever surrounds it. */
function isNumberLike(cell: Cell): boolean {
  return /^[A-Za-z]{0,6}\d{9,}[0-9A-Za-z_-]*$/.test(cell.text);
}

function isValue(cell: Cell): boolean {
  return (
    cell.numeric || isNumberLike(cell) || /^[\d.,:/\- ]*\d[\d.,:/\- ]*$/.test(cell.text) || /\d{6}/.test(cell.text)
  );
}

function texts(cells: readonly Cell[]): string[] {
  return cells.map((cell) => cell.text).filter((text) => text !== '');
}

function repeats(row: TableRow, headings: readonly string[]): boolean {
  return row.cells.length === headings.length && row.cells.every((cell, index) => cell.text === headings[index]);
}

function tooWide(row: TableRow, width: number): RowProblem {
  return {
    line: row.line,
    field: 'row',
    code: 'import.row_width',
    found: shorten(texts(row.cells).join(' ')),
    ...rowTooWide(width, row.cells.length),
  };
}
