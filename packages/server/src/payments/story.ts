import { done, minutes, plus } from '../kernel/index.ts';
import type { Instant, Money, Result } from '../kernel/index.ts';
import { findCasesOf } from '../cases/index.ts';
import { allowed, everyMerchant, findAuditOf } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import { normalForm } from '../platform/numbers.ts';
import { both, findExchangesOf, findJobsOf, maskText } from '../platform/story/index.ts';
import type { CaseLine, NextStep, Possible, Reach, TimelineEntry, Words } from '../platform/story/index.ts';
import type { Attempt } from './attempt.ts';
import { moneyOf } from './attempt.ts';
import { loadOrders } from './order-store.ts';
import { orderStateOf, sumsOf } from './order.ts';
import type { Order, OrderState } from './order.ts';
import type { PaymentParts } from './parts.ts';
import type { Payment } from './payment.ts';
import type { Refund } from './refund.ts';
import type { Surplus } from './surplus.ts';
import { findOrderHits } from './story-find-store.ts';
import { timelineOf } from './story-lines.ts';
import type { Names, OrderRows } from './story-lines.ts';
import { choreKeysOf, nextOf, possibleOf } from './story-next.ts';
import type { OwnJob } from './story-next.ts';
import { findApprovalsOf, findEntries, findEvents, findHeard, findNotices } from './story-store.ts';
import type { EventWindow } from './story-store.ts';
import * as t from './story.texts.ts';

type State<Code extends string> = { readonly code: Code; readonly words: Words };

export type PaymentPart = {
  readonly id: string;
  readonly state: State<Payment['state']>;
  readonly due: Money | undefined;
  readonly expiresAt: Instant | undefined;
  readonly createdAt: Instant;
  readonly endedAt: Instant | undefined;
};

export type AttemptPart = {
  readonly id: string;
  readonly name: Words;
  readonly serialNo: string;
  readonly accountId: string;
  readonly channel: Words;
  readonly product: Words;
  readonly state: State<Attempt['state']>;
  readonly amount: Money;
  readonly received: Money;
  readonly fee: Money;
  readonly tradeNo: string | undefined;
  /** As the channel masks him. */
  readonly payer: string | undefined;
  readonly paidAt: Instant | undefined;
  readonly createdAt: Instant;
  readonly endedAt: Instant | undefined;
};

export type SurplusPart = {
  readonly id: string;
  readonly state: State<Surplus['state']>;
  readonly why: Words;
  readonly amount: Money;
  /** When it goes back by itself; undefined: a person must resolve it. */
  readonly actAt: Instant | undefined;
  readonly createdAt: Instant;
  readonly endedAt: Instant | undefined;
};

export type RefundPart = {
  readonly id: string;
  readonly refundNo: string;
  /** Our serial number, as the channel knows it. */
  readonly channelRefundNo: string;
  readonly state: State<Refund['state']>;
  readonly amount: Money;
  readonly feeBack: Money;
  readonly createdAt: Instant;
  readonly endedAt: Instant | undefined;
};

/** One order: what is due and what came of it, what was said and done, what happens next, what one can do. */
export type OrderStory = {
  readonly kind: 'order';
  readonly id: string;
  readonly merchantId: string;
  readonly orderNo: string;
  readonly waybillNo: string | undefined;
  readonly subject: string;
  readonly due: Money;
  readonly state: State<OrderState> & { readonly since: Instant | undefined };
  readonly received: Money;
  readonly refunded: Money;
  readonly surplusHeld: Money;
  readonly surplusReturned: Money;
  readonly payments: readonly PaymentPart[];
  readonly attempts: readonly AttemptPart[];
  readonly surplusReceipts: readonly SurplusPart[];
  readonly refunds: readonly RefundPart[];
  readonly timeline: readonly TimelineEntry[];
  readonly next: readonly NextStep[];
  readonly openCases: readonly CaseLine[];
  readonly can: readonly Possible[];
};

export type AskedOrder = {
  readonly number: string;
  readonly kinds: readonly string[];
  readonly stories: readonly OrderStory[];
};

type Parts = Pick<PaymentParts, 'db' | 'clock' | 'channels'>;

const ordersMax = 200;

/**
 * The orders that carry these numbers: the shop's order or refund number, our serial numbers, the channel's trade number, an id of any part,
 * a case or approval about one. Texts are tried as they are given and in the form in which numbers are compared.
 * @param numbers at most a hundred texts that PostgreSQL takes; the caller has checked both
 */
