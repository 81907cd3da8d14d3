// Goal: a merchant goes from an account that was just added to one that buyers are offered, without any document: by the commands that the commands print.
// Method: the command line of a production on both simulators; each next line is typed as a shell takes it, its words in capitals are filled in from
// what is said of them, and only the payer's wallet is ours.
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { typed } from '../kit/cli.ts';
import { addAccount, listAccounts, openAccount } from '../../src/accounts/index.ts';
import type { Answer } from '../../src/cli/answer.ts';
import type { Actor } from '../../src/identity/index.ts';
import { CNY } from '../../src/kernel/index.ts';
import type { Result } from '../../src/kernel/index.ts';
import { findOrder } from '../../src/payments/index.ts';
import { offersFor } from '../../src/routing/index.ts';
import { useStages } from '../kit/money-ground.ts';
import type { ChannelStage } from '../kit/money-ground.ts';
import { furnish, makeKeys } from '../kit/pay-side.ts';
import { expectEqualBooks, openApi } from '../kit/pay-world.ts';
import { addWechatAccount, wechatPay } from '../kit/wechat-world.ts';
import { merchant, people } from '../stories/people.ts';

const own = useStages('2026-12-01 10:00:00', { openApi, wechatPay });
const wang: Actor = { ...people.wang, roles: ['maker', 'finance', 'admin'] };
const zhao: Actor = { ...people.zhao, roles: ['checker', 'admin'] };
const accounts = { openApi: '', wechatPay: '' };

const type = (actor: Actor, words: readonly string[]): Promise<Result<Answer>> =>
  typed(own.world.openApi.app, actor, words, { sandbox: false });

type Fill = { readonly word: string; readonly example: string | number; readonly one_of: readonly Fill[] | null };

