import { execFile, spawn } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { openDatabase } from './db.ts';
import type { Database } from './db.ts';
import { isServerOf, readLock } from './postgres-lock.ts';
import { ensureDatabase, startPostgres } from './postgres.ts';
import type { Postgres } from './postgres.ts';

const run = promisify(execFile);

// One folder for the whole file, each test starts and stops the server in it: making a cluster is what takes time.
let folder: string;
const dataDir = (): string => join(folder, 'data');
const cluster = (): string => join(dataDir(), 'cluster');

vi.setConfig({ testTimeout: 120_000 }); // a busy machine takes its time over initdb and recovery

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'liushui-launcher-'));
  await chmod(folder, 0o755);
});

afterAll(async () => {
  const pid = (await readLock(cluster()))?.pid;
  if (pid !== undefined && (await isServerOf(cluster(), pid))) process.kill(pid, 'SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

function start(): Promise<Postgres> {
  return startPostgres({ dataDir: dataDir(), log: () => undefined });
}

function open(url: string): Database {
  const db = openDatabase(url, { applicationName: 'launcher test', max: 2 });
  onTestFinished(() => db.close());
  return db;
}

/** All processes of the server at once, as when the machine's memory killer or a container's end takes them. */
async function killAll(server: Postgres): Promise<void> {
  const db = openDatabase(server.url, { applicationName: 'killer', max: 1 });
  const pids = await db.query<{ pid: number }>('SELECT pid FROM pg_stat_activity');
  process.kill(server.pid, 'SIGKILL');
  for (const { pid } of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // gone with its parent
    }
  }
  await db.close();
}

test('a new folder gets a server that keeps its data over a stop, is private and asks for a password', async () => {
  const server = await start();
  expect(server.adopted).toBe(false);
  const url = await ensureDatabase(server.url, 'liushui');
  expect(
    await Promise.all([ensureDatabase(url, 'liushui'), ensureDatabase(url, 'other'), ensureDatabase(url, 'other')]),
  ).toContain(url);
  const db = openDatabase(url, { applicationName: 'launcher test', max: 1 });
  await db.query('CREATE TABLE kept (id int4)');
  const [settings] =
    await db.query(`SELECT current_setting('listen_addresses') AS listen, current_setting('fsync') AS fsync,
    current_setting('server_encoding') AS encoding, (SELECT datcollate FROM pg_database WHERE datname = 'liushui') AS collation`);
  expect(settings).toEqual({ listen: '127.0.0.1', fsync: 'on', encoding: 'UTF8', collation: 'C' });
  await db.close();

  const wrong = new URL(url);
  wrong.password = 'guess';
  await expect(open(wrong.href).query('SELECT 1')).rejects.toThrow('password authentication failed');
  expect((await stat(dataDir())).mode & 0o777).toBe(0o700);
  const isSocket = (name: string): boolean => name.startsWith('.s.PGSQL.');
  expect((await readdir(dataDir())).filter((name) => !isSocket(name)).sort()).toEqual(['cluster', 'postgres.log']);
  expect((await readdir(dataDir())).some(isSocket)).toBe(new URL(server.url).searchParams.has('host'));

  await server.stop();
  expect(await isServerOf(cluster(), server.pid)).toBe(false);
  await server.stop();
  const again = await start();
  expect(await open(await ensureDatabase(again.url, 'liushui')).query('SELECT * FROM kept')).toEqual([]);
  await again.stop();
});

test('a server whose parent was killed lives on and is adopted, with what it had promised', async () => {
  const script = `
    import { startPostgres } from ${JSON.stringify(new URL('./postgres.ts', import.meta.url).href)};
    import { openDatabase } from ${JSON.stringify(new URL('./db.ts', import.meta.url).href)};
    const server = await startPostgres({ dataDir: ${JSON.stringify(dataDir())}, log: () => undefined });
    const db = openDatabase(server.url, { applicationName: 'parent', max: 1 });
    await db.query('CREATE TABLE promised AS SELECT 1 AS id');
    console.log(server.pid);
    process.kill(-process.pid, 'SIGKILL');`; // the whole group, as a closed terminal does
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  let said = '';
  parent.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const signal = await new Promise((resolve) => parent.once('close', (_code, by) => resolve(by)));
  expect(signal).toBe('SIGKILL');

  const server = await start();
  expect([server.adopted, server.pid]).toEqual([true, Number(said)]);
  expect(await open(server.url).query('SELECT * FROM promised')).toEqual([{ id: 1 }]);
  await server.stop();
  expect(await isServerOf(cluster(), server.pid)).toBe(false);
});

test('two that start at once share one server', async () => {
  const both = await Promise.all([start(), start()]);
  expect(both.map(({ adopted }) => adopted).sort()).toEqual([false, true]);
  expect(both[0].pid).toBe(both[1].pid);
  await both[0].stop();
  await both[1].stop();
});

test('after a kill of the server and its children the next start recovers at once', async () => {
  const server = await start();
  const db = open(server.url);
  await db.query('CREATE TABLE acknowledged AS SELECT 7 AS id');
  await killAll(server);
  const next = await start();
  expect(next.adopted).toBe(false);
  expect(await open(next.url).query('SELECT * FROM acknowledged')).toEqual([{ id: 7 }]);
  await next.stop();
});

test('a lock file whose pid now belongs to somebody else does not keep the server from starting', async () => {
  const server = await start();
  const { uid, gid } = await stat(cluster());
  await killAll(server);
  const stranger = spawn(
    'sleep',
    ['60'],
    process.getuid?.() === 0 ? { uid, gid, stdio: 'ignore' } : { stdio: 'ignore' },
  );
  onTestFinished(() => void stranger.kill('SIGKILL'));
  const path = join(cluster(), 'postmaster.pid');
  const lines = (await readFile(path, 'utf8')).split('\n');
  await writeFile(path, [String(stranger.pid), ...lines.slice(1)].join('\n'));
  const next = await start();
  expect(next.adopted).toBe(false);
  await next.stop();
});

test('what a killed process left half-made is removed, and what is being made now is not', async () => {
  const dead = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => dead.once('close', resolve));
  const left = join(dataDir(), `cluster.${dead.pid}.0123abcd.part`);
  const own = join(dataDir(), `cluster.${process.pid}.0123abcd.part`);
  await mkdir(left);
  await mkdir(own);
  onTestFinished(() => rm(own, { recursive: true }));
  await (await start()).stop();
  expect((await readdir(dataDir())).filter((name) => name.endsWith('.part'))).toEqual([basename(own)]);
});

test('a start that fails says what PostgreSQL said and how to go on', async () => {
  const path = join(cluster(), 'PG_VERSION');
  const version = await readFile(path, 'utf8');
  await writeFile(path, '9\n');
  onTestFinished(() => writeFile(path, version));
  await expect(start()).rejects.toThrow(/incompatible[\s\S]*postgres\.log[\s\S]*DATABASE_URL/);
});

const asRoot = test.runIf(process.getuid?.() === 0);

asRoot('for root the server runs as an unprivileged account that owns its data', async () => {
  const server = await start();
  onTestFinished(() => server.stop());
  const { stdout } = await run('ps', ['-o', 'uid=', '-p', String(server.pid)]);
  expect(Number(stdout)).toBeGreaterThan(0);
  expect((await stat(cluster())).uid).toBe(Number(stdout));
});

asRoot(
  'for root a folder that the account cannot reach, or that holds other things, is refused with the way out',
  async () => {
    const closed = join(folder, 'closed');
    await mkdir(closed, { mode: 0o700 });
    await chown(closed, 0, 0);
    const inside = startPostgres({ dataDir: join(closed, 'data'), log: () => undefined });
    await expect(inside).rejects.toMatchObject({ code: 'postgres.folder_unreachable', params: { folder: closed } });
    await expect(inside).rejects.toThrow(/--data[\s\S]*DATABASE_URL/);

    const before = await stat('/usr');
    const system = startPostgres({ dataDir: '/usr', log: () => undefined });
    await expect(system).rejects.toMatchObject({ code: 'postgres.folder_in_use' });
    expect((await stat('/usr')).mode).toBe(before.mode);
  },
);
