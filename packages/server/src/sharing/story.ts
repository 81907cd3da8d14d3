import { days, plus, toDecimal } from '../kernel/index.ts';
import type { Instant, Money } from '../kernel/index.ts';
import { caseWords, findCasesOf } from '../cases/index.ts';
import { findHeard, moneyOf } from '../payments/index.ts';
import type { RecordKey } from '../platform/commands.ts';
import { both, caseEntries, caseStep, exchangeEntry, fromChannel, inOrder, jobStep } from '../platform/story/index.ts';
import { findExchangesOf, findJobsOf, markOf, masked, trustWords } from '../platform/story/index.ts';
import type {
  CaseLine,
  DueJob,
  ExchangeLine,
  NextStep,
  Ordered,
  TimelineEntry,
  Words,
} from '../platform/story/index.ts';
import type { SharingParts } from './parts.ts';
import type { Share, ShareReturn } from './share.ts';
import { settledAttempt, sumOf } from './shared-order.ts';
import type { SharedOrder } from './shared-order.ts';
import { loadShared } from './store.ts';
import * as t from './story.texts.ts';
import { shareOperations } from './wishes.ts';

/** What sharing adds to the story of an order. */
export type SharingStory = {
  readonly timeline: readonly TimelineEntry[];
  readonly next: readonly NextStep[];
  readonly openCases: readonly CaseLine[];
  /** What people may do, each with its command. */
  readonly can: readonly { readonly command: string; readonly what: Words }[];
};

type Parts = Pick<SharingParts, 'db' | 'clock' | 'channels'>;
type HeardLine = Awaited<ReturnType<typeof findHeard>>[number];

type Rows = {
  readonly heard: readonly HeardLine[];
  readonly exchanges: readonly ExchangeLine[];
  readonly cases: readonly CaseLine[];
  readonly jobs: readonly DueJob[];
};

/** By the id of the order; nothing for orders of which nothing is held or was shared. */
export async function findSharingStories(
  parts: Parts,
  orders: readonly RecordKey[],
): Promise<ReadonlyMap<string, SharingStory>> {
  const { db } = parts;
  const all = (await loadShared(db, orders)).filter(
    ({ order, shares }) => shares.length > 0 || settledAttempt(order)?.isHeldForSharing === true,
  );
  const called = all.flatMap(({ shares, returns }) => [...shares, ...returns]);
  const [heard, exchanges, jobs, cases] = await Promise.all([
    findHeard(db, called),
    findExchangesOf(db, called),
    findJobsOf(db, called, shareOperations),
    findCasesOf(
      db,
      called.map(({ id }) => id),
    ),
  ]);
  const ofOrder = <Row extends { readonly subject: string }>(rows: readonly Row[], ids: ReadonlySet<string>): Row[] =>
    rows.filter(({ subject }) => ids.has(subject));
  return new Map(
    all.map((shared) => {
      const ids = new Set([...shared.shares, ...shared.returns].map(({ id }) => id));
      const rows = { heard: ofOrder(heard, ids), exchanges: ofOrder(exchanges, ids), cases: ofOrder(cases, ids) };
      return [shared.order.id, tell(parts, shared, { ...rows, jobs: ofOrder(jobs, ids) })];
    }),
  );
}

function tell(parts: Parts, shared: SharedOrder, rows: Rows): SharingStory {
  const channel = channelOf(parts, shared);
  const nameOf = (id: string): Words => {
    const share = shared.shares.find((one) => one.id === id);
    return share ? t.shareName(share.shopShareNo) : t.returnName(returnNo(shared, id));
  };
  const openCases = rows.cases.filter(({ state }) => state === 'open');
  const jobs = rows.jobs.map((job) =>
    jobStep(job, t.callWordsOf(job.kind, nameOf(job.subject)), channel, parts.clock.now()),
  );
  return {
    timeline: timelineOf(shared, rows, channel, nameOf),
    next: [...jobs, ...openCases.map((one) => caseStep(one, caseWords(one.kind))), ...releaseOf(parts, shared)],
    openCases,
    can: possibleOf(shared, openCases),
  };
}

/** Nobody is asked to decide while the channel is likely to tell by itself: a case calls people. */
function possibleOf({ shares, returns }: SharedOrder, openCases: readonly CaseLine[]): SharingStory['can'] {
  const called = new Set(openCases.map(({ subject }) => subject));
  const waits = ({ id, state }: Share | ShareReturn): boolean => called.has(id) && state === 'in_doubt';
  const say = (command: string, no: string, what: Words) => ({ command: `liushui shares ${command} ${no}`, what });
  return [
    ...shares
      .filter(waits)
      .flatMap(({ shopShareNo: no }) => [
        say('given', no, t.purposes.given),
        say('not-given', no, t.purposes.notGiven),
      ]),
    ...returns
      .filter(waits)
      .flatMap(({ shopReturnNo: no }) => [
        say('came-back', no, t.purposes.cameBack),
        say('not-back', no, t.purposes.notBack),
      ]),
  ];
}

const returnNo = ({ returns }: SharedOrder, id: string): string =>
  returns.find((one) => one.id === id)?.shopReturnNo ?? id;

