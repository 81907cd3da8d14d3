import { assert, plus } from '../kernel/index.ts';
import type { Instant, Money, Outcome, Refusal, Trust } from '../kernel/index.ts';
import type { RefundFacts } from '../channels/contract/index.ts';
import { nextRefundQueryAt, refundDoubtDeadline } from './asking.ts';
import type { Attempt } from './attempt.ts';
import type { EntryDraft } from '../ledger/index.ts';
import { partsCameBack, refundBegun, refundDone, refundDoneLate, refundNotDone } from './books.ts';
import { paymentCase, refundCase, refundEvent, surplusEvent } from './news.ts';
import type { DecideParts } from './decide-parts.ts';
import { notRefunded, refundable } from './order.ts';
import type { Order } from './order.ts';
import { backMinorOf, isLiveRefund, refundTable } from './refund.ts';
import type { PartBack, Refund, RefundEffect } from './refund.ts';
import { surplusTable } from './surplus.ts';
import { queryWish, refundQueryWish, refundWish } from './wishes.ts';
import type { Work } from './work.ts';

export type RefundWish = {
  readonly id: string;
  readonly attemptId: string;
  readonly shopRefundNo: string;
  readonly refundNo: string;
  readonly amount: Money;
  readonly reason: string;
  readonly origin: Refund['origin'];
  /** Set where a second person has to agree first. */
  readonly approvalId?: string;
  readonly partsBack?: readonly PartBack[];
  readonly partsBackSealed?: Uint8Array;
};

/** Why a refund cannot be asked for now; money is reserved in the same decision, so that two of them never exceed what was received. */
export function refuseRefund(work: Work, wish: RefundWish, parts: DecideParts): Refusal | undefined {
  return whyNoRefund(work.order, wish.attemptId, wish.amount, parts, work.at, wish.partsBack);
}

/** The same for those who only ask whether it could be asked for. */
export function whyNoRefund(
  order: Pick<Order, 'attempts' | 'refunds' | 'orderNo'>,
  attemptId: string,
  amount: Money,
  { policyOf }: Pick<DecideParts, 'policyOf'>,
  at: Instant,
  partsBack: readonly PartBack[] = [],
): Refusal | undefined {
  const attempt = order.attempts.find(({ id }) => id === attemptId);
  assert(attempt, `the order has no attempt ${attemptId}`);
  const refusal = refuseAmount(order, attempt, amount, partsBack);
  if (refusal) return refusal;
  const before = order.refunds.filter((one) => one.attemptId === attempt.id);
  return policyOf(attempt.accountId).refuseRefund(attempt, before, amount, at);
}

/** What receivers have is not the merchant's to give, unless they give it back with the refund, and then it goes on to the buyer. */
export function refuseAmount(
  { orderNo }: Pick<Order, 'orderNo'>,
  attempt: Attempt,
  { minor, currency }: Money,
  partsBack: readonly PartBack[],
): Refusal | undefined {
  const left = refundable(attempt);
  if (currency !== left.currency) return refusalOf('refund.other_currency', { currency, expected: left.currency });
  const back = backMinorOf({ partsBack });
  if (back > minor && minor > 0n)
    return refusalOf('share.parts_exceed_refund', { asked: String(back), amount: String(minor), currency });
  if (back > attempt.sharedMinor)
    return refusalOf('share.exceeds_part', { asked: String(back), left: String(attempt.sharedMinor), currency });
  const [free, whole] = [left.minor + back, notRefunded(attempt).minor];
  const most = free < whole ? free : whole;
  const params = { asked: String(minor), left: String(most), currency };
  if (minor > 0n && minor <= most) return undefined;
  const isShared = minor > 0n && minor <= whole;
  return isShared
    ? refusalOf('refund.shared', { ...params, shared: String(attempt.sharedMinor), order_no: orderNo })
    : refusalOf('refund.exceeds_refundable', params);
}

const refusalOf = (code: string, params: Readonly<Record<string, string>>): Refusal => ({ code, params });

/** What the shop asks for under a number; what it leaves out is as it was. */
type AskedAgain = { readonly attemptId: string; readonly amount?: Money; readonly partsBack?: readonly PartBack[] };

/** The shop's number again is the same refund: other words under it are refused. */
export function refuseOther(known: Refund, { attemptId, amount, partsBack }: AskedAgain): Refusal | undefined {
  const { minor, currency } = amount ?? known.amount;
  const isMoney = minor === known.amount.minor && currency === known.amount.currency;
  const isBack = partsBack === undefined || backText(partsBack) === backText(known.partsBack ?? []);
  const isSame = isMoney && isBack && attemptId === known.attemptId;
  return isSame ? undefined : refusalOf('refund.other_terms', { refund_no: known.shopRefundNo });
}

