import type { Currency, Instant } from '../kernel/index.ts';
import { caseWords } from '../cases/index.ts';
import { chart, partsOfAccount } from '../ledger/index.ts';
import { auditEntry, both, caseEntries, exchangeEntry, fromChannel } from '../platform/story/index.ts';
import { inOrder, markOf, masked, trustWords } from '../platform/story/index.ts';
import type { AuditLine, CaseLine, Evidence, ExchangeLine, Ordered, Words } from '../platform/story/index.ts';
import type { TimelineEntry } from '../platform/story/index.ts';
import type { Attempt } from './attempt.ts';
import { moneyOf } from './attempt.ts';
import type { Order } from './order.ts';
import { saidWords } from './story-heard.texts.ts';
import type { Said } from './story-heard.texts.ts';
import { callWordsOf } from './story-next.texts.ts';
import type { ApprovalLine, EntryLine, EventLine, HeardLine, NoticeLine } from './story-store.ts';
import * as t from './story.texts.ts';

/** What stands about one order outside of it. */
export type OrderRows = {
  readonly heard: readonly HeardLine[];
  readonly notices: readonly NoticeLine[];
  readonly exchanges: readonly ExchangeLine[];
  readonly entries: readonly EntryLine[];
  readonly events: readonly EventLine[];
  readonly approvals: readonly ApprovalLine[];
  readonly cases: readonly CaseLine[];
  readonly audit: readonly AuditLine[];
};

/** How people call the parts of an order: attempts by their place, refunds by the shop's number; and the channel and product behind them. */
export type Names = {
  readonly part: (id: string) => Words;
  readonly channel: (id: string) => Words;
  readonly product: (attempt: Attempt) => Words;
};

/** In the same millisecond a wish comes before what was heard, that before what it became, and what was told of it last. */
const ranks = { asked: '0', called: '1', heard: '2', became: '3', booked: '4', case: '5', told: '6' } as const;

/** Everything that was said and done about one order, in the order of time. */
export function timelineOf(order: Order, rows: OrderRows, names: Names): TimelineEntry[] {
  const told = new Set(rows.heard.flatMap(({ exchangeId }) => exchangeId ?? []));
  const heardNotices = new Set(rows.heard.flatMap(({ noticeId }) => noticeId ?? []));
  const at = (rank: keyof typeof ranks, entries: readonly TimelineEntry[], key = ''): Ordered[] =>
    entries.map((entry) => ({ order: ranks[rank] + key, entry }));
  return folded(
    inOrder([
      ...at('asked', askedEntries(order, names)),
      ...rows.exchanges
        .filter(({ id }) => !told.has(id))
        .flatMap((one) => at('called', [callEntry(one, names)], one.id)),
      ...rows.heard.flatMap((one) =>
        at('heard', [heardEntry(one, order, rows, names)], one.source === 'close' ? '1' : '0'),
      ),
      ...rows.notices
        .filter(({ id }) => !heardNotices.has(id))
        .flatMap((one) => at('heard', [noticeEntry(one, order, names)])),
      ...at('became', becameEntries(order, names)),
      ...rows.entries.flatMap((one) => at('booked', [bookedEntry(one)], one.entry)),
      ...rows.cases.flatMap((one) => at('case', caseEntries(one, caseWords(one.kind)))),
      ...rows.audit.flatMap((line) => at('asked', [auditEntry(readable(line, order), t.moneyActs)], line.id)),
      ...at('told', toldEntries(rows.events)),
    ]),
  );
}

/** By the number that people use, where the record has one. */
function readable(line: AuditLine, { orderNo, payments, refunds }: Order): AuditLine {
  const refund = refunds.find(({ id }) => id === line.subject);
  const isPayment = payments.some(({ id }) => id === line.subject);
  return { ...line, subject: refund?.shopRefundNo ?? (isPayment ? orderNo : line.subject) };
}

const line = (at: Instant, who: Words, what: Words, evidence: Evidence = {}): TimelineEntry => ({
  ...{ at, who, what: masked(what), evidence },
});

