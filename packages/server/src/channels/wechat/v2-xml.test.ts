import { expect, test } from 'vitest';
import vectors from './fixtures/vectors.json' with { type: 'json' };
import { signV2, v2Text } from './sign-v2.ts';
import { readV2, writeV2 } from './v2-xml.ts';
import { Secret } from '../../kernel/index.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (text: string) => {
  const fields = readV2(bytes(text));
  return fields && Object.fromEntries(fields);
};

/** The order of the signature chapter's own vector, as a body: CDATA here, entities there. */
const f1 =
  '<xml><appid><![CDATA[wx0123456789abcdef]]></appid><mch_id><![CDATA[1800000042]]></mch_id>' +
  '<nonce_str><![CDATA[5K8264ILTKCH16CQ2502SI8ZNMTM67VS]]></nonce_str><body><![CDATA[流水测试商品]]></body>' +
  '<attach>a&amp;b=c &lt;d&gt;</attach><out_trade_no><![CDATA[LS20261201-0003]]></out_trade_no><total_fee><![CDATA[12345]]></total_fee>' +
  '<spbill_create_ip><![CDATA[203.0.113.7]]></spbill_create_ip><notify_url><![CDATA[https://pay.example.com/notify/wechat-v2]]></notify_url>' +
  '<trade_type><![CDATA[NATIVE]]></trade_type><product_id><![CDATA[SKU1]]></product_id><sign>92F24CDE6B2BB514D0237682B5630C89</sign></xml>';

test('F1 as a body: signed over the decoded values, whatever their form', () => {
  const fields = readV2(bytes(f1))!;
  const held = { api_v2_key: [new Secret(vectors.keys.api_v2_key)] };
  expect(signV2(v2Text(fields), 'MD5', held)).toBe(fields.get('sign'));
  expect(read(Buffer.from(writeV2(Object.fromEntries(fields))).toString())).toEqual(Object.fromEntries(fields));
});

test.each<[string, Readonly<Record<string, string>>]>([
  ['\ufeff<?xml version="1.0" encoding="UTF-8"?>\n<xml>\r\n <a>1</a>\n</xml>\n', { a: '1' }],
  ['<xml><a><![CDATA[<b>&amp;]]> ]]></a></xml>'.replace(' ]]>', ''), { a: '<b>&amp;' }],
  ['<xml><a>x<![CDATA[y]]>z<![CDATA[]]></a><b></b></xml>', { a: 'xyz', b: '' }],
  ['<xml><a>&#20013;&#x6587;&quot;&apos;</a></xml>', { a: '中文"\'' }],
  ['<xml><a>1\r\n2</a></xml>', { a: '1\n2' }],
  ['<xml></xml>', {}],
])('%s is read', (text, fields) => {
  expect(read(text)).toEqual(fields);
});

test.each([
  '',
  '<xml>',
  '<root><a>1</a></root>',
  '<xml><a>1</a><a>1</a></xml>',
  '<xml><a><b>1</b></a></xml>',
  '<xml><a x="1">1</a></xml>',
  '<xml>text<a>1</a></xml>',
  '<xml><a>1</b></xml>',
  '<xml><a>&unknown;</a></xml>',
  '<xml><a>& </a></xml>',
  '<xml><a>&#0;</a></xml>',
  '<xml><a>\u0001</a></xml>',
  '<xml><a><![CDATA[1]]</a></xml>',
  '<xml><!-- --><a>1</a></xml>',
  '<xml><a>1</a></xml><xml><a>2</a></xml>',
  '<!DOCTYPE xml [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><a>&a;</a></xml>',
  '<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY a "b">]><xml><a>1</a></xml>',
  '<?xml version="1.0" encoding="GBK"?><xml><a>1</a></xml>',
  `<xml>${'<a>'.repeat(80_000)}</xml>`,
  `<xml><a>${'<![CDATA['.repeat(20_000)}</a></xml>`,
  `<xml><a>${'x'.repeat(300_000)}</a></xml>`,
])('%.60s is not', (text) => {
  expect(readV2(bytes(text))).toBeUndefined();
});

test('what is no UTF-8 is not read', () => {
  expect(readV2(Buffer.from('<xml><a>\xff</a></xml>', 'latin1'))).toBeUndefined();
});
