import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rfc3339, toDecimal } from '../kernel/index.ts';
import { readTable, type Cell, type Table } from '../platform/tables/index.ts';
import { paymentFieldOf, paymentFields, type PaymentField } from './headings.ts';
import { readPaymentFile, type PaymentDefaults, type PaymentFile } from './payment-file.ts';

const good: Readonly<Record<PaymentField, string>> = {
  order_no: '2015102715463211006970270',
  request_no: 'LS20151027_000001',
  place: 'ZONGSHU',
  customs_code: '3301TEST01',
  customs_name: '杭州流水电子商务有限公司',
  declared_amount: '420.00',
  is_split: 'F',
  child_order_no: '',
  pushed_payment_no: '2015102700001000860060475162',
  trade_no: '2015102700001000860060475162',
  waybill_no: '359876350074',
  paid_at: '2015-10-27 15:46:32',
  earlier_push_at: '2015-10-27 16:00:00;2015-10-28 09:00:00',
  earlier_push_answer: 'SUCCESS;SUCCESS',
};

type Given = Partial<Record<PaymentField, string | Cell>>;

function tableOf(rows: readonly Given[], headings: readonly string[] = paymentFields): Table {
  const cellOf = (given: Given, field: PaymentField): Cell => {
    const value = given[field] ?? good[field];
    return typeof value === 'string' ? { text: value, numeric: false } : value;
  };
  const lines = rows.map((row, index) => ({
    line: index + 2,
    cells: paymentFields.map((field) => cellOf(row, field)),
  }));
  return { format: 'csv', charset: 'UTF-8', headings, rows: lines, problems: [], skipped: [] };
}

function read(table: Table, defaults: PaymentDefaults = {}): PaymentFile {
  const file = readPaymentFile(table, defaults);
  if (!file.ok) throw new Error(`refused: ${JSON.stringify(file.refusal)}`);
  return file.value;
}

const told = (file: PaymentFile) => file.problems.map(({ line, field, code }) => `${line} ${field} ${code}`);

test('a full row is read into money, moments and earlier pushes', () => {
  const [row] = read(tableOf([{}])).rows;
  expect(row).toMatchObject({ line: 2, requestNo: 'LS20151027_000001', isSplit: false, childOrderNo: undefined });
  expect(row && toDecimal(row.declaredAmount)).toBe('420.00');
  expect(row && rfc3339(row.paidAt)).toBe('2015-10-27T15:46:32+08:00');
  expect(row?.earlierPushes.map(({ at, answer }) => `${rfc3339(at)} ${answer}`)).toEqual([
    '2015-10-27T16:00:00+08:00 SUCCESS',
    '2015-10-28T09:00:00+08:00 SUCCESS',
  ]);
});

test('a row without a request number is kept and cannot be asked', () => {
  const file = read(tableOf([{ request_no: '' }]));
  expect(file.rows).toMatchObject([{ requestNo: undefined }]);
  expect(file.problems).toEqual([]);
});

const bad = `
  order_no           |                             | import.field_missing
  order_no           | 2015 1027                   | import.field_format
  order_no           | 2.01510271546321E+24        | import.number_destroyed
  order_no           | 2015102715463210000000000   | import.number_destroyed
  trade_no           |                             | import.field_missing
  trade_no           | 1.0E+27                     | import.number_destroyed
  trade_no           | 201510270000100             | import.field_format
  request_no         | LS1                         | import.field_format
  request_no         | LS 20151027                 | import.field_format
  request_no         | 报关一二三四                | import.field_format
  place              |                             | import.field_missing
  place              | 郑州                        | import.field_format
  customs_code       | 330112345678901234567       | import.field_format
  customs_name       |                             | import.field_missing
  declared_amount    | 0                           | import.field_format
  declared_amount    | -1                          | import.field_format
  declared_amount    | 1,23.00                     | import.field_format
  declared_amount    | 1.005                       | import.field_format
  declared_amount    | 4.2E2                       | import.field_format
  is_split           | 可能                        | import.field_format
  is_split           | T                           | import.field_format
  child_order_no     | C-1                         | import.field_format
  paid_at            | yesterday                   | import.field_format
  paid_at            | 2015-02-30 10:00:00         | import.field_format
  earlier_push_at    | soon                        | import.field_format
  earlier_push_answer| SUCCESS                     | import.field_format
`;