/** The words of a line as a shell takes them; the line must not need any that it would read otherwise. */
function shellWords(line: string): string[] {
  const bare = line.replace(/'[^']*'/g, '');
  expect(bare).toMatch(/^[A-Za-z0-9 _@%+=:,./-]*$/);
  return [...line.matchAll(/(?:[^\s']|'[^']*')+/g)].map(([word]) => word.replaceAll("'", ''));
}

/** The words of a next line, with each word in capitals filled in from what is said of it. */
function wordsOf(line: string, fill: readonly Fill[]): string[] {
  const [name, ...words] = shellWords(line);
  expect(name).toBe('liushui');
  const said = new Map(fill.map(({ word, example, one_of: oneOf }) => [word, String(oneOf?.[0]?.word ?? example)]));
  return words.map((word) =>
    word.replace(/\b[A-Z]{3,}\b/g, (blank) => {
      if (/^ACCEPT/.test(word)) return blank;
      expect(said.has(blank), `${line}: ${blank}`).toBe(true);
      return said.get(blank) ?? '';
    }),
  );
}

const fillOf = (answer: Answer | undefined): readonly Fill[] => (answer?.json['fill'] ?? []) as readonly Fill[];

/** A second person agrees; everything else one types. */
const whoTypes = (words: readonly string[]): Actor => (words[0] === 'approvals' ? zhao : wang);

/** The payer's wallet, as soon as there is something to pay. */
async function payer(stage: ChannelStage, accountId: string, toPay: unknown): Promise<void> {
  if (typeof toPay !== 'string') return;
  if (toPay.startsWith('http')) await fetch(toPay, { redirect: 'manual' });
  const order = await findOrder(stage.app, { merchantId: merchant, orderNo: `ACCEPT-${accountId}-PAY` });
  await stage.post('/control/openapi/pay', { out_trade_no: order?.attempts.at(-1)?.serialNo });
}

async function offered(accountId: string): Promise<string[]> {
  const { app } = own.world.openApi;
  const ways = await offersFor(app.customs, {
    ...{ merchantId: merchant, amount: { minor: 100n, currency: CNY }, scene: 'online', side: { terminal: 'pc' } },
    ...{ at: app.clock.now(), payerKnows: {}, orderNo: 'N1' },
  });
  const isTheirs = (one: { readonly accountId: string }): boolean => one.accountId === accountId;
  const codes = ways.notOffered.filter(isTheirs).map(({ refusal }) => refusal.code);
  return ways.offered.some(isTheirs) ? ['offered'] : [...new Set(codes)];
}

beforeAll(async () => {
  const { app } = own.world.openApi;
  const settingOf = async (id: string, name: string): Promise<string> => {
    const account = await openAccount(app.customs, id);
    return account.ok ? (account.value.account.settings[name] ?? '') : '';
  };
  const gateway = await settingOf(own.world.openApi.accountId, 'openapi_gateway_url');
  const wechatUrl = await settingOf(own.world.wechatPay.accountId, 'gateway_url');
  // What the ground furnished is another merchant's business; from here on this is a production.
  await app.db.query('update channel_accounts set closed_at = created_at');
  await app.db.query(`update installation set born_as = 'production'`);
  accounts.openApi = await furnish(app, gateway, own.world.openApi, makeKeys());
  const added = await app.db.transaction((tx) => addWechatAccount(tx, app, { gateway_url: wechatUrl }));
  if (!added.ok) throw new Error(added.refusal.code);
  accounts.wechatPay = added.value.id;
}, 120_000);

test.each(['openApi', 'wechatPay'] as const)(
  '%s: the next lines alone lead from an added account to a live one',
  async (name) => {
    const stage = own.world[name];
    const accountId = accounts[name];
    expect(await offered(accountId)).toEqual(['routing.account_not_live']);
    const early = await type(wang, ['accounts', 'go-live', accountId]);
    expect(early).toMatchObject({ refusal: { code: 'onboarding.step_open' } });

    let line: string | undefined = `liushui accounts walk ${accountId}`;
    const typed: string[] = [];
    let told: Answer | undefined;
    while (line !== undefined && typed.length < 60 && told?.json['live'] !== true) {
      const words = wordsOf(line, fillOf(told));
      typed.push(words.slice(0, 2).join(' '));
      const answer = await type(whoTypes(words), words);
      if (!answer.ok) throw new Error(`${words.join(' ')}: ${JSON.stringify(answer.refusal)}`);
      told = answer.value;
      line = told.next;
      if (words[1] !== 'accept') continue;
      await stage.pass(1000);
      await payer(stage, accountId, told.json['to_pay']);
      // Whoever began it first comes back after the order that should be closed has ended by itself.
      await stage.pass(typed.filter((one) => one === 'accounts accept').length === 1 ? 20 * 60_000 : 180_000);
    }
    expect(told?.json).toMatchObject({ account: accountId, live: true });
    expect([...new Set(typed)]).toEqual([
      ...['accounts walk', 'terms propose', 'approvals approve', 'terms list', 'accounts note', 'accounts accept'],
      'accounts go-live',
    ]);

    expect(await offered(accountId)).toEqual(['offered']);
    const events = await stage.app.db.query(`select subject from webhook_events where type = 'account.live'`);
    expect(events).toContainEqual({ subject: accountId });
    const accepted = await type(wang, ['accounts', 'accept', accountId]);
    const lines = accepted.ok ? (accepted.value.json['lines'] as { key: string; state: string; proof?: string }[]) : [];
    const doubled = name === 'openApi' ? 'not_needed' : 'green';
    expect(lines.map(({ key, state }) => `${key} ${state}`)).toEqual([
      ...['opened green', `doubled ${doubled}`, 'closed green', 'paid green', 'notice green', 'query green'],
      ...['refund_part green', 'refund_rest green', 'refund_seen green', 'statement next_day', 'settlement next_day'],
    ]);
    expect(lines.filter(({ state, proof }) => state === 'green' && !proof)).toEqual([]);
    const paper = join(tmpdir(), `liushui-testpack-${process.pid}-${name}.csv`);
    const packed = await type(wang, ['accounts', 'testpack', accountId, '--out', paper]);
    expect(packed).toMatchObject({ value: { json: { cases: 11, passed: name === 'openApi' ? 8 : 9 } } });
    expect((await readFile(paper, 'utf8')).split('\r\n')).toHaveLength(13);
    await expectEqualBooks(stage, accountId);
  },
  60_000,
);

test('what cannot be open is refused when it is noted, and names what comes before it', async () => {
  const note = (...facts: string[]) => type(wang, ['accounts', 'note', accounts.wechatPay, 'products', ...facts]);
  expect(await note('jsapi=refused', 'native=refused', 'h5=opened')).toMatchObject({
    refusal: { code: 'onboarding.prerequisite_missing', params: { product: 'h5', wanted: 'app, jsapi, mini' } },
  });
  expect(await note('app_kind=subscription')).toMatchObject({
    refusal: { code: 'onboarding.app_kind_unfit', params: { product: 'jsapi', found: 'subscription' } },
  });
  expect(await note('h5=opened')).toMatchObject({ ok: true });
  expect(await note('h6=opened')).toMatchObject({ refusal: { code: 'onboarding.unknown_key' } });
});

test('what another merchant has at the channel is refused, and what the same merchant has twice is said on its walk', async () => {
  const { app } = own.world.wechatPay;
  await app.db.query(`insert into merchants (id, name_zh, name_en, created_at) values ('other', '', '', now())`);
  const first = await openAccount(app.customs, accounts.wechatPay);
  if (!first.ok) throw new Error(first.refusal.code);
  const { account, secrets: held } = first.value;
  const secrets = Object.fromEntries(Object.entries(held).map(([name, [newest]]) => [name, newest!]));
  const add = (merchantId: string, more: Readonly<Record<string, string>> = {}) => {
    const given = { merchantId, channel: 'wechat', name: 'again', settings: { ...account.settings, ...more }, secrets };
    return app.db.transaction((tx) => addAccount(tx, app.customs, given));
  };
  expect(await add('other')).toMatchObject({
    refusal: { code: 'account.owner_taken', params: { numbers: 'mchid 1800000042' } },
  });
  expect(await add('other', { sub_mchid: '1900000109' })).toMatchObject({ ok: true });
  expect(await add(merchant)).toMatchObject({ ok: true });
  const walked = await type(wang, ['accounts', 'walk', accounts.wechatPay]);
  expect(walked.ok && walked.value.lines.map(({ en }) => en).join('\n')).toContain('7 statements: Account A');
});

test('a secret that has ended is named, with the command that gives the account another one', async () => {
  const { app } = own.world.wechatPay;
  const id = accounts.wechatPay;
  await app.db.query(
    `update channel_secrets set valid_to = valid_from where account_id = $1 and field = 'api_v3_key'`,
    [id],
  );
  const walked = await type(wang, ['accounts', 'walk', id]);
  const steps = walked.ok ? (walked.value.json['steps'] as { key: string; next?: string; remark?: string }[]) : [];
  const keys = steps.find(({ key }) => key === 'keys');
  expect(keys).toMatchObject({ remark: 'onboarding.secret_missing', lacks: ['api_v3_key'] });
  expect(keys?.next).toBe(`liushui accounts change ${id} --secret-file api_v3_key=FILE`);
  expect(walked).toMatchObject({ value: { next: keys?.next } });
  const zh = walked.ok ? walked.value.lines.map((line) => line.zh).join('\n') : '';
  expect(zh).toMatch(/FILE：存有密钥的文件（.*APIv3.*）/);
});

test('going live is asked for once: again leads to the second person, and then to the approval that he gave', async () => {
  const { app } = own.world.openApi;
  await app.db.query('update channel_accounts set live_at = null where id = $1', [accounts.openApi]);
  const live = () => type(wang, ['accounts', 'go-live', accounts.openApi]);
  const asked = await live();
  const approval = asked.ok ? String(asked.value.json['approval']) : '';
  expect(asked).toMatchObject({ value: { exit: 4, next: `liushui approvals approve ${approval}` } });
  expect(await live()).toMatchObject({ value: { json: { approval }, next: `liushui approvals approve ${approval}` } });
  expect(await type(zhao, ['approvals', 'approve', approval])).toMatchObject({ ok: true });
  const line = `liushui accounts go-live ${accounts.openApi} --approval ${approval}`;
  expect(await live()).toMatchObject({ value: { json: { approval }, next: line } });
  expect(await type(wang, line.split(' ').slice(1))).toMatchObject({ value: { json: { live: true } } });
});

test('an account of a merchant who is not there is refused with those who are', async () => {
  const { app } = own.world.openApi;
  const [known] = await listAccounts(app.db, [merchant]);
  const { channel = '', settings = {} } = known ?? {};
  const given = { merchantId: 'nosuch', channel, name: 'x', settings, secrets: {} };
  const opened = await openAccount(app.customs, known?.id ?? '');
  if (!opened.ok) throw new Error(opened.refusal.code);
  const secrets = Object.fromEntries(
    Object.entries(opened.value.secrets).flatMap(([field, [secret]]) => (secret ? [[field, secret]] : [])),
  );
  const added = await app.db.transaction((tx) => addAccount(tx, app.customs, { ...given, secrets }));
  expect(added).toMatchObject({
    refusal: { code: 'account.merchant_unknown', params: { merchant: 'nosuch', known: 'demo, other' } },
  });
});
