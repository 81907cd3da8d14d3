// In this very process, so that whoever ends it ends the tests.
process.argv.splice(1, 2, 'vitest', 'run');
const vitest: string = '../node_modules/vitest/vitest.mjs';
await import(vitest);
