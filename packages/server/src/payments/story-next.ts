import type { Instant } from '../kernel/index.ts';
import { caseWords } from '../cases/index.ts';
import { caseStep, goesAt, jobStep } from '../platform/story/index.ts';
import type { CaseLine, DueJob, NextStep, Possible, Words } from '../platform/story/index.ts';
import { isOpenAttempt } from './attempt.ts';
import type { Attempt } from './attempt.ts';
import { refundable } from './order.ts';
import type { Order } from './order.ts';
import { isLiveRefund } from './refund.ts';
import type { Refund } from './refund.ts';
import type { Names, OrderRows } from './story-lines.ts';
import { callWordsOf, chores, purposes, waitsFor } from './story-next.texts.ts';
import { amountText, voices } from './story.texts.ts';
import { orderChore } from './wishes.ts';
import type { ChoreKind } from './wishes.ts';

/** A job about a part of an order: of an attempt or refund, of our own clock, or of a message to the shop. */
export type OwnJob = { readonly job: DueJob; readonly part: string };

/** Jobs of our clock are keyed by what they are about: the same words give the same key. */
export function choreKeysOf(
  order: Order,
): readonly { readonly bucket: number; readonly id: string; readonly part: string }[] {
  const key = (kind: ChoreKind, part: string) => {
    const { bucket, subject } = orderChore(kind, order, part, 0 as Instant);
    return { bucket, id: subject, part };
  };
  return [
    ...order.payments.map(({ id }) => key('payments.paid_after_cancel', id)),
    ...order.surplus.map(({ id }) => key('payments.surplus_due', id)),
  ];
}

export function nextOf(
  order: Order,
  jobs: readonly OwnJob[],
  rows: OrderRows,
  openCases: readonly CaseLine[],
  names: Names,
  now: Instant,
): NextStep[] {
  const steps = [
    ...jobs.flatMap((one) => jobSteps(order, one, rows, names, now)),
    ...order.payments.flatMap(({ state, expiresAt }) =>
      state === 'open' && expiresAt !== undefined ? [{ at: expiresAt, what: chores.expire }] : [],
    ),
    ...rows.approvals
      .filter(({ state, lapsesAt }) => state === 'asked' && lapsesAt > now)
      .map(({ id, subject, lapsesAt }) => ({ at: lapsesAt, what: waitsFor.approval(id, names.part(subject)) })),
  ].toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0));
  const idle = [
    ...order.refunds
      .filter(({ state }) => state === 'waiting_funds')
      .map(({ id }) => ({ what: waitsFor.funds(names.part(id)) })),
    ...order.surplus
      .filter(({ state, actAt }) => state === 'held' && actAt === undefined)
      .map(({ amount }) => ({ what: waitsFor.person(amountText(amount)) })),
  ];
  const all = [...steps, ...openCases.map((one) => caseStep(one, caseWords(one.kind))), ...idle];
  return all.length > 0 ? all : [{ what: waitsFor.nobody }];
}

/** Nothing for a job that will find nothing to do when its time comes. */
function jobSteps(order: Order, { job, part }: OwnJob, rows: OrderRows, names: Names, now: Instant): NextStep[] {
  const words = wordsOf(order, job.kind, part, rows, names);
  if (!words) return [];
  const isChore = job.kind.startsWith('payments.');
  return [
    jobStep(
      job,
      words,
      isChore ? voices.clock : job.kind === 'webhook.deliver' ? voices.shopSystem : names.channel(part),
      now,
    ),
  ];
}

function wordsOf(order: Order, kind: string, part: string, rows: OrderRows, names: Names): Words | undefined {
  const payment = order.payments.find(({ id }) => id === part);
  if (kind === 'payments.paid_after_cancel')
    return payment?.state === 'paid' && order.cancelledAt !== undefined ? chores.paidAfterCancel : undefined;
  if (kind === 'payments.surplus_due') {
    const held = order.surplus.find(({ id, state }) => id === part && state === 'held');
    return held && chores.surplusDue(amountText(held.amount));
  }
  if (kind === 'webhook.deliver') {
    const event = rows.events.find(({ deliveryId }) => deliveryId === part);
    return event && chores.tell(event.type);
  }
  const attempt = order.attempts.find(({ id }) => id === part);
  const refund = order.refunds.find(({ id }) => id === part);
  const isOver = attempt ? attempt.state === 'succeeded' : refund === undefined || !isLiveRefund(refund.state);
  // A paid code is asked about again where a cancel may have given it back.
  return isOver && attempt?.closeFrom === undefined ? undefined : callWordsOf(kind, names.part(part));
}

