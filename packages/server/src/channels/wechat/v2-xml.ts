/** Text by element name, as it came. */
export type V2Fields = ReadonlyMap<string, string>;

/** A query of a payment with many parts stays far below. */
const charactersMax = 262_144;
/** Control characters: XML 1.0 §2.2. */
const notXml = /[^\t\n\r\u0020-\ufffd]/;

/**
 * A message of version 2: one root (`xml`; of what is sealed inside, `root`), one element a field, text or CDATA inside. Undefined for anything else, for a field that comes twice, and
 * for whatever defines entities: a DOCTYPE in a message was an attack on many merchants (version 2 documents, best practice of XML parsing).
 */
export function readV2(bytes: Uint8Array, root: 'xml' | 'root' = 'xml'): V2Fields | undefined {
  const source = utf8(bytes);
  if (source === undefined || source.length > charactersMax || notXml.test(source)) return undefined;
  const inside = wholeForms[root].exec(source)?.[1];
  if (inside === undefined) return undefined;
  const fields = new Map<string, string>();
  fieldForm.lastIndex = 0;
  while (fieldForm.lastIndex < inside.length) {
    const [, name, content = ''] = fieldForm.exec(inside) ?? [];
    const text = name === undefined || fields.has(name) ? undefined : textOf(content);
    if (name === undefined || text === undefined) return undefined;
    fields.set(name, text);
  }
  return fields;
}

/** §2.8: an XML declaration, which may name UTF-8 only, and the root. */
const wholeForm = (root: string): RegExp =>
  new RegExp(
    `^\\ufeff?(?:<\\?xml\\s+version=(?:"1\\.0"|'1\\.0')(?:\\s+encoding=(?:"utf-8"|'utf-8'))?\\s*\\?>)?` +
      `\\s*<${root}>\\s*((?:[^\\s][\\s\\S]*)?)</${root}>\\s*$`,
    'i',
  );
const wholeForms = { xml: wholeForm('xml'), root: wholeForm('root') } as const;
/** §3.1: no attributes, nothing nested, and what is around a field is white space. */
const fieldForm = /<([A-Za-z_][\w.-]*)>([^<]*(?:<!\[CDATA\[[^\]]*(?:\](?!\]>)[^\]]*)*\]\]>[^<]*)*)<\/\1\s*>\s*/y;

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Text and CDATA one after the other; undefined when the text holds an ampersand that is no reference. */
function textOf(content: string): string | undefined {
  let text = '';
  for (const [, cdata, plain = ''] of content.matchAll(/<!\[CDATA\[([\s\S]*?)\]\]>|([^<]+)/g)) {
    const decoded = cdata ?? decodeEntities(plain);
    if (decoded === undefined) return undefined;
    text += decoded;
  }
  return text.replace(/\r\n?/g, '\n');
}

const predefined = new Map([
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&apos;', "'"],
]);

/** The five predefined entities and character references (XML 1.0 §4.6, §4.1). */
function decodeEntities(text: string): string | undefined {
  if (!text.includes('&')) return text;
  let isRight = true;
  const decoded = text.replace(
    /&(?:[a-z]{2,4};|#(\d{1,7});|#x([0-9A-Fa-f]{1,6});)?/g,
    (whole, ...groups: unknown[]) => {
      const known = predefined.get(whole);
      if (known !== undefined) return known;
      const [decimal, hex] = groups.slice(0, 2).map((group) => (typeof group === 'string' ? group : ''));
      const point = decimal ? Number(decimal) : parseInt(hex ?? '', 16);
      isRight &&= isCharacter(point);
      return isRight ? String.fromCodePoint(point) : '';
    },
  );
  return isRight ? decoded : undefined;
}

/** XML 1.0 §2.2, production Char. */
function isCharacter(point: number): boolean {
  if (point === 0x9 || point === 0xa || point === 0xd) return true;
  const isPlain = (point >= 0x20 && point <= 0xd7ff) || (point >= 0xe000 && point <= 0xfffd);
  return isPlain || (point >= 0x10000 && point <= 0x10ffff);
}

/** Entities rather than CDATA: a value may hold whatever ends one. */
export function writeV2(fields: Readonly<Record<string, string>>): Uint8Array {
  const elements = Object.entries(fields)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `<${name}>${escaped(value)}</${name}>`);
  return new TextEncoder().encode(`<xml>${elements.join('')}</xml>`);
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
