// Goal: an incident goes by the API and the command line from what is known to its end, and what is still open needs two people to close.
// Method: declarations planted in silence, two looks, then both doors as a maker and a checker.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { plantDeclarations } from '../../test/kit/declarations.ts';
import { at, useWorld, wang } from '../../test/kit/world.ts';
import type { Answer } from '../cli/answer.ts';
import { incidentCommands } from '../cli/incidents.ts';
import type { Use } from '../cli/session.ts';
import { issueToken, systemActor } from '../identity/index.ts';
import { lookOnce } from '../incidents/index.ts';
import { hours, minutes, plus } from '../kernel/index.ts';
import { createServer } from './server.ts';

const own = useWorld('2015-10-28 16:20:00');
const now = at('2015-10-28 16:20:00');
const folder = mkdtempSync(join(tmpdir(), 'liushui-incidents-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let server: FastifyInstance;
const tokens = new Map<string, string>();
let lastKey = 0;

beforeAll(async () => {
  const { app, accountId } = own.world;
  server = createServer(app);
  await server.ready();
  const stamp = { at: app.clock.now(), ids: app.customs.ids };
  const change = { by: systemActor, consent: { kind: 'one_person' }, reason: '' } as const;
  for (const userId of ['wang', 'zhao']) {
    const wish = { userId, kind: 'cli', label: userId, merchants: ['*'], scopes: [], ipAllow: [] } as const;
    const issued = await app.db.transaction((tx) =>
      issueToken(tx, { ...wish, expiresInMs: hours(24) }, change, app.tokens, stamp),
    );
    if (!issued.ok) throw new Error(issued.refusal.code);
    tokens.set(userId, issued.value.token);
  }
  const group = { accountId, channel: 'alipay', place: 'ZONGSHU', from: plus(now, -hours(1)), everyMs: 3000 };
  const asked = 'case when n < 1000 then 10 end';
  await plantDeclarations(app.db, { ...group, count: 1200, answered: 'n < 900', askedAt: asked });
  await lookOnce(app.customs, plus(now, -minutes(1)));
  await lookOnce(app.customs, now);
}, 120_000);

async function call(who: string, method: 'GET' | 'POST', url: string, payload: object = {}) {
  const answer = await server.inject({
    ...{ method, url, remoteAddress: '127.0.0.1' },
    headers: {
      ...{ authorization: `Bearer ${tokens.get(who)}`, 'content-type': 'application/json' },
      ...(method === 'POST' ? { 'idempotency-key': `k${(lastKey += 1)}` } : {}),
    },
    ...(method === 'POST' ? { payload } : {}),
  });
  return { status: answer.statusCode, body: answer.json() };
}

/** One command as wang types it, without the process around it. */
async function type(...words: string[]): Promise<Answer> {
  let answer: Answer | undefined;
  const program = new Command();
  const session = () => Promise.resolve({ ok: true, value: { ...own.world.app, actor: wang } });
  incidentCommands(
    {
      lang: 'en',
      perform: async (_command, run, args, options) => {
        const result = await run({ session } as unknown as Use, args, options);
        if (!result.ok) throw new Error(result.refusal.code);
        answer = result.value;
      },
    },
    program,
  );
  await program.parseAsync(['incidents', ...words], { from: 'user' });
  if (!answer) throw new Error('no answer');
  return answer;
}

test('the list, the incident and its members are told as they are, page by page', async () => {
  const { body } = await call('zhao', 'GET', '/v1/incidents?state=open');
  expect(body.items).toMatchObject([
    { id: 'I-1', place: 'ZONGSHU', state: 'open', members: 300, minor: 12_600_000, blame: 'alone', usual: 0.005 },
  ]);
  const shown = await call('zhao', 'GET', '/v1/incidents/I-1');
  expect(shown.body.incident.signals).toMatchObject([{ rule: 'D1', first_at: '2015-10-28T16:20:00+08:00' }]);
  expect(shown.body.separates[0]).toMatchObject({ dimension: 'hour', telling: true });
  expect(shown.body.chart.length).toBeGreaterThan(50);
  const first = await call('zhao', 'GET', '/v1/incidents/I-1/members?limit=200');
  const second = await call('zhao', 'GET', `/v1/incidents/I-1/members?limit=200&cursor=${first.body.next_cursor}`);
  expect([first.body.items.length, second.body.items.length, second.body.next_cursor]).toEqual([200, 100, null]);
  expect((await call('zhao', 'GET', '/v1/incidents/I-9')).status).toBe(404);
});

test('the command line says what is known and by whom, what separates, and what to type next', async () => {
  const { lines, next, json } = await type('show', 'I-1');
  const english = lines.map(({ en }) => en).join('\n');
  expect(english).toContain('I-1  alipay x ZONGSHU');
  expect(english).toContain('onset 2015-10-28 16:05:00 (+-1 min), seen 2015-10-28 16:20:00. Owner: nobody');
  expect(english).toContain('300 orders without an answer of port or customs, ¥126,000.00');
  expect(english).toContain('nothing to compare with');
  expect(next).toBe('liushui incidents members I-1 --out FILE.csv');
  expect(json['separating_dimension']).toBe('hour');
  expect((await type('list')).lines).toHaveLength(2);
  const file = join(folder, 'members.csv');
  expect((await type('members', 'I-1', '--out', file)).json).toMatchObject({ members: 300 });
  const rows = readFileSync(file, 'utf8').split('\r\n');
  expect(rows).toHaveLength(302);
  expect(rows[0]).toMatch(/^\ufefforder_no,/);
});

test('a person takes it; closing it with open members needs a second person, and a reason', async () => {
  expect((await call('wang', 'POST', '/v1/incidents/I-1/take')).body).toMatchObject({ owner: 'wang' });
  expect((await call('wang', 'POST', '/v1/incidents/I-1/close', { reason: ' ' })).body.code).toBe(
    'incident.reason_missing',
  );
  const asked = await call('wang', 'POST', '/v1/incidents/I-1/close', { reason: 'the port confirmed by phone' });
  expect(asked).toMatchObject({ status: 202, body: { open: 100, incident: { state: 'open' } } });
  const approval = `/v1/approvals/${asked.body.approval_id}/approve`;
  expect((await call('wang', 'POST', approval)).status).toBe(403);
  expect((await call('zhao', 'POST', approval)).status).toBe(200);
  const closed = await call('zhao', 'GET', '/v1/incidents/I-1');
  expect(closed.body.incident).toMatchObject({
    state: 'closed',
    closed_by: 'zhao',
    close_reason: 'the port confirmed by phone',
  });
  expect(closed.body.rest).toHaveLength(100);
  expect((await call('wang', 'POST', '/v1/incidents/I-1/close', { reason: 'again' })).body.code).toBe(
    'incident.already_closed',
  );
});
