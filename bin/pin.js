'use strict';
const fs = require('fs');
const path = require('path');

const root = path.join(__dirname, '..');

/** The range that the server asks for, e.g. `>=24.18 <25`: one floor, one ceiling, no other operators. */
function pinnedRange() {
  return JSON.parse(fs.readFileSync(path.join(root, 'packages/server/package.json'), 'utf8')).engines.node;
}

function compare(left, right) {
  for (let index = 0; index < 3; index += 1) {
    const difference = (left[index] || 0) - (right[index] || 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbers(version) {
  return version.replace(/^v/, '').split('-')[0].split('.').map(Number);
}

function satisfies(version, range) {
  const match = /^>=(\d+(?:\.\d+)*) <(\d+(?:\.\d+)*)$/.exec(range);
  if (!match) throw new Error('engines.node of packages/server must read ">=a.b <c", it reads ' + range);
  const found = numbers(version);
  return compare(found, numbers(match[1])) >= 0 && compare(found, numbers(match[2])) < 0;
}

/** Where npm puts the locked runtime of this platform; undefined when there is none. */
function pinnedBinary() {
  const windows = process.platform === 'win32';
  const folder = 'node-' + (windows ? 'win' : process.platform) + '-' + process.arch;
  const file = path.join(root, 'node_modules', folder, 'bin', windows ? 'node.exe' : 'node');
  return fs.existsSync(file) ? file : undefined;
}

module.exports = { root, pinnedRange, pinnedBinary, satisfies, numbers };