test.each(
  bad
    .trim()
    .split('\n')
    .map((line) => line.split('|').map((part) => part.trim()) as [PaymentField, string, string]),
)('%s "%s" is told as %s, with its line, rule and way out, and the row after it is kept', (field, text, code) => {
  const file = read(tableOf([{ [field]: text }, { order_no: 'next', request_no: '' }]));
  expect(file.rows.map((row) => row.orderNo)).toEqual(['next']);
  expect(file.problems).toHaveLength(1);
  expect(file.problems[0]).toMatchObject({ line: 2, code });
  for (const key of ['ruleZh', 'ruleEn', 'wayOutZh', 'wayOutEn'] as const)
    expect(file.problems[0]?.[key]).toMatch(/\S/);
});

const numeric = (text: string): Cell => ({ text, numeric: true });

test('a number cell of more than 15 digits is destroyed, a shorter one is a number', () => {
  const file = read(
    tableOf([{ trade_no: numeric('2015102700001000960') }, { waybill_no: numeric('359876350074'), request_no: '' }]),
  );
  expect(told(file)).toEqual(['2 trade_no import.number_destroyed']);
  expect(file.rows[0]?.waybillNo).toBe('359876350074');
});

test('a column in which every long number ends in zeros was cut, though each alone could be chance', () => {
  const cut = (index: number): Given => ({ order_no: `20151027154632${index}00`, request_no: '' });
  expect(told(read(tableOf([cut(1), cut(2), cut(3)])))).toEqual(
    [2, 3, 4].map((line) => `${line} order_no import.number_destroyed`),
  );
  expect(read(tableOf([cut(1), cut(2), { order_no: '20151027154632123', request_no: '' }])).rows).toHaveLength(3);
});

const amounts: readonly (readonly [string | Cell, string])[] = [
  ['420', '420.00'],
  ['￥1,420.5', '1420.50'],
  ['4２0.00元', '420.00'],
  ['420.0000', '420.00'],
  [numeric('19.899999999999999'), '19.90'],
  [numeric('420'), '420.00'],
];
test.each(amounts)('the amount %o is %s yuan', (given, yuan) => {
  const [row] = read(tableOf([{ declared_amount: given }])).rows;
  expect(row && toDecimal(row.declaredAmount)).toBe(yuan);
});

const times: readonly (readonly [string | Cell, string])[] = [
  ['2015/10/27 9:05', '2015-10-27T09:05:00+08:00'],
  ['20151027154632', '2015-10-27T15:46:32+08:00'],
  ['2015年10月27日 15:46:32', '2015-10-27T15:46:32+08:00'],
  [numeric('42304.657314814816'), '2015-10-27T15:46:32+08:00'],
];
test.each(times)('the time %o is %s', (given, at) => {
  const [row] = read(tableOf([{ paid_at: given }])).rows;
  expect(row && rfc3339(row.paidAt)).toBe(at);
});

test('a child number makes a declaration split when the flag is empty', () => {
  const file = read(tableOf([{ is_split: '', child_order_no: 'C-1' }]));
  expect(file.rows).toMatchObject([{ isSplit: true, childOrderNo: 'C-1' }]);
});

test('the same row twice counts once; rows that contradict each other are all refused', () => {
  const other: Given = { order_no: 'B', request_no: 'LS_B_1' };
  const file = read(tableOf([{}, {}, other, { ...other, declared_amount: '1.00' }, { order_no: 'C' }]));
  expect(told(file)).toEqual([
    '2 request_no import.conflicting_rows',
    '3 row import.duplicate_row',
    '4 order_no import.conflicting_rows',
    '5 order_no import.conflicting_rows',
    '6 request_no import.conflicting_rows',
  ]);
});

