// npm run screenshots: the pictures and the page of docs/cashier, anew. In this very process, so that whoever ends it ends the tests.
process.env['LIUSHUI_SCREENSHOTS'] = '1';
process.argv.splice(1, 2, 'vitest', 'run', 'packages/server/test/browser');
const vitest: string = '../node_modules/vitest/vitest.mjs';
await import(vitest);
