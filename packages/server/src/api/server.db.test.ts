// Goal: the HTTP door lets in whom it should, does each thing once, and speaks of refusals in one form. No port is opened.
import { beforeAll, expect, test } from 'vitest';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { at, merchant, partner, useWorld } from '../../test/kit/world.ts';
import { createUser, issueToken, permissionsOfRole, roles, systemActor } from '../identity/index.ts';
import type { Role } from '../identity/index.ts';
import { createRoutes, createServer } from './server.ts';

const own = useWorld('2015-10-28 16:20:00');
let server: FastifyInstance;
const tokens = new Map<string, string>();
let lastKey = 0;

const csv = (orderNos: readonly string[]): string =>
  [
    'order_no,request_no,place,customs_code,customs_name,declared_amount,trade_no,waybill_no,paid_at',
    ...orderNos.map(
      (no, index) =>
        `${no},REQNO${no},ZONGSHU,3301TEST01,测试公司,420.00,2015102710000${index}${no},W${no},2015-10-27 20:00:00`,
    ),
  ].join('\n');
const list = (orderNos: readonly string[]): string =>
  ['order_no,waybill_no,status', ...orderNos.map((no) => `${no},W${no},未出关`)].join('\n');

async function call(who: string, method: 'GET' | 'POST', url: string, more: InjectOptions = {}) {
  const token = tokens.get(who) ?? who;
  const { headers, ...rest } = more;
  const answer = await server.inject({
    ...{ method, url, remoteAddress: '127.0.0.1' },
    ...(method === 'POST' && rest.payload === undefined ? { payload: {} } : {}),
    headers: {
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      ...(method === 'POST' ? { 'idempotency-key': `k${(lastKey += 1)}` } : {}),
      ...headers,
    },
    ...rest,
  });
  const json = /json/.test(String(answer.headers['content-type']));
  return {
    status: answer.statusCode,
    headers: answer.headers,
    text: answer.body,
    body: json ? answer.json() : undefined,
  };
}

const upload = (who: string, url: string, text: string, headers: Record<string, string> = {}) =>
  call(who, 'POST', url, { payload: Buffer.from(text), headers: { 'content-type': 'text/csv', ...headers } });

async function addUser(id: string, role: Role, merchants: readonly string[]): Promise<void> {
  const { app } = own.world;
  const stamp = { at: app.clock.now(), ids: app.customs.ids };
  const change = { by: systemActor, consent: { kind: 'one_person' }, reason: '' } as const;
  await app.db.transaction((tx) => createUser(tx, { id, name: id, roles: [role], merchants }, change, stamp));
  await addToken(id, id, {});
}

async function addToken(
  name: string,
  userId: string,
  wish: { ipAllow?: string[]; expiresInMs?: number; scopes?: string[] },
) {
  const { app } = own.world;
  const stamp = { at: app.clock.now(), ids: app.customs.ids };
  const change = { by: systemActor, consent: { kind: 'one_person' }, reason: '' } as const;
  const kind = wish.scopes ? ('api_key' as const) : ('cli' as const);
  const full = {
    userId,
    kind,
    label: name,
    merchants: ['*'],
    scopes: [],
    ipAllow: [],
    expiresInMs: undefined,
    ...wish,
  };
  const issued = await app.db.transaction((tx) => issueToken(tx, full, change, app.tokens, stamp));
  if (!issued.ok) throw new Error(issued.refusal.code);
  tokens.set(name, issued.value.token);
}

let reportId = '';

