import { Type } from 'typebox';
import type { Refusal, Result } from '../kernel/index.ts';
import { hours } from '../kernel/index.ts';
import type { Actor } from '../identity/index.ts';
import {
  decideEndpoint,
  eventTypes,
  listEndpoints,
  proposeEndpoint,
  readLog,
  redeliver,
  rotateSecret,
  switchOff,
  testEndpoint,
} from '../notifications/index.ts';
import { pageById } from './paging.ts';
import type { ApiParts } from './parts.ts';
import { merchantOf, reachOf, reply, route } from './route.ts';
import type { Reply, Route } from './route.ts';
import * as S from './schemas.ts';

const id = S.object({ id: Type.String({ maxLength: 64 }) });
const text = (maxLength: number) => Type.Optional(Type.String({ maxLength }));
const reason = S.object({ reason: text(1000) });
const Moment = Type.String({ format: 'date-time', description: 'RFC 3339 with offset' });
const Types = Type.Union([Type.Array(Type.String()), Type.Null()], { description: 'null: every type' });
const Secret = Type.Union([Type.String(), Type.Null()], {
  description: 'whsec_…, shown once; null when the answer is repeated',
});

const Endpoint = Type.Object({
  ...{ id: Type.String(), merchant_id: Type.String(), url: Type.String(), types: Types, state: Type.String() },
  ...{ approval_id: Type.String(), asked_by: Type.String(), asked_at: Moment, live_at: Type.Optional(Moment) },
  ...{ off_at: Type.Optional(Moment), off_why: Type.String() },
});
const EndpointView = Type.Intersect([
  Endpoint,
  Type.Object({
    ...{ waiting: Type.Integer(), dead: Type.Integer(), closed_until: Type.Optional(Moment) },
    last_delivered_at: Type.Optional(Moment),
  }),
]);
const Try = Type.Object({
  ...{ try: Type.Integer(), started_at: Moment, heard_at: Type.Optional(Moment), kind: Type.Optional(Type.String()) },
  ...{ http_status: Type.Optional(Type.Integer()), words: Type.String(), ms: Type.Optional(Type.Integer()) },
});
const Delivery = Type.Object({
  ...{ message_id: Type.String(), merchant_id: Type.String(), type: Type.String(), subject: Type.String(), at: Moment },
  ...{ endpoint_id: Type.String(), state: Type.String(), failures: Type.Integer() },
  ...{ next_at: Type.Optional(Moment), tries: Type.Array(Try) },
});
const NewEndpoint = S.object({
  merchant_id: text(64),
  url: Type.String({ maxLength: 500 }),
  types: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { minItems: 1, maxItems: 50 })),
  reason: text(1000),
});

/** Both are taken where messages are sent again, whatever the path says. */
const nobodys = (id: string): Refusal =>
  id.startsWith('msg_')
    ? { code: 'webhook.message_not_found', params: { message: id } }
    : { code: 'webhook.not_found', params: { endpoint: id } };

export function webhookRoutes(parts: ApiParts): Route[] {
  const { webhooks, db } = parts;
  return [
    route({
      ...{ method: 'GET', path: '/v1/webhooks', tag: 'webhooks', permission: 'webhooks.read' },
      summary: "Addresses of the merchant's systems, with what waits and what is dead; secrets are never shown",
      query: S.object(S.paging),
      answers: { 200: S.pageOf(EndpointView) },
      async run({ actor, query }) {
        const reach = reachOf(actor, 'webhooks.read');
        if (!reach.ok) return reach;
        const page = pageById(await listEndpoints(db, reach.value), query);
        return page.ok ? reply(page.value) : page;
      },
    }),
    route({
      ...{ method: 'POST', path: '/v1/webhooks', tag: 'webhooks', permission: 'webhooks.change', body: NewEndpoint },
      summary:
        'Propose an address. Nothing is sent there before a second person approves it: /v1/approvals/{id}/approve',
      answers: {
        201: Type.Object({
          ...{ id: Type.String(), url: Type.String(), types: Types, secret: Secret },
          ...{ approval_id: Type.String(), digest: Type.String(), lapses_at: Moment },
        }),
      },
      shownOnce: ['secret'],
      async run({ actor, body }) {
        const merchantId = merchantOf(actor, body.merchant_id);
        if (!merchantId.ok) return merchantId;
        const wish = { merchantId: merchantId.value, url: body.url, types: body.types };
        const proposed = await proposeEndpoint(webhooks, actor, wish, body.reason ?? '');
        return proposed.ok ? reply(proposed.value, 201) : proposed;
      },
    }),
    route({
      ...{ method: 'GET', path: '/v1/webhooks/log', tag: 'webhooks', permission: 'webhooks.read' },
      summary: 'Messages and every try of them, newest first, with what the receiver answered',
      query: S.object({
        about: Type.Optional(Type.String({ maxLength: 64, description: 'W-1 or msg_…' })),
        state: Type.Optional(Type.Union(['waiting', 'delivered', 'dead'].map((state) => Type.Literal(state)))),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50 })),
      }),
      answers: { 200: S.object({ items: Type.Array(Delivery) }) },
      async run({ actor, query: { about, state, limit } }) {
        const reach = reachOf(actor, 'webhooks.read');
        if (!reach.ok) return reach;
        const only = { ...(about === undefined ? {} : { about }), ...(state === undefined ? {} : { state }) };
        return reply({ items: await readLog(db, { merchants: reach.value, limit: limit ?? 50, ...only }) });
      },
    }),
    ...actRoutes(parts),
  ];
}

