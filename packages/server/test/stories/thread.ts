// One thread of a run over many seeds: plays what it is told to, on a database of its own.
import { parentPort, workerData } from 'node:worker_threads';
import { runMoney, shortestMoney } from './money/run.ts';
import type { MoneyOutcome } from './money/run.ts';
import { MoneyStage } from './money/stage.ts';
import { runSeed, shortestOf } from './run.ts';
import type { Outcome } from './run.ts';
import { Stage } from './stage.ts';

/** What a story is about: declarations, or orders of money so many at a time. */
export type About =
  { readonly money: false; readonly stepsMax: number } | { readonly money: true; readonly orders: number };

/** The shortest story that breaks the law, and what does not agree with it. */
export type Told = { readonly text: string; readonly what: string };

export type ToThread = { readonly play: number } | { readonly shorten: number; readonly limitMs: number } | 'end';
export type FromThread =
  | 'ready'
  | { readonly outcome: Outcome | MoneyOutcome }
  | { readonly shortest: Told | undefined }
  | { readonly failed: string };

const port = parentPort;
if (!port) throw new Error('this is a thread of tools/simulate.ts');
const tell = (message: FromThread): void => port.postMessage(message);
const { url, folder, about } = workerData as { url: string; folder: string; about: About };

type Theatre = {
  play(seed: number): Promise<Outcome | MoneyOutcome>;
  shorten(seed: number, isLate: () => boolean): Promise<Told | undefined>;
  close(): Promise<void>;
};

async function openTheatre(): Promise<Theatre> {
  if (about.money) {
    const stage = await MoneyStage.open(url);
    return {
      play: (seed) => runMoney(stage, seed, about.orders),
      shorten: (seed, isLate) => shortestMoney(stage, seed, about.orders, isLate),
      close: () => stage.close(),
    };
  }
  const stage = await Stage.open(url, folder);
  return {
    play: (seed) => runSeed(stage, seed, about.stepsMax),
    async shorten(seed, isLate) {
      const shortest = await shortestOf(stage, seed, about.stepsMax, isLate);
      return shortest && { text: shortest.text, what: shortest.what };
    },
    close: () => stage.close(),
  };
}

const theatre = await openTheatre();

async function answer(message: Exclude<ToThread, 'end'>): Promise<FromThread> {
  if ('play' in message) return { outcome: await theatre.play(message.play) };
  const until = wallMs() + message.limitMs;
  return { shortest: await theatre.shorten(message.shorten, () => wallMs() > until) };
}

/** Not `performance.now()`, which tells the story's time while one is played. */
const wallMs = (): number => Number(process.hrtime.bigint() / 1_000_000n);

port.on('message', (message: ToThread) => {
  if (message === 'end') {
    void theatre.close().then(() => port.close());
    return;
  }
  answer(message).then(tell, (error: unknown) => {
    tell({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  });
});
tell('ready');
