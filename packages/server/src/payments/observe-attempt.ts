import { assert, plus, toDecimal } from '../kernel/index.ts';
import type { Instant, Money, Outcome, Trust } from '../kernel/index.ts';
import type { CloseFacts, ProductRule, TradeFacts } from '../channels/contract/index.ts';
import type { DecideParts } from './decide-parts.ts';
import { absenceProvesFrom, attemptDoubtDeadline, nextCloseAt, nextQueryAt } from './asking.ts';
import { attemptTable, isOpenAttempt } from './attempt.ts';
import type { Attempt, AttemptEffect, AttemptSource } from './attempt.ts';
import { paymentReceived } from './books.ts';
import { heardGivenBack } from './channel-refund.ts';
import { paymentCase, paymentEvent } from './news.ts';
import { openAttempts } from './order.ts';
import { paymentTable } from './payment.ts';
import { productOf } from './policy.ts';
import { closeWish, orderChore, queryWish, submitWish } from './wishes.ts';
import { holdSurplus } from './surplus-decide.ts';
import type { Observation, OrderEffect, Work } from './work.ts';

/** Who says it. `answer` and `close` are answers to our calls; `us` is what we conclude ourselves, such as a call that was lost; `people` are two. */
export type Voice = 'answer' | 'close' | 'query' | 'notice' | 'us' | 'people';

export type HeardOfAttempt = {
  readonly by: Voice;
  readonly outcome: Outcome<TradeFacts | CloseFacts>;
  readonly trust: Trust;
  readonly isAbsent?: boolean;
  /** The channel speaks of another amount or currency: its words. */
  readonly disputed?: string;
  /** The amount that the message names, where its reader did not know ours. */
  readonly says?: Money;
  readonly exchangeId?: string;
  readonly noticeId?: string;
  /** When the question left: what it is answered may be as old. */
  readonly askedAt?: Instant;
  readonly heardAt: Instant;
};

type Told = 'succeeded' | 'accepted' | 'rejected' | 'in_doubt';

const sourceOf: Readonly<Record<Voice, AttemptSource>> = {
  answer: 'answer',
  close: 'close_answer',
  query: 'obs',
  notice: 'obs',
  us: 'obs',
  people: 'obs',
};

/** One voice about one attempt: what it is worth, what the attempt becomes, and what that means for payment and order. */
export function observeAttempt(work: Work, attemptId: string, said: HeardOfAttempt, parts: DecideParts): void {
  const attempt = work.attempt(attemptId);
  const heard = compared(said, attempt);
  const policy = parts.policyOf(attempt.accountId);
  const rule = productOf(policy, attempt.product);
  assert(rule, `${attempt.channel} has no product ${attempt.product}`);
  keepObservation(work, attempt, heard);
  if (heard.disputed !== undefined) dispute(work, attempt, heard.disputed);
  const facts = factsOf(heard);
  if (isOtherTrade(attempt, heard, facts)) {
    work.add(paymentCase('payment.second_trade_no', attempt, { trade: facts?.tradeNo ?? '' }));
    return;
  }
  const told = worthOf(attempt, heard, rule);
  const step = attemptTable.step(attempt.state, sourceOf[heard.by], told);
  const isEnd = step.becomes !== attempt.state && !isOpenAttempt(step.becomes);
  work.putAttempt({
    ...noted(attempt, heard, facts),
    state: step.becomes,
    ...(isEnd ? { endedAt: heard.heardAt } : {}),
  });
  for (const effect of step.effects) applyEffect(work, attemptId, effect, { heard, facts, rule, parts });
  heardGivenBack(work, attemptId, heard, facts, parts);
  if (heard.by === 'query' && told === 'rejected' && wasSaidPaid(attempt))
    work.add(paymentCase('payment.contradiction', attempt, { state: attempt.state, said: 'succeeded, then not paid' }));
  if (heard.by === 'query' && told === 'succeeded' && isRefundedElsewhere(work, attempt, facts))
    work.add(
      paymentCase('payment.contradiction', attempt, { state: attempt.state, said: 'refunds that are not ours' }),
    );
  if (
    heard.by === 'query' &&
    told === 'in_doubt' &&
    wasSaidPaid(attempt) &&
    work.at >= attemptDoubtDeadline(attempt, rule)
  )
    work.add(paymentCase('payment.in_doubt_long', attempt, { since: attempt.doubtSince ?? attempt.createdAt }));
  const isUnpaid = isEnd && (step.becomes === 'rejected' || step.becomes === 'closed');
  if (isUnpaid) attemptUnpaid(work, attemptId);
}

