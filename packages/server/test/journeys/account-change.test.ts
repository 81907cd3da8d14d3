// Goal: what was mistyped or has grown old is mended on the account itself: by two people in production, with everything checked as at first, and
// nothing that was sent becoming unanswerable.
// Method: the command line on both simulated channels; keys are changed on both sides, or on one.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { addAccount, openAccount, openAccountOften, testAccount } from '../../src/accounts/index.ts';
import type { Answer } from '../../src/cli/answer.ts';
import { findAuditOf, issueToken, listAudit, systemActor } from '../../src/identity/index.ts';
import type { Actor } from '../../src/identity/index.ts';
import { hours, plus, Secret } from '../../src/kernel/index.ts';
import type { Result } from '../../src/kernel/index.ts';
import { startPayment } from '../../src/payments/index.ts';
import { namingPeople } from '../../src/cli/who-may.ts';
import type { Session } from '../../src/cli/session.ts';
import { typed } from '../kit/cli.ts';
import { useStages } from '../kit/money-ground.ts';
import { idOf } from '../kit/pay-side.ts';
import { codeOf, price } from '../kit/pay-steps.ts';
import { openApi } from '../kit/pay-world.ts';
import { addWechatAccount, wechatPay } from '../kit/wechat-world.ts';
import { md5Key, partner } from '../kit/world.ts';
import { merchant, people } from '../stories/people.ts';

