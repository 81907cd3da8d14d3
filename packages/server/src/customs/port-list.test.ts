import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readTable, type Table } from '../platform/tables/index.ts';
import { readPortList, type PortList } from './port-list.ts';

async function tableOf(bytes: Uint8Array): Promise<Table> {
  const table = await readTable(bytes, 'list');
  if (!table.ok) throw new Error(`refused: ${JSON.stringify(table.refusal)}`);
  return table.value;
}

async function read(text: string): Promise<PortList> {
  const list = readPortList(await tableOf(Buffer.from(text)));
  if (!list.ok) throw new Error(`refused: ${JSON.stringify(list.refusal)}`);
  return list.value;
}

const realList = (number: number) =>
  readFileSync(new URL(`../../test/fixtures/2015-10-28/port-list-${number}.txt`, import.meta.url), 'utf8');

test('the list of 28 October 2015 gives 25 rows, six released and nineteen stuck, and no problem', async () => {
  const { rows, problems, columns } = await read(realList(1));
  expect(problems).toEqual([]);
  expect(rows).toHaveLength(25);
  expect(rows.filter((row) => row.released === true)).toHaveLength(6);
  expect(rows.filter((row) => row.released === false)).toHaveLength(19);
  expect(columns).toEqual({ order_no: '订单号', waybill_no: '运单号', trade_no: '支付id', exit_status: '出关状态' });
  expect(rows[0]).toMatchObject({
    line: 2,
    orderNo: '2015102715463211006970270',
    waybillNo: '359876350074',
    tradeNo: '2015102700001000860060475162',
    released: true,
  });
});

test('its second list gives ten rows that say nothing about release', async () => {
  const { rows, problems } = await read(realList(2));
  expect(problems).toEqual([]);
  expect(rows).toHaveLength(10);
  expect(rows.every((row) => row.released === undefined && row.tradeNo === undefined)).toBe(true);
});

test('the same list reads the same without its headings: columns are known by their shape', async () => {
  const [, ...lines] = realList(1).split('\n');
  const whole = (list: PortList) =>
    list.rows.map(({ orderNo, waybillNo, tradeNo, released }) => [orderNo, waybillNo, tradeNo, released]);
  const bare = await read(lines.join('\n'));
  expect(whole(bare)).toEqual(whole(await read(realList(1))));
  expect(bare.columns).toEqual({
    order_no: 'column 1',
    waybill_no: 'column 2',
    trade_no: 'column 3',
    exit_status: 'column 4',
  });
});

const order = '2015102715463211006970270';
const trade = '2015102700001000860060475162';

test.each([
  ['状态,支付单号,运单号,订单号', `已放行,${trade},359876350074,${order}`],
  ['Released;Payment No.;Waybill No.;Order No.', `Y;${trade};359876350074;${order}`],
  ['是否放行\t序号\t电商订单编号\t物流运单编号\t支付交易编号', `是\t1\t${order}\t359876350074\t${trade}`],
])('headings in any order and language: %s', async (headings, line) => {
  const { rows } = await read(`${headings}\n${line}\n`);
  expect(rows).toMatchObject([{ orderNo: order, waybillNo: '359876350074', tradeNo: trade, released: true }]);
});

test('a plain column of order numbers is a list', async () => {
  expect((await read(`${order}\n2015102720071011005551292\n`)).rows.map((row) => row.line)).toEqual([1, 2]);
});

const words: readonly (readonly [string, boolean])[] = [
  ['1', true],
  ['0', false],
  ['是', true],
  ['否', false],
  ['已放行', true],
  ['未放行', false],
  ['Released', true],
  ['STUCK', false],
  ['Y', true],
  ['n', false],
];
test.each(words)('the status %s means released: %s', async (word, released) => {
  expect((await read(`订单号,出关状态\n${order},${word}\n`)).rows).toMatchObject([{ released }]);
});

const told = (list: PortList) => list.problems.map(({ line, field, code }) => `${line} ${field} ${code}`);

