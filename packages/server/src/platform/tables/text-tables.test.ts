import fc from 'fast-check';
import iconv from 'iconv-lite';
import { expect, test } from 'vitest';
import { normalHeading, readTable, type Table } from './index.ts';

async function table(content: string | Uint8Array): Promise<Table> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const read = await readTable(bytes, 'list.txt');
  if (!read.ok) throw new Error(`refused: ${read.refusal.code}`);
  return read.value;
}

async function refusal(content: string | Uint8Array) {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const read = await readTable(bytes, 'list.txt');
  return read.ok ? undefined : read.refusal;
}

function shown({ headings, rows }: Table): string {
  return [headings.join('/'), ...rows.map(({ cells }) => cells.map((cell) => cell.text).join('/'))].join(' ; ');
}

const sameList =
  'order_no/waybill_no/paid ; 2015102715463211006970270/359876350074/420.00 ; 2015102720071011005551292/1132703583706/1,420.00';

/** One list, as people send it. Each entry must read as `sameList`. */
const shapes: Record<string, string> = {
  'commas and quotes':
    'order_no,waybill_no,paid\n2015102715463211006970270,359876350074,420.00\n2015102720071011005551292,1132703583706,"1,420.00"\n',
  'CRLF and a blank line':
    'order_no,waybill_no,paid\r\n\r\n2015102715463211006970270,359876350074,420.00\r\n2015102720071011005551292,1132703583706,"1,420.00"\r\n',
  'CR alone, as old Macs write':
    'order_no,waybill_no,paid\r2015102715463211006970270,359876350074,420.00\r2015102720071011005551292,1132703583706,"1,420.00"',
  semicolons:
    'order_no;waybill_no;paid\n2015102715463211006970270;359876350074;420.00\n2015102720071011005551292;1132703583706;1,420.00',
  tabs: 'order_no\twaybill_no\tpaid\n2015102715463211006970270\t359876350074\t420.00\n2015102720071011005551292\t1132703583706\t1,420.00',
  'tabs glued to numbers between commas, as Alipay writes':
    'order_no,waybill_no,paid\n2015102715463211006970270\t,359876350074\t,420.00\n2015102720071011005551292\t,1132703583706\t,"1,420.00"\n',
  'markdown with a rule':
    '| order_no | waybill_no | paid |\n|---|:--:|---|\n| 2015102715463211006970270 | 359876350074 | 420.00 |\n| 2015102720071011005551292 | 1132703583706 | 1,420.00 |',
  'pipes below headings without pipes':
    'order_no          waybill_no     paid\n| 2015102715463211006970270 | 359876350074  | 420.00   |\n| 2015102720071011005551292 | 1132703583706 | 1,420.00 |',
  'inner pipes only, rule below the headings':
    'order_no|waybill_no|paid\n---|---|---\n2015102715463211006970270|359876350074|420.00\n2015102720071011005551292|1132703583706|1,420.00',
  'columns held apart by blanks':
    'order_no                    waybill_no     paid\n2015102715463211006970270   359876350074   420.00\n2015102720071011005551292   1132703583706  1,420.00',
  'single blanks':
    'order_no waybill_no paid\n2015102715463211006970270 359876350074 420.00\n2015102720071011005551292 1132703583706 1,420.00',
  'full-width digits and commas':
    'order_no，waybill_no，paid\n２０１５１０２７１５４６３２１１００６９７０２７０，３５９８７６３５００７４，４２０．００\n2015102720071011005551292，1132703583706，1,420.00',
  'non-breaking and ideographic blanks':
    'order_no,waybill_no,paid\n\u00a02015102715463211006970270\u3000,359876350074\u00a0,420.00\n2015102720071011005551292,1132703583706,"1,420.00"',
  'apostrophes and ="" against spreadsheets':
    'order_no,waybill_no,paid\n\'2015102715463211006970270,="359876350074",420.00\n"=""2015102720071011005551292""",\'1132703583706,"1,420.00"',
  'title lines above the headings':
    '以下订单缺少支付流，请重推\n制表：口岸 10月28日\norder_no,waybill_no,paid\n2015102715463211006970270,359876350074,420.00\n2015102720071011005551292,1132703583706,"1,420.00"',
};

