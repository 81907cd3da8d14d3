// Goal: a person who knows nothing opens an account in a sandbox with no other help than what is printed, as whichever of three people a line names.
// Method: both simulators; each next line is typed as it stands, and what is not said there is nobody's.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { typed } from '../../test/kit/cli.ts';
import { useStages } from '../../test/kit/money-ground.ts';
import { expectEqualBooks, openApi } from '../../test/kit/pay-world.ts';
import { wechatPay } from '../../test/kit/wechat-world.ts';
import { people } from '../../test/stories/people.ts';
import { createUser, systemActor } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import type { Result } from '../kernel/index.ts';
import { describe } from '../platform/refusals.ts';
import type { Answer } from './answer.ts';

const own = useStages('2026-12-01 10:00:00', { openApi, wechatPay });
const chen: Actor = { userId: 'chen', name: '陈', roles: ['admin'], merchants: ['*'], door: 'cli' };
const persons = new Map([people.wang, people.zhao, chen].map((person) => [person.userId, person]));
const accountOf = (name: 'openApi' | 'wechatPay'): string => own.world[name].accountId;

const type = (actor: Actor, line: string): Promise<Result<Answer>> =>
  typed(own.world.openApi.app, actor, line.split(' '));

async function say(actor: Actor, line: string): Promise<Answer> {
  const result = await type(actor, line);
  if (!result.ok) throw new Error(`${line}: ${JSON.stringify(result.refusal)}`);
  return result.value;
}

const english = ({ lines }: Answer): string => lines.map(({ en }) => en).join('\n');

beforeAll(async () => {
  const { app } = own.world.openApi;
  const change = { by: systemActor, consent: { kind: 'one_person' }, reason: '' } as const;
  const stamp = { at: app.clock.now(), ids: app.customs.ids };
  await app.db.transaction((tx) => createUser(tx, { ...chen, id: 'chen' }, change, stamp));
  const folder = join(app.config.dataFolder, 'logins');
  mkdirSync(folder);
  for (const [name] of persons) writeFileSync(join(folder, name), 'a login that this machine has kept');
}, 120_000);

test('an account that was live from its first moment says so, and what was skipped stops nobody', async () => {
  const walked = await say(people.wang, `accounts walk ${accountOf('openApi')}`);
  expect(walked.json).toMatchObject({ live: true, offered: expect.arrayContaining(['page']) as string[] });
  expect(walked.json['skipped']).toContain('mode');
  const told = english(walked);
  expect(told).toContain('These steps were skipped and stop nobody');
  expect(told).not.toMatch(/ open | done |going live/);
});

type Fill = { readonly word: string; readonly example: string | number; readonly one_of: readonly Fill[] | null };

/** A line with its words in capitals filled in from what is said of them. */
function filled(line: string, { json }: Answer): string {
  const said = (json['fill'] ?? []) as readonly Fill[];
  return line.replace(/(?<![-\w])[A-Z]{3,}(?![-\w])/g, (blank) => {
    const fill = said.find(({ word }) => word === blank);
    if (!fill) throw new Error(`${line}: nobody says what ${blank} is`);
    return String(fill.one_of?.[0]?.word ?? fill.example).replaceAll(' ', '-');
  });
}

/** After an act of the world the run goes on as it was said before it, by whom it was said. */
const goesOn = (told: Answer) =>
  /^Then,?(?: again after liushui login (?<who>\w+),)? go on with the run: (?<line>.*)$/m.exec(english(told))?.groups;

/** Types one line and lets the world have its turn. The one clock of a stage is moved outside of the program. */
async function typeOn(name: 'openApi' | 'wechatPay', actor: Actor, line: string): Promise<Answer | undefined> {
  const forward = /^sandbox clock --forward (\d+)m$/.exec(line)?.[1];
  const told = forward === undefined ? await say(actor, line) : undefined;
  // Whoever has paid comes back at once: no message has come, and no job has asked.
  if (!line.startsWith('sandbox pay '))
    await own.world[name].pass(forward === undefined ? 1000 : Number(forward) * 60_000);
  return told;
}