beforeAll(async () => {
  const { app, accountId } = own.world;
  server = createServer(app);
  await server.ready();
  tokens.set('nobody', '');
  await addToken('wang', 'wang', {});
  await addToken('zhao', 'zhao', {});
  for (const role of roles) await addUser(`all-${role}`, role, ['*']);
  await addUser('other', 'maker', ['other-shop']);
  await own.world.post('alipay', '/control/trades', [
    {
      ...{
        partner,
        trade_no: '20151027100000L1',
        out_trade_no: 'L1',
        amount: '420.00',
        paid_at: at('2015-10-27 20:00:00'),
      },
      payer: { name: '测试', id_no: '999999190001010015' },
    },
  ]);
  const imported = await upload(
    'wang',
    `/v1/payments/import?file_name=p.csv&account_id=${accountId}`,
    csv(['L1', 'L2', 'L3']),
  );
  expect(imported.body).toMatchObject({ adopted: 3, problems: [], refusals: [] });
  const listed = await upload('wang', '/v1/customs/reports?file_name=port.csv', list(['L1', 'L2', 'L3']));
  expect(listed.status).toBe(201);
  reportId = listed.body.report.id;
}, 120_000);

const fillIn = (path: string): string =>
  path
    .replace('/numbers/{number}', '/numbers/L1')
    .replace('/reports/{id}', `/reports/${reportId}`)
    .replace(/\{id\}/g, 'X-1');

test('without a key, or with one that is not ours, every route refuses and says how to sign in', async () => {
  for (const [index, { method, path }] of createRoutes(own.world.app).entries()) {
    const none = await call('nobody', method, fillIn(path));
    expect(none, path).toMatchObject({ status: 401, body: { code: 'auth.login_required', status: 401 } });
    expect(none.headers['www-authenticate']).toBe('Bearer');
    const wrong = await call(`ls_key_${'x'.repeat(32)}`, method, fillIn(path), { remoteAddress: `192.0.2.${index}` });
    expect(wrong, path).toMatchObject({ status: 401, body: { code: 'auth.token_invalid' } });
  }
  expect((await call('nobody', 'GET', '/v1/openapi.json')).status).toBe(401);
});

test('ten wrong keys close the door for that address only', async () => {
  const from = { remoteAddress: '198.51.100.7' };
  for (let n = 0; n < 10; n += 1) await call('wrong', 'GET', '/v1/cases', from);
  expect(await call('wang', 'GET', '/v1/cases', from)).toMatchObject({
    status: 429,
    body: { code: 'auth.too_many_attempts' },
  });
  expect((await call('wang', 'GET', '/v1/cases')).status).toBe(200);
});

test('a key works from its addresses and with its scopes only', async () => {
  await addToken('office', 'wang', { ipAllow: ['10.1.0.0/16'] });
  expect((await call('office', 'GET', '/v1/cases', { remoteAddress: '10.1.2.3' })).status).toBe(200);
  const outside = await call('office', 'GET', '/v1/cases', {
    remoteAddress: '10.2.2.3',
    headers: { 'x-forwarded-for': '10.1.2.3' },
  });
  expect(outside).toMatchObject({ status: 403, body: { code: 'auth.ip_not_allowed' } });
  await addToken('reader', 'wang', { scopes: ['cases.read'] });
  expect((await call('reader', 'GET', '/v1/cases')).status).toBe(200);
  expect(await call('reader', 'GET', '/v1/numbers/L1')).toMatchObject({
    status: 403,
    body: { code: 'auth.scope_missing' },
  });
});

test('each role reaches exactly the routes of its permissions', async () => {
  const missing: string[] = [];
  let open = 0;
  for (const role of roles)
    for (const { method, path, permission } of createRoutes(own.world.app)) {
      if (permission === undefined) continue;
      const answer = await call(`all-${role}`, method, fillIn(path), method === 'POST' ? { payload: badBody } : {});
      const refused = answer.body?.code === 'auth.role_missing';
      if (!refused) open += 1;
      const may = [permission].flat().some((one) => permissionsOfRole[role].includes(one));
      // A body that breaks the schema is refused before anybody asks who sent it: it tells nothing.
      if (refused === may && !(answer.status === 400 && !may))
        missing.push(`${role} ${method} ${path} ${answer.status}`);
    }
  expect(missing).toEqual([]);
  expect(open).toBeGreaterThan(40);
});

const badBody = { report_id: 'R-0', reason: 'r' };