/** The channel says that some of it went back, and nobody here asked for that. */
function isRefundedElsewhere({ order }: Work, { id }: Attempt, facts: TradeFacts | undefined): boolean {
  const isKnown = order.refunds.some(({ attemptId }) => attemptId === id);
  return facts?.hasRefunds === true && facts.isGivenBack !== true && !isKnown;
}

/** A success about another amount or currency than ours proves nothing about ours. */
function compared(heard: HeardOfAttempt, { amount }: Attempt): HeardOfAttempt {
  const { says, outcome, disputed } = heard;
  if (disputed !== undefined || !says || outcome.kind !== 'succeeded') return heard;
  const isSame = says.minor === amount.minor && says.currency === amount.currency;
  return isSame ? heard : { ...heard, disputed: `${toDecimal(says)} ${says.currency}` };
}

function factsOf({ outcome }: HeardOfAttempt): TradeFacts | undefined {
  const facts = outcome.kind === 'succeeded' || outcome.kind === 'accepted' ? outcome.facts : undefined;
  return facts && 'serialNo' in facts ? facts : undefined;
}

/** After its end somebody said on a good signature that it was paid, and the channel has not answered since. */
export const wasSaidPaid = ({ state, doubtSince, endedAt }: Attempt): boolean =>
  ['rejected', 'closed'].includes(state) && doubtSince !== undefined && endedAt !== undefined && doubtSince > endedAt;

/** What a voice may prove. Money counts as received on a verified signature only; what the channel does not know proves nothing too early. */
export function worthOf(attempt: Attempt, heard: HeardOfAttempt, rule: ProductRule): Told {
  const { outcome, trust, by, isAbsent = false } = heard;
  if (trust === 'none' || heard.disputed !== undefined) return 'in_doubt';
  if (isAbsent) {
    const from = absenceProvesFrom(attempt, rule);
    return from !== undefined && heard.heardAt >= from ? 'rejected' : 'in_doubt';
  }
  if (outcome.kind === 'succeeded' && trust !== 'verified') return 'in_doubt';
  if (by === 'close' && outcome.kind === 'succeeded')
    return 'action' in outcome.facts && outcome.facts.action === 'none' ? 'in_doubt' : 'succeeded';
  return outcome.kind;
}

/** Two payments under one number should not be: nothing is booked a second time before people have looked. */
function isOtherTrade(attempt: Attempt, { outcome, trust }: HeardOfAttempt, facts: TradeFacts | undefined): boolean {
  const isPaid = attempt.state === 'succeeded' && attempt.tradeNo !== undefined;
  const other = facts?.tradeNo !== undefined && facts.tradeNo !== attempt.tradeNo;
  return isPaid && other && outcome.kind === 'succeeded' && trust === 'verified';
}

function noted(attempt: Attempt, heard: HeardOfAttempt, facts: TradeFacts | undefined): Attempt {
  const { by, outcome, heardAt, trust } = heard;
  const why = outcome.kind === 'in_doubt' ? outcome.why : outcome.kind === 'rejected' ? outcome.code : '';
  const doubt = outcome.kind === 'in_doubt' && by !== 'notice';
  const counted = by === 'query' ? { asked: attempt.asked + 1 } : {};
  const kept = trust === 'none' || !facts ? {} : known(attempt, facts);
  return {
    ...{ ...attempt, ...counted, ...kept, why, heardAt },
    ...(doubt && attempt.doubtSince === undefined ? { doubtSince: heardAt } : {}),
  };
}

/** What the first verified word of it said stays; a trade's number is never changed. */
function known(attempt: Attempt, facts: TradeFacts): Partial<Attempt> {
  return {
    ...(facts.tradeNo !== undefined && attempt.tradeNo === undefined ? { tradeNo: facts.tradeNo } : {}),
    ...(facts.payer !== undefined && attempt.payer === undefined ? { payer: facts.payer } : {}),
    ...(facts.handOut !== undefined && attempt.handOut === undefined ? { handOut: facts.handOut } : {}),
  };
}

