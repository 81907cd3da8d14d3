import { spawn } from 'node:child_process';

export type Ended = { readonly code: number; readonly output: string; readonly ms: number };

/** Runs one of our own tools on this very Node and keeps what it says. `ms` is wall time. */
export function runNode(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = process.env): Promise<Ended> {
  const started = performance.now();
  return new Promise((settle) => {
    const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    const collect = (chunk: Buffer): void => void chunks.push(chunk);
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => settle({ code: 1, output: error.message, ms: performance.now() - started }));
    child.on('close', (code) =>
      settle({ code: code ?? 1, output: Buffer.concat(chunks).toString('utf8'), ms: performance.now() - started }),
    );
  });
}

/** Runs the jobs in order, `width` at a time. */
export async function inLanes<T>(jobs: readonly (() => Promise<T>)[], width: number): Promise<readonly T[]> {
  const results: T[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < jobs.length; index = next++) {
      const job = jobs[index];
      if (job) results[index] = await job();
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  return results;
}
