import { createHash } from 'node:crypto';
import { assert, bucketOf, done, minutes, plus, refuse, rfc3339 } from '../kernel/index.ts';
import type { Instant, Money, Refusal, Result, Secret } from '../kernel/index.ts';
import type { HandOut, PayRules, ProductRule, Scene } from '../channels/contract/index.ts';
import { openAccountOften } from '../accounts/index.ts';
import type { OpenAccount } from '../accounts/index.ts';
import { allowed } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import { shared, versionConflict } from '../platform/commands.ts';
import { drawSerials } from '../platform/serials.ts';
import type { Attempt } from './attempt.ts';
import type { NewAttempt, OrderAnswer, OrderInput } from './inputs.ts';
import type { OrderDoor } from './order-door.ts';
import { findOrderIds, loadOrders } from './order-store.ts';
import type { Order } from './order.ts';
import type { PaymentParts } from './parts.ts';
import { instructionOf, payerFields } from './pay-jobs.ts';
import { sealedPlaceOf } from './sealed.ts';

export type PaymentWish = {
  readonly merchantId: string;
  readonly orderNo: string;
  readonly waybillNo?: string;
  readonly amount: Money;
  readonly subject: string;
  readonly accountId: string;
  readonly product: string;
  /** Absent: half an hour from now. */
  readonly expiresAt?: Instant;
  readonly returnUrl?: string;
  readonly returnUntil?: Instant;
  /** Where the sale takes place: a product for counters takes no money of an online sale, and the other way round. */
  readonly scene?: Scene;
  readonly payerCode?: Secret;
  readonly payerId?: Secret;
  readonly payerAddress?: Secret;
  readonly keepOthers?: boolean;
  /** The money is to be shared (分账): the channel holds it back until that is done. */
  readonly shares?: boolean;
};

export type StartedPayment = { readonly order: Order; readonly attempt: Attempt };

const defaultExpiryMs = minutes(30);
/** What a shop's clock and ours may differ by, and a request may take. */
const expirySlackMs = minutes(1);

/** Begins to collect, or begins again: one order, one live payment, an attempt under its own serial number. */
export async function startPayment(
  parts: PaymentParts,
  door: OrderDoor,
  actor: Actor,
  wish: PaymentWish,
): Promise<Result<StartedPayment>> {
  const permitted = allowed(actor, 'payments.create', wish.merchantId);
  if (!permitted.ok) return permitted;
  const opened = await openAccountOften(parts, wish.accountId);
  if (!opened.ok || opened.value.merchantId !== wish.merchantId)
    return refuse('account.not_found', { account: wish.accountId });
  const expiresAt = wish.expiresAt ?? plus(parts.clock.now(), defaultExpiryMs);
  const refusal = refuseWish(opened.value, wish, expiresAt, parts.clock.now());
  if (refusal) return { ok: false, refusal };
  const told = await tellOpen(parts, door, await inputOf(parts, opened.value, wish, expiresAt), wish);
  if (!told.ok) return told;
  const { order, part } = told.value;
  const attempt = order.attempts.find(({ id }) => id === part);
  assert(attempt, 'a payment began without an attempt');
  return done({ order, attempt });
}

function refuseWish(opened: OpenAccount, wish: PaymentWish, expiresAt: Instant, now: Instant): Refusal | undefined {
  const { pay } = opened.connector.manifest;
  const { product, amount, accountId: account } = wish;
  if (!pay) return { code: 'payment.channel_without_pay', params: { account } };
  const rule = Object.hasOwn(pay.products, product) ? pay.products[product] : undefined;
  if (!rule)
    return {
      ...{ code: 'payment.product_unknown', pointer: '/product' },
      params: { account, product, known: Object.keys(pay.products).join(', ') },
    };
  const lacking = rule.needs.find((need) => payerOf(wish, [need]) === undefined);
  if (lacking) return { code: 'payment.needs', params: { product, field: lacking }, pointer: `/${lacking}` };
  if (wish.scene !== undefined && wish.scene !== rule.scene)
    return { code: 'payment.scene_differs', params: { product, scene: rule.scene }, pointer: '/scene' };
  if (wish.shares === true && rule.carries?.includes('split') !== true && !opened.connector.manifest.share)
    return { code: 'payment.not_shareable', params: { product }, pointer: '/shares' };
  return refuseAmount(pay, amount) ?? refuseExpiry(pay, expiresAt, now);
}

