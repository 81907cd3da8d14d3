import { minutes, plus, seconds } from '../kernel/index.ts';
import type { Instant, Money } from '../kernel/index.ts';
import type { ChannelSnapshot, Fact, FactTrust } from './facts.ts';
import { meaningOf } from './return-status.ts';
import type { ReturnClass } from './return-status.ts';

/** The CHECK list of customs_declarations.state; a test compares. Domain rules: announcement-independent part of the trade's state machine. */
export const declarationStates = [
  'draft',
  'blocked',
  'ready',
  'submitting',
  'in_doubt',
  'accepted',
  'at_eport',
  'at_customs',
  'missing_reported',
  'mismatch',
  'hop_failed',
  'repush_due',
  'repushing',
  'rejected',
  'refused_by_channel',
  'escalated',
  'released',
  'cancelled',
  'closed',
  'closed_manual',
  'cannot_be_asked',
] as const;
export type DeclarationState = (typeof declarationStates)[number];

/** Steps of the ladder in return-status.ts that decisions name. */
export const ranks = { eport: 2, passedOn: 3 } as const;

type Receipt = {
  readonly code: string;
  readonly class: ReturnClass;
  readonly rank: number;
  readonly text: string;
  readonly at: Instant;
  readonly receiptId?: string;
  readonly source: 'channel' | 'customs';
};

/** The latest try to push, of any kind. */
type Push = {
  readonly try: number;
  readonly startedAt: Instant;
  readonly answeredAt?: Instant;
  readonly outcome: 'in_flight' | 'accepted' | 'rejected' | 'in_doubt' | 'unsent';
  readonly code?: string;
  readonly text?: string;
  readonly planId?: string;
  readonly standsAlready?: true;
};

/** All facts of one declaration folded into what decisions need. A function of the facts alone, so it can be made anew from them. */
export type Summary = {
  readonly firstAcceptedAt?: Instant;
  readonly push?: Push;
  /** Tries of every kind, those of an earlier system included. */
  readonly pushes: number;
  /** When the last try was made or answered, whichever is later: the gap between pushes counts from here. */
  readonly lastPushAt?: Instant;
  readonly pushedPaymentNos: readonly string[];
  readonly identityCheck?: 'same' | 'different';
  readonly asked: number;
  readonly lastAskedAt?: Instant;
  readonly snapshot?: ChannelSnapshot;
  readonly snapshotAt?: Instant;
  readonly snapshotTrust?: FactTrust;
  /** The fact that holds the snapshot: an equal one raises its count instead of adding a row. */
  readonly snapshotFactId?: string;
  readonly notFoundTimes: readonly Instant[];
  readonly queryDoubt?: string;
  /** The fact that holds the doubt: the same words again raise its count. */
  readonly queryDoubtFactId?: string;
  /** Since when no query had a clear answer, whatever the words of the doubt. */
  readonly queryDoubtSince?: Instant;
  /** The best that customs ever said; only a dated refusal can put it aside. */
  readonly best?: Receipt;
  /** When a good receipt was last written, of whatever step; `customsGoodAt`: in a message of customs itself, not told by the channel. */
  readonly goodAt?: Instant;
  readonly customsGoodAt?: Instant;
  /** The latest that was not good: a failed hop, a refusal, an exception. */
  readonly bad?: Receipt;
  readonly listStatus?: {
    readonly code: string;
    readonly class: ReturnClass;
    readonly text: string;
    readonly at: Instant;
  };
  readonly missing?: { readonly at: Instant; readonly source: string; readonly tradeNo?: string };
  readonly released?: { readonly at: Instant; readonly source: string };
};

export const emptySummary: Summary = { pushes: 0, pushedPaymentNos: [], asked: 0, notFoundTimes: [] };

export function foldFacts(facts: Iterable<Fact>, from: Summary = emptySummary): Summary {
  let summary = from;
  for (const fact of facts) summary = foldFact(summary, fact);
  return summary;
}

/** What a channel answers under a wrong signature proves nothing (architecture rule 1). */
const answers: ReadonlySet<string> = new Set(['push_accepted', 'push_rejected', 'channel_record', 'channel_not_found']);

