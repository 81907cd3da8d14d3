'use strict';
const childProcess = require('child_process');
const fs = require('fs');
const path = require('path');
const url = require('url');
const { stop } = require('./messages.js');
const { root, pinnedRange, pinnedBinary, satisfies } = require('./pin.js');
const { install } = require('./install.js');

/** Carries the wrapper's pid, so that only its own child takes the mark for true. */
const mark = 'LIUSHUI_WRAPPER_PID';
const shutdownLimitMs = 20000;
const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'];

function wrongVersion(why) {
  const wanted = pinnedRange();
  const here = process.platform + '-' + process.arch;
  stop(
    '需要 Node ' +
      wanted +
      ',现在是 ' +
      process.version +
      '(' +
      here +
      ',' +
      why +
      ')。办法:安装 Node 24 LTS 放在 PATH 最前,或执行 `npm ci --include=optional`。',
    'Node ' +
      wanted +
      ' is needed, this is ' +
      process.version +
      ' (' +
      here +
      ', ' +
      why +
      '). Way out: put Node 24 LTS first in PATH, or run `npm ci --include=optional`.',
  );
}

function fail(error) {
  process.stderr.write(((error && error.stack) || String(error)) + '\n');
  process.exit(1);
}

function load(entry) {
  if (!satisfies(process.version, pinnedRange())) wrongVersion('pinned runtime unusable');
  import(url.pathToFileURL(entry).href).catch(fail);
}

/** A wrapper that was killed with -9 cannot forward anything: its closed channel is the signal. */
function endWithWrapper() {
  if (!process.channel) return;
  process.on('disconnect', () => {
    setTimeout(() => process.exit(1), shutdownLimitMs).unref();
    process.kill(process.pid, 'SIGTERM');
  });
  process.channel.unref();
}

function endLike(code, signal) {
  if (signal === null) process.exit(code);
  forwarded.forEach((name) => process.removeAllListeners(name));
  process.kill(process.pid, signal);
  setTimeout(() => process.exit(1), 1000);
}

/**
 * A small space for new objects: most of ours live no longer than one list, and three such spaces stay with the process for good. One arena for
 * glibc's malloc: with one for each thread what is freed in one stays unused there (mallopt(3), M_ARENA_MAX). Together they keep the whole replay
 * a hundred megabytes lower, and cost no time. Both are read when a process begins.
 */
const heapFlags = ['--max-semi-space-size=24'];
const arenas = { MALLOC_ARENA_MAX: '1' };

function runPinned(binary, script, entry, cache) {
  const env = Object.assign({}, arenas, process.env, { NODE_COMPILE_CACHE: cache });
  env[mark] = String(process.pid);
  const args = heapFlags.concat(process.execArgv, [script], process.argv.slice(2));
  const child = childProcess.spawn(binary, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env });
  child.on('error', (error) => {
    if (child.pid !== undefined) return;
    forwarded.forEach((name) => process.removeAllListeners(name));
    if (!satisfies(process.version, pinnedRange())) wrongVersion(error.message);
    load(entry);
  });
  child.on('exit', endLike);
  forwarded.forEach((name) => {
    // A terminal sends Ctrl-C to the whole foreground group; forwarding it would make one key press two.
    process.on(name, () => (name === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(name)));
  });
}

/**
 * Runs `entry` (TypeScript) on the pinned runtime: installs missing or stale dependencies, re-executes `script` with the locked
 * binary, and falls back to this process only when its own version satisfies the pin.
 */
function start(script, entry, options) {
  const cache = path.join(root, 'node_modules', '.cache', 'compile');
  if (process.env[mark] === String(process.ppid)) {
    delete process.env[mark];
    endWithWrapper();
    return load(entry);
  }
  install(Boolean(options && options.needsDev));
  const binary = pinnedBinary();
  const isLong = process.argv.slice(2).some((word) => ((options && options.longLived) || []).includes(word));
  if (isLong && satisfies(process.version, pinnedRange()))
    return runPinned(binary === undefined ? process.execPath : binary, script, entry, cache);
  if (binary === undefined || fs.realpathSync(binary) === fs.realpathSync(process.execPath)) {
    if (binary === undefined && !satisfies(process.version, pinnedRange()))
      wrongVersion('no locked runtime for this platform');
    const enable = require('module').enableCompileCache;
    if (enable) enable(cache);
    return load(entry);
  }
  runPinned(binary, script, entry, cache);
}

module.exports = { start };
