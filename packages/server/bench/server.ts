import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addAccount } from '../src/accounts/index.ts';
import { bringSchemaForward } from '../src/app/database.ts';
import { openInstallation } from '../src/app/installation.ts';
import { openApp } from '../src/app/parts.ts';
import type { App } from '../src/app/parts.ts';
import { readCpu } from '../src/app/replay/cpu.ts';
import { foundUsers, systemActor } from '../src/identity/index.ts';
import type { Actor } from '../src/identity/index.ts';
import { parseShanghai, Secret } from '../src/kernel/index.ts';
import type { Instant, Result } from '../src/kernel/index.ts';
import { SteppedClock } from '../src/platform/clock.ts';
import { openDatabase } from '../src/platform/db.ts';
import type { Database } from '../src/platform/db.ts';
import { ensureDatabase, startPostgres } from '../src/platform/postgres.ts';

export const merchant = 'bench';
export const partner = '2088000000000001';
export const md5Key = 'bench0only0bench0only0bench0only';
export const actor: Actor = { userId: 'wang', name: '王', roles: ['maker'], merchants: [merchant], door: 'cli' };

/** An installation with a database of its own: one merchant, one account, nothing else. Nothing of it reaches the network. */
export type BenchWorld = {
  readonly app: App;
  readonly accountId: string;
  readonly clock: SteppedClock;
  readonly databaseUrl: string;
  readonly postgresPid: number;
  /** CPU seconds of this process and of PostgreSQL so far. */
  readonly cpu: () => number;
  close(): Promise<void>;
};

export type BenchServer = {
  /** As the server itself tells it. */
  readonly version: string;
  openWorld(): Promise<BenchWorld>;
  stop(): Promise<void>;
};

export function good<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.refusal));
  return result.value;
}

/** The evening after the orders were paid. */
function storyBegins(): Instant {
  const at = parseShanghai('2015-10-28 16:20:00');
  if (at === undefined) throw new Error('the story has no beginning');
  return at;
}

const template = 'bench_template';

/** The embedded PostgreSQL, durable as in production, in a folder that goes away with it. */
export async function startServer(): Promise<BenchServer> {
  // Named like the folder of a test run: the next test run removes what a killed bench has left, its server included.
  const folder = await mkdtemp(join(tmpdir(), `liushui-test-${process.pid}-bench-`));
  const postgres = await startPostgres({ dataDir: folder, log: () => undefined });
  const interrupt = (): never => process.exit(130);
  const kill = (): void => {
    process.kill(postgres.pid, 'SIGQUIT');
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  };
  process.once('exit', kill).once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const admin = openDatabase(postgres.url, { applicationName: 'bench', max: 1 });
  const accountId = await buildTemplate(postgres.url, folder);
  const [row] = await admin.query<{ server_version: string }>('show server_version');
  return {
    version: row?.server_version ?? '',
    openWorld: () => openWorld({ admin, url: postgres.url, pid: postgres.pid, folder, accountId }),
    async stop() {
      process.off('exit', kill).off('SIGINT', interrupt).off('SIGTERM', interrupt);
      await admin.close();
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function buildTemplate(url: string, folder: string): Promise<string> {
  const db = openDatabase(await ensureDatabase(url, template), { applicationName: 'bench template', max: 2 });
  await bringSchemaForward(db);
  const { app, clock } = await openOn(db, folder);
  const stamp = { at: clock.now(), ids: app.customs.ids };
  const added = await db.transaction(async (tx) => {
    await tx.query(`insert into merchants (id, name_zh, name_en, created_at) values ($1, '测试', 'Bench', now())`, [
      merchant,
    ]);
    const { userId: id, name, roles, merchants } = actor;
    good(await foundUsers(tx, [{ id, name, roles, merchants }], systemActor, stamp));
    return addAccount(tx, app.customs, {
      merchantId: merchant,
      channel: 'alipay',
      name: 'bench',
      settings: { partner, gateway_url: 'http://127.0.0.1:9/gateway.do' },
      secrets: { md5_key: new Secret(md5Key) },
    });
  });
  await app.close();
  await db.close(); // PostgreSQL copies no database that somebody uses
  return good(added).id;
}

async function openOn(db: Database, folder: string): Promise<{ app: App; clock: SteppedClock }> {
  const clock = new SteppedClock(storyBegins());
  const installation = good(await openInstallation(db, 'sandbox', clock.now()));
  const listen = { host: '127.0.0.1', port: 0 };
  const config = { dataFolder: folder, lang: 'en', colour: false, accessible: true, listen } as const;
  const logTo = { file: join(folder, 'bench.log') };
  return { app: good(await openApp({ config, db, installation, logTo, logLevel: 'error', clock })), clock };
}

type Ground = {
  readonly admin: Database;
  readonly url: string;
  readonly pid: number;
  readonly folder: string;
  readonly accountId: string;
};

async function openWorld({ admin, url, pid, folder, accountId }: Ground): Promise<BenchWorld> {
  const name = `bench_${randomBytes(6).toString('hex')}`;
  await admin.query(`create database "${name}" template "${template}"`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  const db = openDatabase(own.href, { applicationName: 'bench', max: 8 });
  const { app, clock } = await openOn(db, folder);
  return {
    app,
    accountId,
    clock,
    databaseUrl: own.href,
    postgresPid: pid,
    cpu: cpuMeter(pid),
    async close() {
      await app.close();
      clock.stop();
      await db.close();
      await admin.query(`drop database "${name}" with (force)`);
    },
  };
}

const ownSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** Reading the figures of every process costs CPU itself, which is taken off again. */
function cpuMeter(postgresPid: number): () => number {
  let reading = 0;
  return () => {
    const began = ownSeconds();
    const used = readCpu(postgresPid) - reading;
    reading += ownSeconds() - began;
    return used;
  };
}
