import { done, refuse, type Result } from '../kernel/index.ts';
import {
  betrayedColumns,
  cellAt,
  foldWidth,
  isDestroyedNumber,
  problemOrder,
  rowProblem,
  type Cell,
  type RowProblem,
  type Table,
  type TableRow,
} from '../platform/tables/index.ts';
import { ownHeadingsOf, portListFieldOf, releasedOf, type PortListField } from './port-list-headings.ts';
import { columnsByShape } from './port-list-shape.ts';
import { conflictingRows, fieldRules } from './port-list.texts.ts';

/** One order of a port's list. `released` undefined: the list says nothing, so it counts as not released. */
export type PortListRow = {
  readonly line: number;
  readonly orderNo: string;
  readonly waybillNo?: string;
  readonly tradeNo?: string;
  readonly released?: boolean;
  /** The cells as they stood, columns that we do not know included. */
  readonly raw: readonly string[];
};

export type PortList = {
  readonly rows: readonly PortListRow[];
  /** In the order of lines. Rows said twice with the same content are here as `import.duplicate_row`. */
  readonly problems: readonly RowProblem[];
  /** Field → heading as the list writes it, or `column 2` where it has no headings. */
  readonly columns: Readonly<Partial<Record<PortListField, string>>>;
};

type Columns = ReadonlyMap<PortListField, number>;

/**
 * Every row of the table is either in `rows` or named in `problems`.
 * Refused as a whole: `import.no_headings` when no column can be recognised as the order number, neither by name nor by shape;
 * `import.own_export` when we wrote the file, as nothing in it is the port's word.
 */
export function readPortList(table: Table): Result<PortList> {
  const own = ownHeadingsOf(table.headings);
  if (own) return refuse('import.own_export', { found: own.join(', ') }, 'line 1');
  const named = columnsByName(table.headings);
  const columns = named.has('order_no') ? named : columnsByShape(table.rows);
  if (!columns?.has('order_no'))
    return refuse('import.no_headings', { missing: 'order_no', found: table.headings.join(', ') }, 'line 1');
  const numbers = [columns.get('order_no'), columns.get('waybill_no'), columns.get('trade_no')];
  const betrayed = betrayedColumns(
    table.rows,
    numbers.filter((column) => column !== undefined),
  );
  const read = table.rows.map((row) => readRow(row, columns, betrayed));
  const single = withoutDoubles(read.flatMap(({ row }) => (row ? [row] : [])));
  const problems = [...table.problems, ...read.flatMap((one) => one.problems), ...single.problems].sort(problemOrder);
  return done({ rows: single.rows, problems, columns: namesOf(columns, table.headings) });
}

function columnsByName(headings: readonly string[]): Columns {
  const columns = new Map<PortListField, number>();
  for (const [index, heading] of headings.entries()) {
    const field = portListFieldOf(heading);
    if (field && !columns.has(field)) columns.set(field, index);
  }
  return columns;
}

function namesOf(columns: Columns, headings: readonly string[]): Partial<Record<PortListField, string>> {
  const names: Partial<Record<PortListField, string>> = {};
  for (const [field, index] of columns) names[field] = headings[index] ?? `column ${index + 1}`;
  return names;
}

type ReadRow = { readonly row: PortListRow | undefined; readonly problems: readonly RowProblem[] };

function readRow(row: TableRow, columns: Columns, betrayed: ReadonlySet<number>): ReadRow {
  const problems: RowProblem[] = [];
  const complain = (code: RowProblem['code'], field: PortListField, found: string): void => {
    problems.push(rowProblem(code, { line: row.line, field, found }, fieldRules[field]));
  };
  const number = (field: PortListField, lengthMax: number): string | undefined => {
    const column = columns.get(field);
    const cell = cellAt(row, column);
    if (isDestroyed(cell, column, betrayed)) complain('import.number_destroyed', field, cell.text);
    else if (cell.text !== '' && !isNumber(cell, lengthMax)) complain('import.field_format', field, cell.text);
    else return cell.text === '' ? undefined : foldWidth(cell.text);
    return undefined;
  };
  const orderNo = number('order_no', 64);
  const waybillNo = number('waybill_no', 60);
  const tradeNo = number('trade_no', 64);
  const status = cellAt(row, columns.get('exit_status')).text;
  const released = status === '' ? undefined : releasedOf(status);
  if (status !== '' && released === undefined) complain('import.field_format', 'exit_status', status);
  if (cellAt(row, columns.get('order_no')).text === '') complain('import.field_missing', 'order_no', '');
  if (orderNo === undefined || problems.length > 0) return { row: undefined, problems };
  const raw = row.cells.map((cell) => cell.text);
  const told = { ...(waybillNo && { waybillNo }), ...(tradeNo && { tradeNo }) };
  return { row: { line: row.line, orderNo, ...told, ...(released !== undefined && { released }), raw }, problems };
}

function isDestroyed(cell: Cell, column: number | undefined, betrayed: ReadonlySet<number>): boolean {
  if (isDestroyedNumber(cell)) return true;
  return column !== undefined && betrayed.has(column) && cell.text.length > 15;
}

/** Lengths: GACC import message specification 202205 (orderNo, logisticsNo C..60), Alipay out_trade_no and trade_no 64. */
function isNumber({ text }: Cell, lengthMax: number): boolean {
  return text.length <= lengthMax && /^[^\s\p{C}]+$/u.test(text);
}

/** Rows said twice count once. Rows of one order that contradict each other are all refused: to keep the first would be a guess. */
function withoutDoubles(rows: readonly PortListRow[]): { rows: PortListRow[]; problems: RowProblem[] } {
  const problems: RowProblem[] = [];
  const problem = (code: RowProblem['code'], row: PortListRow): void => {
    problems.push(rowProblem(code, { line: row.line, field: 'order_no', found: row.orderNo }, conflictingRows));
  };
  const byContent = new Map<string, PortListRow>();
  const variants = new Map<string, number>();
  for (const row of rows) {
    const content = JSON.stringify({ ...row, line: 0 });
    if (byContent.has(content)) {
      problem('import.duplicate_row', row);
      continue;
    }
    byContent.set(content, row);
    variants.set(row.orderNo, (variants.get(row.orderNo) ?? 0) + 1);
  }
  const kept: PortListRow[] = [];
  for (const row of byContent.values()) {
    if (variants.get(row.orderNo) === 1) kept.push(row);
    else problem('import.conflicting_rows', row);
  }
  return { rows: kept, problems };
}
