// Goal: in a sandbox a merchant goes from nothing to an account that buyers are offered: a simulated channel signs, and from its answer on each line
// that is printed is typed, and over HTTP each call that is named is made.
// Method: both simulated channels on one moved clock. Words are read as a shell reads them and filled in from what is said of them; the payer and
// time are played by the commands that are printed for that.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { findAccounts, listAccounts } from '../../src/accounts/index.ts';
import { followSimulators } from '../../src/app/sign-up.ts';
import type { Answer } from '../../src/cli/answer.ts';
import { issueToken, listAudit, systemActor } from '../../src/identity/index.ts';
import type { Actor } from '../../src/identity/index.ts';
import { CNY, days } from '../../src/kernel/index.ts';
import type { Result } from '../../src/kernel/index.ts';
import { offersFor } from '../../src/routing/index.ts';
import { typed } from '../kit/cli.ts';
import { useStages } from '../kit/money-ground.ts';
import { idOf } from '../kit/pay-side.ts';
import { expectEqualBooks, openApi } from '../kit/pay-world.ts';
import { addWechatAccount, wechatPay } from '../kit/wechat-world.ts';
import { merchant, people } from '../stories/people.ts';
import { good } from './steps.ts';

const own = useStages('2026-12-01 10:00:00', { alipay: openApi, wechat: wechatPay });
const channels = ['alipay', 'wechat'] as const;
const admin: Actor = { ...people.wang, roles: ['maker', 'admin'], merchants: ['*'] };
const zhao: Actor = { ...people.zhao, roles: ['checker'] };
const minute = 60_000;

type Texts = Readonly<Record<string, string>>;
type Signed = { readonly number: string; readonly settings: Texts; readonly secret_files: Texts };
type Body = Readonly<Record<string, unknown>>;

type Blank = {
  readonly word: string;
  readonly example: string | number;
  readonly one_of: readonly { word: string }[] | null;
};

/** Words in capitals as the answer explains them. A number of ours is none, although it looks like one. */
function fillIn(text: string, fill: unknown): string {
  const blanks = new Map(((fill ?? []) as readonly Blank[]).map((one) => [one.word, one]));
  return text.replace(/\b[A-Z]{3,}\b/g, (word) => {
    const blank = blanks.get(word);
    return String(blank?.one_of?.[0]?.word ?? blank?.example ?? word);
  });
}

