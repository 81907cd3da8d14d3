// Goal: ways to pay by the command line and by the API: what one door says of their order the other one shows.
import { beforeAll, expect, test } from 'vitest';
import { typed } from '../../test/kit/cli.ts';
import type { FastifyInstance } from 'fastify';
import { merchant, useWorld, wang } from '../../test/kit/world.ts';
import { createServer } from '../api/server.ts';
import { issueToken, systemActor } from '../identity/index.ts';
import { Secret } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { addAccount } from '../accounts/index.ts';
import type { Answer } from './answer.ts';

const own = useWorld('2026-03-01 10:00:00');
let server: FastifyInstance;
let token = '';
let lastKey = 0;
let account = '';

beforeAll(async () => {
  const { app } = own.world;
  server = createServer(app);
  await server.ready();
  const stamp = { at: app.clock.now(), ids: app.customs.ids };
  const change = { by: systemActor, consent: { kind: 'one_person' }, reason: '' } as const;
  const wish = { userId: 'wang', kind: 'cli', label: 'w', merchants: [merchant], scopes: [], ipAllow: [] } as const;
  await app.db.transaction(async (tx) => {
    const issued = await issueToken(tx, { ...wish, expiresInMs: 86_400_000 }, change, app.tokens, stamp);
    if (!issued.ok) throw new Error(issued.refusal.code);
    token = issued.value.token;
    const added = await addAccount(tx, app.customs, {
      ...{ merchantId: merchant, channel: 'alipay', name: 'pay', isFurnished: true as const },
      settings: { partner: '2088000000000009', openapi_mode: 'key', app_id: '2021000000000000' },
      secrets: Object.fromEntries(
        ['md5_key', 'app_private_key', 'alipay_openapi_public_key'].map((name) => [name, new Secret('x'.repeat(32))]),
      ),
    });
    if (!added.ok) throw new Error(added.refusal.code);
    account = added.value.id;
  });
}, 120_000);

const run = (...words: string[]): Promise<Result<Answer>> => typed(own.world.app, wang, ['routing', ...words]);

async function say(...words: string[]): Promise<Answer> {
  const result = await run(...words);
  if (!result.ok) throw new Error(result.refusal.code);
  return result.value;
}

const english = ({ lines }: Answer): string => lines.map((line) => line.en).join('\n');
const chinese = ({ lines }: Answer): string => lines.map((line) => line.zh).join('\n');

async function call(method: 'GET' | 'POST', url: string, payload?: object) {
  const headers = { authorization: `Bearer ${token}`, 'idempotency-key': `k${(lastKey += 1)}` };
  const answer = await server.inject({ method, url, headers, ...(payload ? { payload } : {}) });
  return { status: answer.statusCode, body: answer.json() };
}

const offers = (more: object = {}) =>
  call('POST', '/v1/offers', { order_no: 'O1', amount: 42_000, currency: 'CNY', ...more });

test('what an order would be offered, with what it costs and why not each other way, in words and for programs', async () => {
  const found = await say('offers', '--amount', '420.00', '--terminal', 'phone');
  expect(english(found)).toMatch(/^ place {2}account/);
  expect(english(found)).toMatch(
    new RegExp(`\\n 1 +${account} +alipay +wap +¥2\\.52 \\(unconfirmed\\) {2}priority 100\\n`),
  );
  expect(english(found)).toContain('precreate is for the scene counter only');
  expect(chinese(found)).toContain('只用于 counter 场景');
  expect(found.json).toMatchObject({
    side: { terminal: 'phone', wallet: null, mini_program: false },
    offered: [
      { account, product: 'wap', hands_out: 'page', fee: 252n, fee_confirmed: false, priority: 100, weight: null },
    ],
  });
  const iphone = 'Mozilla/5.0 (iPhone) Mobile MicroMessenger/8.0.49';
  const inside = await offers({ user_agent: iphone });
  expect(inside).toMatchObject({ status: 200, body: { side: { terminal: 'phone', wallet: 'wechat' }, offered: [] } });
  const reason = (inside.body.not_offered as Record<string, unknown>[]).find(
    (one) => one['account_id'] === account && one['product'] === 'wap',
  );
  expect(reason).toMatchObject({
    code: 'routing.not_in_this_wallet',
    way_out: { en: 'Copy the link and open it in the browser' },
  });
  expect(english(await say('offers', '--amount', '1', '--user-agent', iphone))).toMatch(/^No way to pay is offered:/);
});

