// Goal: a process that is killed at any named point loses nothing and sends nothing twice.
// Method: a child process works the re-push story against the simulators and is killed at the point; a second one finishes.
// At the end the simulators' books and ours are compared with those of a story that nobody interrupted.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulators } from '@liushui/simulator';
import type { RunningSimulators } from '@liushui/simulator';
import { beforeAll, expect, inject, test } from 'vitest';
import { openDatabase } from '../../src/platform/db.ts';
import type { TestServer } from '../global-setup.ts';
import { at } from '../kit/world.ts';
import type { StoryEnd, StoryInput } from './story.ts';

const start = at('2015-10-28 16:20:00');
const paidAt = at('2015-10-27 20:00:00');
const partner = '2088000000000001';
const md5Key = 'test0only0test0only0test0only0md';
const gapMs = 5 * 60_000;

/** `name:n`, calls of which nobody hears the end, and which moment of the story it is. Queries are one call, pushes one each. */
const points = `
  command.before_commit:4   -                     the rows of the first pushes
  command.after_commit:5    -                     pushes are answered
  import.part_committed:1   -                     payments adopted, the port's list not yet there
  import.part_committed:2   -                     the port's list told, nothing judged
  plan.part_enqueued:1      -                     approved and started, nothing sent
  worker.leased:3           -                     pushes leased
  worker.prepared:1         1 customs.query       the question is in the books and was not asked
  worker.prepared:2         6 customs.declare     pushes are in the books and were not sent
  worker.before_send:4      6 customs.declare     between two pushes
  worker.after_send:1       1 customs.query       the answer to the question is lost
  worker.after_send:4       6 customs.declare     the answers to some pushes are lost
  worker.heard:2            -                     pushes are committed
`
  .trim()
  .split('\n')
  .map((line) => line.trim().split(/\s{2,}/) as [string, string, string]);

const listed = readFileSync(join(import.meta.dirname, '../fixtures/2015-10-28/port-list-1.txt'), 'utf8');
// Two that were released and six that were not.
const kept = (released: string, count: number): string[] =>
  listed
    .split('\n')
    .filter((line) => line.startsWith('|') && line.split('|')[4]?.trim() === released)
    .slice(0, count);
const lines = [...kept('1', 2), ...kept('0', 6)];
const portList = [listed.split('\n')[0] ?? '', ...lines].join('\n');
const orders = lines.map((line, index) => {
  const [, orderNo = '', waybillNo = '', tradeNo = ''] = line.split('|').map((cell) => cell.trim());
  return { orderNo, waybillNo, tradeNo, requestNo: `LS${String(index).padStart(8, '0')}` };
});
const payments = [
  'order_no,request_no,place,customs_code,customs_name,declared_amount,is_split,child_order_no,pushed_payment_no,trade_no,waybill_no,paid_at,earlier_push_at,earlier_push_answer',
  ...orders.map(
    ({ orderNo, requestNo, tradeNo, waybillNo }) =>
      `${orderNo},${requestNo},ZONGSHU,3301TEST01,测试公司,420.00,F,,,${tradeNo},${waybillNo},2015-10-27 20:00:00,2015-10-28 15:57:00,SUCCESS`,
  ),
].join('\n');

