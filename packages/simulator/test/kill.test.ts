import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { doors, list, minute, pastDeclaration, requestNo, start } from './player.ts';

const main = new URL('../src/main.ts', import.meta.url).pathname;
const children: ChildProcessWithoutNullStreams[] = [];
let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'liushui-simulator-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(dataDir, { recursive: true });
});

async function startProcess(...more: string[]) {
  const child = spawn(process.execPath, [main, '--data', dataDir, '--clock', 'stepped', ...more]);
  children.push(child);
  for await (const line of createInterface(child.stdout)) {
    const ready = JSON.parse(line);
    expect(ready).toMatchObject({ ready: true, pid: child.pid });
    return { child, ...doors(ready.alipay, ready.port) };
  }
  throw new Error('the process said nothing');
}
type Sim = Awaited<ReturnType<typeof startProcess>>;

async function kill({ child }: Sim): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** Everything either book says. */
async function allBooks(sim: Sim): Promise<unknown[]> {
  const pages = await Promise.all([fetch(`${sim.alipayUrl}/books`), fetch(`${sim.portUrl}/books`)]);
  const texts = await Promise.all(pages.map((page) => page.json()));
  return [
    ...texts,
    (await sim.port('receipts')).text,
    (await sim.control('clock')).json,
    (await sim.control('faults')).json,
  ];
}

test('after a kill both books come back as they were, a torn last line is dropped, and what was due still happens', async () => {
  const first = await startProcess('--at', new Date(start).toISOString());
  await first.open(4);
  await first.control('faults', { fault: 'swallow_declaration', match: { is_repush: false }, times: 1 });
  await first.control('faults', { fault: 'bad_signature', match: { operation: 'query', nth: 3 } });
  await first.control('settings', { signing_reading: 'C' });
  await first.control('declarations', [pastDeclaration(4, start - minute), pastDeclaration(3, start + 2 * minute)]);
  await first.control('lists', [list(1, start), list(2, start), list(4, start)]);
  await first.declare(1);
  await first.declare(2);
  await first.query(1);
  await first.after(16_000);
  await first.declare(2);
  const before = await allBooks(first);
  const answer = (await first.query(1, 2)).text;
  await kill(first);
  appendFileSync(join(dataDir, 'alipay.jsonl'), '{"n":99,"at":14459184000');

  const second = await startProcess();
  const withOneQueryMore = JSON.stringify(before).replaceAll('"seen":1,"played":0', '"seen":2,"played":0');
  expect(JSON.stringify(await allBooks(second))).toBe(withOneQueryMore);
  const third = await second.query(1, 2);
  expect(third.text.replace(/<sign>.*/, '')).toBe(answer.replace(/<sign>.*/, ''));
  expect(third.text).not.toBe(answer);
  await second.after(10 * minute);
  expect((await second.query(2, 3)).text.match(/<customs_code>(399|3)</g)).toHaveLength(2);
  const last = await allBooks(second);
  await kill(second);
  expect(JSON.stringify(await allBooks(await startProcess()))).toBe(JSON.stringify(last));
});

test('what was answered just before the kill is in the books', async () => {
  const first = await startProcess('--at', new Date(start).toISOString());
  await first.open(40);
  const answered: number[] = [];
  const calls = Array.from({ length: 40 }, (_, i) =>
    first.declare(i + 1).then(
      () => answered.push(i + 1),
      () => undefined,
    ),
  );
  await calls[5];
  await kill(first);
  await Promise.all(calls);
  const second = await startProcess();
  expect(answered.length).toBeGreaterThan(0);
  for (const n of answered) expect((await second.books(n)).out_request_no).toBe(requestNo(n));
});

test('it ends with its parent when asked to, and on SIGTERM', async () => {
  const withParent = await startProcess('--with-parent');
  const gone = once(withParent.child, 'exit');
  withParent.child.stdin.end();
  expect(await gone).toEqual([0, null]);
  const alone = await startProcess();
  const ended = once(alone.child, 'exit');
  alone.child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});