function keepObservation(work: Work, attempt: Attempt, heard: HeardOfAttempt): void {
  const { by, outcome, trust, exchangeId, noticeId, heardAt, isAbsent, disputed } = heard;
  const body = {
    ...withoutOwnNumber(outcome, attempt),
    ...(isAbsent === true ? { isAbsent } : {}),
    ...(disputed === undefined ? {} : { disputed }),
  };
  work.add({
    kind: 'observation',
    observation: {
      ...{ subject: attempt.id, source: by, body, trust, heardAt },
      ...(exchangeId === undefined ? {} : { exchangeId }),
      ...(noticeId === undefined ? {} : { noticeId }),
    },
  });
}

/** Evidence as it is kept: the number that it is about stands at the attempt, and is written again only where it is another. */
function withoutOwnNumber(outcome: HeardOfAttempt['outcome'], { serialNo }: Attempt): Observation['body'] {
  if (!('facts' in outcome) || !('serialNo' in outcome.facts) || outcome.facts.serialNo !== serialNo) return outcome;
  return { ...outcome, facts: { ...outcome.facts, serialNo: undefined } };
}

const otherPrice = (attempt: Attempt, due: bigint): OrderEffect =>
  paymentCase('payment.amount_differs', attempt, {
    ...{ ours: `${due} ${attempt.amount.currency}`, theirs: `${attempt.amount.minor} ${attempt.amount.currency}` },
    why: 'paid at an earlier price',
  });

function dispute(work: Work, attempt: Attempt, says: string): void {
  const about = { ours: `${attempt.amount.minor} ${attempt.amount.currency}`, theirs: says };
  work.add(
    paymentCase('payment.amount_differs', attempt, about),
    paymentEvent('payment.disputed', work.order, attempt),
  );
}

type Context = {
  readonly heard: HeardOfAttempt;
  readonly facts: TradeFacts | undefined;
  readonly rule: ProductRule;
  readonly parts: DecideParts;
};

function applyEffect(work: Work, id: string, effect: AttemptEffect, context: Context): void {
  const attempt = work.attempt(id);
  const { heard, facts, rule, parts } = context;
  switch (effect) {
    case 'hand_out':
      return work.putAttempt({ ...attempt, askedFrom: attempt.askedFrom ?? heard.heardAt });
    case 'plan_queries':
      return planQueries(work, attempt, context);
    case 'query_now':
      if (heard.isAbsent === true) return planQueries(work, attempt, context);
      // Only a cancel gives back what was paid; a close that came too late does nothing.
      if (attempt.state === 'succeeded' && !rule.codePayment) return undefined;
      return work.add({ kind: 'job', wish: queryWish(attempt, plus(work.at, floorOf(context, attempt)), work.at) });
    case 'send_close':
      return sendClose(work, attempt, rule);
    case 'receive':
      return receive(work, attempt, heard, facts, parts);
    case 'surplus_late':
      return receiveLate(work, attempt, heard, facts, parts);
    case 'open_case':
      // The cancel says what is in the books already.
      if (heard.by === 'close' && work.order.refunds.some((one) => one.attemptId === id && one.origin === 'channel'))
        return undefined;
      return work.add(
        paymentCase('payment.contradiction', attempt, { state: attempt.state, said: heard.outcome.kind }),
      );
    case 'case_at_doubt_deadline':
      if (work.at < attemptDoubtDeadline(attempt, rule)) return undefined;
      return work.add(
        paymentCase('payment.in_doubt_long', attempt, { since: attempt.doubtSince ?? attempt.createdAt }),
      );
    case 'send_same_if_allowed':
      return sendSame(work, attempt, context);
    case 'send':
      return work.add({ kind: 'job', wish: submitWish(attempt, work.at) });
    case 'keep_payer':
    case 'offer_again':
    case 'compare':
      return undefined; // what they say is in the fields that were kept
    default:
      return effect satisfies never;
  }
}

const floorOf = ({ rule, parts }: Context, { accountId }: Attempt): number =>
  rule.codePayment ? Math.min(rule.codePayment.everyMs, 3000) : parts.policyOf(accountId).pay.queryFloorMs;

