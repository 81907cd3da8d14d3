import { Type } from 'typebox';
import type { Static } from 'typebox';
import { refuse, Secret } from '../kernel/index.ts';
import type { Currency, Refusal, Result } from '../kernel/index.ts';
import { allowed } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import { findOrder } from '../payments/index.ts';
import type { Order } from '../payments/index.ts';
import {
  addReceiver,
  findSharedBy,
  loadShared,
  makeShare,
  removeReceiver,
  returnShare,
  showReceivers,
} from '../sharing/index.ts';
import type { ShareAsk } from '../sharing/index.ts';
import type { ApiParts } from './parts.ts';
import { absent, merchantOf, noAccount, reply, route } from './route.ts';
import type { Route } from './route.ts';
import * as S from './schemas.ts';
import {
  ReceiverView,
  receiverView,
  SharedOrderView,
  sharedOrderView,
  ShareReturnView,
  shareReturnView,
  ShareView,
  shareView,
} from './views-sharing.ts';

const id = S.object({ id: Type.String({ format: 'uuid' }) });
const ofOrder = S.object({ order_no: Type.String({ minLength: 1, maxLength: 64 }) });
const number = Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9_.:/#-]+$' });
const words = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '^[^\\u0000-\\u001f]+$' });
const Minor = Type.Integer({ minimum: 1, maximum: 1_000_000_000_000, description: 'Minor units' });
const merchant = Type.Optional(Type.String({ minLength: 1, maxLength: 64 }));

const NewShare = S.object({
  ...{ merchant_id: merchant, share_no: number, currency: Type.Optional(Type.String({ pattern: '^[A-Z]{3}$' })) },
  parts: Type.Optional(
    Type.Array(
      S.object({ receiver: Type.String({ format: 'uuid' }), amount: Minor, reason: Type.Optional(words(80)) }),
      { maxItems: 100 },
    ),
  ),
  releases_rest: Type.Optional(
    Type.Boolean({ description: "What is not shared is the merchant's from now on: nothing more can be shared" }),
  ),
  reason: words(80),
});

const NewReturn = S.object({ return_no: number, amount: Type.Optional(Minor), reason: words(80) });

const NewReceiver = S.object({
  kind: Type.String({ minLength: 1, maxLength: 40, description: "One of the channel's kinds" }),
  account: Type.String({ minLength: 1, maxLength: 128 }),
  name: Type.Optional(words(128)),
  relation: Type.Optional(Type.String({ minLength: 1, maxLength: 40 })),
  reason: words(200),
});

export const sharingRoutes = (parts: ApiParts): Route[] => [...shareRoutes(parts), ...receiverRoutes(parts)];

function shareRoutes(parts: ApiParts): Route[] {
  return [
    route({
      ...{ method: 'POST', path: '/v1/orders/{order_no}/shares', tag: 'sharing', permission: 'sharing.create' },
      ...{ params: ofOrder, body: NewShare, absent: noOrder },
      summary: 'Share a paid order among receivers, or release what is held. The same number is the same request',
      answers: { 202: ShareView },
      async run({ actor, params, body }) {
        const order = await ownOrder(parts, actor, params.order_no, body.merchant_id);
        if (!order.ok) return order;
        const made = await makeShare(parts.payments, actor, askOf(order.value, body));
        if (!made.ok) return made;
        parts.worker.nudge();
        return reply(shareView(made.value.shared, made.value.share), 202);
      },
    }),
    route({
      ...{ method: 'GET', path: '/v1/orders/{order_no}/shares', tag: 'sharing', permission: 'numbers.read' },
      ...{ params: ofOrder, query: S.object({ merchant_id: merchant }), absent: noOrder },
      summary: 'What was shared of an order, what came back, and what is left',
      answers: { 200: SharedOrderView },
      async run({ actor, params, query }) {
        const order = await ownOrder(parts, actor, params.order_no, query.merchant_id);
        if (!order.ok) return order;
        const [shared] = await loadShared(parts.db, [order.value]);
        return shared ? reply(sharedOrderView(shared)) : { ok: false, refusal: noOrder({ params }) };
      },
    }),
    route({
      ...{ method: 'GET', path: '/v1/shares/{id}', tag: 'sharing', permission: 'numbers.read', params: id },
      summary: 'How far a request to share is, part by part',
      answers: { 200: ShareView },
      async run({ actor, params }) {
        const shared = await findSharedBy(parts.db, 'shares', params.id);
        const share = shared?.shares.find((one) => one.id === params.id);
        if (!shared || !share || !allowed(actor, 'numbers.read', share.merchantId).ok)
          return refuse('share.not_found', { share: params.id });
        return reply(shareView(shared, share));
      },
    }),
    route({
      ...{ method: 'POST', path: '/v1/share-parts/{id}/returns', tag: 'sharing', permission: 'sharing.create' },
      ...{ params: id, body: NewReturn },
      summary: 'Ask a part back from its receiver, where that is a call of its own. The same number is the same return',
      answers: { 202: ShareReturnView },
      async run({ actor, params, body }) {
        const asked = await returnShare(parts.payments, actor, {
          ...{ partId: params.id, shopReturnNo: body.return_no, reason: body.reason },
          ...(body.amount === undefined ? {} : { minor: BigInt(body.amount) }),
        });
        if (!asked.ok) return asked;
        parts.worker.nudge();
        return reply(shareReturnView(asked.value.back), 202);
      },
    }),
  ];
}

