import type { Trust } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount, WireAnswer } from '../contract/index.ts';
import { v2Fits, v2Text } from './sign-v2.ts';
import type { V2SignType } from './sign-v2.ts';
import { merchantFields } from './v2-request.ts';
import { readV2 } from './v2-xml.ts';

export type V2Said = {
  readonly kind: 'said';
  readonly trust: Trust;
  /** `err_code`; empty when the business went well. */
  readonly refusal: string;
  /** For people. */
  readonly words: string;
  readonly has: (name: string) => boolean;
  /** Empty where there is none. */
  readonly text: (name: string) => string;
};
export type V2Answer = V2Said | { readonly kind: 'unreadable'; readonly why: string; readonly trust: Trust };

/**
 * The layers of version 2: HTTP is 200 even for errors; `return_code` FAIL is unsigned and proves nothing, whatever its text says; everything else is
 * signed as the request was, over all that was received, and must be about this merchant.
 */
export function readV2Answer(
  { status, body }: WireAnswer,
  signType: V2SignType,
  account: ChannelAccount,
  secrets: AccountSecrets,
): V2Answer {
  if (status !== 200) return unreadable(`http status ${status}`);
  const fields = readV2(body);
  if (!fields) return unreadable('the answer is no XML that we can read');
  const text = (name: string): string => fields.get(name) ?? '';
  if (text('return_code') !== 'SUCCESS')
    return unreadable(`return_code ${text('return_code')}: ${text('return_msg').slice(0, 100)}`);
  if (!v2Fits(v2Text(fields), text('sign'), signType, secrets))
    return { kind: 'unreadable', why: 'the signature does not fit', trust: 'none' };
  const trust = 'verified';
  const other = Object.entries(merchantFields(account)).find(
    ([name, ours]) => ours !== '' && text(name) !== ours && (name === 'mch_id' || fields.has(name)),
  );
  if (other) return { kind: 'unreadable', why: `the answer is about ${other[0]} ${text(other[0]) || 'nobody'}`, trust };
  const [result, refusal] = [text('result_code'), text('err_code')];
  const isClear = result === 'SUCCESS' ? refusal === '' : result === 'FAIL' && refusal !== '';
  if (!isClear) return { kind: 'unreadable', why: `result_code ${result} with err_code ${refusal}`, trust };
  return { kind: 'said', trust, refusal, words: text('err_code_des'), has: (name) => text(name) !== '', text };
}

const unreadable = (why: string): V2Answer => ({ kind: 'unreadable', why, trust: 'transport_only' });