const backText = (parts: readonly PartBack[]): string =>
  parts
    .map(({ part, minor }) => `${part} ${minor}`)
    .sort()
    .join();

/** Reserves and, without a second person, sends. */
export function createRefund(work: Work, wish: RefundWish, { policyOf }: DecideParts): void {
  const attempt = work.attempt(wish.attemptId);
  const policy = policyOf(attempt.accountId);
  const before = work.order.refunds.filter((one) => one.attemptId === attempt.id);
  const feeBack = policy.feeBack(attempt, before, wish.amount);
  const step = refundTable.step('created', 'command', wish.approvalId === undefined ? 'submit' : 'needs_two');
  const { bucket, orderId, paymentId, merchantId, accountId } = attempt;
  const refund: Refund = {
    ...{ bucket, orderId, paymentId, merchantId, accountId, ...wish, state: step.becomes },
    ...{ feeBackMinor: feeBack.minor, feeRule: feeBack.rule, asked: 0, sentTries: 0, why: '', createdAt: work.at },
  };
  work.putRefund(refund);
  for (const effect of step.effects) applyRefundEffect(work, refund.id, effect, undefined);
  const { merchantId: merchant, id } = refund;
  work.add({
    kind: 'number',
    // Our own number says its bucket and is found by its key; the shop's is found by this.
    row: { bucket, merchantId: merchant, number: refund.shopRefundNo, kind: 'refund', record: id },
  });
}

export function commandRefund(work: Work, id: string, told: 'approve' | 'withdraw' | 'topped_up'): void {
  const refund = work.refund(id);
  const step = refundTable.step(refund.state, 'command', told);
  if (step.becomes === refund.state) return;
  const isEnd = !isLiveRefund(step.becomes);
  // What goes again after a pause is asked about from then on, not as late as what was sent before it.
  const { askedFrom: _from, doubtSince: _since, ...fresh } = refund;
  const next = told === 'topped_up' ? { ...fresh, asked: 0 } : refund;
  work.putRefund({ ...next, state: step.becomes, ...(isEnd ? { endedAt: work.at } : {}) });
  for (const effect of step.effects) applyRefundEffect(work, id, effect, undefined);
}

export type HeardOfRefund = {
  /** `people`: two of them, about what the channel leaves open. */
  readonly by: 'answer' | 'query' | 'notice' | 'us' | 'people';
  readonly outcome: Outcome<RefundFacts>;
  readonly trust: Trust;
  readonly isAbnormal?: boolean;
  readonly exchangeId?: string;
  readonly heardAt: Instant;
};

/** One voice about one refund. Unsigned words end nothing that moves money; that a purse is empty ends nothing. */
export function observeRefund(work: Work, id: string, heard: HeardOfRefund, parts: DecideParts): void {
  const refund = work.refund(id);
  const { by, trust, outcome, exchangeId, heardAt, isAbnormal = false } = heard;
  work.add({
    kind: 'observation',
    observation: {
      ...{ subject: id, source: by, body: outcome, trust, heardAt },
      ...(exchangeId === undefined ? {} : { exchangeId }),
    },
  });
  const short = parts.policyOf(refund.accountId).refund?.fundsShortCodes ?? [];
  const isShort = by === 'answer' && outcome.kind === 'rejected' && trust !== 'none' && short.includes(outcome.code);
  const told = isShort ? 'funds_short' : trust !== 'verified' ? 'in_doubt' : isAbnormal ? 'abnormal' : outcome.kind;
  const step = refundTable.step(refund.state, by === 'answer' ? 'answer' : 'obs', told);
  const isEnd = step.becomes !== refund.state && !isLiveRefund(step.becomes);
  const facts = outcome.kind === 'succeeded' ? outcome.facts : undefined;
  work.putRefund({
    ...{ ...refund, state: step.becomes, why: wordsOf(outcome) },
    ...(by === 'query' ? { asked: refund.asked + 1 } : { askedFrom: refund.askedFrom ?? heardAt }),
    ...(outcome.kind === 'in_doubt' && refund.doubtSince === undefined ? { doubtSince: heardAt } : {}),
    ...(isEnd && step.becomes === 'refunded' ? { refundedAt: facts?.at ?? heardAt } : {}),
    ...(isEnd ? { endedAt: heardAt } : {}),
  });
  for (const effect of step.effects) applyRefundEffect(work, id, effect, { heard, parts });
  // Refused, perhaps because a cancel of ours had given all of it back: the trade itself knows.
  const attempt = work.attempt(refund.attemptId);
  if (isEnd && step.becomes === 'failed' && attempt.closeFrom !== undefined)
    work.add({ kind: 'job', wish: queryWish(attempt, work.at, work.at) });
}

