import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import manifest from '../package.json' with { type: 'json' };
import { shortText } from './bench.ts';

/** What somebody needs to know before comparing two runs. */
export type Machine = {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memory_gib: string;
  /** Runnable processes in the last minute before the run: above the number of cores, others were working too. */
  readonly load_before: string;
  readonly node: string;
  /** Empty when no bench needed it. */
  readonly postgresql: string;
  readonly liushui: string;
  readonly commit: string;
};

export function describeMachine(): Machine {
  return {
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memory_gib: shortText(totalmem() / 2 ** 30),
    load_before: shortText(loadavg()[0] ?? NaN),
    node: process.version,
    postgresql: '',
    liushui: manifest.version,
    commit: commitOf(join(import.meta.dirname, '../../..')),
  };
}

/** An installation without Git or without history has none. */
function commitOf(root: string): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const commit = git('rev-parse', '--short', 'HEAD');
    return git('status', '--porcelain', '--', 'packages/server/src') === '' ? commit : `${commit} and changes`;
  } catch {
    return 'unknown';
  }
}