/** A line as a shell reads it; nothing outside quotes may mean anything to it. */
function shellWords(line: string): string[] {
  expect(line.replace(/'[^']*'/g, '')).toMatch(/^[A-Za-z0-9 _@%+=:,./-]*$/);
  return [...line.matchAll(/(?:[^\s']|'[^']*')+/g)].map(([word]) => word.replaceAll("'", ''));
}

const type = (actor: Actor, words: readonly string[]): Promise<Result<Answer>> =>
  typed(own.world.alipay.app, actor, words);

/** Whoever asked does not approve it. */
const whoTypes = (words: readonly string[]): Actor => (words[0] === 'approvals' ? zhao : admin);

async function follow(line: string, fill?: unknown): Promise<Answer> {
  const [name, ...words] = shellWords(line).map((word) => fillIn(word, fill));
  expect(name).toBe('liushui');
  const forward = /^sandbox clock --forward (\d+)m$/.exec(words.join(' '));
  // A test's clock is moved by the test, and takes the simulators with it.
  if (forward) await own.world.alipay.pass(Number(forward[1]) * minute);
  const answer = await type(whoTypes(words), forward ? ['sandbox', 'clock'] : words);
  if (!answer.ok) throw new Error(`${line}: ${JSON.stringify(answer.refusal)}`);
  return answer.value;
}

/** Why buyers are not offered any way to pay of the account; that it is offered, or only comes after one that went live before it. */
async function offered(accountId: string): Promise<readonly string[] | 'offered'> {
  const { app } = own.world.alipay;
  const ways = await offersFor(app.customs, {
    ...{ merchantId: merchant, amount: { minor: 100n, currency: CNY }, scene: 'online', side: { terminal: 'pc' } },
    ...{ at: app.clock.now(), payerKnows: {}, orderNo: 'N1' },
  });
  const isIts = (one: { readonly accountId: string }): boolean => one.accountId === accountId;
  const codes = ways.notOffered.filter(isIts).map(({ refusal }) => refusal.code);
  return ways.offered.some(isIts) || codes.includes('routing.another_goes_before') ? 'offered' : [...new Set(codes)];
}

const englishOf = ({ lines }: Answer): string => lines.map(({ en }) => en).join('\n');

async function accountOf(id: string) {
  const all = await listAccounts(own.world.alipay.app.db, [merchant]);
  return all.find((one) => one.id === id);
}

test.each(channels)('%s: from a signature to a live account by the lines that are printed', async (channel) => {
  const signed = await follow(`liushui sandbox sign-up ${channel}`);
  const { number, settings, secret_files: files } = signed.json as Signed;
  expect(englishOf(signed)).toContain(`The simulated ${channel} has signed. Merchant number ${number}:`);
  for (const [name, value] of Object.entries(settings))
    expect(englishOf(signed)).toMatch(new RegExp(`${name} +${value}`));
  for (const [name, file] of Object.entries(files)) {
    expect(basename(file)).toBe(name);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    // The answer says where a secret lies, never what it is.
    expect(JSON.stringify(signed)).not.toContain(readFileSync(file, 'utf8').trim().slice(0, 20));
  }

  const added = await follow(signed.next ?? '');
  const accountId = String(added.json['account']);
  expect(await accountOf(accountId)).not.toHaveProperty('liveAt');
  expect(await offered(accountId)).toEqual(['routing.account_not_live']);
  const tested = await follow(added.next ?? '');
  expect(tested).toMatchObject({ json: { account: accountId, trust: 'verified' } });

  let told = tested;
  const again = `liushui accounts accept ${accountId}`;
  for (let turn = 0; turn < 60 && told.json['live'] !== true; turn += 1) {
    const line = told.next ?? '';
    told = await follow(line, told.json['fill']);
    await own.world[channel].pass(1000);
    // What plays another one's part ends with a look at it: the run says that it is gone on with after that.
    if (line.startsWith('liushui sandbox ')) told = { ...told, next: again };
  }
  expect(told.json).toMatchObject({ account: accountId, live: true });
  expect(await offered(accountId)).toBe('offered');
  const events = await own.world.alipay.app.db.query(`select subject from webhook_events where type = 'account.live'`);
  expect(events).toContainEqual({ subject: accountId });
  await expectEqualBooks(own.world[channel], accountId);
});

const tokens = new Map<string, string>();
let keys = 0;

beforeAll(async () => {
  const { app, clock } = own.world.alipay;
  const stamp = { at: clock.now(), ids: app.customs.ids };
  const change = { by: systemActor, consent: { kind: 'one_person' }, reason: '' } as const;
  await app.db.query(`update users set roles = '{maker,admin}' where id = 'wang'`);
  for (const userId of ['wang', 'zhao']) {
    const wish = { userId, kind: 'cli', label: 'w', merchants: ['*'], scopes: [], ipAllow: [] } as const;
    const issued = await app.db.transaction((tx) =>
      issueToken(tx, { ...wish, expiresInMs: days(30) }, change, app.tokens, stamp),
    );
    tokens.set(userId, good(issued).token);
  }
}, 120_000);

async function call(method: 'GET' | 'POST', path: string, body?: Body) {
  const who = path.startsWith('/v1/approvals/') ? 'zhao' : 'wang';
  const headers = { authorization: `Bearer ${tokens.get(who) ?? ''}`, 'idempotency-key': `k${(keys += 1)}` };
  const payload = body === undefined ? {} : { payload: body };
  const answer = await own.world.alipay.server.inject({ method, url: path, headers, ...payload });
  return { status: answer.statusCode, json: answer.json<Record<string, unknown>>(), text: answer.body };
}

/** The body of a call with its words in capitals filled in. */
function filled(value: unknown, fill: unknown): unknown {
  if (typeof value === 'string') return fillIn(value, fill).split('|')[0];
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [filled(name, fill), filled(inner, fill)]));
}

type Call = { readonly path: string; readonly body: Body };
type Next = { readonly call: Call; readonly fill: unknown };

test.each(channels)('%s: the same over HTTP, by the calls that each answer names', async (channel) => {
  const signed = await call('POST', '/v1/sandbox/sign-ups', { channel });
  expect(signed).toMatchObject({ status: 201, json: { channel, merchant_id: merchant } });
  const { path, body } = signed.json['next'] as Call;
  const added = await call('POST', path, body);
  expect(added.status, added.text).toBe(201);
  const accountId = String(added.json['id']);
  expect(await accountOf(accountId)).not.toHaveProperty('liveAt');
  expect(await accountOf(accountId)).toMatchObject({ products: signed.json['products'] });
  expect(await call('POST', `/v1/accounts/${accountId}/test`)).toMatchObject({ json: { trust: 'verified' } });

  let next: Next | null = null;
  for (let turn = 0; turn < 60; turn += 1) {
    const walk = await call('GET', `/v1/accounts/${accountId}/walk`);
    if (walk.json['live'] === true) break;
    const { call: named, fill }: Next = next ?? (walk.json['next'] as Next);
    const forward = named.path === '/v1/sandbox/clock' ? Number.parseInt(String(named.body['advance']), 10) : undefined;
    if (forward !== undefined) await own.world[channel].pass(forward * minute);
    const said = forward === undefined ? await call('POST', named.path, filled(named.body, fill) as Body) : undefined;
    if (said) expect(said.status, `${named.path} ${said.text}`).toBeLessThan(300);
    await own.world[channel].pass(1000);
    const after = said?.json['next'] as Next | null | undefined;
    next = after?.call.path.startsWith('/v1/sandbox/') ? after : null;
  }
  expect((await accountOf(accountId))?.liveAt).toBeDefined();
  expect(await offered(accountId)).toBe('offered');
});

test('each signature is another merchant, and what is shown once is kept nowhere', async () => {
  const sign = () => call('POST', '/v1/sandbox/sign-ups', { channel: 'wechat' });
  const [one, other] = [await sign(), await sign()];
  expect(one.json['number']).not.toBe(other.json['number']);
  const secret = (one.json['next'] as { body: { secrets: Body } }).body.secrets['api_v3_key'];
  expect(readFileSync(join(String(one.json['folder']), 'api_v3_key'), 'utf8')).toBe(secret);
  const { db } = own.world.alipay.app;
  const kept = await db.query<{ answer: Body }>(`select answer from idempotency_keys where answer->>'number' = $1`, [
    one.json['number'],
  ]);
  expect(kept).toMatchObject([{ answer: { next: null } }]);
  expect(JSON.stringify(await db.query('select * from audit_entries'))).not.toContain(secret);
});

test('nobody signs who may not add an account, with a channel that nobody plays, or in production', async () => {
  const sign = (actor: Actor, channel: string, more = {}) =>
    typed(own.world.alipay.app, actor, ['sandbox', 'sign-up', channel], more);
  expect(await sign(people.wang, 'wechat')).toMatchObject({ refusal: { code: 'auth.role_missing' } });
  const none = {
    refusal: { code: 'sandbox.no_simulator', params: { channel: 'constructor', known: 'alipay, wechat' } },
  };
  expect(await sign(admin, 'constructor')).toMatchObject(none);
  expect(await sign(admin, 'wechat', { sandboxDoors: undefined, sandbox: false })).toMatchObject({
    refusal: { code: 'sandbox.only' },
  });
});

test('where no simulator answers nothing is left behind; and who signed follows the simulators to other ports', async () => {
  const { app } = own.world.alipay;
  const folder = app.config.dataFolder;
  const file = join(folder, 'simulators', 'ports.json');
  const ports = readFileSync(file, 'utf8');
  const folders = readdirSync(join(folder, 'sandbox'));
  const addresses = async () => {
    const all = await listAccounts(app.db, [merchant]);
    return all.flatMap(({ name, settings }) => {
      const address = settings['openapi_gateway_url'] ?? settings['gateway_url'];
      return [
        `${/^(alipay|wechat)-\d/.test(name) ? 'signed' : 'other'} ${new URL(address ?? '').port === '9' ? 'moved' : 'stayed'}`,
      ];
    });
  };
  const followed = () => followSimulators(app.db, folder, { at: app.clock.now(), ids: app.customs.ids });
  writeFileSync(file, JSON.stringify({ alipay: 9, wechat: 9 }));
  expect(await type(admin, ['sandbox', 'sign-up', 'wechat'])).toMatchObject({
    refusal: { code: 'sandbox.simulator_away' },
  });
  expect(readdirSync(join(folder, 'sandbox'))).toEqual(folders);
  expect(new Set(await addresses())).toEqual(new Set(['signed stayed', 'other stayed']));
  await followed();
  expect(new Set(await addresses())).toEqual(new Set(['signed moved', 'other stayed']));
  const entries = await listAudit(app.db, { act: 'sandbox.account_followed', limit: 100 });
  expect(entries.map(({ actor, detail }) => [actor, detail['simulator'], detail['settings']])).toEqual(
    expect.arrayContaining([
      ['system', 'alipay', ['gateway_url', 'openapi_gateway_url']],
      ['system', 'wechat', ['gateway_url']],
    ]),
  );
  writeFileSync(file, ports);
  await followed();
  expect(new Set(await addresses())).toEqual(new Set(['signed stayed', 'other stayed']));
  await followed();
  expect(await listAudit(app.db, { act: 'sandbox.account_followed', limit: 100 })).toHaveLength(2 * entries.length);
});

test('an account with a number of the same form that nobody signed for here is left alone, and so is one that is played elsewhere', async () => {
  const { app } = own.world.wechat;
  const folder = app.config.dataFolder;
  const local = 'http://127.0.0.1:9';
  const elsewhere = 'https://mock.shop.example.com/wechat';
  const urls = async (...ids: string[]) =>
    (await findAccounts(app.db, ids)).map(({ settings }) => settings['gateway_url']);
  const add = async (mchid: string, url: string) =>
    idOf(await app.db.transaction((tx) => addWechatAccount(tx, app, { mchid, gateway_url: url })));
  const unsigned = await add('1602345678', local);
  const moved = await add('1602345679', elsewhere);
  mkdirSync(join(folder, 'sandbox', 'wechat-1602345679'));
  await followSimulators(app.db, folder, { at: app.clock.now(), ids: app.customs.ids });
  expect(await urls(unsigned, moved)).toEqual([local, elsewhere]);
  mkdirSync(join(folder, 'sandbox', 'wechat-1602345678'));
  await followSimulators(app.db, folder, { at: app.clock.now(), ids: app.customs.ids });
  expect(await urls(unsigned, moved)).not.toContain(local);
});
