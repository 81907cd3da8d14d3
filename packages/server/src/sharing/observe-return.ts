import type { Instant } from '../kernel/index.ts';
import type { ShareReturnFacts, ShareRules } from '../channels/contract/index.ts';
import { cameBack } from './books.ts';
import { returnCase, returnEnded } from './news.ts';
import { doubtOf, goesAgain, observed, proven, unsignedRefusal } from './observe-share.ts';
import type { Heard } from './observe-share.ts';
import { isOpen, returnTable } from './share.ts';
import type { ReturnEffect, ShareReturn } from './share.ts';
import { askedFrom, doubtDeadline, nextAskAt, shareWish } from './wishes.ts';
import type { ShareWork } from './work.ts';

export type HeardOfReturn = Heard<ShareReturnFacts>;

/** One voice about one return. Only what the channel vouches for, about our amount, is money. */
export function hearReturn(work: ShareWork, id: string, said: HeardOfReturn, rules: ShareRules): void {
  observed(work, id, said);
  const back = work.back(id);
  const heard = proven(back, said);
  const { outcome, trust, by } = heard;
  const isOurs =
    outcome.kind !== 'succeeded' ||
    (outcome.facts.amount.minor === back.amount.minor && outcome.facts.amount.currency === back.amount.currency);
  const told = trust === 'verified' && isOurs ? outcome.kind : 'in_doubt';
  const step = returnTable.step(back.state, 'obs', told);
  const state = step.becomes as ShareReturn['state'];
  const saidAt = outcome.kind === 'succeeded' ? outcome.facts.at : undefined;
  const isEnd = state !== back.state && !isOpen(state);
  work.putReturn({
    ...unsignedRefusal(back, said),
    ...{ state, asked: back.asked + (by === 'query' ? 1 : 0) },
    ...doubtOf(back, isOurs ? outcome : { kind: 'in_doubt', why: 'the channel speaks of another amount' }, work.at),
    ...(isEnd ? { endedAt: saidAt ?? work.at } : {}),
  });
  for (const effect of step.effects) applyEffect(work, id, effect, heard, rules);
}

function applyEffect(work: ShareWork, id: string, effect: ReturnEffect, heard: HeardOfReturn, rules: ShareRules): void {
  const back = work.back(id);
  switch (effect) {
    case 'send':
      return undefined; // by the command that made it
    case 'post':
      work.moveShared(work.share(back.shareId).attemptId, -back.amount.minor);
      return work.add(...cameBack(work.shared.order, back).map((draft) => ({ kind: 'entry', draft }) as const));
    case 'tell_shop':
      return work.add(returnEnded(work.shared.order, back));
    case 'open_case': {
      const kind = back.state === 'failed' ? 'share.return_failed' : 'share.contradiction';
      return work.add(returnCase(kind, back, { why: back.why, state: back.state }));
    }
    case 'plan_queries':
      if (heard.by === 'query') return undefined;
      return work.add({ kind: 'job', wish: shareWish(back, 'share.return_query', askAt(back, rules, work.at)) });
    case 'send_same_if_absent':
      if (!goesAgain(back, heard, rules)) return undefined;
      work.putReturn({ ...back, sentTries: back.sentTries + 1 });
      return work.add({ kind: 'job', wish: shareWish(back, 'share.return', work.at) });
    case 'case_if_long':
      if (work.at < doubtDeadline(askedFrom(back))) return undefined;
      return work.add(returnCase('share.in_doubt_long', back, { since: back.doubtSince ?? back.createdAt }));
    default:
      return effect satisfies never;
  }
}

const askAt = (back: ShareReturn, { firstQueryAfterMs }: ShareRules, at: Instant): Instant =>
  nextAskAt(askedFrom(back), firstQueryAfterMs, at);

export const nextReturnAskAt = (back: ShareReturn, rules: ShareRules, at: Instant): Instant | undefined =>
  isOpen(back.state) ? askAt(back, rules, at) : undefined;