/** The job that asks keeps its own time; every other voice wishes for the next question. */
function planQueries(work: Work, attempt: Attempt, context: Context): void {
  const { rule, heard } = context;
  const base = attempt.askedFrom ?? attempt.createdAt;
  if (rule.codePayment && attempt.state !== 'closing' && work.at >= plus(base, rule.codePayment.forMs))
    return closeAttempt(work, attempt.id, context.parts);
  if (heard.by === 'query') return;
  const next = nextQueryAt(attempt, rule, floorOf(context, attempt), work.at);
  if (next !== undefined) work.add({ kind: 'job', wish: queryWish(attempt, next, work.at) });
}

/** The channel opened the trade although we heard nothing: the same call again brings the hand-out, where it is safe. */
function sendSame(work: Work, attempt: Attempt, { parts, rule }: Context): void {
  const { resendIsSafe } = parts.policyOf(attempt.accountId).pay;
  // A payer's code is charged at once and brings no hand-out: there is nothing to be had by it.
  if (rule.codePayment) return;
  if (resendIsSafe && attempt.handOut === undefined && attempt.state !== 'closing')
    work.add({ kind: 'job', wish: submitWish(attempt, work.at) });
}

function sendClose(work: Work, attempt: Attempt, rule: ProductRule): void {
  const first = attempt.closeFrom === undefined;
  work.putAttempt({ ...attempt, closeFrom: attempt.closeFrom ?? work.at, closeTries: attempt.closeTries + 1 });
  const dueAt = first ? work.at : nextCloseAt(attempt, work.at);
  const notBefore = plus(attempt.createdAt, rule.codePayment?.cancelAfterMs ?? 0);
  work.add({ kind: 'job', wish: closeWish(attempt, rule, dueAt < notBefore ? notBefore : dueAt) });
}

/** Asks the channel to close; only what it answers, or proof that nobody can pay any more, ends the attempt. */
export function closeAttempt(work: Work, id: string, parts: DecideParts): void {
  const attempt = work.attempt(id);
  const rule = productOf(parts.policyOf(attempt.accountId), attempt.product);
  assert(rule, `${attempt.channel} has no product ${attempt.product}`);
  const step = attemptTable.step(attempt.state, 'command', 'close');
  if (step.becomes === attempt.state) return;
  const isEnd = !isOpenAttempt(step.becomes);
  work.putAttempt({ ...attempt, state: step.becomes, ...(isEnd ? { endedAt: work.at } : {}) });
  if (step.effects.includes('send_close')) {
    sendClose(work, work.attempt(id), rule);
    // Closing is ended by evidence: what the close does not say, questions will.
    const next = nextQueryAt(work.attempt(id), rule, parts.policyOf(attempt.accountId).pay.queryFloorMs, work.at);
    if (next !== undefined) work.add({ kind: 'job', wish: queryWish(attempt, next, work.at) });
  }
  if (isEnd) attemptUnpaid(work, id);
}

/** Money under this number: it is booked as what it turns out to be. */
function receive(
  work: Work,
  attempt: Attempt,
  heard: HeardOfAttempt,
  facts: TradeFacts | undefined,
  parts: DecideParts,
): void {
  const received = take(work, attempt, heard, facts, parts);
  const payment = work.payment(attempt.paymentId);
  const step = paymentTable.step(payment.state, 'obs', 'attempt_succeeded');
  work.add({ kind: 'trade', accountId: received.accountId, tradeNo: received.tradeNo ?? '', paymentId: payment.id });
  if (step.effects.includes('surplus')) return holdSurplus(work, received, 'second_success', parts);
  if (step.effects.includes('surplus_late')) return holdSurplus(work, received, 'late', parts);
  if (heard.by === 'query' && facts?.isGivenBack === true) {
    // Our cancel won after all: what came in went back, and settles nothing, whichever answer was heard first.
    holdSurplus(work, received, 'late', parts);
    return attemptUnpaid(work, received.id);
  }
  const due = work.order.due?.minor ?? attempt.amount.minor;
  if (attempt.amount.minor < due) {
    // Paid at a price that the shop has raised meanwhile: less than the order costs does not settle it.
    holdSurplus(work, received, 'late', parts);
    return attemptUnpaid(work, received.id);
  }
  // Paid at a price that was lowered meanwhile: the payer wins, and people give him the difference.
  if (attempt.amount.minor > due) work.add(otherPrice(attempt, due));
  work.putPayment({
    ...payment,
    ...{ state: step.becomes, settledBy: received.id, endedAt: work.at },
    paidAt: received.paidAt ?? heard.heardAt,
  });
  work.add(
    { kind: 'entry', draft: paymentReceived(work.order, received) },
    paymentEvent('payment.succeeded', work.order, received),
  );
  for (const sibling of openAttempts(work.order)) closeAttempt(work, sibling.id, parts);
  const policy = parts.policyOf(received.accountId);
  if (payment.closingCause === 'cancel_by_shop' && policy.paidAfterCancel === 'refund') {
    const dueAt = plus(work.at, policy.surplus.afterMs);
    work.add({ kind: 'job', wish: orderChore('payments.paid_after_cancel', work.order, payment.id, dueAt) });
  }
}

