import { join, resolve } from 'node:path';
import { steps } from './check-steps.ts';
import { inLanes, runNode } from './run-command.ts';

const root = resolve(import.meta.dirname, '..');
const isFixing = process.argv.includes('--fix');
const secondsOf = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** One line per step; what it complains of only when it does. */
async function runStep(step: (typeof steps)[number]): Promise<boolean> {
  const [program, ...args] = isFixing && step.fix ? step.fix : step.command;
  const ended = await runNode([join(root, program), ...args], root, { ...process.env, NO_COLOR: '1' });
  const complaint = ended.code === 0 ? step.doubt?.(ended.output) : step.report(ended.output);
  const verdict = complaint === undefined ? 'ok  ' : 'FAIL';
  const lines = complaint === undefined ? [] : [complaint.trimEnd()];
  const time = `${secondsOf.format(ended.ms / 1000)} s`.padStart(7);
  process.stdout.write([`${verdict} ${step.name.padEnd(18)} ${time}`, ...lines, ''].join('\n'));
  return complaint === undefined;
}

const results = await inLanes(
  steps.map((step) => () => runStep(step)),
  2,
);
process.exitCode = results.every(Boolean) ? 0 : 1;
