import type { Instant } from '../kernel/index.ts';
import type { ShareReturnFacts, ShareRules } from '../channels/contract/index.ts';
import { cameBack } from './books.ts';
import { returnCase, returnEnded } from './news.ts';
import { doubted, goesAgain, observed, proven, unsignedRefusal } from './observe-share.ts';
import type { Heard } from './observe-share.ts';
import { isAskedAbout, isOpen, returnTable } from './share.ts';
import type { ReturnEffect, ShareReturn } from './share.ts';
import { askedFrom, doubtDeadline, nextAskAt, shareWish } from './wishes.ts';
import type { ShareWork } from './work.ts';

export type HeardOfReturn = Heard<ShareReturnFacts>;

/** One voice about one return. Only what the channel vouches for, about our amount, is money. */
export function hearReturn(work: ShareWork, id: string, said: HeardOfReturn, rules: ShareRules): void {
  observed(work, id, said);
  const back = work.back(id);
  const heard = proven(back, said);
  const { outcome, by } = heard;
  const isOurs =
    outcome.kind !== 'succeeded' ||
    (outcome.facts.amount.minor === back.amount.minor && outcome.facts.amount.currency === back.amount.currency);
  const told = heard.trust === 'verified' && isOurs ? outcome.kind : 'in_doubt';
  const step = returnTable.step(back.state, 'obs', told);
  const state = step.becomes as ShareReturn['state'];
  const saidAt = outcome.kind === 'succeeded' ? outcome.facts.at : undefined;
  const isEnd = state !== back.state && !isOpen(state);
  const doubt = isOurs ? outcome : ({ kind: 'in_doubt', why: 'the channel speaks of another amount' } as const);
  work.putReturn({
    ...doubted(unsignedRefusal(back, said), told, state, { ...heard, outcome: doubt }, work.at),
    ...{ state, asked: back.asked + (by === 'query' ? 1 : 0) },
    ...(isEnd ? { endedAt: saidAt ?? work.at } : {}),
  });
  for (const effect of step.effects) applyEffect(work, id, effect, { ...heard, isEnd }, rules);
}

type Ended = { readonly isEnd: boolean };

function applyEffect(
  work: ShareWork,
  id: string,
  effect: ReturnEffect,
  heard: HeardOfReturn & Ended,
  rules: ShareRules,
): void {
  const back = work.back(id);
  switch (effect) {
    case 'send':
      return undefined; // by the command that made it
    case 'post':
      return post(work, back);
    case 'tell_shop':
      return work.add(returnEnded(work.shared.order, back));
    case 'open_case': {
      // Two people who said so have looked at it.
      if (heard.isEnd && heard.by === 'people') return undefined;
      const kind = heard.isEnd && back.state === 'failed' ? 'share.return_failed' : 'share.contradiction';
      return work.add(returnCase(kind, back, { why: back.why, state: back.state }));
    }
    case 'plan_queries':
      if (heard.by === 'query' || !isAskedAbout(back)) return undefined;
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

/** Booked as it moved. The receiver is not reckoned to have less than nothing where one that was called failed came back after another one. */
function post(work: ShareWork, back: ShareReturn): void {
  const { shares, returns, order } = work.shared;
  const part = shares.flatMap(({ parts }) => parts).find(({ id }) => id === back.partId);
  const came = returns
    .filter(
      ({ id, partId, state }) => id !== back.id && partId === back.partId && (state === 'done' || state === 'late'),
    )
    .reduce((sum, { amount }) => sum + amount.minor, 0n);
  const had = (part?.amount.minor ?? 0n) - came;
  const left = had > 0n ? had : 0n;
  const { minor } = back.amount;
  work.moveShared(work.share(back.shareId).attemptId, -(minor < left ? minor : left));
  work.add(...cameBack(order, back).map((draft) => ({ kind: 'entry', draft }) as const));
  if (minor > left) work.add(returnCase('share.contradiction', back, { state: back.state, left: String(left) }));
}

const askAt = (back: ShareReturn, { firstQueryAfterMs }: ShareRules, at: Instant): Instant =>
  nextAskAt(askedFrom(back), firstQueryAfterMs, at);

export const nextReturnAskAt = (back: ShareReturn, rules: ShareRules, at: Instant): Instant | undefined =>
  isAskedAbout(back) ? askAt(back, rules, at) : undefined;
