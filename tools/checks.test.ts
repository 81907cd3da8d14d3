import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { importReport, readNothing, steps } from './check-steps.ts';
import { runNode } from './run-command.ts';

const root = resolve(import.meta.dirname, '..');
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A tree with our configuration and nothing else but the given files. */
function plant(files: Readonly<Record<string, string>>): string {
  const tree = mkdtempSync(join(tmpdir(), 'liushui-check-'));
  folders.push(tree);
  for (const name of ['tsconfig.json', 'eslint.config.js', '.dependency-cruiser.cjs', 'knip.json', '.prettierrc.json'])
    cpSync(join(root, name), join(tree, name));
  for (const name of [
    'package.json',
    'packages/server/package.json',
    'packages/simulator/package.json',
    'packages/sdk/package.json',
    'tools/package.json',
  ]) {
    mkdirSync(dirname(join(tree, name)), { recursive: true });
    cpSync(join(root, name), join(tree, name));
  }
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'), 'dir');
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
  return tree;
}

/** Runs one step of the check as `npm run check` does. */
async function complaintsOf(name: string, tree: string): Promise<string> {
  const step = steps.find((candidate) => candidate.name === name);
  if (!step) throw new Error(`there is no step ${name}`);
  const [program, ...args] = step.command;
  const ended = await runNode([join(root, program), ...args], tree, { ...process.env, NO_COLOR: '1' });
  return ended.code === 0 ? (step.doubt?.(ended.output) ?? '') : step.report(ended.output);
}

const probe = 'packages/server/src/customs/probe.ts';
const mistakes = `declare function send(): Promise<boolean>;
type State = 'open' | 'paid' | 'failed';
export function floating(): void {
  send();
}
export function forgotten(rows: readonly string[]): void {
  rows.forEach(async () => {
    await send();
  });
}
export function condition(): number {
  if (send()) return 1;
  return 0;
}
export function unfinished(state: State): number {
  switch (state) {
    case 'open':
      return 1;
    case 'paid':
      return 2;
  }
  return 3;
}
export function loose(value: any): string {
  return value!.name;
}
`;

test('eslint still knows the mistakes that matter, so that an upgrade that loses a rule is noticed', async () => {
  const output = await complaintsOf('eslint', plant({ [probe]: mistakes }));
  expect(output).toMatch(/4:3\s+error.*no-floating-promises/);
  expect(output).toMatch(/7:16\s+error.*no-misused-promises/);
  expect(output).toMatch(/12:7\s+error.*no-misused-promises/);
  expect(output).toMatch(/16:11\s+error.*switch-exhaustiveness-check/);
  expect(output).toMatch(/24:\d+\s+error.*no-explicit-any/);
  expect(output).toMatch(/25:\d+\s+error.*no-non-null-assertion/);
});

test('tsc refuses what Node cannot erase and what may be undefined', async () => {
  const text = 'export enum State { open }\nexport const first = (rows: string[]): string => rows[0];\n';
  const output = await complaintsOf('tsc', plant({ [probe]: text }));
  expect(output).toContain('probe.ts(1,13): error TS1294');
  expect(output).toContain('probe.ts(2,');
});

test('prettier names the file that is not formatted', async () => {
  expect(await complaintsOf('prettier', plant({ [probe]: 'export const a = "b"\n' }))).toContain(probe);
});