function wordsOf(outcome: Outcome<RefundFacts>): string {
  if (outcome.kind === 'in_doubt') return outcome.why;
  return outcome.kind === 'rejected' ? outcome.code : '';
}

type Context = { readonly heard: HeardOfRefund; readonly parts: DecideParts };

function applyRefundEffect(work: Work, id: string, effect: RefundEffect, context: Context | undefined): void {
  const refund = work.refund(id);
  switch (effect) {
    case 'reserve':
      return reserve(work, refund);
    case 'send':
    case 'send_same':
      work.putRefund({ ...refund, sentTries: refund.sentTries + 1 });
      return work.add({ kind: 'job', wish: refundWish(refund, work.at) });
    case 'release':
      return release(work, refund);
    case 'post':
      work.add(...entriesOf([refundDone(work.order, refund), ...partsCameBack(work.order, refund)]));
      return endSurplus(work, refund, 'refund_refunded');
    case 'late_refund':
      return bookLate(work, refund, context);
    case 'tell_shop':
      return work.add(refundEvent(eventOf(refund), work.order, refund));
    case 'query_now':
    case 'plan_queries':
      return planQuery(work, refund, context);
    case 'send_same_if_allowed':
      return sendSame(work, refund, context);
    case 'case_at_doubt_deadline':
      if (work.at < refundDoubtDeadline(refund)) return undefined;
      return work.add(refundCase('refund.in_doubt_long', refund, { since: refund.doubtSince ?? refund.createdAt }));
    case 'alarm_top_up':
      return work.add(refundCase('refund.funds_short', refund, { minor: String(refund.amount.minor) }));
    case 'way_out':
      return work.add(refundCase('refund.failed', refund, { why: refund.why }));
    case 'open_case':
      return work.add(refundCase('refund.contradiction', refund, { state: refund.state }));
    case 'refund_return':
      return undefined; // booked when the returned money is known: the case says so
    default:
      return effect satisfies never;
  }
}

const eventOf = ({ state }: Refund) =>
  state === 'refunded' ? 'refund.succeeded' : state === 'cancelled' ? 'refund.cancelled' : 'refund.failed';

const entriesOf = (drafts: readonly EntryDraft[]) => drafts.map((draft) => ({ kind: 'entry', draft }) as const);

type Moved = Pick<Attempt, 'refundingMinor' | 'sharedMinor'>;
const moved = (attempt: Attempt, by: Moved): Attempt => ({
  ...attempt,
  refundingMinor: attempt.refundingMinor + by.refundingMinor,
  sharedMinor: attempt.sharedMinor + by.sharedMinor,
});

function reserve(work: Work, refund: Refund): void {
  const attempt = work.attempt(refund.attemptId);
  const [refundingMinor, sharedMinor] = [refund.amount.minor, -backMinorOf(refund)];
  work.putAttempt(moved(attempt, { refundingMinor, sharedMinor }));
  work.add({ kind: 'entry', draft: refundBegun(work.order, refund) });
}

function release(work: Work, refund: Refund): void {
  const attempt = work.attempt(refund.attemptId);
  const [refundingMinor, sharedMinor] = [-refund.amount.minor, backMinorOf(refund)];
  work.putAttempt(moved(attempt, { refundingMinor, sharedMinor }));
  work.add({ kind: 'entry', draft: refundNotDone(work.order, refund) });
  endSurplus(work, refund, 'refund_failed');
}

/** The money went back after all: what was free again is not. Told again it went back no second time. */
function bookLate(work: Work, refund: Refund, context: Context | undefined): void {
  if (refund.refundedAt !== undefined) return;
  const { outcome, heardAt } = context?.heard ?? {};
  const saidAt = outcome?.kind === 'succeeded' ? outcome.facts.at : undefined;
  const late = { ...refund, refundedAt: saidAt ?? heardAt ?? work.at };
  const attempt = work.attempt(refund.attemptId);
  const refundingMinor = attempt.refundingMinor + refund.amount.minor;
  // Another refund may have taken the same parts back meanwhile: receivers never have less than nothing, and the case says what happened.
  const sharedMinor = attempt.sharedMinor - backMinorOf(refund);
  work.putRefund(late);
  work.putAttempt({
    ...attempt,
    refundingMinor: refundingMinor > attempt.receivedMinor ? attempt.receivedMinor : refundingMinor,
    sharedMinor: sharedMinor > 0n ? sharedMinor : 0n,
  });
  work.add(...entriesOf([...refundDoneLate(work.order, late), ...partsCameBack(work.order, late)]));
}

