import { days, plus } from '../kernel/index.ts';
import type { Money, Refusal, RefusalParams } from '../kernel/index.ts';
import type { ShareRules } from '../channels/contract/index.ts';
import { findPart, leftOf } from './shared-order.ts';
import { returnTable } from './share.ts';
import type { ShareReturn } from './share.ts';
import { shareWish } from './wishes.ts';
import type { ShareWork } from './work.ts';

export type ReturnWish = {
  readonly id: string;
  readonly partId: string;
  readonly shopReturnNo: string;
  readonly returnNo: string;
  /** Absent: all that is left of the part. */
  readonly amount?: Money;
  readonly reason: string;
};

const refusalOf = (code: string, params: RefusalParams): Refusal => ({ code, params });

/** Asks a receiver's part back by a call of its own. The shop's number again is the same return. */
export function askReturn(work: ShareWork, wish: ReturnWish, rules: ShareRules): Refusal | undefined {
  const { shared } = work;
  const known = shared.returns.find(({ shopReturnNo }) => shopReturnNo === wish.shopReturnNo);
  if (known) {
    const { minor, currency } = wish.amount ?? known.amount;
    const isSame = known.partId === wish.partId && minor === known.amount.minor && currency === known.amount.currency;
    return isSame ? undefined : refusalOf('share.other_terms', { share_no: wish.shopReturnNo });
  }
  const found = findPart(shared, wish.partId);
  if (!found) return refusalOf('share.part_not_found', { part: wish.partId });
  const { share, part } = found;
  if (rules.comesBack !== 'own_call') return refusalOf('share.returns_with_refunds', {});
  const left = leftOf(shared, part);
  const amount = wish.amount ?? { ...part.amount, minor: left };
  const { currency } = part.amount;
  if (amount.currency !== currency)
    return refusalOf('share.other_currency', { currency: amount.currency, expected: currency });
  if (amount.minor > left || amount.minor <= 0n)
    return refusalOf('share.exceeds_part', { asked: String(amount.minor), left: String(left), currency });
  const until = plus(part.endedAt ?? part.createdAt, days(rules.returnDays));
  if (work.at >= until) return refusalOf('share.return_window_over', { until, days: rules.returnDays });
  createReturn(work, { ...wish, amount }, share);
  return undefined;
}

function createReturn(
  work: ShareWork,
  wish: ReturnWish & { readonly amount: Money },
  share: { readonly id: string; readonly merchantId: string; readonly accountId: string },
): void {
  const { order } = work.shared;
  const { bucket, id: orderId } = order;
  const { merchantId, accountId } = share;
  const step = returnTable.step('created', 'command', 'submit');
  const back: ShareReturn = {
    ...{ bucket, orderId, merchantId, accountId, shareId: share.id, ...wish, state: 'submitting' },
    ...{ asked: 0, sentTries: 1, why: '', createdAt: work.at },
  };
  work.putReturn(back);
  work.add(
    { kind: 'number', row: { bucket, merchantId, number: wish.shopReturnNo, kind: 'share_return', record: wish.id } },
    ...step.effects.map(() => ({ kind: 'job', wish: shareWish(back, 'share.return', work.at) }) as const),
  );
}
