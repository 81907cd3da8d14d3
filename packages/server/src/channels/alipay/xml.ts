import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { charsetNamed, decodeText } from './charset.ts';
import type { Charset } from './charset.ts';

/** One element. `text` has its entities decoded; `innerXml` is what stood between its tags, untouched. */
export type XmlElement = {
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlElement[];
  readonly innerXml: string;
};

export type XmlDocument = { readonly root: XmlElement; readonly charset: Charset };

/** Ten records of sixteen elements make some 400 tags. Marks cost the parser far more time and memory than text does. */
const marksMax = 5000;
/** Those records at the documented lengths are 20,000 characters. The parser joins text by single characters, some 40 bytes each. */
const charactersMax = 262_144;
const marks = ['<', '=', '&'];
const depthMax = 16;

const parser = new XMLParser({
  preserveOrder: true,
  captureMetaData: true,
  parseTagValue: false,
  processEntities: false,
  trimValues: false,
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  cdataPropName: '#cdata',
  maxNestedTags: depthMax,
});
const metadata: unknown = XMLParser.getMetaDataSymbol();

/** Reads a whole, well-formed document without a DOCTYPE. Undefined for anything else, whatever the bytes are. */
export function readXml(bytes: Uint8Array): XmlDocument | undefined {
  const charset = declaredCharset(bytes);
  const source = charset && decodeText(bytes, charset);
  if (charset === undefined || source === undefined || !isTame(source)) return undefined;
  try {
    // The parser comes first: it stops at the depth limit, where the validator would walk on; it forgives, so the validator follows.
    const nodes: unknown = parser.parse(source);
    if (XMLValidator.validate(source) !== true) return undefined;
    const roots = elementsOf(nodes, source);
    return roots.length === 1 && roots[0] !== undefined ? { root: roots[0], charset } : undefined;
  } catch {
    return undefined;
  }
}

/** XML 1.0 §4.3.3: without an encoding declaration the document is UTF-8. Alipay names GBK there even after a UTF-8 request. */
function declaredCharset(bytes: Uint8Array): Charset | undefined {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 256));
  const encoding = /^(?:\xEF\xBB\xBF)?<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']/.exec(head)?.[1];
  return charsetNamed(encoding ?? 'utf-8');
}

/** A DOCTYPE can define entities that grow without end; no answer of the gateway has one. Control characters: XML 1.0 §2.2. */
function isTame(source: string): boolean {
  if (source.length > charactersMax || /<!(?:DOCTYPE|ENTITY)/i.test(source)) return false;
  if (/[^\t\n\r\u0020-\ufffd]/.test(source)) return false;
  return marks.every((mark) => isSeldom(mark, source));
}

function isSeldom(mark: string, source: string): boolean {
  let count = 0;
  for (let at = source.indexOf(mark); at >= 0; at = source.indexOf(mark, at + 1)) {
    count += 1;
    if (count > marksMax) return false;
  }
  return true;
}

function elementsOf(nodes: unknown, source: string): XmlElement[] {
  if (!Array.isArray(nodes)) return [];
  return (nodes as readonly unknown[]).flatMap((node) => {
    const name = nameOf(node);
    return name === undefined || name.startsWith('#') ? [] : [elementOf(name, node as ParserNode, source)];
  });
}

/** What the parser makes of an element, a text or a CDATA section: one property, named after it. */
type ParserNode = Readonly<Record<string | symbol, unknown>>;

function elementOf(name: string, node: ParserNode, source: string): XmlElement {
  const content = node[name];
  return {
    name,
    text: textsIn(content, decodeEntities),
    children: elementsOf(content, source),
    innerXml: innerXmlOf(node, source),
  };
}

function nameOf(node: unknown): string | undefined {
  return typeof node === 'object' && node !== null ? Object.keys(node).find((key) => key !== ':@') : undefined;
}

/** The text directly inside; CDATA is text already, so nothing in it is decoded (XML 1.0 §2.7). */
function textsIn(content: unknown, decode: (text: string) => string): string {
  if (!Array.isArray(content)) return '';
  return (content as readonly ParserNode[])
    .map((node) => {
      const text = node['#text'];
      if (typeof text === 'string') return decode(text);
      return '#cdata' in node ? textsIn(node['#cdata'], (raw) => raw) : '';
    })
    .join('');
}

function innerXmlOf(node: ParserNode, source: string): string {
  const range = typeof metadata === 'symbol' ? (node[metadata] as { startIndex?: number; endIndex?: number }) : {};
  const outer = source.slice(range.startIndex ?? 0, range.endIndex ?? 0);
  const close = outer.lastIndexOf('</');
  return close < 0 ? '' : outer.slice(outer.indexOf('>') + 1, close);
}

const predefined = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** The five predefined entities and character references (XML 1.0 §4.6, §4.1). Any other ampersand makes the document unreadable. */
function decodeEntities(text: string): string {
  return text.replace(/&(?:([a-z]{2,4});|#(\d{1,7});|#x([0-9A-Fa-f]{1,6});)?/g, (_whole, ...groups: unknown[]) => {
    const [name, decimal, hex] = groups.slice(0, 3).map((group) => (typeof group === 'string' ? group : ''));
    const known = predefined.get(name ?? '');
    if (known !== undefined) return known;
    const point = decimal ? Number(decimal) : parseInt(hex ?? '', 16);
    if (!isXmlCharacter(point)) throw new SyntaxError('not an XML character reference');
    return String.fromCodePoint(point);
  });
}

/** XML 1.0 §2.2, production Char. */
function isXmlCharacter(point: number): boolean {
  if (point === 0x9 || point === 0xa || point === 0xd) return true;
  return (
    (point >= 0x20 && point <= 0xd7ff) ||
    (point >= 0xe000 && point <= 0xfffd) ||
    (point >= 0x10000 && point <= 0x10ffff)
  );
}
