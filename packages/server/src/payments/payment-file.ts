import { done, refuse, type Result } from '../kernel/index.ts';
import {
  betrayedColumns,
  cellAt,
  isDestroyedNumber,
  problemOrder,
  rowProblem,
  type Cell,
  type RowProblem,
  type Table,
  type TableRow,
} from '../platform/tables/index.ts';
import { readEarlierPushes } from './payment-file-pushes.ts';
import type { AdoptedRow } from './payment-file-row.ts';
import { asFlag, asInstant, asText, asYuan, type TextField } from './payment-file-rules.ts';
import { fieldRules } from './payment-file.texts.ts';
import { withoutDoubles } from './payment-file-doubles.ts';
import { paymentFieldOf, type PaymentField } from './headings.ts';

export type { AdoptedRow, EarlierPush } from './payment-file-row.ts';

export type DefaultableField = 'place' | 'customs_code' | 'customs_name' | 'declared_amount' | 'paid_at';
/** Values, as text, for columns that the file does not have or leaves empty. */
export type PaymentDefaults = Readonly<Partial<Record<DefaultableField, string>>>;

export type PaymentFile = {
  readonly rows: readonly AdoptedRow[];
  /** In the order of lines. A line that is here is not in `rows`; a line may have several problems. */
  readonly problems: readonly RowProblem[];
  /** Field → heading as the file writes it. */
  readonly columns: Readonly<Partial<Record<PaymentField, string>>>;
};

const required: readonly PaymentField[] = [
  'order_no',
  'trade_no',
  'place',
  'customs_code',
  'customs_name',
  'declared_amount',
  'paid_at',
];
const numberFields: readonly PaymentField[] = [
  'order_no',
  'request_no',
  'child_order_no',
  'pushed_payment_no',
  'trade_no',
  'waybill_no',
];

/** Columns of one field, in the order of the file: more than one only for earlier pushes, else the first counts. */
type Columns = ReadonlyMap<PaymentField, readonly number[]>;

/**
 * Every row of the table is either in `rows` or named in `problems`.
 * Refused as a whole (`import.no_headings`, with what is missing) when a required column has neither heading nor default.
 */
export function readPaymentFile(table: Table, defaults: PaymentDefaults): Result<PaymentFile> {
  const columns = findColumns(table.headings);
  const missing = required.filter((field) => !columns.has(field) && defaultOf(field, defaults) === '');
  if (missing.length > 0)
    return refuse('import.no_headings', { missing: missing.join(', '), found: table.headings.join(', ') }, 'line 1');
  const numberColumns = numberFields.flatMap((field) => columns.get(field) ?? []);
  const reader: RowReader = { columns, defaults, betrayed: betrayedColumns(table.rows, numberColumns) };
  const read = table.rows.map((row) => readRow(row, reader));
  const single = withoutDoubles(read.flatMap(({ row }) => (row ? [row] : [])));
  const problems = [...table.problems, ...read.flatMap((one) => one.problems), ...single.problems].sort(problemOrder);
  return done({ rows: single.rows, problems, columns: namesOf(columns, table.headings) });
}

function findColumns(headings: readonly string[]): Columns {
  const columns = new Map<PaymentField, number[]>();
  for (const [index, heading] of headings.entries()) {
    const field = paymentFieldOf(heading);
    if (field) columns.set(field, [...(columns.get(field) ?? []), index]);
  }
  return columns;
}

function namesOf(columns: Columns, headings: readonly string[]): Partial<Record<PaymentField, string>> {
  const names: Partial<Record<PaymentField, string>> = {};
  for (const [field, [first]] of columns) if (first !== undefined) names[field] = headings[first] ?? '';
  return names;
}

function defaultOf(field: PaymentField, defaults: PaymentDefaults): string {
  const given: Readonly<Partial<Record<PaymentField, string>>> = defaults;
  return given[field] ?? '';
}

type RowReader = {
  readonly columns: Columns;
  readonly defaults: PaymentDefaults;
  readonly betrayed: ReadonlySet<number>;
};

/** The cells of one row by field, gathering what is wrong with them. */
class RowCells {
  readonly problems: RowProblem[] = [];
  readonly #row: TableRow;
  readonly #reader: RowReader;

  constructor(row: TableRow, reader: RowReader) {
    this.#row = row;
    this.#reader = reader;
  }