test.each(Object.entries(shapes))('a list reads the same with %s', async (_name, text) => {
  expect(shown(await table(text))).toBe(sameList);
});

test('the line of a row is its line in the file, below titles, blank lines and quoted line breaks', async () => {
  const read = await table('report\n\na,b\n"x\ny",1\n\n2,3\n');
  expect(read.rows.map((row) => row.line)).toEqual([4, 7]);
  expect(read.skipped).toEqual([{ line: 1, text: 'report' }]);
});

test('a quote that is never closed does not swallow the rest of the file', async () => {
  const read = await table(`order,name\n1,"open\n${'2,b\n'.repeat(100)}3,"c"\n`);
  expect(read.rows).toHaveLength(102);
});

test('a short row does not take its neighbour, and a row wider than the headings is named', async () => {
  const read = await table('order,waybill,trade\n1,2\n3,4,5,6\n7,8,9\n');
  expect(read.rows.map((row) => row.cells.map((cell) => cell.text).join())).toEqual(['1,2', '7,8,9']);
  expect(read.problems).toMatchObject([{ line: 3, code: 'import.row_width', found: '3 4 5 6' }]);
});

test('a list without headings has none, and its first row is kept even when it is short', async () => {
  const read = await table(
    '2015102715463211006970270\n2015102720071011005551292,1132703583706\n2015102720071011005551293,1132703583707\n',
  );
  expect(read.headings).toEqual([]);
  expect(read.rows).toHaveLength(3);
});

test('a registered name keeps its full-width brackets and digits', async () => {
  const read = await table('name,no\n上海（１）电子商务,1\n');
  expect(read.rows[0]?.cells[0]?.text).toBe('上海（１）电子商务');
});

const chinese = '订单号,备案名称\n2015102715463211006970270,杭州流水电子商务有限公司\n';
const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');

test.each([
  ['UTF-8', Buffer.from(chinese)],
  ['UTF-8', Buffer.from(`\ufeff${chinese}`)],
  ['GBK', iconv.encode(chinese, 'gbk')],
  ['GBK', iconv.encode(chinese.replace('杭州', '䶮𠮷'), 'gb18030')],
  ['UTF-16LE', utf16(chinese)],
  ['UTF-16BE', utf16(chinese).swap16()],
])('%s is recognised', async (charset, bytes) => {
  const read = await table(bytes);
  expect(read.charset).toBe(charset);
  expect(read.headings).toEqual(['订单号', '备案名称']);
  expect(read.rows[0]?.cells[1]?.text).toMatch(/流水电子商务有限公司$/);
});

test('one damaged character does not turn a UTF-8 file into GBK: it is refused with its line', async () => {
  const good = Buffer.from('订单号,备案名称\n1,流水\n2,流水\n');
  const damaged = Buffer.concat([good, Buffer.from([0x33, 0x2c, 0xe6, 0xb5, 0x0a]), Buffer.from('4,流水\n')]);
  expect(await refusal(damaged)).toMatchObject({ code: 'import.charset', pointer: 'line 4' });
});

test.each([
  ['import.empty', ''],
  ['import.empty', '\n \n,,\n'],
  ['import.charset', new Uint8Array([0x41, 0x0a, 0xff, 0xff, 0x0a])],
  ['import.format', 'a\0b'],
  ['import.format', '%PDF-1.7'],
  ['import.format', new Uint8Array([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1])],
  ['import.format', new Uint8Array([0x50, 0x4b, 0x03, 0x04, 0x00])],
  ['import.too_large', 'a,b\n'.repeat(200_002)],
])('%s refuses what is no table', async (code, content) => {
  expect((await refusal(content))?.code).toBe(code);
});

