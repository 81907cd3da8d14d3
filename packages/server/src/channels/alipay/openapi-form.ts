import { charsetNamed, decodeText } from './charset.ts';
import type { Charset } from './charset.ts';

/** A form with every value decoded once, in the charset that it names itself. */
export type ReadForm = { readonly fields: ReadonlyMap<string, string>; readonly charset: Charset };

/**
 * Reads `application/x-www-form-urlencoded`: first as bytes, to find `charset`, then as text. Undefined when it cannot be read
 * or says something twice. One walk over the bytes: messages come by the hundred a second.
 */
export function readForm(body: Uint8Array): ReadForm | undefined {
  const raw = rawFields(body);
  if (!raw) return undefined;
  const named = raw.get('charset');
  const charset = named ? charsetNamed(named.bytes.toString('latin1')) : 'utf-8';
  if (!charset) return undefined;
  const fields = new Map<string, string>();
  for (const [name, { bytes, isAscii }] of raw) {
    const text = isAscii ? bytes.toString('latin1') : decodeText(bytes, charset);
    if (text === undefined) return undefined;
    fields.set(name, text);
  }
  return { fields, charset };
}

/** `isAscii`: the same text in every charset. */
type RawValue = { readonly bytes: Buffer; readonly isAscii: boolean };

const [ampersand, equals, percent, plus, space, tilde] = [...Buffer.from('&=%+ ~')] as [
  ...[number, number, number, number, number, number],
];

function rawFields(body: Uint8Array): ReadonlyMap<string, RawValue> | undefined {
  const fields = new Map<string, RawValue>();
  const decoded = Buffer.allocUnsafe(body.length);
  let [from, to, seen] = [0, 0, 0];
  let name: string | undefined;
  const endOfName = (): boolean => {
    name = decoded.toString('latin1', from, to);
    [from, seen] = [to, 0];
    return /^[\x21-\x7e]+$/.test(name) && !fields.has(name);
  };
  const endOfPair = (): boolean => {
    if (name === undefined && !endOfName()) return false;
    fields.set(name ?? '', { bytes: decoded.subarray(from, to), isAscii: seen < 0x80 });
    [from, seen, name] = [to, 0, undefined];
    return true;
  };
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at] ?? 0;
    if (byte === ampersand) {
      if (!endOfPair()) return undefined;
    } else if (byte === equals && name === undefined) {
      if (!endOfName()) return undefined;
    } else {
      const one = byte === percent ? hexByte(body[at + 1], body[at + 2]) : byte === plus ? space : byte;
      if (byte === percent) at += 2;
      if (byte < space || byte > tilde || one === undefined) return undefined;
      decoded[to++] = one;
      seen |= one;
    }
  }
  return endOfPair() ? fields : undefined;
}

function hexByte(high: number | undefined, low: number | undefined): number | undefined {
  const [one, other] = [hexDigit(high), hexDigit(low)];
  return one === undefined || other === undefined ? undefined : one * 16 + other;
}

function hexDigit(byte: number | undefined): number | undefined {
  if (byte === undefined) return undefined;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : undefined;
}
