import { parseXml, UnreadableXml } from '../xml.ts';
import type { V2Pairs } from './v2-signing.ts';

/** The fields of a v2 message. Throws UnreadableXml; a document type or an entity is refused, as after the attacks on v2 callbacks. */
export function readV2(text: string): V2Pairs {
  if (/<!ENTITY/i.test(text)) throw new UnreadableXml('an entity is not accepted');
  const root = parseXml(text).documentElement;
  if (root?.nodeName !== 'xml') throw new UnreadableXml('the root must be xml');
  const pairs: [string, string][] = [];
  for (let node = root.firstChild; node; node = node.nextSibling)
    if (node.nodeType === node.ELEMENT_NODE) pairs.push([node.nodeName, node.textContent ?? '']);
  return pairs;
}

export function writeV2(pairs: V2Pairs): string {
  const parts = pairs.map(([name, value]) => `<${name}>${cdata(value)}</${name}>`);
  return `<xml>${parts.join('\n')}</xml>`;
}

export function cdata(value: string): string {
  return `<![CDATA[${value.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
}
