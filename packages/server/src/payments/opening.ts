import { done, plus, refuse } from '../kernel/index.ts';
import type { Instant, Refusal } from '../kernel/index.ts';
import type { Decision } from '../platform/commands.ts';
import { nextQueryAt } from './asking.ts';
import { attemptTable } from './attempt.ts';
import type { Attempt } from './attempt.ts';
import type { DecideParts } from './decide-parts.ts';
import type { NewAttempt, OrderAnswer, OrderInput } from './inputs.ts';
import { closeAttempt, settleClosing } from './observe-attempt.ts';
import { openAttempts } from './order.ts';
import type { Order } from './order.ts';
import { paymentTable } from './payment.ts';
import type { Payment } from './payment.ts';
import { productOf } from './policy.ts';
import { orderChore, queryWish, submitWish } from './wishes.ts';
import { Work } from './work.ts';
import type { OrderEffect } from './work.ts';

type Open = Extract<OrderInput, { readonly kind: 'open' }>;
type Opened = Decision<Order, OrderEffect, OrderAnswer>;

/**
 * An order, its payment and a new attempt, each made where it is not there yet. An attempt's first terms are its only ones: another price of the
 * order is another attempt, and those of the old price are closed.
 */
export function openPayment(parts: DecideParts, record: Order | undefined, input: Open, at: Instant): Opened {
  const refusal = record && refuseOpen(record, input);
  if (refusal) return { result: { ok: false, refusal } };
  const work = new Work(record ? withTerms(record, input) : newOrder(input), at);
  expirePayments(work, parts);
  const live = work.order.payments.find(({ state }) => state === 'open');
  if (!live && work.order.payments.some(({ state }) => state === 'closing'))
    return {
      ...work.end(done({ order: work.order })),
      result: refuse('payment.closing', { order_no: input.order.orderNo }),
    };
  const same = live && sameAttempt(work.order, live, input.attempt, parts);
  if (same) return work.end(done({ order: work.order, part: same.id }));
  if (undecidedCode(work.order, parts))
    return { result: refuse('payment.undecided', { order_no: input.order.orderNo }) };
  const { accountId, product, scene, amount } = input.attempt;
  const unfit = parts.policyOf(accountId).refusePayment(product, scene, amount, at);
  if (unfit) return { ...work.end(done({ order: work.order })), result: { ok: false, refusal: unfit } };
  if (work.order.due?.minor !== input.order.due.minor) work.change({ due: input.order.due });
  const payment = live ? repriced(work, live, input) : addPayment(work, input);
  if (!input.keepOthers || payment !== live)
    for (const other of openAttempts(work.order)) closeAttempt(work, other.id, parts);
  addAttempt(work, payment, input.attempt, parts);
  return work.end(done({ order: work.order, part: input.attempt.id }));
}

function refuseOpen(order: Order, { order: wish }: Open): Refusal | undefined {
  const params = { order_no: wish.orderNo };
  if (order.cancelledAt !== undefined) return { code: 'order.cancelled', params };
  if (order.payments.some(({ state }) => state === 'paid')) return { code: 'order.already_paid', params };
  if (order.payments.some(({ state }) => state === 'closing')) return { code: 'payment.closing', params };
  const { due } = order;
  return due !== undefined && due.currency !== wish.due.currency ? { code: 'order.other_terms', params } : undefined;
}

function newOrder({ key, order }: Open): Order {
  return { ...order, ...key, version: 0, payments: [], attempts: [], surplus: [], refunds: [] };
}

/** An order that came with adopted payments gets its terms with the first payment of ours. */
const withTerms = (record: Order, { order }: Open): Order =>
  record.due ? record : { ...record, due: order.due, subject: order.subject };

function repriced(work: Work, payment: Payment, { order: { due } }: Open): Payment {
  if (payment.dueMinor === due.minor) return payment;
  const changed = { ...payment, dueMinor: due.minor };
  work.putPayment(changed);
  return changed;
}

/** The same wish again, as after a lost answer: it has its attempt already. A payer's code is a new try each time. */
function sameAttempt(
  { attempts }: Order,
  { id }: Payment,
  wish: NewAttempt,
  { policyOf }: DecideParts,
): Attempt | undefined {
  if (wish.payerSealed) return undefined;
  // Where the trade is born at our call, an open trade says nothing of a payer: its code is as good as it was.
  const isOurs = productOf(policyOf(wish.accountId), wish.product)?.tradeBornAt === 'call';
  const reusable = ['submitting', 'cashier_open', ...(isOurs ? ['trade_open'] : [])];
  return attempts.find(
    (one) =>
      one.paymentId === id &&
      one.accountId === wish.accountId &&
      one.product === wish.product &&
      one.amount.minor === wish.amount.minor &&
      one.isHeldForSharing === wish.isHeldForSharing &&
      reusable.includes(one.state) &&
      one.returnUrl === wish.returnUrl,
  );
}

