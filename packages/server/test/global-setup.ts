import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { TestProject } from 'vitest/node';
import { openDatabase } from '../src/platform/db.ts';
import type { Database } from '../src/platform/db.ts';
import { migrate, migrationsDir, readMigrations } from '../src/platform/migrate.ts';
import { isServerOf, pidExists, readLock } from '../src/platform/postgres-lock.ts';
import { ensureDatabase, startPostgres } from '../src/platform/postgres.ts';

/** What a test file needs to make itself a database. */
export type TestServer = { readonly url: string; readonly template: string; readonly prefix: string };

declare module 'vitest' {
  export interface ProvidedContext {
    /** Answers with a TestServer as JSON. The first call starts the server: runs without database tests do not pay for it. */
    testServerDoor: string;
  }
}

type Running = { readonly server: TestServer; stop(): Promise<void> };

const folderPrefix = 'liushui-test-';
const databasePrefix = 'liushui_test_';
const leftoverAfterMs = 6 * 3_600_000;

/** A run that was killed leaves its server and its folder, whose name tells the pid of the run. */
async function removeLeftoverServers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const runner = new RegExp(`^${folderPrefix}(\\d+)-`).exec(name)?.[1];
    if (runner === undefined || pidExists(Number(runner))) continue;
    const folder = join(tmpdir(), name);
    const cluster = join(folder, 'cluster');
    const pid = (await readLock(cluster))?.pid;
    if (pid !== undefined && (await isServerOf(cluster, pid))) {
      process.kill(pid, 'SIGQUIT');
      for (let turn = 0; turn < 250 && (await isServerOf(cluster, pid)); turn++) await delay(20);
    }
    await rm(folder, { recursive: true, force: true }).catch(() => undefined); // another user's run is not ours to clean
  }
}

/** On a server that is not ours, databases carry the time of their run: old ones belong to runs that were killed. */
async function removeLeftoverDatabases(db: Database): Promise<void> {
  const rows = await db.query<{ datname: string }>('SELECT datname FROM pg_database WHERE datname LIKE $1', [
    `${databasePrefix.replaceAll('_', '\\_')}%`,
  ]);
  for (const { datname } of rows) {
    const startedAt = Number(datname.slice(databasePrefix.length).split('_')[0]);
    if (Date.now() - startedAt > leftoverAfterMs) await dropDatabase(db, datname);
  }
}

async function dropDatabase(db: Database, name: string): Promise<void> {
  await db.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
}

async function buildTemplate(url: string, prefix: string): Promise<TestServer> {
  const template = `${prefix}template`;
  const db = openDatabase(await ensureDatabase(url, template), { applicationName: 'test template', max: 1 });
  try {
    await migrate(db, await readMigrations(migrationsDir));
  } finally {
    await db.close();
  }
  return { url, template, prefix };
}

async function useGivenServer(url: string, prefix: string): Promise<Running> {
  const db = openDatabase(url, { applicationName: 'test setup', max: 1 });
  await removeLeftoverDatabases(db);
  const server = await buildTemplate(url, prefix);
  return {
    server,
    async stop() {
      await dropDatabase(db, server.template);
      await db.close();
    },
  };
}

async function startOwnServer(prefix: string): Promise<Running> {
  await removeLeftoverServers();
  const dataDir = await mkdtemp(join(tmpdir(), `${folderPrefix}${process.pid}-`));
  const postgres = await startPostgres({ dataDir, durable: false, log: () => undefined });
  const kill = (): void => void process.kill(postgres.pid, 'SIGQUIT');
  process.once('exit', kill);
  const stop = async (): Promise<void> => {
    process.off('exit', kill);
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    return { server: await buildTemplate(postgres.url, prefix), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function start(): Promise<Running> {
  const prefix = `${databasePrefix}${Date.now()}_${process.pid}_`;
  const given = process.env['DATABASE_URL'];
  return given === undefined || given === '' ? startOwnServer(prefix) : useGivenServer(given, prefix);
}

/** Opens the door for test/kit/database.ts. Returns what vitest runs at the end, whatever the tests did. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let running: Promise<Running> | undefined;
  const path = `/${randomUUID()}`; // the answer contains a password
  const door = createServer((request, response) => {
    if (request.url !== path) {
      response.writeHead(404).end();
      return;
    }
    running ??= start();
    running.then(
      ({ server }) => response.end(JSON.stringify(server)),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.message : String(error)),
    );
  });
  await new Promise<void>((listening) => door.listen(0, '127.0.0.1', listening));
  project.provide('testServerDoor', `http://127.0.0.1:${(door.address() as AddressInfo).port}${path}`);
  return async () => {
    door.close();
    const started = await running?.catch(() => undefined);
    await started?.stop();
  };
}
