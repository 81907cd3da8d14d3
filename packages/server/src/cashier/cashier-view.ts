import { minutes, plus, seconds } from '../kernel/index.ts';
import type { Instant, Money } from '../kernel/index.ts';
import type { HandOut, ProductRule } from '../channels/contract/index.ts';
import { refusalCodes } from '../platform/refusals.ts';
import { wasSaidPaid } from '../payments/index.ts';
import type { Attempt, Order, Payment } from '../payments/index.ts';
import { isAllGivenBack, moneyBack } from './money-back.ts';
import type { BackFacts, MoneyBack } from './money-back.ts';
import type { Cashier } from './session.ts';

/** What is known of an attempt besides its record. */
export type AttemptFacts = {
  readonly rule: ProductRule | undefined;
  readonly handOut?: HandOut;
  readonly closeSent: boolean;
  readonly disputed: boolean;
};

export type CashierFacts = {
  readonly cashier: Cashier;
  readonly order: Order | undefined;
  readonly about: (attemptId: string) => AttemptFacts | undefined;
  /** The channel whose wallet's browser this is. */
  readonly wallet?: string;
  /** He is back from the wallet, or says that he has paid: it proves nothing. */
  readonly isBack: boolean;
  readonly now: Instant;
  readonly goesBackAfterMs: BackFacts['goesBackAfterMs'];
};

/** Why we are asking the channel: nobody knows · he says so · the time is over · the shop cancelled. */
export type CheckingWhy = 'doubt' | 'back' | 'late' | 'cancelled';

type Of<At extends string, More = object> = { readonly at: At } & More;
type Tried = { readonly attempt: Attempt };

/** What the payer sees. No state of it says that a payment failed: only that it was closed, or refused by a listed code. */
export type CashierStand =
  | Of<'choose', { readonly after?: Ended; readonly closing: readonly Attempt[] }>
  | Of<'preparing', Tried & { readonly isSlow: boolean }>
  | Of<
      'scan',
      Tried & { readonly text: string; readonly until: Instant; readonly isOver: boolean; readonly isOpened: boolean }
    >
  | Of<'wallet', Tried & { readonly url: string; readonly until: Instant; readonly isOpened: boolean }>
  | Of<'script', Tried & { readonly handOut: HandOut; readonly until: Instant }>
  | Of<'elsewhere', Tried & { readonly until: Instant }>
  | Of<'checking', Tried & { readonly why: CheckingWhy; readonly mayGiveUp: boolean }>
  | Of<'closing', Tried>
  | Of<'paid', { readonly payment: Payment; readonly attempt?: Attempt }>
  | Of<'paid_twice', { readonly payment: Payment; readonly attempt?: Attempt }>
  | Of<'going_back'>
  | Of<'held', Tried | { readonly attempt?: undefined }>
  | Of<'cancelled'>
  | Of<'expired'>
  | Of<'replaced'>;

export type Ended = { readonly attempt: Attempt; readonly how: 'closed' | 'refused' | 'unsent' };

export type CashierView = { readonly stand: CashierStand; readonly amount: Money; readonly back: readonly MoneyBack[] };

/** Channels take no payment that has less than a minute to live. */
const lastStartMs = minutes(1);
/** A channel that has given no code after so long takes longer than it usually does. */
const usualMs = seconds(15);

/** Pure: the order as it stands and this moment; what the payer is shown. */
export function cashierView(facts: CashierFacts): CashierView {
  const { cashier, order } = facts;
  const back = order ? moneyBack(order, facts) : [];
  const stand = settledStand(facts, back) ?? openStand(facts) ?? overStand(facts, back) ?? chooseStand(facts, back);
  return { stand, amount: paidAmount(stand) ?? cashier.amount, back };
}

/** What was paid is said, also where it was begun at another price than this link names. */
const paidAmount = (stand: CashierStand): Money | undefined =>
  (stand.at === 'paid' || stand.at === 'paid_twice') && stand.attempt
    ? { minor: stand.attempt.receivedMinor, currency: stand.attempt.amount.currency }
    : undefined;

/** Money first: whatever else is going on, what was received is said. */
function settledStand({ order, about }: CashierFacts, back: readonly MoneyBack[]): CashierStand | undefined {
  if (!order) return undefined;
  const payment = order.payments.find(({ state }) => state === 'paid');
  if (payment) {
    const attempt = order.attempts.find(({ id }) => id === payment.settledBy);
    const paid = { payment, ...(attempt ? { attempt } : {}) };
    if (back.some(({ why }) => why === 'second')) return { at: 'paid_twice', ...paid };
    if (order.cancelledAt === undefined) return isAllGivenBack(order) ? { at: 'going_back' } : { at: 'paid', ...paid };
    return back.every(({ stage }) => withShop.includes(stage)) ? { at: 'held' } : { at: 'going_back' };
  }
  const disputed = order.attempts.find(({ id, state }) => isOpen(state) && about(id)?.disputed === true);
  if (disputed) return { at: 'held', attempt: disputed };
  const isOver = order.payments.length > 0 && order.payments.every(({ state }) => state === 'closed');
  // Money of a closed attempt may come while the payment is open: as long as it is not back with him, nothing else is asked of him.
  if (back.length === 0 || (!isOver && back.every(({ stage }) => stage === 'returned'))) return undefined;
  return back.some(({ stage }) => !withShop.includes(stage)) ? { at: 'going_back' } : { at: 'held' };
}

