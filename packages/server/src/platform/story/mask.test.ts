import { expect, test } from 'vitest';
import { maskBytes, maskText } from './mask.ts';

test('people are masked by field and by form, and numbers of orders stay', () => {
  const table = [
    ['a=1&buyer_name=%E5%BC%A0&buyer_id_no=999999190001010015&sign=ab', 'a=1&buyer_name=***&buyer_id_no=***&sign=ab'],
    ['<buyer_name>张三</buyer_name><amount>420.00</amount>', '<buyer_name>***</buyer_name><amount>420.00</amount>'],
    ['<buyer_name><![CDATA[张三]]></buyer_name>', '<buyer_name>***</buyer_name>'],
    ['<name>\n<![CDATA[a<b]]> </name><body><![CDATA[tea]]></body>', '<name>***</name><body><![CDATA[tea]]></body>'],
    [
      '<xml><auth_code>134567890123456789</auth_code><sub_openid>oA1</sub_openid><cert_id>1</cert_id></xml>',
      '<xml><auth_code>***</auth_code><sub_openid>***</sub_openid><cert_id>***</cert_id></xml>',
    ],
    ['{"openid":"oA1","name":"张三"}', '{"openid":"***","name":"***"}'],
    ['auth_code=134567890123456789&name=a', 'auth_code=***&name=***'],
    ['<customs_name>shop</customs_name>', '<customs_name>shop</customs_name>'],
    ['{"payer_name": "a\\"b", "x": 1}', '{"payer_name": "***", "x": 1}'],
    ['call 13800138000 now', 'call ****8000 now'],
    ['身份证 11010519491231002X', '身份证 ****002X'],
    ['merchant_customs_name=shop', 'merchant_customs_name=shop'],
    ['order 201510272007101100 and 20151027200710110055', 'order 201510272007101100 and 20151027200710110055'],
  ];
  for (const [before, after] of table) expect(maskText(before!)).toBe(after);
});

test('a JSON text inside a form is masked as one, and left as it came where it tells of nobody', () => {
  const told = (content: unknown): string =>
    `app_id=1&biz_content=${encodeURIComponent(JSON.stringify(content))}&sign=ab`;
  const parts = [{ trans_in: 'lisi1980@example.com', trans_in_name: '李四', amount: '15.00' }];
  expect(maskText(told({ trade_no: '2015', royalty_parameters: parts }))).toBe(
    told({ trade_no: '2015', royalty_parameters: [{ trans_in: '***', trans_in_name: '***', amount: '15.00' }] }),
  );
  expect(maskText(told({ receiver: { account: 'oA1', name: 'a' }, note: '13800138000' }))).toBe(
    told({ receiver: { account: '***', name: '***' }, note: '****8000' }),
  );
  const plain = 'biz_content=%7b%22out_trade_no%22:%22a+b%22%7d';
  expect(maskText(plain)).toBe(plain);
  expect(maskText('x=1&biz_content=%7B%22name%22%3A%E6&sign=ab')).toBe('x=1&biz_content=***&sign=ab');
});

test('bytes outside ASCII come through unchanged', () => {
  const gbk = Uint8Array.from([0xb2, 0xe2, 0xca, 0xd4, 0x3c, 0x61, 0x3e, 0xff, 0x00]);
  expect(maskBytes(gbk)).toEqual(gbk);
});
