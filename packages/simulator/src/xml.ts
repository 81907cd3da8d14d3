import { DOMParser } from '@xmldom/xmldom';
import type { Document } from '@xmldom/xmldom';
import iconv from 'iconv-lite';

export class UnreadableXml extends Error {}

export function escapeXml(text: string): string {
  return /[&<>"]/.test(text)
    ? text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
    : text;
}

export function element(name: string, value: string): string {
  return value === '' ? `<${name}/>` : `<${name}>${escapeXml(value)}</${name}>`;
}

/** Bytes to text by byte order mark, then by the XML declaration, then UTF-8: real customs files come in all three. */
export function decodeXml(bytes: Buffer): string {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return bytes.subarray(3).toString('utf8');
  const declared = /^\s*<\?xml[^>]*encoding\s*=\s*["']([\w.-]+)["']/.exec(
    bytes.subarray(0, 200).toString('latin1'),
  )?.[1];
  const charset = declared ?? 'utf-8';
  // Annotated, because the library's type guard would leave `never` for an unknown name.
  const isKnown: boolean = iconv.encodingExists(charset);
  if (!isKnown) throw new UnreadableXml(`encoding ${charset} is not known`);
  return iconv.decode(bytes, charset);
}

export function parseXml(text: string): Document {
  if (/<!DOCTYPE/i.test(text)) throw new UnreadableXml('a document type is not accepted');
  try {
    const parser = new DOMParser({
      onError: (level: string, message: string) => {
        if (level !== 'warning') throw new UnreadableXml(message);
      },
    });
    return parser.parseFromString(text, 'text/xml');
  } catch (error) {
    throw new UnreadableXml(error instanceof Error ? error.message : 'not XML');
  }
}
