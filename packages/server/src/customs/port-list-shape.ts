import type { TableRow } from '../platform/tables/index.ts';
import { releasedOf, type PortListField } from './port-list-headings.ts';

/** In this order: what an earlier shape takes, a later one does not see. */
const shapes: readonly { readonly field: PortListField; readonly fits: (text: string) => boolean }[] = [
  { field: 'exit_status', fits: (text) => releasedOf(text) !== undefined },
  { field: 'trade_no', fits: (text) => /^20\d{26}$/.test(text) || /^4\d{27}$/.test(text) },
  { field: 'order_no', fits: (text) => /^20\d{2}(0[1-9]|1[0-2])([0-2]\d|3[01])\d{4,24}$/.test(text) },
  { field: 'waybill_no', fits: (text) => /^[A-Za-z]{0,4}\d{8,15}[A-Za-z]{0,2}$/.test(text) },
];

/** A few spoilt cells must not hide what a column is. */
const shareNeeded = 0.9;

/**
 * Columns of a list without known headings: trade numbers of Alipay (20 + 26 digits) and WeChat (4 + 27), order numbers
 * that begin with their date, waybills. Undefined when two columns fit one shape: a guess would complain about wrong orders.
 */
export function columnsByShape(rows: readonly TableRow[]): ReadonlyMap<PortListField, number> | undefined {
  const columns = new Map<PortListField, number>();
  const width = rows.reduce((most, row) => Math.max(most, row.cells.length), 0);
  for (let column = 0; column < width; column++) {
    const field = fieldByShape(rows, column);
    if (!field) continue;
    if (columns.has(field)) return undefined;
    columns.set(field, column);
  }
  return columns;
}

function fieldByShape(rows: readonly TableRow[], column: number): PortListField | undefined {
  const texts = rows.map((row) => row.cells[column]?.text ?? '').filter((text) => text !== '');
  const needed = Math.max(1, texts.length * shareNeeded);
  return shapes.find(({ fits }) => texts.filter(fits).length >= needed)?.field;
}