/** What shop and policy wanted. */
function askedEntries(order: Order, names: Names): TimelineEntry[] {
  const { payments, attempts, refunds, cancelledAt, due, subject } = order;
  const [first] = payments;
  return [
    ...(first && due ? [line(first.createdAt, t.voices.shop, t.orderedWords(t.amountText(due), subject))] : []),
    ...attempts.map((one) => {
      const { serialNo, amount, deadlineAt, createdAt } = one;
      const words = t.begunWords(names.part(one.id), serialNo, names.product(one), t.amountText(amount), deadlineAt);
      return line(createdAt, t.voices.us, words);
    }),
    ...(cancelledAt === undefined ? [] : [line(cancelledAt, t.voices.shop, t.cancelledWords)]),
    ...refunds.map((one) => {
      const who = { shop: t.voices.shop, surplus: t.voices.us, channel: names.channel(one.attemptId) }[one.origin];
      const words = t.refundAskedWords(
        names.part(one.id),
        one.shopRefundNo === one.refundNo ? '' : one.refundNo,
        t.amountText(one.amount),
        one.reason,
      );
      return line(one.createdAt, who, words);
    }),
  ];
}

/** What became of payments, surplus receipts and refunds; what became of an attempt is in what was heard of it. */
function becameEntries(order: Order, names: Names): TimelineEntry[] {
  const { us } = t.voices;
  const surplus = order.surplus.flatMap((one) => {
    const { amount, why, actAt, createdAt, endedAt, state, decidedBy = '', reason } = one;
    const text = t.amountText(amount);
    const held = line(createdAt, us, t.surplusHeldWords(text, t.surplusWhyWords[why], actAt));
    if (endedAt === undefined) return [held];
    return [held, line(endedAt, us, t.surplusEndWords(text, t.surplusStateWords[state], decidedBy, reason))];
  });
  return [
    ...order.payments.flatMap(({ state, endedAt, bornOf, createdAt }) => {
      if (bornOf !== undefined) return [line(createdAt, t.voices.shop, t.adoptedWords)];
      return endedAt === undefined ? [] : [line(endedAt, us, t.closedWords(t.paymentStateWords[state]))];
    }),
    ...surplus,
    ...order.refunds.flatMap(({ id, state, endedAt, feeBackMinor, amount }) => {
      if (endedAt === undefined) return [];
      const fee = state === 'refunded' && feeBackMinor > 0n ? t.amountText({ ...amount, minor: feeBackMinor }) : '';
      return [line(endedAt, us, t.refundEndWords(names.part(id), t.refundStateWords[state], fee))];
    }),
  ];
}

function callEntry(exchange: ExchangeLine, names: Names): TimelineEntry {
  const words = callWordsOf(exchange.operation, names.part(exchange.subject));
  return exchangeEntry(exchange, names.channel(exchange.subject), words);
}

function heardEntry(heard: HeardLine, order: Order, rows: OrderRows, names: Names): TimelineEntry {
  const { subject, source, trust, seenCount, lastSeenAt, exchangeId, noticeId, heardAt } = heard;
  const isRefund = order.refunds.some(({ id }) => id === subject);
  const exchange = rows.exchanges.find(({ id }) => id === exchangeId);
  const channel = names.channel(subject);
  return {
    ...line(
      heardAt,
      source === 'us' ? t.voices.us : source === 'people' ? t.voices.people : fromChannel(channel),
      saidWords(names.part(subject), saidOf(heard, isRefund)),
    ),
    ...(source === 'us' || source === 'people' ? {} : { trust: { kind: trust, words: trustWords[trust] } }),
    ...(seenCount > 1 ? { seen: { times: seenCount, lastAt: lastSeenAt } } : {}),
    evidence: {
      ...(exchange ? { exchange: markOf(exchange) } : {}),
      ...(noticeId === null ? {} : { notice: noticeId }),
    },
  };
}

