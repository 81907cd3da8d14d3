// Goal: the walk of an account can be gone over HTTP alone, each call being the one that the answer before it names; and what ends or is overdue on
// the way is somebody's, in time.
// Method: a production on the simulated WeChat Pay, two people's keys, a moved clock.
import { beforeAll, expect, test } from 'vitest';
import { openAccount } from '../../src/accounts/index.ts';
import { listCases } from '../../src/cases/index.ts';
import { issueToken, systemActor } from '../../src/identity/index.ts';
import { days, parseShanghai } from '../../src/kernel/index.ts';
import type { BusinessDate } from '../../src/kernel/index.ts';
import { wishWatch } from '../../src/onboarding/index.ts';
import { findOrder } from '../../src/payments/index.ts';
import { askStatements } from '../../src/statements/index.ts';
import { expectEqualBooks } from '../kit/pay-world.ts';
import { addWechatAccount, useWechatWorld } from '../kit/wechat-world.ts';
import { merchant, people } from '../stories/people.ts';

const own = useWechatWorld('2026-12-01 07:00:00');
const tokens = new Map<string, string>();
let keys = 0;
let accountId = '';

type Body = Readonly<Record<string, unknown>>;
type Next = {
  readonly step: string;
  readonly command: string;
  readonly call: { path: string; body: Body };
  readonly fill: readonly Fill[];
} | null;

async function call(who: string, method: 'GET' | 'POST', url: string, body?: Body) {
  const answer = await own.world.server.inject({
    ...{
      method,
      url,
      headers: { authorization: `Bearer ${tokens.get(who) ?? ''}`, 'idempotency-key': `k${(keys += 1)}` },
    },
    ...(body === undefined ? {} : { payload: body }),
  });
  const isJson = (answer.headers['content-type'] ?? '').toString().includes('json');
  return {
    status: answer.statusCode,
    text: answer.body,
    json: isJson ? answer.json() : {},
  };
}

beforeAll(async () => {
  const { app, clock } = own.world;
  const stamp = { at: clock.now(), ids: app.customs.ids };
  const change = { by: systemActor, consent: { kind: 'one_person' }, reason: '' } as const;
  for (const [userId, roles] of [
    ['wang', '{maker,finance,admin}'],
    ['zhao', '{checker,admin}'],
  ] as const) {
    await app.db.query('update users set roles = $2 where id = $1', [userId, roles]);
    const wish = { userId, kind: 'cli', label: 'w', merchants: [merchant], scopes: [], ipAllow: [] } as const;
    const issued = await app.db.transaction((tx) =>
      issueToken(tx, { ...wish, expiresInMs: days(300) }, change, app.tokens, stamp),
    );
    if (!issued.ok) throw new Error(issued.refusal.code);
    tokens.set(userId, issued.value.token);
  }
  const opened = await openAccount(app.customs, own.world.accountId);
  const gateway = opened.ok ? (opened.value.account.settings['gateway_url'] ?? '') : '';
  await app.db.query('update channel_accounts set closed_at = created_at');
  await app.db.query(`update installation set born_as = 'production'`);
  Object.assign(app.installation, { bornAs: 'production' });
  const added = await app.db.transaction((tx) => addWechatAccount(tx, app, { gateway_url: gateway }));
  if (!added.ok) throw new Error(added.refusal.code);
  accountId = added.value.id;
}, 120_000);

/** Sixty days before it ends it is to be told of, within this story. */
const licenceEndsOn = '2027-02-10';

type Fill = { readonly word: string; readonly example: string | number; readonly one_of: readonly Fill[] | null };

/** The body of a call with each word in capitals filled in from what is said of it, as member or as value. */
function filled(value: unknown, fill: readonly Fill[]): unknown {
  const said = new Map(fill.map(({ word, example, one_of: oneOf }) => [word, oneOf?.[0]?.word ?? example]));
  if (said.has('DATE')) said.set('DATE', licenceEndsOn);
  if (typeof value === 'string') {
    if (/^[A-Z]{3,}$/.test(value)) expect(said.has(value), value).toBe(true);
    return said.get(value) ?? value;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [String(said.get(key) ?? key), filled(inner, fill)]),
  );
}

async function payerPays(): Promise<void> {
  const order = await findOrder(own.world.app, { merchantId: merchant, orderNo: `ACCEPT-${accountId}-PAY` });
  await own.world.post('/control/openapi/pay', { out_trade_no: order?.attempts.at(-1)?.serialNo });
}

