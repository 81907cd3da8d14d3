import { done, parseShanghai, refuse, shanghaiDate } from '../../kernel/index.ts';
import type { Instant, Refusal, Result } from '../../kernel/index.ts';
import type {
  ChannelAccount,
  StatementContent,
  StatementLine,
  StatementOperations,
  StatementQuestion,
} from '../contract/index.ts';
import * as layout from './statement.data.ts';
import { micro, negated, readTable, shown, unescaped } from './statement-table.ts';
import type { Row, Table } from './statement-table.ts';

type TradeColumn = keyof typeof layout.tradeColumns;
type TradeTotal = keyof typeof layout.tradeTotals;
type FlowColumn = keyof typeof layout.flowColumns;
type FlowTotal = keyof typeof layout.flowTotals;

export const read: StatementOperations['read'] = (contents, question, account) => {
  if (question.kind === 'trade') return readTrade(contents, question, account);
  if (question.kind === 'flow') return readFlow(contents, question);
  return refuse('statement.kind_unknown', { kind: question.kind, known: 'trade, flow' });
};

type Made = { readonly line: StatementLine } | { readonly refusal: Refusal };

/** The words of a refusal about one value. */
function unfit(column: string, { lineNo: row }: { readonly lineNo: number }, found: string): { refusal: Refusal } {
  return {
    refusal: { code: 'statement.cell_unfit', params: { row, column, found: shown(found) }, pointer: `line ${row}` },
  };
}

function collect<Column extends string>(
  rows: readonly Row<Column>[],
  make: (row: Row<Column>) => Made,
): Result<readonly StatementLine[]> {
  const lines: StatementLine[] = [];
  for (const row of rows) {
    const made = make(row);
    if ('refusal' in made) return { ok: false, refusal: made.refusal };
    lines.push(made.line);
  }
  return done(lines);
}

function readTrade(
  contents: Uint8Array,
  question: StatementQuestion,
  account: ChannelAccount,
): Result<StatementContent> {
  const table = readTable(contents, layout.tradeColumns, layout.tradeTotals);
  if (!table.ok) return table;
  const lines = collect(table.value.rows, (row) => tradeLine(row, table.value, question, account));
  if (!lines.ok) return lines;
  return withTotals(table.value, lines.value, (total) => {
    if (total === 'count') return BigInt(table.value.rows.length) * 1_000_000n;
    return sum(table.value.rows.map(({ cells }) => cells[total]));
  });
}

const moneyColumns = ['settled', 'coupon', 'refunded', 'couponRefunded', 'fee', 'gross', 'refundAsked'] as const;

/** A bill prints how much and in which column; only of a fee that is given back it prints a sign. A refund of −3.45 would read as money to us. */
function isMoney(name: (typeof moneyColumns)[number], text: string): boolean {
  const units = micro(text);
  return units !== undefined && (units >= 0n || name === 'fee');
}

const states = new Map([
  ['SUCCESS', 'payment'],
  ['REFUND', 'refund'],
  ['REVOKED', 'reversal'],
] as const);

function tradeLine(
  row: Row<TradeColumn>,
  { names }: Table<TradeColumn, TradeTotal>,
  question: StatementQuestion,
  account: ChannelAccount,
): Made {
  const { cells, lineNo, byteOff, byteLen } = row;
  const at = momentOf(cells.at, names.at ?? '', row, question);
  if (typeof at !== 'number') return at;
  const stranger = ownerRefusal(row, account);
  if (stranger) return { refusal: stranger };
  const broken = moneyColumns.find((name) => cells[name] !== undefined && !isMoney(name, cells[name]));
  if (broken) return unfit(names[broken] ?? broken, row, cells[broken] ?? '');
  const { settled = '', refunded = '', fee = '', currency = '', state = '' } = cells;
  if (!/^[A-Z]{3}$/.test(currency)) return unfit(names.currency ?? '', row, currency);
  const kind = states.get(state as 'SUCCESS') ?? 'unknown';
  // Which column a reversal stands in is not published; only one of the two is filled.
  const back = kind === 'refund' || (kind !== 'payment' && micro(refunded) !== 0n);
  const amount = back ? negated(refunded) : kind === 'payment' || kind === 'unknown' ? settled : negated(settled);
  return {
    line: {
      ...{ lineNo, byteOff, byteLen, kind, channelKind: state, at, currency, amount, fee: negated(fee) },
      ...some({ serialNo: cells.serialNo, tradeNo: cells.tradeNo, refundNo: cells.refundNo }),
      ...some({ channelRefundNo: cells.channelRefundNo, channelStatus: cells.refundState, product: cells.product }),
      ...some({ rate: cells.rate, about: unescaped(cells.about ?? '') }),
      ...(cells.gross === undefined ? {} : { gross: cells.gross }),
    },
  };
}

/** The file's own account number must be the account's: else somebody else's money is read as ours. */
function ownerRefusal({ cells, lineNo: row }: Row<TradeColumn>, { settings }: ChannelAccount): Refusal | undefined {
  const { mchid = '', subMchid = '' } = cells;
  const sub = settings['sub_mchid'];
  const isOurs = mchid === settings['mchid'] && (sub === undefined || subMchid === sub);
  const found = sub === undefined ? mchid : `${mchid} ${subMchid}`;
  return isOurs ? undefined : { code: 'statement.other_account', params: { row, found: shown(found) } };
}

