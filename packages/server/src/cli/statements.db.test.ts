// Goal: what the command line tells of statements, the API tells too; and a file leaves as it came.
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { typed } from '../../test/kit/cli.ts';
import { stepsOn } from '../../test/kit/pay-steps.ts';
import { useWechatWorld } from '../../test/kit/wechat-world.ts';
import { merchant, people } from '../../test/stories/people.ts';
import { statementRules as wechatStatements } from '../channels/wechat/statement-rules.ts';
import { issueToken, systemActor } from '../identity/index.ts';
import { days, minutes, plus, shanghaiDate } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import { describe } from '../platform/refusals.ts';
import { Worker } from '../platform/worker.ts';
import { lastDayThere, statementWorks, wishStatements } from '../statements/index.ts';
import { sha256Of } from '../statements/pieces.ts';
import type { Answer } from './answer.ts';

const own = useWechatWorld('2026-12-01 10:00:00');
const { wish, pay } = stepsOn(() => own.world);
const silent = (): void => undefined;
const errors: unknown[] = [];
let token = '';
let serialNo = '';

beforeAll(async () => {
  const { app, pass, clock } = own.world;
  const stamp = { at: clock.now(), ids: app.customs.ids };
  const change = { by: systemActor, consent: { kind: 'one_person' }, reason: '' } as const;
  const login = { userId: 'wang', kind: 'cli', label: 'w', merchants: [merchant], scopes: [], ipAllow: [] } as const;
  const issued = await app.db.transaction((tx) =>
    issueToken(tx, { ...login, expiresInMs: days(9) }, change, app.tokens, stamp),
  );
  if (!issued.ok) throw new Error(issued.refusal.code);
  ({ token } = issued.value);
  await wishStatements(app.db, clock.now());
  const begun = await wish({ product: 'native' });
  if (!begun.ok) throw new Error(begun.refusal.code);
  ({ serialNo } = begun.value.attempt);
  await pass(1000);
  await pay(serialNo);
  await pass(days(1) + minutes(5));
}, 120_000);

async function run(...words: string[]): Promise<Result<Answer>> {
  const { app, clock } = own.world;
  const onError = (error: unknown): void => void errors.push(error);
  const parts = { db: app.db, clock, transport: app.transport, owner: 'cli', onError };
  // Each command has a process of its own, which ends with it.
  const worker = new Worker({
    ...parts,
    works: statementWorks({ ...app.customs, owner: 'cli' }, () => Promise.resolve(false)),
  });
  return typed(app, people.wang, ['statements', ...words], { worker }, { lookWith: silent });
}

async function say(...words: string[]): Promise<Answer> {
  const result = await run(...words);
  if (!result.ok) throw new Error(JSON.stringify(result.refusal));
  return result.value;
}

async function call(path: string) {
  const answer = await own.world.server.inject({ url: `/v1/${path}`, headers: { authorization: `Bearer ${token}` } });
  return {
    status: answer.statusCode,
    bytes: answer.rawPayload,
    json: () => answer.json<Record<string, unknown> & { readonly items: readonly Record<string, unknown>[] }>(),
  };
}

const texts = ({ lines }: Answer): string => lines.map(({ en }) => en).join('\n');

test('the list names each day and kind with its statement, and both doors tell the same', async () => {
  const listed = await say('list', '--kind', 'trade');
  expect(texts(listed)).toMatch(/2026-12-01 +A1 +trade +here +S-\d/);
  const { items } = (await call('statements?kind=trade')).json();
  expect(items).toMatchObject([{ day: '2026-12-01', state: 'received', late: false }]);
  expect(listed.json).toMatchObject({ days: [{ day: '2026-12-01', statement: items[0]?.['statement_id'] }] });
  expect(texts(await say('list', '--missing'))).toBe('None.');
  expect((await call('statements?only=missing')).json()).toMatchObject({ items: [] });
  const page = (await call('statements?limit=1')).json();
  const next = (await call(`statements?limit=1&cursor=${String(page['next_cursor'])}`)).json();
  expect(next['items']).toHaveLength(1);
  expect(next['items']).not.toEqual(page['items']);
});

