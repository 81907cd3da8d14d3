import { shareCameBack, shareDone, shareFailed, sharePromised } from '../ledger/index.ts';
import type { AtPlace, EntryDraft, SharedPart } from '../ledger/index.ts';
import type { Order } from '../payments/index.ts';
import type { Share, SharePart, ShareReturn } from './share.ts';

type Placed = Pick<Share, 'accountId'> & Pick<SharePart, 'amount' | 'endedAt'>;

function placeOf({ bucket, merchantId, id }: Order, { accountId, amount, endedAt }: Placed): AtPlace {
  const at = { bucket, merchantId, subject: id, actor: 'system', place: accountId, currency: amount.currency };
  return { ...at, happenedAt: endedAt };
}

const told = ({ shareNo }: Share, { partNo, amount }: SharePart): SharedPart => ({
  part: `${shareNo}-${partNo}`,
  amount: amount.minor,
});

const placed = ({ accountId }: Share, { amount, endedAt }: SharePart): Placed => ({
  ...{ accountId, amount },
  ...(endedAt === undefined ? {} : { endedAt }),
});

export const promised = (order: Order, share: Share, part: SharePart): EntryDraft =>
  sharePromised(placeOf(order, placed(share, part)), told(share, part));

export const given = (order: Order, share: Share, part: SharePart): EntryDraft =>
  shareDone(placeOf(order, placed(share, part)), told(share, part));

export const notGiven = (order: Order, share: Share, part: SharePart): EntryDraft =>
  shareFailed(placeOf(order, placed(share, part)), told(share, part));

/** Money that moved although we had booked that it would not: promise and end anew, as facts. */
export function givenLate(order: Order, share: Share, part: SharePart): EntryDraft[] {
  const [at, { part: no, amount }] = [placeOf(order, placed(share, part)), told(share, part)];
  const late = { part: `${no}:late`, amount };
  return [{ ...sharePromised(at, late), force: 'fact' }, shareDone(at, late)];
}

export const cameBack = (order: Order, back: ShareReturn): EntryDraft[] =>
  shareCameBack(placeOf(order, back), { back: back.returnNo, amount: back.amount.minor });
