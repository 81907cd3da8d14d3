// The simulator keeps fen in a JavaScript number: its books are JSON, and 2^53 fen is far above any retail declaration.

const yuanText = /^(\d{1,12})(?:\.(\d{1,5}))?$/;

/** Yuan text (`1`, `0.1`, `199.00`; customs allows five decimals) to fen. `undefined` when it is no exact number of fen. */
export function fenOf(text: string): number | undefined {
  const parts = yuanText.exec(text);
  if (!parts) return undefined;
  const decimals = (parts[2] ?? '').padEnd(5, '0');
  if (!decimals.endsWith('000')) return undefined;
  return Number(parts[1]) * 100 + Number(decimals.slice(0, 2));
}

export function yuanOf(fen: number): string {
  return `${Math.trunc(fen / 100)}.${String(fen % 100).padStart(2, '0')}`;
}
