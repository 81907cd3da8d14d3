// Goal: contract terms by the command line and by the API, with the same two people: what one door proposes the other decides.
import { beforeAll, expect, test } from 'vitest';
import { typed } from '../../test/kit/cli.ts';
import type { FastifyInstance } from 'fastify';
import { merchant, useWorld, zhao } from '../../test/kit/world.ts';
import { createServer } from '../api/server.ts';
import { createUser, issueToken, systemActor } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import type { Answer } from './answer.ts';

const own = useWorld('2026-03-01 10:00:00');
const lin: Actor = { userId: 'lin', name: '林', roles: ['finance'], merchants: [merchant], door: 'cli' };
let server: FastifyInstance;
let token = '';
let lastKey = 0;

beforeAll(async () => {
  const { app } = own.world;
  server = createServer(app);
  await server.ready();
  const stamp = { at: app.clock.now(), ids: app.customs.ids };
  const change = { by: systemActor, consent: { kind: 'one_person' }, reason: '' } as const;
  const wish = { userId: 'lin', kind: 'cli', label: 'lin', merchants: [merchant], scopes: [], ipAllow: [] } as const;
  await app.db.transaction(async (tx) => {
    const made = await createUser(tx, { ...lin, id: 'lin' }, change, stamp);
    if (!made.ok) throw new Error(made.refusal.code);
    const issued = await issueToken(tx, { ...wish, expiresInMs: 86_400_000 }, change, app.tokens, stamp);
    if (!issued.ok) throw new Error(issued.refusal.code);
    token = issued.value.token;
  });
}, 120_000);

async function say(actor: Actor, ...words: string[]): Promise<Answer> {
  const result = await typed(own.world.app, actor, words);
  if (!result.ok) throw new Error(result.refusal.code);
  return result.value;
}

async function call(method: 'GET' | 'POST', url: string, payload?: object) {
  const headers = { authorization: `Bearer ${token}`, 'idempotency-key': `k${(lastKey += 1)}` };
  const answer = await server.inject({
    ...{ method, url, headers, remoteAddress: '127.0.0.1' },
    ...(payload ? { payload } : {}),
  });
  return { status: answer.statusCode, body: answer.json() };
}

const english = ({ lines }: Answer): string => lines.map((line) => line.en).join('\n');
const source = 'contract 12, clause 4';

test('a rate is proposed at the command line, holds once a second person agreed, and says where it stands', async () => {
  const { accountId } = own.world;
  expect(english(await say(zhao, 'terms', 'show', accountId, 'fee'))).toBe(
    "rate=0.006\nNobody wrote one down: this is the channel's default (default, to be confirmed with the channel).",
  );
  const values = ['--value', 'rate=0.0055', '--value', 'min_minor=8'];
  const proposed = await say(
    lin,
    'terms',
    'propose',
    accountId,
    'fee',
    ...values,
    '--product',
    'wap',
    '--source',
    source,
  );
  const approval = String(proposed.json['approval']);
  expect(proposed.next).toBe(`liushui approvals approve ${approval}`);
  await expect(say(lin, 'approvals', 'approve', approval)).rejects.toThrow('approval.maker_is_checker');
  expect(english(await say(zhao, 'approvals', 'approve', approval))).toBe(
    `${accountId} fee (wap, *) is rate=0.0055 min_minor=8 from 2026-03-01 10:00:00 (GMT+8) on.`,
  );
  const shown = await say(zhao, 'terms', 'show', accountId, 'fee', '--product', 'wap', '--scene', 'online');
  expect(shown.json).toMatchObject({ value: { rate: '0.0055', min_minor: 8 }, source, confirmed: true });
  expect((await say(zhao, 'terms', 'show', accountId, 'fee', '--product', 'page')).json['confirmed']).toBe(false);
  const listed = english(await say(zhao, 'terms', 'list', accountId)).split('\n');
  expect(listed[1]).toMatch(
    /^ fee +wap +\* +rate=0\.0055 min_minor=8 +in force +2026-03-01 10:00:00 +contract 12, clause 4$/,
  );
  expect(listed.find((line) => line.includes('days=365'))).toContain('other text');
});

test('a term proposed by the API is refused or agreed to by its approval, and read back', async () => {
  const url = `/v1/accounts/${own.world.accountId}/terms`;
  const term = { kind: 'refund_window', value: { days: 365 }, valid_from: '2026-03-01T00:00:00+08:00', source };
  const proposed = await call('POST', url, term);
  expect(proposed).toMatchObject({ status: 201, body: { kind: 'refund_window' } });
  const { approval_id: approval } = proposed.body as { approval_id: string };
  const mine = await call('POST', `/v1/approvals/${approval}/approve`, {});
  expect(mine).toMatchObject({ status: 403, body: { code: 'approval.maker_is_checker' } });
  await expect(say(zhao, 'approvals', 'refuse', approval)).rejects.toThrow('approval.reason_missing');
  await say(zhao, 'approvals', 'approve', approval);
  const { status, body } = await call('GET', url);
  expect(status).toBe(200);
  expect((body.items as object[]).at(-1)).toEqual({
    ...{ product: '*', scene: '*', kind: 'refund_window', kind_zh: '可退款期限', kind_en: 'refund window' },
    ...{ value: { days: 365 }, state: 'in_force', valid_from: '2026-03-01T00:00:00+08:00', source },
    ...{ made_by: 'lin', approved_by: 'zhao', approval_id: approval, made_at: '2026-03-01T10:00:00+08:00' },
  });
  expect(body.defaults).toContainEqual(expect.objectContaining({ kind: 'refund_window', alternative: true }));
});

test('a value keeps its form on the way in: a rate of text stays text, and a wrong one is named by its place', async () => {
  const url = `/v1/accounts/${own.world.accountId}/terms`;
  expect((await call('POST', url, { kind: 'fee', value: { rate: '0' }, scene: 'counter', source })).status).toBe(201);
  expect(await call('POST', url, { kind: 'fee', value: { rate: 0 }, source })).toMatchObject({
    status: 422,
    body: { code: 'contract.value_unfit', pointer: '/value/rate' },
  });
  expect((await call('GET', '/v1/accounts/A99/terms')).body).toMatchObject({ code: 'account.not_found' });
});

test('words that cannot be meant are refused before anything is done', async () => {
  const { accountId } = own.world;
  const wrong = [
    ['show X rate', 'contract.unknown_kind'],
    [`show ${accountId} fee --at soon`, 'usage.bad_input'],
    [`show ${accountId} fee --scene shop`, 'usage.bad_input'],
    [`propose ${accountId} fee --value 0.006`, 'usage.bad_input'],
    [`propose ${accountId} fee --value rate=0.006`, 'contract.source_missing'],
    [`propose ${accountId} fee --value rate=6 --source x`, 'contract.value_unfit'],
    ['list A99', 'account.not_found'],
  ] as const;
  for (const [line, code] of wrong) await expect(say(lin, 'terms', ...line.split(' ')), line).rejects.toThrow(code);
});
