// Goal: a process that is killed at any named point loses no money, books none twice, and sends nothing twice.
// Method: processes play one story of payments, a close and refunds against the simulated gateway. Each is killed at a point that the
// story reaches, the next goes on; the last plays to the end. Then both sides' books, the laws and what the shop was told are compared.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulators } from '@liushui/simulator';
import { afterAll, expect, inject, test } from 'vitest';
import { openDatabase } from '../../src/platform/db.ts';
import type { TestServer } from '../global-setup.ts';
import { freePort, makeKeys } from '../kit/pay-side.ts';
import { at } from '../kit/world.ts';
import type { MoneyEnd, MoneyInput } from './money-story.ts';

const start = at('2015-10-28 16:20:00');
const keys = makeKeys();
/** Programs read once need not be read again by the next process. */
const compiled = mkdtempSync(join(tmpdir(), 'liushui-compiled-'));
afterAll(() => rmSync(compiled, { recursive: true, force: true }));

/** A story each paragraph, a killed process each line: chapter and point, the call whose end nobody heard, which moment it is. */
const stories = `
  code/command.before_commit:1     -              a second cashier is being written down
  code/worker.prepared:1           pay.submit     the order of a code is in the books and was not sent
  pay/command.after_commit:1       -              the first success is booked, its message acknowledged before
  surplus/worker.leased:1          -              the return of the surplus is leased
  cancel/worker.before_send:1      pay.close      the close is in the books and was not sent
  refund/worker.after_send:1       refund.submit  the channel gave the first part back, nobody heard

  code/worker.after_send:1         pay.submit     the channel made the code, nobody heard
  charge/worker.after_send:1       pay.submit     the channel charged the payer, nobody heard
  pay/command.before_commit:1      -              the first success is being booked
  surplus/worker.after_send:1      refund.submit  the channel gave the surplus back, nobody heard
  cancel/worker.after_send:1       pay.close      the channel closed, nobody heard
  refund/worker.before_send:1      refund.submit  the first part is in the books and was not sent

  code/worker.heard:1              -              the code is booked
  charge/command.after_commit:1    -              the payer's code is in the books, nothing was sent
  surplus/command.before_commit:1  -              the return of the surplus is being booked
  open/worker.after_send:1         pay.query      the channel told that somebody opened the trade, nobody heard
  cancel/command.after_commit:1    -              the wish to cancel is booked
  refund/worker.heard:1            -              the first part is booked

  charge/worker.before_send:1      pay.submit     the charge is in the books and was not sent
  pay/notice.kept:1                -              the message of the first success is kept, nobody acknowledged or told it
`
  .trim()
  .split(/\n\n/)
  .map((story) => story.split('\n').map((line) => line.trim().split(/\s{2,}/) as [string, string, string]))
  .map((killed) => ({ killed, at: killed.map(([point]) => point).join(', ') }));

type Ended = { readonly signal: NodeJS.Signals | null; readonly out: string; readonly err: string };

function runProcess(input: MoneyInput): Promise<Ended> {
  const script = join(import.meta.dirname, 'money-story.ts');
  const env = { ...process.env, NODE_COMPILE_CACHE: compiled };
  const child = spawn(process.execPath, [script, JSON.stringify(input)], { stdio: ['ignore', 'pipe', 'pipe'], env });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => (out += String(chunk)));
  child.stderr.on('data', (chunk) => (err += String(chunk)));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (_code, signal) => resolve({ signal, out, err }));
  });
}

type Story = {
  readonly signals: readonly (string | null)[];
  readonly end: MoneyEnd | undefined;
  readonly errors: string;
};

/** A database, a gateway and a folder of its own; a process for each point, and one to the end. */
async function play(points: readonly string[]): Promise<Story> {
  const server = (await (await fetch(inject('testServerDoor'))).json()) as TestServer;
  const folder = mkdtempSync(join(tmpdir(), 'liushui-crash-'));
  const simulators = await startSimulators({ dataDir: join(folder, 'simulators'), clock: 'stepped', at: start });
  const admin = openDatabase(server.url, { applicationName: 'crash test', max: 1 });
  const name = `${server.prefix}${randomBytes(6).toString('hex')}`;
  try {
    await admin.query(`create database "${name}" template "${server.template}"`);
    const url = new URL(server.url);
    url.pathname = `/${name}`;
    const { alipayUrl } = simulators;
    const input = { databaseUrl: url.href, alipayUrl, folder, port: await freePort(), start, keys };
    const runs: Ended[] = [];
    for (const crashAt of [...points, '']) runs.push(await runProcess({ ...input, crashAt }));
    const last = runs.at(-1)?.out ?? '';
    return {
      signals: runs.map((run) => run.signal),
      end: last === '' ? undefined : (JSON.parse(last) as MoneyEnd),
      errors: runs.map((run) => run.err).join(''),
    };
  } finally {
    await admin.query(`drop database if exists "${name}" with (force)`);
    await admin.close();
    await simulators.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const refundTold = 'refund.succeeded';
const whole = {
  orders: {
    doubled: { order: 'paid', payments: ['paid'], surplus: ['returned'], refunds: ['refunded'], received: 20_000 },
    dropped: { order: 'cancelled', payments: ['closed'], surplus: [], refunds: [], received: 0 },
    parted: { order: 'paid', payments: ['paid'], surplus: [], refunds: ['refunded', 'refunded'], received: 10_000 },
    charged: { order: 'paid', payments: ['paid'], surplus: [], refunds: [], received: 10_000 },
  },
  events: {
    doubled: ['payment.succeeded', refundTold, 'surplus.received', 'surplus.refunding', 'surplus.resolved'],
    dropped: ['payment.closed'],
    parted: ['payment.succeeded', refundTold, refundTold],
    charged: ['payment.succeeded'],
  },
  cases: { doubled: [], dropped: [], parted: [], charged: [] },
  broken: [],
};

/** A code that may have been charged is never charged again: without proof it ends with a person, and nothing is booked. */
const undecided = {
  orders: { charged: { order: 'unpaid', payments: ['closing'], surplus: [], refunds: [], received: 0 } },
  events: { charged: [] },
  cases: { charged: ['payment.in_doubt_long'] },
};

/** Each takes several processes, and the machine may be busy. */
const limitMs = 600_000;

test.concurrent.for([{ killed: [], at: 'no point' }, ...stories])(
  'killed at $at, the story ends with equal books and every word said once',
  { timeout: limitMs },
  async ({ killed }) => {
    const { signals, end, errors } = await play(killed.map(([point]) => point));
    expect(errors).toBe('');
    expect(signals).toEqual([...killed.map(() => 'SIGKILL'), null]);
    const calls = killed.map(([, call]) => call).filter((call) => call !== '-');
    const unheard = Object.fromEntries(calls.map((call) => [call, calls.filter((other) => other === call).length]));
    const { books, ...rest } = end ?? {};
    expect(books?.ours).toEqual(books?.theirs);
    const isLost = killed.some(([point]) => point === 'charge/worker.before_send:1');
    const expected = isLost
      ? {
          ...whole,
          orders: { ...whole.orders, ...undecided.orders },
          events: { ...whole.events, ...undecided.events },
          cases: { ...whole.cases, ...undecided.cases },
        }
      : whole;
    expect(rest).toEqual({ ...expected, unheard });
  },
);
