import { expect, test } from 'vitest';
import { maskPeople } from './mask.ts';

// A valid and a mistyped number of a region that does not exist.
const table = [
  ['订购人姓名：张三，证件号码：999999190001010015', '订购人姓名：张**，证件号码：****0015'],
  ['[Code:1327;Desc:订购人[欧阳修远]与支付人[李四]不一致]', '[Code:1327;Desc:订购人[欧阳**]与支付人[李**]不一致]'],
  ['身份证号[999999190001010016]格式错误', '身份证号[****0016]格式错误'],
  ['买家 司马相如 手机13800138000', '买家 司马** 手机****8000'],
  ['收件人：阿依古丽·买买提', '收件人：阿**'],
  ['buyer name: John Fitzgerald Smith refused', 'buyer name: John **'],
  ["orderer [O'Neill Mary-Jane]", "orderer [O'Neill **]"],
  ['订购人与支付人不一致', '订购人与支付人不一致'],
  ['支付人信息有误', '支付人信息有误'],
  ['订购人超过年度额度', '订购人超过年度额度'],
  [
    '订单号 2015102720071011005551292 支付单 2015102721001004930000000001',
    '订单号 2015102720071011005551292 支付单 2015102721001004930000000001',
  ],
  ['新增申报成功[7D3C0B5E-1A44-4C0E-9C61-0000000000A1]', '新增申报成功[7D3C0B5E-1A44-4C0E-9C61-0000000000A1]'],
  [
    'buyer_name=%E5%BC%A0&buyer_id_no=999999190001010015&out_request_no=LS1',
    'buyer_name=***&buyer_id_no=***&out_request_no=LS1',
  ],
  ['<payerName>张三</payerName>', '<payerName>***</payerName>'],
] as const;

test.each(table)('%s', (text, masked) => {
  expect(maskPeople(text)).toBe(masked);
});