test('what an order needs, and what is known of its payer, comes through both doors', async () => {
  type Hidden = {
    readonly product: string;
    readonly code: string;
    readonly account_id?: string;
    readonly account?: string;
  };
  const codesOf = (all: unknown) =>
    Object.fromEntries(
      (all as Hidden[])
        .filter((one) => (one.account_id ?? one.account) === account)
        .map(({ product, code }) => [product, code]),
    );
  const table: readonly (readonly [words: string[], body: object, product: string, code: string | undefined])[] = [
    [['--need', 'no_credit_card'], { needs: { no_credit_card: true } }, 'page', 'routing.credit_cards_possible'],
    [['--need', 'customs'], { needs: { customs: true } }, 'page', undefined],
    [
      ['--need', 'customs,identity_check'],
      { needs: { customs: true, identity_check: true } },
      'page',
      'routing.identity_not_checked',
    ],
    [['--instalments', '3'], { needs: { instalments: 3 } }, 'page', 'routing.instalments_not_offered'],
    [['--need', 'split'], { needs: { split: true } }, 'page', 'routing.split_not_agreed'],
    [['--returns', '2026-09-01'], { return_until: '2026-09-01T00:00:00+08:00' }, 'page', 'routing.returns_not_covered'],
    [
      ['--scene', 'counter', '--terminal', 'counter', '--code-start', '13'],
      { scene: 'counter', terminal: 'counter', code_start: '13' },
      'barcode',
      'routing.code_of_another_wallet',
    ],
    [
      ['--wallet', 'alipay', '--mini-program', '--has', 'payer_id'],
      { wallet: 'alipay', mini_program: true, payer_has: ['payer_id'] },
      'create',
      undefined,
    ],
  ];
  for (const [words, body, product, code] of table) {
    const [byWords, byCall] = [await say('offers', '--amount', '420', ...words), await offers(body)];
    expect(codesOf(byCall.body.not_offered)[product], words.join(' ')).toBe(code);
    expect(codesOf(byWords.json['not_offered'])).toEqual(codesOf(byCall.body.not_offered));
  }
});

test('a rule and a notice are said at one door, seen at the other, and are at work at once', async () => {
  const set = await say('rule', 'set', account, '--product', 'page', '--weight', '0', '--reason', 'dispute');
  expect(english(set)).toBe(`${account} page from 2026-03-01 10:00:00 (GMT+8) on: priority 100, weight 0.`);
  const first = await offers();
  expect(first.body).toMatchObject({ offered: [] });
  expect(JSON.stringify(first.body)).toContain('wang switched page of account');
  const again = { account_id: account, product: 'page', priority: 3, weight: 7 };
  expect(await call('POST', '/v1/routing/rules', again)).toMatchObject({ status: 201, body: { made_by: 'wang' } });
  const listed = await say('rule', 'list', account);
  expect(listed.json).toMatchObject({
    rules: [
      { priority: 3, weight: 7 },
      { priority: 100, weight: 0 },
    ],
  });
  expect(await offers()).toMatchObject({
    body: { offered: [{ product: 'page', because: { priority: 3, weight: 7 } }] },
  });

  const added = await say('notice', 'add', 'alipay', '--text', 'upgrade', '--to', '2026-03-01 12:00:00');
  const { id } = added.json as { id: string };
  expect(english(added)).toBe(`Notice ${id} is kept: alipay *: upgrade, from 2026-03-01 10:00:00 (GMT+8) on.`);
  expect((await offers()).body.offered).toEqual([]);
  expect(english(await say('notice', 'list'))).toContain('2026-03-01 12:00:00  upgrade');
  expect(await call('GET', '/v1/routing/notices')).toMatchObject({ body: { items: [{ id, effect: 'closed' }] } });
  expect(await call('POST', `/v1/routing/notices/${id}/withdraw`, { reason: 'over' })).toMatchObject({ status: 200 });
  expect(english(await say('notice', 'list'))).toContain('withdrawn');
  expect((await offers()).body.offered).toHaveLength(1);

  const told = { channel: 'alipay', effect: 'warning', text: 'refunds are slow', account_id: account };
  const warned = await call('POST', '/v1/routing/notices', told);
  expect(warned).toMatchObject({ status: 201, body: { merchant_id: merchant, text: 'refunds are slow' } });
  expect(english(await say('offers', '--amount', '420'))).toContain('priority 3, weight 7 | refunds are slow');
  expect(english(await say('notice', 'withdraw', String(warned.body.id)))).toContain('is withdrawn');
});

test.each<[string[], string]>([
  [['offers', '--amount', '0'], '--amount'],
  [['offers', '--amount', '1.005'], '--amount'],
  [['offers', '--amount', '1', '--terminal', 'watch'], '--terminal'],
  [['offers', '--amount', '1', '--need', 'luck'], '--need'],
  [['offers', '--amount', '1', '--instalments', '1'], '--instalments'],
  [['offers', '--amount', '1', '--code-start', 'x'], '--code-start'],
  [['offers', '--amount', '1', '--returns', 'soon'], '--returns'],
  [['rule', 'set', 'A1', '--weight', '1001'], '--weight'],
  [['rule', 'set', 'A1', '--priority', '0'], '--priority'],
  [['notice', 'add', 'alipay', '--text', ' '], '--text'],
  [['notice', 'add', 'alipay', '--text', 'x', '--effect', 'maybe'], '--effect'],
])('%j is refused by the name of its option', async (words, field) => {
  const result = await run(...words);
  expect(result.ok ? 'done' : result.refusal).toMatchObject({ code: 'usage.bad_input', params: { field } });
});
