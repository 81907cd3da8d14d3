import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { assert, done, refuse } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import { systemClock } from '../platform/clock.ts';
import type { AppClock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { isConnectionLost } from '../platform/db.ts';
import { readMigrations, migrationsDir } from '../platform/migrate.ts';
import { StartRefused } from '../platform/postgres-refused.ts';
import { bringSchemaForward, openOwnDatabase } from './database.ts';
import type { OpenDatabase } from './database.ts';
import { openInstallation } from './installation.ts';
import { openApp } from './parts.ts';
import type { App } from './parts.ts';
import { ensureSandboxClock, furnishSandbox } from './sandbox.ts';
import type { FirstLogins } from './sandbox.ts';
import { fillSimulators } from './sandbox-world.ts';
import { serve } from './serve.ts';
import { loginsFolder } from './session.ts';
import { superviseSimulators, usualPorts } from './simulators.ts';
import type { Simulators } from './simulators.ts';
import { takeStartLock } from './start-lock.ts';

/** The five steps of a start, as people see them. */
export type StartStep = 'settings' | 'database' | 'schema' | 'contents' | 'server';
export type StepTold = (step: StartStep, about: string, ms: number) => void;

export type Started = {
  readonly address: string;
  readonly busyPort: number | undefined;
  readonly simulators: { readonly alipay: string; readonly wechat: string; readonly port: string };
  readonly dataFolder: string;
  readonly loginsFolder: string;
  /** Only from the first start on a new database. */
  readonly firstLogins: FirstLogins;
  readonly clockAt: Instant;
  readonly readyInMs: number;
  /** Resolves when the database has gone away: nothing can be done here any more. */
  readonly databaseLost: Promise<void>;
  /** Ends everything in order: server, worker, simulators, database. */
  stop(): Promise<void>;
};

/** Undoes what was begun, last first. */
type Undo = (() => Promise<unknown> | void)[];

async function undoAll(undo: Undo): Promise<void> {
  for (const step of undo.splice(0).reverse()) await step();
}

/** `npm start`: one sandbox as one process tree. After a kill of any part, or of all, the next start adopts and goes on. */
export async function startSandbox(config: Config, told: StepTold): Promise<Result<Started>> {
  const undo: Undo = [];
  try {
    const started = await startSteps(config, told, undo);
    if (!started.ok) await undoAll(undo);
    return started;
  } catch (error) {
    await undoAll(undo).catch(() => undefined); // what broke the start is what people must hear of
    if (error instanceof StartRefused) return refuse('installation.start_refused', { why: error.message });
    if (isConnectionLost(error)) return refuse('server.database_unreachable', { why: String(error) });
    throw error;
  }
}

async function startSteps(config: Config, told: StepTold, undo: Undo): Promise<Result<Started>> {
  const begun = performance.now();
  const stopwatch = new Stopwatch(told);
  mkdirSync(config.dataFolder, { recursive: true });
  stopwatch.lap('settings', `Node ${process.versions.node}, ${config.dataFolder}`);

  const opened = await openOwnDatabase(config, 'liushui server', () => undefined);
  undo.push(() => opened.embedded?.stop());
  undo.push(() => opened.db.close());
  const locked = await lockOrAdopt(config, opened, undo);
  if (!locked.ok) return locked;
  stopwatch.lap('database', await describeDatabase(opened));

  const applied = await bringSchemaForward(opened.db);
  const known = (await readMigrations(migrationsDir)).length;
  await ensureSandboxClock(opened.db);
  stopwatch.lap('schema', `${known}${applied.length > 0 ? ` (+${applied.length})` : ''}`);

  const contents = await openContents(config, opened, undo);
  if (!contents.ok) return contents;
  const { app, simulators, firstLogins } = contents.value;
  stopwatch.lap('contents', `${simulators.alipayUrl} ${simulators.wechatUrl} ${simulators.portUrl}`);

  const serving = await serve(app, 'all');
  undo.push(() => serving.stop());
  const { address, busyPort } = serving;
  assert(address !== undefined, 'the server of a sandbox has an address');
  const placard = placardOf(config);
  writeFileSync(placard, JSON.stringify({ pid: process.pid, address }));
  undo.push(() => rmSync(placard, { force: true }));
  stopwatch.lap('server', address);
  return done({
    ...{ address, busyPort, firstLogins, dataFolder: config.dataFolder },
    simulators: { alipay: simulators.alipayUrl, wechat: simulators.wechatUrl, port: simulators.portUrl },
    loginsFolder: join(config.dataFolder, loginsFolder),
    clockAt: app.clock.now(),
    databaseLost: locked.value,
    readyInMs: performance.now() - begun,
    stop: () => undoAll(undo),
  });
}

async function openContents(
  config: Config,
  opened: OpenDatabase,
  undo: Undo,
): Promise<Result<{ app: App; simulators: Simulators; firstLogins: FirstLogins }>> {
  const installation = await openInstallation(opened.db, 'sandbox', systemClock().now());
  if (!installation.ok) return installation;
  const logTo = { file: join(config.dataFolder, 'logs', 'server.log') };
  const made = await openApp({ config, db: opened.db, installation: installation.value, logTo, logLevel: 'info' });
  if (!made.ok) return made;
  const app = made.value;
  undo.push(() => app.close());
  const simulators = await superviseSimulators({
    dataFolder: config.dataFolder,
    clock: app.clock,
    log: app.log,
    clockMode: 'running',
    ports: usualPorts,
  });
  undo.push(() => simulators.stop());
  await fillSimulators(simulators, app.clock);
  const firstLogins = await furnishSandbox(app, simulators);
  return firstLogins.ok ? done({ app, simulators, firstLogins: firstLogins.value }) : firstLogins;
}

const lockTries = 20;

/** A server that was killed a moment ago gives its lock back when PostgreSQL notices: we look again for two seconds. */
async function lockOrAdopt(config: Config, opened: OpenDatabase, undo: Undo): Promise<Result<Promise<void>>> {
  const clock: AppClock = systemClock();
  for (let turn = 1; turn <= lockTries; turn++) {
    const lock = await takeStartLock(opened.url);
    if (lock) {
      undo.push(() => lock.release());
      return done(lock.lost);
    }
    await clock.sleepUntil((clock.now() + 100) as Instant);
  }
  // It is another one's database: leave it running.
  undo.splice(0, undo.length, () => opened.db.close());
  return refuse('server.runs_already', readPlacard(config) ?? {});
}

function placardOf(config: Config): string {
  return join(config.dataFolder, 'server.json');
}

/** What the running server wrote about itself. It may be the word of one that was killed. */
function readPlacard(config: Config): { pid: number; address: string } | undefined {
  const file = placardOf(config);
  if (!existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, 'utf8')) as { pid: number; address: string };
}

async function describeDatabase({ db, embedded }: OpenDatabase): Promise<string> {
  const [row] = await db.query<{ server_version: string }>('show server_version');
  const whose = embedded ? (embedded.adopted ? 'embedded, adopted' : 'embedded') : 'DATABASE_URL';
  return `PostgreSQL ${row?.server_version ?? '?'}, ${whose}`;
}

class Stopwatch {
  readonly #told: StepTold;
  #last = performance.now();

  constructor(told: StepTold) {
    this.#told = told;
  }

  lap(step: StartStep, about: string): void {
    const now = performance.now();
    this.#told(step, about, now - this.#last);
    this.#last = now;
  }
}