const noOrder = ({ params }: { readonly params: { readonly order_no: string } }): Refusal => ({
  code: 'order.not_found',
  params: { order: params.order_no },
});

async function ownOrder(
  parts: ApiParts,
  actor: Actor,
  orderNo: string,
  merchantId: string | undefined,
): Promise<Result<Order>> {
  const merchantFound = merchantOf(actor, merchantId);
  if (!merchantFound.ok) return merchantFound;
  const permitted = allowed(actor, 'numbers.read', merchantFound.value);
  if (!permitted.ok) return permitted;
  const order = await findOrder(parts, { merchantId: merchantFound.value, orderNo });
  return order ? { ok: true, value: order } : { ok: false, refusal: noOrder({ params: { order_no: orderNo } }) };
}

function askOf(order: Order, body: Static<typeof NewShare>): ShareAsk {
  const currency = (body.currency ?? order.due?.currency ?? '') as Currency;
  return {
    ...{ order, shopShareNo: body.share_no, releasesRest: body.releases_rest ?? false, reason: body.reason },
    parts: (body.parts ?? []).map(({ receiver, amount, reason }) => ({
      ...{ receiver, amount: { minor: BigInt(amount), currency } },
      ...(reason === undefined ? {} : { reason }),
    })),
  };
}

function receiverRoutes(parts: ApiParts): Route[] {
  const account = S.object({ id: Type.String({ minLength: 1, maxLength: 64 }) });
  const ofAccount = {
    params: account,
    absent: ({ params }: { readonly params: { readonly id: string } }) => noAccount(params.id),
  };
  return [
    route({
      ...{ method: 'GET', path: '/v1/accounts/{id}/receivers', tag: 'sharing', permission: 'accounts.read' },
      ...ofAccount,
      summary: 'Who may be given parts of payments of this account; accounts and names are masked',
      answers: { 200: Type.Object({ receivers: Type.Array(ReceiverView) }) },
      async run({ actor, params }) {
        const shown = await showReceivers(parts.payments, actor, params.id);
        return shown.ok ? reply({ receivers: shown.value.map(receiverView) }) : shown;
      },
    }),
    route({
      ...{ method: 'POST', path: '/v1/accounts/{id}/receivers', tag: 'sharing', permission: 'sharing.receivers' },
      ...{ ...ofAccount, body: NewReceiver },
      summary: 'Propose somebody who may be given parts of payments; a second person decides, then the channel is told',
      answers: { 202: ReceiverView },
      async run({ actor, params, body }) {
        const { kind, relation, reason } = body;
        const wish = {
          ...{ kind, account: new Secret(body.account) },
          ...(body.name === undefined ? {} : { name: new Secret(body.name) }),
          ...(relation === undefined ? {} : { relation }),
        };
        const asked = await addReceiver(parts.payments, actor, params.id, wish, reason);
        if (!asked.ok) return asked;
        const { receiver, digest } = asked.value;
        return reply({ ...receiverView(receiver), ...(digest === undefined ? {} : { digest }) }, 202);
      },
    }),
    route({
      ...{ method: 'POST', path: '/v1/receivers/{id}/remove', tag: 'sharing', permission: 'sharing.receivers' },
      ...{ params: id, body: S.object({ reason: words(200) }), absent: absent('receiver.not_found', 'receiver') },
      summary: 'Nobody is given anything more by this name: the channel is told',
      answers: { 200: ReceiverView },
      async run({ actor, params, body }) {
        const removed = await removeReceiver(parts.payments, actor, params.id, body.reason);
        if (!removed.ok) return removed;
        parts.worker.nudge();
        return reply(receiverView(removed.value));
      },
    }),
  ];
}
