// Goal: a sandbox begins where another program has taken a simulator's port, at once, and with one process on the books.
// Method: the real child processes, in a folder of their own; a listener of ours holds the port of the last door.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Instant } from '../kernel/index.ts';
import { createLog } from '../platform/log.ts';
import { addressOfSimulator, superviseSimulators } from './simulators.ts';

/** A port that nobody had a moment ago, held or let go again. */
async function portOf(keep: boolean): Promise<number> {
  const server = createServer();
  await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> => new Promise((settle) => void server.close(() => settle()));
  if (keep) onTestFinished(close);
  else await close();
  return port;
}

test('a port that is taken costs no time and leaves no second process on the books', async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'liushui-simulators-'));
  const clock = { now: () => Date.UTC(2026, 11, 1) as Instant };
  const log = createLog({ clock, to: 'stderr', level: 'error' });
  const ports = { alipay: await portOf(false), port: await portOf(false), wechat: await portOf(true) };
  const simulators = await superviseSimulators({ dataFolder, clock, log, clockMode: 'stepped', ports });
  onTestFinished(async () => {
    await simulators.stop();
    rmSync(dataFolder, { recursive: true, force: true });
  });
  expect(addressOfSimulator(dataFolder, 'wechat')).toBe(simulators.wechatUrl);
  expect(new URL(simulators.wechatUrl).port).not.toBe(String(ports.wechat));
  expect((await fetch(`${simulators.wechatUrl}/books`)).status).toBe(200);
  await expect(fetch(`http://127.0.0.1:${ports.alipay}/books`), 'nobody is left there').rejects.toThrow();
}, 20_000);