test.each(['openApi', 'wechatPay'] as const)(
  '%s: whoever follows each next line, as the person that it names, gets to an account that is live',
  async (name) => {
    const stage = own.world[name];
    const accountId = accountOf(name);
    await stage.app.db.query('update channel_accounts set live_at = null where id = $1', [accountId]);
    let actor: Actor = people.wang;
    let line = `accounts walk ${accountId}`;
    let last = await say(actor, line);
    const did = new Set<string>();
    let payments = 0;
    for (let turn = 0; turn < 80 && last.json['live'] !== true; turn += 1) {
      did.add(line.split(' ').slice(0, 2).join(' '));
      if (line.startsWith('sandbox pay ')) {
        payments += 1;
        // Whoever comes back without having paid is told to pay, as before.
        expect((await say(people.wang, `accounts accept ${accountId}`)).next).toBe(`liushui ${line}`);
      }
      const told = await typeOn(name, actor, line);
      const isPlayed = line.startsWith('sandbox ');
      const back = isPlayed ? goesOn(last) : undefined;
      last = isPlayed ? last : (told ?? last);
      const next = isPlayed ? back?.['line'] : told?.next;
      const named = isPlayed ? back?.['who'] : /first: liushui login (\w+)/.exec(english(last))?.[1];
      const another = persons.get(named ?? '');
      if (another) did.add(`login ${another.userId}`);
      actor = another ?? actor;
      line = filled(next ?? '', last).replace('liushui ', '');
    }
    expect(last.json).toMatchObject({ account: accountId, live: true, hearers: [] });
    expect(payments).toBe(1);
    for (const act of ['sandbox pay', 'sandbox clock', 'accounts accept', 'login chen', 'login zhao', 'login wang'])
      expect([...did]).toContain(act);
    for (const words of [
      `Buyers are offered: ${name === 'openApi' ? 'page' : 'native, jsapi'}`,
      'No endpoint of the shop hears account.live',
      'In a sandbox one person is enough',
    ])
      expect(english(last)).toContain(words);
    await expectEqualBooks(stage, accountId);
  },
  60_000,
);

test('a live account says who in the shop hears of it, and without an open product that buyers are offered nothing', async () => {
  const { app } = own.world.openApi;
  const accountId = accountOf('openApi');
  await app.db.query('update channel_accounts set live_at = null where id = $1', [accountId]);
  const added = await say(people.wang, 'webhooks add http://127.0.0.1:9/hook --types account.live');
  await say(people.zhao, `webhooks approve ${String(added.json['approval'])}`);
  const other = await say(people.wang, 'webhooks add http://127.0.0.1:9/other --types payment.succeeded');
  await say(people.zhao, `webhooks approve ${String(other.json['approval'])}`);
  const live = await say(chen, `accounts go-live ${accountId}`);
  expect(live.json['hearers']).toEqual([added.json['endpoint']]);
  expect(english(live)).toContain(`Endpoints of the shop that hear account.live: ${String(added.json['endpoint'])}`);
  await say(chen, `accounts note ${accountId} products page=refused`);
  const walked = await say(people.wang, `accounts walk ${accountId}`);
  expect(walked.json).toMatchObject({ live: true, offered: [] });
  expect(english(walked)).toContain(
    `buyers are offered nothing yet. Once the channel has opened one: liushui accounts note`,
  );
});

