import { expect, test } from 'vitest';
import { catalogueComplaints } from './catalogue.ts';
import { complaintLine, tidy } from './tidy.ts';
import type { Ratchet } from './sizes.ts';

const record = { path: 'docs/decisions/0002-dependencies.md', text: '| `pg` | saves | drags | leave |\n' };
const manifest = { path: 'packages/server/package.json', text: '{"dependencies":{"pg":"8.0.0"}}' };

function complaintsOf(path: string, text: string, ratchet: Ratchet = {}): readonly string[] {
  return tidy([record, manifest, { path, text }], ratchet).map(complaintLine);
}

const server = 'packages/server/src/';
// rule | planted at | code | the same code is fine at
const planted = [
  ['clock', `${server}customs/rows.ts`, 'const t = Date.now();', `${server}platform/clock.ts`],
  ['clock', 'packages/simulator/src/books.ts', 'const t = new Date();', 'packages/simulator/src/clock.ts'],
  ['random', `${server}customs/rows.ts`, 'const r = Math.random();', `${server}platform/ids.ts`],
  [
    'sleep',
    `${server}customs/jobs.ts`,
    'await new Promise((r) => setTimeout(r, 10));',
    `${server}customs/jobs.test.ts`,
  ],
  ['sleep', `${server}customs/jobs.ts`, 'await new Promise((r) => { setTimeout(() => r(1), 10); });', 'tools/x.ts'],
  ['sleep', `${server}customs/jobs.ts`, "import { setTimeout } from 'node:timers/promises';", 'tools/x.ts'],
  ['environment', `${server}api/server.ts`, "const u = process.env['X'];", `${server}platform/config.ts`],
  ['console', `${server}customs/jobs.ts`, "console.log('x');", `${server}cli/show.ts`],
  ['reveal', `${server}api/server.ts`, 'const s = key.reveal();', `${server}channels/alipay/mapi/sign-rsa.ts`],
  ['to-fixed', `${server}api/server.ts`, 'const s = (1.5).toFixed(2);', `${server}api/server.test.ts`],
  ['names', `${server}customs/rows-helper.ts`, 'const a = 1;', `${server}customs/rows.ts`],
  ['names', `${server}customs/rows.ts`, 'export const RowManager = 1;', `${server}customs/rows.test.ts`],
  ['names', `${server}customs/rows.ts`, 'export function handle() {}', `${server}customs/rows.test.ts`],
  ['sql', `${server}customs/jobs.ts`, 'const q = `SELECT a, ${b} FROM jobs`;', `${server}customs/store.ts`],
  ['sql', `${server}customs/jobs.ts`, "const q = 'update jobs set a = 1';", `${server}platform/jobs.ts`],
  ['chinese', `${server}customs/jobs.ts`, "const s = '已受理';", `${server}platform/refusals/customs.ts`],
  ['chinese', `${server}cli/show.ts`, 'const s = `共 ${n} 笔`;', `${server}cli/show.texts.ts`],
] as const;

test.each(planted)('%s: a violation in %s is named with its place and its replacement', (rule, path, code, allowed) => {
  const found = complaintsOf(path, `const before = 1;\n${code}\n`).filter((line) => line.includes(`(${rule})`));
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(/<- \S/);
  if (!/file name/.test(found[0] ?? '')) expect(found[0]).toContain(`${path}:2: `);
  expect(complaintsOf(allowed, `const before = 1;\n${code}\n`)).toEqual([]);
});

test('what only looks like a violation is left alone', () => {
  const innocent = `// Date.now() and process.env and 已受理
const a = new Date(at).toISOString();
const s = 'please select one from the list below and update it, then set it';
const manager = 'not exported';
const t = setTimeout(stop, 10);
const p = new Promise((done) => { waiting.push(done); timer = setTimeout(flush, 2); });
`;
  expect(complaintsOf(`${server}customs/rows.ts`, innocent)).toEqual([]);
});

test('an exception needs its rule, a reason, and something to except', () => {
  const allow = (reason: string, code: string): readonly string[] =>
    complaintsOf(`${server}customs/rows.ts`, `// tidy-allow clock: ${reason}\n${code}\n`);
  expect(allow('the page shows when the browser was built', 'const t = Date.now();')).toEqual([]);
  expect(allow('', 'const t = Date.now();')[0]).toContain('give the reason');
  expect(allow('the page shows when the browser was built', 'const t = 1;')[0]).toContain('remove it');
  expect(allow('the page shows when the browser was built', 'const t = Math.random();')).toHaveLength(2);
});

const longFunction = `function long() {\n${'  go();\n'.repeat(70)}}\n`;
const longFile = 'go();\n'.repeat(401);
const rows = `${server}customs/rows.ts`;

test('a function over 70 lines and a file over 400 are complained of, and the ratchet only shrinks', () => {
  expect(complaintsOf(rows, longFunction)).toEqual([expect.stringContaining(`${rows}:long has 72 lines`)]);
  expect(complaintsOf(rows, longFile)).toEqual([expect.stringContaining('has 401 lines')]);
  expect(complaintsOf(rows, longFunction, { [`${rows}:long`]: 72 })).toEqual([]);
  expect(complaintsOf(rows, longFunction, { [`${rows}:long`]: 71 })[0]).toContain('at most 71');
  expect(complaintsOf(rows, longFunction, { [`${rows}:long`]: 80 })[0]).toContain('lower the entry to 72');
  expect(complaintsOf(rows, 'go();\n', { [`${rows}:long`]: 72 })[0]).toContain('remove the entry');
});

test('no file names a folder of the machine it was written on', () => {
  for (const folder of ['work', 'tmp', 'root']) {
    expect(complaintsOf('README.md', `see /${folder}/main\n`)[0]).toContain('README.md:1: ');
    expect(complaintsOf(rows, `const at = '/${folder}/x';\n`)[0]).toContain('(machine-path)');
  }
  expect(complaintsOf('README.md', 'see docs/work/x and a/tmp/b and https://example.com/root/x\n')).toEqual([]);
});

test('every dependency has its line in the record, and no line outlives its dependency', () => {
  const undici = { path: 'packages/server/package.json', text: '{"dependencies":{"pg":"8","undici":"8"}}' };
  expect(tidy([record, undici], {}).map(complaintLine)).toEqual([expect.stringContaining('undici has no line')]);
  const none = { path: 'packages/server/package.json', text: '{}' };
  expect(tidy([record, none], {}).map(complaintLine)).toEqual([expect.stringContaining('pg is no dependency')]);
});

const entry = { http: 409, zh: '已复核', en: 'already checked', wayOutZh: '另建一份', wayOutEn: 'make another' };
const catalogue = (fields: object): readonly { path: string; exported: unknown }[] => [
  { path: 'refusals/plan.ts', exported: { entries: { 'plan.done': { ...entry, ...fields } } } },
];

test('a catalogue entry lacks neither Chinese nor English nor a way out', () => {
  expect(catalogueComplaints(catalogue({}))).toEqual([]);
  for (const field of ['zh', 'en', 'wayOutZh', 'wayOutEn'])
    expect(catalogueComplaints(catalogue({ [field]: ' ' })).map(complaintLine)).toEqual([
      expect.stringContaining(`plan.done has no ${field}`),
    ]);
});
