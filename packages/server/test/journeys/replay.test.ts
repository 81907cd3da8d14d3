// Goal: the day of 2015-10-28 at small size: right verdicts, proved effects, nothing sent twice, nothing lost, whatever is killed.
// Method: the real replay with its own database and simulators; figures compare our books with the simulators'.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { ReplayResult } from '../../src/app/replay/replay.ts';
import type { Result } from '../../src/kernel/index.ts';

const entry = join(import.meta.dirname, '../kit/replay-entry.ts');
const folders: string[] = [];

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'liushui-replay-test-'));
  chmodSync(folder, 0o711); // PostgreSQL under root runs as another account
  folders.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

type Run = {
  readonly code: number | null;
  readonly signal: string | null;
  readonly result: Result<ReplayResult> | undefined;
};
type Options = {
  readonly folder: string;
  readonly signing?: string;
  readonly how?: 'new' | 'resume';
  readonly crashAt?: string;
  /** Called with each line of progress. */
  readonly watch?: (stage: string, child: ChildProcess) => void;
};

function play({ folder, signing = 'A', how = 'new', crashAt, watch }: Options): Promise<Run> {
  const env = { ...process.env, LIUSHUI_CRASH_AT: crashAt ?? '' };
  const child = spawn(process.execPath, [entry, folder, '120', '7', signing, how], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('{')) watch?.((JSON.parse(line) as { stage: string }).stage, child);
    }
  });
  return new Promise((resolve) => {
    child.on('exit', (code, signal) => {
      const result = out.trim() === '' ? undefined : (JSON.parse(out) as Result<ReplayResult>);
      resolve({ code, signal, result });
    });
  });
}

/** What must hold whatever happened on the way. */
function expectHeld(run: Run): ReplayResult {
  if (!run.result?.ok)
    throw new Error(`the replay ended with ${run.code ?? run.signal}: ${JSON.stringify(run.result)}`);
  const figures = run.result.value;
  expect(figures.triage_wrong).toEqual([]);
  expect(figures.triage_correct).toBe(1);
  expect(figures.lost).toBe(0);
  expect(figures.repush.sent_twice_within_gap).toBe(0);
  expect(figures.repush.differs_from_books).toBe(0);
  expect(figures.repush.sent + figures.repush.skipped).toBe(figures.repush.planned);
  expect(figures.evidence_packs.map((pack) => pack.complete)).toEqual(figures.evidence_packs.map(() => true));
  expectCells(figures);
  return figures;
}

/** A re-push worked for the order hours 11–16 of the 27th and for no others: each cell finds that out by itself. */
function expectCells({ repush }: ReplayResult): void {
  for (const { cell, state, canary, control, sent, size } of repush.cells) {
    const hours = [...cell.matchAll(/-(\d\d) (\d\d)/g)].map(([, day, hour]) => ({ day, hour: Number(hour) }));
    const alive = hours.map(({ day, hour }) => day === '27' && hour >= 11 && hour <= 16);
    if (alive.every(Boolean)) expect({ cell, state, sent }).toEqual({ cell, state: 'done', sent: size });
    if (!alive.some(Boolean)) expect({ cell, state, sent }).toEqual({ cell, state: 'stopped', sent: canary.sent });
    expect(control.receipts).toBe(0);
  }
}

describe('the replay', () => {
  test.each(['A', 'B', 'C', 'none'])(
    'holds under signing reading %s, with the fewest calls possible',
    async (signing) => {
      const figures = expectHeld(await play({ folder: newFolder(), signing }));
      expect(figures.orders).toBe(120);
      expect(figures.real_orders).toBe(35);
      expect(figures.calls.query.count).toBe(figures.calls.query.ideal);
      expect(figures.calls.declare.count).toBe(figures.calls.declare.ideal);
      expect(figures.calls.declare.count).toBe(figures.repush.sent);
      expect(figures.repush.effective).toBeGreaterThan(0);
      expect(figures.repush.ineffective).toBeGreaterThan(0);
    },
    120_000,
  );

  test('goes on after kill -9 at one point after another, and ends as if nothing had happened', async () => {
    const folder = newFolder();
    const points = [
      'import.part_committed:1',
      'worker.leased:1',
      'worker.after_send:5',
      'plan.part_enqueued:1',
      'worker.prepared:1',
      'worker.before_send:2',
      'worker.heard:1',
      'worker.after_send:1',
      'replay.round_done:2',
    ];
    for (const [index, crashAt] of points.entries()) {
      const run = await play({ folder, crashAt, how: index === 0 ? 'new' : 'resume' });
      expect([crashAt, run.signal]).toEqual([crashAt, 'SIGKILL']);
    }
    const undisturbed = expectHeld(await play({ folder: newFolder() }));
    const figures = expectHeld(await play({ folder, how: 'resume' }));
    expect(figures.repush.effective).toBe(undisturbed.repush.effective);
    expect(figures.repush.planned).toBe(undisturbed.repush.planned);
    expect(figures.triage).toEqual(undisturbed.triage);
  }, 240_000);

  test('survives kill -9 of the simulators, of PostgreSQL, and of all at once', async () => {
    const folder = newFolder();
    await play({ folder, watch: once('triage', () => killAll(simulatorsOf(folder))) });
    await play({ folder, how: 'resume', watch: once('push', () => killAll(postgresOf(folder))) });
    await play({
      folder,
      how: 'resume',
      watch: once('look', (child) => killAll([...simulatorsOf(folder), ...postgresOf(folder), child.pid ?? 0])),
    });
    expectHeld(await play({ folder, how: 'resume' }));
  }, 240_000);
});

function once(stage: string, act: (child: ChildProcess) => void): (stage: string, child: ChildProcess) => void {
  let acted = false;
  return (now, child) => {
    if (now !== stage || acted) return;
    acted = true;
    act(child);
  };
}

/** Processes whose command line names this folder's part. */
function simulatorsOf(folder: string): number[] {
  return processes((line) => line.includes(join(folder, 'simulators')));
}

function postgresOf(folder: string): number[] {
  return processes((line) => line.includes(join(folder, 'postgres')));
}

function processes(fits: (commandLine: string) => boolean): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return fits(readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
      } catch {
        return false; // it has just ended
      }
    })
    .map(Number);
}

function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it was faster
    }
  }
}
