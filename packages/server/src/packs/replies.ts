import { done, refuse } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import {
  betrayedColumns,
  cellAt,
  isDestroyedNumber,
  normalHeading,
  problemOrder,
  rowProblem,
} from '../platform/tables/index.ts';
import type { RowProblem, RowProblemText, Table, TableRow } from '../platform/tables/index.ts';
import { columns as packColumns } from './member.ts';
import { arrivedWords, freeWords, releasedWords, replyHeadings } from './reply-words.data.ts';
import type { ReplyResult } from './reply-words.data.ts';
import { notInPack, replyDestroyed, replyNotTaken, replyWithoutNumber } from './replies.texts.ts';

type Field = keyof typeof replyHeadings;
const fields = Object.keys(replyHeadings) as Field[];

/** One row of an answer. `words`: as they stood. */
export type ReplyRow = {
  readonly line: number;
  readonly requestNo: string;
  readonly childOrderNo: string;
  readonly orderNo: string;
  readonly result: ReplyResult;
  readonly words: string;
  readonly text: string;
};

export type ReplyFile = {
  readonly rows: readonly ReplyRow[];
  /** Rows that nobody filled in. */
  readonly empty: number;
  readonly problems: readonly RowProblem[];
};

/** Our own headings carry both names in a workbook: `订单号 order_no`. */
const fieldByHeading: ReadonlyMap<string, Field> = new Map([
  ...fields.flatMap((field) => replyHeadings[field].split(' ').map((name) => [normalHeading(name), field] as const)),
  ...packColumns.flatMap(({ name, heading }) => {
    const field = fields.find((one) => replyHeadings[one].split(' ')[0] === name);
    return field ? [[normalHeading(`${heading.zh} ${name}`), field] as const] : [];
  }),
]);

type Columns = ReadonlyMap<Field, number>;

/**
 * Reads the answer of a receiver: our own file filled in, or a table of theirs. Every row is in `rows`, counted as empty, or named in
 * `problems`. @returns refusal pack.reply_columns when there is no column of order numbers or none of answers.
 */
export function readReplies(table: Table, receiver: 'channel' | 'port'): Result<ReplyFile> {
  const columns = columnsOf(table.headings);
  const found = table.headings.join(', ');
  if (!columns.has('order_no') && !columns.has('request_no'))
    return refuse('pack.reply_columns', { missing: 'order_no', found });
  if (!['free', 'arrived', 'released'].some((field) => columns.has(field as Field)))
    return refuse('pack.reply_columns', { missing: 'reply_result', found });
  const numbers = (['order_no', 'child_order_no', 'request_no'] as const).flatMap((field) => columns.get(field) ?? []);
  const betrayed = betrayedColumns(table.rows, numbers);
  const rows: ReplyRow[] = [];
  const problems: RowProblem[] = [...table.problems];
  let empty = 0;
  for (const row of table.rows) {
    const read = readRow(row, columns, receiver, betrayed);
    if (read === undefined) empty += 1;
    else if ('code' in read) problems.push(read);
    else rows.push(read);
  }
  return done({ rows, empty, problems: problems.sort(problemOrder) });
}

function columnsOf(headings: readonly string[]): Columns {
  const columns = new Map<Field, number>();
  for (const [index, heading] of headings.entries()) {
    const field = fieldByHeading.get(normalHeading(heading));
    if (field && !columns.has(field)) columns.set(field, index);
  }
  return columns;
}

function readRow(
  row: TableRow,
  columns: Columns,
  receiver: 'channel' | 'port',
  betrayed: ReadonlySet<number>,
): ReplyRow | RowProblem | undefined {
  const cell = (field: Field): string => cellAt(row, columns.get(field)).text;
  const told = answerOf(cell, columns, receiver);
  const text = cell('text');
  if (!told && text === '') return undefined;
  for (const field of ['order_no', 'child_order_no', 'request_no'] as const) {
    const column = columns.get(field);
    const found = cellAt(row, column);
    const lost = isDestroyedNumber(found) || (column !== undefined && betrayed.has(column) && found.text.length > 15);
    if (lost) return problem('import.number_destroyed', row.line, field, found.text, replyDestroyed);
  }
  const [requestNo, childOrderNo, orderNo] = [cell('request_no'), cell('child_order_no'), cell('order_no')];
  if (requestNo === '' && orderNo === '')
    return problem('import.field_missing', row.line, 'order_no', '', replyWithoutNumber);
  const { result, words } = told ?? { result: 'unknown' as const, words: '' };
  return { line: row.line, requestNo, childOrderNo, orderNo, result, words, text };
}

function problem(
  code: RowProblem['code'],
  line: number,
  field: string,
  found: string,
  text: RowProblemText,
): RowProblem {
  return rowProblem(code, { line, field, found }, text);
}

/** A row that names nothing of the pack. */
export function strangeRow({ line, orderNo, requestNo }: ReplyRow): RowProblem {
  return problem('import.field_format', line, 'order_no', orderNo || requestNo, notInPack);
}

/** A row whose declaration could not take it. */
export function lostRow({ line, orderNo, requestNo }: ReplyRow): RowProblem {
  return problem('import.field_format', line, 'row', orderNo || requestNo, replyNotTaken);
}

type Told = { readonly result: ReplyResult; readonly words: string };

/** The first column that says something: what was asked of it decides how its words are read. */
function answerOf(cell: (field: Field) => string, columns: Columns, receiver: 'channel' | 'port'): Told | undefined {
  const free = cell('free');
  if (free !== '') return { result: resultOf(free, freeLists[receiver]), words: free };
  // Only a port knows whether something arrived or left.
  const [arrived, released] = [cell('arrived'), cell('released')];
  if (columns.has('arrived') && arrived !== '')
    return { result: receiver === 'port' ? resultOf(arrived, arrivedList) : 'unknown', words: arrived };
  if (columns.has('released') && released !== '')
    return { result: receiver === 'port' ? resultOf(released, releasedList) : 'unknown', words: released };
  return undefined;
}

type List = ReadonlyMap<string, ReplyResult>;

function listOf(words: Partial<Readonly<Record<ReplyResult, string>>>): List {
  return new Map(
    Object.entries(words).flatMap(([result, list]) =>
      list.split(' ').map((word) => [normalHeading(word), result as ReplyResult] as const),
    ),
  );
}

const freeLists = { channel: listOf(freeWords.channel), port: listOf(freeWords.port) };
const arrivedList = listOf(arrivedWords);
const releasedList = listOf(releasedWords);

/** A whole cell, without signs and blanks: a part of it may say the opposite. */
function resultOf(words: string, list: List): ReplyResult {
  return list.get(normalHeading(words)) ?? 'unknown';
}
