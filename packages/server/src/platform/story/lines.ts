import type { Instant } from '../../kernel/index.ts';
import { maskText } from './mask.ts';
import type { ExchangeLine } from './store.ts';
import { actSentence, both, callWords, caseActWords, endWords, ofCase, ofPerson, toChannel } from './words.texts.ts';
import type { StoryTrust, Words } from './words.texts.ts';

/** Merchants that may be looked at; `all` for who is bound to every one. */
export type Reach = readonly string[] | 'all';

export type ExchangeMark = {
  readonly id: string;
  readonly operation: string;
  readonly try: number;
  /** `open`: nobody has heard anything yet. */
  readonly ended: 'answered' | 'silent' | 'unsent' | 'lost' | 'open';
  readonly httpStatus?: number;
  readonly ms?: number;
};

/** What an entry rests on: a kept exchange or message, a row of a file, a plan, an approval, a case, an entry of the books, an audit entry. */
export type Evidence = {
  readonly exchange?: ExchangeMark;
  readonly notice?: string;
  readonly file?: { readonly report: string; readonly name: string; readonly line: number };
  readonly plan?: string;
  readonly pack?: string;
  readonly case?: string;
  readonly entry?: string;
  readonly event?: string;
  readonly audit?: string;
};

export type TimelineEntry = {
  readonly at: Instant;
  readonly who: Words;
  readonly what: Words;
  /** Absent where nobody outside vouches for anything: our own acts. */
  readonly trust?: { readonly kind: StoryTrust; readonly words: Words };
  /** The same was said this often; last at that moment. */
  readonly seen?: { readonly times: number; readonly lastAt: Instant };
  readonly evidence: Evidence;
};

/** What happened in the same millisecond stands by `order`: ids that rise with time (RFC 9562, UUIDv7), or a rank. */
export type Ordered = { readonly order: string; readonly entry: TimelineEntry };

export function inOrder(entries: readonly Ordered[]): TimelineEntry[] {
  return entries
    .toSorted((a, b) => a.entry.at - b.entry.at || (a.order < b.order ? -1 : a.order > b.order ? 1 : 0))
    .map(({ entry }) => entry);
}

export const masked = ({ zh, en }: Words): Words => both(maskText(zh), maskText(en));

export function markOf({ id, operation, try: tryNo, ended, httpStatus, ms }: ExchangeLine): ExchangeMark {
  return {
    ...{ id, operation, try: tryNo, ended: ended ?? 'open' },
    ...(httpStatus === undefined ? {} : { httpStatus }),
    ...(ms === undefined ? {} : { ms: Math.round(ms) }),
  };
}

/** A call that left nothing new of its own: the channel said the same as before, or nothing. */
export function exchangeEntry(exchange: ExchangeLine, channel: Words, operation: Words): TimelineEntry {
  const { try: tryNo, ended, why, httpStatus } = exchange;
  return {
    at: exchange.createdAt,
    who: toChannel(channel),
    what: masked(callWords(operation, tryNo, endWords(ended, why, httpStatus))),
    evidence: { exchange: markOf(exchange) },
  };
}

export type CaseLine = {
  readonly id: string;
  readonly subject: string;
  readonly kind: string;
  readonly state: string;
  readonly owner: string | undefined;
  readonly openedAt: Instant;
  readonly dueAt: Instant;
  readonly closedAt: Instant | undefined;
};

export function caseEntries({ id, openedAt, closedAt }: CaseLine, kind: Words): TimelineEntry[] {
  const entry = (at: Instant, act: 'opened' | 'closed'): TimelineEntry => ({
    at,
    who: ofCase(id),
    what: caseActWords(act, kind),
    evidence: { case: id },
  });
  const opened = entry(openedAt, 'opened');
  return closedAt === undefined ? [opened] : [opened, entry(closedAt, 'closed')];
}

export type AuditLine = {
  readonly id: string;
  readonly at: Instant;
  readonly actor: string;
  readonly door: string;
  readonly act: string;
  readonly subject: string;
  readonly reason: string;
};

/** @param acts words for the acts of the domain that tells. */
export function auditEntry(
  { id, at, actor, door, act, subject, reason }: AuditLine,
  acts?: ReadonlyMap<string, Words>,
): TimelineEntry {
  const what = masked(actSentence(act, subject, reason, acts));
  return { at, who: ofPerson(actor, door), what, evidence: { audit: id } };
}
