import type { RowProblemText } from '../platform/tables/index.ts';

export const replyDestroyed: RowProblemText = {
  ruleZh: '号码已被表格软件改写',
  ruleEn: 'a spreadsheet rewrote this number',
  wayOutZh: '请用证据包里的 orders.xlsx 填写',
  wayOutEn: 'answer in orders.xlsx of the pack',
};

export const replyWithoutNumber: RowProblemText = {
  ruleZh: '有答复而没有订单号或报关请求号',
  ruleEn: 'an answer without an order number or request number',
  wayOutZh: '补上订单号后重新导入',
  wayOutEn: 'add the order number and import again',
};

export const notInPack: RowProblemText = {
  ruleZh: '这个编号不在证据包里，或对应不止一笔报关',
  ruleEn: 'this number is not in the pack, or belongs to more than one declaration of it',
  wayOutZh: '核对证据包编号；拆单的请写子订单号或报关请求号',
  wayOutEn: 'check the number of the pack; of a split order give the child order number or the request number',
};

export const replyNotTaken: RowProblemText = {
  ruleZh: '这一行没有被接受，也没有记为已答复',
  ruleEn: 'this row was not taken, and is not noted as answered',
  wayOutZh: '查看 liushui cases，处理后再次导入同一文件：只补上缺的行',
  wayOutEn: 'see liushui cases, and import the same file again afterwards: only what lacks is added',
};