/** What the product asks of the payer: his code, his id or his address. No product asks for two. */
function payerOf(wish: PaymentWish, [need]: ProductRule['needs']): Secret | undefined {
  return need && wish[payerFields[need]];
}

function refuseAmount({ amount: limits, currencies }: PayRules, { minor, currency }: Money): Refusal | undefined {
  if (!currencies.includes(currency))
    return {
      ...{ code: 'payment.currency_unknown', pointer: '/currency' },
      params: { currency, known: currencies.join(', ') },
    };
  if (minor >= limits.minMinor && minor <= limits.maxMinor) return undefined;
  const params = { minor: String(minor), min: String(limits.minMinor), max: String(limits.maxMinor) };
  return { code: 'payment.amount_outside', params, pointer: '/amount' };
}

function refuseExpiry({ expiry }: PayRules, expiresAt: Instant, now: Instant): Refusal | undefined {
  const inMs = expiresAt - now;
  if (inMs >= expiry.minMs && inMs <= expiry.maxMs + expirySlackMs) return undefined;
  const params = {
    ...{ expires_at: rfc3339(expiresAt), min: Math.ceil(expiry.minMs / 60_000) },
    max: Math.floor(expiry.maxMs / 60_000),
  };
  return { code: 'payment.expiry_outside', params, pointer: '/expires_at' };
}

async function inputOf(
  parts: PaymentParts,
  { channel, connector, account }: OpenAccount,
  wish: PaymentWish,
  expiresAt: Instant,
): Promise<OrderInput> {
  const { merchantId, orderNo, waybillNo, amount, subject, returnUrl, returnUntil, product } = wish;
  const bucket = bucketOf(merchantId, orderNo);
  const serialNo = await drawOne(parts.db, { bucket, at: parts.clock.now() });
  const { pay } = connector.manifest;
  assert(new RegExp(pay?.serialNo.pattern ?? '$^').test(serialNo), `${channel} does not take our serial numbers`);
  const attemptId = parts.ids.next();
  const payer = payerOf(wish, pay?.products[product]?.needs ?? []);
  const attempt: NewAttempt = {
    ...{ id: attemptId, serialNo, accountId: account.id, channel, product, amount, subject, deadlineAt: expiresAt },
    scene: pay?.products[product]?.scene ?? 'online',
    ...(wish.shares === true ? { isHeldForSharing: true } : {}),
    notifyUrl: `${parts.publicUrl}/notify/${channel}/${account.id}`,
    ...(returnUrl === undefined ? {} : { returnUrl }),
    ...(payer === undefined
      ? {}
      : { payerSealed: parts.keyring.sealText('personal', payer, sealedPlaceOf(attemptId)) }),
  };
  return {
    ...{ key: { bucket, id: orderIdOf(merchantId, orderNo) }, kind: 'open' },
    order: {
      ...{ merchantId, orderNo, subject, due: amount },
      ...(waybillNo === undefined ? {} : { waybillNo }),
      ...(returnUntil === undefined ? {} : { returnUntil }),
    },
    ...{ paymentId: parts.ids.next(), expiresAt, attempt, keepOthers: wish.keepOthers ?? false },
  };
}

const drawOne = shared(
  (db: PaymentParts['db'], wanted: readonly { readonly bucket: number; readonly at: Instant }[]) => {
    const at = wanted.reduce((latest, one) => Math.max(latest, one.at), -Infinity) as Instant;
    return drawSerials(
      db,
      at,
      wanted.map(({ bucket }) => bucket),
    );
  },
);

/** An order that came by a payment adopted for customs may stand under another id than its number's: it is looked for when that is found out. */
async function tellOpen(
  parts: PaymentParts,
  door: OrderDoor,
  input: OrderInput,
  { merchantId, orderNo }: PaymentWish,
): Promise<Result<OrderAnswer>> {
  const told = await door.tell(input);
  if (told.ok || told.refusal.code !== versionConflict.code) return told;
  const { bucket } = input.key;
  const known = await findOrderIds(parts.db, [{ bucket, merchantId, orderNo }]);
  const id = known.get(`${merchantId}|${orderNo}`) ?? input.key.id;
  return id === input.key.id ? told : door.tell({ ...input, key: { bucket, id } });
}

