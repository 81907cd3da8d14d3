#!/usr/bin/env node
'use strict';
const path = require('path');
const { start } = require('../../../bin/bootstrap.js');

start(__filename, path.join(__dirname, '../src/cli/main.ts'), {
  needsDev: false,
  longLived: ['start', 'serve', 'replay'],
});