test('a word that stands for something else is refused over HTTP too, as a member and as a value', async () => {
  const note = (step: string, facts: Body) => call('wang', 'POST', `/v1/accounts/${accountId}/note`, { step, facts });
  const code = 'onboarding.placeholder';
  expect(await note('mode', { mode: 'MODE' })).toMatchObject({ status: 422, json: { code } });
  expect(await note('products', { PRODUCT: 'opened' })).toMatchObject({ status: 422, json: { code } });
  const term = { kind: 'refund_window', value: { days: 'DAYS' }, source: 'contract 4.1' };
  expect(await call('wang', 'POST', `/v1/accounts/${accountId}/terms`, term)).toMatchObject({
    ...{ status: 422, json: { code, params: { words: 'DAYS' } } },
  });
});

test('what the contract lacks is noted by the call that stands beside the next one; proposed as a value it is refused with that call', async () => {
  type Step = { readonly key: string; readonly next: { readonly or: { command: string; call: Call } | null } | null };
  type Call = { readonly method: string; readonly path: string; readonly body: Body };
  const walk = await call('wang', 'GET', `/v1/accounts/${accountId}/walk`);
  const nextOf = (key: string) => (walk.json['steps'] as readonly Step[]).find((step) => step.key === key)?.next;
  expect(nextOf('entity')?.or).toBeNull();
  const path = `/v1/accounts/${accountId}/note`;
  const or = { method: 'POST', path, body: { step: 'terms', facts: { credit_card: 'not_needed' } } };
  const command = `liushui accounts note ${accountId} terms credit_card=not_needed`;
  expect(nextOf('terms')?.or).toEqual({ command, call: or });
  const term = { kind: 'credit_card', value: { allowed: 'not_needed' }, source: 'contract 4.1' };
  const refused = await call('wang', 'POST', `/v1/accounts/${accountId}/terms`, term);
  expect(refused).toMatchObject({ status: 422, json: { code: 'onboarding.no_term' } });
  expect(refused.text).toContain(JSON.stringify(JSON.stringify(or.body)).slice(1, -1));
  const noted = await call('wang', 'POST', path, or.body);
  const steps = noted.json['steps'] as readonly { key: string; state: string }[];
  expect(steps.find(({ key }) => key === 'terms')).toMatchObject({ state: 'not_needed', next: null });
});

test('from an added account to a live one by the calls that each answer names, with a second person where one is needed', async () => {
  expect(await call('wang', 'POST', `/v1/accounts/${accountId}/go-live`, {})).toMatchObject({
    ...{ status: 409, json: { code: 'onboarding.step_open' } },
  });
  const called: string[] = [];
  let next: Next = { step: '', command: '', call: { path: `/v1/accounts/${accountId}/walk`, body: {} }, fill: [] };
  let accepts = 0;
  for (let turn = 0; next !== null && turn < 40; turn += 1) {
    const { path, body } = next.call;
    const { fill } = next;
    const isFirst: boolean = path.endsWith('/walk');
    const isSecond = path.startsWith('/v1/approvals/');
    if (isSecond) expect((await call('wang', 'POST', path, body)).status).toBe(403);
    const who = isSecond ? 'zhao' : 'wang';
    const said = isFirst ? await call(who, 'GET', path) : await call(who, 'POST', path, filled(body, fill) as Body);
    expect(said.status, `${path} ${said.text}`).toBeLessThan(300);
    called.push(path.split('/').at(-1) ?? '');
    if (said.status === 202 && path.endsWith('/go-live')) {
      const again = await call('wang', 'POST', path, {});
      expect(again).toMatchObject({
        status: 202,
        json: { approval_id: said.json['approval_id'], next: said.json['next'] },
      });
    }
    if (said.json['live'] === true && !isFirst) break;
    if (path.endsWith('/accept')) {
      await own.world.pass(1000);
      if (typeof said.json['to_pay'] === 'string') await payerPays();
      await own.world.pass((accepts += 1) === 1 ? 20 * 60_000 : 180_000);
    }
    const walk = await call('wang', 'GET', `/v1/accounts/${accountId}/walk`);
    next = walk.json['next'] as Next;
  }
  expect([...new Set(called)].sort()).toEqual(['accept', 'approve', 'go-live', 'note', 'terms', 'walk']);
  expect(called.slice(-3)).toEqual(['go-live', 'approve', 'go-live']);
  const walk = await call('zhao', 'GET', `/v1/accounts/${accountId}/walk`);
  expect(walk.json).toMatchObject({ account_id: accountId, live: true });
  expect(walk.json['steps']).toHaveLength(16);
  expect(await call('wang', 'POST', `/v1/accounts/${accountId}/go-live`, {})).toMatchObject({
    json: { code: 'onboarding.live_already' },
  });
  await expectEqualBooks(own.world, accountId);
}, 60_000);