type Json = Readonly<Record<string, unknown>>;
const objectOf = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** What was kept of somebody's words; amounts stand there as text. */
function saidOf({ body, source }: HeardLine, isRefund: boolean): Said {
  const facts = objectOf(body['facts']);
  const amount = objectOf(isRefund ? facts['amount'] : (facts['received'] ?? facts['amount']));
  const [minor, currency] = [textOf(amount['minor']), textOf(amount['currency'])];
  return {
    ...{ kind: textOf(body['kind']), by: source, isRefund, isAbsent: body['isAbsent'] === true },
    amount: minor === '' ? '' : t.amountText({ minor: BigInt(minor), currency: currency as Currency }),
    ...{ tradeNo: textOf(facts['tradeNo']), payer: textOf(facts['payer']), status: textOf(facts['channelStatus']) },
    ...{ action: textOf(facts['action']), code: textOf(body['code']), text: textOf(body['text']) },
    ...{ why: textOf(body['why']), disputed: textOf(body['disputed']) },
  };
}

/** A message with a good signature that told the order nothing new. What is forged is kept, and never read as being about anything. */
function noticeEntry(notice: NoticeLine, order: Order, names: Names): TimelineEntry {
  const { id, serialNo, receivedAt, seenCount, lastSeenAt, reading } = notice;
  const channel = names.channel(order.attempts.find((one) => one.serialNo === serialNo)?.id ?? '');
  return {
    ...line(receivedAt, fromChannel(channel), t.otherNotice(textOf(reading['word']), reading['kind'] === 'refund')),
    trust: { kind: 'verified', words: trustWords.verified },
    ...(seenCount > 1 ? { seen: { times: seenCount, lastAt: lastSeenAt } } : {}),
    evidence: { notice: id },
  };
}

function bookedEntry({ entry, kind, bookedAt, businessDate, lines }: EntryLine): TimelineEntry {
  const amounts = lines.map(([account, , amount]) => {
    const { kind: accountKind, currency } = partsOfAccount(account);
    const minor = BigInt(amount);
    const { zh, en } = chart[accountKind];
    return { label: both(zh, en), amount: `${minor > 0n ? '+' : ''}${t.amountText(moneyOf(minor, currency))}` };
  });
  return line(bookedAt, t.voices.books, t.entryWords(kind, businessDate, amounts), { entry });
}

/** One line for an event, however many addresses it goes to. */
function toldEntries(events: readonly EventLine[]): TimelineEntry[] {
  return [...Map.groupBy(events, ({ id }) => id).values()].flatMap((told) => {
    const [first] = told;
    if (!first) return [];
    const deliveries = told.flatMap(({ endpointId, state, tries, endedAt }) =>
      endpointId === null || state === null
        ? []
        : [t.deliveryWords(endpointId, state, tries ?? 0, endedAt ?? undefined)],
    );
    const words = deliveries.length === 0 ? t.nobodyListens : joined(deliveries);
    return [line(first.at, t.voices.shopSystem, t.toldWords(first.type, words), { event: first.id })];
  });
}

const joined = (words: readonly Words[]): Words =>
  both(words.map(({ zh }) => zh).join('，'), words.map(({ en }) => en).join(', '));

/** Calls in a row that brought nothing new are one line: dozens of questions may pass before somebody pays. */
function folded(entries: readonly TimelineEntry[]): TimelineEntry[] {
  const kept: TimelineEntry[] = [];
  let first: TimelineEntry | undefined;
  for (const entry of entries) {
    if (first && isSameCall(first, entry)) {
      const times = (first.seen?.times ?? 1) + 1;
      first = { ...first, seen: { times, lastAt: entry.at } };
      kept[kept.length - 1] = first;
    } else {
      kept.push(entry);
      first = entry;
    }
  }
  return kept;
}

function isSameCall(a: TimelineEntry, b: TimelineEntry): boolean {
  const [one, other] = [a.evidence.exchange, b.evidence.exchange];
  if (!one || !other || a.trust || b.trust) return false;
  const isSame = one.operation === other.operation && one.ended === other.ended && one.httpStatus === other.httpStatus;
  return isSame && a.who.en === b.who.en && subjectOf(a) === subjectOf(b);
}

/** The words before the count of tries name the attempt or refund. */
const subjectOf = ({ what }: TimelineEntry): string => what.en.split(', try ')[0] ?? '';
