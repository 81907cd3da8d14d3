// Goal: webhooks over HTTP: two people, secrets shown once, each merchant its own, and events in the OpenAPI document.
import { beforeAll, expect, test } from 'vitest';
import type { FastifyInstance } from 'fastify';
import { isSigned } from '../../test/kit/receiver.ts';
import { incident, useWebhookWorld } from '../../test/kit/webhook-world.ts';
import { createUser, issueToken, systemActor } from '../identity/index.ts';
import { seconds } from '../kernel/index.ts';
import { eventTypes } from '../notifications/index.ts';
import { createServer } from './server.ts';

const own = useWebhookWorld('2015-10-28 16:20:00');
const tokens: Record<string, string> = {};
let server: FastifyInstance;
let lastKey = 0;

async function call(
  who: string,
  method: 'GET' | 'POST',
  url: string,
  payload: object = {},
  key = `k${(lastKey += 1)}`,
) {
  const headers = { authorization: `Bearer ${tokens[who]}`, ...(method === 'POST' ? { 'idempotency-key': key } : {}) };
  const answer = await server.inject({ method, url, headers, ...(method === 'POST' ? { payload } : {}) });
  return { status: answer.statusCode, body: answer.json() };
}

beforeAll(async () => {
  const { app } = own.world;
  const stamp = { at: app.clock.now(), ids: app.customs.ids };
  const change = { by: systemActor, consent: { kind: 'founding' }, reason: '' } as const;
  const wish = { kind: 'cli', label: 't', scopes: [], merchants: ['*'], ipAllow: [], expiresInMs: undefined } as const;
  const stranger = { id: 'stranger', name: 's', roles: ['maker'], merchants: ['other'] } as const;
  await app.db.transaction(async (tx) => {
    await createUser(tx, stranger, { ...change, consent: { kind: 'one_person' } }, stamp);
    for (const userId of ['wang', 'zhao', 'stranger']) {
      const issued = await issueToken(tx, { ...wish, userId }, change, app.tokens, stamp);
      if (issued.ok) tokens[userId] = issued.value.token;
    }
  });
  server = createServer(app);
  await server.ready();
}, 120_000);

test('an address is proposed, approved by another, tested, told, replaced in its secret and switched off', async () => {
  const { world } = own;
  const receiver = await world.receiver();
  const asked = await call('wang', 'POST', '/v1/webhooks', { url: receiver.url, types: ['incident.opened'] }, 'once');
  expect(asked).toMatchObject({ status: 201, body: { types: ['incident.opened'] } });
  const { id, secret, approval_id: approval, digest } = asked.body;
  const again = await call('wang', 'POST', '/v1/webhooks', { url: receiver.url, types: ['incident.opened'] }, 'once');
  expect(again).toMatchObject({ status: 201, body: { id, secret: null } });
  expect(await call('wang', 'POST', `/v1/webhooks/${id}/test`)).toMatchObject({
    status: 409,
    body: { code: 'webhook.not_live' },
  });
  const approve = (who: string) => call(who, 'POST', `/v1/approvals/${approval}/approve`, { digest });
  expect(await approve('wang')).toMatchObject({ status: 403, body: { code: 'approval.maker_is_checker' } });
  expect(await approve('zhao')).toMatchObject({ status: 200 });
  const tested = await call('wang', 'POST', `/v1/webhooks/${id}/test`);
  expect(tested).toMatchObject({ status: 200, body: { id, delivered: true, http_status: 200 } });
  const rotated = await call('wang', 'POST', `/v1/webhooks/${id}/rotate`, { overlap_hours: 1 });
  expect(rotated).toMatchObject({ status: 200, body: { old_until: '2015-10-28T17:20:00+08:00' } });
  await world.pass(seconds(1));
  await world.tell(incident(1));
  await world.pass(seconds(5));
  for (const one of [secret, rotated.body.secret])
    expect(isSigned(receiver.received.at(-1)!, one as string, world.clock.now())).toBe(true);
  const log = await call('zhao', 'GET', `/v1/webhooks/log?about=${id}`);
  expect(log.body.items).toMatchObject([
    { type: 'incident.opened', state: 'delivered', tries: [{ http_status: 200 }] },
    { type: 'webhook.test', message_id: tested.body.message_id },
  ]);
  const sent = await call('wang', 'POST', `/v1/webhooks/messages/${log.body.items[0].message_id}/redeliver`);
  expect(sent).toMatchObject({ status: 202, body: { deliveries: 1 } });
  expect((await call('zhao', 'GET', '/v1/webhooks')).body.items).toMatchObject([{ id, state: 'live', waiting: 1 }]);
  expect(await call('wang', 'POST', `/v1/webhooks/${id}/off`)).toMatchObject({ status: 200, body: { state: 'off' } });
  const shown = JSON.stringify([
    await call('zhao', 'GET', '/v1/webhooks'),
    await call('zhao', 'GET', '/v1/webhooks/log'),
  ]);
  expect(shown).not.toContain('whsec_');
});

test('another merchant neither sees nor moves what is not theirs', async () => {
  const { world } = own;
  const { id } = await world.endpoint('http://127.0.0.1:9/hook');
  await world.tell(incident(2));
  const [message] = (await call('wang', 'GET', '/v1/webhooks/log')).body.items;
  for (const list of ['/v1/webhooks', '/v1/webhooks/log'])
    expect((await call('stranger', 'GET', list)).body.items).toEqual([]);
  const paths = ['rotate', 'test', 'off', 'redeliver'].map((act) => `/v1/webhooks/${id}/${act}`);
  for (const path of paths)
    expect(await call('stranger', 'POST', path), path).toMatchObject({ body: { code: 'webhook.not_found' } });
  const resent = await call('stranger', 'POST', `/v1/webhooks/messages/${message.message_id}/redeliver`);
  expect(resent).toMatchObject({ body: { code: 'webhook.message_not_found' } });
  const theirs = { url: 'http://127.0.0.1:9/x', merchant_id: 'demo' };
  expect(await call('stranger', 'POST', '/v1/webhooks', theirs)).toMatchObject({
    body: { code: 'auth.merchant_missing' },
  });
});

test('what an address cannot be is refused by field', async () => {
  const propose = (body: object) => call('wang', 'POST', '/v1/webhooks', body);
  expect(await propose({ url: 'https://erp.example.org/' })).toMatchObject({
    status: 422,
    body: { code: 'webhook.address_refused', pointer: '/url' },
  });
  expect(await propose({ url: 'http://127.0.0.1:9/', types: ['case.closed'] })).toMatchObject({
    status: 422,
    body: { code: 'webhook.unknown_type', pointer: '/types' },
  });
  const { id } = await own.world.endpoint('http://127.0.0.1:9/hook');
  expect(await propose({ url: 'http://127.0.0.1:9/hook' })).toMatchObject({
    status: 409,
    body: { code: 'webhook.exists', params: { endpoint: id } },
  });
});

test('the OpenAPI document tells every type of event with an example', async () => {
  const { body } = await call('wang', 'GET', '/v1/openapi.json');
  expect(body.openapi).toBe('3.1.0');
  expect(Object.keys(body.webhooks).sort()).toEqual(Object.keys(eventTypes).sort());
  for (const [type, { post }] of Object.entries<{ post: Record<string, never> }>(body.webhooks))
    expect(post, type).toMatchObject({
      requestBody: { content: { 'application/json': { example: { type, data: expect.any(Object) as object } } } },
    });
});
