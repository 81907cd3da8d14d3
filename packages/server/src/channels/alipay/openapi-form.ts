import { charsetNamed, decodeText } from './charset.ts';
import type { Charset } from './charset.ts';

/** A form with every value decoded once, in the charset that it names itself. */
export type ReadForm = { readonly fields: ReadonlyMap<string, string>; readonly charset: Charset };

/**
 * Reads `application/x-www-form-urlencoded`: first as bytes, to find `charset`, then as text. Undefined when it cannot be read
 * or says something twice.
 */
export function readForm(body: Uint8Array): ReadForm | undefined {
  const raw = new Map<string, Uint8Array>();
  for (const pair of new TextDecoder('latin1').decode(body).split('&')) {
    const [name, value] = cut(pair).map(percentBytes);
    if (!name || !value) return undefined;
    const key = Buffer.from(name).toString('latin1');
    if (!/^[\x21-\x7e]+$/.test(key) || raw.has(key)) return undefined;
    raw.set(key, value);
  }
  const charset = charsetNamed(Buffer.from(raw.get('charset') ?? Buffer.from('utf-8')).toString('latin1'));
  if (!charset) return undefined;
  const fields = new Map<string, string>();
  for (const [name, value] of raw) {
    const text = decodeText(value, charset);
    if (text === undefined) return undefined;
    fields.set(name, text);
  }
  return { fields, charset };
}

function cut(pair: string): readonly [string, string] {
  const at = pair.indexOf('=');
  return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
}

function percentBytes(text: string): Uint8Array | undefined {
  if (/%(?![0-9A-Fa-f]{2})|[^\x20-\x7e]/.test(text)) return undefined;
  if (!/[%+]/.test(text)) return Buffer.from(text, 'latin1');
  const plain = text.replaceAll('+', ' ');
  return Buffer.from(
    plain.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
}
