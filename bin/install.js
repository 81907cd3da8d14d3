'use strict';
const childProcess = require('child_process');
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const { stop } = require('./messages.js');
const { root, numbers } = require('./pin.js');
const { whileLocked } = require('./lock.js');

const modules = path.join(root, 'node_modules');
const stampFile = path.join(modules, '.liushui-stamp');
/** npm before 10 (Node 20) does not install this lock file format and these workspaces reliably. */
const oldestInstaller = 20;

function read(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function digestOfLock() {
  return crypto
    .createHash('sha256')
    .update(fs.readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');
}

function isForThisMachine(entry) {
  const allows = (given, value) => {
    const list = [].concat(given || []);
    if (list.indexOf('!' + value) >= 0) return false;
    return list.indexOf(value) >= 0 || list.every((name) => name[0] === '!');
  };
  return allows(entry.os, process.platform) && allows(entry.cpu, process.arch) && !entry.libc;
}

function isInstalled(locked, installed, needsDev) {
  if (installed) return installed.version === locked.version && installed.integrity === locked.integrity;
  if (!needsDev && (locked.dev || locked.devOptional)) return true;
  return Boolean(locked.optional || locked.devOptional || locked.peer) && !isForThisMachine(locked);
}

/** Undefined when there is no record, or only half of one because an npm is writing it at this moment or was killed at it. */
function installedPackages() {
  try {
    return JSON.parse(read(path.join(modules, '.package-lock.json')) || '{}').packages;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** True when npm's own record of what it installed agrees with the lock file: somebody ran npm by hand. */
function agreesWithNpm(needsDev) {
  const installed = installedPackages();
  if (installed === undefined) return false;
  const locked = JSON.parse(fs.readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;
  return Object.keys(locked)
    .filter((name) => name.indexOf('node_modules/') >= 0)
    .every((name) => isInstalled(locked[name], installed[name], needsDev));
}

function writeStamp() {
  try {
    fs.writeFileSync(stampFile, digestOfLock());
  } catch (error) {
    // Another user owns the folder: without a stamp the comparison is made again at the next start, which costs milliseconds.
    if (['EACCES', 'EROFS', 'EPERM'].indexOf(error.code) < 0) throw error;
  }
}

function isCurrent(needsDev) {
  if (read(stampFile) === digestOfLock()) return true;
  if (!agreesWithNpm(needsDev)) return false;
  if (agreesWithNpm(true)) writeStamp();
  return true;
}

function npmCommand() {
  const beside = path.dirname(process.execPath);
  const candidates = [
    process.env.npm_execpath || '',
    path.join(beside, '../lib/node_modules/npm/bin/npm-cli.js'),
    path.join(beside, 'node_modules/npm/bin/npm-cli.js'),
    path.join(beside, '../share/nodejs/npm/bin/npm-cli.js'),
  ];
  const script = candidates.filter((file) => path.basename(file) === 'npm-cli.js' && fs.existsSync(file))[0];
  return script
    ? { file: process.execPath, args: [script], shell: false }
    : { file: 'npm', args: [], shell: process.platform === 'win32' };
}

/** Undefined when it went well, else the reason. */
function runNpm() {
  process.stderr.write('liushui: 正在安装依赖 (npm ci) · installing dependencies, once\n');
  const npm = npmCommand();
  // stdout belongs to the command that the user typed (--json), so npm speaks on stderr only.
  const args = npm.args.concat([
    'ci',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]);
  const result = childProcess.spawnSync(npm.file, args, { cwd: root, stdio: ['ignore', 2, 2], shell: npm.shell });
  if (result.status === 0) return undefined;
  return result.error ? result.error.message : 'npm ci ' + (result.signal || 'exit ' + result.status);
}

function stopBecause(why) {
  stop(
    '依赖没有装上(' + why + ')。请检查网络、npm 源和磁盘空间,在 ' + root + ' 里执行 `npm ci` 看完整原因,然后重试。',
    'dependencies could not be installed (' +
      why +
      '). Check network, npm registry and disk space, run `npm ci` in ' +
      root +
      ' to see the whole reason, then try again.',
  );
}

function checkInstaller() {
  if (numbers(process.version)[0] >= oldestInstaller) return;
  stop(
    '安装依赖需要 Node ' +
      oldestInstaller +
      ' 或更新,现在是 ' +
      process.version +
      '。请安装新的 Node 后重试;运行时由 npm 自动带来。',
    'installing needs Node ' +
      oldestInstaller +
      ' or newer, this is ' +
      process.version +
      '. Install a newer Node and try again; the exact runtime then comes from npm.',
  );
}

function checkWritable() {
  try {
    fs.accessSync(root, fs.constants.W_OK);
  } catch (error) {
    stop(
      '需要安装依赖,但没有写 ' + root + ' 的权限。请用这个文件夹的所有者执行一次 `npm ci`。',
      'dependencies must be installed, but ' +
        root +
        ' is not writable (' +
        error.code +
        '). Run `npm ci` there once as its owner.',
    );
  }
}

/** Installs what package-lock.json says, unless it is there already. `needsDev`: the tools of a developer too. */
function install(needsDev) {
  if (isCurrent(needsDev)) return;
  checkInstaller();
  checkWritable();
  const onWait = () =>
    process.stderr.write('liushui: 另一个进程正在安装依赖,等待中 · another start is installing, waiting\n');
  const failure = whileLocked(path.join(root, '.install.lock'), onWait, () =>
    isCurrent(needsDev) ? undefined : runNpm(),
  );
  if (failure !== undefined) stopBecause(failure);
  writeStamp();
}

module.exports = { install };
