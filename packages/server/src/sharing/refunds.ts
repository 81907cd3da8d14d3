import { done, refuse } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import type { RefundInstruction, ShareRules } from '../channels/contract/index.ts';
import { openAccountOften } from '../accounts/index.ts';
import type { Actor } from '../identity/index.ts';
import { askRefund, loadOrders, notRefunded, previewRefund } from '../payments/index.ts';
import type { Attempt, OrderDoor, PartBack, RefundAsk, RefundPreview, SharedBack } from '../payments/index.ts';
import { backShares } from './back-shares.ts';
import { addedUp, refuseBack } from './decide-back.ts';
import type { SharingParts } from './parts.ts';
import { findReceivers, openReceivers } from './receiver-store.ts';
import { findPart, leftOf, livePartsOf, settledAttempt } from './shared-order.ts';
import type { SharedOrder } from './shared-order.ts';
import { loadShared } from './store.ts';

/** A refund of an order that may have been shared. */
export type SharedRefundAsk = Omit<RefundAsk, 'back'> & {
  /** Which parts come back and how much of each. Absent: in proportion to what each receiver has. */
  readonly partsBack?: readonly PartBack[];
};

const roundsMax = 3;

/**
 * As `askRefund` of payments, for orders of which something was shared. Where parts come back with refunds, what each receiver gives back is
 * reckoned here and frozen with the refund; where they come back by calls of their own, payments refuses what receivers still have.
 */
export async function askSharedRefund(
  parts: SharingParts,
  door: OrderDoor,
  actor: Actor,
  ask: SharedRefundAsk,
): ReturnType<typeof askRefund> {
  let { order } = ask;
  for (let round = 1; ; round += 1) {
    const back = await backOf(parts, { ...ask, order });
    if (!back.ok) return back;
    const asked = await askRefund(parts, door, actor, { ...ask, order, ...given(back.value) });
    const isLate = !asked.ok && asked.refusal.code === 'refund.order_changed' && round < roundsMax;
    if (!isLate) return asked;
    // Something else of the order was decided meanwhile: reckoned anew.
    order = (await loadOrders(parts.db, [order]))[0] ?? order;
  }
}

/** What such a refund would bring. */
export async function previewSharedRefund(parts: SharingParts, ask: SharedRefundAsk): Promise<Result<RefundPreview>> {
  const back = await backOf(parts, ask);
  if (!back.ok) return back;
  const preview = await previewRefund(parts, { ...ask, ...given(back.value) });
  const attempt = settledAttempt(ask.order, ask.paymentId);
  // In proportion all of it can go back, whatever part of that is asked about.
  const isAll = preview.ok && back.value && ask.partsBack === undefined && attempt;
  return isAll ? done({ ...preview.value, refundable: notRefunded(attempt) }) : preview;
}

const given = (back: SharedBack | undefined): { readonly back?: SharedBack } => (back ? { back } : {});

async function backOf(parts: SharingParts, ask: SharedRefundAsk): Promise<Result<SharedBack | undefined>> {
  const { order, paymentId, partsBack } = ask;
  const attempt = settledAttempt(order, paymentId);
  // What a known refund brings back was frozen with it: only what is named again is held against that.
  if (order.refunds.some(({ shopRefundNo }) => shopRefundNo === ask.shopRefundNo))
    return done(partsBack && { parts: addedUp(partsBack) });
  if (!attempt || (attempt.sharedMinor === 0n && partsBack === undefined)) return done(undefined);
  const rules = await rulesOf(parts, attempt);
  if (rules?.comesBack !== 'with_refund')
    return partsBack === undefined ? done(undefined) : refuse('share.returns_by_calls', { order_no: order.orderNo });
  const [shared] = await loadShared(parts.db, [order]);
  if (!shared || shared.order.version !== order.version)
    return refuse('refund.order_changed', { order_no: order.orderNo });
  const isProRata = rules.proRataProducts.includes(attempt.product);
  if (isProRata && partsBack !== undefined) return refuse('share.back_by_itself', { product: attempt.product });
  const wished = partsBack ? addedUp(partsBack) : proportional(shared, attempt, ask.amount?.minor);
  const refusal = refuseBack(shared, attempt, partsBack ?? wished);
  if (refusal) return { ok: false, refusal };
  return done({ parts: wished, ...(isProRata ? {} : { carried: await carriedOf(parts, shared, wished) }) });
}

async function rulesOf(parts: SharingParts, { accountId }: Attempt): Promise<ShareRules | undefined> {
  const opened = await openAccountOften(parts, accountId);
  return opened.ok ? opened.value.connector.manifest.share : undefined;
}

/** Each receiver gives back the part of his share that the refund is of what is left. Together they never give more than is refunded. */
function proportional(shared: SharedOrder, attempt: Attempt, minor: bigint | undefined): readonly PartBack[] {
  const left = notRefunded(attempt).minor;
  const having = livePartsOf(shared.shares, attempt.id)
    .map((part) => ({ part: part.id, minor: leftOf(shared, part) }))
    .filter((one) => one.minor > 0n);
  // More than is left is theirs only where money moved that was said not to move.
  const theirs = having.reduce((sum, one) => sum + one.minor, 0n);
  return backShares(having, minor ?? left, theirs > left ? theirs : left);
}

async function carriedOf(
  { db, keyring }: SharingParts,
  shared: SharedOrder,
  back: readonly PartBack[],
): Promise<NonNullable<RefundInstruction['partsBack']>> {
  const found = back.flatMap(({ part, minor }) => {
    const one = findPart(shared, part)?.part;
    return one ? [{ receiver: one.receiver, amount: { ...one.amount, minor } }] : [];
  });
  const keys = new Map(found.map(({ receiver }) => [receiver.id, receiver]));
  const opened = await openReceivers(keyring, await findReceivers(db, [...keys.values()]));
  return found.flatMap(({ receiver, amount }) => {
    const one = opened.get(receiver.id);
    return one ? [{ receiver: one, amount }] : [];
  });
}
