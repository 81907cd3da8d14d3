import { hours, minutes, plus } from '../kernel/index.ts';
import type { BusinessDate, Instant, Refusal, Trust } from '../kernel/index.ts';
import type { AskReading, StatementRules } from '../channels/contract/index.ts';

export const dayStates = ['due', 'waiting', 'received', 'empty', 'refused'] as const;
export type DayState = (typeof dayStates)[number];

/** One file that is to be had: of an account, a kind and a day. */
export type StatementDay = {
  readonly bucket: number;
  readonly id: string;
  readonly accountId: string;
  readonly merchantId: string;
  readonly kind: string;
  readonly day: BusinessDate;
  readonly state: DayState;
  readonly why: string;
  readonly readyAt: Instant;
  readonly lateAt: Instant;
  readonly askedAt: Instant | undefined;
  readonly failures: number;
  readonly empties: number;
  /** `S-12`, the newest version. */
  readonly statementId: string | undefined;
};

/** One version of it, as it came. */
export type Statement = {
  readonly id: string;
  readonly dayId: string;
  readonly dayBucket: number;
  readonly version: number;
  readonly hasFile: boolean;
  readonly bytes: number;
  readonly sha256: string;
  readonly channelDigest: string;
  readonly askedExchange: string;
  readonly fileExchange: string | undefined;
  readonly trust: Trust;
  readonly fetchedAt: Instant;
  readonly lastSeenAt: Instant;
  readonly seenCount: number;
  readonly lines: number;
  readonly totals: Readonly<Record<string, string>>;
  /** Why its lines were not read. */
  readonly unread: Refusal | undefined;
};

/** What cases and people call a day. */
export const nameOf = ({ accountId, kind, day }: Pick<StatementDay, 'accountId' | 'kind' | 'day'>): string =>
  `${accountId} ${kind} ${day}`;

export const isHere = ({ state }: StatementDay): boolean => state === 'received' || state === 'empty';
export const isLate = (day: StatementDay, at: Instant): boolean => !isHere(day) && day.lateAt <= at;

/** Once it is late somebody was told; the asking slows down and goes on for as long as the channel gives the file. */
const whenLateMs = hours(4);
const firstPauseMs = minutes(1);

/** What an answer to the question makes of a day, and when the question is asked again. Absent: the download is next, or nothing. */
export type Heard = {
  readonly state: DayState;
  readonly why: string;
  readonly failures: number;
  readonly empties: number;
  readonly againAt?: Instant;
};

/**
 * Not ready: at the channel's own pace. Refused, or in doubt: soon, then at that pace, since a key may be mended and a gateway come back. Nothing
 * that day: believed, and asked again at the moments that the channel's rules name, however often people ask besides, because a late file looks the
 * same; where something speaks against it, such as money of that day in our own records, it is not believed at all. What is here is not unmade by
 * a later word.
 */
export function hearAnswer(
  day: StatementDay,
  rules: StatementRules,
  outcome: AskReading['outcome'],
  at: Instant,
  against?: string,
): Heard {
  const { failures, empties } = day;
  const state = isHere(day) ? day.state : 'waiting';
  if (outcome.kind === 'accepted')
    return { state, why: 'not ready', failures: 0, empties, ...againIn(day, minutes(rules.retryMinutes), at) };
  if (outcome.kind === 'succeeded' && outcome.facts.found) return { state, why: '', failures, empties };
  if (outcome.kind === 'succeeded' && against !== undefined && day.state !== 'received') {
    const failed = { why: `it says nothing happened, and ${against}`, failures: failures + 1, empties };
    return { state: 'waiting', ...failed, ...failedAgainAt({ ...day, state: 'waiting' }, rules, at) };
  }
  if (outcome.kind === 'succeeded') {
    const moments = rules.emptyAgainMinutes.map((after) => plus(day.readyAt, minutes(after)));
    const next = moments.find((moment) => moment > at);
    const isFilled = day.state === 'received';
    const again = next === undefined || isFilled ? {} : { againAt: next };
    return { state: isFilled ? 'received' : 'empty', why: '', failures: 0, empties: empties + 1, ...again };
  }
  const isRefused = outcome.kind === 'rejected';
  const why = isRefused ? `${outcome.code}: ${outcome.text}` : outcome.why;
  const failed = { why, failures: failures + 1, empties, ...failedAgainAt(day, rules, at) };
  return { state: isRefused && state === 'waiting' ? 'refused' : state, ...failed };
}

/** When what failed is tried again, the download as well as the question. */
export function failedAgainAt(
  day: StatementDay,
  rules: StatementRules,
  at: Instant,
  atLeastMs = 0,
): { readonly againAt?: Instant } {
  const pauseMs = Math.min(minutes(rules.retryMinutes), firstPauseMs * 2 ** Math.min(day.failures, 10));
  return againIn(day, Math.max(pauseMs, atLeastMs), at);
}

/** Who has a file and asks again by hand asks once. */
function againIn(day: StatementDay, pauseMs: number, at: Instant): { readonly againAt?: Instant } {
  if (day.state === 'received') return {};
  const isPatient = day.state === 'empty' || isLate(day, at);
  return { againAt: plus(at, isPatient ? Math.max(pauseMs, whenLateMs) : pauseMs) };
}
