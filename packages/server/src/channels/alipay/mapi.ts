import { assert, done, refuse } from '../../kernel/index.ts';
import type { Result } from '../../kernel/index.ts';
import type { ChannelAccount, Draft, WireRequest } from '../contract/index.ts';
import { charsetNamed, encodeText } from './charset.ts';
import type { Charset } from './charset.ts';
import { signTypeOf } from './sign.ts';

export type Field = readonly [name: string, value: string];

export const defaultGatewayUrl = 'https://mapi.alipay.com/gateway.do';

/**
 * The text that a MAPI signature covers: without `sign`, `sign_type` and empty values, sorted by name in code-unit order
 * (never by locale), values raw. OpenAPI, the younger gateway, keeps `sign_type`; MAPI does not.
 */
export function canonicalText(fields: Iterable<Field>): string {
  return joinSorted([...fields].filter(([name, value]) => !outside.has(name) && value !== ''));
}

const outside: ReadonlySet<string> = new Set(['sign', 'sign_type']);

export function joinSorted(fields: readonly Field[]): string {
  return [...fields]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** `application/x-www-form-urlencoded` over the bytes of the charset, or undefined when the charset cannot carry a value. */
export function formText(fields: Iterable<Field>, charset: Charset): string | undefined {
  const pairs: string[] = [];
  for (const [name, value] of fields) {
    const bytes = encodeText(value, charset);
    if (bytes === undefined) return undefined;
    pairs.push(`${name}=${percentText(bytes)}`);
  }
  return pairs.join('&');
}

/** Puts the basic parameters before the business ones, drops the empty ones, and refuses what the charset cannot carry. */
export function draftRequest(service: string, business: readonly Field[], account: ChannelAccount): Result<Draft> {
  const charsetWord = account.settings['input_charset'] ?? 'utf-8';
  const charset = charsetNamed(charsetWord);
  assert(charset !== undefined, `account ${account.id} has the unknown input_charset ${charsetWord}`);
  const fields: readonly Field[] = [
    ['service', service] as const,
    ['partner', account.settings['partner'] ?? ''] as const,
    ['_input_charset', charsetWord] as const,
    ['sign_type', signTypeOf(account)] as const,
    ...business,
  ].filter(([, value]) => value !== '');
  const toSign = encodeText(canonicalText(fields), charset);
  const form = formText(fields, charset);
  if (toSign === undefined || form === undefined) {
    const unfit = fields.find(([, value]) => encodeText(value, charset) === undefined);
    return refuse('declaration.text_not_in_charset', { charset: charsetWord, field: unfit?.[0] ?? '' });
  }
  return done({ toSign, finish: (signature) => post(form, signature, charsetWord, account) });
}

/**
 * POST, because personal data must not reach access logs; the charset is repeated in the URL, because the gateway may decode
 * the body before it has seen the parameter inside.
 */
function post(form: string, signature: string, charsetWord: string, account: ChannelAccount): WireRequest {
  const gateway = account.settings['gateway_url'] ?? defaultGatewayUrl;
  return {
    method: 'POST',
    url: `${gateway}?_input_charset=${charsetWord}`,
    headers: { 'content-type': `application/x-www-form-urlencoded; charset=${charsetWord}` },
    body: new TextEncoder().encode(`${form}&sign=${percentText(new TextEncoder().encode(signature))}`),
  };
}

const percentTexts = Array.from({ length: 256 }, (_one, byte) => {
  const character = String.fromCharCode(byte);
  if (/[A-Za-z0-9\-_.*]/.test(character)) return character;
  return byte === 0x20 ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
});

function percentText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += percentTexts[byte] ?? '';
  return text;
}
