import { assert, done, refuse } from '../kernel/index.ts';
import type { Instant, Refusal, Result } from '../kernel/index.ts';
import type { ShareRules } from '../channels/contract/index.ts';
import type { AuditEntry } from '../identity/index.ts';
import type { Decision, RecordKey } from '../platform/commands.ts';
import type { OrderEffect } from '../payments/index.ts';
import { askReturn } from './decide-return.ts';
import type { ReturnWish } from './decide-return.ts';
import { askShare } from './decide-share.ts';
import type { ShareTerms, ShareWish } from './decide-share.ts';
import { hearReturn, nextReturnAskAt } from './observe-return.ts';
import type { HeardOfReturn } from './observe-return.ts';
import { hearShare, nextShareAskAt } from './observe-share.ts';
import type { HeardOfShare } from './observe-share.ts';
import type { SharedOrder } from './shared-order.ts';
import { refuseShareVerdict } from './verdict-word.ts';
import { ShareWork } from './work.ts';

type Input =
  | { readonly kind: 'share'; readonly wish: ShareWish; readonly terms: ShareTerms }
  | {
      readonly kind: 'share_heard';
      readonly shareId: string;
      readonly heard: HeardOfShare;
      readonly rules: ShareRules;
    }
  | { readonly kind: 'return'; readonly wish: ReturnWish; readonly rules: ShareRules }
  | {
      readonly kind: 'return_heard';
      readonly returnId: string;
      readonly heard: HeardOfReturn;
      readonly rules: ShareRules;
    };

export type ShareInput = Input & {
  readonly key: RecordKey;
  /** Who wants it and why, kept with the change, and only where there is one. */
  readonly audit?: AuditEntry;
};

/** The order as it now is, and when the job that brought the news is due again. */
export type ShareAnswer = { readonly shared: SharedOrder; readonly againAt?: Instant };

/** Pure: the shared order as it stands and one thing that is wanted or heard; the order as it then is, and all that is to be committed with it. */
export function decideSharing(
  record: SharedOrder | undefined,
  input: ShareInput,
  at: Instant,
): Decision<SharedOrder, OrderEffect, ShareAnswer> {
  if (!record) return { result: refuse('order.not_found', { order: input.key.id }) };
  const work = new ShareWork(record, at);
  const refusal = actOn(work, input);
  if (refusal) return { result: { ok: false, refusal } };
  if (work.shared === record && work.effects.length === 0) return { result: answerOf(work, input) };
  if (input.audit) work.add({ kind: 'audit', entry: input.audit });
  return work.end(answerOf(work, input));
}

function actOn(work: ShareWork, input: ShareInput): Refusal | undefined {
  switch (input.kind) {
    case 'share':
      return askShare(work, input.wish, input.terms);
    case 'share_heard': {
      const refusal = refuseShareVerdict(work.share(input.shareId), input.heard);
      if (refusal) return refusal;
      hearShare(work, input.shareId, input.heard, input.rules);
      return undefined;
    }
    case 'return':
      return askReturn(work, input.wish, input.rules);
    case 'return_heard': {
      const refusal = refuseShareVerdict(work.back(input.returnId), input.heard);
      if (refusal) return refusal;
      hearReturn(work, input.returnId, input.heard, input.rules);
      return undefined;
    }
    default:
      return input satisfies never;
  }
}

/** Who asked is asked again by itself; everything else wishes for its jobs. */
function answerOf(work: ShareWork, input: ShareInput): Result<ShareAnswer> {
  const { shared } = work;
  const isAsked = (input.kind === 'share_heard' || input.kind === 'return_heard') && input.heard.by === 'query';
  if (!isAsked) return done({ shared });
  const againAt =
    input.kind === 'share_heard'
      ? nextShareAskAt(work.share(input.shareId), input.rules, work.at)
      : nextReturnAskAt(work.back(input.returnId), input.rules, work.at);
  assert(againAt === undefined || againAt > work.at, 'a question that is due again at once would never end');
  return done({ shared, ...(againAt === undefined ? {} : { againAt }) });
}
