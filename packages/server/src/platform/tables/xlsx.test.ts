import { strToU8, zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { readTable, type Table } from './index.ts';

const workbookOf = (sheets: string, properties = '') =>
  `<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">${properties}<sheets>${sheets}</sheets></workbook>`;
const relations =
  '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Target="/xl/worksheets/sheet2.xml"/></Relationships>';
const oneSheet = workbookOf('<sheet name="Sheet1" sheetId="1" r:id="rId1"/>');
const sheetOf = (rows: string) => `<worksheet><sheetData>${rows}</sheetData></worksheet>`;

function xlsx(parts: Record<string, string>): Uint8Array {
  const all: Record<string, string> = {
    'xl/workbook.xml': oneSheet,
    'xl/_rels/workbook.xml.rels': relations,
    ...parts,
  };
  return zipSync(Object.fromEntries(Object.entries(all).map(([path, text]) => [path, strToU8(text)])));
}

async function table(parts: Record<string, string>): Promise<Table> {
  const read = await readTable(xlsx(parts), 'list.xlsx');
  if (!read.ok) throw new Error(`refused: ${JSON.stringify(read.refusal)}`);
  return read.value;
}

const codeOf = async (bytes: Uint8Array) => {
  const read = await readTable(bytes, 'list.xlsx');
  return read.ok ? 'read' : read.refusal.code;
};

test('shared, inline, rich and formula texts are read, and a number keeps its own digits and says that it is one', async () => {
  const read = await table({
    'xl/sharedStrings.xml':
      '<sst><si><t>订单号</t></si><si><r><t xml:space="preserve">运单 </t></r><r><t>号</t></r><rPh><t>yun</t></rPh></si><si><t>A&amp;B</t></si></sst>',
    'xl/worksheets/sheet1.xml': sheetOf(
      '<row r="3"><c r="A3" t="s"><v>0</v></c><c r="B3" t="s"><v>1</v></c><c r="D3" t="inlineStr"><is><t>note</t></is></c></row><row r="4"/>' +
        '<row r="5"><c r="A5"><v>2.0151027154632111E+24</v></c><c r="B5" t="str"><f>"1"&amp;"2"</f><v>12</v></c><c r="D5" t="s"><v>2</v></c></row>',
    ),
  });
  expect(read.format).toBe('xlsx');
  expect(read.headings).toEqual(['订单号', '运单 号', '', 'note']);
  expect(read.rows).toEqual([
    {
      line: 5,
      cells: [
        { text: '2.0151027154632111E+24', numeric: true },
        { text: '12', numeric: false },
        { text: '', numeric: false },
        { text: 'A&B', numeric: false },
      ],
    },
  ]);
});

const cell = (text: string) => `<row><c t="inlineStr"><is><t>${text}</t></is></c></row>`;

test('the first visible sheet is read, and a further one with cells is named', async () => {
  const read = await table({
    'xl/workbook.xml': workbookOf(
      '<sheet name="old" r:id="rId1" state="hidden"/><sheet name="list" r:id="rId2"/><sheet name="more" r:id="rId1"/>',
    ),
    'xl/worksheets/sheet1.xml': sheetOf(cell('hidden')),
    'xl/worksheets/sheet2.xml': sheetOf(cell('order') + cell('201510271546')),
  });
  expect(read.headings).toEqual(['order']);
  expect(read.skipped).toEqual([{ line: 0, text: 'more' }]);
});

test('a namespace prefix on every element changes nothing', async () => {
  const prefixed =
    '<x:worksheet><x:sheetData><x:row r="1"><x:c t="inlineStr"><x:is><x:t>order</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>';
  expect((await table({ 'xl/worksheets/sheet1.xml': prefixed })).headings).toEqual(['order']);
});

test('an archive that inflates beyond the limit is refused while it inflates', async () => {
  const bomb = zipSync({
    'xl/workbook.xml': strToU8(oneSheet),
    'xl/_rels/workbook.xml.rels': strToU8(relations),
    'xl/worksheets/sheet1.xml': new Uint8Array(65 * 1024 * 1024).fill(0x20),
  });
  expect(bomb.length).toBeLessThan(1024 * 1024);
  expect(await codeOf(bomb)).toBe('import.too_large');
});

test('what is no workbook, has a DOCTYPE, or counts days from 1904 is refused', async () => {
  const sheet = sheetOf(cell('order'));
  expect(await codeOf(zipSync({ 'a.txt': strToU8('a') }))).toBe('import.format');
  expect(await codeOf(xlsx({ 'xl/worksheets/sheet1.xml': `<!DOCTYPE x [<!ENTITY a "b">]>${sheet}` }))).toBe(
    'import.format',
  );
  const from1904 = workbookOf('<sheet name="a" r:id="rId1"/>', '<workbookPr date1904="1"/>');
  expect(await codeOf(xlsx({ 'xl/workbook.xml': from1904, 'xl/worksheets/sheet1.xml': sheet }))).toBe('import.format');
  expect(await codeOf(xlsx({ 'xl/worksheets/sheet1.xml': sheet }).slice(0, -30))).toBe('import.format');
});

test('rows that are opened and never closed cost no more than reading them once', async () => {
  const start = process.threadCpuUsage();
  await codeOf(xlsx({ 'xl/worksheets/sheet1.xml': `<worksheet><sheetData>${'<row>'.repeat(400_000)}` }));
  expect(process.threadCpuUsage(start).user / 1000).toBeLessThan(2000);
});

test('row numbers that are no numbers, fall or repeat are counted on, so that no two rows share a line', async () => {
  const row = (number: string) => `<row r="${number}"><c t="inlineStr"><is><t>a</t></is></c></row>`;
  const rows = ['3', '3', '2', '1.5', '99999999999', '-1', '9'].map(row).join('');
  const read = await table({ 'xl/worksheets/sheet1.xml': sheetOf(cell('order') + rows) });
  expect(read.skipped.concat(read.rows.map(({ line }) => ({ line, text: '' }))).map(({ line }) => line)).toEqual([
    3, 4, 5, 6, 7, 8, 9,
  ]);
});

test('what no database takes stays as it is written, and bytes that are no text are refused', async () => {
  const read = await table({
    'xl/worksheets/sheet1.xml': sheetOf(cell('order') + cell('&#xD800;') + cell('&#0;&#x1F69B;')),
  });
  expect(read.rows.map(({ cells }) => cells[0]?.text)).toEqual(['&#xD800;', '&#0;🚛']);
  expect(await codeOf(xlsx({ 'xl/worksheets/sheet1.xml': sheetOf(cell('a\0b')) }))).toBe('import.format');
});

test('a few bytes that claim a thousand columns in every row are refused before they fill the memory', async () => {
  const wide = '<row><c r="ALL1"><v>1</v></c></row>'.repeat(4100);
  expect(await codeOf(xlsx({ 'xl/worksheets/sheet1.xml': sheetOf(wide) }))).toBe('import.too_large');
});