/** Commands for this order as it stands, those of the command line first. Roles are asked when a command is given, not here. */
export function possibleOf(
  order: Order,
  jobs: readonly OwnJob[],
  rows: OrderRows,
  openCases: readonly CaseLine[],
  now: Instant,
): Possible[] {
  const possible: Possible[] = [];
  const say = (command: string, what: Words): void => void possible.push({ command, what });
  for (const { id, state, lapsesAt } of rows.approvals)
    if (state === 'asked' && lapsesAt > now) say(`liushui approvals approve ${id}`, purposes.approve);
  for (const { id } of openCases) say(`liushui cases close ${id}`, purposes.closeCase);
  for (const id of new Set(rows.events.filter(({ state }) => state === 'dead').map((one) => one.id)))
    say(`liushui webhooks redeliver ${id}`, purposes.redeliver);
  const proposed = new Set(rows.approvals.filter(({ state }) => state === 'asked').map(({ subject }) => subject));
  sayOfSurplus(order, proposed, say);
  for (const { shopRefundNo, state } of order.refunds) {
    if (state === 'waiting_funds') say(`liushui refunds topped-up ${shopRefundNo}`, purposes.toppedUp);
    if (state === 'waiting_funds' || state === 'awaiting_approval')
      say(`liushui refunds withdraw ${shopRefundNo}`, purposes.withdraw);
  }
  const sayVerdicts = (part: string, verdicts: readonly Possible[]): void => {
    if (!proposed.has(part)) possible.push(...verdicts.map((one) => ({ ...one, ...untilAsked(jobs, part) })));
  };
  for (const refund of order.refunds) sayVerdicts(refund.id, refundVerdicts(refund));
  sayOfPayments(order, say);
  // Only once people are called to it: until then the channel is likely to tell by itself.
  if (openCases.some(({ kind }) => kind === 'payment.in_doubt_long'))
    for (const attempt of order.attempts) sayVerdicts(attempt.id, attemptVerdicts(attempt));
  return possible;
}

/** Kinds of calls by which a part is asked about or sent again, as against chores of our own clock. */
const asks = /^(pay|refund)\./;

function untilAsked(jobs: readonly OwnJob[], about: string): Pick<Possible, 'notBefore'> {
  const moments = jobs.flatMap(({ job, part }) => (part === about && asks.test(job.kind) ? [goesAt(job)] : []));
  return moments.length === 0 ? {} : { notBefore: Math.min(...moments) as Instant };
}

/** That it has gone back is the first word only where the channel says that it took it on. */
function refundVerdicts({ state, shopRefundNo }: Refund): readonly Possible[] {
  const settled = { command: `liushui refunds settled ${shopRefundNo}`, what: purposes.settled };
  const failed = { command: `liushui refunds failed ${shopRefundNo}`, what: purposes.failed };
  return state === 'abnormal' ? [settled, failed] : state === 'in_doubt' ? [failed, settled] : [];
}

const attemptVerdicts = ({ state, serialNo }: Attempt): readonly Possible[] =>
  state !== 'in_doubt' && state !== 'closing'
    ? []
    : [
        { command: `liushui orders paid ${serialNo}`, what: purposes.wasPaid },
        { command: `liushui orders unpaid ${serialNo}`, what: purposes.wasUnpaid },
      ];

type Say = (command: string, what: Words) => void;

function sayOfSurplus(order: Order, proposed: ReadonlySet<string>, say: Say): void {
  const isPaid = order.payments.some(({ state }) => state === 'paid');
  for (const { id, why } of order.surplus.filter((one) => one.state === 'held' && !proposed.has(one.id))) {
    say(`liushui surplus refund ${id}`, purposes.sendBack);
    say(`liushui surplus keep ${id}`, purposes.keep);
    say(`liushui surplus credit ${id}`, purposes.credit);
    if (why === 'late' && !isPaid) say(`liushui surplus adopt ${id}`, purposes.adopt);
  }
}

function sayOfPayments(order: Order, say: Say): void {
  const { orderNo } = order;
  for (const { id, state, settledBy, closingCause } of order.payments) {
    const settling = order.attempts.find((attempt) => attempt.id === settledBy);
    if (state === 'paid' && settling && refundable(settling).minor > 0n) {
      say(`liushui refunds create ${orderNo} REFUND_NO --dry-run`, purposes.preview);
      say(`liushui refunds create ${orderNo} REFUND_NO`, purposes.refund);
    }
    const open = order.attempts.some((attempt) => attempt.paymentId === id && isOpenAttempt(attempt.state));
    if (open) say(`GET /v1/payments/${id}?wait=30s`, purposes.watch);
    if (state === 'open') say(`liushui orders cancel ${orderNo}`, purposes.cancel);
    const isGone = settling !== undefined && refundable(settling).minor === 0n;
    if (closingCause === 'cancel_by_shop' && state !== 'closed' && order.cancelledAt !== undefined && !isGone)
      say(`liushui orders keep ${orderNo}`, purposes.keepOrder);
  }
}
