import { Type } from 'typebox';
import type { Static } from 'typebox';
import { refuse, Secret } from '../kernel/index.ts';
import type { Currency, Instant, Result } from '../kernel/index.ts';
import { allowed } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import {
  cancelPayment,
  findOrder,
  findOrderById,
  handOutOf,
  heardAbout,
  keepPayment,
  orderStateOf,
  startPayment,
  watchPayment,
} from '../payments/index.ts';
import type { Attempt, Order, PaymentWish } from '../payments/index.ts';
import type { ApiParts } from './parts.ts';
import { merchantOf, reply, route } from './route.ts';
import type { Reply, Route } from './route.ts';
import * as S from './schemas.ts';
import { OrderView, orderView } from './views-payments.ts';

const id = S.object({ id: Type.String({ format: 'uuid' }) });
const text = (maxLength: number) => Type.Optional(Type.String({ minLength: 1, maxLength }));
const moment = Type.Optional(Type.String({ format: 'date-time' }));
const wait = Type.Optional(
  Type.String({ pattern: '^([1-9]|[12]\\d|30)s$', description: 'Answer when the result is there, or after this time' }),
);

const NewPayment = S.object({
  merchant_id: text(64),
  order_no: Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9_.:/#-]+$' }),
  amount: Type.Integer({ minimum: 1, maximum: 1_000_000_000_000, description: 'Minor units' }),
  currency: Type.String({ pattern: '^[A-Z]{3}$' }),
  subject: Type.String({ minLength: 1, maxLength: 256, pattern: '^[^\\u0000-\\u001f]+$' }),
  account_id: Type.String({ minLength: 1, maxLength: 64 }),
  product: Type.String({ minLength: 1, maxLength: 40, description: 'page, wap, app, native, jsapi, h5 …' }),
  scene: Type.Optional(
    Type.Union([Type.Literal('online'), Type.Literal('counter')], { description: 'Where the sale takes place' }),
  ),
  expires_at: moment,
  return_url: Type.Optional(Type.String({ maxLength: 256, pattern: '^https?://[^\\s]+$' })),
  return_until: moment,
  waybill_no: text(64),
  payer_code: text(64),
  payer_id: text(128),
  payer_address: text(45),
  keep_others: Type.Optional(Type.Boolean({ description: 'Leave earlier attempts open' })),
  shares: Type.Optional(
    Type.Boolean({ description: 'It is to be shared: the channel holds the money back until then' }),
  ),
});

export function paymentRoutes(parts: ApiParts): Route[] {
  return [
    route({
      ...{ method: 'POST', path: '/v1/payments', tag: 'payments', permission: 'payments.create', body: NewPayment },
      summary:
        'Collect one order: its payment, and an attempt under its own serial number. The same wish again finds it',
      query: S.object({ wait }),
      answers: { 201: OrderView, 202: OrderView },
      run: ({ actor, body, query }) => start(parts, actor, body, query.wait),
    }),
    route({
      ...{ method: 'GET', path: '/v1/orders/{order_no}', tag: 'payments', permission: 'numbers.read' },
      params: S.object({ order_no: Type.String({ minLength: 1, maxLength: 64 }) }),
      query: S.object({ merchant_id: text(64), wait }),
      summary:
        'An order with its payments, attempts, surplus receipts and refunds. With wait the channel is asked densely',
      answers: { 200: OrderView },
      async run({ actor, params, query }) {
        const merchantId = merchantOf(actor, query.merchant_id);
        if (!merchantId.ok) return merchantId;
        const permitted = allowed(actor, 'numbers.read', merchantId.value);
        if (!permitted.ok) return permitted;
        const found = await findOrder(parts, { merchantId: merchantId.value, orderNo: params.order_no });
        return found ? show(parts, found, query.wait) : refuse('order.not_found', { order: params.order_no });
      },
    }),
    route({
      ...{ method: 'GET', path: '/v1/payments/{id}', tag: 'payments', permission: 'numbers.read', params: id },
      query: S.object({ wait }),
      summary: 'The same by the id of a payment',
      answers: { 200: OrderView },
      async run({ actor, params, query }) {
        const found = await ownOrder(parts, actor, params.id);
        return found.ok ? show(parts, found.value, query.wait) : found;
      },
    }),
    ...(['cancel', 'keep'] as const).map((act) => shopsWord(parts, act)),
  ];
}

const shopsWords = {
  cancel: {
    summary: 'The order is not wanted any more: close it at the channel. Money that comes all the same is given back',
    carryOut: cancelPayment,
  },
  keep: {
    summary: 'The order is wanted after all: what was paid while it was being cancelled stays',
    carryOut: keepPayment,
  },
} as const;

