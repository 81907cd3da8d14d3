import { days, plus } from '../kernel/index.ts';
import type { Money, Refusal, RefusalParams } from '../kernel/index.ts';
import type { ShareRules } from '../channels/contract/index.ts';
import { refundable } from '../payments/index.ts';
import type { Attempt } from '../payments/index.ts';
import { promised } from './books.ts';
import { livePartsOf, settledAttempt, sumOf } from './shared-order.ts';
import { shareTable } from './share.ts';
import type { Share, SharePart } from './share.ts';
import { shareWish } from './wishes.ts';
import type { ShareWork } from './work.ts';

export type WishedPart = Pick<SharePart, 'id' | 'receiver' | 'amount' | 'reason'>;

export type ShareWish = {
  readonly id: string;
  readonly paymentId?: string;
  readonly shopShareNo: string;
  readonly shareNo: string;
  readonly parts: readonly WishedPart[];
  readonly releasesRest: boolean;
  readonly reason: string;
};

/** What channel and account allow. Looked up before a decision begins. */
export type ShareTerms = { readonly rules: ShareRules; readonly partsMax: number; readonly percentMax?: number };

/** The shop's number again is the same request: other words under it are refused, the same ones change nothing. */
export function askShare(work: ShareWork, wish: ShareWish, terms: ShareTerms): Refusal | undefined {
  const { order, shares } = work.shared;
  const known = shares.find(({ shopShareNo }) => shopShareNo === wish.shopShareNo);
  if (known) return isSame(known, wish) ? undefined : refusalOf('share.other_terms', { share_no: wish.shopShareNo });
  const attempt = settledAttempt(order, wish.paymentId);
  if (!attempt) return refusalOf('share.not_paid', { order_no: order.orderNo });
  const refusal =
    refuseTime(work, attempt, shares, terms) ??
    refuseForm(wish, shares, attempt, terms) ??
    refuseSums(wish, shares, attempt, terms);
  if (!refusal) createShare(work, wish, attempt, terms.rules);
  return refusal;
}

const refusalOf = (code: string, params: RefusalParams): Refusal => ({ code, params });

const partText = ({ receiver, amount }: WishedPart): string => `${receiver.id} ${amount.minor} ${amount.currency}`;

function isSame(known: Share, wish: ShareWish): boolean {
  const [before, now] = [known, wish].map(({ parts }) => parts.map(partText).sort().join());
  return before === now && known.releasesRest === wish.releasesRest;
}

/** Whether the channel still holds the money back for this. */
function refuseTime(
  { at, shared: { order } }: ShareWork,
  attempt: Attempt,
  shares: readonly Share[],
  { rules }: ShareTerms,
): Refusal | undefined {
  const params = { order_no: order.orderNo };
  if (attempt.isHeldForSharing !== true) return refusalOf('share.not_held', params);
  if (shares.some((one) => one.attemptId === attempt.id && one.releasesRest && one.state !== 'failed'))
    return refusalOf('share.released', params);
  const until = plus(attempt.paidAt ?? attempt.createdAt, days(rules.heldDays));
  return at >= until ? refusalOf('share.window_over', { ...params, until, days: rules.heldDays }) : undefined;
}

function refuseForm(
  { parts, releasesRest }: ShareWish,
  shares: readonly Share[],
  attempt: Attempt,
  { rules, partsMax }: ShareTerms,
): Refusal | undefined {
  if (parts.length === 0 && !releasesRest) return refusalOf('share.nothing', {});
  if (parts.length > partsMax) return refusalOf('share.too_many_parts', { asked: parts.length, max: partsMax });
  if (new Set(parts.map(({ receiver }) => receiver.id)).size < parts.length)
    return refusalOf('share.receiver_twice', {});
  const before = shares.filter((one) => one.attemptId === attempt.id);
  const { requestsMax = Infinity } = rules;
  return before.length >= requestsMax ? refusalOf('share.too_many_requests', { max: requestsMax }) : undefined;
}

/** Promised money counts like given money, and refunds like both: nobody is ever promised what another one gets. */
function refuseSums(
  { parts }: ShareWish,
  shares: readonly Share[],
  attempt: Attempt,
  { percentMax }: ShareTerms,
): Refusal | undefined {
  const left: Money = refundable(attempt);
  const { currency } = left;
  const other = parts.find(({ amount }) => amount.currency !== currency);
  if (other) return refusalOf('share.other_currency', { currency: other.amount.currency, expected: currency });
  const asked = parts.reduce((sum, { amount }) => sum + amount.minor, 0n);
  if (asked > left.minor)
    return refusalOf('share.exceeds_left', { asked: String(asked), left: String(left.minor), currency });
  if (percentMax === undefined || parts.length === 0) return undefined;
  // What came back is not held any more and cannot be shared again, so it counts as shared.
  const before = sumOf(livePartsOf(shares, attempt.id));
  const most = (attempt.receivedMinor * BigInt(percentMax)) / 100n;
  if (before + asked <= most) return undefined;
  const room = most > before ? most - before : 0n;
  return refusalOf('share.exceeds_percent', {
    asked: String(asked),
    left: String(room),
    percent: percentMax,
    currency,
  });
}

/** Promises every part in the same decision, and sends when the channel takes it. */
function createShare(work: ShareWork, wish: ShareWish, attempt: Attempt, rules: ShareRules): void {
  const { order } = work.shared;
  const { bucket, paymentId, accountId, merchantId, orderId } = attempt;
  const soonest = plus(attempt.paidAt ?? attempt.createdAt, rules.afterPaymentMs);
  const { shopShareNo, shareNo, id, releasesRest, reason } = wish;
  const about = { bucket, orderId, createdAt: work.at, why: '' };
  const share: Share = {
    ...about,
    ...{ id, paymentId, attemptId: attempt.id, merchantId, accountId, shopShareNo, shareNo, releasesRest, reason },
    ...{ state: 'submitting', dueAt: soonest > work.at ? soonest : work.at, asked: 0, sentTries: 1 },
    parts: wish.parts.map((part, index) => {
      return { ...about, ...part, shareId: id, partNo: String(index + 1), state: 'pending' };
    }),
  };
  const step = shareTable.step('created', 'command', 'submit');
  work.putShare(share);
  work.moveShared(attempt.id, sumOf(share.parts));
  work.add(
    ...share.parts.map((part) => ({ kind: 'entry', draft: promised(order, share, part) }) as const),
    { kind: 'number', row: { bucket, merchantId, number: shopShareNo, kind: 'share', record: id } },
    ...step.effects.map(() => ({ kind: 'job', wish: shareWish(share, 'share.submit', share.dueAt) }) as const),
  );
}
