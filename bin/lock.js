'use strict';
const fs = require('fs');
const path = require('path');

const staleAfterMs = 30 * 60 * 1000;
const pollMs = 200;

function sleep(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function ownerOf(folder) {
  try {
    return fs.readFileSync(path.join(folder, 'owner'), 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function isStale(owner) {
  const parts = owner.split(' ');
  return !isAlive(Number(parts[0])) || Date.now() - Number(parts[1]) > staleAfterMs;
}

/** Once its owner file is gone the folder may be renamed over: then it is the next owner's, and stays. */
function remove(folder) {
  try {
    fs.unlinkSync(path.join(folder, 'owner'));
    fs.rmdirSync(folder);
  } catch (error) {
    if (['ENOENT', 'ENOTEMPTY', 'EEXIST'].indexOf(error.code) < 0) throw error;
  }
}

/** Rename is the one step that only one process can win; the owner is already inside, so a lock without an owner never exists. */
function tryTake(lock, mine) {
  try {
    fs.renameSync(mine, lock);
    return true;
  } catch (error) {
    const taken = process.platform === 'win32' ? ['EPERM', 'EACCES', 'EEXIST'] : ['ENOTEMPTY', 'EEXIST'];
    if (taken.indexOf(error.code) < 0) throw error;
    return false;
  }
}

function takeAway(lock, staleOwner) {
  const aside = lock + '.' + process.pid + '.stale';
  try {
    fs.renameSync(lock, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  if (ownerOf(aside) === staleOwner) remove(aside);
  else if (!tryTake(lock, aside)) remove(aside);
}

/** Runs `work` while no other process does, waiting for it if need be. A lock whose owner died is taken over. */
function whileLocked(lock, onWait, work) {
  const mine = lock + '.' + process.pid;
  fs.mkdirSync(mine, { recursive: true });
  fs.writeFileSync(path.join(mine, 'owner'), process.pid + ' ' + Date.now());
  let told = false;
  while (!tryTake(lock, mine)) {
    const owner = ownerOf(lock);
    if (owner !== undefined && isStale(owner)) takeAway(lock, owner);
    else {
      if (!told) onWait();
      told = true;
      sleep(pollMs);
    }
  }
  try {
    return work();
  } finally {
    remove(lock);
  }
}

module.exports = { whileLocked };
