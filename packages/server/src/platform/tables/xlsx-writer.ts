import { assert } from '../../kernel/index.ts';
import { ZipEntry, ZipWriter } from './zip-writer.ts';

/** ECMA-376 part 1: §18.3.1.73 rows to a sheet; §18.3.1.96 with SpreadsheetML's limit of characters to a cell. */
const rowsMax = 1_048_576;
const cellCharactersMax = 32_767;

const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const packaging = 'http://schemas.openxmlformats.org/package/2006';
const types = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

/** Style 1: number format 49, `@`, text (ECMA-376 part 1 §18.8.30): a number typed into such a cell stays as it was typed. */
const styles =
  `${head}<styleSheet xmlns="${main}"><fonts count="2"><font/><font><b/></font></fonts>` +
  '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>' +
  '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf/>' +
  '<xf numFmtId="49" applyNumberFormat="1"/><xf numFmtId="49" fontId="1" applyNumberFormat="1" applyFont="1"/></cellXfs></styleSheet>';

const parts: readonly (readonly [name: string, content: (sheetName: string) => string])[] = [
  [
    '[Content_Types].xml',
    () =>
      `${head}<Types xmlns="${packaging}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
      `<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${types}.sheet.main+xml"/>` +
      `<Override PartName="/xl/worksheets/sheet1.xml" ContentType="${types}.worksheet+xml"/>` +
      `<Override PartName="/xl/styles.xml" ContentType="${types}.styles+xml"/></Types>`,
  ],
  [
    '_rels/.rels',
    () =>
      `${head}<Relationships xmlns="${packaging}/relationships"><Relationship Id="rId1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  ],
  [
    'xl/workbook.xml',
    (sheetName) =>
      `${head}<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="${escapeXml(sheetName)}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
  ],
  [
    'xl/_rels/workbook.xml.rels',
    () =>
      `${head}<Relationships xmlns="${packaging}/relationships"><Relationship Id="rId1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/>` +
      `<Relationship Id="rId2" Type="${office}/styles" Target="styles.xml"/></Relationships>`,
  ],
  ['xl/styles.xml', () => styles],
];

export type XlsxColumn = {
  readonly heading: string;
  /** In characters. */
  readonly width: number;
};

/**
 * A workbook of one sheet in which every cell is a text: a spreadsheet keeps 15 digits of a number and evaluates what begins with `=`,
 * and does neither to a text. Rows are deflated as they come, so that a long list takes no more memory than the finished file.
 */
export class XlsxWriter {
  readonly #sheetName: string;
  readonly #sheet = new ZipEntry('xl/worksheets/sheet1.xml');
  #rows = 0;

  constructor(sheetName: string, columns: readonly XlsxColumn[]) {
    this.#sheetName = sheetName;
    const widths = columns.map(
      ({ width }, index) => `<col min="${index + 1}" max="${index + 1}" width="${width}" style="1" customWidth="1"/>`,
    );
    const frozen = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>';
    this.#write(
      `${head}<worksheet xmlns="${main}"><sheetViews><sheetView workbookViewId="0">${frozen}</sheetView></sheetViews>` +
        `<cols>${widths.join('')}</cols><sheetData>`,
    );
    this.#addRow(
      columns.map(({ heading }) => heading),
      2,
    );
  }

  row(cells: readonly string[]): void {
    this.#addRow(cells, 1);
  }

  #addRow(cells: readonly string[], style: number): void {
    this.#rows += 1;
    assert(this.#rows <= rowsMax, 'more rows than a sheet holds');
    // Cells without a reference follow each other (ECMA-376 part 1 §18.3.1.4): a third of the size.
    const written = cells.map((cell) =>
      cell === ''
        ? `<c s="${style}"/>`
        : `<c s="${style}" t="inlineStr"><is><t${keepBlanks(cell)}>${escapeXml(cell)}</t></is></c>`,
    );
    this.#write(`<row>${written.join('')}</row>`);
  }

  #write(text: string): void {
    this.#sheet.write(Buffer.from(text));
  }

  /** The pieces of the finished workbook, in order. */
  end(): Uint8Array[] {
    this.#write('</sheetData></worksheet>');
    const pieces: Uint8Array[] = [];
    const zip = new ZipWriter((bytes) => void pieces.push(bytes));
    for (const [name, content] of parts) {
      const entry = new ZipEntry(name);
      entry.write(Buffer.from(content(this.#sheetName)));
      zip.add(entry);
    }
    zip.add(this.#sheet);
    zip.end();
    return pieces;
  }
}

const keepBlanks = (text: string): string => (text.trim() === text ? '' : ' xml:space="preserve"');

/** Escaped, without what XML 1.0 §2.2 does not allow at all, and no longer than a cell may be. */
function escapeXml(text: string): string {
  const cut = text.length > cellCharactersMax ? text.slice(0, cellCharactersMax) : text;
  return cut
    .toWellFormed()
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replace(/[&<>"]/g, (character) => entities.get(character) ?? character);
}

const entities: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
]);