test('one order at two places, or in two children, is no contradiction', () => {
  const rows: Given[] = [
    { request_no: 'LS_1111' },
    { request_no: 'LS_2222', place: 'HENAN' },
    { request_no: 'LS_3333', is_split: 'T', child_order_no: 'C1' },
    { request_no: 'LS_4444', is_split: 'T', child_order_no: 'C2' },
  ];
  expect(read(tableOf(rows)).rows).toHaveLength(4);
});

const chineseHeadings = `订单号 报关请求号 海关编码 备案号 备案名称 报关金额（元） 是否拆单 子订单号 推送支付号 支付宝交易号 运单号 付款时间 重推时间 重推结果`;
const otherHeadings = `Out_Trade_No OUT_REQUEST_NO customs＿place merchant_customs_code merchant_customs_name Amount(CNY) split sub_out_biz_no 支付单号 Trade-No tracking_no gmt_payment 重推时间1 重推结果1`;

test.each([chineseHeadings, otherHeadings])('headings of others map onto ours: %s', (headings) => {
  expect(headings.split(' ').map(paymentFieldOf)).toEqual(paymentFields);
});

test('columns say which heading was taken for which field', () => {
  expect(read(tableOf([{}], chineseHeadings.split(' '))).columns).toMatchObject({
    place: '海关编码',
    declared_amount: '报关金额（元）',
  });
});

test('earlier pushes may stand in several numbered columns, times and answers in pairs', async () => {
  const lines = [
    '订单号,交易号,重推时间1,重推结果1,重推时间2,重推结果2',
    'A,2015102700001000860060475162,2015-10-27 16:00:00,SUCCESS,2015-10-28 09:00:00,',
  ];
  const table = await readTable(Buffer.from(lines.join('\n')), 'a.csv');
  const defaults = {
    place: 'ZONGSHU',
    customs_code: '3301TEST01',
    customs_name: '流水',
    declared_amount: '1',
    paid_at: '2015-10-27',
  };
  expect(table.ok && read(table.value, defaults).rows[0]?.earlierPushes.map((push) => push.answer)).toEqual([
    'SUCCESS',
    '',
  ]);
});

test('a required column that is neither there nor given as a default refuses the file and says which', () => {
  const headings = paymentFields.map((field) => (field === 'place' ? 'x' : field));
  expect(readPaymentFile(tableOf([{}], headings), {})).toMatchObject({
    ok: false,
    refusal: { code: 'import.no_headings', params: { missing: 'place' } },
  });
  expect(read(tableOf([{}], headings), { place: 'HENAN' }).rows).toMatchObject([{ place: 'HENAN' }]);
});

test('two columns of one field that contradict each other are told', () => {
  const headings = paymentFields.map((field) => (field === 'waybill_no' ? '交易号' : field));
  expect(told(read(tableOf([{}], headings)))).toEqual(['2 trade_no import.field_format']);
});

test('every row is kept or told, never both and never neither', () => {
  const value = fc.constantFrom(
    '',
    'A',
    'B',
    'T',
    '1.0E+27',
    '2015102700001000860060475162',
    '2015-10-27 15:46:32',
    '420.00',
    'a b;',
  );
  const row = fc.record(
    Object.fromEntries(
      paymentFields.map((field) => [field, fc.oneof({ weight: 12, arbitrary: fc.constant(good[field]) }, value)]),
    ),
  );
  fc.assert(
    fc.property(fc.array(row, { maxLength: 12 }), (rows) => {
      const table = tableOf(rows);
      const file = read(table);
      const kept = file.rows.map(({ line }) => line);
      const named = new Set(file.problems.map(({ line }) => line));
      expect(kept.filter((line) => named.has(line))).toEqual([]);
      expect([...new Set([...kept, ...named])].sort((one, other) => one - other)).toEqual(
        table.rows.map(({ line }) => line),
      );
    }),
    { numRuns: 300 },
  );
});

test('the headings documented for other programs are the fields themselves', () => {
  for (const field of paymentFields) expect(paymentFieldOf(field)).toBe(field);
});
