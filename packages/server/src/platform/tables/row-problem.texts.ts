import type { RowProblemText } from './table.ts';

export const numberDestroyed: RowProblemText = {
  ruleZh: '该号码已被表格软件改写，后几位丢失',
  ruleEn: 'a spreadsheet has rewritten this number; its last digits are lost',
  wayOutZh: '将该列设为文本格式，从原系统重新导出',
  wayOutEn: 'set the column to text and export it again from where it came',
};

export const duplicateRow: RowProblemText = {
  ruleZh: '与前面的一行内容相同',
  ruleEn: 'the same as an earlier row',
  wayOutZh: '无需处理，已按一行计',
  wayOutEn: 'nothing to do; it was taken over once',
};

export const rowTooWide = (width: number, found: number): RowProblemText => ({
  ruleZh: `标题有 ${width} 列，本行有 ${found} 列`,
  ruleEn: `the headings have ${width} columns, this row has ${found}`,
  wayOutZh: '检查本行是否有未加引号的分隔符，改正后重新导入',
  wayOutEn: 'look for a separator without quotes in this row, mend it and import again',
});