async function post(url: string, body: unknown): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url}: ${await answer.text()}`);
}

/** Nothing of this day reached the port; one re-push is answered SUCCESS and has no effect. */
async function seed({ alipayUrl }: RunningSimulators): Promise<void> {
  await post(`${alipayUrl}/control/partners`, [{ partner, md5_key: md5Key }]);
  await post(`${alipayUrl}/control/faults`, [
    { id: 'lost', fault: 'swallow_declaration', match: { is_repush: false } },
    { id: 'dead', fault: 'no_effect_repush', match: { is_repush: true, request_nos: [orders[7]?.requestNo] } },
  ]);
  await post(`${alipayUrl}/control/seed`, {
    trades: orders.map(({ orderNo, tradeNo }) => ({
      ...{ partner, trade_no: tradeNo, out_trade_no: orderNo, amount: '420.00', paid_at: paidAt },
      payer: { name: '测试', id_no: '999999190001010015' },
    })),
    declarations: orders.map(({ requestNo, tradeNo }) => ({
      ...{ partner, out_request_no: requestNo, trade_no: tradeNo, place: 'ZONGSHU', customs_code: '3301TEST01' },
      ...{ customs_name: '测试公司', amount: '420.00', accepted_at_ms: paidAt + 60_000 },
    })),
    lists: orders.map(({ orderNo, waybillNo, tradeNo }) => ({
      ...{ order_no: orderNo, waybill_no: waybillNo, payment_no: tradeNo, at_ms: paidAt + 120_000 },
    })),
  });
}

type Ended = { readonly signal: NodeJS.Signals | null; readonly out: string; readonly err: string };

function runStory(input: StoryInput): Promise<Ended> {
  const script = join(import.meta.dirname, 'story.ts');
  const child = spawn(process.execPath, [script, JSON.stringify(input)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => (out += String(chunk)));
  child.stderr.on('data', (chunk) => (err += String(chunk)));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (_code, signal) => resolve({ signal, out, err }));
  });
}

type Attempt = { readonly at: number; readonly executed: boolean };
type Books = {
  readonly declarations: readonly { readonly out_request_no: string; readonly attempts: readonly Attempt[] }[];
};
type Story = {
  readonly signals: readonly (string | null)[];
  readonly end: StoryEnd | undefined;
  readonly books: Books;
  readonly errors: string;
};

/** A database, simulators and a folder of its own; killed once when a point is named. */
async function story(crashAt: string): Promise<Story> {
  const server = (await (await fetch(inject('testServerDoor'))).json()) as TestServer;
  const folder = mkdtempSync(join(tmpdir(), 'liushui-crash-'));
  const simulators = await startSimulators({ dataDir: join(folder, 'simulators'), clock: 'stepped', at: start });
  const admin = openDatabase(server.url, { applicationName: 'crash test', max: 1 });
  const name = `${server.prefix}${randomBytes(6).toString('hex')}`;
  try {
    await seed(simulators);
    await admin.query(`create database "${name}" template "${server.template}"`);
    const url = new URL(server.url);
    url.pathname = `/${name}`;
    const { alipayUrl } = simulators;
    const input = { databaseUrl: url.href, alipayUrl, folder, start, partner, md5Key, payments, portList, crashAt };
    const runs = [await runStory(input)];
    if (crashAt !== '') runs.push(await runStory({ ...input, crashAt: '' }));
    const last = runs.at(-1)?.out ?? '';
    const books = (await (await fetch(`${alipayUrl}/control/books/declarations`)).json()) as Books;
    return {
      signals: runs.map((run) => run.signal),
      end: last === '' ? undefined : (JSON.parse(last) as StoryEnd),
      books,
      errors: runs.map((run) => run.err).join(''),
    };
  } finally {
    await admin.query(`drop database if exists "${name}" with (force)`);
    await admin.close();
    await simulators.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Per request number: how often it was pushed to an effect in their books, and the shortest time between two pushes. */
function pushes({ declarations }: Books): Record<string, { executed: number; closest: number }> {
  const entries = declarations.map(({ out_request_no: no, attempts }) => {
    const times = attempts.map((attempt) => attempt.at).sort((a, b) => a - b);
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    return [
      no,
      { executed: attempts.filter((attempt) => attempt.executed).length, closest: Math.min(...gaps) },
    ] as const;
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

let whole: Story;
beforeAll(async () => {
  whole = await story('');
}, 300_000);

test('the story that nobody interrupts pushes six, of which one has no effect', () => {
  expect(whole.errors).toBe('');
  expect(whole.end).toMatchObject({
    shown: { effective: 5, ineffective: 1, open: 0 },
    jobsLeft: 0,
    quarantined: 0,
    unheard: {},
  });
  const books = Object.values(pushes(whole.books));
  expect(books.filter(({ closest }) => closest < Infinity)).toHaveLength(6);
});

/** Each takes two processes, and the machine may be busy. */
const limitMs = 300_000;

test.concurrent.for(points)(
  'killed at %s (%s unheard: %s), the story ends as if nothing had happened',
  { timeout: limitMs },
  async ([point, unheard]) => {
    const { signals, end, books, errors } = await story(point);
    expect(errors).toBe('');
    expect(signals).toEqual(['SIGKILL', null]);
    const [count, operation = ''] = unheard.split(' ');
    expect(end).toEqual({ ...whole.end, unheard: count === '-' ? {} : { [operation]: Number(count) } });
    for (const [no, { executed, closest }] of Object.entries(pushes(books))) {
      expect([no, executed]).toEqual([no, pushes(whole.books)[no]?.executed]);
      expect(closest, `${no} was pushed twice within the gap`).toBeGreaterThanOrEqual(gapMs);
    }
  },
);
