'use strict';
/* Plain old JavaScript on purpose: it must parse on every Node since 12, so that an old one gets a sentence and not a SyntaxError. */

/** Prints both languages and ends. Exit code 1: nothing was started. */
function stop(zh, en) {
  process.stderr.write('\nliushui: ' + zh + '\nliushui: ' + en + '\n');
  process.exit(1);
}

module.exports = { stop };