/** One more fact. Never throws for an odd fact: what it does not understand changes nothing. */
export function foldFact(summary: Summary, fact: Fact): Summary {
  const { body } = fact;
  if (fact.trust === 'none' && answers.has(body.kind)) return summary;
  switch (body.kind) {
    case 'adopted':
      return {
        ...withPushedNo(summary, body.pushedPaymentNo),
        firstAcceptedAt: summary.firstAcceptedAt ?? fact.happenedAt,
        pushes: summary.pushes + 1,
        lastPushAt: later(summary.lastPushAt, fact.happenedAt),
      };
    case 'earlier_push':
      return { ...summary, pushes: summary.pushes + 1, lastPushAt: later(summary.lastPushAt, fact.happenedAt) };
    case 'push_started':
      return {
        ...summary,
        pushes: summary.pushes + 1,
        lastPushAt: later(summary.lastPushAt, fact.happenedAt),
        push: { try: body.try, startedAt: fact.happenedAt, outcome: 'in_flight', planId: body.planId },
      };
    case 'push_accepted':
    case 'push_rejected':
    case 'push_in_doubt':
    case 'push_unsent':
      return foldAnswer(summary, fact, body);
    case 'channel_record':
      return foldSnapshot(summary, fact, body.snapshot);
    case 'channel_not_found':
      return {
        ...asked(summary, fact.heardAt),
        notFoundTimes: [...summary.notFoundTimes, fact.heardAt].slice(-4),
      };
    case 'query_in_doubt':
      return doubtAgain(summary, body.why, fact.heardAt, fact.id);
    case 'port_missing':
      return foldMissing(summary, fact.heardAt, fact.source, body.tradeNo);
    case 'port_released':
      return { ...summary, released: summary.released ?? { at: fact.heardAt, source: 'port' } };
    case 'port_status':
      return body.released
        ? { ...summary, released: summary.released ?? { at: fact.heardAt, source: 'port' } }
        : summary;
    case 'port_has':
      // Whoever has it at the port, it has come at least as far as the e-port: receipt 2.
      return foldReceipt(summary, '2', body.text, fact.happenedAt, 'customs');
    case 'pack_reply':
      return summary;
    case 'payment_receipt':
      return foldReceipt(summary, body.status, body.text, fact.happenedAt, 'customs');
    case 'list_receipt':
      return foldListReceipt(summary, fact, body);
    default:
      return unknownKind(body, summary);
  }
}

/** A kind that only a later version knows: its facts stay, and count once that version reads them. */
function unknownKind(_body: never, summary: Summary): Summary {
  return summary;
}

const later = (a: Instant | undefined, b: Instant): Instant => (a !== undefined && a > b ? a : b);

function withPushedNo(summary: Summary, pushedPaymentNo: string | undefined): Summary {
  if (pushedPaymentNo === undefined || summary.pushedPaymentNos.includes(pushedPaymentNo)) return summary;
  return { ...summary, pushedPaymentNos: [...summary.pushedPaymentNos, pushedPaymentNo] };
}

function asked(summary: Summary, heardAt: Instant): Summary {
  const { queryDoubt: _settled, queryDoubtFactId: _fact, queryDoubtSince: _since, ...rest } = summary;
  return { ...rest, asked: summary.asked + 1, lastAskedAt: later(summary.lastAskedAt, heardAt) };
}

/** An answer in doubt, said by this fact: first or in the same words again. */
export function doubtAgain(summary: Summary, why: string, heardAt: Instant, factId: string): Summary {
  const queryDoubtSince = summary.queryDoubtSince ?? heardAt;
  return { ...asked(summary, heardAt), queryDoubt: why, queryDoubtFactId: factId, queryDoubtSince };
}

type AnswerBody = Extract<Fact['body'], { kind: 'push_accepted' | 'push_rejected' | 'push_in_doubt' | 'push_unsent' }>;

function foldAnswer(summary: Summary, fact: Fact, body: AnswerBody): Summary {
  const known = summary.push;
  const startedAt = known?.try === body.try ? known.startedAt : fact.happenedAt;
  const outcome = body.kind.slice('push_'.length) as 'accepted' | 'rejected' | 'in_doubt' | 'unsent';
  const words =
    body.kind === 'push_rejected'
      ? { code: body.code, text: body.text }
      : body.kind === 'push_accepted'
        ? {}
        : { text: body.why, ...('standsAlready' in body ? { standsAlready: true as const } : {}) };
  const planId = known?.planId === undefined ? {} : { planId: known.planId };
  const told: Push = { try: body.try, startedAt, answeredAt: fact.heardAt, outcome, ...words, ...planId };
  const push = known && isOutdone(known, body) ? known : told;
  const next: Summary = { ...summary, push, lastPushAt: later(summary.lastPushAt, fact.heardAt) };
  if (body.kind !== 'push_accepted') return next;
  return {
    ...withPushedNo(next, body.pushedPaymentNo),
    firstAcceptedAt: summary.firstAcceptedAt ?? fact.heardAt,
    // Alipay compares orderer and payer at the first declaration only; a later answer without it changes nothing.
    ...(body.identityCheck === undefined ? {} : { identityCheck: body.identityCheck }),
  };
}

