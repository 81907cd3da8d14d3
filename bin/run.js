#!/usr/bin/env node
'use strict';
const fs = require('fs');
const path = require('path');
const { start } = require('./bootstrap.js');
const { root } = require('./pin.js');
const { stop } = require('./messages.js');

const task = process.argv[2] || '';
const entry = path.join(root, 'tools', task + '.ts');
if (!/^[a-z][a-z-]*$/.test(task) || !fs.existsSync(entry)) {
  stop(
    '没有名为 "' + task + '" 的任务。可用:test、check、planted、simulate、bench、shop、screenshots。',
    'no task named "' + task + '". There are: test, check, planted, simulate, bench, shop, screenshots.',
  );
}
start(__filename, entry, { needsDev: true });