test('every step that blocks has its command, and every word in capitals what may stand there at this channel', async () => {
  const { app } = own.world.openApi;
  for (const name of ['openApi', 'wechatPay'] as const) {
    const id = accountOf(name);
    await app.db.query('update channel_accounts set live_at = null, products = null where id = $1', [id]);
    await app.db.query('delete from onboarding_facts where account_id = $1', [id]);
    await app.db.query('delete from contract_terms where account_id = $1', [id]);
  }
  const told = english(await say(people.wang, `accounts walk ${accountOf('wechatPay')}`));
  for (const line of [
    / 1 +entity +liushui terms propose A2 category --value name=CATEGORY --value body=BODY --source PAPER$/m,
    / 2 +mode +liushui accounts note A2 mode mode=MODE$/m,
    / 3 +products +liushui accounts note A2 products PRODUCT=opened$/m,
    / 8 +addresses +liushui accounts note A2 addresses egress_state=STATE$/m,
    /^ +MODE: mode of cooperation: direct \| direct_entered \(direct, entered\)$/m,
    /^ +BODY: .*: goods \| virtual \(virtual goods\) \| public /m,
    /^ +PRODUCT: .*: jsapi \(Inside WeChat\) \| native \(Code to scan, noted together with jsapi\)/m,
    /^ +PAPER: .*, such as contract 4\.1$/m,
  ])
    expect(told).toMatch(line);
  const words = [...told.matchAll(/(?<![-\w])[A-Z]{3,}(?=[= \n]|$)/g)].map(([word]) => word);
  for (const word of new Set(words)) expect(told).toMatch(new RegExp(`^ +${word}: `, 'm'));
  const waysOf = async (id: string): Promise<readonly string[]> => {
    const { json } = await say(people.wang, `accounts walk ${id}`);
    const steps = json['steps'] as readonly { readonly key: string; readonly fill: readonly Fill[] }[];
    const way = steps.find(({ key }) => key === 'statements')?.fill.find(({ word }) => word === 'WAY');
    return (way?.one_of ?? []).map(({ word }) => word);
  };
  // Whether this program can fetch a statement is the connector's to say.
  expect(await waysOf(accountOf('openApi'))).toEqual(['console', 'pushed']);
  expect(await waysOf(accountOf('wechatPay'))).toEqual(['api', 'console', 'pushed']);
});

test('the walk says which open steps stop nobody, and how it is noted that the contract has no such clause', async () => {
  const id = accountOf('wechatPay');
  const told = english(await say(people.wang, `accounts walk ${id}`));
  expect(told).toMatch(/^Steps 4, 5, 6, 7, 11, 12, to be confirmed: these stop nobody from going live\.$/m);
  // Every contract names a category, so that nobody is offered to do without.
  expect(told).not.toContain('not_needed');
  const category = `terms propose ${id} category --value name=tea --value body=goods --source x --alone`;
  await say({ ...chen, roles: ['admin', 'maker', 'checker'] }, category);
  const or = `liushui accounts note ${id} entity licence=not_needed`;
  expect(english(await say(people.wang, `accounts walk ${id}`))).toContain(`or, if the contract has none: ${or}`);
  const refused = await type(chen, `terms propose ${id} licence --value name=not_needed --value expires_on=2030-01-01`);
  expect(refused).toMatchObject({ refusal: { code: 'onboarding.no_term', params: { note: or } } });
  if (!refused.ok) expect(describe(refused.refusal, 'en')).toContain(or);
  await say(chen, or.replace('liushui ', ''));
  expect(english(await say(people.wang, `accounts walk ${id}`))).toMatch(/ 1 +entity .* done/);
});

test('the address from which the program calls is asked for where the channel lists it, and is an address', async () => {
  const id = accountOf('wechatPay');
  const step = `accounts note ${id} addresses`;
  const lacks = async (): Promise<unknown> => {
    const steps = (await say(chen, `accounts walk ${id}`)).json['steps'] as readonly Record<string, unknown>[];
    return steps.find(({ key }) => key === 'addresses')?.['lacks'];
  };
  expect(await lacks()).toEqual(['egress_state', 'egress']);
  for (const wrong of ['banana', '203.0.113', '203.0.113.5/33', '203.0.113.5/0', '203.0.113.5,', '203.0.113.5/29/1'])
    expect(await type(chen, `${step} egress=${wrong}`), wrong).toMatchObject({
      ...{ refusal: { code: 'onboarding.value_unfit', params: { key: 'egress', found: wrong } } },
    });
  await say(chen, `${step} egress_state=confirmed`);
  expect(await lacks()).toEqual(['egress']);
  for (const right of ['203.0.113.5', '203.0.113.0/29,2001:db8::/32']) await say(chen, `${step} egress=${right}`);
  expect(await lacks()).toEqual([]);
  const { db } = own.world.wechatPay.app;
  await db.query(`delete from onboarding_facts where account_id = $1 and step = 'addresses'`, [id]);
  await say(chen, `${step} egress_state=not_asked`);
  expect(await lacks()).toEqual([]);
});

