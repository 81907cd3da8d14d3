import { minutes, plus } from '../kernel/index.ts';
import type { Instant, Outcome, Trust } from '../kernel/index.ts';
import type { ShareFacts, SharePartFacts, ShareRules } from '../channels/contract/index.ts';
import { given, givenLate, notGiven } from './books.ts';
import { partFailed, shareCase, shareEnded } from './news.ts';
import { isAskedAbout, isOpen, partTable, shareTable } from './share.ts';
import type { PartEffect, Share, ShareEffect, SharePart, ShareReturn } from './share.ts';
import { askedFrom, doubtDeadline, nextAskAt, shareWish } from './wishes.ts';
import type { ShareWork } from './work.ts';

/** `us`: what our own side has to say, such as that a request cannot be made. `people`: two of them, with from where they know it. */
export type Heard<Facts> = {
  readonly by: 'answer' | 'query' | 'us' | 'people';
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
  const state = step.becomes as Share['state'];
  work.putShare({
    ...doubted(unsignedRefusal(share, said), told, state, heard, work.at),
    ...{ state, asked: share.asked + (by === 'query' ? 1 : 0) },
    ...(channelNo === undefined ? {} : { channelNo }),
    ...(isEnd ? { endedAt: work.at } : {}),
  });
  for (const effect of step.effects) applyEffect(work, id, effect, { ...heard, isEnd }, rules);
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

type Refused = Pick<Share, 'asked' | 'refusedWith' | 'doubtSince'> & {
  readonly state: Share['state'] | ShareReturn['state'];
  readonly channelNo?: string;
};

/**
 * From then on no send of it can be on its way: longer than a lease and a time-out together, and as long as the channels' payments give an absence.
 */
const absenceCountsAfterMs = minutes(10);

/** The channel took the number on, and signed that it did. */
export const wasTaken = ({ state, channelNo }: Pick<Refused, 'state' | 'channelNo'>): boolean =>
  state === 'processing' || channelNo !== undefined;

/**
 * WeChat signs no 4xx: of payments such a refusal is believed, of what moves money only when questions show for some minutes that there is no such
 * number either. Neither proves it alone, and nothing unsigned counts against a signed word that took the number on.
 */
export function proven<Facts>(one: Refused, heard: Heard<Facts>): Heard<Facts> {
  const { by, isAbsent, trust, heardAt } = heard;
  const { refusedWith: code, doubtSince, asked } = one;
  if (code === undefined || by !== 'query' || isAbsent !== true || trust === 'none') return heard;
  const isLate = doubtSince !== undefined && heardAt >= plus(doubtSince, absenceCountsAfterMs);
  if (wasTaken(one) || asked === 0 || !isLate) return heard;
  return { ...heard, trust: 'verified', outcome: { kind: 'rejected', code, text: code } };
}

/** Of the last call that was answered: one that was answered otherwise may have been carried out. */
export function unsignedRefusal<One extends { readonly refusedWith?: string }>(
  one: One,
  { by, outcome, trust }: Heard<unknown>,
): One {
  if (by === 'query') return one;
  const { refusedWith: _before, ...rest } = one;
  const isRefused = outcome.kind === 'rejected' && trust === 'transport_only';
  return { ...rest, ...(isRefused ? { refusedWith: outcome.code } : {}) } as One;
}

/** Why it is not clear, in the channel's words or ours, and since when. What has ended keeps its why. */
export function doubted<One extends Share | ShareReturn>(
  one: One,
  told: string,
  after: One['state'],
  { by, outcome, trust }: Pick<Heard<unknown>, 'by' | 'outcome' | 'trust'>,
  at: Instant,
): One {
  const { doubtSince: before, ...rest } = one;
  const put = (why: string, doubtSince?: Instant): One =>
    ({ ...rest, why, ...(doubtSince === undefined ? {} : { doubtSince }) }) as One;
  if (!isOpen(one.state)) {
    const isRevived = told === 'accepted' && (one.state === 'failed' || one.state === 'partly');
    if (isRevived) return put(one.why, before ?? at);
    return put(one.why, told === 'in_doubt' ? before : undefined);
  }
  const code = outcome.kind === 'rejected' ? outcome.code : '';
  if (!isOpen(after)) return put(code);
  if (outcome.kind === 'rejected')
    return put(code, by === 'answer' && trust === 'transport_only' ? at : (before ?? at));
  return outcome.kind === 'in_doubt' ? put(outcome.why, before ?? at) : put('', before);
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
  const told = outcome.facts.parts;
  const isAllTold = told.length > 0 && told.every(({ state }) => state !== 'pending');
  const isFinished = outcome.kind === 'succeeded' || (isAllTold && !releasesRest);
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

type Ended = { readonly isEnd: boolean };

function applyEffect(
  work: ShareWork,
  id: string,
  effect: ShareEffect,
  heard: HeardOfShare & Ended,
  rules: ShareRules,
): void {
  const share = work.share(id);
  switch (effect) {
    case 'send':
      return undefined; // by the command that made it
    case 'tell_shop':
      return work.add(shareEnded(work.shared.order, share));
    case 'open_case': {
      // Two people who said so have looked at it.
      if (heard.isEnd && heard.by === 'people') return undefined;
      const kind = heard.isEnd ? 'share.failed' : 'share.contradiction';
      return work.add(shareCase(kind, share, { why: share.why, state: share.state }));
    }
    case 'plan_queries':
      if (heard.by === 'query' || !isAskedAbout(share)) return undefined;
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

/**
 * What the channel does not know goes again under its own number, where the channel honours the number. Not at once: a late answer comes first. Nor
 * what was refused: it would be refused again, and a refusal counts only when nothing is on its way.
 */
export const goesAgain = (
  { asked, refusedWith }: { readonly asked: number; readonly refusedWith?: string },
  { by, isAbsent }: Pick<Heard<unknown>, 'by' | 'isAbsent'>,
  { resendIsSafe }: ShareRules,
): boolean => by === 'query' && isAbsent === true && resendIsSafe && asked >= 2 && refusedWith === undefined;

const askAt = (share: Share, { firstQueryAfterMs }: ShareRules, at: Instant): Instant =>
  nextAskAt(askedFrom(share), firstQueryAfterMs, at);

export const nextShareAskAt = (share: Share, rules: ShareRules, at: Instant): Instant | undefined =>
  isAskedAbout(share) ? askAt(share, rules, at) : undefined;
