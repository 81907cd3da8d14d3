import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A process of ours that talks in lines of JSON: one when it is ready, and one for each line that it is given. */
export type Child = {
  readonly pid: number;
  readonly ready: Readonly<Record<string, unknown>>;
  ask<Answer>(question: unknown): Promise<Answer>;
  stop(): Promise<void>;
};

export type ChildOptions = {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Of Node itself, such as a profiler's. */
  readonly execArgv?: readonly string[];
};

const saidMax = 4000;

/** Starts a program of this checkout with this Node. It ends by SIGTERM, or when we do and its stdin closes. */
export async function startChild(program: string, { args, env, execArgv }: ChildOptions): Promise<Child> {
  const words = [...(execArgv ?? []), program, ...(args ?? [])];
  const child = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => (said = (said + bytes.toString()).slice(-saidMax)));
  child.stdin.on('error', () => undefined); // it has ended: told by 'exit'
  const waiting: PromiseWithResolvers<string>[] = [];
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  void ended.then(() => {
    for (const one of waiting.splice(0)) one.reject(new Error(`${program} ended: ${said}`));
  });
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.resolve(line));
  const nextLine = async (): Promise<unknown> => {
    const line = Promise.withResolvers<string>();
    waiting.push(line);
    return JSON.parse(await line.promise) as unknown;
  };
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const ready = (await nextLine()) as Child['ready'];
  return {
    pid: child.pid ?? 0,
    ready,
    async ask<Answer>(question: unknown): Promise<Answer> {
      const answer = nextLine();
      child.stdin.write(`${JSON.stringify(question)}\n`);
      return (await answer) as Answer;
    },
    async stop() {
      child.stdin.end();
      child.kill('SIGTERM');
      await ended;
      process.off('exit', kill);
    },
  };
}
