import { Type } from 'typebox';
import type { Static } from 'typebox';
import { refuse } from '../kernel/index.ts';
import type { Currency, Money, Result } from '../kernel/index.ts';
import { allowed } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import {
  adoptLateMoney,
  controlRefund,
  findOrderById,
  proposeRefundVerdict,
  proposeSurplus,
  refundVerdicts,
} from '../payments/index.ts';
import type { Order } from '../payments/index.ts';
import { askSharedRefund, previewSharedRefund } from '../sharing/index.ts';
import type { ApiParts } from './parts.ts';
import { reply, route } from './route.ts';
import type { Route } from './route.ts';
import { ownOrder } from './routes-payments.ts';
import * as S from './schemas.ts';
import { OrderView, orderView, RefundView, refundView } from './views-payments.ts';

const id = S.object({ id: Type.String({ format: 'uuid' }) });
const Minor = Type.Integer({ minimum: 1, maximum: 1_000_000_000_000, description: 'Minor units' });
const reason = S.object({ reason: Type.String({ minLength: 1, maxLength: 200 }) });
const reasonOrNone = S.object({ reason: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })) });

const PartBack = S.object({ part: Type.String({ format: 'uuid' }), amount: Minor });

const NewRefund = S.object({
  refund_no: Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9_.:/#-]+$' }),
  amount: Type.Optional(Minor),
  currency: Type.Optional(Type.String({ pattern: '^[A-Z]{3}$' })),
  reason: Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\u0000-\\u001f]+$' }),
  parts_back: Type.Optional(
    Type.Array(PartBack, {
      ...{ maxItems: 100 },
      description: 'Which parts of a shared payment come back with it, where they do; absent: in proportion',
    }),
  ),
});

const Preview = Type.Object({
  ...{ amount_minor: Type.Integer(), currency: Type.String(), refundable_minor: Type.Integer() },
  ...{ fee_back_minor: Type.Integer(), fee_rule: Type.String(), needs_two: Type.Boolean() },
});

export function refundRoutes(parts: ApiParts): Route[] {
  return [
    route({
      ...{ method: 'GET', path: '/v1/payments/{id}/refund-preview', tag: 'refunds', permission: 'numbers.read' },
      ...{ params: id, query: S.object({ amount: Type.Optional(Minor) }) },
      summary: 'What a refund would bring, before it is asked for: back of the fee, and whether it takes two people',
      answers: { 200: Preview },
      async run({ actor, params, query }) {
        const order = await ownOrder(parts, actor, params.id);
        if (!order.ok) return order;
        const ask = { order: order.value, paymentId: params.id, shopRefundNo: '', reason: '' };
        const amount = amountOf(order.value, query.amount);
        const preview = await previewSharedRefund(parts.payments, { ...ask, ...(amount ? { amount } : {}) });
        if (!preview.ok) return preview;
        const { feeBackMinor, feeRule, needsTwo } = preview.value;
        const { minor: amountMinor, currency } = preview.value.amount;
        const refundableMinor = preview.value.refundable.minor;
        return reply({ amountMinor, currency, refundableMinor, feeBackMinor, feeRule, needsTwo });
      },
    }),
    route({
      ...{
        method: 'POST',
        path: '/v1/payments/{id}/refunds',
        tag: 'refunds',
        permission: 'refunds.create',
        params: id,
      },
      body: NewRefund,
      summary: 'Give money back, all that is left of it or a part. The same number is the same refund',
      answers: { 202: RefundView },
      async run({ actor, params, body }) {
        const order = await ownOrder(parts, actor, params.id);
        if (!order.ok) return order;
        const amount = amountOf(order.value, body.amount, body.currency);
        const asked = await askSharedRefund(parts.payments, parts.orders, actor, {
          ...{ order: order.value, paymentId: params.id, shopRefundNo: body.refund_no, reason: body.reason },
          ...(amount ? { amount } : {}),
          ...(body.parts_back === undefined ? {} : { partsBack: body.parts_back.map(backOf) }),
        });
        if (!asked.ok) return asked;
        parts.worker.nudge();
        return reply(refundView(asked.value.refund), 202);
      },
    }),
    route({
      ...{ method: 'GET', path: '/v1/refunds/{id}', tag: 'refunds', permission: 'numbers.read', params: id },
      summary: 'How far a refund is',
      answers: { 200: RefundView },
      async run({ actor, params }) {
        const order = await orderOf(parts, actor, 'refunds', params.id);
        const refund = order?.refunds.find((one) => one.id === params.id);
        return refund ? reply(refundView(refund)) : refuse('refund.not_found', { refund: params.id });
      },
    }),
    ...(['withdraw', 'topped_up'] as const).map((act) => controlRoute(parts, act)),
    verdictRoute(parts),
    ...surplusRoutes(parts),
  ];
}