/** The same number is the same order, also for two requests of the same moment (UUID version 8, RFC 9562 §5.8). */
function orderIdOf(merchantId: string, orderNo: string): string {
  const hex = createHash('sha256')
    .update(JSON.stringify(['order', merchantId, orderNo]))
    .digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** What the payer's browser or app is given: rebuilt from the frozen terms each time, or as the channel gave it. */
export async function handOutOf(parts: PaymentParts, attempt: Attempt): Promise<HandOut | undefined> {
  if (!['cashier_open', 'trade_open'].includes(attempt.state) || attempt.deadlineAt <= parts.clock.now())
    return undefined;
  if (attempt.handOut) return attempt.handOut;
  const opened = await openAccountOften(parts, attempt.accountId);
  const pay = opened.ok ? opened.value.connector.pay : undefined;
  if (!opened.ok || !pay) return undefined;
  const { account, secrets, connector } = opened.value;
  if (!pay.show || connector.manifest.pay?.products[attempt.product]?.begins !== 'show') return undefined;
  const instruction = instructionOf(parts, opened.value, attempt);
  const moment = { at: parts.clock.now(), nonce: parts.ids.next() };
  const draft = pay.show.build(instruction, account, moment, secrets);
  if (!draft.ok) return undefined;
  const { toSign, signWith, finish } = draft.value;
  return pay.show.handOut(finish(await connector.sign(toSign, account, secrets, signWith)), instruction);
}

export type OrderOf = { readonly merchantId: string; readonly orderNo: string };

export async function findOrder(
  parts: Pick<PaymentParts, 'db'>,
  { merchantId, orderNo }: OrderOf,
): Promise<Order | undefined> {
  const bucket = bucketOf(merchantId, orderNo);
  const ids = await findOrderIds(parts.db, [{ bucket, merchantId, orderNo }]);
  const id = ids.get(`${merchantId}|${orderNo}`);
  const [order] = id === undefined ? [] : await loadOrders(parts.db, [{ bucket, id }]);
  return order;
}

/** The shop does not want the money any more. What is paid meanwhile wins, and is given back unless the shop keeps it. */
export async function cancelPayment(
  door: OrderDoor,
  actor: Actor,
  order: Order,
  paymentId: string,
  reason = '',
): Promise<Result<Order>> {
  return tellOfPayment(door, actor, order, { kind: 'cancel', paymentId }, { act: 'payment.cancelled', reason });
}

/** The shop takes its cancelling back: what was paid meanwhile stays. Refused where nobody cancelled, or nothing is left to be kept. */
export async function keepPayment(
  door: OrderDoor,
  actor: Actor,
  order: Order,
  paymentId: string,
  reason = '',
): Promise<Result<Order>> {
  return tellOfPayment(door, actor, order, { kind: 'keep', paymentId }, { act: 'payment.kept', reason });
}

type Said = { readonly act: string; readonly reason: string };

async function tellOfPayment(
  door: OrderDoor,
  actor: Actor,
  order: Order,
  wish: { readonly kind: 'cancel' | 'keep'; readonly paymentId: string },
  said: Said,
): Promise<Result<Order>> {
  const permitted = allowed(actor, 'payments.create', order.merchantId);
  if (!permitted.ok) return permitted;
  const audit = { actor, subject: wish.paymentId, ...said };
  const told = await door.tell({ key: order, ...wish, audit });
  return told.ok ? done(told.value.order) : told;
}

/** Somebody is looking: questions become dense for two minutes. */
export async function watchPayment(
  parts: PaymentParts,
  door: OrderDoor,
  order: Order,
  attemptId: string,
): Promise<Result<Order>> {
  const until = plus(parts.clock.now(), minutes(2));
  const told = await door.tell({ key: order, kind: 'watch', attemptId, until });
  return told.ok ? done(told.value.order) : told;
}
