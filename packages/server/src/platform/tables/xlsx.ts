import { XMLParser } from 'fast-xml-parser';
import { done, refuse, type Result } from '../../kernel/index.ts';
import { tableLimits, type Cell } from './table.ts';
import { TooLarge, unzip, type Parts } from './unzip.ts';
import { decodeEntities } from './xml-text.ts';

/**
 * The first visible sheet of a workbook (ECMA-376 part 1, §18: SpreadsheetML).
 * Readers on npm turn a number cell into a double and have no limit on what an archive inflates to;
 * here a number keeps the text of its `v` element, so that a destroyed number is seen and not read as another one.
 */
export type Sheet = {
  readonly rows: { readonly line: number; readonly cells: readonly Cell[] }[];
  /** Names of further visible sheets that hold cells. They are not read. */
  readonly otherSheets: readonly string[];
};

type Node = Readonly<Record<string, unknown>>;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  trimValues: false,
});

const elementsPerParse = 500;

export async function readXlsx(bytes: Uint8Array): Promise<Result<Sheet>> {
  try {
    const parts = await unzip(
      bytes,
      (path) => /^xl\/.*\.(xml|rels)$/i.test(path) && !/styles|theme|drawing/.test(path),
    );
    for (const part of parts.values()) {
      if (/<!DOCTYPE/i.test(part.toString('latin1', 0, 4096))) return refuse('import.format', { format: 'xlsx+dtd' });
      if (part.includes(0)) return refuse('import.format', { format: 'xlsx with control characters' });
    }
    return readParts(parts);
  } catch (error) {
    if (error instanceof TooLarge)
      return refuse('import.too_large', { limit: tableLimits.inflatedBytes, unit: 'bytes inflated' });
    return refuse('import.format', { format: 'zip' });
  }
}

function readParts(parts: Parts): Result<Sheet> {
  const workbook = child(parsePart(parts, 'xl/workbook.xml'), 'workbook');
  if (['1', 'true'].includes(attribute(child(workbook, 'workbookPr'), 'date1904')))
    return refuse('import.format', { format: 'xlsx with dates from 1904' });
  const targets = relationTargets(parts);
  const visible = children(child(workbook, 'sheets'), 'sheet').filter(
    (sheet) => !/hidden/i.test(attribute(sheet, 'state')),
  );
  const [first, ...others] = visible.map((sheet) => ({
    name: decodeEntities(attribute(sheet, 'name')),
    part: parts.get(targets.get(attribute(sheet, 'id')) ?? '')?.toString('utf8') ?? '',
  }));
  if (!first || first.part === '') return refuse('import.format', { format: 'zip' });
  const rows = sheetRows(first.part, sharedStrings(parts));
  if (!rows.ok) return rows;
  const otherSheets = others.filter((sheet) => /<(?:\w+:)?c[\s>]/.test(sheet.part)).map((sheet) => sheet.name);
  return done({ rows: rows.value, otherSheets });
}

function relationTargets(parts: Parts): Map<string, string> {
  const relations = child(parsePart(parts, 'xl/_rels/workbook.xml.rels'), 'Relationships');
  return new Map(
    children(relations, 'Relationship').map((relation) => {
      const target = attribute(relation, 'Target');
      return [
        attribute(relation, 'Id'),
        target.startsWith('/') ? target.slice(1) : `xl/${target.replace(/^\.\//, '')}`,
      ];
    }),
  );
}

function sharedStrings(parts: Parts): readonly string[] {
  const text = parts.get('xl/sharedStrings.xml')?.toString('utf8') ?? '';
  return [...blocks(text, 'si')].flatMap((block) => children(parse(block), 'si').map(richText));
}

