import { duplicateRow, numberDestroyed } from './row-problem.texts.ts';
import { shorten, type RowProblem, type RowProblemCode, type RowProblemText } from './table.ts';

/** Why and way out where they do not depend on the field. */
const commonTexts: ReadonlyMap<RowProblemCode, RowProblemText> = new Map([
  ['import.number_destroyed', numberDestroyed],
  ['import.duplicate_row', duplicateRow],
]);

export function rowProblem(
  code: RowProblemCode,
  at: { readonly line: number; readonly field: string; readonly found: string },
  text: RowProblemText,
): RowProblem {
  return { ...at, code, found: shorten(at.found), ...(commonTexts.get(code) ?? text) };
}

export function problemOrder(one: RowProblem, other: RowProblem): number {
  return one.line - other.line;
}
