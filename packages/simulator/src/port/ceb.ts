import type { Element } from '@xmldom/xmldom';
import { element, parseXml, UnreadableXml } from '../xml.ts';

/** GACC import message specification 202205: every element lives here, whatever its prefix. */
const cebNamespace = 'http://www.chinaport.gov.cn/ceb';

/** At most this many documents in one message (GACC import message specification 202205; error -401013). */
export const documentsMax = 100;

/** The leaf elements of one document's head, by local name. */
export type Head = ReadonlyMap<string, string>;

/** The heads named `headName` of the message `rootName`, in their order. Throws UnreadableXml. */
export function readHeads(xml: string, rootName: string, headName: string): Head[] {
  return readPlain(xml, rootName, headName) ?? readAny(xml, rootName, headName);
}

/** By a real parser: any prefix, comments, character data, attributes. */
export function readAny(xml: string, rootName: string, headName: string): Head[] {
  const root = parseXml(xml).documentElement;
  if (!root || root.namespaceURI !== cebNamespace || root.localName !== rootName) {
    throw new UnreadableXml(`the root is not ${rootName} of ${cebNamespace}`);
  }
  return [...root.getElementsByTagNameNS(cebNamespace, headName)].map(leaves);
}

function leaves(head: Element): Head {
  const found = new Map<string, string>();
  for (const child of head.children ?? childElements(head)) {
    if (child.namespaceURI === cebNamespace && child.localName) found.set(child.localName, child.textContent ?? '');
  }
  return found;
}

function childElements(parent: Element): Element[] {
  return [...parent.childNodes].filter((node): node is Element => node.nodeType === 1);
}

const plainRoot =
  /^(?:<\?xml[^>]*\?>)?\s*<(?:(\w+):)?(\w+) xmlns(?::(\w+))?="http:\/\/www\.chinaport\.gov\.cn\/ceb"([^<>&]*)>/;

/**
 * The same for messages without attributes, comments, character data or entities, many times faster: 40,000 records of a
 * history arrive through here. `undefined` = not that plain, use the parser. A test compares both.
 */
export function readPlain(xml: string, rootName: string, headName: string): Head[] | undefined {
  const root = plainRoot.exec(xml);
  if (!root || root[1] !== root[3] || root[2] !== rootName || (root[4] ?? '').includes(' xmlns')) return undefined;
  const prefix = root[1] === undefined ? '' : `${root[1]}:`;
  const heads: Head[] = [];
  const open: string[] = [rootName];
  let head: Map<string, string> | undefined;
  let at = xml.indexOf('<', root[0].length);
  if (xml.includes('&', root[0].length)) return undefined;
  while (open.length > 0) {
    const end = xml.indexOf('>', at);
    if (at < 0 || end < 0) return undefined;
    const closes = xml[at + 1] === '/';
    const tag = xml.slice(at + (closes ? 2 : 1), end);
    const name = tag.startsWith(prefix) ? tag.slice(prefix.length) : '';
    // A name and nothing else: attributes, other prefixes, comments and empty-element tags are for the parser.
    if (!/^\w+$/.test(name)) return undefined;
    const next = xml.indexOf('<', end);
    if (closes) {
      if (open.pop() !== name) return undefined;
      if (name === headName) head = undefined;
    } else {
      if (name === headName) heads.push((head = new Map()));
      else if (open.at(-1) === headName) head?.set(name, ownText(xml.slice(end + 1, next)));
      open.push(name);
    }
    at = next;
  }
  return at < 0 ? heads : undefined;
}

/** A slice keeps the whole message alive in memory; this does not. */
function ownText(slice: string): string {
  return ` ${slice}`.slice(1);
}

/** A message with the default namespace: the form of most official samples. */
export function message(rootName: string, guid: string, documents: readonly string[]): string {
  return (
    `<?xml version="1.0" encoding="UTF-8"?><${rootName} xmlns="${cebNamespace}" guid="${guid}" version="1.0">` +
    `${documents.join('')}</${rootName}>`
  );
}

/** Elements in the order given, which is the order of the schema. Absent and empty ones are left out. */
export function elements(pairs: readonly (readonly [string, string | undefined])[]): string {
  return pairs.map(([name, value]) => (value ? element(name, value) : '')).join('');
}