function shopsWord(parts: ApiParts, act: 'cancel' | 'keep'): Route {
  const { summary, carryOut } = shopsWords[act];
  return route({
    ...{ method: 'POST', path: `/v1/payments/{id}/${act}`, tag: 'payments', permission: 'payments.create' },
    ...{ params: id, body: S.object({ reason: text(200) }), summary },
    answers: { 200: OrderView, 202: OrderView },
    async run({ actor, params, body }) {
      const found = await ownOrder(parts, actor, params.id);
      if (!found.ok) return found;
      const told = await carryOut(parts.orders, actor, found.value, params.id, body.reason);
      if (!told.ok) return told;
      parts.worker.nudge();
      const isOver = told.value.payments.every(({ state }) => state !== 'closing');
      return reply(orderView(told.value, undefined, undefined), isOver ? 200 : 202);
    },
  });
}

export async function ownOrder(parts: ApiParts, actor: Actor, paymentId: string): Promise<Result<Order>> {
  const order = await findOrderById(parts, 'payments', paymentId);
  if (!order || !allowed(actor, 'numbers.read', order.merchantId).ok)
    return refuse('payment.not_found', { payment: paymentId });
  return { ok: true, value: order };
}

async function start(
  parts: ApiParts,
  actor: Actor,
  body: Static<typeof NewPayment>,
  waitFor: string | undefined,
): Promise<Result<Reply>> {
  const merchantId = merchantOf(actor, body.merchant_id);
  if (!merchantId.ok) return merchantId;
  const started = await startPayment(parts.payments, parts.orders, actor, wishOf(merchantId.value, body));
  if (!started.ok) return started;
  // A page that is only shown leaves nothing to be done now; a call to the channel, or the closing of what it replaces, does.
  if (started.value.order.attempts.some(({ state }) => state === 'submitting' || state === 'closing'))
    parts.worker.nudge();
  const { order, attempt } = await settled(parts, started.value.order, started.value.attempt, waitFor);
  const handOut = await handOutOf(parts.payments, attempt);
  const isReady = handOut !== undefined || attempt.state !== 'submitting';
  return reply(orderView(order, attempt, handOut), isReady ? 201 : 202);
}

const instantOf = (rfc: string): Instant => Date.parse(rfc) as Instant;

function wishOf(merchantId: string, body: Static<typeof NewPayment>): PaymentWish {
  return {
    ...{ merchantId, orderNo: body.order_no, subject: body.subject, accountId: body.account_id, product: body.product },
    amount: { minor: BigInt(body.amount), currency: body.currency as Currency },
    ...(body.scene === undefined ? {} : { scene: body.scene }),
    ...(body.expires_at === undefined ? {} : { expiresAt: instantOf(body.expires_at) }),
    ...(body.return_until === undefined ? {} : { returnUntil: instantOf(body.return_until) }),
    ...(body.return_url === undefined ? {} : { returnUrl: body.return_url }),
    ...(body.waybill_no === undefined ? {} : { waybillNo: body.waybill_no }),
    ...(body.payer_code === undefined ? {} : { payerCode: new Secret(body.payer_code) }),
    ...(body.payer_id === undefined ? {} : { payerId: new Secret(body.payer_id) }),
    ...(body.payer_address === undefined ? {} : { payerAddress: new Secret(body.payer_address) }),
    ...(body.keep_others === undefined ? {} : { keepOthers: body.keep_others }),
    ...(body.shares === undefined ? {} : { shares: body.shares }),
  };
}

async function show(parts: ApiParts, order: Order, waitFor: string | undefined): Promise<Result<Reply>> {
  const open = order.attempts.findLast(({ state }) => !['succeeded', 'rejected', 'closed'].includes(state));
  if (!open) return reply(orderView(order, undefined, undefined));
  // Whoever waits for the state makes the questions dense, the next one at once.
  const watched = waitFor === undefined ? undefined : await watchPayment(parts.payments, parts.orders, order, open.id);
  if (watched?.ok) parts.worker.nudge();
  const seen = await settled(parts, order, open, waitFor);
  return reply(orderView(seen.order, seen.attempt, await handOutOf(parts.payments, seen.attempt)));
}

/** Of what another process hears. */
const pollMs = 200;

/** Waits until the call has an end: the code is there, the money is, or it certainly is not. */
async function settled(parts: ApiParts, order: Order, attempt: Attempt, waitFor: string | undefined) {
  let seen = { order, attempt };
  const until = performance.now() + Number(waitFor?.slice(0, -1) ?? 0) * 1000;
  const isOver = (): boolean =>
    orderStateOf(seen.order) === 'paid' || ['succeeded', 'rejected', 'closed'].includes(seen.attempt.state);
  const next = (): Promise<void> => heardAbout(parts.db, order.id, Math.min(pollMs, until - performance.now()));
  let heard = isOver() ? undefined : next();
  while (!isOver() && performance.now() < until) {
    await heard;
    heard = next(); // before reading: what is heard meanwhile is not missed
    const again = await findOrder(parts, order);
    const now = again?.attempts.find(({ id: attemptId }) => attemptId === attempt.id);
    if (!again || !now) break;
    const left = attempt.state === 'submitting' && now.state !== 'submitting' && now.state !== 'in_doubt';
    seen = { order: again, attempt: now };
    if (left) break;
  }
  return seen;
}
