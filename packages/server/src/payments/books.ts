import type { Currency } from '../kernel/index.ts';
import {
  paymentSucceeded,
  refundRefused,
  refundStarted,
  refundSucceeded,
  shareCameBack,
  surplusKept as keptEntry,
  surplusReceived as receivedEntry,
} from '../ledger/index.ts';
import type { AtPlace, EntryDraft, RefundOf } from '../ledger/index.ts';
import type { Attempt } from './attempt.ts';
import type { Order } from './order.ts';
import type { Refund } from './refund.ts';
import type { Surplus } from './surplus.ts';

type Place = Pick<Attempt, 'accountId'> & { readonly currency: Currency; readonly at?: Attempt['paidAt'] };

function placeOf(order: Order, { accountId, currency, at }: Place, actor = 'system'): AtPlace {
  const { bucket, merchantId, id } = order;
  return { bucket, merchantId, subject: id, actor, place: accountId, currency, happenedAt: at };
}

const placeOfAttempt = (order: Order, { accountId, amount, paidAt }: Attempt): AtPlace =>
  placeOf(order, { accountId, currency: amount.currency, ...(paidAt === undefined ? {} : { at: paidAt }) });

const receivedOf = ({ serialNo, receivedMinor, feeMinor }: Attempt) => ({
  ...{ attempt: serialNo, amount: receivedMinor, fee: feeMinor },
});

export const paymentReceived = (order: Order, attempt: Attempt): EntryDraft =>
  paymentSucceeded(placeOfAttempt(order, attempt), receivedOf(attempt));

export const surplusReceived = (order: Order, attempt: Attempt): EntryDraft =>
  receivedEntry(placeOfAttempt(order, attempt), receivedOf(attempt));

/** Kept, credited to the buyer or adopted: it becomes the shop's, whatever the shop makes of it. */
export const surplusKept = (order: Order, attempt: Attempt, { amount, decidedBy }: Surplus): EntryDraft =>
  keptEntry(placeOf(order, { accountId: attempt.accountId, currency: amount.currency }, decidedBy), {
    ...{ attempt: attempt.serialNo, amount: amount.minor },
  });

const refundPlace = (order: Order, refund: Refund): AtPlace =>
  placeOf(order, {
    ...{ accountId: refund.accountId, currency: refund.amount.currency },
    ...(refund.refundedAt === undefined ? {} : { at: refund.refundedAt }),
  });

/** Settlement is not known yet to this product: all sales count as not settled until statements come. */
function amountOf(order: Order, refund: Refund): { refund: string; amount: bigint; of: RefundOf } {
  const isHeld = order.surplus.some((one) => one.attemptId === refund.attemptId && one.state === 'held');
  const of = refund.origin === 'surplus' || (refund.origin === 'channel' && isHeld) ? 'surplus' : 'pending';
  return { refund: refund.refundNo, amount: refund.amount.minor, of };
}

export const refundBegun = (order: Order, refund: Refund): EntryDraft =>
  refundStarted(refundPlace(order, refund), amountOf(order, refund));

export const refundDone = (order: Order, refund: Refund): EntryDraft =>
  refundSucceeded(refundPlace(order, refund), {
    ...{ refund: refund.refundNo, amount: refund.amount.minor, purse: 'unsettled', feeReturn: refund.feeBackMinor },
  });

/** The parts of a shared payment that came back with a refund. */
export const partsCameBack = (order: Order, refund: Refund): EntryDraft[] =>
  (refund.partsBack ?? []).flatMap(({ part, minor }) =>
    shareCameBack(refundPlace(order, refund), { back: `${refund.refundNo}:${part}`, amount: minor }),
  );

export const refundNotDone = (order: Order, refund: Refund): EntryDraft =>
  refundRefused(refundPlace(order, refund), amountOf(order, refund));

/** Money that went back although we had booked that it would not: start and end anew, as facts. */
export function refundDoneLate(order: Order, refund: Refund): EntryDraft[] {
  const late = { ...refund, refundNo: `${refund.refundNo}:late` };
  return [{ ...refundBegun(order, late), force: 'fact' }, refundDone(order, late)];
}