const own = useStages('2026-12-01 10:00:00', { openApi, wechatPay });
const wang: Actor = { ...people.wang, roles: ['maker', 'admin'] };
const zhao: Actor = { ...people.zhao, roles: ['checker'] };
const folder = mkdtempSync(join(tmpdir(), 'liushui-change-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const app = () => own.world.openApi.app;
let isSandbox = true;
let accountId = '';
let numbers = 0;
beforeEach(() => void (isSandbox = true));
beforeAll(async () => {
  await app().db.query(`update users set roles = '{maker,admin}' where id = 'wang'`);
  await own.world.openApi.post('/control/partners', [{ partner, md5_key: md5Key }]);
});

const type = (actor: Actor, ...words: string[]): Promise<Result<Answer>> =>
  typed(app(), actor, words, isSandbox ? {} : { sandbox: false, sandboxDoors: undefined });

/** A file with a secret, as `--secret-file` takes it. */
function secretFile(name: string, text: string): string {
  const file = join(folder, `${name}-${(numbers += 1)}`);
  writeFileSync(file, `${text}\n`);
  return `${name}=${file}`;
}

async function addAlipay(more: Readonly<Record<string, string>> = {}, key = md5Key): Promise<string> {
  const gateway = await settingOf(own.world.openApi.accountId, 'gateway_url');
  const given = {
    ...{
      merchantId: merchant,
      channel: 'alipay',
      name: 'customs',
      settings: { partner, gateway_url: gateway, ...more },
    },
    secrets: { md5_key: new Secret(key) },
  };
  return idOf(await app().db.transaction((tx) => addAccount(tx, app().customs, given)));
}

async function settingOf(id: string, name: string): Promise<string> {
  const opened = await openAccount(app().customs, id);
  return opened.ok ? (opened.value.account.settings[name] ?? '') : '';
}

async function secretsOf(id: string, field: string): Promise<string[]> {
  const opened = await openAccount(app().customs, id);
  return opened.ok ? (opened.value.secrets[field] ?? []).map((one) => one.reveal()) : [];
}

const tested = async (id: string): Promise<string> => {
  const result = await testAccount(app().customs, app().transport, id);
  return result.ok ? 'passed' : result.refusal.code;
};

test('a key and an address that were mistyped are mended, and the test of the account passes', async () => {
  const gateway = await settingOf(own.world.openApi.accountId, 'gateway_url');
  accountId = await addAlipay({ gateway_url: 'http://127.0.0.1:9/gateway.do' }, 'x'.repeat(32));
  await openAccountOften(app().customs, accountId);
  expect(await tested(accountId)).toBe('account.test_refused');
  const setting = ['--setting', `gateway_url=${gateway}`];
  expect(await type(wang, 'accounts', 'change', accountId, ...setting)).toMatchObject({
    value: { json: { settings: ['gateway_url'], secret_fields: [], renamed: false } },
  });
  expect(await tested(accountId)).toBe('account.test_refused');
  const mended = await type(wang, 'accounts', 'change', accountId, '--secret-file', secretFile('md5_key', md5Key));
  expect(mended).toMatchObject({
    value: { json: { secret_fields: ['md5_key'] }, next: `liushui accounts test ${accountId}` },
  });
  expect(await tested(accountId)).toBe('passed');
  const [entry] = await listAudit(app().db, { subject: accountId, act: 'account.changed', limit: 1 });
  expect(entry).toMatchObject({ actor: 'wang', detail: { secret_fields: ['md5_key'], settings: [] } });
  expect(JSON.stringify([entry, mended])).not.toContain(md5Key);
});

test('the newest key signs; the one before verifies for two days, or as long as it was told, and stays in its row', async () => {
  const id = await addAlipay();
  const give = (key: string, ...more: string[]) =>
    type(wang, 'accounts', 'change', id, '--secret-file', secretFile('md5_key', key), ...more);
  // The clock stands: all of this is one moment.
  await give('second');
  expect(await secretsOf(id, 'md5_key')).toEqual(['second', md5Key]);
  await give('third', '--old-until', '2026-12-01 12:00');
  expect(await secretsOf(id, 'md5_key')).toEqual(['third', 'second', md5Key]);
  expect(codeOf(await give('fourth', '--old-until', '2026-12-01 09:59'))).toBe('account.old_until_past');
  await give('fourth', '--old-until', 'now');
  expect(await secretsOf(id, 'md5_key')).toEqual(['fourth']);
  const rows = await app().db.query('select from channel_secrets where account_id = $1', [id]);
  expect(rows).toHaveLength(4);
  await give('fifth');
  const { clock } = own.world.openApi;
  clock.moveTo(plus(clock.now(), hours(48) - 1000));
  expect(await secretsOf(id, 'md5_key')).toEqual(['fifth', 'fourth']);
  clock.moveTo(plus(clock.now(), 1000));
  expect(await secretsOf(id, 'md5_key')).toEqual(['fifth']);
});

test('the whole account is checked again: what is wrong with it comes in one list, and nothing moves', async () => {
  const { accountId: id } = own.world.wechatPay;
  const before = await settingOf(id, 'merchant_serial_no');
  const refused = await type(
    ...[wang, 'accounts', 'change', id, '--setting', 'merchant_serial_no=x', '--setting', 'sub_appid=wx00'],
    ...['--setting', 'nonsense=1', '--secret-file', secretFile('api_v3_key', 'short')],
  );
  expect(refused).toMatchObject({ refusal: { code: 'account.form_unfit', params: { count: 4 } } });
  expect(codeOf(await type(wang, 'accounts', 'change', id, '--unset', 'nonsense'))).toBe('account.field_unknown');
  expect(codeOf(await type(wang, 'accounts', 'change', id, '--unset', 'fund_flow'))).toBe('account.setting_missing');
  expect(codeOf(await type(wang, 'accounts', 'change', id, '--name', 'direct'))).toBe('account.nothing_changed');
  expect(await settingOf(id, 'merchant_serial_no')).toBe(before);
  expect(await secretsOf(id, 'api_v3_key')).toHaveLength(1);
});

test('an expired certificate that is replaced, or needed no more, stands in nobody’s way', async () => {
  const { accountId: id } = own.world.wechatPay;
  await app().db.query(
    `update channel_secrets set valid_to = now() - interval '100 years' where account_id = $1
    and field = 'platform_certificate'`,
    [id],
  );
  const renamed = await type(wang, 'accounts', 'change', id, '--name', 'renamed');
  expect(renamed).toMatchObject({
    refusal: { code: 'account.secret_missing', pointer: '/secrets/platform_certificate' },
  });
  const moved = await type(wang, 'accounts', 'change', id, '--setting', 'platform_keys=public_key');
  expect(moved).toMatchObject({ value: { json: { settings: ['platform_keys'] } } });
});

const begin = (stage: 'openApi' | 'wechatPay', account: string) =>
  startPayment(app().payments, app().orders, people.wang, {
    ...{ merchantId: merchant, orderNo: `C${(numbers += 1)}`, amount: price, subject: 'x', accountId: account },
    product: stage === 'openApi' ? 'page' : 'native',
  });

test('numbers may move until something was sent under them, and never after', async () => {
  const gateway = await settingOf(own.world.wechatPay.accountId, 'gateway_url');
  const add = { gateway_url: gateway, mchid: '1800000043' };
  const id = idOf(await app().db.transaction((tx) => addWechatAccount(tx, app(), add)));
  const set = (...words: string[]) =>
    type(wang, 'accounts', 'change', id, ...words.flatMap((one) => ['--setting', one]));
  expect(await set('mchid=1800000044', 'appid=wxaaaaaaaaaaaaaaaa')).toMatchObject({ ok: true });
  expect(await begin('wechatPay', id)).toMatchObject({ ok: true });
  for (const moved of ['mchid=1800000045', 'appid=wxbbbbbbbbbbbbbbbb', 'sub_mchid=1900000109', 'customs_api=v3']) {
    const refused = await set(moved, 'limit_pay=no_credit');
    expect(refused, moved).toMatchObject({ refusal: { code: 'account.identity_in_use' } });
  }
  // Where there was none, nothing was sent with another one.
  expect(await set('mini_appid=wxcccccccccccccccc', 'limit_pay=no_credit')).toMatchObject({ ok: true });
  expect(codeOf(await set('mini_appid=wxdddddddddddddddd'))).toBe('account.identity_in_use');
});

test('a change that leaves no question to ask about what was sent is refused, and allowed where nothing was', async () => {
  const used = own.world.openApi.accountId;
  expect(await begin('openApi', used)).toMatchObject({ ok: true });
  const refused = await type(wang, 'accounts', 'change', used, '--setting', 'openapi_mode=none');
  expect(refused).toMatchObject({ refusal: { code: 'account.would_fall_silent', params: { questions: 'page' } } });
  const { settings, secrets } = await heldOf(used);
  const spare = { merchantId: merchant, channel: 'alipay', name: 'spare', settings, secrets };
  const id = idOf(await app().db.transaction((tx) => addAccount(tx, app().customs, spare)));
  expect(await type(wang, 'accounts', 'change', id, '--setting', 'openapi_mode=none')).toMatchObject({ ok: true });
});

test('an attempt that is being written is waited for', async () => {
  const gateway = await settingOf(own.world.wechatPay.accountId, 'gateway_url');
  const add = { gateway_url: gateway, mchid: '1800000051' };
  const id = idOf(await app().db.transaction((tx) => addWechatAccount(tx, app(), add)));
  const [written, mayEnd] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const writing = app().db.transaction(async (tx) => {
    await tx.query(
      `insert into payment_attempts select (jsonb_populate_record(a, jsonb_build_object('id', gen_random_uuid(), 'account_id', $1::text,
         'serial_no', '26120100000000000099'))).* from payment_attempts a limit 1`,
      [id],
    );
    written.resolve();
    await mayEnd.promise;
  });
  await written.promise;
  const changing = type(wang, 'accounts', 'change', id, '--setting', 'mchid=1800000052');
  const waits = `select from pg_stat_activity where wait_event_type = 'Lock' and query like '%channel_accounts%'`;
  await expect.poll(() => app().db.query(waits), { interval: 10 }).toHaveLength(1);
  mayEnd.resolve();
  await writing;
  expect(await changing).toMatchObject({ refusal: { code: 'account.identity_in_use' } });
});

async function heldOf(id: string) {
  const opened = await openAccount(app().customs, id);
  if (!opened.ok) throw new Error(opened.refusal.code);
  const newest = Object.entries(opened.value.secrets).flatMap(([field, [secret]]) => (secret ? [[field, secret]] : []));
  return { settings: opened.value.account.settings, secrets: Object.fromEntries(newest) as Record<string, Secret> };
}

test('another merchant’s numbers are not taken by a change either', async () => {
  await app().db.query(`insert into merchants (id, name_zh, name_en, created_at) values ('other', 'o', 'o', now())`);
  const given = {
    ...{ merchantId: 'other', channel: 'alipay', name: 'theirs', settings: { partner: '2088999999999999' } },
    secrets: { md5_key: new Secret('k') },
  };
  expect((await app().db.transaction((tx) => addAccount(tx, app().customs, given))).ok).toBe(true);
  const id = await addAlipay({ partner: '2088000000000123' });
  const taken = await type(wang, 'accounts', 'change', id, '--setting', 'partner=2088999999999999');
  expect(codeOf(taken)).toBe('account.owner_taken');
});

test('in production two people change it: what would be refused asks nobody, and each is shown what he can do', async () => {
  isSandbox = false;
  const id = await addAlipay();
  const change = ['accounts', 'change', id, '--name', '新名 a', '--secret-file', secretFile('md5_key', 'second')];
  const wrong = await type(wang, ...change, '--setting', 'sign_type=X');
  expect(codeOf(wrong)).toBe('account.setting_invalid');
  expect(await app().db.query('select from approvals')).toEqual([]);

  const asked = await type(wang, ...change);
  const approval = asked.ok ? String(asked.value.json['approval']) : '';
  expect(asked).toMatchObject({ value: { exit: 4 } });
  expect(await secretsOf(id, 'md5_key')).toEqual([md5Key]);
  const nextIn = async (actor: Actor): Promise<unknown> => {
    const list = await type(actor, 'approvals', 'list');
    const found = list.ok ? (list.value.json['approvals'] as { approval: string; next: string | null }[]) : [];
    return found.find((one) => one.approval === approval)?.next;
  };
  expect([await nextIn(wang), await nextIn(zhao)]).toEqual([null, `liushui approvals approve ${approval}`]);
  const stored = await app().db.query<{ input: unknown }>('select input from approvals where id = $1', [approval]);
  expect(JSON.stringify(stored)).not.toMatch(/second[^_]/);

  const completing = `liushui accounts change ${id} --name '新名 a' --secret-file md5_key=FILE --approval ${approval}`;
  expect(await type(zhao, 'approvals', 'approve', approval)).toMatchObject({ value: { next: completing } });
  expect([await nextIn(wang), await nextIn(zhao)]).toEqual([completing, undefined]);
  const other = [...change.slice(0, -1), secretFile('md5_key', 'another'), '--approval', approval];
  expect(codeOf(await type(wang, ...other))).toBe('approval.digest_differs');
  expect(await type(wang, ...change, '--approval', approval)).toMatchObject({ value: { exit: 0 } });
  expect(await secretsOf(id, 'md5_key')).toEqual(['second', md5Key]);
  expect(await nextIn(wang)).toBe(undefined);
  expect(await type(zhao, 'approvals', 'approve', approval)).toMatchObject({
    refusal: {
      code: 'approval.carried_out',
      params: { subject: approval, checker: 'zhao', usedBy: 'wang', result: `account.changed ${id}` },
    },
  });
  const acts = (await findAuditOf(app().db, [id])).map(({ act }) => act);
  expect(acts).toEqual(['approval.asked', 'approval.approved', 'approval.used', 'account.changed']);
});

test('adding and going live are completed by different commands', async () => {
  isSandbox = false;
  const add = ['accounts', 'add', '--channel', 'alipay', '--name', 'n', '--setting', 'partner=2088000000000777'];
  const asked = await type(wang, ...add, '--secret-file', secretFile('md5_key', 'k'));
  const approval = asked.ok ? String(asked.value.json['approval']) : '';
  const approved = await type(zhao, 'approvals', 'approve', approval);
  expect(approved.ok && approved.value.next).toBe(
    `liushui accounts add --channel alipay --name n --merchant ${merchant} --setting partner=2088000000000777 ` +
      `--secret-file md5_key=FILE --approval ${approval}`,
  );
});

test('in a sandbox the simulator’s addresses are filled in; who gives nothing is shown everything that is wanted', async () => {
  const wanted = await type(wang, 'accounts', 'add', '--channel', 'wechat');
  const shown = wanted.ok ? wanted.value : expect.unreachable();
  const url = await settingOf(own.world.wechatPay.accountId, 'gateway_url');
  expect(shown).toMatchObject({ exit: 2, json: { added: false }, next: 'liushui sandbox sign-up wechat' });
  for (const [lang, line] of [
    ['en', /^ --setting gateway_url=… +Gateway address +an address with http:\/\/ or https:\/\/ +http:/],
    ['en', /^ --setting mchid=… +Merchant number .* yes +8–10 digits/],
    ['en', /^ --secret-file api_v2_key=FILE +APIv2 key +with api_v2=on +a file; - for standard input/],
    ['zh', /^ --secret-file api_v2_key=FILE +APIv2 密钥 +api_v2=on 时/],
  ] as const)
    expect(
      shown.lines.map((one) => one[lang]).filter((one) => line.test(one)),
      String(line),
    ).toHaveLength(1);
  expect(shown.lines.some(({ zh }) => zh.includes(url))).toBe(true);

  const words = ['accounts', 'add', '--channel', 'alipay', '--setting', `partner=${partner}`];
  const added = await type(wang, ...words, '--secret-file', secretFile('md5_key', md5Key));
  const id = added.ok ? String(added.value.json['account']) : '';
  expect(added).toMatchObject({ value: { json: { live: false }, next: `liushui accounts test ${id}` } });
  expect(await tested(id)).toBe('passed');
  const held = await type(wang, 'accounts', 'change', id);
  expect(held).toMatchObject({ value: { exit: 2, json: { has: { partner }, has_secrets: ['md5_key'] } } });
});

const tokens = new Map<string, string>();
async function call(who: string, path: string, payload: object) {
  const answer = await own.world.openApi.server.inject({
    ...{ method: 'POST', url: path, payload },
    headers: { authorization: `Bearer ${tokens.get(who) ?? ''}`, 'idempotency-key': `k${(numbers += 1)}` },
  });
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
}

async function logIn(userId: string, merchants: readonly string[]): Promise<void> {
  const stamp = { at: app().clock.now(), ids: app().customs.ids };
  const change = { by: systemActor, consent: { kind: 'one_person' }, reason: '' } as const;
  const wish = { userId, kind: 'cli', label: 'w', merchants, scopes: [], ipAllow: [], expiresInMs: undefined } as const;
  const issued = await app().db.transaction((tx) => issueToken(tx, wish, change, app().tokens, stamp));
  if (!issued.ok) throw new Error(issued.refusal.code);
  tokens.set(userId, issued.value.token);
}

test('over HTTP: a sandbox adds with products and changes at once; production asks a second person, and takes no secrets', async () => {
  for (const who of ['wang', 'zhao']) await logIn(who, [merchant]);
  const secrets = { md5_key: md5Key };
  const account = { channel: 'alipay', name: 'h', settings: { partner: '2088000000000888' }, secrets };
  const wrong = await call('wang', '/v1/accounts', { ...account, settings: {}, secrets: {} });
  expect(wrong).toMatchObject({ status: 422, body: { code: 'account.form_unfit', params: { count: 2 } } });
  const odd = await call('wang', '/v1/accounts', { ...account, products: ['nothing'] });
  expect(odd.body).toMatchObject({ code: 'onboarding.unknown_product' });
  const added = await call('wang', '/v1/accounts', { ...account, products: ['page'] });
  expect(added.status).toBe(201);
  const id = String(added.body['id']);
  const [row] = await app().db.query('select products, merchant_id from channel_accounts where id = $1', [id]);
  expect(row).toEqual({ products: ['page'], merchant_id: merchant });
  expect(await settingOf(id, 'gateway_url')).toMatch(/^http:\/\/127/);
  const changed = await call('wang', `/v1/accounts/${id}/change`, { secrets: { md5_key: 'second' }, old_until: 'now' });
  expect(changed).toMatchObject({ status: 200, body: { secret_fields: ['md5_key'], settings: [], renamed: false } });
  expect(await secretsOf(id, 'md5_key')).toEqual(['second']);

  Object.assign(app().installation, { bornAs: 'production' });
  const path = `/v1/accounts/${id}/change`;
  const secret = await call('wang', path, { secrets: { md5_key: 'third' } });
  expect(secret).toMatchObject({ status: 403, body: { code: 'production.refuses' } });
  expect((await call('wang', path, { settings: { sign_type: 'x' } })).body).toMatchObject({
    code: 'account.setting_invalid',
  });
  const asked = await call('wang', path, { name: 'other' });
  expect(asked).toMatchObject({ status: 202, body: { next: { method: 'POST' } } });
  const { approval_id: approval, next } = asked.body as { approval_id: string; next: { path: string; body: object } };
  const early = await call('wang', path, { name: 'other', approval_id: approval });
  expect(early.body).toMatchObject({ code: 'approval.not_approved' });
  expect((await call('zhao', next.path, next.body)).status).toBe(200);
  const otherName = await call('wang', path, { name: 'else', approval_id: approval });
  expect(otherName.body).toMatchObject({ code: 'approval.digest_differs' });
  // What one door asked for, the other carries out.
  isSandbox = false;
  const done = await type(wang, 'accounts', 'change', id, '--name', 'other', '--approval', approval);
  expect(done).toMatchObject({ value: { json: { renamed: true } } });
  Object.assign(app().installation, { bornAs: 'sandbox' });
});

test('who may not is told who may, and in a sandbox how to become one of them', async () => {
  const refused = await type({ ...wang, roles: ['maker'] }, 'accounts', 'change', accountId, '--name', 'n');
  if (refused.ok) return expect.unreachable();
  expect(refused.refusal.code).toBe('auth.role_missing');
  const told = async (sandbox: boolean, actor: Actor) => {
    const session = { ...app(), actor, sandbox } as unknown as Session;
    return (await namingPeople(session, { code: 'auth.role_missing', params: { role: 'checker / admin' } }, folder))
      .params;
  };
  writeFileSync(join(folder, 'zhao'), 'a login');
  const maker: Actor = { ...people.wang, roles: ['maker'] };
  expect(await told(true, maker)).toEqual({
    role: 'checker / admin',
    people: 'zhao (赵)',
    login: 'liushui login zhao',
  });
  expect(await told(false, maker)).toEqual({ role: 'checker / admin' });
  expect(await told(false, zhao)).toEqual({ role: 'checker / admin', people: 'wang (王)' });
});
