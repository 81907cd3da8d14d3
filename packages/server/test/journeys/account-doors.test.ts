// Goal: both doors that change an account say and keep the same, end an old key at the moment at which it is replaced, and take no name or secret
// that does harm later.
// Method: the command line and HTTP on the simulated gateway, with a clock that goes on whenever it is read.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { addAccount, openAccount } from '../../src/accounts/index.ts';
import { issueToken, listAudit, systemActor } from '../../src/identity/index.ts';
import type { Actor } from '../../src/identity/index.ts';
import { Secret } from '../../src/kernel/index.ts';
import type { Instant } from '../../src/kernel/index.ts';
import { typed } from '../kit/cli.ts';
import { useStages } from '../kit/money-ground.ts';
import { idOf } from '../kit/pay-side.ts';
import { codeOf } from '../kit/pay-steps.ts';
import { openApi } from '../kit/pay-world.ts';
import { addWechatAccount, wechatPay } from '../kit/wechat-world.ts';
import { merchant, people } from '../stories/people.ts';

const own = useStages('2026-12-01 10:00:00', { openApi, wechatPay });
const wang: Actor = { ...people.wang, roles: ['maker', 'admin'] };
const folder = mkdtempSync(join(tmpdir(), 'liushui-doors-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => void vi.restoreAllMocks());

const app = () => own.world.openApi.app;
let login = '';
let numbers = 0;
beforeAll(async () => {
  await app().db.query(`update users set roles = '{maker,admin}' where id = 'wang'`);
  const stamp = { at: app().clock.now(), ids: app().customs.ids };
  const change = { by: systemActor, consent: { kind: 'one_person' }, reason: '' } as const;
  const common = { label: 'w', merchants: [merchant], scopes: [], ipAllow: [], expiresInMs: undefined };
  const wish = { userId: 'wang', kind: 'cli', ...common } as const;
  const issued = await app().db.transaction((tx) => issueToken(tx, wish, change, app().tokens, stamp));
  login = issued.ok ? issued.value.token : '';
});

const type = (...words: string[]) => typed(app(), wang, words);

async function call(path: string, payload: object) {
  const answer = await own.world.openApi.server.inject({
    ...{ method: 'POST', url: path, payload },
    headers: { authorization: `Bearer ${login}`, 'idempotency-key': `d${(numbers += 1)}` },
  });
  return answer.json<Record<string, unknown>>();
}

function secretFile(name: string, text: string): string {
  const file = join(folder, `${name}-${(numbers += 1)}`);
  writeFileSync(file, `${text}\n`);
  return `${name}=${file}`;
}

async function addAlipay(): Promise<string> {
  const given = {
    settings: { partner: `20880000000${(numbers += 1) + 10_000}` },
    secrets: { md5_key: new Secret('k') },
  };
  const account = { merchantId: merchant, channel: 'alipay', name: 'n', ...given };
  return idOf(await app().db.transaction((tx) => addAccount(tx, app().customs, account)));
}

async function secretsOf(id: string, field: string): Promise<string[]> {
  const opened = await openAccount(app().customs, id);
  return opened.ok ? (opened.value.secrets[field] ?? []).map((one) => one.reveal()) : [];
}

const changesOf = (id: string) => listAudit(app().db, { subject: id, act: 'account.changed', limit: 10 });

test('by either door a key ends now, whatever time passes on the way; and both write until when it verifies', async () => {
  const id = await addAlipay();
  const { clock } = app();
  const start = clock.now();
  let read = 0;
  vi.spyOn(clock, 'now').mockImplementation(() => (start + (read += 1)) as Instant);
  const secret = ['--secret-file', secretFile('md5_key', 'second')];
  const typedNow = await type('accounts', 'change', id, ...secret, '--old-until', 'now');
  expect(typedNow).toMatchObject({ value: { json: { secret_fields: ['md5_key'] } } });
  expect(await secretsOf(id, 'md5_key')).toEqual(['second']);
  const called = await call(`/v1/accounts/${id}/change`, { secrets: { md5_key: 'third' }, old_until: 'now' });
  expect(called).toMatchObject({ changed: true });
  expect(await secretsOf(id, 'md5_key')).toEqual(['third']);
  const untils = [called['old_until'], typedNow.ok && typedNow.value.json['old_until']];
  expect(untils).toEqual([expect.stringMatching(/^2026-12-01T10:00:0/), expect.stringMatching(/^2026-12-01T10:00:0/)]);
  expect((await changesOf(id)).map(({ detail }) => detail['old_until'])).toEqual(untils);
});

test('an empty secret is none, whether the account needs it or not, when it is added and later', async () => {
  const off = idOf(await app().db.transaction((tx) => addWechatAccount(tx, app(), { api_v2: 'off' })));
  const change = ['accounts', 'change', off, '--secret-file'];
  const missing = { code: 'account.secret_missing', pointer: '/secrets/api_v2_key' };
  expect(await type(...change, secretFile('api_v2_key', ''))).toMatchObject({ refusal: missing });
  expect(await call(`/v1/accounts/${off}/change`, { secrets: { api_v2_key: '' } })).toMatchObject(missing);
  expect(await secretsOf(off, 'api_v2_key')).not.toContain('');
  const settings = ['--setting', 'partner=2088000000000999'];
  const md5 = ['--secret-file', secretFile('md5_key', 'k')];
  const unneeded = ['--secret-file', secretFile('app_private_key', '')];
  const added = await type('accounts', 'add', '--channel', 'alipay', ...settings, ...md5, ...unneeded);
  expect(added).toMatchObject({ refusal: { code: 'account.secret_missing', pointer: '/secrets/app_private_key' } });
});

test('a name that would draw on a screen is taken by neither door, and one in any language by both', async () => {
  const id = await addAlipay();
  for (const name of ['a\u001b[2K', 'a\rb', 'a\nb', 'a\u007f', 'a\u009b2K', 'a\u202eb', 'a\u2066b']) {
    expect(codeOf(await type('accounts', 'change', id, '--name', name)), name).toBe('usage.bad_input');
    const told = await call(`/v1/accounts/${id}/change`, { name });
    expect(told, name).toMatchObject({ code: 'usage.bad_input', pointer: '/name' });
    const account = { channel: 'alipay', name, settings: { partner: '2088000000000998' }, secrets: { md5_key: 'k' } };
    expect(await call('/v1/accounts', account), name).toMatchObject({ code: 'usage.bad_input' });
  }
  expect(await type('accounts', 'change', id, '--name', '店铺 – 店')).toMatchObject({
    value: { json: { renamed: true } },
  });
  expect(await changesOf(id)).toHaveLength(1);
});