test('spoilt rows are named by line and the good ones kept', async () => {
  const lines = [
    '订单号,运单号,支付id,出关状态',
    `${order},359876350074,${trade},0`,
    `2.01510271546321E+24,1132703583706,${trade},0`,
    `2015102720071011005551292,1132703583706,${trade},查验`,
    `,1132703583707,${trade},0`,
    `2015102720071011005551293,1132 703,${trade},0`,
    `2015102720071011005551294,1132703583708,${trade},0,extra`,
    `2015102720071011005551295,1132703583709`,
  ];
  const list = await read(lines.join('\n'));
  expect(list.rows.map((row) => row.line)).toEqual([2, 8]);
  expect(told(list)).toEqual([
    '3 order_no import.number_destroyed',
    '4 exit_status import.field_format',
    '5 order_no import.field_missing',
    '6 waybill_no import.field_format',
    '7 row import.row_width',
  ]);
});

test('the same row twice counts once; two rows of one order that differ are both refused', async () => {
  const list = await read(
    `订单号,出关状态\n${order},0\n${order},0\n2015102720071011005551292,0\n2015102720071011005551292,1\n`,
  );
  expect(list.rows.map((row) => row.line)).toEqual([2]);
  expect(told(list)).toEqual([
    '3 order_no import.duplicate_row',
    '4 order_no import.conflicting_rows',
    '5 order_no import.conflicting_rows',
  ]);
});

test.each([
  ['no column is an order number', 'name,city\n张三,杭州\n'],
  ['two columns could be', `${order},2015102720071011005551292\n2015102720071011005551293,2015102720071011005551294\n`],
])('a list is refused as a whole when %s', async (_why, text) => {
  expect(readPortList(await tableOf(Buffer.from(text)))).toMatchObject({
    ok: false,
    refusal: { code: 'import.no_headings' },
  });
});

test.each([
  ['a pack', 'order_no,request_no,last_query_sha256,reply_result,reply_text'],
  [
    'a pack as a workbook',
    '订单号 order_no,报关请求号 request_no,原始报文 sha256 last_query_sha256,回复结果 reply_result,回复说明 reply_text',
  ],
  ['what is ours to do', 'order_no,request_no,place,triage_row,cause_zh'],
  ['the members of an incident', 'order_no,request_no,accepted_at,state,last_asked_at'],
])('a file that we exported is not the word of a port: %s', async (_what, headings) => {
  const line = [order, 'LS000001', '', '', ''].join(',');
  expect(readPortList(await tableOf(Buffer.from(`${headings}\n${line}\n`)))).toMatchObject({
    ok: false,
    refusal: { code: 'import.own_export' },
  });
});

test('a list of a port that also tells a state is no export of ours', async () => {
  expect((await read(`order_no,state,remark\n${order},x,y\n`)).rows).toHaveLength(1);
});

test('every row is kept or told, never both and never neither', () => {
  const cell = fc
    .constantFrom('', order, trade, 'A', 'B', '1', '0', '查验', '1.0E+27', 'a b')
    .map((text) => ({ text, numeric: false }));
  fc.assert(
    fc.property(fc.array(fc.array(cell, { maxLength: 4 }), { maxLength: 15 }), (cells) => {
      const rows = cells.map((one, index) => ({ line: index + 2, cells: one }));
      const headings = ['订单号', '运单号', '支付id', '出关状态'];
      const list = readPortList({ format: 'csv', charset: 'UTF-8', headings, rows, problems: [], skipped: [] });
      if (!list.ok) throw new Error('refused');
      const kept = list.value.rows.map(({ line }) => line);
      const named = new Set(list.value.problems.map(({ line }) => line));
      expect(kept.filter((line) => named.has(line))).toEqual([]);
      expect([...kept, ...named].sort((one, other) => one - other)).toEqual(rows.map(({ line }) => line));
    }),
    { numRuns: 300 },
  );
});
