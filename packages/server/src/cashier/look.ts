import { createHash } from 'node:crypto';
import { findOrder, handOutOf, watchPayment } from '../payments/index.ts';
import type { Attempt, Order } from '../payments/index.ts';
import { offersFor, payerSideOf } from '../routing/index.ts';
import type { Offers, PayerSide } from '../routing/index.ts';
import { plus, seconds } from '../kernel/index.ts';
import { cashierView } from './cashier-view.ts';
import type { AttemptFacts, CashierView } from './cashier-view.ts';
import type { CashierParts, Visit } from './parts.ts';
import type { Cashier } from './session.ts';
import { readHeard } from './store.ts';

/** What one look finds. */
export type Look = {
  readonly cashier: Cashier;
  readonly order: Order | undefined;
  readonly view: CashierView;
  readonly side: PayerSide;
  /** Asked for only where there is something to choose. */
  readonly offers: Offers | undefined;
  /** Of what the payer sees: another one is another page. */
  readonly version: string;
};

export async function lookAtCashier(
  parts: CashierParts,
  cashier: Cashier,
  visit: Visit,
  known?: Offers,
): Promise<Look> {
  const { payments } = parts;
  const order = await findOrder(payments, cashier);
  const about = await attemptFacts(parts, order);
  const side = payerSideOf(payments.channels, visit.userAgent);
  const view = cashierView({
    ...{ cashier, order, about: (id: string) => about.get(id), isBack: visit.isBack, now: payments.clock.now() },
    goesBackAfterMs: await afterCancelOf(parts, order),
    ...(side.wallet === undefined ? {} : { wallet: side.wallet }),
  });
  const offers = view.stand.at === 'choose' ? (known ?? (await offersOf(parts, cashier, side))) : undefined;
  return { cashier, order, view, side, offers, version: versionOf(view, offers) };
}

/** By contract, money of a cancelled order goes back some time after it came, or stays with the shop. */
async function afterCancelOf({ payments: { policies } }: CashierParts, order: Order | undefined) {
  const isAsked = order?.cancelledAt !== undefined && order.payments.some(({ state }) => state === 'paid');
  if (!isAsked) return () => undefined;
  const policyOf = await policies.load(order.attempts.map(({ accountId }) => accountId));
  return (accountId: string) => {
    const { paidAfterCancel, surplus } = policyOf(accountId);
    return paidAfterCancel === 'keep' ? undefined : surplus.afterMs;
  };
}

/** What the order's open attempts are besides their records. */
async function attemptFacts({ payments }: CashierParts, order: Order | undefined): Promise<Map<string, AttemptFacts>> {
  const facts = new Map<string, AttemptFacts>();
  if (!order) return facts;
  const open = order.attempts.filter(isOpenAttempt);
  const closing = open.filter(({ state }) => state === 'closing').map(({ id }) => id);
  const heard = { open: open.map(({ id }) => id), closing };
  const { closeSent, disputed } = await readHeard(payments.db, order.bucket, heard);
  for (const attempt of open) {
    const { id, channel, product } = attempt;
    const products = payments.channels.get(channel)?.manifest.pay?.products ?? {};
    const rule = Object.hasOwn(products, product) ? products[product] : undefined;
    const handOut = await handOutOf(payments, attempt);
    facts.set(id, { rule, closeSent: closeSent.has(id), disputed: disputed.has(id), ...(handOut ? { handOut } : {}) });
  }
  return facts;
}

export const isOpenAttempt = ({ state }: Attempt): boolean => !['succeeded', 'rejected', 'closed'].includes(state);

/** The attempt that the payer may be paying now. */
export const liveAttempt = (order: Order | undefined): Attempt | undefined =>
  order?.attempts.findLast((attempt) => isOpenAttempt(attempt) && attempt.state !== 'closing');

function offersOf({ payments }: CashierParts, cashier: Cashier, side: PayerSide): Promise<Offers> {
  const { merchantId, amount, orderNo, returnUntil, needs, payerSealed } = cashier;
  return offersFor(payments, {
    ...{ merchantId, amount, orderNo, side, scene: 'online', at: payments.clock.now(), needs },
    payerKnows: { payerId: payerSealed !== undefined && side.wallet !== undefined, payerAddress: true },
    ...(returnUntil === undefined ? {} : { returnUntil }),
  });
}

/** Hand-outs are signed anew each time, and say nothing new by that. */
function versionOf({ stand, back }: CashierView, offers: Offers | undefined): string {
  const shown = JSON.stringify([stand, back, offers?.offered.map(nameOf), offers?.notOffered.map(nameOf)], seen);
  return createHash('sha256').update(shown).digest('base64url').slice(0, 16);
}

const nameOf = ({ accountId, product }: { readonly accountId: string; readonly product: string }): string =>
  `${accountId} ${product}`;

const changing = new Set(['url', 'handOut', 'asked', 'askedFrom', 'watchedUntil', 'heardAt', 'closeTries', 'payer']);

const seen = (name: string, value: unknown): unknown =>
  changing.has(name) ? undefined : typeof value === 'bigint' ? String(value) : value;

/** Before a look lapses it is renewed, and not with each request: a look is written down. */
const renewMs = seconds(30);

/** Somebody looks: the channel is asked densely for a while, by the plan of `payments`. */
export async function tellLook(parts: CashierParts, { order }: Look): Promise<void> {
  const attempt = order?.attempts.findLast(isOpenAttempt);
  if (!order || !attempt) return;
  const { watchedUntil } = attempt;
  if (watchedUntil !== undefined && watchedUntil > plus(parts.payments.clock.now(), renewMs)) return;
  const told = await watchPayment(parts.payments, parts.orders, order, attempt.id);
  if (told.ok) parts.worker.nudge();
}