const withShop: readonly MoneyBack['stage'][] = ['with_shop', 'kept', 'credited'];
const isOpen = (state: Attempt['state']): boolean => !['succeeded', 'rejected', 'closed'].includes(state);

function openStand(facts: CashierFacts): CashierStand | undefined {
  const { cashier, order, now } = facts;
  if (cashier.replacedAt !== undefined) return { at: 'replaced' };
  const open = order?.attempts.filter(({ state }) => isOpen(state)) ?? [];
  const live = open.findLast(({ state }) => state !== 'closing');
  if (live) return liveStand(facts, live);
  if (!order) return undefined;
  const said = order.attempts.findLast((attempt) => wasSaidPaid(attempt) && !isBooked(order, attempt));
  if (said) return { at: 'checking', attempt: said, why: 'late', mayGiveUp: false };
  const last = open.at(-1);
  if (!last) return undefined;
  const why = order.cancelledAt === undefined ? 'late' : 'cancelled';
  const payment = order.payments.find(({ id }) => id === last.paymentId);
  if (payment?.state !== 'open' || now >= plus(cashier.expiresAt, -lastStartMs))
    return { at: 'checking', attempt: last, why, mayGiveUp: false };
  // Nothing else is offered before the close of what was tried is on its way; a payer's code must have come to its end.
  const waits = open.findLast(({ id }) => !mayStartBeside(facts.about(id)));
  return waits && { at: 'closing', attempt: waits };
}

/** Proved unpaid, and then somebody said on a good signature that it was paid: what it turns out to be is money in hand. */
const isBooked = ({ surplus }: Order, { id }: Attempt): boolean => surplus.some(({ attemptId }) => attemptId === id);

const mayStartBeside = (about: AttemptFacts | undefined): boolean =>
  about !== undefined && about.closeSent && about.rule?.codePayment === undefined;

function liveStand({ cashier, about, wallet, isBack, now }: CashierFacts, attempt: Attempt): CashierStand {
  const { rule, handOut } = about(attempt.id) ?? {};
  const { state, deadlineAt: until, channel } = attempt;
  const mayGiveUp = rule !== undefined && rule.codePayment === undefined;
  const checking = (why: CheckingWhy): CashierStand => ({ at: 'checking', attempt, why, mayGiveUp });
  if (until <= now) return { at: 'checking', attempt, why: 'late', mayGiveUp: false };
  // Begun at another price: nobody is sent to pay that one from here.
  const isOtherPrice = attempt.amount.minor !== cashier.amount.minor;
  if (state === 'in_doubt' || !mayGiveUp || isOtherPrice) return checking('doubt');
  if (state === 'created' || state === 'submitting')
    return { at: 'preparing', attempt, isSlow: now >= plus(attempt.createdAt, usualMs) };
  if (isBack) return checking('back');
  if (!handOut) return checking('doubt');
  // Where the trade is born at our call, an open trade says nothing of a payer.
  const isOpened = state === 'trade_open' && rule.tradeBornAt === 'payer';
  if (handOut.kind === 'url') return { at: 'wallet', attempt, url: handOut.url, until, isOpened };
  if (handOut.kind === 'code') return codeStand(attempt, handOut, isOpened, now);
  return rule.handsOut === 'wallet_script' && wallet === channel
    ? { at: 'script', attempt, handOut, until }
    : { at: 'elsewhere', attempt, until };
}

/** The earliest of deadline and the code's own life. */
function codeStand(
  attempt: Attempt,
  { text, livesUntil = attempt.deadlineAt }: Extract<HandOut, { kind: 'code' }>,
  isOpened: boolean,
  now: Instant,
): CashierStand {
  const until = Math.min(livesUntil, attempt.deadlineAt) as Instant;
  return { at: 'scan', attempt, text, until, isOver: until <= now, isOpened };
}

/** What came in and went back was charged all the same: then that is said, and not that nothing was. */
function overStand({ cashier, order, now }: CashierFacts, back: readonly MoneyBack[]): CashierStand | undefined {
  const isOver = order?.cancelledAt !== undefined || now >= plus(cashier.expiresAt, -lastStartMs);
  if (!isOver) return undefined;
  if (back.length > 0) return { at: 'going_back' };
  return { at: order?.cancelledAt === undefined ? 'expired' : 'cancelled' };
}

/** A refusal of our own catalogue came before anything was sent: the channel has not heard of it. */
const howEnded = ({ state, why }: Attempt): Ended['how'] =>
  state !== 'rejected' ? 'closed' : (refusalCodes as readonly string[]).includes(why) ? 'unsent' : 'refused';

function chooseStand({ order }: CashierFacts, back: readonly MoneyBack[]): CashierStand {
  const closing = order?.attempts.filter(({ state }) => state === 'closing') ?? [];
  const last = order?.attempts.at(-1);
  const wasCharged = back.some(({ attemptId }) => attemptId === last?.id);
  if (!last || isOpen(last.state) || wasCharged) return { at: 'choose', closing };
  return { at: 'choose', closing, after: { attempt: last, how: howEnded(last) } };
}
