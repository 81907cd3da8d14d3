import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Instant } from '../../kernel/index.ts';

export type Simulators = {
  readonly alipayUrl: string;
  readonly portUrl: string;
  post(door: 'alipay' | 'port', path: string, body: unknown): Promise<unknown>;
  get(door: 'alipay' | 'port', path: string): Promise<string>;
  stop(): Promise<void>;
};

const entry = fileURLToPath(import.meta.resolve('@liushui/simulator'));

type Ready = { readonly alipay: string; readonly port: string };

/**
 * Starts the simulators as a process of their own, and again on the same ports when that process dies: their books are on disk.
 * They end with this process.
 */
export async function startSimulators(dataDir: string, at: Instant, ports: readonly [number, number]): Promise<Simulators> {
  let stopping = false;
  let child: ChildProcess | undefined;
  const launch = async (alipayPort: number, portPort: number): Promise<Ready> => {
    const args = ['--data', dataDir, '--clock', 'stepped', '--at', new Date(at).toISOString(), '--with-parent'];
    const where = ['--alipay-port', String(alipayPort), '--port-port', String(portPort)];
    const main = join(entry, '../main.ts');
    const started = spawn(process.execPath, [main, ...args, ...where], { stdio: ['pipe', 'pipe', 'inherit'] });
    child = started;
    const ready = await firstLine(started);
    started.once('exit', () => {
      if (!stopping) void launch(Number(new URL(ready.alipay).port), Number(new URL(ready.port).port));
    });
    return ready;
  };
  const { alipay, port } = await launch(...ports);
  const base = { alipay, port };
  return {
    alipayUrl: alipay,
    portUrl: port,
    post: (door, path, body) => call(base[door] + path, { method: 'POST', body: JSON.stringify(body) }),
    get: async (door, path) => (await fetch(base[door] + path)).text(),
    stop: () =>
      new Promise((resolve) => {
        stopping = true;
        if (!child || child.exitCode !== null) return resolve();
        child.once('exit', () => resolve());
        child.kill('SIGTERM');
      }),
  };
}

function firstLine(child: ChildProcess): Promise<Ready> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const end = text.indexOf('\n');
      if (end >= 0) resolve(JSON.parse(text.slice(0, end)) as Ready);
    });
    child.once('exit', (code) => reject(new Error(`the simulators ended with code ${code} before they were ready`)));
    child.once('error', reject);
  });
}

async function call(url: string, init: RequestInit): Promise<unknown> {
  const answer = await fetch(url, { ...init, headers: { 'content-type': 'application/json' } });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