  all(field: PaymentField): readonly Cell[] {
    return (this.#reader.columns.get(field) ?? []).map((column) => cellAt(this.#row, column));
  }

  /** The field's cell, or the default for an empty one. Two columns of one field must not contradict each other. */
  one(field: PaymentField): Cell {
    const filled = this.all(field).filter((cell) => cell.text !== '');
    const [first, ...others] = filled;
    if (!first) return { text: defaultOf(field, this.#reader.defaults), numeric: false };
    const contrary = others.find((other) => other.text !== first.text);
    if (contrary) this.complain('import.field_format', field, `${first.text} / ${contrary.text}`);
    return first;
  }

  complain(code: RowProblem['code'], field: PaymentField, found: string): undefined {
    this.problems.push(rowProblem(code, { line: this.#row.line, field, found }, fieldRules[field]));
    return undefined;
  }

  value<T>(field: PaymentField, convert: (cell: Cell) => T | undefined): T | undefined {
    return this.#convert(field, this.one(field), convert);
  }

  text(field: TextField): string | undefined {
    const cell = this.one(field);
    if (numberFields.includes(field) && (isDestroyedNumber(cell) || this.#isBetrayed(field, cell)))
      return this.complain('import.number_destroyed', field, cell.text);
    return this.#convert(field, cell, ({ text }) => asText(field, text));
  }

  /** Empty is undefined, and a problem only where the field is required. */
  #convert<T>(field: PaymentField, cell: Cell, convert: (cell: Cell) => T | undefined): T | undefined {
    if (cell.text === '')
      return required.includes(field) ? this.complain('import.field_missing', field, '') : undefined;
    return convert(cell) ?? this.complain('import.field_format', field, cell.text);
  }

  #isBetrayed(field: PaymentField, { text }: Cell): boolean {
    const columns = this.#reader.columns.get(field) ?? [];
    return text.length > 15 && columns.some((column) => this.#reader.betrayed.has(column));
  }
}

function readRow(row: TableRow, reader: RowReader): { row: AdoptedRow | undefined; problems: readonly RowProblem[] } {
  const cells = new RowCells(row, reader);
  const texts = readTexts(cells);
  const declaredAmount = cells.value('declared_amount', asYuan);
  const paidAt = cells.value('paid_at', asInstant);
  const isSplit = readSplit(cells, texts.childOrderNo);
  const earlierPushes = readEarlierPushes(cells.all('earlier_push_at'), cells.all('earlier_push_answer'));
  if (!earlierPushes.ok) cells.complain('import.field_format', earlierPushes.field, earlierPushes.found);
  const { orderNo, tradeNo, place, customsCode, customsName } = texts;
  const { problems } = cells;
  if (orderNo === undefined || tradeNo === undefined || place === undefined) return { row: undefined, problems };
  if (customsCode === undefined || customsName === undefined) return { row: undefined, problems };
  if (!declaredAmount || paidAt === undefined || !earlierPushes.ok || problems.length > 0)
    return { row: undefined, problems };
  const needed = { orderNo, tradeNo, place, customsCode, customsName, declaredAmount, paidAt };
  return {
    row: { ...texts, ...needed, line: row.line, isSplit, earlierPushes: earlierPushes.pushes },
    problems,
  };
}

function readTexts(cells: RowCells) {
  return {
    orderNo: cells.text('order_no'),
    requestNo: cells.text('request_no'),
    place: cells.text('place'),
    customsCode: cells.text('customs_code'),
    customsName: cells.text('customs_name'),
    childOrderNo: cells.text('child_order_no'),
    pushedPaymentNo: cells.text('pushed_payment_no'),
    tradeNo: cells.text('trade_no'),
    waybillNo: cells.text('waybill_no'),
  };
}

/** An empty flag follows the child number: with one the declaration was split (Alipay acquire.customs, `is_split`). */
function readSplit(cells: RowCells, childOrderNo: string | undefined): boolean {
  const said = cells.value('is_split', ({ text }) => asFlag(text));
  const hasChild = childOrderNo !== undefined;
  const childIsBroken = !hasChild && cells.problems.some((problem) => problem.field === 'child_order_no');
  if (said !== undefined && said !== hasChild && !childIsBroken)
    cells.complain('import.field_format', 'is_split', said ? 'T' : 'F');
  return said ?? hasChild;
}