/** A payer's code that nobody knows the end of: another attempt could charge him twice. */
function undecidedCode(order: Order, { policyOf }: DecideParts): boolean {
  return openAttempts(order).some(
    ({ accountId, product }) => productOf(policyOf(accountId), product)?.codePayment !== undefined,
  );
}

function addPayment(work: Work, { paymentId, expiresAt, order }: Open): Payment {
  const { bucket, id: orderId, merchantId } = work.order;
  const payment: Payment = {
    ...{ bucket, id: paymentId, orderId, merchantId, origin: 'made', state: 'open' },
    ...{ dueMinor: order.due.minor, currency: order.due.currency, expiresAt, createdAt: work.at },
  };
  work.putPayment(payment);
  return payment;
}

function addAttempt(work: Work, payment: Payment, wish: NewAttempt, { policyOf }: DecideParts): void {
  const policy = policyOf(wish.accountId);
  const rule = productOf(policy, wish.product);
  if (!rule) return;
  const step = attemptTable.step('created', 'command', rule.begins);
  const { bucket, id: orderId, merchantId } = work.order;
  const attempt: Attempt = {
    ...{ bucket, orderId, paymentId: payment.id, merchantId },
    ...wish,
    ...{ state: step.becomes, receivedMinor: 0n, feeMinor: 0n, feeExact: '0', refundingMinor: 0n, sharedMinor: 0n },
    ...{ asked: 0, closeTries: 0, why: '', createdAt: work.at, askedFrom: work.at },
  };
  work.putAttempt(attempt);
  // Asked about around its own deadline, it does not tell in time that the payment's is over.
  if (payment.expiresAt !== undefined && attempt.deadlineAt > payment.expiresAt)
    work.add({ kind: 'job', wish: orderChore('payments.expire', work.order, payment.id, payment.expiresAt) });
  if (rule.begins === 'submit') return work.add({ kind: 'job', wish: submitWish(attempt, work.at) });
  const next = nextQueryAt(attempt, rule, policy.pay.queryFloorMs, work.at);
  if (next !== undefined) work.add({ kind: 'job', wish: queryWish(attempt, next, work.at) });
}

/** A wish to close, by the shop or by our clock: each open attempt is closed at its channel; with none left it ends at once. */
export function closePayment(
  work: Work,
  id: string,
  cause: 'cancel_by_shop' | 'deadline',
  parts: DecideParts,
): Refusal | undefined {
  const payment = work.order.payments.find((one) => one.id === id);
  if (!payment) return { code: 'payment.not_found', params: { payment: id } };
  const step = paymentTable.step(payment.state, 'command', cause);
  if (step.becomes === payment.state)
    return cause === 'deadline' || payment.state !== 'paid'
      ? undefined
      : { code: 'order.already_paid', params: { order_no: work.order.orderNo } };
  if (cause === 'cancel_by_shop') work.change({ cancelledAt: work.at });
  work.putPayment({ ...payment, state: step.becomes, closingCause: cause });
  for (const attempt of openAttempts(work.order, id)) closeAttempt(work, attempt.id, parts);
  settleClosing(work, id);
  return undefined;
}

/**
 * Payments whose time is over. Our clock looks at one that has no open attempt (`attemptUnpaid`); the others are looked at whenever something is
 * heard of their attempts, which are asked about a few seconds after their deadline: so no pay-in needs a job for it.
 */
export function expirePayments(work: Work, parts: DecideParts): void {
  for (const { id, state, expiresAt } of work.order.payments)
    if (state === 'open' && expiresAt !== undefined && expiresAt <= work.at) closePayment(work, id, 'deadline', parts);
}

/** Somebody looks at the cashier, came back from the wallet, or asks for the state: questions become dense for a while, the next one at once. */
export function watchAttempt(work: Work, id: string, until: Instant, { policyOf }: DecideParts): void {
  const attempt = work.order.attempts.find((one) => one.id === id);
  const policy = attempt && policyOf(attempt.accountId);
  const rule = attempt && policy && productOf(policy, attempt.product);
  if (!attempt || !rule) return;
  const floor = policy.pay.queryFloorMs;
  const isFresh = attempt.watchedUntil === undefined || attempt.watchedUntil <= work.at;
  const watched: Attempt = { ...attempt, watchedUntil: until, ...(isFresh ? { askedFrom: work.at } : {}) };
  if (nextQueryAt(watched, rule, floor, work.at) === undefined) return;
  work.putAttempt(watched);
  const lastHeard = attempt.heardAt ?? attempt.createdAt;
  const soonest = plus(lastHeard, floor);
  work.add({ kind: 'job', wish: queryWish(watched, soonest > work.at ? soonest : work.at, work.at) });
}