function momentOf(
  text: string | undefined,
  column: string,
  row: { readonly lineNo: number },
  { day }: StatementQuestion,
): Instant | { refusal: Refusal } {
  const at = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text ?? '') ? parseShanghai(text ?? '') : undefined;
  if (at === undefined) return unfit(column, row, text ?? '');
  const found = shanghaiDate(at);
  return found === day ? at : { refusal: { code: 'statement.other_day', params: { row: row.lineNo, found, day } } };
}

/** Without what is empty; `0` stands where there is no number. */
function some<Name extends string>(fields: { readonly [Each in Name]?: string | undefined }): Partial<
  Record<Name, string>
> {
  const kept = Object.entries<string | undefined>(fields).filter(
    ([, value]) => value !== undefined && value !== '' && value !== '0',
  );
  return Object.fromEntries(kept) as Partial<Record<Name, string>>;
}

function readFlow(contents: Uint8Array, question: StatementQuestion): Result<StatementContent> {
  const table = readTable(contents, layout.flowColumns, layout.flowTotals);
  if (!table.ok) return table;
  const { rows } = table.value;
  const lines = collect(rows, (row) => flowLine(row, table.value, question));
  if (!lines.ok) return lines;
  return withTotals(table.value, lines.value, (total) => {
    const wanted = total.startsWith('incoming') ? layout.incomingWord : layout.outgoingWord;
    const counted = total === 'count' ? rows : rows.filter(({ cells }) => cells.direction === wanted);
    return total.endsWith('Sum') ? sum(counted.map(({ cells }) => cells.amount)) : BigInt(counted.length) * 1_000_000n;
  });
}

/** The document counts in yuan and names no currency. */
const flowCurrency = 'CNY';

function flowLine(row: Row<FlowColumn>, { names }: Table<FlowColumn, FlowTotal>, question: StatementQuestion): Made {
  const { cells, lineNo, byteOff, byteLen } = row;
  const at = momentOf(cells.at, names.at ?? '', row, question);
  if (typeof at !== 'number') return at;
  const { amount = '', balance = '', direction = '', type = '', business = '' } = cells;
  const size = micro(amount);
  if (size === undefined || size < 0n) return unfit(names.amount ?? '', row, amount);
  if (micro(balance) === undefined) return unfit(names.balance ?? '', row, balance);
  if (direction !== layout.incomingWord && direction !== layout.outgoingWord)
    return unfit(names.direction ?? '', row, direction);
  const kind = layout.flowKinds.get(type) ?? layout.flowBusinesses.get(business) ?? 'unknown';
  return {
    line: {
      ...{ lineNo, byteOff, byteLen, kind, channelKind: `${business} ${type}`, at, currency: flowCurrency, balance },
      amount: direction === layout.incomingWord ? amount : negated(amount),
      ...some(numbersOf(kind, cells.channelNo, cells.voucherNo)),
      ...some({ flowNo: cells.flowNo, about: unescaped(cells.note ?? '') }),
    },
  };
}

/** Whose the two numbers of a movement are goes by what it is. */
function numbersOf(
  kind: StatementLine['kind'],
  channelNo: string | undefined,
  voucherNo: string | undefined,
): Readonly<
  Partial<Record<'tradeNo' | 'serialNo' | 'channelRefundNo' | 'refundNo' | 'voucherNo', string | undefined>>
> {
  if (kind === 'payment' || kind === 'fee') return { tradeNo: channelNo, serialNo: voucherNo };
  if (kind === 'refund' || kind === 'refund_return' || kind === 'fee_return')
    return { channelRefundNo: channelNo, refundNo: voucherNo };
  return { tradeNo: channelNo, voucherNo };
}

/** Undefined: a value is missing or none. */
function sum(values: readonly (string | undefined)[]): bigint | undefined {
  let total = 0n;
  for (const value of values) {
    const units = micro(value ?? '');
    if (units === undefined) return undefined;
    total += units;
  }
  return total;
}

/** Every total that the file prints is counted again from its lines. No tolerance, not one fen. */
function withTotals<Column extends string, Total extends string>(
  { totals, totalNames }: Table<Column, Total>,
  lines: readonly StatementLine[],
  countOf: (total: Total) => bigint | undefined,
): Result<StatementContent> {
  const told: Record<string, string> = {};
  for (const [total, text] of Object.entries<string | undefined>(totals.cells) as [Total, string][]) {
    const column = totalNames[total] ?? total;
    const counted = countOf(total);
    if (counted === undefined || micro(text) !== counted)
      return refuse('statement.totals_differ', {
        row: totals.lineNo,
        column,
        found: shown(text),
        counted: written(counted),
      });
    told[column] = text;
  }
  return done({ lines, totals: told });
}

function written(units: bigint | undefined): string {
  if (units === undefined) return '?';
  const text = (units < 0n ? -units : units).toString().padStart(7, '0');
  return `${units < 0n ? '-' : ''}${text.slice(0, -6)}.${text.slice(-6)}`;
}
