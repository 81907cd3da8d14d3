import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { rfc3339 } from '../kernel/index.ts';
import type { Clock } from '../kernel/index.ts';
import type { Log } from '../platform/log.ts';

export type Simulators = {
  readonly alipayUrl: string;
  readonly portUrl: string;
  readonly wechatUrl: string;
  readonly booksFolder: string;
  stop(): Promise<void>;
};

const doors = ['alipay', 'port', 'wechat'] as const;
export type SimulatorDoor = (typeof doors)[number];
type Ports = Readonly<Record<SimulatorDoor, number>>;

export type SimulatorParts = {
  readonly dataFolder: string;
  readonly clock: Clock;
  readonly log: Log;
  /** `running` moves with real time, `stepped` only when it is told to. */
  readonly clockMode: 'running' | 'stepped';
  /** Where they listen the first time when nobody else does; afterwards where they listened before. */
  readonly ports: Ports;
};

type Ready = Readonly<Record<SimulatorDoor, string>>;

const program = resolve(import.meta.dirname, '../../../simulator/src/main.ts');
export const usualPorts: Ports = { alipay: 7789, port: 7790, wechat: 7791 };
export const anyPorts: Ports = { alipay: 0, port: 0, wechat: 0 };
const readyWithinMs = 30_000;
const restartAfterMs = 300;

/** Starts the channels' simulators as one child process and starts it again, on the same ports, whenever it dies. */
export async function superviseSimulators(parts: SimulatorParts): Promise<Simulators> {
  const booksFolder = join(parts.dataFolder, 'simulators');
  mkdirSync(booksFolder, { recursive: true });
  const portsFile = portsFileOf(parts.dataFolder);
  const { child, ready } = await startOnFreePorts(parts, booksFolder, { ...parts.ports, ...readPorts(portsFile) });
  const { alipay: alipayUrl, port: portUrl, wechat: wechatUrl } = ready;
  const ports = { alipay: portOf(alipayUrl), port: portOf(portUrl), wechat: portOf(wechatUrl) };
  writeFileSync(portsFile, JSON.stringify(ports));
  const keeper = new Keeper(parts, booksFolder, ports, child);
  return { alipayUrl, portUrl, wechatUrl, booksFolder, stop: () => keeper.stop() };
}

const portsFileOf = (dataFolder: string): string => join(dataFolder, 'simulators', 'ports.json');

/** Where a simulator of this sandbox listens, or listened last. A command is another process than the one that started it. */
export function addressOfSimulator(dataFolder: string, door: SimulatorDoor): string | undefined {
  const port = readPorts(portsFileOf(dataFolder))[door];
  return port === undefined ? undefined : `http://127.0.0.1:${port}`;
}

/** A door that came later than the file has no port there. */
function readPorts(file: string): Partial<Ports> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Partial<Ports>;
  } catch {
    return {}; // the first start
  }
}

const portOf = (url: string): number => Number(new URL(url).port);

async function startOnFreePorts(parts: SimulatorParts, folder: string, wanted: Ports): Promise<Started> {
  try {
    return await startOnce(parts, folder, wanted);
  } catch (error) {
    parts.log.warn('simulators.ports_taken', { error: String(error) });
    return startOnce(parts, folder, anyPorts);
  }
}

type Started = { readonly child: ChildProcess; readonly ready: Ready };

function startOnce({ clock, log, clockMode }: SimulatorParts, folder: string, ports: Ports): Promise<Started> {
  const args = [program, '--data', folder, '--clock', clockMode, '--at', rfc3339(clock.now()), '--with-parent'];
  const listening = doors.flatMap((door) => [`--${door}-port`, String(ports[door])]);
  // Its own group: Ctrl-C in the terminal is for us, and we end it after our own work. When we are killed its stdin ends.
  const child = spawn(process.execPath, [...args, ...listening], { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  child.stdin.on('error', () => undefined);
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => {
    said = (said + bytes.toString()).slice(-2000);
    log.warn('simulators.said', { text: bytes.toString().trim() });
  });
  return new Promise((settle, fail) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL'); // its books are another one's from now on
      fail(new Error('the simulators did not get ready in time'));
    }, readyWithinMs);
    child.once('error', fail);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      fail(new Error(`the simulators ended (${code ?? signal}): ${said.trim()}`));
    });
    createInterface({ input: child.stdout }).once('line', (line) => {
      clearTimeout(timer);
      settle({ child, ready: JSON.parse(line) as Ready });
    });
  });
}

class Keeper {
  readonly #parts: SimulatorParts;
  readonly #folder: string;
  readonly #ports: Ports;
  #child: ChildProcess;
  #stopping = false;

  constructor(parts: SimulatorParts, folder: string, ports: Ports, child: ChildProcess) {
    this.#parts = parts;
    this.#folder = folder;
    this.#ports = ports;
    this.#child = child;
    this.#watch(child);
  }

  #watch(child: ChildProcess): void {
    child.once('exit', (code, signal) => {
      if (this.#stopping) return;
      this.#parts.log.error('simulators.died', { how: code ?? signal });
      this.#startAgainSoon();
    });
  }

  #startAgainSoon(): void {
    const timer = setTimeout(() => void this.#startAgain(), restartAfterMs);
    timer.unref();
  }

  async #startAgain(): Promise<void> {
    if (this.#stopping) return;
    try {
      const { child } = await startOnce(this.#parts, this.#folder, this.#ports);
      this.#child = child;
      if (this.#stopping) child.kill('SIGTERM');
      else this.#watch(child);
    } catch (error) {
      this.#parts.log.error('simulators.not_restarted', { error: String(error) });
      this.#startAgainSoon();
    }
  }

  stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    return new Promise((settle) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
      child.once('exit', () => {
        clearTimeout(timer);
        settle();
      });
      child.kill('SIGTERM');
    });
  }
}
