import { performance } from 'node:perf_hooks';
import { Secret } from '../kernel/index.ts';
import { systemActor } from '../identity/index.ts';
import { askPaymentNow, findOrder, giveUpPayment, heardAbout, startPayment } from '../payments/index.ts';
import type { Attempt, Order, PaymentWish } from '../payments/index.ts';
import type { Offer } from '../routing/index.ts';
import { liveAttempt, lookAtCashier } from './look.ts';
import type { CashierParts, Visit } from './parts.ts';
import { sealedPlaceOf } from './session.ts';
import type { Cashier } from './session.ts';

/** `begun`: something can be paid · `standing`: something was to be paid already, nothing new began · `gone`: it is not offered any more. */
export type Chosen = 'begun' | 'standing' | 'gone';

/** Longer than this no payer waits for a page (payments of one order: a close's answer, a code). */
const waitMs = 3_000;

export const offerValue = ({ accountId, product }: Pick<Offer, 'accountId' | 'product'>): string =>
  `${accountId}~${product}`;

/** The payer has chosen. While something can be paid already, or must be closed first, nothing else begins: whatever an old page asks. */
export async function chooseWay(
  parts: CashierParts,
  cashier: Cashier,
  visit: Visit,
  { value, backTo }: { readonly value: string; readonly backTo: string },
): Promise<Chosen> {
  const { view, offers, side } = await lookAtCashier(parts, cashier, visit);
  if (view.stand.at !== 'choose') return 'standing';
  const offer = offers?.offered.find((one) => offerValue(one) === value);
  if (!offer) return 'gone';
  const wish = await wishOf(parts, cashier, visit, {
    offer,
    backTo,
    ...(side.wallet === undefined ? {} : { wallet: side.wallet }),
  });
  const started = await startPayment(parts.payments, parts.orders, systemActor, wish);
  if (!started.ok) return 'gone';
  parts.worker.nudge();
  const { order, attempt } = started.value;
  await until(parts, order, attempt, ({ state }) => state !== 'submitting');
  return 'begun';
}

async function wishOf(
  { payments, installation }: CashierParts,
  cashier: Cashier,
  visit: Visit,
  { offer, backTo, wallet }: { readonly offer: Offer; readonly backTo: string; readonly wallet?: string },
): Promise<PaymentWish> {
  const { merchantId, orderNo, amount, subject, expiresAt, returnUntil } = cashier;
  const { accountId, product, needs } = offer;
  const payerId = hearsPayerId(offer, wallet) ? await payerIdOf(payments, cashier) : undefined;
  return {
    ...{ merchantId, orderNo, amount, subject, accountId, product, expiresAt, scene: 'online', returnUrl: backTo },
    ...(returnUntil === undefined ? {} : { returnUntil }),
    ...(payerId ? { payerId } : {}),
    ...(cashier.needs.split === true ? { shares: true } : {}),
    ...(needs.includes('payer_address')
      ? { payerAddress: new Secret(payerAddress(visit.address, installation.bornAs)) }
      : {}),
  };
}

/** The id is the payer's at the wallet whose browser he comes with: no other channel hears it. */
export const hearsPayerId = (
  { needs, channel }: Pick<Offer, 'needs' | 'channel'>,
  wallet: string | undefined,
): boolean => needs.includes('payer_id') && channel === wallet;

async function payerIdOf({ keyring }: CashierParts['payments'], { id, payerSealed }: Cashier) {
  if (!payerSealed) return undefined;
  await keyring.loadFor([payerSealed]);
  const opened = keyring.openText(payerSealed, sealedPlaceOf(id));
  return opened.kind === 'opened' ? new Secret(opened.value) : undefined;
}

/** In a sandbox the payer sits at this very machine, whose loopback no channel takes: an address of RFC 5737 stands for his. */
function payerAddress(address: string, bornAs: 'sandbox' | 'production'): string {
  const bare = address.replace(/^::ffff:/, '');
  return bornAs === 'sandbox' && (bare === '::1' || bare.startsWith('127.')) ? '203.0.113.7' : bare;
}

/** The payer says that he has paid: the channel is asked at once, and what it answers counts. */
export async function sayPaid(parts: CashierParts, cashier: Cashier, number: number): Promise<void> {
  const found = await openOne(parts, cashier, number);
  if (!found) return;
  const told = await askPaymentNow(parts.payments, parts.orders, found.order, found.attempt.id);
  if (!told.ok) return;
  parts.worker.nudge();
  const { heardAt } = found.attempt;
  await until(parts, told.value, found.attempt, (now) => now.heardAt !== heardAt);
}

/** The payer says that he has not paid: that attempt is closed at its channel. A page that is out of date closes nothing else. */
export async function sayNotPaid(parts: CashierParts, cashier: Cashier, number: number): Promise<void> {
  const found = await openOne(parts, cashier, number);
  if (!found) return;
  const told = await giveUpPayment(parts.orders, found.order, found.attempt.id);
  if (!told.ok) return;
  parts.worker.nudge();
  await until(parts, told.value, found.attempt, ({ state }) => state !== 'closing');
}

type Found = { readonly order: Order; readonly attempt: Attempt };

/** A link of an old price, or whose time is over, acts on nothing: what is open now was begun by another one. */
async function openOne(parts: CashierParts, cashier: Cashier, number: number): Promise<Found | undefined> {
  if (cashier.replacedAt !== undefined || cashier.expiresAt <= parts.payments.clock.now()) return undefined;
  const order = await findOrder(parts.payments, cashier);
  const attempt = order?.attempts[number];
  const isOpen = attempt && !['succeeded', 'rejected', 'closed'].includes(attempt.state);
  return order && attempt && isOpen ? { order, attempt } : undefined;
}

/** Another process may hear it, and nobody tells of that. */
const pollMs = 200;

/** Waits until the attempt is as wished, or the payer has waited long enough. */
async function until(
  { payments }: CashierParts,
  order: Order,
  { id }: Attempt,
  isThere: (attempt: Attempt) => boolean,
): Promise<void> {
  const end = performance.now() + waitMs;
  const next = (): Promise<void> => heardAbout(payments.db, order.id, Math.min(pollMs, end - performance.now()));
  for (let heard = next(); performance.now() < end; heard = next()) {
    const now = await findOrder(payments, order);
    const attempt = now?.attempts.find((one) => one.id === id);
    if (!attempt || isThere(attempt)) return;
    await heard;
  }
}

/** He comes back from the wallet: the channel is asked at once, and the page does not wait for it. */
export async function askOnReturn(parts: CashierParts, cashier: Cashier): Promise<void> {
  const order = await findOrder(parts.payments, cashier);
  const attempt = liveAttempt(order);
  if (!order || !attempt) return;
  const told = await askPaymentNow(parts.payments, parts.orders, order, attempt.id);
  if (told.ok) parts.worker.nudge();
}
