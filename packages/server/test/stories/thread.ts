// One thread of a run over many seeds: plays what it is told to, on a database of its own.
import { parentPort, workerData } from 'node:worker_threads';
import { runSeed, shortestOf } from './run.ts';
import type { Outcome, Shortest } from './run.ts';
import { Stage } from './stage.ts';

export type ToThread =
  | { readonly play: number; readonly stepsMax: number }
  | { readonly shorten: number; readonly stepsMax: number; readonly limitMs: number }
  | 'end';
export type FromThread =
  'ready' | { readonly outcome: Outcome } | { readonly shortest: Shortest | undefined } | { readonly failed: string };

const port = parentPort;
if (!port) throw new Error('this is a thread of tools/simulate.ts');
const tell = (message: FromThread): void => port.postMessage(message);
const { url, folder } = workerData as { url: string; folder: string };
const stage = await Stage.open(url, folder);

async function answer(message: Exclude<ToThread, 'end'>): Promise<FromThread> {
  if ('play' in message) return { outcome: await runSeed(stage, message.play, message.stepsMax) };
  const until = wallMs() + message.limitMs;
  return { shortest: await shortestOf(stage, message.shorten, message.stepsMax, () => wallMs() > until) };
}

/** Not `performance.now()`, which tells the story's time while one is played. */
const wallMs = (): number => Number(process.hrtime.bigint() / 1_000_000n);

port.on('message', (message: ToThread) => {
  if (message === 'end') {
    void stage.close().then(() => port.close());
    return;
  }
  answer(message).then(tell, (error: unknown) => {
    tell({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  });
});
tell('ready');
