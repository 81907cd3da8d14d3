import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, open, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { assert } from '../kernel/index.ts';
import { chooseAccount, ownFolder } from './postgres-account.ts';
import type { Account } from './postgres-account.ts';
import { findBinaries, reachableBinaries } from './postgres-binaries.ts';
import { halfMadeName, isServerOf, readLock, removeHalfMade } from './postgres-lock.ts';
import { StartRefused, useYourOwnServer } from './postgres-refused.ts';
import { settingsOf, socketFolderOf, socketName } from './postgres-settings.ts';

export type PostgresOptions = {
  /** A folder for this server alone: cluster, log and, where needed, a copy of the binaries. Made when missing. */
  readonly dataDir: string;
  /** The `native` folder with bin, lib and share; otherwise the npm package of this platform. */
  readonly binariesDir?: string;
  /** Otherwise a free one is taken at each start. */
  readonly port?: number;
  readonly log: (line: string) => void;
  /** `false` gives up every promise of PostgreSQL after a crash of the machine. For tests only. */
  readonly durable?: boolean;
};

export type Postgres = {
  /** Superuser, database `postgres`, password included: do not print it. */
  readonly url: string;
  /** True when a server that outlived its parent was found and taken over. */
  readonly adopted: boolean;
  readonly pid: number;
  /** Lets running statements be cut off, writes everything to disk and returns when the server is gone. */
  stop(): Promise<void>;
};

type Engine = {
  readonly dataDir: string;
  readonly cluster: string;
  readonly binaries: string;
  readonly account: Account;
  readonly log: (line: string) => void;
};

const superuser = 'liushui';
const passwordFile = 'liushui.password';
const logFile = 'postgres.log';

function spawnAs(
  engine: Engine,
  program: string,
  args: readonly string[],
  output: number,
  grandparent?: number,
): ChildProcess {
  const { account, dataDir } = engine;
  return spawn(join(engine.binaries, 'bin', program), args, {
    cwd: dataDir, // PostgreSQL wants to know its working directory, and ours may be closed to the account
    detached: true, // Ctrl-C in the terminal is for us; we stop the server when our own work is done
    stdio: ['ignore', output, output],
    windowsHide: true,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: dataDir,
      LC_ALL: 'C',
      TZ: 'UTC',
      ...(process.env['SystemRoot'] === undefined ? {} : { SystemRoot: process.env['SystemRoot'] }),
      ...(grandparent === undefined ? {} : { PG_GRANDPARENT_PID: String(grandparent) }),
    },
    ...(account.switchTo ? { uid: account.uid, gid: account.gid } : {}),
  });
}

function exitOf(child: ChildProcess): Promise<string> {
  return new Promise((settle) => {
    child.once('error', (error) => settle(error.message));
    child.once('exit', (code, signal) => settle(code === 0 ? '' : `exit ${code ?? signal}`));
  });
}

async function withLog<T>(engine: Engine, use: (output: number) => Promise<T>): Promise<T> {
  const path = join(engine.dataDir, logFile);
  const size = (await stat(path).catch(() => undefined))?.size ?? 0;
  if (size > 16 * 1024 * 1024) await rename(path, `${path}.1`);
  const file = await open(path, 'a', 0o600);
  try {
    if (engine.account.switchTo) await file.chown(engine.account.uid, engine.account.gid);
    return await use(file.fd);
  } finally {
    await file.close();
  }
}

async function logSince(engine: Engine, offset: number): Promise<string> {
  const bytes = await readFile(join(engine.dataDir, logFile)).catch(() => Buffer.alloc(0));
  return bytes.subarray(Math.min(offset, bytes.length)).toString('utf8');
}

async function logSize(engine: Engine): Promise<number> {
  return (await stat(join(engine.dataDir, logFile)).catch(() => undefined))?.size ?? 0;
}

function refusedBecause(engine: Engine, what: string, why: string, log: string): StartRefused {
  const tail = log.trim().split('\n').slice(-6).join('\n');
  return new StartRefused(
    'postgres.start_failed',
    `${what} failed (${why}).\n${tail}\nThe whole log: ${join(engine.dataDir, logFile)}. Mend the cause, choose another folder with --data, ${useYourOwnServer}`,
    { why },
  );
}