function channelOf({ channels }: Parts, { order }: SharedOrder): Words {
  const id = settledAttempt(order)?.channel ?? '';
  const manifest = channels.get(id)?.manifest;
  return manifest ? both(manifest.nameZh, manifest.nameEn) : both(id, id);
}

/** The channel's own doing, of which nobody tells: noted, so that whoever still means to share knows the day. */
function releaseOf({ channels, clock }: Parts, { order, shares }: SharedOrder): NextStep[] {
  const attempt = settledAttempt(order);
  const rules = channels.get(attempt?.channel ?? '')?.manifest.share;
  const isReleased = shares.some(({ releasesRest, state }) => releasesRest && state !== 'failed');
  if (!attempt || !rules || isReleased || attempt.isHeldForSharing !== true) return [];
  const at = plus(attempt.paidAt ?? attempt.createdAt, days(rules.heldDays));
  return at <= clock.now() ? [] : [{ at, what: t.heldUntil }];
}

const line = (at: Instant, who: Words, what: Words): TimelineEntry => ({ at, who, what: masked(what), evidence: {} });
const amountText = (amount: Money): string => `${toDecimal(amount)} ${amount.currency}`;

function timelineOf(
  { order, shares, returns }: SharedOrder,
  { heard, exchanges, cases }: Rows,
  channel: Words,
  nameOf: (id: string) => Words,
): TimelineEntry[] {
  const told = new Set(heard.flatMap(({ exchangeId }) => exchangeId ?? []));
  const currency = order.due?.currency ?? 'CNY';
  const at = (order: string, entries: readonly TimelineEntry[]): Ordered[] =>
    entries.map((entry) => ({ order, entry }));
  return inOrder([
    ...shares.flatMap((one) => at('0', [askedEntry(one, currency)])),
    ...returns.flatMap((one) => at('0', [backEntry(one)])),
    ...exchanges
      .filter(({ id }) => !told.has(id))
      .flatMap((one) => at('1', [exchangeEntry(one, channel, t.callWordsOf(one.operation, nameOf(one.subject)))])),
    ...heard.flatMap((one) => at('2', [heardEntry(one, exchanges, channel, nameOf(one.subject))])),
    ...shares.flatMap((one) => at('3', endEntries(one))),
    ...returns.flatMap((one) => at('3', backEnds(one))),
    ...cases.flatMap((one) => at('5', caseEntries(one, caseWords(one.kind)))),
  ]);
}

function askedEntry({ createdAt, shopShareNo, shareNo, parts, releasesRest, reason }: Share, currency: string) {
  const amount = amountText(moneyOf(sumOf(parts), currency));
  return line(createdAt, t.voices.shop, t.shareAsked(shopShareNo, shareNo, parts.length, amount, releasesRest, reason));
}

const backEntry = ({ createdAt, shopReturnNo, returnNo: channelNo, amount, reason }: ShareReturn): TimelineEntry =>
  line(createdAt, t.voices.shop, t.returnAsked(shopReturnNo, channelNo, amountText(amount), reason));

function endEntries({ shopShareNo, parts, state, endedAt }: Share): TimelineEntry[] {
  const ended = parts.flatMap((part) =>
    part.endedAt === undefined
      ? []
      : [
          line(
            part.endedAt,
            t.voices.us,
            t.partEnded(shopShareNo, part.partNo, amountText(part.amount), part.state, part.why),
          ),
        ],
  );
  return endedAt === undefined ? ended : [...ended, line(endedAt, t.voices.us, t.shareEnded(shopShareNo, state))];
}

const backEnds = ({ shopReturnNo, amount, state, why, endedAt }: ShareReturn): TimelineEntry[] =>
  endedAt === undefined
    ? []
    : [line(endedAt, t.voices.us, t.returnEnded(shopReturnNo, amountText(amount), state, why))];

function heardEntry(heard: HeardLine, exchanges: readonly ExchangeLine[], channel: Words, name: Words): TimelineEntry {
  const { body, source, trust, seenCount, lastSeenAt, exchangeId, heardAt } = heard;
  const exchange = exchanges.find(({ id }) => id === exchangeId);
  const facts = (body['facts'] ?? {}) as Readonly<Record<string, unknown>>;
  const isOfPeople = source === 'people';
  const words = [facts['channelStatus'], body[isOfPeople ? 'text' : 'code'], body['why']];
  const word = words.find((one) => typeof one === 'string') ?? '';
  return {
    ...line(
      heardAt,
      source === 'us' ? t.voices.us : isOfPeople ? t.voices.people : fromChannel(channel),
      isOfPeople
        ? t.ruled(name, body['kind'] === 'succeeded', String(word))
        : t.said(name, String(body['kind']), String(word)),
    ),
    ...(source === 'us' || isOfPeople ? {} : { trust: { kind: trust, words: trustWords[trust] } }),
    ...(seenCount > 1 ? { seen: { times: seenCount, lastAt: lastSeenAt } } : {}),
    evidence: exchange ? { exchange: markOf(exchange) } : {},
  };
}
