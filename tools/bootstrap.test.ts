import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const runtime = `node-${process.platform}-${process.arch}`;
// The bootstrap is CommonJS: the very module and the very `fs` that it uses.
const require = createRequire(import.meta.url);
const commonFs = require('fs') as { rmdirSync: (path: string) => void };
const { whileLocked } = require('../bin/lock.js') as {
  whileLocked: <T>(lock: string, onWait: () => void, work: () => T) => T;
};
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

type Tree = { readonly path: string; readonly bin: string; readonly npm: string };
type Ended = {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly err: string;
};

// It listens before it speaks: a test that heard it may send signals.
const entry = `process.on('SIGTERM', () => {
  console.log('asked to end');
  process.exit(7);
});
console.log(JSON.stringify({ args: process.argv.slice(2), cache: process.env['NODE_COMPILE_CACHE'] ?? '' }));
if (process.argv[2] === 'exit') process.exitCode = Number(process.argv[3]);
if (process.argv[2] === 'wait') setInterval(() => undefined, 1000);
`;

// Plays npm: writes down that it was called, and installs what the lock file says.
const fakeNpm = `const fs = require('fs'), path = require('path');
fs.appendFileSync('npm-calls', process.argv.slice(2).join(' ') + '\\n');
console.log('npm speaks');
if (fs.existsSync('npm-fails')) process.exit(1);
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
const lock = JSON.parse(fs.readFileSync('package-lock.json', 'utf8'));
fs.mkdirSync('node_modules', { recursive: true });
fs.writeFileSync('node_modules/.package-lock.json', JSON.stringify(lock));
`;

function write(tree: string, path: string, text: string): void {
  mkdirSync(dirname(join(tree, path)), { recursive: true });
  writeFileSync(join(tree, path), text);
}

const lock = (version: string): string => JSON.stringify({ packages: { 'node_modules/a': { version } } });

/** A checkout with our bootstrap, a small program behind it, and a locked runtime that is a script around this very Node. */
function checkout(wanted = '>=24 <25'): Tree {
  const path = mkdtempSync(join(tmpdir(), 'liushui-bootstrap-'));
  folders.push(path);
  cpSync(join(root, 'bin'), join(path, 'bin'), { recursive: true });
  cpSync(join(root, 'packages/server/bin'), join(path, 'packages/server/bin'), { recursive: true });
  write(path, 'packages/server/package.json', JSON.stringify({ engines: { node: wanted } }));
  write(path, 'packages/server/src/cli/main.ts', entry);
  write(path, 'package-lock.json', lock('1.0.0'));
  write(path, 'node_modules/.package-lock.json', lock('1.0.0'));
  write(path, `node_modules/${runtime}/bin/node`, `#!/bin/sh\nexec "${process.execPath}" "$@"\n`);
  chmodSync(join(path, `node_modules/${runtime}/bin/node`), 0o755);
  write(path, 'npm/npm-cli.js', fakeNpm);
  return { path, bin: join(path, 'packages/server/bin/liushui.js'), npm: join(path, 'npm/npm-cli.js') };
}

