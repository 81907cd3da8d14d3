import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { countsText, readReport } from './counts.ts';
import { inLanes, runNode } from './run-command.ts';
import { copyTree } from './tree-copy.ts';

type Planted = { readonly file: string; readonly catches: string; readonly run: readonly string[] };
type Verdict = { readonly caught: boolean; readonly why: string };

const lanes = 2;

/** `# catches:` says which law must notice, `# run:` which test files hold it (blank between several), or a run of `simulate` with its options. */
export function readHeader(file: string): Planted | string {
  const text = readFileSync(file, 'utf8');
  const header = (name: string): string | undefined => new RegExp(`^# ${name}: *(.+)$`, 'm').exec(text)?.[1]?.trim();
  const [catches, run] = [header('catches'), header('run')];
  if (catches === undefined || run === undefined) return 'begin with "# catches: <sentence>" and "# run: <test file>"';
  return { file, catches, run: run.split(/[ ,]+/) };
}

function applyPatch(file: string, copy: string): string | undefined {
  try {
    const env = { ...process.env, GIT_CEILING_DIRECTORIES: dirname(copy) };
    execFileSync('git', ['apply', '--whitespace=nowarn', file], { cwd: copy, env, stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `does not apply, make it again: ${(error as { stderr?: Buffer }).stderr?.toString().trim() ?? String(error)}`;
  }
}

/** Seeded stories find it or do not; which seed did is worth knowing. */
async function runStories(planted: Planted, copy: string): Promise<Verdict> {
  const options = [...planted.run, '--stop-at-first', '--shorten', '0', '--threads', '1', '--json'];
  const ended = await runNode([join(copy, 'tools/simulate.ts'), ...options], copy);
  const line = ended.output.split('\n').find((text) => text.startsWith('{'));
  if (line === undefined)
    return { caught: false, why: `no story was told to its end: ${ended.output.trim().slice(-600)}` };
  const { stories, broken } = JSON.parse(line) as {
    stories: number;
    broken: { seed: number; broken: { law: string } }[];
  };
  const [first] = broken;
  if (!first) return { caught: false, why: `${stories} stories broke no law` };
  return { caught: true, why: `seed ${first.seed}: ${first.broken.law}` };
}

async function runTests(planted: Planted, copy: string): Promise<Verdict> {
  const missing = planted.run.find((path) => !existsSync(join(copy, path)));
  if (missing !== undefined) return { caught: false, why: `${missing} does not exist` };
  const reportFile = join(copy, 'planted-report.json');
  const vitest = join(copy, 'node_modules/vitest/vitest.mjs');
  const report = ['--reporter=json', `--outputFile=${reportFile}`];
  const args = [vitest, 'run', ...planted.run, ...report, '--maxWorkers=1', '--bail=1'];
  const ended = await runNode(args, copy);
  const files = readReport(reportFile)?.testResults ?? [];
  const tests = files.flatMap((file) => file.assertionResults);
  const red = tests.filter((test) => test.status === 'failed');
  if (red[0]) return { caught: true, why: red[0].title };
  if (ended.code === 0) return { caught: false, why: 'every test stayed green' };
  return { caught: false, why: `no test ran to its end: ${ended.output.trim().slice(-600)}` };
}

/** Plants one mistake in a copy of the tree and expects a test to go red; a tree that no longer loads proves nothing. */
export async function runPlanted(root: string, file: string): Promise<Verdict> {
  const planted = readHeader(file);
  if (typeof planted === 'string') return { caught: false, why: planted };
  const copy = copyTree(root);
  try {
    const failure = applyPatch(file, copy);
    if (failure !== undefined) return { caught: false, why: failure };
    return planted.run[0] === 'simulate' ? await runStories(planted, copy) : await runTests(planted, copy);
  } finally {
    rmSync(copy, { recursive: true, force: true, maxRetries: 3 });
  }
}

export function patchesIn(root: string, wanted: readonly string[]): readonly string[] {
  const folder = join(root, 'packages/server/test/planted');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.patch') && (wanted.length === 0 || wanted.some((part) => name.includes(part))))
    .sort()
    .map((name) => join(folder, name));
}

/** Begins another one each day: where time ends a run, it is not always the same mistakes that are left. */
function rotated<T>(all: readonly T[]): readonly T[] {
  const first = Math.floor(Date.now() / 86_400_000) % Math.max(1, all.length);
  return [...all.slice(first), ...all.slice(0, first)];
}

/** @param args names or parts of names; `--minutes N` begins no further mistake after that time, and says how many were left. */
async function main(root: string, args: readonly string[]): Promise<void> {
  const limit = args.indexOf('--minutes');
  const endsAt = limit < 0 ? Infinity : performance.now() + Number(args[limit + 1]) * 60_000;
  const wanted = limit < 0 ? args : args.filter((_arg, index) => index !== limit && index !== limit + 1);
  let left = 0;
  const jobs = rotated(patchesIn(root, wanted)).map((file) => async (): Promise<boolean | undefined> => {
    if (performance.now() > endsAt) {
      left += 1;
      return undefined;
    }
    const verdict = await runPlanted(root, file);
    console.log(`${verdict.caught ? 'caught' : 'MISSED'} ${basename(file)}: ${verdict.why}`);
    return verdict.caught;
  });
  const results = (await inLanes(jobs, lanes)).filter((caught) => caught !== undefined);
  if (left > 0) console.log(`${left} were left for want of time: npm run planted`);
  const failed = results.filter((caught) => !caught).length;
  console.log(countsText({ passed: results.length - failed, failed }));
  process.exitCode = failed === 0 ? 0 : 1;
}

// Started by bin/run.js, not when a test imports it: there the task's name is the first argument.
if (process.argv[2] === 'planted') {
  // Git runs in a copy outside this repository.
  process.chdir(tmpdir());
  await main(resolve(import.meta.dirname, '..'), process.argv.slice(3));
}