/**
 * A settled attempt is asked about once more before late money is believed; then it is held for what it is. An answer to a question of before
 * its end does not count: a cancel may have given back since what it speaks of.
 */
function receiveLate(
  work: Work,
  attempt: Attempt,
  heard: HeardOfAttempt,
  facts: TradeFacts | undefined,
  parts: DecideParts,
): void {
  if (work.order.surplus.some(({ attemptId }) => attemptId === attempt.id)) return;
  const isOlder = (heard.askedAt ?? heard.heardAt) < (attempt.endedAt ?? heard.heardAt);
  if (heard.by !== 'query' || isOlder) {
    if (heard.by !== 'query') work.putAttempt({ ...attempt, doubtSince: heard.heardAt });
    return work.add({ kind: 'job', wish: queryWish(attempt, work.at, work.at) });
  }
  const received = take(work, attempt, heard, facts, parts);
  work.add({
    kind: 'trade',
    accountId: received.accountId,
    tradeNo: received.tradeNo ?? '',
    paymentId: received.paymentId,
  });
  const isPaid = work.payment(attempt.paymentId).state === 'paid';
  holdSurplus(work, received, isPaid ? 'second_success' : 'late', parts);
}

function take(
  work: Work,
  attempt: Attempt,
  heard: HeardOfAttempt,
  facts: TradeFacts | undefined,
  { policyOf }: DecideParts,
): Attempt {
  const minor = facts?.received?.minor ?? facts?.amount?.minor ?? attempt.amount.minor;
  const received = { minor, currency: attempt.amount.currency };
  const fee = policyOf(attempt.accountId).fee(attempt.product, attempt.scene, received);
  const taken: Attempt = {
    ...attempt,
    ...{ receivedMinor: minor, feeMinor: fee.minor, feeExact: fee.exact },
    paidAt: facts?.paidAt ?? heard.heardAt,
  };
  work.putAttempt(taken);
  return taken;
}

/** One attempt is proven unpaid: a closing payment whose last one that was is closed; an open one waits for another until its time is over. */
function attemptUnpaid(work: Work, id: string): void {
  const { paymentId } = work.attempt(id);
  settleClosing(work, paymentId);
  const { state, expiresAt } = work.payment(paymentId);
  if (state === 'open' && expiresAt !== undefined && openAttempts(work.order, paymentId).length === 0)
    work.add({ kind: 'job', wish: orderChore('payments.expire', work.order, paymentId, expiresAt) });
}

/** Ends a closing payment once none of its attempts can be paid any more. */
export function settleClosing(work: Work, paymentId: string): void {
  const payment = work.payment(paymentId);
  const told = openAttempts(work.order, paymentId).length === 0 ? 'last_attempt_unpaid' : 'attempt_unpaid';
  const step = paymentTable.step(payment.state, 'obs', told);
  if (step.becomes === payment.state) return;
  work.putPayment({ ...payment, state: step.becomes, endedAt: work.at });
  const last = work.order.attempts.findLast((attempt) => attempt.paymentId === paymentId);
  work.add(paymentEvent('payment.closed', work.order, last, payment.closingCause));
}