test('another merchant sees nothing of ours', async () => {
  for (const path of ['/v1/customs/reports', '/v1/accounts', '/v1/approvals', '/v1/cases', '/v1/jobs/due'])
    expect((await call('other', 'GET', path)).body, path).toMatchObject({ items: [] });
  for (const path of ['/v1/numbers/L1', `/v1/numbers/${reportId}`])
    expect((await call('other', 'GET', path)).status, path).toBe(404);
  for (const path of [`/v1/customs/reports/${reportId}`, `/v1/customs/reports/${reportId}/verdicts`])
    expect(await call('other', 'GET', path), path).toMatchObject({
      status: 404,
      body: { code: 'customs.report_not_found' },
    });
});

test('a problem is told in one form: RFC 9457 with code, both languages, money and the way out', async () => {
  const { status, headers, body } = await call('wang', 'GET', '/v1/numbers/NOPE');
  expect(status).toBe(404);
  expect(headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(body).toMatchObject({
    ...{ type: '/docs/errors/number.not_found', status: 404, code: 'number.not_found', money: 'not_moved' },
    ...{ retry: 'change_input', params: { number: 'NOPE' }, request_id: headers['request-id'] },
  });
  expect(body.detail_zh).toMatch(/NOPE/);
  expect(body.way_out).toMatchObject({ zh: expect.any(String), en: expect.any(String) });
  for (const [method, url, more, expected, code = 'usage.bad_input'] of [
    ['GET', '/v1/nothing', {}, 404, 'server.no_such_address'],
    ['GET', '/nothing/<script>', {}, 404, 'server.no_such_address'],
    ['GET', '/v1/cases?limit=0', {}, 400],
    ['GET', '/v1/cases?cursor=%00', {}, 400],
    ['GET', '/v1/cases?strange=1', {}, 400],
    ['POST', '/v1/customs/plans', { payload: { report_id: reportId, reason: 'a\u0000b' } }, 400],
    ['GET', `/v1/customs/reports/${reportId}/verdicts?cursor=${Buffer.from('[1,"x"]').toString('base64url')}`, {}, 400],
    ['POST', '/v1/customs/plans', { payload: '{"report_id":', headers: { 'content-type': 'application/json' } }, 400],
    [
      'POST',
      '/v1/customs/plans',
      { payload: '{"__proto__":{}}', headers: { 'content-type': 'application/json' } },
      400,
    ],
    [
      'POST',
      '/v1/customs/plans',
      { payload: 'a=1', headers: { 'content-type': 'text/plain' } },
      415,
      'server.media_type',
    ],
    ['POST', '/v1/customs/plans', { payload: { report_id: 'x'.repeat(2_000_000) } }, 413, 'server.body_too_large'],
  ] as const) {
    const answer = await call('wang', method, url, more);
    expect(answer, url).toMatchObject({ status: expected, body: { status: expected, code } });
    expect(answer.headers['content-type'], url).toMatch(/^application\/problem\+json/);
  }
});

test('the same key and body get the first answer; another body, and a first one that still runs, are refused', async () => {
  const { app } = own.world;
  const send = (key: string, text: string) =>
    upload('wang', '/v1/customs/reports?file_name=once.csv', text, { 'idempotency-key': key });
  const first = await send('once', list(['L1']));
  expect(first.status).toBe(201);
  const again = await send('once', list(['L1']));
  expect(again).toMatchObject({ status: 201, body: first.body });
  expect(again.headers['idempotent-replayed']).toBe('true');
  expect(await send('once', list(['L2']))).toMatchObject({ status: 422, body: { code: 'idempotency.other_body' } });
  // Another person's key of the same name is another key.
  expect(
    (
      await upload('all-maker', `/v1/customs/reports?file_name=once.csv&merchant_id=${merchant}`, list(['L2']), {
        'idempotency-key': 'once',
      })
    ).status,
  ).toBe(201);
  const many = await Promise.all(Array.from({ length: 6 }, () => send('race', list(['L3']))));
  const made = many.filter((one) => one.status === 201 && one.headers['idempotent-replayed'] === undefined);
  expect(made).toHaveLength(1);
  for (const one of many.filter((each) => each.status !== 201))
    expect(one).toMatchObject({ status: 409, body: { code: 'idempotency.still_running' } });
  const [{ n }] = (await app.db.query<{ n: bigint }>(
    `select count(*) as n from audit_entries where act = 'customs.imported' and detail->>'sha256' = $1`,
    [many[0]!.body.report?.file_sha256 ?? made[0]!.body.report.file_sha256],
  )) as [{ n: bigint }];
  expect(n).toBe(1n);
  for (const bad of [undefined, '', ' ', 'ü', 'x'.repeat(201)]) {
    const none = await server.inject({
      ...{ method: 'POST', url: '/v1/customs/plans', payload: { report_id: reportId } },
      headers: {
        authorization: `Bearer ${tokens.get('wang')}`,
        ...(bad === undefined ? {} : { 'idempotency-key': bad }),
      },
    });
    expect(none.json(), String(bad)).toMatchObject({ status: 400, code: 'idempotency.key_missing' });
  }
});

test('a refusal is repeated as well, and an error of ours frees the key', async () => {
  const { app } = own.world;
  const send = () =>
    call('wang', 'POST', '/v1/customs/plans', {
      payload: { report_id: 'R-19990101-1' },
      headers: { 'idempotency-key': 'none' },
    });
  const first = await send();
  expect(first).toMatchObject({ status: 404, body: { code: 'customs.report_not_found' } });
  expect((await send()).body.request_id).toBe(first.body.request_id);
  const broken = createServer({ ...app, customs: { ...app.customs, ids: { next: () => 'nowhere' } } });
  const headers = {
    authorization: `Bearer ${tokens.get('wang')}`,
    'idempotency-key': 'bug',
    'content-type': 'text/csv',
  };
  const bug = await broken.inject({
    method: 'POST',
    url: '/v1/customs/reports?file_name=bug.csv',
    payload: list(['L9']),
    headers,
  });
  expect(bug.json()).toMatchObject({ status: 500, code: 'server.bug_in_doubt', money: 'unknown' });
  expect(bug.body).not.toMatch(/uuid|syntax|audit_entries|\.ts:/);
  await broken.close();
  const kept = await app.db.query(`select key from idempotency_keys where key = 'bug'`);
  expect(kept).toEqual([]);
});

test('a token is shown once and kept nowhere in clear', async () => {
  const payload = { user_id: 'wang', kind: 'api_key', label: 'web', merchants: [merchant], scopes: ['cases.read'] };
  const send = () =>
    call('all-admin', 'POST', '/v1/users/tokens', { payload, headers: { 'idempotency-key': 'token' } });
  const first = await send();
  expect(first).toMatchObject({ status: 201, body: { token: expect.stringMatching(/^ls_key_/) } });
  expect(await send()).toMatchObject({ status: 201, body: { token: null, token_id: first.body.token_id } });
  const kept = await own.world.app.db.query('select answer::text as text from idempotency_keys');
  expect(JSON.stringify(kept)).not.toMatch(/ls_key_/);
  tokens.set('issued', first.body.token);
  expect((await call('issued', 'GET', '/v1/cases')).status).toBe(200);
});

test('pages follow each other without a gap or a repeat', async () => {
  for (const [who, path] of [
    ['wang', '/v1/customs/reports?'],
    ['wang', `/v1/customs/reports/${reportId}/verdicts?`],
    ['all-auditor', '/v1/audit?'],
    ['all-auditor', '/v1/users?'],
  ] as const) {
    const whole = (await call(who, 'GET', `${path}limit=1000`)).body;
    expect(whole.next_cursor, path).toBeNull();
    const items: unknown[] = [];
    let cursor = '';
    for (let n = 0; n < 60; n += 1) {
      const page = (await call(who, 'GET', `${path}limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`)).body;
      items.push(...page.items);
      if (page.next_cursor === null) break;
      cursor = page.next_cursor;
    }
    expect(items, path).toEqual(whole.items);
    expect(items.length, path).toBeGreaterThan(2);
  }
});

test('triage, proposal, approval by another person and run go through the API', async () => {
  const { stepper, clock } = own.world;
  const triage = () => call('wang', 'POST', `/v1/customs/reports/${reportId}/triage?wait=0s`);
  expect(await triage()).toMatchObject({ status: 202, body: { asked: 3, waiting: 3 } });
  await stepper.runUntil((clock.now() + 60_000) as ReturnType<typeof clock.now>);
  const judged = await triage();
  expect(judged).toMatchObject({ status: 200, body: { waiting: 0 } });
  const verdicts = (await call('wang', 'GET', `/v1/customs/reports/${reportId}/verdicts`)).body.items;
  expect(verdicts).toHaveLength(3);
  expect(verdicts[0]).toMatchObject({
    row: expect.any(String),
    cause: { zh: expect.any(String) },
    do: { en: expect.any(String) },
  });
  const proposed = await call('wang', 'POST', '/v1/customs/plans', { payload: { report_id: reportId, reason: 'r' } });
  expect(proposed.status).toBe(201);
  const { id, digest, approval_id: approval } = proposed.body.plan;
  expect(await call('all-maker', 'POST', `/v1/customs/plans/${id}/run`)).toMatchObject({
    status: 409,
    body: { code: 'customs.plan_not_approved' },
  });
  const wrong = await call('zhao', 'POST', `/v1/customs/plans/${id}/approve`, { payload: { digest: 'f'.repeat(64) } });
  expect(wrong.body.code).toBe('approval.digest_differs');
  const approved = await call('zhao', 'POST', `/v1/approvals/${approval}/approve`, { payload: { digest } });
  expect(approved).toMatchObject({ status: 200, body: { id: approval, state: 'approved', checker: 'zhao' } });
  expect((await call('wang', 'GET', `/v1/customs/plans/${id}`)).body.plan.state).toBe('approved');
  expect(await call('wang', 'POST', `/v1/customs/plans/${id}/run`)).toMatchObject({
    status: 202,
    body: { plan: { state: 'running' } },
  });
  const lanes = (await call('wang', 'GET', '/v1/jobs/due')).body.items;
  expect(lanes.find((lane: { operation: string }) => lane.operation === 'customs.declare').waiting).toBeGreaterThan(0);
  const story = (await call('wang', 'GET', '/v1/numbers/L1')).body;
  expect(story.stories[0]).toMatchObject({ order_no: 'L1', amount: { minor: 42000, currency: 'CNY' } });
  expect(story.stories[0].timeline[0].at).toMatch(/^2015-10-2\dT\d\d:\d\d:\d\d\+08:00$/);
  const exchange = story.stories[0].timeline.find(
    (entry: { evidence: { exchange?: unknown } }) => entry.evidence.exchange,
  ).evidence.exchange;
  expect((await call('wang', 'GET', `/v1/exchanges/${exchange.id}`)).body).toMatchObject({
    request: { kind: 'kept', bytes: expect.any(String) },
    revealed: false,
  });
});

test('the account can be tested and added, and its secrets come back nowhere', async () => {
  const { accountId } = own.world;
  expect((await call('wang', 'POST', `/v1/accounts/${accountId}/test`)).body).toMatchObject({
    trust: expect.any(String),
  });
  const settings = { partner, gateway_url: 'http://127.0.0.1:9/gateway.do' };
  const payload = {
    merchant_id: merchant,
    channel: 'alipay',
    name: 'second',
    settings,
    secrets: { md5_key: 'S3CRET'.repeat(6) },
  };
  const added = await call('all-admin', 'POST', '/v1/accounts', { payload });
  expect(added, JSON.stringify(added.body)).toMatchObject({ status: 201 });
  const shown = await call('all-admin', 'GET', '/v1/accounts');
  expect(shown.body.items).toHaveLength(2);
  expect(shown.text).not.toMatch(/S3CRET|md5_key/);
  expect(
    (await call('all-admin', 'POST', '/v1/accounts', { payload: { ...payload, merchant_id: 'ghost' } })).body.code,
  ).toBe('auth.merchant_missing');
});
