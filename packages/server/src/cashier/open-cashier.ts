import { bucketOf, days, done, minutes, plus, rfc3339 } from '../kernel/index.ts';
import type { Instant, Money, Refusal, Result, Secret } from '../kernel/index.ts';
import { allowed } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import { findOrder, giveUpPayment } from '../payments/index.ts';
import type { Order } from '../payments/index.ts';
import { isOpenAttempt } from './look.ts';
import type { CashierParts } from './parts.ts';
import { sealedPlaceOf } from './session.ts';
import type { Cashier, CashierNeeds } from './session.ts';
import { findCashierByDigest, insertCashier, lockLinks, replaceOthers } from './store.ts';
import { bucketOfToken, digestOfToken, makeCashierToken } from './token.ts';

export type CashierWish = {
  readonly merchantId: string;
  readonly orderNo: string;
  readonly amount: Money;
  readonly subject: string;
  /** Absent: half an hour from now. */
  readonly expiresAt?: Instant;
  readonly returnUrl?: string;
  readonly returnUntil?: Instant;
  /** The payer's id at the wallet in whose browser the link will be opened. */
  readonly payerId?: Secret;
  readonly needs?: CashierNeeds;
  readonly lang?: 'zh' | 'en';
};

export type OpenedCashier = { readonly id: string; readonly url: string; readonly expiresAt: Instant };

const usualLifeMs = minutes(30);
/** A payer needs time to choose, and channels take no payment with less than a minute to live. */
const shortestLifeMs = minutes(2);
const longestLifeMs = days(15);

/** Makes a link to the cashier. Nothing is asked of a channel before the payer has chosen. */
export async function openCashier(
  parts: CashierParts,
  actor: Actor,
  wish: CashierWish,
): Promise<Result<OpenedCashier>> {
  const permitted = allowed(actor, 'payments.create', wish.merchantId);
  if (!permitted.ok) return permitted;
  const { db, clock, ids, keyring, publicUrl } = parts.payments;
  const now = clock.now();
  const { merchantId, orderNo, subject, amount, returnUrl, returnUntil, lang } = wish;
  const expiresAt = wish.expiresAt ?? plus(now, usualLifeMs);
  const refusal =
    refuseExpiry(expiresAt, now) ??
    refuseReturn(returnUrl) ??
    refuseOrder(await findOrder({ db }, { merchantId, orderNo }), wish);
  if (refusal) return { ok: false, refusal };
  const bucket = bucketOf(merchantId, orderNo);
  const id = ids.next();
  const token = makeCashierToken(bucket, parts.tokens.random);
  const cashier: Cashier = {
    ...{ bucket, id, merchantId, orderNo, subject, amount, expiresAt, needs: wish.needs ?? {}, createdAt: now },
    ...(returnUrl === undefined ? {} : { returnUrl }),
    ...(returnUntil === undefined ? {} : { returnUntil }),
    ...(wish.payerId ? { payerSealed: keyring.sealText('personal', wish.payerId, sealedPlaceOf(id)) } : {}),
    ...(lang === undefined ? {} : { lang }),
  };
  await db.transaction(async (tx) => {
    await lockLinks(tx, cashier);
    await insertCashier(tx, cashier, digestOfToken(token));
    await replaceOthers(tx, cashier);
  });
  await closeOtherPrices(parts, cashier);
  return done({ id, url: `${publicUrl}${pathOf(token)}`, expiresAt });
}

/** What was begun at another price is closed at its channel. Paid before that, it counts as what it was: the shop reads the amount. */
async function closeOtherPrices({ payments, orders, worker }: CashierParts, cashier: Cashier): Promise<void> {
  const order = await findOrder(payments, cashier);
  if (!order) return;
  const isOther = ({ amount }: Order['attempts'][number]): boolean => amount.minor !== cashier.amount.minor;
  const others = order.attempts.filter((one) => isOpenAttempt(one) && one.state !== 'closing' && isOther(one));
  for (const { id } of others) await giveUpPayment(orders, order, id);
  if (others.length > 0) worker.nudge();
}

export const pathOf = (token: string): string => `/c/${token}`;

function refuseExpiry(expiresAt: Instant, now: Instant): Refusal | undefined {
  const inMs = expiresAt - now;
  if (inMs >= shortestLifeMs && inMs <= longestLifeMs + minutes(1)) return undefined;
  const params = {
    ...{ expires_at: rfc3339(expiresAt), min: shortestLifeMs / minutes(1) },
    max: longestLifeMs / minutes(1),
  };
  return { code: 'payment.expiry_outside', params, pointer: '/expires_at' };
}

/** The page leads there: an address that no browser can read is said now and not to the payer. */
function refuseReturn(returnUrl: string | undefined): Refusal | undefined {
  if (returnUrl === undefined) return undefined;
  const address = URL.parse(returnUrl);
  if (address && ['https:', 'http:'].includes(address.protocol)) return undefined;
  return { code: 'usage.bad_input', params: { field: 'return_url', value: returnUrl }, pointer: '/return_url' };
}

function refuseOrder(order: Order | undefined, { orderNo, amount }: CashierWish): Refusal | undefined {
  const params = { order_no: orderNo };
  if (order?.cancelledAt !== undefined) return { code: 'order.cancelled', params };
  if (order?.payments.some(({ state }) => state === 'paid') === true) return { code: 'order.already_paid', params };
  return order?.due !== undefined && order.due.currency !== amount.currency
    ? { code: 'order.other_terms', params }
    : undefined;
}

/** The cashier behind a link; undefined for whatever is none of ours. */
export async function findCashier(parts: CashierParts, token: string): Promise<Cashier | undefined> {
  const bucket = bucketOfToken(token);
  return bucket === undefined ? undefined : findCashierByDigest(parts.payments.db, bucket, digestOfToken(token));
}
