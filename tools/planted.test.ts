import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countsOfReport, readCounts } from './counts.ts';
import { readHeader, runPlanted } from './planted.ts';

let tree = '';

const files = {
  'sum.ts': 'export const sum = (a: number, b: number): number => a + b;\n',
  'sum.test.ts':
    "import { expect, test } from 'vitest';\nimport { sum } from './sum.ts';\ntest('two and two are four', () => expect(sum(2, 2)).toBe(4));\n",
  'package.json': '{ "type": "module" }\n',
};

function patch(name: string, header: string, before: string, after: string): string {
  const file = join(tree, 'patches', name);
  mkdirSync(dirname(file), { recursive: true });
  const body = `diff --git a/sum.ts b/sum.ts\n--- a/sum.ts\n+++ b/sum.ts\n@@ -1 +1 @@\n-${before}\n+${after}\n`;
  writeFileSync(file, `${header}\n${body}`);
  return file;
}

beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), 'liushui-planted-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(tree, name), text);
  symlinkSync(resolve(import.meta.dirname, '../node_modules'), join(tree, 'node_modules'), 'dir');
  const git = (...args: string[]): unknown => execFileSync('git', args, { cwd: tree, stdio: 'pipe' });
  git('init', '-q');
  git('add', ...Object.keys(files));
});

afterAll(() => rmSync(tree, { recursive: true, force: true }));

const line = files['sum.ts'].trimEnd();
const header = '# catches: a sum that subtracts\n# run: sum.test.ts';

test('a planted mistake that turns a test red is caught, and the test is named', async () => {
  const file = patch('caught.patch', header, line, line.replace('a + b', 'a - b'));
  expect(await runPlanted(tree, file)).toEqual({ caught: true, why: 'two and two are four' });
});

test('a planted mistake that nobody notices is missed', async () => {
  const file = patch('missed.patch', header, line, line.replace('a + b', 'b + a'));
  expect(await runPlanted(tree, file)).toEqual({ caught: false, why: 'every test stayed green' });
});

test('a patch that breaks the file, no longer applies or names no test proves nothing', async () => {
  const broken = await runPlanted(tree, patch('broken.patch', header, line, 'export const sum = ;'));
  expect(broken).toMatchObject({ caught: false, why: expect.stringContaining('no test ran to its end') });
  const stale = await runPlanted(tree, patch('stale.patch', header, 'export const total = 1;', line));
  expect(stale).toMatchObject({ caught: false, why: expect.stringContaining('does not apply') });
  const nowhere = header.replace('sum.test.ts', 'gone.test.ts');
  const lost = await runPlanted(tree, patch('lost.patch', nowhere, line, 'export const sum = 1;'));
  expect(lost).toEqual({ caught: false, why: 'gone.test.ts does not exist' });
  expect(readHeader(patch('bare.patch', '', line, line))).toContain('# catches');
});

test('counts include the file that did not load and the run that left no report', () => {
  const unloaded = { name: 'a.test.ts', status: 'failed', assertionResults: [] };
  const report = { numPassedTests: 3, numFailedTests: 0, testResults: [unloaded] };
  expect(countsOfReport(report, 1)).toEqual({ passed: 3, failed: 1 });
  expect(countsOfReport({ ...report, testResults: [] }, 1)).toEqual({ passed: 3, failed: 1 });
  expect(countsOfReport(undefined, 0)).toEqual({ passed: 0, failed: 1 });
  expect(readCounts('x\n1 passed, 2 failed\n12 passed, 0 failed\n')).toEqual({ passed: 12, failed: 0 });
});
