import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { MoneyOutcome } from '../packages/server/test/stories/money/run.ts';
import type { Outcome as StoryOutcome } from '../packages/server/test/stories/run.ts';
import { startStageServer } from '../packages/server/test/stories/stage-server.ts';
import type { StageServer } from '../packages/server/test/stories/stage-server.ts';
import type { About, FromThread, Told, ToThread } from '../packages/server/test/stories/thread.ts';
import { patchesIn, runPlanted } from './planted.ts';

type Outcome = StoryOutcome | MoneyOutcome;

const usage = `npm run simulate -- [options]
  --money           stories of money: orders, payments, refunds, surplus (otherwise: declarations)
  --orders N        so many orders in each story of money (5000)
  --seeds N         play the stories of N seeds (200; of money 2)
  --from S          beginning with this one (1)
  --seed S          play the story of this one seed
  --steps N         at most so many steps, as far as the way to a push allows (40)
  --threads N       at the same time (2)
  --stop-at-first   do not look for a second story that breaks a law
  --shorten N       look so many seconds for the shortest story; 0: not at all (60)
  --bug NAME        plant this mistake in a copy of the tree and find it; the name is part of a file in test/planted
  --json            one document on stdout`;

const ordersInAStory = 5000;

type Options = {
  readonly from: number;
  readonly seeds: number;
  readonly about: About;
  readonly threads: number;
  readonly stopAtFirst: boolean;
  readonly shortenMs: number;
  readonly json: boolean;
};

class Thread {
  readonly #worker: Worker;
  #answer: PromiseWithResolvers<FromThread> = Promise.withResolvers();

  private constructor(url: string, folder: string, about: About) {
    const file = new URL('../packages/server/test/stories/thread.ts', import.meta.url);
    this.#worker = new Worker(file, { workerData: { url, folder, about } });
    this.#worker.on('message', (message: FromThread) => this.#answer.resolve(message));
    this.#worker.on('error', (error) => this.#answer.reject(error));
  }

  static async start(server: StageServer, index: number, about: About): Promise<Thread> {
    const thread = new Thread(await server.databaseFor(index), server.folder, about);
    await thread.#answer.promise;
    return thread;
  }

  async #ask(message: ToThread): Promise<Exclude<FromThread, 'ready'>> {
    this.#answer = Promise.withResolvers();
    this.#worker.postMessage(message);
    const answer = await this.#answer.promise;
    if (answer === 'ready' || 'failed' in answer) throw new Error(answer === 'ready' ? 'out of turn' : answer.failed);
    return answer;
  }

  async play(seed: number): Promise<Outcome> {
    const answer = await this.#ask({ play: seed });
    if (!('outcome' in answer)) throw new Error('out of turn');
    return answer.outcome;
  }

  async shorten(seed: number, limitMs: number): Promise<Told | undefined> {
    const answer = await this.#ask({ shorten: seed, limitMs });
    return 'shortest' in answer ? answer.shortest : undefined;
  }

  async end(): Promise<void> {
    this.#worker.postMessage('end' satisfies ToThread);
    await new Promise((resolve) => this.#worker.once('exit', resolve));
  }
}

function progress(options: Options, text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  else if (!options.json && text.endsWith('0')) process.stderr.write(`${text}\n`);
}

/** Seeds in their order, each by whichever thread is free. */
async function playAll(threads: readonly Thread[], options: Options): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let next = options.from;
  let broken = 0;
  const lane = async (thread: Thread): Promise<void> => {
    while (next < options.from + options.seeds && !(options.stopAtFirst && broken > 0)) {
      const seed = next;
      next += 1;
      const outcome = await thread.play(seed);
      outcomes.push(outcome);
      if (outcome.broken) {
        broken += 1;
        process.stderr.write(`\nseed ${seed}: ${outcome.broken.law}\n`);
      }
      progress(options, `${outcomes.length} of ${options.seeds} stories, ${broken} broken; seed ${seed}`);
    }
  };
  await Promise.all(threads.map(lane));
  return outcomes.sort((a, b) => a.seed - b.seed);
}

type Report = {
  readonly stories: number;
  readonly seconds: number;
  /** What was played: pushes and questions, or orders and calls. */
  readonly counts: Readonly<Record<string, number>>;
  readonly broken: readonly Outcome[];
  readonly shortest?: Told;
};

