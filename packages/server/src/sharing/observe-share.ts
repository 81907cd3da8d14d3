import type { Instant, Outcome, Trust } from '../kernel/index.ts';
import type { ShareFacts, SharePartFacts, ShareRules } from '../channels/contract/index.ts';
import { given, givenLate, notGiven } from './books.ts';
import { partFailed, shareCase, shareEnded } from './news.ts';
import { isOpen, partTable, shareTable } from './share.ts';
import type { PartEffect, Share, ShareEffect, SharePart } from './share.ts';
import { askedFrom, doubtDeadline, nextAskAt, shareWish } from './wishes.ts';
import type { ShareWork } from './work.ts';

/** `us`: what our own side has to say, such as that a request cannot be made. */
export type Heard<Facts> = {
  readonly by: 'answer' | 'query' | 'us';
  readonly outcome: Outcome<Facts>;
  readonly trust: Trust;
  readonly isAbsent?: boolean;
  readonly exchangeId?: string;
  readonly heardAt: Instant;
};
export type HeardOfShare = Heard<ShareFacts>;

/** One voice about one request. Unsigned words end nothing that moves money. */
export function hearShare(work: ShareWork, id: string, said: HeardOfShare, rules: ShareRules): void {
  observed(work, id, said);
  const heard = proven(work.share(id), said);
  const told = foldParts(work, id, heard);
  const share = work.share(id);
  const step = shareTable.step(share.state, 'obs', told);
  const { outcome, by } = heard;
  const channelNo = heard.trust === 'verified' && 'facts' in outcome ? outcome.facts.channelNo : undefined;
  const isEnd = isOpen(share.state) && !isOpen(step.becomes as Share['state']);
  work.putShare({
    ...unsignedRefusal(share, said),
    ...{ state: step.becomes as Share['state'], asked: share.asked + (by === 'query' ? 1 : 0) },
    ...(channelNo === undefined ? {} : { channelNo }),
    ...doubtOf(share, outcome, work.at),
    ...(isEnd ? { endedAt: work.at } : {}),
  });
  for (const effect of step.effects) applyEffect(work, id, effect, heard, rules);
}

export function observed(
  work: ShareWork,
  subject: string,
  { by, outcome, trust, heardAt, exchangeId }: Heard<unknown>,
): void {
  work.add({
    kind: 'observation',
    observation: {
      ...{ subject, source: by, body: outcome, trust, heardAt },
      ...(exchangeId === undefined ? {} : { exchangeId }),
    },
  });
}

type Refused = { readonly refusedWith?: string };

/**
 * WeChat signs no 4xx: of payments such a refusal is believed, of what moves money only when a question shows that there is no such number either.
 * Neither proves it alone.
 */
export function proven<Facts>({ refusedWith: code }: Refused, heard: Heard<Facts>): Heard<Facts> {
  const { by, isAbsent, trust } = heard;
  if (code === undefined || by !== 'query' || isAbsent !== true || trust === 'none') return heard;
  return { ...heard, trust: 'verified', outcome: { kind: 'rejected', code, text: code } };
}

/** Of the last call that was answered: one that was answered otherwise may have been carried out. */
export function unsignedRefusal<One extends Refused>(one: One, { by, outcome, trust }: Heard<unknown>): One {
  if (by === 'query') return one;
  const { refusedWith: _before, ...rest } = one;
  const isRefused = outcome.kind === 'rejected' && trust === 'transport_only';
  return { ...rest, ...(isRefused ? { refusedWith: outcome.code } : {}) } as One;
}

/** Why it is not clear, in the channel's words or ours, and since when. */
export function doubtOf(
  { doubtSince, why }: { readonly doubtSince?: Instant; readonly why: string },
  outcome: Outcome<unknown>,
  at: Instant,
): { readonly doubtSince?: Instant; readonly why: string } {
  if (outcome.kind === 'rejected') return { why: outcome.code };
  if (outcome.kind === 'in_doubt') return { why: outcome.why, doubtSince: doubtSince ?? at };
  return { why: '' === why ? why : '' };
}

type Told = 'all_done' | 'some_done' | 'none_done' | 'accepted' | 'in_doubt' | 'contradicted';

