// Goal: a template, a number rule and declaring anew go through the API with two people, and an approval never parts from its record.
import { beforeAll, expect, test } from 'vitest';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { at, merchant, partner, useWorld } from '../../test/kit/world.ts';
import { issueToken, systemActor } from '../identity/index.ts';
import { createServer } from './server.ts';

const own = useWorld('2015-10-28 16:20:00');
const paidAt = at('2015-10-27 20:00:00');
const orders = ['20151027200000000001', '20151027200000000002'];
let server: FastifyInstance;
const tokens = new Map<string, string>();
let lastKey = 0;

beforeAll(async () => {
  const { app } = own.world;
  server = createServer(app);
  await server.ready();
  const stamp = { at: app.clock.now(), ids: app.customs.ids };
  const change = { by: systemActor, consent: { kind: 'one_person' }, reason: '' } as const;
  for (const [name, userId, scopes] of [
    ['wang', 'wang', []],
    ['zhao', 'zhao', []],
    ['pusher', 'wang', ['customs.repush.propose', 'customs.repush.run', 'numbers.read']],
  ] as const) {
    const kind = scopes.length === 0 ? 'cli' : 'api_key';
    const wish = { userId, kind, label: name, merchants: ['*'], scopes, ipAllow: [], expiresInMs: 86_400_000 } as const;
    const issued = await app.db.transaction((tx) => issueToken(tx, wish, change, app.tokens, stamp));
    if (!issued.ok) throw new Error(issued.refusal.code);
    tokens.set(name, issued.value.token);
  }
  const payer = { name: '测试', id_no: '999999190001010015' };
  const trades = orders.map((no) => ({
    ...{ partner, trade_no: `9${no}`, out_trade_no: no, amount: '420.00', paid_at: paidAt, payer },
  }));
  await own.world.post('alipay', '/control/trades', trades);
}, 120_000);

async function call(who: string, method: 'GET' | 'POST', url: string, payload: InjectOptions['payload'] = {}) {
  const type = Buffer.isBuffer(payload) ? 'text/csv' : 'application/json';
  const common = { authorization: `Bearer ${tokens.get(who)}`, 'content-type': type };
  const answer = await server.inject({
    ...{ method, url, remoteAddress: '127.0.0.1' },
    headers: { ...common, ...(method === 'POST' ? { 'idempotency-key': `k${(lastKey += 1)}` } : {}) },
    ...(method === 'POST' ? { payload } : {}),
  });
  return { status: answer.statusCode, body: answer.json() };
}

function importWith(template: string) {
  const head = 'order_no,place,customs_code,customs_name,declared_amount,is_split,trade_no,paid_at\n';
  const rows = orders.map((no) => `${no},ZONGSHU,3301TEST01,测试公司,420.00,F,9${no},2015-10-27 20:00:00`);
  const url = `/v1/payments/import?file_name=p.csv&account_id=${own.world.accountId}`;
  return call(
    'wang',
    'POST',
    `${url}&request_no_template=${encodeURIComponent(template)}`,
    Buffer.from(head + rows.join('\n')),
  );
}

const rule = () => ({ account_id: own.world.accountId, place: 'zongshu', rule: 'serial' });
const anew = { kind: 'declare_anew', numbers: orders, reason: 'lost' };

test('a template that the channel does not know fills in nothing', async () => {
  expect(await importWith('LS{order_no}')).toMatchObject({
    status: 409,
    body: { code: 'import.template_unconfirmed', params: { asked: 2, agreed: 0 } },
  });
});

test('a number rule holds once a second person approved it, by the approval’s number', async () => {
  expect((await call('wang', 'POST', '/v1/customs/plans', anew)).body.code).toBe('customs.number_rule_missing');
  const asked = await call('wang', 'POST', '/v1/customs/number-rules', rule());
  expect(asked).toMatchObject({ status: 201, body: { place: 'ZONGSHU', rule: 'serial' } });
  const { approval_id: approval, digest } = asked.body;
  const decide = (who: string, digest: string) => call(who, 'POST', `/v1/approvals/${approval}/approve`, { digest });
  expect((await decide('zhao', 'f'.repeat(64))).body.code).toBe('approval.digest_differs');
  expect((await decide('wang', digest)).status).toBe(403);
  const list = () => call('wang', 'GET', `/v1/customs/number-rules?account_id=${own.world.accountId}`);
  expect((await list()).body.items).toEqual([]);
  expect(await decide('zhao', digest)).toMatchObject({ status: 200, body: { id: approval, state: 'used' } });
  expect((await list()).body.items).toMatchObject([
    { place: 'ZONGSHU', rule: 'serial', valid_from: expect.stringMatching(/^2015-10-28T/) },
  ]);
});

test('declaring anew warns of the duplicate, is decided with its approval, and is no re-push', async () => {
  const { stepper, clock } = own.world;
  expect((await call('pusher', 'POST', '/v1/customs/plans', anew)).body.code).toBe('auth.scope_missing');
  for (const wrong of [{ kind: 'declare_anew' }, { ...anew, report_id: 'R-1' }, { numbers: orders }])
    expect((await call('wang', 'POST', '/v1/customs/plans', wrong)).body.code).toBe('usage.bad_input');
  const proposed = await call('wang', 'POST', '/v1/customs/plans', { ...anew, merchant_id: merchant });
  expect(proposed).toMatchObject({
    status: 201,
    body: { plan: { kind: 'declare_anew', size: 2 }, warning: 'possible_duplicate' },
  });
  const { id, approval_id: approval, digest } = proposed.body.plan;
  await call('zhao', 'POST', `/v1/approvals/${approval}/approve`, { digest });
  expect((await call('wang', 'GET', `/v1/customs/plans/${id}`)).body.plan.state).toBe('approved');
  expect((await call('pusher', 'POST', `/v1/customs/plans/${id}/run`)).body.code).toBe('auth.scope_missing');
  expect(await call('wang', 'POST', `/v1/customs/plans/${id}/run`)).toMatchObject({ status: 202, body: { open: 2 } });
  await stepper.runUntil((clock.now() + 3_600_000) as ReturnType<typeof clock.now>);
  expect((await call('wang', 'GET', `/v1/customs/plans/${id}`)).body).toMatchObject({ pushes: 2, effective: 2 });
});
