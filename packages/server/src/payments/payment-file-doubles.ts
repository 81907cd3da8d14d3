import { rowProblem, type RowProblem } from '../platform/tables/index.ts';
import { conflictingRows } from './payment-file.texts.ts';
import type { AdoptedRow } from './payment-file-row.ts';

/**
 * Rows said twice count once. Rows that contradict each other are all refused: to keep the first would be a guess.
 * The request number is the identity of a declaration (Alipay acquire.customs), so it contradicts as well.
 */
export function withoutDoubles(rows: readonly AdoptedRow[]): { rows: AdoptedRow[]; problems: RowProblem[] } {
  const problems: RowProblem[] = [];
  const first = new Map<string, AdoptedRow>();
  for (const row of rows) {
    const content = contentOf(row);
    if (first.has(content)) problems.push(problemOf('import.duplicate_row', row, 'row', row.orderNo));
    else first.set(content, row);
  }
  const kept = [...first.values()];
  const byDeclaration = countBy(kept, declarationOf);
  const byRequest = countBy(kept, (row) => row.requestNo);
  const contradicted = (row: AdoptedRow): boolean => {
    if ((byDeclaration.get(declarationOf(row)) ?? 0) > 1) return true;
    return (byRequest.get(row.requestNo ?? '') ?? 0) > 1;
  };
  for (const row of kept.filter(contradicted)) {
    const sameDeclaration = (byDeclaration.get(declarationOf(row)) ?? 0) > 1;
    const [field, found] = sameDeclaration ? ['order_no', row.orderNo] : ['request_no', row.requestNo ?? ''];
    problems.push(problemOf('import.conflicting_rows', row, field, found));
  }
  return { rows: kept.filter((row) => !contradicted(row)), problems };
}

function declarationOf({ orderNo, place, childOrderNo }: AdoptedRow): string {
  return JSON.stringify([orderNo, place.toUpperCase(), childOrderNo]);
}

function contentOf(row: AdoptedRow): string {
  return JSON.stringify({ ...row, line: 0, declaredAmount: String(row.declaredAmount.minor) });
}

function countBy(rows: readonly AdoptedRow[], key: (row: AdoptedRow) => string | undefined): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const value = key(row);
    if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}

function problemOf(code: RowProblem['code'], row: AdoptedRow, field: string, found: string): RowProblem {
  return rowProblem(code, { line: row.line, field, found }, conflictingRows);
}
