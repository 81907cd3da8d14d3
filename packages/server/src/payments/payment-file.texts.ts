import type { RowProblemText } from '../platform/tables/index.ts';
import type { PaymentField } from './headings.ts';

/** The form a field must have, in words for the person who mends the file. */
export const fieldRules: Readonly<Record<PaymentField, RowProblemText>> = {
  order_no: rule('订单号不能为空，1–64 位，不含空格', 'the order number has 1–64 characters and no blanks'),
  request_no: rule(
    '报关请求号为 6–32 位字母、数字、_ : -',
    'the request number has 6–32 characters of A–Z a–z 0–9 _ : -',
    '填写当时报关所用的请求号，不知道时留空',
    'give the request number that was declared with; leave it empty when it is not known',
  ),
  place: rule(
    '海关代码为 1–20 位字母、数字或 _',
    'the customs place has 1–20 letters, digits or _',
    '例如 ZONGSHU',
    'e.g. ZONGSHU',
  ),
  customs_code: rule('备案号为 1–20 位字母、数字', 'the customs record number has 1–20 letters or digits'),
  customs_name: rule('备案名称为 1–256 字', 'the registered name has 1–256 characters'),
  declared_amount: rule(
    '报关金额为大于零的人民币元，最多两位小数',
    'the declared amount is in yuan, above zero, two decimals at most',
  ),
  is_split: rule('是否拆单填 T 或 F，T 时须有子订单号', 'is_split is T or F; T needs a child order number, F has none'),
  child_order_no: rule('子订单号为 1–32 位，不含空格', 'the child order number has 1–32 characters and no blanks'),
  pushed_payment_no: rule(
    '推送支付号为 1–60 位，不含空格',
    'the pushed payment number has 1–60 characters and no blanks',
  ),
  trade_no: rule('交易号为 16–64 位字母、数字', 'the trade number has 16–64 letters or digits'),
  waybill_no: rule('运单号为 1–60 位，不含空格', 'the waybill number has 1–60 characters and no blanks'),
  paid_at: rule(
    '支付时间为北京时间，例如 2015-10-27 20:07:10',
    'the time of payment is Beijing time, e.g. 2015-10-27 20:07:10',
  ),
  earlier_push_at: rule(
    '每个重推时间须是北京时间，且与重推结果一一对应',
    'every earlier push has a Beijing time, and as many answers as times (or none)',
    '多次重推用分号隔开，时间与结果次序相同',
    'separate several pushes by semicolons, times and answers in the same order',
  ),
  earlier_push_answer: rule('重推结果须与重推时间一一对应', 'as many answers as times of earlier pushes'),
};

function rule(
  ruleZh: string,
  ruleEn: string,
  wayOutZh = '改正该单元格后重新导入',
  wayOutEn = 'mend the cell and import again',
): RowProblemText {
  return { ruleZh, ruleEn, wayOutZh, wayOutEn };
}

export const conflictingRows: RowProblemText = {
  ruleZh: '同一申报（订单号、海关、子订单号，或报关请求号）出现多次且内容不同，均未导入',
  ruleEn:
    'the same declaration (order, place and child, or the same request number) is there more than once with other content; none was taken over',
  wayOutZh: '只保留正确的一行，删除其余各行',
  wayOutEn: 'keep the row that is right and delete the others',
};