test('no bytes make the reader throw', async () => {
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .string({ unit: fc.constantFrom('"', ',', '|', '\t', ';', '\n', '\r', ' ', '-', '1', '订', "'", '=') })
      .map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 100 }).map((tail) => Uint8Array.from([0x50, 0x4b, 3, 4, ...tail])),
  );
  await fc.assert(
    fc.asyncProperty(hostile, async (bytes) => void (await readTable(bytes, 'x'))),
    { numRuns: 500 },
  );
});

test('every line of a file is a row, a problem, skipped, or the one line of headings', async () => {
  const cell = fc.constantFrom('', 'a', '201510271546', 'x y', '订单', '1.0E+27', "'7", 'b;');
  const lines = fc.array(fc.array(cell, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(lines, fc.constantFrom('\t', '|', ',', '  '), async (rows, sign) => {
      const text = rows.map((cells) => cells.join(sign));
      const filled = text.flatMap((line, index) => (/[^\s;|,]/.test(line) ? [index + 1] : []));
      const read = await readTable(Buffer.from(text.join('\n')), 'x');
      if (!read.ok) {
        expect(filled).toEqual([]);
        return;
      }
      const { rows: kept, problems, skipped, headings } = read.value;
      const told = [...kept, ...problems, ...skipped].map(({ line }) => line);
      expect(new Set(told).size).toBe(told.length);
      const untold = filled.filter((line) => !told.includes(line));
      expect(untold.length).toBeLessThanOrEqual(headings.length > 0 ? 1 : 0);
      for (const line of untold) for (const heading of headings) expect(text[line - 1]).toContain(heading);
    }),
    { numRuns: 500 },
  );
});

test('four times the rows take no more than ten times the work', async () => {
  const line = (index: number) =>
    `20151027154632110069${index + 10_000},LS${index}\t,ZONGSHU,3301TEST01,杭州流水,420.00,F,,,2015102700001000860060475162\n`;
  const headings =
    'order_no,request_no,place,customs_code,customs_name,declared_amount,is_split,child_order_no,pushed_payment_no,trade_no\n';
  /** CPU time of this thread in ms, the least of three: other people's load counts in neither of the two. */
  const work = async (rows: number): Promise<number> => {
    const bytes = iconv.encode(headings + Array.from({ length: rows }, (_, index) => line(index)).join(''), 'gbk');
    const durations: number[] = [];
    for (let round = 0; round < 3; round++) {
      const start = process.threadCpuUsage();
      expect((await table(bytes)).rows).toHaveLength(rows);
      durations.push(process.threadCpuUsage(start).user / 1000);
    }
    return Math.min(...durations);
  };
  expect(await work(34_000)).toBeLessThan(10 * (await work(8_500)));
});

test('a file of separators only costs no more than looking at it', async () => {
  const start = process.threadCpuUsage();
  expect(await readTable(Buffer.alloc(16 * 1024 * 1024, ','), 'x')).toMatchObject({ ok: false });
  expect(process.threadCpuUsage(start).user / 1000).toBeLessThan(1500);
  const lines = Buffer.from(`order_no,exit_status\n${`${','.repeat(999)}1\n`.repeat(4100)}`);
  expect(await readTable(lines, 'x')).toMatchObject({ refusal: { code: 'import.too_large' } });
});

test.each(['[', '(', '（', ' ', '\u200b'])('a cell of a hundred thousand %j is read in a moment', async (sign) => {
  const cell = `x${sign.repeat(100_000)}x`;
  const started = performance.now();
  const read = await readTable(Buffer.from(`order_no,${cell}\nA1,${cell}\n`), 'list.csv');
  expect(read.ok).toBe(true);
  normalHeading(cell);
  expect(performance.now() - started).toBeLessThan(2000); // read anew from each of them, it takes half a minute
});