/** A late answer to an earlier try says nothing of the latest one, and doubt never takes back what that try was told. */
function isOutdone(known: Push, body: AnswerBody): boolean {
  if (body.try !== known.try) return body.try < known.try;
  return body.kind === 'push_in_doubt' && known.outcome !== 'in_flight';
}

function foldSnapshot(summary: Summary, fact: Fact, snapshot: ChannelSnapshot): Summary {
  const known = snapshot.isAnsweredWell ? withoutRefusal(summary, snapshot.lastModifiedAt ?? fact.heardAt) : summary;
  const base: Summary = {
    ...withPushedNo(asked(known, fact.heardAt), snapshot.pushedPaymentNo || undefined),
    snapshot,
    snapshotAt: fact.heardAt,
    snapshotTrust: fact.trust,
    snapshotFactId: fact.id,
    notFoundTimes: [],
    firstAcceptedAt: summary.firstAcceptedAt ?? fact.heardAt,
    ...(snapshot.identityCheck === undefined ? {} : { identityCheck: snapshot.identityCheck }),
  };
  const { receipt: told } = snapshot;
  return told ? foldReceipt(base, told.code, told.text, told.at ?? fact.heardAt, 'channel', told.receiptId) : base;
}

/** What the channel had told of customs before is over; what customs wrote itself is not the channel's to take back. */
function withoutRefusal({ bad, ...rest }: Summary, at: Instant): Summary {
  return bad === undefined || (bad.source === 'channel' && bad.at < at) ? rest : { ...rest, bad };
}

/** The same snapshot told once more: only when it was told has changed. */
export function seenAgain(summary: Summary, heardAt: Instant): Summary {
  return { ...asked(summary, heardAt), snapshotAt: later(summary.snapshotAt, heardAt) };
}

function foldMissing(summary: Summary, at: Instant, source: string, tradeNo?: string): Summary {
  if (summary.missing && summary.missing.at >= at) return summary;
  return { ...summary, missing: { at, source, ...(tradeNo === undefined ? {} : { tradeNo }) } };
}

/**
 * The ladder of return-status.ts only rises; 4, 100 and negatives belong to one attempt and never lower what an earlier one
 * proved, save a dated refusal (GACC import message specification, returnStatus; 100 after 120 is real).
 */
function foldReceipt(
  summary: Summary,
  code: string,
  text: string,
  at: Instant,
  source: 'channel' | 'customs',
  receiptId?: string,
): Summary {
  const { class: receiptClass, rank } = meaningOf(code);
  const receipt: Receipt = {
    ...{ code, class: receiptClass, rank, text, at, source },
    ...(receiptId === undefined ? {} : { receiptId }),
  };
  if (rank > 0) {
    const next = rank < ranks.eport ? summary : withGood(summary, at, source);
    return isBetter(receipt, summary) ? { ...next, best: receipt } : next;
  }
  return !summary.bad || at >= summary.bad.at ? { ...summary, bad: receipt } : summary;
}

function withGood(summary: Summary, at: Instant, source: Receipt['source']): Summary {
  const goodAt = later(summary.goodAt, at);
  return source === 'channel'
    ? { ...summary, goodAt }
    : { ...summary, goodAt, customsGoodAt: later(summary.customsGoodAt, at) };
}

/** After a dated refusal the ladder begins anew. "Exists already" is what a second push of a known record is told: no news. */
function isBetter(receipt: Receipt, { best, bad }: Summary): boolean {
  if (!best) return true;
  if (bad?.class === 'refused') {
    const [isAfter, wasAfter] = [receipt.at > bad.at, best.at > bad.at];
    if (isAfter !== wasAfter) return isAfter;
  }
  if (receipt.class === 'present' && best.class !== 'present' && receipt.rank <= best.rank) return false;
  return receipt.rank > best.rank || (receipt.rank === best.rank && receipt.at > best.at);
}

function foldListReceipt(summary: Summary, fact: Fact, body: Extract<Fact['body'], { kind: 'list_receipt' }>): Summary {
  const [at, { class: listClass }] = [fact.happenedAt, meaningOf(body.status)];
  const listStatus = { code: body.status, class: listClass, text: body.text, at };
  const next = !summary.listStatus || at >= summary.listStatus.at ? { ...summary, listStatus } : summary;
  if (body.missingPayment) return foldMissing(next, at, 'customs');
  if (listClass !== 'released' && listClass !== 'closed') return next;
  return { ...next, released: next.released ?? { at, source: 'customs' } };
}