const server = 'packages/server/src/';
// rule | importing file | what it imports
const forbidden = [
  ['kernel-imports-nothing', `${server}kernel/hash.ts`, 'node:crypto'],
  ['platform-uses', `${server}platform/x.ts`, '../payments/index.ts'],
  ['platform-knows-no-channel', `${server}platform/y.ts`, '../channels/registry.ts'],
  ['payments-uses', `${server}payments/x.ts`, '../customs/index.ts'],
  ['customs-uses', `${server}customs/x.ts`, '../ledger/index.ts'],
  ['by-the-front-door', `${server}customs/y.ts`, '../payments/store.ts'],
  ['channel-stands-alone', `${server}channels/alipay/x.ts`, '../wechat/index.ts'],
  ['channel-stands-alone', `${server}channels/alipay/y.ts`, '../../platform/clock.ts'],
  ['channel-stands-alone', `${server}channels/alipay/z.ts`, 'node:net'],
  ['channel-opens-nothing', `${server}channels/alipay/w.ts`, 'undici'],
  ['nobody-names-a-channel', `${server}customs/z.ts`, '../channels/alipay/index.ts'],
  ['doors-are-not-imported', `${server}api/x.ts`, '../cli/show.ts'],
  ['app-is-known-by-nobody', `${server}api/y.ts`, '../app/index.ts'],
  ['folder-is-in-the-table', `${server}somewhere/x.ts`, '../kernel/index.ts'],
  ['simulator-imports-nothing-of-the-server', 'packages/simulator/src/x.ts', '../../server/src/kernel/index.ts'],
  ['simulator-has-its-own-xml-parser', 'packages/simulator/test/y.ts', 'fast-xml-parser'],
  ['server-has-its-own-xml-parser', `${server}channels/alipay/z.test.ts`, '@xmldom/xmldom'],
  ['server-imports-nothing-of-the-simulator', `${server}customs/w.test.ts`, '../../../simulator/src/books.ts'],
  ['sdk-stands-alone', 'packages/sdk/src/x.ts', '../../server/src/kernel/index.ts'],
  ['server-imports-nothing-of-the-sdk', `${server}customs/u.ts`, '../../../sdk/src/errors.ts'],
  ['no-cycles', `${server}customs/around.ts`, './index.ts'],
  ['resolvable', `${server}customs/v.ts`, './missing.ts'],
] as const;

const targets = [
  'kernel/index',
  'platform/clock',
  'payments/index',
  'payments/store',
  'ledger/index',
  'channels/contract/index',
  'channels/registry',
  'channels/alipay/index',
  'channels/wechat/index',
  'cli/show',
  'app/index',
];
const fine = `import '../kernel/index.ts';
import '../platform/clock.ts';
import '../payments/index.ts';
import '../channels/registry.ts';
import '../channels/contract/index.ts';
`;

test('every line of the import table complains of its violation, and of nothing else', async () => {
  const files: Record<string, string> = {
    'packages/simulator/src/books.ts': 'export const a = 1;\n',
    'packages/sdk/src/errors.ts': 'export const a = 1;\n',
    [`${server}customs/index.ts`]: "import './around.ts';\n",
    [`${server}customs/fine.ts`]: fine,
    [`${server}customs/fine.test.ts`]: "import '../ledger/index.ts';\nimport '../channels/alipay/index.ts';\n",
    'packages/server/test/journey.ts': "import '../../simulator/src/books.ts';\nimport '../src/payments/store.ts';\n",
  };
  for (const name of targets) files[`${server}${name}.ts`] = 'export const a = 1;\n';
  for (const [, from, to] of forbidden) files[from] = `import '${to}';\n`;
  const output = await complaintsOf('dependency-cruiser', plant(files));
  for (const [rule, from, to] of forbidden) {
    const line = output.split('\n').find((text) => text.startsWith(`${rule}: ${from.replace(server, '')} → `));
    expect(line, `${rule} says nothing of ${from} → ${to}\n${output}`).toMatch(/ {3}\S/);
  }
  expect(output).not.toMatch(/fine|journey/);
});

test('an import check that read no file is not a success', async () => {
  const empty = plant({ 'tools/elsewhere.ts': 'export const a = 1;\n' });
  expect(await complaintsOf('dependency-cruiser', empty)).toContain('read no files');
  expect(readNothing(JSON.stringify({ summary: { totalCruised: 3, violations: [] } }))).toBeUndefined();
  expect(importReport(new Map())('not json')).toBe('not json');
});

test('knip names the export, the file and the dependency that nobody uses', async () => {
  const tree = plant({
    [`${server}cli/main.ts`]: "import { used } from '../customs/rows.ts';\nused();\n",
    [`${server}customs/rows.ts`]: 'export const used = (): number => 1;\nexport const unused = 2;\n',
    [`${server}customs/lonely.ts`]: 'export const lonely = 1;\n',
  });
  const output = await complaintsOf('knip', tree);
  expect(output).toMatch(/unused\s.*packages\/server\/src\/customs\/rows\.ts/);
  expect(output).toContain('packages/server/src/customs/lonely.ts');
  expect(output).toMatch(/Unused dependencies[\s\S]*fastify/);
});