test('how statements are had is what the connector can: by people where it fetches none', async () => {
  const id = accountOf('openApi');
  expect(english(await say(people.wang, `terms list ${id}`))).toMatch(/statement .*way=console ready_from=09:00/);
  const refused = await type(
    { ...chen, roles: ['admin', 'maker'] },
    `terms propose ${id} statement --value way=api --source x`,
  );
  expect(refused).toMatchObject({ refusal: { code: 'contract.statement_not_fetched' } });
  if (!refused.ok) expect(describe(refused.refusal, 'en')).toContain('way=console');
  const maker = { ...chen, roles: ['admin', 'maker'] as const };
  const wechat = `terms propose ${accountOf('wechatPay')} statement --value way=api --source x`;
  expect(await type(maker, wechat)).toMatchObject({ ok: true });
  const fetched = await type({ ...chen, roles: ['finance', 'admin'] }, `statements fetch ${id} --day 2026-11-30`);
  expect(fetched).toMatchObject({ refusal: { code: 'statement.none_at_channel' } });
  if (!fetched.ok) expect(describe(fetched.refusal, 'en')).toContain("the channel's site");
});

test('one kind of application is filled in, and where nothing can be sent twice the run says why', async () => {
  const id = accountOf('wechatPay');
  const noted = await say(chen, `accounts note ${id} products jsapi=opened native=opened`);
  const steps = noted.json['steps'] as readonly Record<string, unknown>[];
  expect(steps.find(({ key }) => key === 'products')).toMatchObject({
    ...{ next: `liushui accounts note ${id} products app_kind=service`, fill: [] },
  });
  const accepted = english(await say(people.wang, `accounts accept ${accountOf('openApi')}`));
  expect(accepted).toMatch(/same order sent again +not needed +it begins with a page: there is nothing to send twice/);
});

test('a word of ours that was left as it was printed is no answer', async () => {
  const id = accountOf('wechatPay');
  for (const [line, words, example] of [
    [`accounts note ${id} mode mode=MODE`, 'MODE', `accounts note ${id} mode mode=direct`],
    [`accounts note ${id} mode agreement=AGREEMENT`, 'AGREEMENT', `mode agreement=agreement.pdf`],
    [`accounts note ${id} products PRODUCT=opened`, 'PRODUCT', `products jsapi=opened`],
    [`terms propose ${id} fee --value rate=RATE --source x`, 'RATE', `fee --value rate=0.006 --source 'contract 4.1'`],
  ] as const) {
    const refused = await type(chen, line);
    expect(refused).toMatchObject({ refusal: { code: 'onboarding.placeholder', params: { words } } });
    if (!refused.ok) expect(describe(refused.refusal, 'en')).toContain(example);
  }
  const walked = await say(chen, `accounts walk ${id}`);
  const steps = walked.json['steps'] as readonly { readonly key: string; readonly lacks: readonly string[] }[];
  expect(steps.find(({ key }) => key === 'mode')?.lacks).toEqual(['mode', 'agreement', 'fee']);
});

test('who reads Chinese is told nothing in English but names and commands', async () => {
  const [id, other] = [accountOf('wechatPay'), accountOf('openApi')];
  const english3 = /[a-z]{2,} [a-z]{2,} [a-z]{2,}/i;
  const bare = (line: string): string => line.replace(/liushui [^，。：；]*|https?:\S+/g, '');
  for (const line of [
    ...[`accounts walk ${id}`, `accounts walk ${other}`, `terms list ${id}`, `terms show ${id} fee`],
    ...[`accounts accept ${other}`, `accounts go-live ${id}`, `accounts note ${id} hours applied_on=2026-11-01`],
    ...[`accounts note ${id} mode mode=no`, `accounts note ${id} mode x=y`, `accounts note ${id} nosuch x=y`],
    ...[`accounts note ${id} mode mode=MODE`, `accounts note ${id} hours applied_on=soon`],
    ...[`terms propose ${id} category`, `terms propose ${id} hours --value from=9 --value to=x`],
    ...[`terms propose ${id} nosuch`, `terms propose ${id} category --value name=tea --value body=goods --source x`],
  ]) {
    const told = await type({ ...chen, roles: ['admin', 'maker'] }, line);
    const lines = told.ok ? told.value.lines.map(({ zh }) => zh) : [describe(told.refusal, 'zh')];
    for (const one of lines.filter(
      (text) =>
        bare(text)
          .replace(/^ +\d+ +\w+ +/, '')
          .trim() !== '',
    )) {
      expect(one, line).toMatch(/[\u4e00-\u9fff]|^rate=/);
      expect(bare(one), line).not.toMatch(english3);
    }
  }
});