const backOf = ({ part, amount }: Static<typeof PartBack>) => ({ part, minor: BigInt(amount) });

function amountOf(order: Order, minor: number | undefined, currency?: string): Money | undefined {
  if (minor === undefined) return undefined;
  return { minor: BigInt(minor), currency: (currency ?? order.due?.currency ?? '') as Currency };
}

async function orderOf(
  parts: ApiParts,
  actor: Actor,
  table: 'refunds' | 'surplus_receipts',
  partId: string,
): Promise<Order | undefined> {
  const order = await findOrderById(parts, table, partId);
  return order && allowed(actor, 'numbers.read', order.merchantId).ok ? order : undefined;
}

const controlWords = {
  withdraw: 'Take a refund back that was never sent',
  topped_up: 'The account has money again: go on under the same number',
} as const;

function controlRoute(parts: ApiParts, act: 'withdraw' | 'topped_up'): Route {
  return route({
    ...{ method: 'POST', path: `/v1/refunds/{id}/${act.replace('_', '-')}`, tag: 'refunds', params: id },
    ...{ permission: 'refunds.create', body: reasonOrNone },
    summary: controlWords[act],
    answers: { 200: RefundView },
    async run({ actor, params, body }) {
      const order = await orderOf(parts, actor, 'refunds', params.id);
      if (!order) return refuse('refund.not_found', { refund: params.id });
      const acted = await controlRefund(parts.orders, actor, order, params.id, act, body.reason);
      if (!acted.ok) return acted;
      parts.worker.nudge();
      return reply(refundView(acted.value));
    },
  });
}

const Verdict = S.object({
  verdict: Type.Union(
    refundVerdicts.map((verdict) => Type.Literal(verdict)),
    { description: 'What is true of it: the money went back, or it certainly did not and never will' },
  ),
  evidence: Type.String({
    ...{ minLength: 1, maxLength: 500 },
    description: 'From where it is known: a line of the statement, the letter of the channel',
  }),
});

function verdictRoute(parts: ApiParts): Route {
  return route({
    ...{ method: 'POST', path: '/v1/refunds/{id}/verdict', tag: 'refunds', params: id, body: Verdict },
    permission: 'refunds.verdict',
    summary: 'Propose what is true of a refund that the channel leaves open; a second person decides',
    answers: { 202: Type.Object({ approval_id: Type.String(), digest: Type.String() }) },
    async run({ actor, params, body }) {
      const order = await orderOf(parts, actor, 'refunds', params.id);
      if (!order) return refuse('refund.not_found', { refund: params.id });
      const asked = await proposeRefundVerdict(parts.payments, actor, order, params.id, body.verdict, body.evidence);
      return asked.ok ? reply(asked.value, 202) : asked;
    },
  });
}

function surplusRoutes(parts: ApiParts): Route[] {
  const found = async (actor: Actor, surplusId: string): Promise<Result<Order>> => {
    const order = await orderOf(parts, actor, 'surplus_receipts', surplusId);
    return order ? { ok: true, value: order } : refuse('surplus.not_found', { surplus: surplusId });
  };
  const verdicts = [
    ['refund', 'person_refund', 'Propose to send a surplus receipt back to its source; a second person decides'],
    ['keep', 'person_keep', 'Propose to keep a surplus receipt; a second person decides'],
    ['credit', 'person_credit', "Propose to credit it to the buyer's next order; a second person decides"],
  ] as const;
  return [
    ...verdicts.map(([word, verdict, summary]) =>
      route({
        ...{ method: 'POST', path: `/v1/surplus-receipts/{id}/${word}`, tag: 'refunds', params: id, body: reason },
        ...{ permission: 'surplus.resolve', summary },
        answers: { 202: Type.Object({ approval_id: Type.String(), digest: Type.String() }) },
        async run({ actor, params, body }) {
          const order = await found(actor, params.id);
          if (!order.ok) return order;
          const asked = await proposeSurplus(parts.payments, actor, order.value, params.id, verdict, body.reason);
          return asked.ok ? reply(asked.value, 202) : asked;
        },
      }),
    ),
    route({
      ...{ method: 'POST', path: '/v1/surplus-receipts/{id}/adopt', tag: 'refunds', params: id, body: reasonOrNone },
      ...{ permission: 'payments.create', summary: 'The shop still delivers: late money becomes the payment' },
      answers: { 200: OrderView },
      async run({ actor, params, body }) {
        const order = await found(actor, params.id);
        if (!order.ok) return order;
        const adopted = await adoptLateMoney(parts.orders, actor, order.value, params.id, body.reason);
        return adopted.ok ? reply(orderView(adopted.value, undefined, undefined)) : adopted;
      },
    }),
  ];
}
