import { unzipSync } from 'fflate';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvLine, csvMark, sheetLine } from './csv-writer.ts';
import { readTable } from './index.ts';
import { XlsxWriter } from './xlsx-writer.ts';
import { ZipEntry, ZipWriter } from './zip-writer.ts';

const columns = ['order_no', 'note'].map((heading) => ({ heading, width: 20 }));

function workbook(rows: readonly (readonly string[])[]): Buffer {
  const writer = new XlsxWriter('orders', columns);
  for (const row of rows) writer.row(row);
  return Buffer.concat(writer.end());
}

async function readBack(bytes: Uint8Array, name: string): Promise<string[][]> {
  const table = await readTable(bytes, name);
  if (!table.ok) throw new Error(JSON.stringify(table.refusal));
  expect(table.value.headings).toEqual(['order_no', 'note']);
  return table.value.rows.map((row) => row.cells.map((cell) => cell.text));
}

const number = '2015102721001004930012345678';
const hostile = [
  [number, '=cmd|"/c calc"!A1'],
  [number, '-401007'],
  [number, '-2+3'],
  [number, '@SUM(A1)'],
  [number, `He said "no", <b> & 'yes'\nsecond line`],
  [number, '\u0000\u0007 张三 \ufffe'],
];

test('a workbook keeps 28 digits, evaluates nothing and survives what XML cannot hold', async () => {
  const rows = await readBack(workbook(hostile), 'x.xlsx');
  expect(rows.map(([first]) => first)).toEqual(hostile.map(() => number));
  expect(rows.map(([, note]) => note)).toEqual([
    '=cmd|"/c calc"!A1',
    '-401007',
    '-2+3',
    '@SUM(A1)',
    `He said "no", <b> & 'yes'\nsecond line`,
    '张三',
  ]);
  const sheet = Buffer.from(unzipSync(workbook(hostile))['xl/worksheets/sheet1.xml'] ?? []).toString();
  expect(sheet).not.toMatch(/<c[^>]*><v>|<f>/);
});

test('for people a long number is a text, a signed amount a number and a formula neither', () => {
  expect(sheetLine([number, '201512010', '-3.45', '=1+1', 'a,"b"', ''])).toBe(
    `"\t${number}",201512010,-3.45,'=1+1,"a,""b""",\r\n`,
  );
});

test('a line of CSV keeps its text, and a spreadsheet finds no formula in it', async () => {
  const text = csvMark + csvLine(['order_no', 'note']) + hostile.map(csvLine).join('');
  expect(text).toContain(`"'=cmd|""/c calc""!A1"`);
  expect(text).toContain(`,'-2+3\r\n`);
  expect(text).toContain(`,-401007\r\n`);
  const plain = hostile.slice(0, 5);
  const rows = await readBack(
    Buffer.from(csvMark + csvLine(['order_no', 'note']) + plain.map(csvLine).join('')),
    'x.csv',
  );
  expect(rows).toEqual(plain);
});

test('what goes into a workbook comes out of our reader', async () => {
  const cell = fc
    .string({ unit: 'grapheme', maxLength: 20 })
    .filter((text) => /^[\p{L}\p{N}][\p{L}\p{N} ]*[\p{L}\p{N}]$/u.test(text));
  await fc.assert(
    fc.asyncProperty(fc.array(cell, { minLength: 1, maxLength: 20 }), async (notes) => {
      const rows = await readBack(workbook(notes.map((note) => [number, note])), 'x.xlsx');
      expect(rows.map(([, note]) => note?.normalize('NFKC'))).toEqual(notes.map((note) => note.normalize('NFKC')));
    }),
    { numRuns: 50 },
  );
});

test('equal contents make equal archives, whatever the time, and other programs open them', () => {
  const make = (): Buffer => {
    const pieces: Uint8Array[] = [];
    const zip = new ZipWriter((bytes) => void pieces.push(bytes));
    for (const name of ['封面.html', 'empty.txt', 'long.csv']) {
      const entry = new ZipEntry(name);
      if (name !== 'empty.txt')
        for (let line = 0; line < 20_000; line += 1) entry.write(Buffer.from(`${name} ${line}, 张三\n`));
      zip.add(entry);
    }
    zip.end();
    return Buffer.concat(pieces);
  };
  const archive = make();
  expect(make().equals(archive)).toBe(true);
  const files = unzipSync(archive);
  expect(Object.keys(files)).toEqual(['封面.html', 'empty.txt', 'long.csv']);
  expect(files['empty.txt']?.length).toBe(0);
  const long = Buffer.from(files['long.csv'] ?? []).toString();
  expect(long.split('\n').length).toBe(20_001);
  expect(long).toContain('long.csv 19999, 张三');
});
