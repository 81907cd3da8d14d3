import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { done, refuse, type Result } from '../kernel/index.ts';
import { decodeEntities } from '../platform/tables/index.ts';

/** An element with its namespace, as "Namespaces in XML 1.0" resolves it, whatever prefix the sender chose. */
export type XmlElement = {
  readonly namespace: string;
  readonly local: string;
  readonly children: readonly XmlElement[];
  readonly text: string;
};

const sizeMax = 32 * 1024 * 1024;

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  trimValues: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
});

/** Refusals: `import.empty`, `import.too_large`, `import.charset`, `import.format` (no XML, truncated, or with a DOCTYPE). */
export function readXml(bytes: Uint8Array): Result<XmlElement> {
  if (bytes.length === 0) return refuse('import.empty');
  if (bytes.length > sizeMax) return refuse('import.too_large', { limit: sizeMax, unit: 'bytes' });
  const text = decodeXml(bytes);
  if (text === undefined) return refuse('import.charset', { charset: 'XML', line: 1 }, 'line 1');
  if (/[^\t\n\r\u0020-\ufffd]/.test(text)) return refuse('import.format', { format: 'XML with control characters' });
  if (/<!DOCTYPE|<!ENTITY/i.test(text)) return refuse('import.format', { format: 'XML with DOCTYPE' });
  return parseXml(text) ?? refuse('import.format', { format: 'broken XML' });
}

function parseXml(text: string): Result<XmlElement> | undefined {
  try {
    if (XMLValidator.validate(text) !== true) return undefined;
    const nodes: unknown = parser.parse(text);
    const root = elementsOf(nodes, new Map())[0];
    return root && done(root);
  } catch {
    return undefined;
  }
}

/** Byte-order mark, else the declaration's encoding (ports send gb2312), else UTF-8. */
function decodeXml(bytes: Uint8Array): string | undefined {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 200));
  const declared = /^\s*<\?xml[^>]*encoding\s*=\s*["']([\w-]+)["']/i.exec(head)?.[1]?.toLowerCase() ?? 'utf-8';
  const label = /^(gb2312|gbk|gb18030)$/.test(declared) ? 'gb18030' : declared;
  const marked =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : label;
  try {
    return new TextDecoder(marked, { fatal: true }).decode(bytes).trim();
  } catch {
    return undefined;
  }
}

type Scope = ReadonlyMap<string, string>;
type Node = Readonly<Record<string, unknown>>;

function elementsOf(nodes: unknown, scope: Scope): XmlElement[] {
  return items(nodes).flatMap((node) => {
    const name = Object.keys(node).find((key) => key !== ':@' && !key.startsWith('#') && !key.startsWith('?'));
    return name === undefined ? [] : [elementOf(name, node, scope)];
  });
}

function elementOf(name: string, node: Node, outer: Scope): XmlElement {
  const attributes = attributesOf(node[':@']);
  const scope = new Map(outer);
  for (const [key, value] of attributes) {
    if (key === 'xmlns') scope.set('', value);
    else if (key.startsWith('xmlns:')) scope.set(key.slice(6), value);
  }
  const colon = name.indexOf(':');
  return {
    namespace: scope.get(colon < 0 ? '' : name.slice(0, colon)) ?? '',
    local: name.slice(colon + 1),
    children: elementsOf(node[name], scope),
    text: textOf(node[name]),
  };
}

function textOf(nodes: unknown): string {
  const texts = items(nodes).map((node) => node['#text']);
  return decodeEntities(texts.filter((text) => typeof text === 'string').join('')).trim();
}

function attributesOf(value: unknown): ReadonlyMap<string, string> {
  if (typeof value !== 'object' || value === null) return new Map();
  return new Map(Object.entries(value).map(([key, text]) => [key, decodeEntities(String(text))]));
}

function items(value: unknown): readonly Node[] {
  if (!Array.isArray(value)) return [];
  return value.filter((item): item is Node => typeof item === 'object' && item !== null);
}