export async function findOrderStories(
  parts: Parts,
  actor: Actor,
  numbers: readonly string[],
): Promise<Result<{ readonly asked: readonly AskedOrder[]; readonly more: boolean }>> {
  const everywhere = actor.merchants.includes(everyMerchant);
  const permitted = allowed(actor, 'numbers.read', everywhere ? undefined : actor.merchants[0]);
  if (!permitted.ok) return permitted;
  const reach: Reach = everywhere ? 'all' : actor.merchants;
  const formsOf = (number: string): readonly string[] => [number, normalForm(number)];
  const hits = await findOrderHits(parts.db, reach, [...new Set(numbers.flatMap(formsOf))], ordersMax + 1);
  const keys = [...new Map(hits.map(({ order }) => [order.id, order])).values()];
  const stories = new Map((await tellOrders(parts, keys.slice(0, ordersMax))).map((story) => [story.id, story]));
  const asked = numbers.map((number): AskedOrder => {
    const own = hits.filter(({ form }) => formsOf(number).includes(form));
    const ids = new Set(own.map(({ order }) => order.id));
    const told = [...ids].flatMap((id) => stories.get(id) ?? []);
    return { number, kinds: told.length === 0 ? [] : [...new Set(own.map(({ kind }) => kind))], stories: told };
  });
  return done({ asked, more: keys.length > ordersMax });
}

async function tellOrders(parts: Parts, keys: Parameters<typeof loadOrders>[1]): Promise<OrderStory[]> {
  if (keys.length === 0) return [];
  const { db } = parts;
  const orders = await loadOrders(db, keys);
  const attempts = orders.flatMap((order) => order.attempts);
  const called = [...attempts, ...orders.flatMap((order) => order.refunds)];
  const [heard, notices, exchanges, entries, cases] = await Promise.all([
    findHeard(db, called),
    findNotices(db, attempts),
    findExchangesOf(db, called),
    findEntries(db, keys),
    findCasesOf(db, orders.flatMap(partIds)),
  ]);
  const approvals = await findApprovalsOf(db, orders.flatMap(partIds));
  const about = [...orders.flatMap(partIds), ...approvals.map(({ id }) => id), ...cases.map(({ id }) => id)];
  const audit = await findAuditOf(db, about);
  const rowsOf = (order: Order): OrderRows => {
    const ids = new Set(partIds(order));
    const ofPart = <Row extends { readonly subject: string }>(rows: readonly Row[]): Row[] =>
      rows.filter(({ subject }) => ids.has(subject));
    const own = { cases: ofPart(cases), approvals: ofPart(approvals) };
    const subjects = new Set([...ids, ...own.cases.map(({ id }) => id), ...own.approvals.map(({ id }) => id)]);
    return {
      ...{ ...own, heard: ofPart(heard), exchanges: ofPart(exchanges), events: [] },
      entries: entries.filter(({ orderId }) => orderId === order.id),
      notices: notices.filter(({ serialNo }) => order.attempts.some((one) => one.serialNo === serialNo)),
      audit: audit.filter(({ subject }) => subjects.has(subject)),
    };
  };
  const told = orders.map((order) => ({ order, rows: rowsOf(order) }));
  const events = await findEvents(db, about, told.flatMap(windowsOf));
  const withEvents = told.map(({ order, rows }) => {
    const subjects = new Set([...partIds(order), ...rows.cases.map(({ id }) => id)]);
    return { order, rows: { ...rows, events: events.filter(({ subject }) => subjects.has(subject)) } };
  });
  const jobs = await findOwnJobs(parts, withEvents);
  return withEvents.map(({ order, rows }) => tell(parts, order, rows, jobs));
}

const partIds = ({ payments, attempts, surplus, refunds }: Order): string[] =>
  [...payments, ...attempts, ...surplus, ...refunds].map(({ id }) => id);

/** Spans of time in which something about an order may have been told. Answers are told when they are committed, soon after they were heard. */
function windowsOf({ order, rows }: { readonly order: Order; readonly rows: OrderRows }): EventWindow[] {
  const moments = [
    ...rows.heard.flatMap(({ heardAt, lastSeenAt }) => [heardAt, lastSeenAt]),
    ...rows.entries.map(({ bookedAt }) => bookedAt),
    ...rows.cases.map(({ openedAt }) => openedAt),
    ...[...order.payments, ...order.surplus, ...order.refunds].flatMap(({ createdAt, endedAt }) => [
      createdAt,
      endedAt,
    ]),
  ].filter((moment) => moment !== undefined);
  const windows: { merchantId: string; from: Instant; to: Instant }[] = [];
  for (const moment of moments.toSorted((a, b) => a - b)) {
    const last = windows.at(-1);
    const to = plus(moment, minutes(1));
    if (last && moment <= last.to) last.to = to;
    else windows.push({ merchantId: order.merchantId, from: moment, to });
  }
  return windows;
}

const jobKinds = [
  ...['pay.submit', 'pay.query', 'pay.close', 'pay.cancel', 'refund.submit', 'refund.query', 'webhook.deliver'],
  ...['payments.surplus_due', 'payments.paid_after_cancel'],
];

async function findOwnJobs(
  { db }: Parts,
  all: readonly { readonly order: Order; readonly rows: OrderRows }[],
): Promise<OwnJob[]> {
  const keys = all.flatMap(({ order, rows }) => [
    ...[...order.attempts, ...order.refunds].map(({ bucket, id }) => ({ bucket, id, part: id })),
    ...choreKeysOf(order),
    ...rows.events.flatMap(({ deliveryId, state }) =>
      deliveryId !== null && state === 'waiting' ? [{ bucket: 0, id: deliveryId, part: deliveryId }] : [],
    ),
  ]);
  const parts = new Map(keys.map(({ id, part }) => [id, part]));
  const jobs = await findJobsOf(db, keys, jobKinds);
  return jobs.map((job) => ({ job, part: parts.get(job.subject) ?? job.subject }));
}

