import type { Instant, Trust } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount, WireAnswer } from '../contract/index.ts';
import { noFields, readFields } from './json.ts';
import type { Fields } from './json.ts';
import { vouchedFor } from './sign.ts';
import { readV2 } from './v2-xml.ts';

export const answerBytesMax = 262_144;

/** An answer whose words may be read. What they say of the money is for the operation to find out. */
export type Said = {
  readonly kind: 'said';
  readonly trust: Trust;
  readonly status: number;
  /** Of a refusal: HTTP status and code, as the error tables pair them. Empty for 200 and 204. */
  readonly refusal: string;
  /** For people. */
  readonly words: string;
  readonly fields: Fields;
};

export type Answer = Said | { readonly kind: 'unreadable'; readonly why: string; readonly trust: Trust };

/**
 * Level one of three: did an authentic answer arrive? Level two is status and code, level three the state of the money. What is 2xx is signed, or
 * its result is unknown; refusals come unsigned, but a signature that one carries must fit.
 */
export function readAnswer(
  answer: WireAnswer,
  account: ChannelAccount,
  secrets: AccountSecrets,
  heardAt: Instant,
): Answer {
  const { status, headers, body } = answer;
  if (body.byteLength > answerBytesMax) return unreadable(`answer of ${body.byteLength} bytes`, 'transport_only');
  const { trust, why } = vouchedFor(headers, body, account, secrets, heardAt);
  if (trust === 'none') return unreadable(why, trust);
  const isDone = status === 200 || status === 204;
  if (isDone && trust !== 'verified') return unreadable(why, trust);
  if (!isDone && (status < 400 || status > 599)) return unreadable(`http status ${status}`, trust);
  if (status === 204 && body.byteLength > 0) return unreadable('http status 204 with a body', trust);
  const fields = status === 204 ? noFields : readFields(body);
  if (!fields) return unreadable(`http status ${status}, and no JSON object that we can read`, trust);
  const refusal = isDone ? '' : `${status} ${fields.text('code')}`;
  return { kind: 'said', trust, status, refusal, words: fields.text('message'), fields };
}

function unreadable(why: string, trust: Trust): Answer {
  return { kind: 'unreadable', why, trust };
}

/** 429 with whatever code: the documents name three for it. Version 2 says it in the body of a 200. */
export const saysTooOften = ({ status, body }: WireAnswer): boolean =>
  status === 429 || (status === 200 && body[0] === 0x3c && readV2(body)?.get('err_code') === 'FREQUENCY_LIMITED');
