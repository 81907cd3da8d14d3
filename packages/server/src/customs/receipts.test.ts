import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { expect, test } from 'vitest';
import { readReceipts, type ReceiptFile } from './receipts.ts';
import { readReceiptText } from './receipt-text.ts';

const fixture = (name: string) => readFileSync(new URL(`../../test/fixtures/ceb/${name}.xml`, import.meta.url));

function read(bytes: Uint8Array): ReceiptFile {
  const file = readReceipts(bytes);
  if (!file.ok) throw new Error(`refused: ${JSON.stringify(file.refusal)}`);
  return file.value;
}

test('receipts of payment documents carry the pushed number, the status as written and the moment', () => {
  const { type, receipts, problems } = read(fixture('sample-ceb412'));
  expect({ type, problems }).toEqual({ type: 'CEB412', problems: [] });
  expect(receipts.map((receipt) => receipt.returnStatus)).toEqual(['2', '120', '-401007', '4']);
  expect(receipts[1]).toMatchObject({
    payCode: '9999PY0001',
    payTransactionId: 'PAY202603010000000001',
    returnTime: Date.parse('2026-03-01T10:05:27.004+08:00'),
    code: '1800',
    codeText: '逻辑校验通过',
  });
});

test('a list receipt that misses its payment says so, and names the order', () => {
  const { receipts } = read(fixture('sample-ceb622'));
  expect(receipts).toMatchObject([
    {
      copNo: 'INV202603010001',
      preNo: 'B20260301000000001',
      ebpCode: '9999LS0001',
      orderNo: 'LS20260301000001',
      missingPayment: true,
    },
    { invtNo: '29282026I000000002', returnStatus: '800', code: '2600', missingPayment: false },
    { returnStatus: '100', code: '1313', missingPayment: false },
  ]);
});

const sample = () => fixture('sample-ceb412').toString('utf8');
const variants: Record<string, () => Uint8Array> = {
  'a byte-order mark': () => Buffer.from(`\ufeff${sample()}`),
  'gb2312, declared': () => iconv.encode(sample().replace('UTF-8', 'gb2312'), 'gbk'),
  'UTF-16': () => Buffer.from(`\ufeff${sample().replace('UTF-8', 'UTF-16')}`, 'utf16le'),
  'a prefix': () =>
    Buffer.from(
      sample()
        .replace(/<(\/?)(?=[A-Za-z])/g, '<$1ceb:')
        .replace('xmlns=', 'xmlns:ceb='),
    ),
  'a prefix declared on the children': () =>
    Buffer.from(
      sample()
        .replaceAll('<PaymentReturn>', '<p:PaymentReturn xmlns:p="http://www.chinaport.gov.cn/ceb">')
        .replaceAll('</PaymentReturn>', '</p:PaymentReturn>'),
    ),
  'an element of the same name from another namespace': () =>
    Buffer.from(sample().replace('<PaymentReturn>', '<x:PaymentReturn xmlns:x="urn:other"/><PaymentReturn>')),
  'text in CDATA': () =>
    Buffer.from(sample().replace(/<returnInfo>(.*?)<\/returnInfo>/g, '<returnInfo><![CDATA[$1]]></returnInfo>')),
};
test.each(Object.entries(variants))('a message reads the same with %s', (_name, bytes) => {
  expect(read(bytes())).toEqual(read(fixture('sample-ceb412')));
});

test('one receipt reads like many', () => {
  const one = sample().replace(/(<\/PaymentReturn>)[^]*(?=<\/CEB412Message>)/, '$1');
  expect(read(Buffer.from(one)).receipts).toEqual(read(fixture('sample-ceb412')).receipts.slice(0, 1));
});

test('a receipt without its status, or with a time that is none, is told and the others are kept', () => {
  const spoilt = sample().replace('<returnStatus>2</returnStatus>', '').replace('20260301100520001', '2026-03-01');
  const { receipts, problems } = read(Buffer.from(spoilt));
  expect(receipts.map((receipt) => receipt.returnStatus)).toEqual(['120', '-401007']);
  expect(problems).toEqual([
    { line: 1, field: 'returnStatus', code: 'import.field_missing', found: '' },
    { line: 4, field: 'returnTime', code: 'import.field_format', found: '2026-03-01' },
  ]);
});

const refused: readonly (readonly [string, string, () => string | Uint8Array])[] = [
  ['an empty file', 'import.empty', () => ''],
  ['half a file', 'import.format', () => sample().slice(0, 700)],
  ['a DOCTYPE', 'import.format', () => sample().replace('?>', '?><!DOCTYPE a [<!ENTITY b "c">]>')],
  ['another namespace', 'import.format', () => sample().replace('chinaport.gov.cn/ceb', 'example.cn/ceb')],
  ['another message', 'import.format', () => sample().replaceAll('CEB412', 'CEB312')],
  ['bytes of another charset', 'import.charset', () => iconv.encode(sample(), 'gbk')],
  ['an unknown charset', 'import.charset', () => sample().replace('UTF-8', 'klingon')],
  ['more than 32 MiB', 'import.too_large', () => new Uint8Array(32 * 1024 * 1024 + 1)],
  ['a hundred thousand levels', 'import.format', () => '<a>'.repeat(100_000) + '</a>'.repeat(100_000)],
  ['a NUL in a text', 'import.format', () => sample().replace('<guid>', '<guid>\u0000')],
  ['an element closed by another name', 'import.format', () => sample().replace('</guid>', '</gui>')],
  ['a second message behind the first', 'import.format', () => sample() + sample().slice(38)],
];
test.each(refused)('%s is refused as %s', (_name, code, content) => {
  const file = readReceipts(Buffer.from(content()));
  expect(file.ok ? 'read' : file.refusal.code).toBe(code);
});

test('half a character written as a reference stays as it is written: no database takes it', () => {
  const file = readReceipts(Buffer.from(sample().replace('<guid>', '<guid>&#xD800;&#0;')));
  expect(file.ok && file.value.receipts[0]?.guid).toMatch(/^&#xD800;&#0;/);
});

test('no bytes make the reader throw', () => {
  const cut = fc.tuple(fc.nat(1500), fc.uint8Array({ maxLength: 8 })).map(([at, patch]) => {
    const bytes = Uint8Array.from(fixture('sample-ceb622'));
    bytes.set(patch, at);
    return bytes;
  });
  fc.assert(
    fc.property(fc.oneof(cut, fc.uint8Array()), (bytes) => void readReceipts(bytes)),
    { numRuns: 500 },
  );
});

test.each([
  ['[Code:1327;Desc:订购人与支付人不一致]', { code: '1327', codeText: '订购人与支付人不一致', missingPayment: false }],
  ['[code：13035；desc：支付企业不符]', { code: '13035', codeText: '支付企业不符', missingPayment: false }],
  ['对应电商平台为[X]订单号为[LS-1]支付单信息不存在', { orderNo: 'LS-1', missingPayment: true }],
  ['对应电商平台为[X]订单号为[LS-1]运单信息不存在', { orderNo: 'LS-1', missingPayment: false }],
  ['电商平台[X]未对接海关总署179号公告', { missingPayment: false }],
  ['', { missingPayment: false }],
])('the text %s is understood', (text, meaning) => {
  expect(readReceiptText(text)).toEqual(meaning);
});
