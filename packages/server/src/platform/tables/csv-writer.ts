/** UTF-8's mark: without it spreadsheets read Chinese in the machine's own charset. */
export const csvMark = '\ufeff';

/** One line of CSV (RFC 4180), its end included. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/**
 * The same for people: of a number with more digits than a spreadsheet keeps (15) it makes a text. Our own reader does not take the tab away, so what
 * comes back to us is written without it.
 */
export const sheetLine = (cells: readonly string[]): string =>
  `${cells.map((cell) => (/^\d{12,}$/.test(cell) ? `"\t${cell}"` : csvCell(cell))).join(',')}\r\n`;

/**
 * A text that a spreadsheet would evaluate gets an apostrophe before it, which our own reader takes away again (CWE-1236).
 * A plain signed number is no formula: receipt codes are negative.
 */
function csvCell(cell: string): string {
  const dangerous = /^[=+\-@\t\r]/.test(cell) && !/^[+-]\d+(\.\d+)?$/.test(cell);
  const safe = dangerous ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
