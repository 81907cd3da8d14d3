import type { Cell, TableRow } from './table.ts';

/** IEEE 754 doubles, and so spreadsheets, keep 15 decimal digits of a number for certain. */
const trustedDigits = 15;
/** A long number that ends in this many zeros behind its 15th digit was cut: by chance one in 100,000 looks so. */
const betrayingZeros = 5;

/** True when a spreadsheet has cut the number: scientific notation, a number cell too long, or a tail of zeros. */
export function isDestroyedNumber({ text, numeric }: Cell): boolean {
  if (/^\d(\.\d+)?e\+?\d+$/i.test(text)) return true;
  if (numeric && text.replace(/^0+|\D/g, '').length > trustedDigits) return true;
  return new RegExp(`^[1-9]\\d{${trustedDigits - 1}}0{${betrayingZeros},}$`).test(text);
}

/** Columns whose long numbers (more than 15 digits) all end in zeros behind the 15th, three or more of them. */
export function betrayedColumns(rows: readonly TableRow[], columns: readonly number[]): ReadonlySet<number> {
  const betrayed = new Set<number>();
  for (const column of columns) {
    const long = rows.map((row) => row.cells[column]?.text ?? '').filter((text) => /^\d{16,}$/.test(text));
    if (long.length >= 3 && long.every((text) => /^0+$/.test(text.slice(trustedDigits)))) betrayed.add(column);
  }
  return betrayed;
}