/** A cluster appears under its name only when it is complete, its password inside: a kill in between leaves nothing half-made. */
async function createCluster(engine: Engine): Promise<void> {
  const { account, dataDir, cluster } = engine;
  const half = halfMadeName(cluster);
  const password = `${half}.password`;
  await writeFile(password, randomBytes(24).toString('base64url'), { mode: 0o600 });
  if (account.switchTo) await chown(password, account.uid, account.gid);
  const args = [
    '-D',
    half,
    '-U',
    superuser,
    `--pwfile=${password}`,
    '--auth=scram-sha-256',
    '--locale=C',
    '--encoding=UTF8',
  ];
  engine.log(`creating a PostgreSQL cluster in ${dataDir}`);
  const offset = await logSize(engine);
  try {
    const failure = await withLog(engine, (output) =>
      exitOf(spawnAs(engine, 'initdb', [...args, '--no-sync'], output)),
    );
    if (failure) throw refusedBecause(engine, 'initdb', failure, await logSince(engine, offset));
    await rename(password, join(half, passwordFile));
    const syncFailure = await withLog(engine, (output) =>
      exitOf(spawnAs(engine, 'initdb', ['-D', half, '--sync-only'], output)),
    );
    if (syncFailure) throw refusedBecause(engine, 'initdb', syncFailure, await logSince(engine, offset));
    await rename(half, cluster).catch(async (error: unknown) => {
      if (!(await stat(cluster).catch(() => undefined))) throw error; // else: another process was faster, its cluster counts
    });
  } finally {
    await rm(half, { recursive: true, force: true });
    await rm(password, { force: true });
  }
}

async function urlOf(engine: Engine, port: number): Promise<string> {
  const password = (await readFile(join(engine.cluster, passwordFile), 'utf8')).trim();
  const url = new URL(`postgres://${superuser}:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`);
  const folder = socketFolderOf(engine.dataDir);
  // Loopback works too, for programs of other accounts: this goes before it (pg-connection-string, `host`).
  if (folder !== undefined && (await stat(join(folder, socketName(port))).catch(() => undefined)))
    url.searchParams.set('host', folder);
  return url.href;
}

/** Asks the server itself which data it serves: a port that another server took must not be mistaken for ours. */
async function servesCluster(engine: Engine, url: string): Promise<boolean> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    application_name: 'liushui start',
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
    return resolve(rows[0]?.data_directory ?? '') === engine.cluster;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The server that already holds this cluster, when there is one. It may still be recovering: we wait as long as it lives. */
async function findLiving(engine: Engine): Promise<{ pid: number; url: string } | undefined> {
  let refusals = 0;
  for (let turn = 1; ; turn++) {
    const lock = await readLock(engine.cluster);
    if (!lock || !(await isServerOf(engine.cluster, lock.pid))) return undefined;
    if (turn % 200 === 0) engine.log(`waiting for PostgreSQL (pid ${lock.pid}) to finish its recovery`);
    if (lock.ready) {
      const url = await urlOf(engine, lock.port);
      if (await servesCluster(engine, url)) return { pid: lock.pid, url };
      if (++refusals >= 100) throw unanswering(engine, lock.pid);
    }
    await delay(50);
  }
}

function unanswering(engine: Engine, pid: number): StartRefused {
  return new StartRefused(
    'postgres.unanswering',
    `A PostgreSQL server (pid ${pid}) holds ${engine.cluster} and does not let us in. Stop it (kill -INT ${pid}) and start again, ${useYourOwnServer}`,
    { pid },
  );
}

function freePort(): Promise<number> {
  return new Promise((settle, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address ? settle(address.port) : fail(new Error('no port'))));
    });
  });
}

/** What a killed server left. Others that start here at the same time have ports of their own. */
async function removeSocket(folder: string, port: number): Promise<void> {
  const socket = join(folder, socketName(port));
  await Promise.all([rm(socket, { force: true }), rm(`${socket}.lock`, { force: true })]);
}

type Started = { readonly pid: number; readonly url: string } | { readonly failure: string; readonly said: string };

