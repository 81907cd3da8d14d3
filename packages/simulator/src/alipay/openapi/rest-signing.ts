import type { KeyObject } from 'node:crypto';
import { isGenuine, signed } from './signing.ts';

// The REST dress ("v3") signs headers and body as they are: Alipay open platform documents "signing a request" (open-v3/054q58)
// and "verifying an answer" (open-v3/054d0z). Only SHA256withRSA is offered, over bytes in UTF-8.

const scheme = 'ALIPAY-SHA256withRSA ';
const beforeSign = ',sign=';

/** The header `authorization`, taken apart; `signature` is empty when there is none. */
export type Authorization = {
  /** All between the scheme and the signature: the first line of the signed text. */
  readonly text: string;
  readonly get: (name: string) => string;
  readonly signature: string;
};

/** `undefined` when it is absent or of another scheme. */
export function readAuthorization(header: string | undefined): Authorization | undefined {
  if (header?.startsWith(scheme) !== true) return undefined;
  const all = header.slice(scheme.length);
  const at = all.lastIndexOf(beforeSign);
  const [text, signature] = at < 0 ? [all, ''] : [all.slice(0, at), all.slice(at + beforeSign.length)];
  const fields = new Map(
    text.split(',').map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]),
  );
  return { text, get: (name) => fields.get(name) ?? '', signature };
}

export type RestRequest = {
  readonly authorization: string;
  readonly method: string;
  /** Path with query, as sent. */
  readonly target: string;
  readonly body: string;
  readonly appAuthToken: string | undefined;
};

/** Every line ends with a line feed, the last one too; the token's line exists only when a token is sent. */
export function restRequestText({ authorization, method, target, body, appAuthToken }: RestRequest): string {
  const token = appAuthToken === undefined ? [] : [appAuthToken];
  return [authorization, method, target, body, ...token].map((line) => `${line}\n`).join('');
}

export function restAnswerText(timestamp: string, nonce: string, body: string): string {
  return `${timestamp}\n${nonce}\n${body}\n`;
}

export function isGenuineRest(text: string, key: KeyObject, signature: string): boolean {
  return isGenuine(text, 'UTF-8', 'RSA2', key, signature);
}

export function restSigned(text: string, key: KeyObject): string {
  return signed(text, 'UTF-8', 'RSA2', key);
}
