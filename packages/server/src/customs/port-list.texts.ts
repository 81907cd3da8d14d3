import type { RowProblemText } from '../platform/tables/index.ts';
import type { PortListField } from './port-list-headings.ts';

/** The form a field must have, in words for the person who mends the file. */
export const fieldRules: Readonly<Record<PortListField, RowProblemText>> = {
  order_no: rule('订单号不能为空，1–64 位，不含空格', 'the order number has 1–64 characters and no blanks'),
  waybill_no: rule('运单号为 1–60 位，不含空格', 'the waybill number has 1–60 characters and no blanks'),
  trade_no: rule('支付交易号为 1–64 位，不含空格', 'the trade number has 1–64 characters and no blanks'),
  exit_status: rule('出关状态填 1/0、是/否、已放行/未放行', 'the exit status is 1/0, Y/N, released/stuck'),
};

export const conflictingRows: RowProblemText = {
  ruleZh: '同一订单号出现多次且内容不同，均未导入',
  ruleEn: 'the same order number is there more than once with other content; none was taken over',
  wayOutZh: '只保留正确的一行，删除其余各行',
  wayOutEn: 'keep the row that is right and delete the others',
};

function rule(ruleZh: string, ruleEn: string): RowProblemText {
  return { ruleZh, ruleEn, wayOutZh: '改正该单元格后重新导入', wayOutEn: 'mend the cell and import again' };
}
