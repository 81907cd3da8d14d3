// Goal: packs are made, looked at, fetched as files, noted as sent and answered through the API alone.
import { createHash } from 'node:crypto';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { beforeAll, expect, test } from 'vitest';
import { adopt, list, orderOf, seed, triage } from '../../test/journeys/steps.ts';
import { useWorld } from '../../test/kit/world.ts';
import { issueToken, systemActor } from '../identity/index.ts';
import { createServer } from './server.ts';

const own = useWorld('2015-10-28 16:20:00');
let server: FastifyInstance;
let token = '';
let report = '';
let lastKey = 0;

beforeAll(async () => {
  const { app } = own.world;
  server = createServer(app);
  await server.ready();
  const stamp = { at: app.clock.now(), ids: app.customs.ids };
  const change = { by: systemActor, consent: { kind: 'one_person' }, reason: '' } as const;
  const wish = {
    userId: 'wang',
    kind: 'cli',
    label: 'wang',
    merchants: ['*'],
    scopes: [],
    ipAllow: [],
    expiresInMs: 86_400_000,
  } as const;
  const issued = await app.db.transaction((tx) => issueToken(tx, wish, change, app.tokens, stamp));
  if (!issued.ok) throw new Error(issued.refusal.code);
  token = issued.value.token;
  const orders = [orderOf(1), orderOf(2)];
  await seed(own.world, orders);
  await adopt(own.world, orders);
  report = (await list(own.world, orders)).id;
  await triage(own.world, report);
}, 120_000);

async function call(method: 'GET' | 'POST', url: string, payload: InjectOptions['payload'] = {}) {
  const type = Buffer.isBuffer(payload) ? 'text/csv' : 'application/json';
  const headers = { authorization: `Bearer ${token}`, 'content-type': type, 'idempotency-key': `k${(lastKey += 1)}` };
  const sent = { method, url, remoteAddress: '127.0.0.1', headers, ...(method === 'POST' ? { payload } : {}) };
  return server.inject(sent);
}

test('a pack goes its whole way by the API', async () => {
  const made = await call('POST', '/v1/customs/packs', { source: report });
  expect([made.statusCode, made.json()]).toMatchObject([
    201,
    {
      source: report,
      settled: 0,
      packs: [
        {
          id: 'E-1',
          receiver: { kind: 'channel', id: 'alipay' },
          members: 2,
          money: { minor: 84_000, currency: 'CNY' },
        },
        {
          id: 'E-2',
          receiver: { kind: 'port', id: 'ZONGSHU' },
          complete: true,
          again: false,
          missing: [],
          masked: true,
        },
      ],
    },
  ]);
  const first = (await call('GET', '/v1/customs/packs?limit=1')).json();
  expect(first.items.map((pack: { id: string }) => pack.id)).toEqual(['E-2']);
  const second = (await call('GET', `/v1/customs/packs?limit=1&cursor=${first.next_cursor}`)).json();
  expect(second).toMatchObject({ items: [{ id: 'E-1' }], next_cursor: null });

  const shown = (await call('GET', '/v1/customs/packs/E-2')).json();
  for (const { name, bytes, sha256 } of shown.files) {
    const file = await call('GET', `/v1/customs/packs/E-2/file?name=${encodeURIComponent(name)}`);
    expect([file.statusCode, file.rawPayload.length]).toEqual([200, bytes]);
    expect(createHash('sha256').update(file.rawPayload).digest('hex')).toBe(sha256);
    expect(file.headers['content-disposition']).toMatch(/^attachment; filename="[\w.-]+"$/);
  }
  const missing = await call('GET', '/v1/customs/packs/E-2/file?name=../secret');
  expect(missing.json()).toMatchObject({ status: 404, code: 'pack.file_not_found' });

  const sent = await call('POST', '/v1/customs/packs/E-2/sent', { note: 'mail of 16:30' });
  expect(sent.json()).toMatchObject({ sent_by: 'wang', sent_note: 'mail of 16:30' });
  const reply = Buffer.from(`order_no,结果\n${orderOf(1).orderNo},已收到\n`);
  const taken = await call('POST', '/v1/customs/packs/E-2/replies?file_name=r.csv', reply);
  expect(taken.json()).toMatchObject({ rows: 1, told: 1, results: { has: 1 }, problems: [] });
  expect((await call('GET', '/v1/customs/packs/E-2')).json().replies).toMatchObject([
    { result: 'has', orders: 1 },
    { result: 'open', orders: 1 },
  ]);
});
