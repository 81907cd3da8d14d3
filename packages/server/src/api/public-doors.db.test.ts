// Goal: what stands open without a key says how the process is and nothing of anybody; what a key opens is described and takes any text.
import { beforeAll, expect, test } from 'vitest';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { useWorld } from '../../test/kit/world.ts';
import { issueToken, systemActor } from '../identity/index.ts';
import { refusalCodes } from '../platform/refusals.ts';
import { createRoutes, createServer } from './server.ts';

const own = useWorld('2015-10-28 16:20:00');
let server: FastifyInstance;
let token = '';

async function get(url: string, more: InjectOptions = {}) {
  const answer = await server.inject({ method: 'GET', url, remoteAddress: '127.0.0.1', ...more });
  const json = /json/.test(String(answer.headers['content-type']));
  return {
    status: answer.statusCode,
    headers: answer.headers,
    text: answer.body,
    body: json ? answer.json() : undefined,
  };
}

beforeAll(async () => {
  server = createServer(own.world.app);
  await server.ready();
  const { app } = own.world;
  const stamp = { at: app.clock.now(), ids: app.customs.ids };
  const change = { by: systemActor, consent: { kind: 'founding' }, reason: '' } as const;
  const wish = { userId: 'wang', kind: 'cli', label: 'first', merchants: ['*'], scopes: [], ipAllow: [] } as const;
  const issued = await app.db.transaction((tx) =>
    issueToken(tx, { ...wish, expiresInMs: undefined }, change, app.tokens, stamp),
  );
  if (!issued.ok) throw new Error(issued.refusal.code);
  token = issued.value.token;
}, 120_000);

const withKey = (url: string) => get(url, { headers: { authorization: `Bearer ${token}` } });

test('health, readiness and figures need no key; figures are for this machine only', async () => {
  expect(await get('/healthz')).toMatchObject({ status: 200, body: { ok: true } });
  expect(await get('/readyz')).toMatchObject({
    status: 200,
    body: { ok: true, checks: { schema: 'ok' } },
  });
  const metrics = await get('/metrics');
  expect(metrics.text).toMatch(/^liushui_lane_rate\{lane="A1\/customs.query"\} \d/m);
  expect(metrics.text).not.toMatch(/REQNO|20151027100000/);
  const far = await get('/metrics', {
    remoteAddress: '192.0.2.9',
    headers: { 'x-forwarded-for': '127.0.0.1' },
  });
  expect(far.status).toBe(404);
  // A proxy on this machine comes from here too, and speaks for somebody who does not.
  for (const name of ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip'])
    expect((await get('/metrics', { headers: { [name]: '127.0.0.1' } })).status, name).toBe(404);
});

test('who is behind a proxy is told by the proxies that were named, and by nobody else', async () => {
  const parts = { ...own.world.app, config: { trustedProxies: ['10.9.0.0/24'] } };
  const server = createServer(parts);
  const asked = async (remoteAddress: string, forwarded: string): Promise<number> => {
    const headers = { authorization: 'Bearer nobody', 'x-forwarded-for': forwarded };
    return (await server.inject({ method: 'GET', url: '/v1/cases', remoteAddress, headers })).statusCode;
  };
  for (let turn = 0; turn < 10; turn++) await asked('10.9.0.7', '198.51.100.1');
  expect(await asked('10.9.0.7', '198.51.100.1')).toBe(429);
  expect(await asked('10.9.0.7', '198.51.100.2')).toBe(401);
  expect(await asked('198.51.100.9', '198.51.100.1')).toBe(401); // not a proxy of ours: its word counts for nothing
  await server.close();
});

test('the status page says where it is, in the reader’s language, and carries nothing foreign', async () => {
  const { app } = own.world;
  await app.db.query(
    `update lanes set paused_at = now(), paused_why = '<script>alert("x")</script>' where operation = 'customs.query'`,
  );
  for (const [lang, words] of [
    ['zh-CN,zh;q=0.9,en;q=0.8', '模拟环境'],
    ['en-GB', 'Sandbox'],
    ['fr', 'Sandbox'],
    ['en;q=0.1, zh', '模拟环境'],
  ] as const) {
    const page = await get('/', { headers: { 'accept-language': lang } });
    expect(page.status).toBe(200);
    expect(page.headers['content-security-policy']).toMatch(/default-src 'none'/);
    expect(page.text, lang).toContain(words);
    expect(page.text).toContain('&lt;script&gt;alert(&quot;x&quot;)');
    // A browser brings no key: what needs one is no link.
    for (const [, href = ''] of page.text.matchAll(/href="([^"]+)"/g)) expect((await get(href)).status, href).toBe(200);
    expect(page.text).not.toMatch(/<script|https?:\/\/|undefined|NaN|\[object|L1\b|王/);
  }
  await app.db.query('update lanes set paused_at = null');
});

test('what a problem points at is a page of the catalogue in both languages, for this machine, and no other address', async () => {
  const page = await get('/docs/errors/approval.maker_is_checker');
  expect(page.status).toBe(200);
  expect(page.headers['content-security-policy']).toMatch(/default-src 'none'/);
  for (const words of [
    'approval.maker_is_checker',
    '您是 <var>subject</var> 的经办人',
    'You proposed <var>subject</var>',
  ])
    expect(page.text).toContain(words);
  expect(page.text).not.toMatch(/[{}[\]](?![^<]*<\/style>)|undefined|<script/);
  for (const code of refusalCodes) expect((await get(`/docs/errors/${code}`)).status, code).toBe(200);
  for (const code of ['toString', 'import.nowhere', '%3Cscript%3E', '..%2f..%2fetc']) {
    const none = await get(`/docs/errors/${code}`);
    expect(none, code).toMatchObject({ status: 404, body: { code: 'server.no_such_address' } });
  }
  expect((await get('/docs/errors/import.empty', { remoteAddress: '192.0.2.9' })).status).toBe(404);
});

test('hostile numbers are answered, never carried out', async () => {
  for (const text of [
    `'; drop table numbers; --`,
    '%00',
    '<img src=x onerror=alert(1)>',
    '../../etc/passwd',
    '🧨',
    '٣',
    '%',
    '-1',
    'null',
  ]) {
    const answer = await withKey(`/v1/numbers/${encodeURIComponent(text)}`);
    expect(answer.status, text).toBe(404);
    expect(answer.headers['content-type'], text).toMatch(/json/);
  }
  for (const raw of ['/v1/numbers/%', '/v1/numbers/%ff', '/v1/numbers/%2500', `/v1/numbers/${'9'.repeat(500)}`])
    expect([400, 404, 414], raw).toContain((await withKey(raw)).status);
});

test('a question that nobody knows is named in the language of the reader', async () => {
  const strange = await withKey('/v1/cases?strange=1');
  expect(strange.body['detail_zh']).toContain('没有字段“strange”');
});

test('the OpenAPI document is 3.1, lists every route, and names no hidden one', async () => {
  const { status, body } = await withKey('/v1/openapi.json');
  expect(status).toBe(200);
  expect(body.openapi).toBe('3.1.0');
  const routes = createRoutes(own.world.app);
  const listed = Object.entries(body.paths).flatMap(([path, methods]) =>
    Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(listed.sort()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).sort());
  for (const { method, path } of routes) {
    const operation = body.paths[path][method.toLowerCase()];
    expect(Object.keys(operation.responses), path).toContain('4XX');
    if (method === 'POST') expect(JSON.stringify(operation.parameters), path).toMatch(/idempotency-key/);
  }
});