/** One declaration as it is kept: a payment (or a child order of it) told to one customs place. */
export type Declaration = {
  readonly bucket: number;
  readonly id: string;
  readonly paymentId: string;
  readonly merchantId: string;
  readonly accountId: string;
  readonly channel: string;
  readonly place: string;
  /** Empty: not split. */
  readonly childOrderNo: string;
  readonly orderNo: string;
  readonly waybillNo?: string;
  readonly tradeNo: string;
  /** The serial number that it was paid under, where we collected it; absent: another system did, under the order number. */
  readonly paidUnder?: string;
  readonly requestNo?: string;
  /** The order number that customs gets to know (architecture rule 11), frozen. */
  readonly customsOrderNo: string;
  readonly numberRule: 'adopted' | 'serial' | 'child';
  readonly declared: Money;
  readonly customsCode: string;
  readonly customsName: string;
  readonly isSplit: boolean;
  readonly paidAt: Instant;
  readonly summary: Summary;
  readonly state: DeclarationState;
  readonly version: number;
};

/** What the state depends on besides the facts. */
export type DeclarationView = {
  readonly requestNo?: string;
  readonly summary: Summary;
};

/** A call without an answer is no longer in flight after this long, whatever happened to the process that made it. */
export const callLimitMs = seconds(25);

/** The state is a function of facts and clock. */
export function stateAt(declaration: DeclarationView, now: Instant): DeclarationState {
  const { summary } = declaration;
  if (summary.released) return 'released';
  const { push } = summary;
  if (push?.outcome === 'in_flight' && now <= plus(push.startedAt, callLimitMs)) {
    return summary.pushes > 1 ? 'repushing' : 'submitting';
  }
  const isOpen = push?.outcome === 'in_flight' || push?.outcome === 'in_doubt';
  if (isOpen && !answeredSince(summary, push.startedAt)) return 'in_doubt';
  if (declaration.requestNo === undefined) return 'cannot_be_asked';
  if (isRefused(summary)) return 'rejected';
  if (summary.missing && stillMissing(summary)) return 'missing_reported';
  if (summary.best && summary.best.rank >= ranks.passedOn) return 'at_customs';
  if (isHopFailed(summary)) return 'hop_failed';
  if (summary.best && summary.best.rank >= ranks.eport) return 'at_eport';
  if (push?.outcome === 'rejected' && summary.firstAcceptedAt === undefined) return 'refused_by_channel';
  if (summary.firstAcceptedAt === undefined || notFoundTwice(summary, 0)) return 'ready';
  return 'accepted';
}

/** Asked after the call, and it knew the record or twice did not. Where an earlier declaration stands, that ours is not found proves nothing. */
function answeredSince(summary: Summary, at: Instant): boolean {
  if (summary.snapshotAt !== undefined && summary.snapshotAt > at) return true;
  return summary.push?.standsAlready ? summary.customsGoodAt !== undefined : notFoundTwice(summary, at);
}

/** Twice, at least a minute apart: one "not found" may be a reading that lags behind. Only what was said after `since` counts. */
export function notFoundTwice(summary: Summary, since: number): boolean {
  const times = summary.notFoundTimes.filter((at) => at > since);
  const [first, last] = [times[0], times.at(-1)];
  return first !== undefined && last !== undefined && last - first >= minutes(1);
}

/** The last time the channel gave an answer that was no doubt, whether it knew the record or not. */
export function lastAnswerAt({ snapshotAt, notFoundTimes }: Summary): Instant | undefined {
  const last = notFoundTimes.at(-1);
  return last === undefined || (snapshotAt !== undefined && snapshotAt > last) ? snapshotAt : last;
}

/** What was not good counts until customs says something good that is newer. */
export function newestBad({ bad, goodAt }: Summary): Receipt | undefined {
  return bad && !(goodAt !== undefined && goodAt > bad.at) ? bad : undefined;
}

function isRefused(summary: Summary): boolean {
  return newestBad(summary)?.class === 'refused';
}

/** The e-port has it and could not pass it on (4), or nobody has it: a system error of a later try takes nothing back. */
function isHopFailed(summary: Summary): boolean {
  const bad = newestBad(summary);
  const atEport = summary.best !== undefined && summary.best.rank >= ranks.eport;
  return bad?.class === 'hop_failed' || (bad?.class === 'retry' && !atEport);
}

/** A report of a missing record stands until customs says something good that is newer than it. */
function stillMissing({ missing, goodAt }: Summary): boolean {
  return missing !== undefined && !(goodAt !== undefined && goodAt > missing.at);
}