test('one statement shows proof, totals and lines; the file leaves as it came, and the lines in our form', async () => {
  const { items } = (await call('statements?kind=trade')).json();
  const id = String(items[0]?.['statement_id']);
  const shown = await say('show', id);
  expect(texts(shown)).toContain(serialNo);
  expect(shown.json).toMatchObject({ statement: id, sums: [{ kind: 'payment', amount: '100.00', fee: '-0.60000' }] });
  const told = (await call(`statements/${id}`)).json();
  expect(told).toMatchObject({ id, version: 1, lines: 1, unread: null, versions: [id] });
  const { items: lines } = (await call(`statements/${id}/lines`)).json();
  expect(lines).toMatchObject([{ line_no: 2, serial_no: serialNo, amount: '100.00', fee: '-0.60000' }]);
  expect(
    (await call(`statements/${id}/lines?cursor=${Buffer.from('[2]').toString('base64url')}`)).json(),
  ).toMatchObject({
    items: [],
  });

  const file = join(tmpdir(), `liushui-bill-${process.pid}.csv`);
  expect(await run('export', id, '--out', file)).toMatchObject({ refusal: { code: 'statement.reason_missing' } });
  expect(await call(`statements/${id}/file?reason=%20`)).toMatchObject({ status: 422 });
  const openings = () =>
    own.world.app.db.query(
      `select actor, reason, detail from audit_entries where act = 'statement.opened' and subject = $1`,
      [id],
    );
  expect(await openings()).toEqual([]);
  await say('export', id, '--out', file, '--reason', 'asked by finance');
  const bytes = await readFile(file);
  expect(sha256Of(bytes)).toBe(told['sha256']);
  expect((await call(`statements/${id}/file?reason=audit`)).bytes.equals(bytes)).toBe(true);
  expect(await openings()).toMatchObject([
    { actor: 'wang', reason: 'asked by finance', detail: { account: 'A1', kind: 'trade', day: '2026-12-01' } },
    { actor: 'wang', reason: 'audit' },
  ]);
  // What the payer was shown is the merchant's text, and may begin like a formula.
  await own.world.app.db.query(`update statement_lines set about = '=1+1' where statement_id = $1`, [id]);
  await say('export', id, '--out', file, '--lines');
  const [head = '', line = ''] = (await readFile(file, 'utf8')).split('\r\n');
  expect(head).toMatch(/^\ufeffline_no,at,kind,/);
  expect(line).toContain(`,"\t${serialNo}",`);
  expect(line).toMatch(/,'=1\+1$/);
  expect(await run('show', 'S-99')).toMatchObject({ refusal: { code: 'statement.not_found' } });
});

test('asked for by hand, a day is waited for; one that the channel does not make yet is not finished', async () => {
  const fetched = await say('fetch', 'A1', '--day', '2026-11-30', '--kind', 'trade', '--wait', '30s');
  expect(fetched.exit).toBe(0);
  expect(texts(fetched)).toMatch(/2026-11-30 +A1 +trade +nothing that day/);
  const fault = { id: 'x', fault: 'statement_late', times: 1, match: { api: 'tradebill' } };
  await own.world.post('/control/faults', [fault]);
  const waiting = await say('fetch', 'A1', '--day', '2026-11-29', '--kind', 'trade', '--wait', '30s');
  expect(waiting.exit).toBe(4);
  expect(texts(waiting)).toMatch(/waiting \(late\) +- +not ready/);
  for (const [words, code] of [
    [['--day', '2026-13-01'], 'usage.bad_input'],
    [[], 'usage.option_missing'],
    [['--day', '2026-12-09'], 'statement.day_unfit'],
  ] as const)
    expect(await run('fetch', 'A1', ...words)).toMatchObject({ refusal: { code } });
  const english = async (...words: string[]) => {
    const refused = await run('fetch', 'A1', ...words);
    return refused.ok ? 'done' : describe(refused.refusal, 'en');
  };
  expect(await english()).toMatch(/^--day is missing, such as --day 2026-12-01\. Nothing was done\./);
  expect(await english('--day', '2026-12-09')).toContain(
    '; that of the day asked for from 2026-12-10 10:00:00 (GMT+8) on. Nothing',
  );
  expect(await english('--day', '2020-01-01')).not.toContain('asked for from');
  expect(errors).toEqual([]);
});

test('where nothing is listed, the last day that can be had is what to fetch', async () => {
  const none = ['list', '--account', 'A1', '--from', '2020-01-01', '--to', '2020-01-02'];
  const early = Math.floor(own.world.clock.now() / days(1)) * days(1) + 3600_000;
  expect(lastDayThere({ ...wechatStatements, readyAfterMinutes: 600 }, early as Instant)).toBe(
    shanghaiDate(plus(early as Instant, -days(2))),
  );
  expect((await say(...none)).next).toBe('liushui statements fetch A1 --day 2026-12-01');
  expect((await say(...none, '--missing')).next).toBeUndefined();
  expect((await say('list', '--account', 'A9')).next).toBeUndefined();
});