test('the paper for the channel names each case, what was expected, and the exchange that proves it', async () => {
  const { status, text } = await call('wang', 'GET', `/v1/accounts/${accountId}/testpack`);
  expect(status).toBe(200);
  const [head = '', ...rows] = text.split('\r\n').slice(0, -1);
  expect(head).toMatch(/^\ufeff序号 no,用例 case,/);
  expect(rows).toHaveLength(11);
  const passed = rows.filter((row) => row.includes('通过 passed'));
  expect(passed).toHaveLength(9);
  for (const row of passed) expect(row).toMatch(/,[0-9a-f]{8}-[0-9a-f-]{27}$/);
  expect(rows[0]).toMatch(/POST http[^,]*\/v3\/pay\/transactions\/native,2026-12-01 \d\d:\d\d:\d\d,200,/);
  expect(rows[4]).toContain('渠道通知 message of the channel');
});

const casesOf = async (kind: 'account.paper_ends' | 'account.application_late') =>
  (await listCases(own.world.app.db, { merchants: [merchant], kind, state: 'open', limit: 100 })).map(
    ({ subject }) => subject,
  );

async function until(moment: string): Promise<void> {
  await own.world.pass((parseShanghai(moment) ?? 0) - own.world.clock.now());
}

test('a licence that ends is told of in each stage once, and an application when its day has passed; what is mended closes it', async () => {
  const { app, clock } = own.world;
  await wishWatch(app.db, clock.now());
  await until('2026-12-01 09:00:00');
  expect(await casesOf('account.paper_ends')).toEqual([]);
  const note = (step: string, facts: Body) => call('wang', 'POST', `/v1/accounts/${accountId}/note`, { step, facts });
  const applied = { applied_on: '2026-12-01', expected_on: '2026-12-10', contact: 'Li' };
  expect((await note('hours', applied)).status).toBe(200);
  await until('2026-12-10 09:00:00');
  expect(await casesOf('account.application_late')).toEqual([]);
  await until('2026-12-11 09:00:00');
  expect(await casesOf('account.application_late')).toEqual([`${accountId} hours 2026-12-10`]);
  await note('hours', { hours: 'not_needed' });
  await until('2026-12-13 09:00:00');
  expect(await casesOf('account.application_late')).toEqual([]);
  // Sixty days before the tenth of February.
  expect(await casesOf('account.paper_ends')).toEqual([`${accountId} licence 2027-02-10 -60`]);
  const [open] = await listCases(app.db, { merchants: [merchant], kind: 'account.paper_ends', limit: 1 });
  expect((await call('wang', 'POST', `/v1/cases/${open?.id ?? ''}/close`, { reason: 'ordered' })).status).toBe(200);
  await until('2026-12-20 09:00:00');
  expect(await casesOf('account.paper_ends')).toEqual([]);
  await until('2027-01-13 09:00:00');
  expect(await casesOf('account.paper_ends')).toEqual([`${accountId} licence 2027-02-10 -30`]);
  const renewed = { kind: 'licence', value: { name: 'food', expires_on: '2030-01-01' }, source: 'new paper' };
  const proposed = await call('wang', 'POST', `/v1/accounts/${accountId}/terms`, renewed);
  const { approval_id: approval, digest } = proposed.json as { approval_id: string; digest: string };
  expect((await call('zhao', 'POST', `/v1/approvals/${approval}/approve`, { digest })).status).toBe(200);
  await until('2027-01-14 09:00:00');
  expect(await casesOf('account.paper_ends')).toEqual([]);
}, 60_000);

test('once the statement of that day is here, the run shows the payment with its fee and both refunds on it', async () => {
  const { app, clock } = own.world;
  // Another month has come; a server makes its keys by itself.
  await app.customs.keyring.prepare(clock.now());
  const lineOf = async () => {
    const said = await call('wang', 'POST', `/v1/accounts/${accountId}/accept`);
    const lines = said.json['lines'] as readonly { key: string; state: string; proof: string | null }[];
    return lines.find(({ key }) => key === 'statement');
  };
  expect(await lineOf()).toMatchObject({ state: 'next_day' });
  const day = '2026-12-01' as BusinessDate;
  expect(await askStatements(app.customs, people.wang, { accountId, from: day, to: day })).toMatchObject({ ok: true });
  await own.world.pass(60_000);
  expect(await lineOf()).toMatchObject({ state: 'green', proof: expect.stringMatching(/^S-\d+$/) as string });
});
