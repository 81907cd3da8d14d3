import { shorten, type RowProblem, type RowProblemCode } from './table.ts';

/** The sentences of a problem: the rule that the value breaks, and the way out. */
export type RowProblemText = Pick<RowProblem, 'ruleZh' | 'ruleEn' | 'wayOutZh' | 'wayOutEn'>;

const spreadsheet: RowProblemText = {
  ruleZh: '该号码已被表格软件改写，后几位丢失',
  ruleEn: 'a spreadsheet has rewritten this number; its last digits are lost',
  wayOutZh: '将该列设为文本格式，从原系统重新导出',
  wayOutEn: 'set the column to text and export it again from where it came',
};

const duplicate: RowProblemText = {
  ruleZh: '与前面的一行内容相同',
  ruleEn: 'the same as an earlier row',
  wayOutZh: '无需处理，已按一行计',
  wayOutEn: 'nothing to do; it was taken over once',
};

/** Why and way out where they do not depend on the field. */
const commonTexts: ReadonlyMap<RowProblemCode, RowProblemText> = new Map([
  ['import.number_destroyed', spreadsheet],
  ['import.duplicate_row', duplicate],
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
