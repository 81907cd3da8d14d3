import type { Element } from '@xmldom/xmldom';
import { element, parseXml, UnreadableXml } from '../xml.ts';

/** GACC import message specification 202205: every element lives here, whatever its prefix. */
export const cebNamespace = 'http://www.chinaport.gov.cn/ceb';

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
const plainToken = /<(\/?)(?:(\w+):)?(\w+)(\/?)>([^<]*)/y;

/**
 * The same for messages without attributes, comments, character data or entities, fifty times faster: 40,000 records of a
 * history arrive through here. `undefined` = not that plain, use the parser. A test compares both.
 */
export function readPlain(xml: string, rootName: string, headName: string): Head[] | undefined {
  const root = plainRoot.exec(xml);
  if (
    !root ||
    root[1] !== root[3] ||
    root[2] !== rootName ||
    / xmlns/.test(root[4] ?? '') ||
    /&|<[!?]/.test(xml.slice(root[0].length))
  ) {
    return undefined;
  }
  const heads: Head[] = [];
  const open: string[] = [rootName];
  let head: Map<string, string> | undefined;
  plainToken.lastIndex = root[0].length + (/^\s*/.exec(xml.slice(root[0].length))?.[0].length ?? 0);
  while (open.length > 0) {
    const token = plainToken.exec(xml);
    const name = token?.[3];
    if (!token || !name || token[2] !== root[1]) return undefined;
    if (token[1]) {
      if (open.pop() !== name) return undefined;
      if (name === headName) head = undefined;
      continue;
    }
    if (name === headName) heads.push((head = new Map()));
    else if (open.at(-1) === headName) head?.set(name, token[4] ? '' : (token[5] ?? ''));
    if (!token[4]) open.push(name);
  }
  return /^\s*$/.test(xml.slice(plainToken.lastIndex)) ? heads : undefined;
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