function start(tree: Tree, args: readonly string[]): ChildProcess {
  const env = { ...process.env, npm_execpath: tree.npm };
  return spawn(process.execPath, [tree.bin, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

function ended(child: ChildProcess): Promise<Ended> {
  const text = { out: '', err: '' };
  child.stdout?.on('data', (chunk: Buffer) => (text.out += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (text.err += chunk.toString()));
  return new Promise((settle) => child.on('close', (code, signal) => settle({ code, signal, ...text })));
}

const firstWord = (child: ChildProcess): Promise<unknown> => new Promise((seen) => child.stdout?.once('data', seen));

test('the locked runtime runs the program with the same arguments, a compile cache and its exit code', async () => {
  const tree = checkout();
  const { code, out, err } = await ended(start(tree, ['exit', '3', '--json']));
  expect(code).toBe(3);
  expect(JSON.parse(out)).toEqual({
    args: ['exit', '3', '--json'],
    cache: join(tree.path, 'node_modules/.cache/compile'),
  });
  expect(err).toBe('');
});

test('a signal to the wrapper reaches the program, and its way of ending comes back', async () => {
  const child = start(checkout(), ['wait']);
  const result = ended(child);
  await firstWord(child);
  child.kill('SIGTERM');
  expect(await result).toMatchObject({ code: 7, out: expect.stringContaining('asked to end') });
});

test('a wrapper killed with -9 takes the program with it', async () => {
  const child = start(checkout(), ['wait']);
  const result = ended(child);
  await firstWord(child);
  child.kill('SIGKILL');
  // The pipes close when the last process that holds them has ended.
  expect(await result).toMatchObject({ signal: 'SIGKILL', out: expect.stringContaining('asked to end') });
});

test('with the wrong version nothing runs: version, wish and way out are named in both languages', async () => {
  const tree = checkout('>=99.1 <100');
  const { code, out, err } = await ended(start(tree, ['exit', '0']));
  expect([code, out]).toEqual([1, '']);
  for (const words of ['需要 Node >=99.1 <100', 'Node >=99.1 <100 is needed', process.version, 'Way out', '办法'])
    expect(err).toContain(words);
});

test('without a locked runtime for this platform an own version that fits is enough, another is not', async () => {
  const fits = checkout();
  rmSync(join(fits.path, 'node_modules', runtime), { recursive: true });
  expect((await ended(start(fits, ['exit', '4']))).code).toBe(4);
  const other = checkout('>=99.1 <100');
  rmSync(join(other.path, 'node_modules', runtime), { recursive: true });
  expect(await ended(start(other, ['exit', '4']))).toMatchObject({ code: 1, out: '' });
});

const calls = (tree: Tree): readonly string[] =>
  existsSync(join(tree.path, 'npm-calls')) ? readFileSync(join(tree.path, 'npm-calls'), 'utf8').trim().split('\n') : [];

test('what npm installed by hand is accepted; a changed lock file is installed once, by one of two that start at once', async () => {
  const tree = checkout();
  await ended(start(tree, []));
  expect(calls(tree)).toEqual([]);
  write(tree.path, 'package-lock.json', lock('2.0.0'));
  const results = await Promise.all([ended(start(tree, ['exit', '0'])), ended(start(tree, ['exit', '0']))]);
  expect(results.map(({ code }) => code)).toEqual([0, 0]);
  expect(calls(tree)).toHaveLength(1);
  expect(calls(tree)[0]).toMatch(/^ci .*--include=optional/);
  expect(results.map(({ out }) => out).join('')).not.toContain('npm speaks');
  expect(existsSync(join(tree.path, '.install.lock'))).toBe(false);
});

test('a lock whose owner died is taken over', async () => {
  const tree = checkout();
  write(tree.path, 'package-lock.json', lock('2.0.0'));
  write(tree.path, '.install.lock/owner', `999999999 ${Date.now()}`);
  expect((await ended(start(tree, ['exit', '0']))).code).toBe(0);
  expect(calls(tree)).toHaveLength(1);
});

test('half a record of npm, read while it is being written, counts as none', async () => {
  const tree = checkout();
  write(tree.path, 'node_modules/.package-lock.json', '{"packages": {"node_mod');
  expect((await ended(start(tree, ['exit', '0']))).code).toBe(0);
  expect(calls(tree)).toHaveLength(1);
});

test('a lock that the next one takes while it is being removed stays his', () => {
  const folder = mkdtempSync(join(tmpdir(), 'liushui-lock-'));
  folders.push(folder);
  const lockFolder = join(folder, 'lock');
  const next = join(folder, 'next');
  mkdirSync(next);
  writeFileSync(join(next, 'owner'), `${process.pid} ${Date.now()}`);
  const { rmdirSync } = commonFs;
  commonFs.rmdirSync = (path) => {
    renameSync(next, lockFolder);
    rmdirSync(path);
  };
  try {
    expect(
      whileLocked(
        lockFolder,
        () => undefined,
        () => 'worked',
      ),
    ).toBe('worked');
  } finally {
    commonFs.rmdirSync = rmdirSync;
  }
  expect(existsSync(join(lockFolder, 'owner'))).toBe(true);
});

test('a failed installation stops with the way out in both languages, and the next start tries again', async () => {
  const tree = checkout();
  write(tree.path, 'package-lock.json', lock('2.0.0'));
  write(tree.path, 'npm-fails', '');
  const { code, out, err } = await ended(start(tree, ['exit', '0']));
  expect([code, out]).toEqual([1, '']);
  expect(err).toMatch(/依赖没有装上[\s\S]*could not be installed[\s\S]*npm ci/);
  rmSync(join(tree.path, 'npm-fails'));
  expect((await ended(start(tree, ['exit', '0']))).code).toBe(0);
});
