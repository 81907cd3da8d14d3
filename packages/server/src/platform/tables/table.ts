/** Limits on what people hand in: far above any port's list, far below what would hurt the process. */
export const tableLimits = {
  bytes: 64 * 1024 * 1024,
  inflatedBytes: 64 * 1024 * 1024,
  rows: 200_000,
  columns: 1_000,
  /** Rows × columns: an empty cell costs a file one byte, and us some forty. */
  cells: 4_000_000,
} as const;

export type TableFormat = 'csv' | 'tsv' | 'pipes' | 'spaces' | 'xlsx';
export type TableCharset = 'UTF-8' | 'GBK' | 'UTF-16LE' | 'UTF-16BE';

/** `numeric`: the spreadsheet kept the cell as a number, so it never had more than 15 trustworthy digits. */
export type Cell = { readonly text: string; readonly numeric: boolean };

/** `line`: 1-based line of the text file, or row number of the sheet. */
export type TableRow = { readonly line: number; readonly cells: readonly Cell[] };

/** What is wrong with one row, in words a person can act on. The row is not taken over; all others are. */
export type RowProblem = {
  readonly line: number;
  /** Name of the field in our own format, or `row` when the whole line is meant. */
  readonly field: string;
  readonly code: RowProblemCode;
  /** What stood there, shortened to 64 characters. */
  readonly found: string;
  readonly ruleZh: string;
  readonly ruleEn: string;
  readonly wayOutZh: string;
  readonly wayOutEn: string;
};

export type RowProblemCode =
  | 'import.number_destroyed'
  | 'import.duplicate_row'
  | 'import.field_missing'
  | 'import.field_format'
  | 'import.conflicting_rows'
  | 'import.row_width';

export type Table = {
  readonly format: TableFormat;
  readonly charset: TableCharset;
  /** Empty when the file has no heading row: the columns must then be known by their shape. */
  readonly headings: readonly string[];
  readonly rows: readonly TableRow[];
  /** Rows that do not fit the headings. They are not in `rows`, so that nothing is counted twice. */
  readonly problems: readonly RowProblem[];
  /** Lines above the headings ("sent by …"), and names of further sheets that were not read. */
  readonly skipped: readonly { readonly line: number; readonly text: string }[];
};

/** The text of the cell in a column; empty when the row ends before it or the column is absent. */
export function cellAt(row: TableRow, column: number | undefined): Cell {
  return (column === undefined ? undefined : row.cells[column]) ?? emptyCell;
}

const emptyCell: Cell = { text: '', numeric: false };

export function shorten(text: string): string {
  return text.length <= 64 ? text : `${text.slice(0, 63)}…`;
}

/** The sentences of a problem: the rule that the value breaks, and the way out. */
export type RowProblemText = Pick<RowProblem, 'ruleZh' | 'ruleEn' | 'wayOutZh' | 'wayOutEn'>;