async function simulate(options: Options): Promise<Report> {
  const started = performance.now();
  const server = await startStageServer();
  try {
    const threads = await Promise.all(
      Array.from({ length: Math.min(options.threads, options.seeds) }, (_, index) =>
        Thread.start(server, index, options.about),
      ),
    );
    const outcomes = await playAll(threads, options);
    const seconds = Math.round((performance.now() - started) / 100) / 10;
    const broken = outcomes.filter((outcome) => outcome.broken);
    const [first] = broken;
    const shortest =
      first && options.shortenMs > 0 ? await threads[0]?.shorten(first.seed, options.shortenMs) : undefined;
    await Promise.all(threads.map((thread) => thread.end()));
    return {
      ...{ stories: outcomes.length, seconds, broken },
      counts: countsOf(outcomes),
      ...(shortest ? { shortest } : {}),
    };
  } finally {
    await server.stop();
  }
}

function countsOf(outcomes: readonly Outcome[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const one of outcomes) {
    const told =
      'orders' in one ? { orders: one.orders, calls: one.calls } : { pushes: one.pushes, questions: one.questions };
    for (const [name, count] of Object.entries(told)) counts[name] = (counts[name] ?? 0) + count;
  }
  return counts;
}

function show({ stories, seconds, counts, broken, shortest }: Report, options: Options): void {
  const counted = Object.entries(counts).map(([name, count]) => `${count} ${name}, `);
  console.log(`\n${stories} stories in ${seconds} s: ${counted.join('')}${broken.length} broken`);
  const [first] = broken;
  if (!first?.broken) return;
  for (const { seed, broken: how } of broken) console.log(`seed ${seed}, step ${how?.step}: ${how?.law}`);
  console.log(`\n${first.broken.law}\n  ${shortest?.what ?? first.broken.what}`);
  if (shortest) console.log(`\nthe shortest story that was found\n${shortest.text}`);
  console.log(`\nrun it again: npm run simulate -- ${againWith(options.about)}--seed ${first.seed}`);
}

function againWith(about: About): string {
  if (about.money) return `--money ${about.orders === ordersInAStory ? '' : `--orders ${about.orders} `}`;
  return about.stepsMax === 40 ? '' : `--steps ${about.stepsMax} `;
}

async function findBug(root: string, name: string): Promise<boolean> {
  const files = patchesIn(root, [name]);
  if (files.length === 0) console.error(`no planted mistake is named ${name}`);
  let isFound = files.length > 0;
  for (const file of files) {
    const { caught, why } = await runPlanted(root, file);
    console.log(`${caught ? 'caught' : 'MISSED'} ${file.split('/').at(-1)}: ${why}`);
    isFound &&= caught;
  }
  return isFound;
}

async function main(args: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ seeds: text, from: text, seed: text, steps: text, threads: text, shorten: text, bug: text },
      ...{ 'stop-at-first': flag, json: flag, help: flag, money: flag, orders: text },
    },
  });
  if (values.help) console.log(usage);
  if (values.help) return 0;
  if (values.bug !== undefined) return (await findBug(`${import.meta.dirname}/..`, values.bug)) ? 0 : 1;
  const money = values.money ?? false;
  const about: About = money
    ? { money, orders: Number(values.orders ?? ordersInAStory) }
    : { money, stepsMax: Number(values.steps ?? 40) };
  const options: Options = {
    from: Number(values.seed ?? values.from ?? 1),
    seeds: values.seed === undefined ? Number(values.seeds ?? (money ? 2 : 200)) : 1,
    about,
    threads: Number(values.threads ?? 2),
    stopAtFirst: values['stop-at-first'] ?? false,
    shortenMs: Number(values.shorten ?? 60) * 1000,
    json: values.json ?? false,
  };
  const wrong = Object.entries({ ...options, ...about }).find(
    ([, value]) => typeof value === 'number' && !(value >= 0),
  );
  if (wrong) console.error(`${wrong[0]} must be a number\n${usage}`);
  if (wrong) return 2;
  const report = await simulate(options);
  if (options.json) console.log(JSON.stringify(report));
  else show(report, options);
  return report.broken.length === 0 ? 0 : 1;
}

// Started by bin/run.js, not when a test imports it: there the task's name is the first argument.
if (process.argv[2] === 'simulate') process.exitCode = await main(process.argv.slice(3));