function namesOf({ channels }: Parts, order: Order): Names {
  const { attempts, refunds, surplus } = order;
  const attemptOf = (id: string): Attempt | undefined => {
    const refund = refunds.find((one) => one.id === id);
    return attempts.find((one) => one.id === (refund?.attemptId ?? id));
  };
  return {
    part(id) {
      const refund = refunds.find((one) => one.id === id);
      if (refund) return t.refundName(refund.shopRefundNo);
      const held = surplus.find((one) => one.id === id);
      if (held) return t.surplusName(t.amountText(held.amount));
      return t.attemptName(attempts.findIndex((one) => one.id === id) + 1);
    },
    channel(id) {
      const channel = attemptOf(id)?.channel ?? '';
      const manifest = channels.get(channel)?.manifest;
      return manifest ? both(manifest.nameZh, manifest.nameEn) : both(channel, channel);
    },
    product({ channel, product }) {
      const rule = channels.get(channel)?.manifest.pay?.products[product];
      return rule ? both(rule.nameZh, rule.nameEn) : both(product, product);
    },
  };
}

function tell(parts: Parts, order: Order, rows: OrderRows, jobs: readonly OwnJob[]): OrderStory {
  const now = parts.clock.now();
  const names = namesOf(parts, order);
  const parted = new Set([...partIds(order), ...rows.events.flatMap(({ deliveryId }) => deliveryId ?? [])]);
  const own = jobs.filter(({ part }) => parted.has(part));
  const openCases = rows.cases.filter(({ state }) => state === 'open');
  const sums = sumsOf(order);
  const currency = order.due?.currency ?? 'CNY';
  const money = (minor: bigint): Money => moneyOf(minor, currency);
  const code = orderStateOf(order);
  const { id, merchantId, orderNo, waybillNo, subject, due } = order;
  return {
    ...{ kind: 'order', id, merchantId, orderNo, waybillNo, subject: maskText(subject), due: due ?? money(0n) },
    state: { code, words: t.orderWords(code, sums), since: sinceWhen(order, code) },
    ...{ received: money(sums.received), refunded: money(sums.refunded) },
    ...{ surplusHeld: money(sums.surplusHeld), surplusReturned: money(sums.surplusReturned) },
    ...partsOf(order, names),
    timeline: timelineOf(order, rows, names),
    next: nextOf(order, own, rows, openCases, names, now),
    openCases,
    can: possibleOf(order, own, rows, openCases, now),
  };
}

function sinceWhen({ payments, cancelledAt }: Order, code: OrderState): Instant | undefined {
  if (code === 'cancelled') return cancelledAt;
  if (code === 'unpaid') return payments[0]?.createdAt;
  return payments.findLast(({ state }) => state === 'paid')?.paidAt;
}

function partsOf(
  { payments, attempts, surplus, refunds }: Order,
  names: Names,
): Pick<OrderStory, 'payments' | 'attempts' | 'surplusReceipts' | 'refunds'> {
  return {
    payments: payments.map(({ id, state, dueMinor, currency, expiresAt, createdAt, endedAt }) => ({
      ...{ id, state: { code: state, words: t.paymentStateWords[state] }, expiresAt, createdAt, endedAt },
      due: dueMinor === undefined || currency === undefined ? undefined : moneyOf(dueMinor, currency),
    })),
    attempts: attempts.map((one) => {
      const { id, serialNo, accountId, state, amount, tradeNo, payer, paidAt, createdAt, endedAt } = one;
      const money = (minor: bigint): Money => ({ ...amount, minor });
      return {
        ...{ id, serialNo, accountId, amount, tradeNo, paidAt, createdAt, endedAt },
        ...{ name: names.part(id), channel: names.channel(id), product: names.product(one) },
        ...{ state: { code: state, words: t.attemptStateWords[state] }, payer: payer && maskText(payer) },
        ...{ received: money(one.receivedMinor), fee: money(one.feeMinor) },
      };
    }),
    surplusReceipts: surplus.map(({ id, state, why, amount, actAt, createdAt, endedAt }) => ({
      ...{ id, state: { code: state, words: t.surplusStateWords[state] }, why: t.surplusWhyWords[why] },
      ...{ amount, actAt, createdAt, endedAt },
    })),
    refunds: refunds.map(({ id, shopRefundNo, refundNo, state, amount, feeBackMinor, createdAt, endedAt }) => ({
      ...{ id, refundNo: shopRefundNo, channelRefundNo: refundNo, amount, createdAt, endedAt },
      ...{ state: { code: state, words: t.refundStateWords[state] }, feeBack: { ...amount, minor: feeBackMinor } },
    })),
  };
}