/** Row numbers rise (ECMA-376 part 1, §18.3.1.73); one that does not is counted on from the row before. */
function sheetRows(text: string, strings: readonly string[]): Result<Sheet['rows']> {
  const rows: Sheet['rows'] = [];
  let [line, used] = [0, 0];
  for (const block of blocks(text, 'row')) {
    for (const row of children(parse(block), 'row')) {
      const given = attribute(row, 'r');
      line = /^\d{1,7}$/.test(given) && Number(given) > line ? Number(given) : line + 1;
      const cells = rowCells(row, strings);
      used += cells.length;
      if (used > tableLimits.cells) return refuse('import.too_large', { limit: tableLimits.cells, unit: 'cells' });
      if (cells.some((cell) => cell.text.trim() !== '')) rows.push({ line, cells });
    }
    if (rows.length > tableLimits.rows) return refuse('import.too_large', { limit: tableLimits.rows, unit: 'rows' });
  }
  return done(rows);
}

/** Elements of one name, a few hundred to a parse: a whole sheet as one tree would take many times its size. */
function* blocks(text: string, name: string): Generator<string> {
  const opening = new RegExp(`<((?:\\w+:)?)${name}(?=[\\s/>])`, 'g');
  let batch: string[] = [];
  for (let match = opening.exec(text); match; match = opening.exec(text)) {
    const end = endOfElement(text, match.index, `</${match[1] ?? ''}${name}>`);
    if (end < 0) break;
    batch.push(text.slice(match.index, end));
    opening.lastIndex = end;
    if (batch.length < elementsPerParse) continue;
    yield batch.join('');
    batch = [];
  }
  if (batch.length > 0) yield batch.join('');
}

function endOfElement(text: string, start: number, closing: string): number {
  const tagEnd = text.indexOf('>', start);
  if (tagEnd < 0) return -1;
  if (text[tagEnd - 1] === '/') return tagEnd + 1;
  const end = text.indexOf(closing, tagEnd);
  return end < 0 ? -1 : end + closing.length;
}

function rowCells(row: Node, strings: readonly string[]): Cell[] {
  const cells: Cell[] = [];
  for (const cell of children(row, 'c')) {
    const column = columnOf(attribute(cell, 'r')) ?? cells.length;
    if (column >= tableLimits.columns) continue;
    while (cells.length < column) cells.push({ text: '', numeric: false });
    cells[column] = readCell(cell, strings);
  }
  return cells;
}

/** `t` of a cell, ECMA-376 part 1 §18.18.11: s shared, inlineStr, str (formula), b, e, d; absent or n: a number. */
function readCell(cell: Node, strings: readonly string[]): Cell {
  const type = attribute(cell, 't');
  const value = textOf(cell['v']);
  if (type === 's') return { text: strings[Number(value)] ?? '', numeric: false };
  if (type === 'inlineStr') return { text: richText(child(cell, 'is')), numeric: false };
  if (type === '' || type === 'n') return { text: value, numeric: value !== '' };
  return { text: value, numeric: false };
}

function columnOf(reference: string): number | undefined {
  const letters = /^[A-Z]{1,3}/.exec(reference)?.[0];
  if (letters === undefined) return undefined;
  let column = 0;
  for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64;
  return column - 1;
}

/** Text of a string item: its own runs, without the phonetic ones. */
function richText(item: Node | undefined): string {
  if (!item) return '';
  const texts = (node: Node): string => items(node['t']).map(textOf).join('');
  return texts(item) + children(item, 'r').map(texts).join('');
}

function parse(text: string): Node {
  return asNode(parser.parse(text)) ?? {};
}

function parsePart(parts: Parts, path: string): Node {
  return parse(parts.get(path)?.toString('utf8') ?? '');
}

function asNode(value: unknown): Node | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Node) : undefined;
}

function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}

function children(node: Node | undefined, name: string): Node[] {
  return items(node?.[name]).map((item) => asNode(item) ?? { '#text': item });
}

function child(node: Node | undefined, name: string): Node | undefined {
  return children(node, name)[0];
}

function attribute(node: Node | undefined, name: string): string {
  const value = node?.[`@${name}`];
  return typeof value === 'string' ? value : '';
}

function textOf(value: unknown): string {
  const text = asNode(value)?.['#text'] ?? value;
  return typeof text === 'string' ? decodeEntities(text) : '';
}