function actRoutes({ webhooks, transport, worker }: ApiParts): Route[] {
  const Redelivered = Type.Object({ deliveries: Type.Integer() });
  const again = async (actor: Actor, what: string, why: string): Promise<Result<Reply>> => {
    const sent = await redeliver(webhooks, actor, what, why);
    worker.nudge();
    return sent.ok ? reply(sent.value, 202) : sent;
  };
  const post = (path: string, permission: 'webhooks.change' | 'webhooks.send') => ({
    ...({ method: 'POST', path: `/v1/webhooks/${path}`, tag: 'webhooks', permission, params: id } as const),
    absent: ({ params }: { readonly params: { readonly id: string } }) => nobodys(params.id),
  });
  return [
    route({
      ...post('messages/{id}/redeliver', 'webhooks.send'),
      summary: 'Send one message again, under its id, to every live endpoint that wants it',
      ...{ body: reason, answers: { 202: Redelivered } },
      run: ({ actor, params, body }) => again(actor, params.id, body.reason ?? ''),
    }),
    route({
      ...post('{id}/redeliver', 'webhooks.send'),
      summary: 'Send all dead messages of an endpoint again, under their ids',
      ...{ body: reason, answers: { 202: Redelivered } },
      run: ({ actor, params, body }) => again(actor, params.id, body.reason ?? ''),
    }),
    route({
      ...post('{id}/rotate', 'webhooks.change'),
      summary: 'Replace the secret. Until the overlap ends, each message is signed with both',
      body: S.object({
        overlap_hours: Type.Optional(Type.Integer({ minimum: 0, maximum: 168, default: 24 })),
        reason: text(1000),
      }),
      answers: { 200: Type.Object({ id: Type.String(), secret: Secret, old_until: Moment }) },
      shownOnce: ['secret'],
      async run({ actor, params, body }) {
        const overlapMs = hours(body.overlap_hours ?? 24);
        const rotated = await rotateSecret(webhooks, actor, params.id, overlapMs, body.reason ?? '');
        return rotated.ok ? reply(rotated.value) : rotated;
      },
    }),
    route({
      ...post('{id}/test', 'webhooks.send'),
      summary: 'Send webhook.test at once and tell what the receiver answered',
      answers: {
        200: Type.Object({
          ...{ id: Type.String(), message_id: Type.String(), delivered: Type.Boolean() },
          ...{ http_status: Type.Optional(Type.Integer()), words: Type.String(), ms: Type.Optional(Type.Integer()) },
        }),
      },
      async run({ actor, params }) {
        const tested = await testEndpoint(webhooks, transport, actor, params.id);
        return tested.ok ? reply(tested.value) : tested;
      },
    }),
    route({
      ...post('{id}/off', 'webhooks.change'),
      summary: 'Switch an address off. What waits is not sent',
      ...{ body: reason, answers: { 200: Endpoint } },
      async run({ actor, params, body }) {
        const off = await switchOff(webhooks, actor, params.id, body.reason ?? '');
        return off.ok ? reply(off.value) : off;
      },
    }),
  ];
}

/** An endpoint is decided together with its approval. */
export async function decideOnEndpoint(
  { webhooks }: ApiParts,
  actor: Actor,
  approvalId: string,
  verdict: 'approve' | 'refuse',
  word: { readonly reason?: string; readonly digest?: string },
): Promise<Result<Reply>> {
  const decided = await decideEndpoint(webhooks, actor, approvalId, verdict, word.reason ?? '', word.digest);
  return decided.ok ? reply(decided.value) : decided;
}

const header = (name: string, description: string) => ({
  ...{ name, in: 'header', required: true, description },
  schema: { type: 'string' },
});

/** The `webhooks` of OpenAPI 3.1 (OAS 3.1.0 §4.8.1): what a merchant's system is told, each type with an example. */
export function webhookDocuments(): Record<string, object> {
  const headers = [
    header('webhook-id', 'The same for every try: who has seen it has nothing more to do'),
    header('webhook-timestamp', 'Seconds since 1970 of this try; refuse what is more than five minutes off'),
    header('webhook-signature', 'v1,<base64 of HMAC-SHA256 over id.timestamp.body>; several, parted by blanks'),
  ];
  const documents = Object.entries(eventTypes).map(([type, { en, zh, example }]) => {
    const value = { type, timestamp: '2015-10-28T16:20:00+08:00', data: example };
    const properties = {
      ...{ type: { const: type }, timestamp: { type: 'string', format: 'date-time' } },
      data: { type: 'object', additionalProperties: true },
    };
    const schema = { type: 'object', required: ['type', 'timestamp', 'data'], properties };
    const post = {
      ...{ summary: en, description: zh, operationId: `webhook_${type.replace('.', '_')}`, tags: ['webhooks'] },
      ...{ parameters: headers, security: [] },
      requestBody: { required: true, content: { 'application/json': { schema, example: value } } },
      responses: {
        '2XX': { description: 'Taken. Anything else is tried again for more than three days' },
        '410': { description: 'No more, please: the endpoint is switched off' },
      },
    };
    return [type, { post }] as const;
  });
  return Object.fromEntries(documents);
}
