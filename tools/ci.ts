import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { installChromium } from './chromium.ts';
import { addCounts, countsOfExit, countsOfReport, countsText, noCounts, readCounts, readReport } from './counts.ts';
import type { Counts } from './counts.ts';

const root = resolve(import.meta.dirname, '..');

/** Runs a task of bin/run.js, shows and keeps what it prints. */
function runTask(task: string, args: readonly string[]): Promise<{ code: number; output: string }> {
  console.log(`\n== ${task}`);
  return new Promise((settle) => {
    const command = [join(root, 'bin/run.js'), task, ...args];
    // CI=true: a snapshot that is missing fails instead of being written.
    const env = { ...process.env, CI: 'true' };
    const child = spawn(process.execPath, command, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      process.stdout.write(chunk);
    });
    child.on('error', (error) => settle({ code: 1, output: error.message }));
    child.on('close', (code) => settle({ code: code ?? 1, output: Buffer.concat(chunks).toString('utf8') }));
  });
}

async function runTests(task: string, folder: string): Promise<Counts> {
  const file = join(folder, `${task}.json`);
  const { code } = await runTask(task, ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]);
  return countsOfReport(readReport(file), code);
}

/** The whole run has twenty minutes; the last planted mistake may take two. */
const plantedUntilMinutes = 16;

async function runAll(folder: string): Promise<Counts> {
  const check = await runTask('check', []);
  const counts = [countsOfExit(check.code), await runTests('test', folder)];
  counts.push(await runTests('other-postgres', folder));
  const left = Math.max(1, plantedUntilMinutes - performance.now() / 60_000);
  const planted = await runTask('planted', ['--minutes', String(left)]);
  counts.push(readCounts(planted.output) ?? { passed: 0, failed: 1 });
  return counts.reduce(addCounts, noCounts);
}

const folder = mkdtempSync(join(tmpdir(), 'liushui-ci-'));
installChromium();
const counts = await runAll(folder);
rmSync(folder, { recursive: true, force: true });
const target = process.argv[3];
if (target === undefined) console.log(countsText(counts));
else writeFileSync(target, `${countsText(counts)}\n`);
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