function endSurplus(work: Work, refund: Refund, told: 'refund_refunded' | 'refund_failed'): void {
  const surplus = work.order.surplus.find(({ refundId }) => refundId === refund.id);
  if (!surplus) return;
  const step = surplusTable.step(surplus.state, 'obs', told);
  if (step.becomes === surplus.state) return;
  const next = { ...surplus, state: step.becomes, ...(step.becomes === 'returned' ? { endedAt: work.at } : {}) };
  work.putSurplus(next);
  // Held again it is not resolved: the shop hears of it when it is, and until then it lies with a person.
  if (step.becomes === 'returned') return work.add(surplusEvent('surplus.resolved', work.order, next));
  const about = work.attempt(refund.attemptId);
  work.add(paymentCase('payment.surplus_held', about, { why: refund.why, surplus: surplus.id }));
}

/** The job that asks keeps its own time. What was sent again does not begin the plan anew: a channel in trouble is asked ever more slowly. */
function planQuery(work: Work, refund: Refund, context: Context | undefined): void {
  if (!context || context.heard.by === 'query') return;
  const first = context.parts.policyOf(refund.accountId).refund?.firstQueryAfterMs ?? 0;
  work.add({ kind: 'job', wish: refundQueryWish(refund, nextRefundQueryAt(refund, first, work.at)) });
}

/** A refund that the channel does not show goes again under its own number, where the channel honours the number. */
function sendSame(work: Work, refund: Refund, context: Context | undefined): void {
  if (!context || context.heard.by !== 'query') return;
  const rules = context.parts.policyOf(refund.accountId).refund;
  // Not at once: an answer that is only late comes first. Later ones are as far apart as the questions.
  if (!rules?.resendIsSafe || refund.asked < 2) return;
  work.putRefund({ ...refund, sentTries: refund.sentTries + 1 });
  work.add({ kind: 'job', wish: refundWish(refund, plus(work.at, rules.gapMs)) });
}

/** What has ended here is asked about for as long as the channel says that it is on its way. */
export function nextRefundAskAt(
  refund: Refund,
  said: HeardOfRefund['outcome']['kind'],
  { policyOf }: DecideParts,
  at: Instant,
): Instant | undefined {
  const isOpen = ['submitting', 'processing', 'in_doubt', 'abnormal'].includes(refund.state);
  if (!isOpen && (refund.state === 'refunded' || said !== 'accepted')) return undefined;
  return nextRefundQueryAt(refund, policyOf(refund.accountId).refund?.firstQueryAfterMs ?? 0, at);
}

/** Two people end what the channel leaves open, as it is when they are heard: what it has taken on is not called failed by them. */
export function refuseVerdict({ state }: Refund, { by, outcome }: HeardOfRefund): Refusal | undefined {
  if (by !== 'people') return undefined;
  const open: readonly Refund['state'][] =
    outcome.kind === 'succeeded' ? ['processing', 'in_doubt', 'abnormal'] : ['in_doubt', 'abnormal'];
  return open.includes(state) ? undefined : { code: 'refund.not_waiting', params: { state } };
}

/** Refund news on the payment's own address is a reason to ask: amounts come from our record and the answer, never from the news. */
export function askAboutRefund(work: Work, attemptId: string, refundNo: string): void {
  const refund = work.order.refunds.find((one) => one.refundNo === refundNo);
  if (!refund) {
    const attempt = work.attempt(attemptId);
    const isKnown = work.order.refunds.some((one) => one.attemptId === attemptId && one.origin === 'channel');
    // What our cancel gave back was no request and has no number; the trade itself says what became of it.
    if (refundNo === '' && attempt.closeFrom !== undefined)
      return isKnown ? undefined : work.add({ kind: 'job', wish: queryWish(attempt, work.at, work.at) });
    return work.add(
      paymentCase('payment.contradiction', attempt, { refund: refundNo, said: 'a refund that is not ours' }),
    );
  }
  // Also of one that ended without money: perhaps the channel carried it out after all.
  if (refund.state !== 'refunded') work.add({ kind: 'job', wish: refundQueryWish(refund, work.at) });
}
