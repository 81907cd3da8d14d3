import { done, refuse, type Result } from '../../kernel/index.ts';
import type { TableCharset } from './table.ts';

export type DecodedText = { readonly text: string; readonly charset: TableCharset };

const lineFeed = 0x0a;

/**
 * Byte-order mark, else strict UTF-8, else strict GB18030 (GB 18030-2022, a superset of GBK and GB2312).
 * Bytes that are none of these are refused with their line: a replacement character would silently change a name.
 */
export function decodeText(bytes: Uint8Array): Result<DecodedText> {
  const marked = markedCharset(bytes);
  if (marked) return decodeAs(bytes, marked);
  const utf8 = strictly(bytes, 'utf-8');
  if (utf8 !== undefined) return done({ text: utf8, charset: 'UTF-8' });
  const damaged = damagedUtf8Line(bytes);
  if (damaged !== undefined) return undecodable('UTF-8', damaged);
  return decodeAs(bytes, 'GBK');
}

function markedCharset(bytes: Uint8Array): TableCharset | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'UTF-8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'UTF-16LE';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'UTF-16BE';
  return undefined;
}

function decodeAs(bytes: Uint8Array, charset: TableCharset): Result<DecodedText> {
  const label = charset === 'GBK' ? 'gb18030' : charset.toLowerCase();
  const text = strictly(bytes, label);
  if (text !== undefined) return done({ text, charset });
  const line = charset.startsWith('UTF-16') ? 1 : (badLines(bytes, label).first ?? 1);
  return undecodable(charset, line);
}

function undecodable(charset: TableCharset, line: number): Result<never> {
  return refuse('import.charset', { charset, line }, `line ${line}`);
}

function strictly(bytes: Uint8Array, label: string): string | undefined {
  return tryDecode(new TextDecoder(label, { fatal: true }), bytes);
}

function tryDecode(decoder: InstanceType<typeof TextDecoder>, bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * One damaged character must not turn a UTF-8 file into GBK: most UTF-8 bytes also read as GBK, as other words.
 * So the file counts as damaged UTF-8 when most of its non-ASCII lines are good UTF-8.
 */
function damagedUtf8Line(bytes: Uint8Array): number | undefined {
  const { first, bad, nonAscii } = badLines(bytes, 'utf-8');
  return bad * 2 < nonAscii ? first : undefined;
}

/** After so many bad lines, and more bad than good, the charset is plainly another one: no need to try every line. */
const badEnough = 100;

function badLines(bytes: Uint8Array, label: string): { first: number | undefined; bad: number; nonAscii: number } {
  let first: number | undefined;
  let bad = 0;
  let nonAscii = 0;
  let line = 0;
  const decoder = new TextDecoder(label, { fatal: true });
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(lineFeed, start);
    const end = found < 0 ? bytes.length : found;
    const part = bytes.subarray(start, end);
    line += 1;
    start = end + 1;
    if (isAscii(part)) continue;
    nonAscii += 1;
    if (tryDecode(decoder, part) !== undefined) continue;
    bad += 1;
    first ??= line;
    if (bad >= badEnough && bad * 2 >= nonAscii) break;
  }
  return { first, bad, nonAscii };
}

function isAscii(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte >= 0x80) return false;
  return true;
}