/** Each part by what was said of it, then the whole by its parts. */
function foldParts(work: ShareWork, id: string, { outcome, trust }: HeardOfShare): Told {
  if (trust !== 'verified' || outcome.kind === 'in_doubt') return 'in_doubt';
  const share = work.share(id);
  if (outcome.kind === 'rejected') {
    // Nothing of it was done, says the channel: it cannot be so where it said before that something was.
    if (share.parts.some(({ state }) => state === 'succeeded' || state === 'late')) return 'contradicted';
    for (const part of share.parts)
      hearPart(work, part, { partNo: part.partNo, state: 'failed', reason: outcome.code }, work.at);
    return 'none_done';
  }
  for (const facts of outcome.facts.parts) {
    const part = share.parts.find(({ partNo }) => partNo === facts.partNo);
    if (part) hearPart(work, part, facts, work.at);
  }
  const { parts, releasesRest } = work.share(id);
  const isFinished = outcome.kind === 'succeeded' || (parts.length > 0 && !releasesRest);
  return isFinished && parts.every(({ state }) => state !== 'pending') ? endOf(parts) : 'accepted';
}

function endOf(parts: readonly SharePart[]): Told {
  const failed = parts.filter(({ state }) => state === 'failed').length;
  if (failed === 0) return 'all_done';
  return failed === parts.length ? 'none_done' : 'some_done';
}

function hearPart(work: ShareWork, part: SharePart, facts: SharePartFacts, at: Instant): void {
  if (facts.state === 'pending') return;
  const step = partTable.step(part.state, 'obs', facts.state);
  const { channelPartNo, reason } = facts;
  if (step.becomes !== part.state)
    work.putPart({
      ...part,
      ...{ state: step.becomes, endedAt: facts.at ?? at },
      ...(channelPartNo === undefined ? {} : { channelPartNo }),
      ...(reason === undefined ? {} : { why: reason }),
    });
  for (const effect of step.effects) applyPartEffect(work, part, effect);
}

function applyPartEffect(work: ShareWork, before: SharePart, effect: PartEffect): void {
  const [share, part] = [work.share(before.shareId), work.part(before)];
  const { order } = work.shared;
  switch (effect) {
    case 'post':
      return work.add({ kind: 'entry', draft: given(order, share, part) });
    case 'release':
      work.moveShared(share.attemptId, -part.amount.minor);
      return work.add({ kind: 'entry', draft: notGiven(order, share, part) });
    case 'post_late':
      work.moveShared(share.attemptId, part.amount.minor);
      return work.add(...givenLate(order, share, part).map((draft) => ({ kind: 'entry', draft }) as const));
    case 'tell_shop':
      return work.add(partFailed(order, share, part));
    case 'open_case':
      return work.add(shareCase('share.contradiction', share, { part_no: part.partNo, state: before.state }));
    default:
      return effect satisfies never;
  }
}

function applyEffect(work: ShareWork, id: string, effect: ShareEffect, heard: HeardOfShare, rules: ShareRules): void {
  const share = work.share(id);
  switch (effect) {
    case 'send':
      return undefined; // by the command that made it
    case 'tell_shop':
      return work.add(shareEnded(work.shared.order, share));
    case 'open_case': {
      const kind = share.state === 'failed' ? 'share.failed' : 'share.contradiction';
      return work.add(shareCase(kind, share, { why: share.why, state: share.state }));
    }
    case 'plan_queries':
      if (heard.by === 'query' || !isOpen(share.state)) return undefined;
      return work.add({ kind: 'job', wish: shareWish(share, 'share.query', askAt(share, rules, work.at)) });
    case 'send_same_if_absent':
      if (!goesAgain(share, heard, rules)) return undefined;
      work.putShare({ ...share, sentTries: share.sentTries + 1 });
      return work.add({ kind: 'job', wish: shareWish(share, 'share.submit', work.at) });
    case 'case_if_long':
      if (work.at < doubtDeadline(askedFrom(share))) return undefined;
      return work.add(shareCase('share.in_doubt_long', share, { since: share.doubtSince ?? share.createdAt }));
    default:
      return effect satisfies never;
  }
}

/** What the channel does not know goes again under its own number, where the channel honours the number. Not at once: a late answer comes first. */
export const goesAgain = (
  { asked }: { readonly asked: number },
  { by, isAbsent }: Pick<Heard<unknown>, 'by' | 'isAbsent'>,
  { resendIsSafe }: ShareRules,
): boolean => by === 'query' && isAbsent === true && resendIsSafe && asked >= 2;

const askAt = (share: Share, { firstQueryAfterMs }: ShareRules, at: Instant): Instant =>
  nextAskAt(askedFrom(share), firstQueryAfterMs, at);

export const nextShareAskAt = (share: Share, rules: ShareRules, at: Instant): Instant | undefined =>
  isOpen(share.state) ? askAt(share, rules, at) : undefined;