/** One try. A failure that passes by itself is the caller's to try again. */
async function launch(engine: Engine, port: number, durable: boolean): Promise<Started> {
  const offset = await logSize(engine);
  const lock = await readLock(engine.cluster);
  const stale = lock && !(await isServerOf(engine.cluster, lock.pid)) ? lock.pid : undefined;
  if (stale !== undefined && lock?.ready) await removeSocket(engine.dataDir, lock.port);
  const settings = settingsOf(durable, socketFolderOf(engine.dataDir));
  const args = ['-D', engine.cluster, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
  // PostgreSQL takes a lock file for stale when its pid is this one (miscinit.c, CreateLockFile); it still looks for survivors in shared memory.
  const child = await withLog(engine, async (output) => spawnAs(engine, 'postgres', args, output, stale));
  let failure: string | undefined;
  void exitOf(child).then((why) => (failure = why || 'exit 0'));
  while (failure === undefined) {
    const held = await readLock(engine.cluster);
    if (held?.ready && held.pid === child.pid) {
      child.unref();
      return { pid: held.pid, url: await urlOf(engine, held.port) };
    }
    await delay(20);
  }
  return { failure, said: await logSince(engine, offset) };
}

const passing =
  /lock file|pre-existing shared memory block|another server might be running|Address already in use|could not create any TCP/;

async function startOrAdopt(
  engine: Engine,
  options: PostgresOptions,
): Promise<{ pid: number; url: string; adopted: boolean }> {
  const triesMax = 40;
  for (let attempt = 1; ; attempt++) {
    const living = await findLiving(engine);
    if (living) return { ...living, adopted: true };
    const started = await launch(engine, options.port ?? (await freePort()), options.durable ?? true);
    if ('pid' in started) return { ...started, adopted: false };
    if (attempt >= triesMax || !passing.test(started.said)) {
      throw refusedBecause(engine, 'The start of PostgreSQL', started.failure, started.said);
    }
    await delay(250); // the children of a killed server need a moment to notice
  }
}

async function untilGone(engine: Engine, pid: number, limitMs: number): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < limitMs; waitedMs += 20) {
    if (!(await isServerOf(engine.cluster, pid))) return true; // the lock file goes a moment before the process
    await delay(20);
  }
  return false;
}

async function stopServer(engine: Engine, pid: number): Promise<void> {
  if (!(await isServerOf(engine.cluster, pid))) return;
  process.kill(pid, 'SIGINT'); // fast shutdown (PostgreSQL manual, "Shutting Down the Server")
  if (await untilGone(engine, pid, 60_000)) return;
  engine.log('PostgreSQL does not stop: it is told to leave at once and will recover from its log at the next start');
  process.kill(pid, 'SIGQUIT');
  assert(await untilGone(engine, pid, 15_000), `PostgreSQL (pid ${pid}) cannot be stopped`);
}

/**
 * Starts the embedded PostgreSQL on loopback, or adopts the one that survived a kill of its parent.
 * @throws StartRefused, which says how to go on, when this machine cannot run it.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const owner = (await stat(join(options.dataDir, 'cluster')).catch(() => undefined))?.uid;
  const account = await chooseAccount(process.platform === 'win32' ? undefined : owner);
  await ownFolder(resolve(options.dataDir), account);
  const dataDir = await realpath(options.dataDir);
  const cluster = join(dataDir, 'cluster');
  await removeHalfMade(dataDir);
  const source = options.binariesDir ?? findBinaries(process.platform, process.arch);
  const binaries = await reachableBinaries(source, dataDir, account);
  const engine: Engine = { dataDir, cluster, binaries, account, log: options.log };
  if (!(await stat(cluster).catch(() => undefined))) await createCluster(engine);
  const server = await startOrAdopt(engine, options);
  options.log(`PostgreSQL ${server.adopted ? 'adopted' : 'started'}, pid ${server.pid}`);
  return { ...server, stop: () => stopServer(engine, server.pid) };
}

/**
 * Makes the database when it is missing, and returns its URL. Text sorts by code point (locale C) whatever the server's default,
 * so that the same data sort alike everywhere.
 */
export async function ensureDatabase(url: string, name: string): Promise<string> {
  const target = new URL(url);
  target.pathname = `/${encodeURIComponent(name)}`;
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    application_name: 'liushui start',
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 0) {
      const quoted = client.escapeIdentifier(name);
      await client
        .query(`CREATE DATABASE ${quoted} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'`)
        .catch((error: unknown) => {
          if (!isDuplicateDatabase(error)) throw error;
        });
    }
    return target.href;
  } finally {
    await client.end();
  }
}

/** Two processes start at once: duplicate_database, or the unique key of the catalogue itself. */
function isDuplicateDatabase(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === '42P04' || error.code === '23505');
}
