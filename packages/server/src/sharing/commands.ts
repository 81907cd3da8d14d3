import { assert, done, refuse } from '../kernel/index.ts';
import type { Currency, Money, Result } from '../kernel/index.ts';
import type { ShareRules } from '../channels/contract/index.ts';
import { ensureAccountLanes, openAccount } from '../accounts/index.ts';
import type { OpenAccount } from '../accounts/index.ts';
import { allowed } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import type { Order } from '../payments/index.ts';
import { drawSerials } from '../platform/serials.ts';
import type { ShareWish, WishedPart } from './decide-share.ts';
import { boundReceivers } from './receiver-commands.ts';
import type { SharingParts } from './parts.ts';
import { findReceivers } from './receiver-store.ts';
import { executeShares } from './share-command.ts';
import type { Share, ShareReturn } from './share.ts';
import { findPart, paidPayment, settledAttempt } from './shared-order.ts';
import type { SharedOrder } from './shared-order.ts';
import { findSharedBy } from './store.ts';
import { refuseClosed, termsFrom } from './terms.ts';

export type ShareAsk = {
  readonly order: Order;
  /** Absent: the order's paid one. */
  readonly paymentId?: string;
  readonly shopShareNo: string;
  readonly parts: readonly { readonly receiver: string; readonly amount: Money; readonly reason?: string }[];
  /** The rest is the merchant's from now on. Without parts nothing else is asked for. */
  readonly releasesRest: boolean;
  readonly reason: string;
};

/** Shares a paid order among receivers, or releases what is still held. The same number is the same request. */
export async function makeShare(
  parts: SharingParts,
  actor: Actor,
  ask: ShareAsk,
): Promise<Result<{ readonly shared: SharedOrder; readonly share: Share }>> {
  const { order, shopShareNo } = ask;
  const permitted = allowed(actor, 'sharing.create', order.merchantId);
  if (!permitted.ok) return permitted;
  const attempt = settledAttempt(order, ask.paymentId);
  const paid = paidPayment(order, ask.paymentId);
  if (!attempt || !paid) return refuse('share.not_paid', { order_no: order.orderNo });
  const opened = await openSharing(parts, attempt.accountId);
  if (!opened.ok) return opened;
  const { rules, open } = opened.value;
  const wished = await wishedParts(parts, attempt.accountId, ask);
  if (!wished.ok) return wished;
  const shareNo = await drawNo(parts, order.bucket, rules.shareNo);
  await parts.db.transaction((tx) => ensureAccountLanes(tx, attempt.accountId, open.connector, parts.clock.now()));
  const wish: ShareWish = {
    ...{ id: parts.ids.next(), paymentId: paid.id, shopShareNo, shareNo, parts: wished.value },
    ...{ releasesRest: ask.releasesRest, reason: ask.reason },
  };
  const audit = { actor, act: 'share.created', subject: wish.id, reason: ask.reason };
  const input = { key: keyOf(order), kind: 'share', wish, terms: termsFrom(rules, open), audit } as const;
  const [told] = await executeShares(parts.executor, parts.ids, [input]);
  assert(told, 'a list of one has one answer');
  if (!told.ok) return told;
  const { shared } = told.value;
  const share = shared.shares.find((one) => one.shopShareNo === shopShareNo);
  assert(share, 'a share was asked for and is not there');
  return done({ shared, share });
}

const keyOf = ({ bucket, id }: Pick<Order, 'bucket' | 'id'>) => ({ bucket, id });

async function wishedParts(
  parts: SharingParts,
  accountId: string,
  { parts: asked, reason }: ShareAsk,
): Promise<Result<readonly WishedPart[]>> {
  const bound = await boundReceivers(
    parts,
    accountId,
    asked.map(({ receiver }) => receiver),
  );
  if (!bound.ok) return bound;
  const known = new Map(bound.value.map((one) => [one.id, one]));
  return done(
    asked.flatMap((one): WishedPart[] => {
      const receiver = known.get(one.receiver);
      if (!receiver) return [];
      const { bucket, id } = receiver;
      return [{ id: parts.ids.next(), receiver: { bucket, id }, amount: one.amount, reason: one.reason ?? reason }];
    }),
  );
}

/** An account whose channel shares, and which is opened for it. */
async function openSharing(
  parts: SharingParts,
  accountId: string,
): Promise<Result<{ readonly open: OpenAccount; readonly rules: ShareRules }>> {
  const opened = await openAccount(parts, accountId);
  if (!opened.ok) return opened;
  const open = opened.value;
  const rules = open.connector.manifest.share;
  if (!rules) return refuse('share.channel_without', { account: accountId });
  const refusal = refuseClosed(rules, open);
  return refusal ? { ok: false, refusal } : done({ open, rules });
}

async function drawNo(
  { db, clock }: SharingParts,
  bucket: number,
  { pattern }: { readonly pattern: string },
): Promise<string> {
  const [number = ''] = await drawSerials(db, clock.now(), [bucket]);
  assert(new RegExp(pattern).test(number), 'the channel does not take our serial numbers');
  return number;
}

export type ReturnAsk = {
  readonly partId: string;
  readonly shopReturnNo: string;
  /** Absent: all that is left of the part. */
  readonly minor?: bigint;
  readonly currency?: string;
  readonly reason: string;
};

/** Asks a part back from its receiver, where that is a call of its own. The same number is the same return. */
export async function returnShare(
  parts: SharingParts,
  actor: Actor,
  ask: ReturnAsk,
): Promise<Result<{ readonly shared: SharedOrder; readonly back: ShareReturn }>> {
  const before = await findSharedBy(parts.db, 'share_parts', ask.partId);
  const found = before && findPart(before, ask.partId);
  if (!found || !allowed(actor, 'numbers.read', found.share.merchantId).ok)
    return refuse('share.part_not_found', { part: ask.partId });
  const { order } = before;
  const { share, part } = found;
  const permitted = allowed(actor, 'sharing.create', order.merchantId);
  if (!permitted.ok) return permitted;
  const opened = await openSharing(parts, share.accountId);
  if (!opened.ok) return opened;
  const { rules } = opened.value;
  const [receiver] = await findReceivers(parts.db, [part.receiver]);
  if (receiver && rules.kinds[receiver.kind]?.givesBack === false)
    return refuse('share.gives_nothing_back', { receiver: receiver.id, kind: receiver.kind });
  const { shopReturnNo, minor, currency = part.amount.currency, reason, partId } = ask;
  const id = parts.ids.next();
  const returnNo = await drawNo(parts, order.bucket, rules.returnNo);
  const wish = {
    ...{ id, partId, shopReturnNo, returnNo, reason },
    ...(minor === undefined ? {} : { amount: { minor, currency: currency as Currency } }),
  };
  const audit = { actor, act: 'share.return_created', subject: id, reason };
  const input = { key: keyOf(order), kind: 'return', wish, rules, audit } as const;
  const [told] = await executeShares(parts.executor, parts.ids, [input]);
  assert(told, 'a list of one has one answer');
  if (!told.ok) return told;
  const { shared } = told.value;
  const back = shared.returns.find((one) => one.shopReturnNo === shopReturnNo);
  assert(back, 'a return was asked for and is not there');
  return done({ shared, back });
}
