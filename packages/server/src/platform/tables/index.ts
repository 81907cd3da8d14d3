import { done, refuse, type Result } from '../../kernel/index.ts';
import { decodeText } from './charset.ts';
import { splitText } from './delimited.ts';
import { cleanRow, shapeTable } from './shape.ts';
import { tableLimits, type Table, type TableRow } from './table.ts';
import { readXlsx } from './xlsx.ts';

export { foldWidth, normalHeading } from './cell-text.ts';
export { betrayedColumns, isDestroyedNumber } from './destroyed-number.ts';
export { problemOrder, rowProblem } from './row-problem.ts';
export { cellAt } from './table.ts';
export type {
  Cell,
  RowProblem,
  RowProblemCode,
  RowProblemText,
  Table,
  TableCharset,
  TableFormat,
  TableRow,
} from './table.ts';
export { decodeEntities } from './xml-text.ts';

/**
 * Reads a table as people have it: CSV, tabs, a table pasted from an e-mail, or the first visible sheet of an XLSX.
 * Refusals: `import.empty`, `import.charset` (with the line), `import.too_large`, `import.format`. Never throws on any bytes.
 */
export async function readTable(bytes: Uint8Array, fileName: string): Promise<Result<Table>> {
  if (bytes.length > tableLimits.bytes) return tooLarge(tableLimits.bytes, 'bytes');
  if (bytes.length === 0) return refuse('import.empty', { file: fileName });
  return isZip(bytes) ? readSheet(bytes, fileName) : readText(bytes, fileName);
}

async function readSheet(bytes: Uint8Array, fileName: string): Promise<Result<Table>> {
  const sheet = await readXlsx(bytes);
  if (!sheet.ok) return sheet;
  const rows = sheet.value.rows.map(({ line, cells }) => cleanRow(line, cells));
  const shaped = finish(rows, fileName, { format: 'xlsx', charset: 'UTF-8' });
  if (!shaped.ok) return shaped;
  const others = sheet.value.otherSheets.map((name) => ({ line: 0, text: name }));
  return done({ ...shaped.value, skipped: [...shaped.value.skipped, ...others] });
}

function readText(bytes: Uint8Array, fileName: string): Result<Table> {
  const known = foreignFormat(bytes);
  if (known) return refuse('import.format', { format: known, file: fileName });
  const decoded = decodeText(bytes);
  if (!decoded.ok) return decoded;
  const { text, charset } = decoded.value;
  if (text.includes('\0')) return refuse('import.format', { format: 'binary', file: fileName });
  const split = splitText(text);
  if (split.rows.length > tableLimits.rows) return tooLarge(tableLimits.rows, 'rows');
  if (split.rows.reduce((sum, row) => sum + row.cells.length, 0) > tableLimits.cells)
    return tooLarge(tableLimits.cells, 'cells');
  const rows = split.rows.map(({ line, cells }) => cleanRow(line, cells.slice(0, tableLimits.columns).map(plainCell)));
  return finish(rows, fileName, { format: split.format, charset });
}

function finish(rows: readonly TableRow[], file: string, how: Pick<Table, 'format' | 'charset'>): Result<Table> {
  const used = rows.filter((row) => row.cells.length > 0);
  if (used.length === 0) return refuse('import.empty', { file });
  return done({ ...how, ...shapeTable(used) });
}

const plainCell = (text: string): { text: string; numeric: false } => ({ text, numeric: false });

const startsWith = (bytes: Uint8Array, ...start: number[]): boolean => start.every((byte, at) => bytes[at] === byte);
const isZip = (bytes: Uint8Array): boolean => startsWith(bytes, 0x50, 0x4b, 0x03, 0x04);

/** Files that people take for a table, and whose bytes could also be read as text. */
function foreignFormat(bytes: Uint8Array): string | undefined {
  if (startsWith(bytes, 0xd0, 0xcf, 0x11, 0xe0)) return 'xls';
  if (startsWith(bytes, 0x25, 0x50, 0x44, 0x46)) return 'pdf';
  return undefined;
}

function tooLarge(limit: number, unit: string): Result<never> {
  return refuse('import.too_large', { limit, unit });
}
