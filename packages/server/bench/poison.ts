import { observe } from '../src/customs/calls.ts';
import type { ObserveInput } from '../src/customs/observe.ts';
import type { RecordKey } from '../src/platform/commands.ts';
import { byTurns, figureOf, secondsOf } from './bench.ts';
import type { Bench, BenchContext, BenchResult, Figure } from './bench.ts';
import { recordFact } from './lists.ts';
import { adopt, keysOf, newOrders } from './orders.ts';
import type { BenchWorld } from './server.ts';

/** What an item that the database refuses does to the good items of its list, and of the lists around it. */
export const poison: Bench = {
  name: 'poison',
  says: 'items whose save aborts, and the throughput of all others',
  run,
};

/** The others lose less than a fifth. */
const kept = { atLeast: 0.8 };
const size = 100;
const poisoned = 'poison';

/** Lists of a hundred, some of whose items are poison. */
type Stream = {
  readonly name: string;
  readonly lists: number;
  readonly rounds: number;
  readonly isPoison: (list: number, place: number) => boolean;
  readonly isJudged: boolean;
};

/** The same places in every run: Knuth's multiplicative hash (The Art of Computer Programming, 6.4), one in `every`. */
const oneIn = (every: number, position: number): boolean => (Math.imul(position + 1, 0x9e3779b1) >>> 0) % every === 0;

function streamsOf(quick: boolean): Stream[] {
  const lists = quick ? 2 : 100;
  return [
    {
      name: 'one poison in one list of 100',
      ...{ lists: 1, rounds: quick ? 1 : 15, isJudged: false },
      isPoison: (_list, place) => place === 61,
    },
    {
      name: 'a poison in 1 % of the lists',
      ...{ lists, rounds: quick ? 1 : 3, isJudged: true },
      isPoison: (list, place) => list === Math.floor(lists / 2) && place === 61,
    },
    {
      name: '1 % of all items poison, scattered',
      ...{ lists, rounds: quick ? 1 : 3, isJudged: true },
      isPoison: (list, place) => oneIn(100, list * size + place),
    },
  ];
}

async function run({ quick, server, tell }: BenchContext): Promise<BenchResult> {
  const world = await (await server()).openWorld();
  try {
    await adopt(world, newOrders(size * (quick ? 1 : 10)));
    // The constraint that a mistake of ours would run into; nothing before it notices.
    await world.app.db.query(`alter table customs_facts add check (body #>> '{snapshot,memo}' <> '${poisoned}')`);
    const keys = await keysOf(world);
    if (!quick) await tellStream(world, keys, 10, () => false); // compiles what will be measured
    const figures: Figure[] = [];
    for (const stream of streamsOf(quick)) {
      tell(`poison: ${stream.name}`);
      figures.push(...(await compare(world, keys, stream)));
    }
    return { figures, tables: [] };
  } finally {
    await world.close();
  }
}

async function compare(world: BenchWorld, keys: readonly RecordKey[], stream: Stream): Promise<Figure[]> {
  const sides = [stream.isPoison, (): boolean => false];
  const rounds = await byTurns(stream.rounds, sides, (isPoison) => tellStream(world, keys, stream.lists, isPoison));
  const named = { bench: 'poison', measure: `the others: ${stream.name}`, against: 'the same lists, clean' };
  const pairsOf = (rateOf: (rate: Rate) => number): { subject: number; baseline: number }[] =>
    rounds.flatMap(([subject, baseline]) =>
      subject && baseline ? [{ subject: rateOf(subject), baseline: rateOf(baseline) }] : [],
    );
  const judged = stream.isJudged ? { target: kept } : {};
  const wall = figureOf(
    { ...named, unit: 'items/s', ...judged },
    pairsOf((rate) => rate.perSecond),
  );
  // One list is too short for the ticks in which PostgreSQL's CPU is counted.
  if (stream.lists === 1) return [wall];
  return [
    wall,
    figureOf(
      { ...named, unit: 'items per CPU second' },
      pairsOf((rate) => rate.perCpuSecond),
    ),
  ];
}

type Rate = { readonly perSecond: number; readonly perCpuSecond: number };

let told = 0;

/** Good items a second; what is poison must be put aside and everything else kept. */
async function tellStream(
  world: BenchWorld,
  keys: readonly RecordKey[],
  lists: number,
  isPoison: Stream['isPoison'],
): Promise<Rate> {
  let goodItems = 0;
  let seconds = 0;
  let cpuSeconds = 0;
  for (let list = 0; list < lists; list += 1) {
    const inputs = inputsOf(world, keys, list, isPoison);
    const results: Awaited<ReturnType<typeof observe>> = [];
    const cpuBefore = world.cpu();
    seconds += await secondsOf(async () => results.push(...(await observe(world.app.customs, inputs))));
    cpuSeconds += world.cpu() - cpuBefore;
    const bad = results.filter((result, place) => result.ok === isPoison(list, place)).length;
    if (bad > 0 || results.length !== size) throw new Error(`${bad} items of a list ended as they should not`);
    goodItems += results.filter((result) => result.ok).length;
  }
  return { perSecond: goodItems / seconds, perCpuSecond: goodItems / cpuSeconds };
}

function inputsOf(
  world: BenchWorld,
  keys: readonly RecordKey[],
  list: number,
  isPoison: Stream['isPoison'],
): ObserveInput[] {
  told += 1;
  const from = (list * size) % keys.length;
  return keys.slice(from, from + size).map((key, place) => {
    const memo = isPoison(list, place) ? poisoned : `told ${told}`;
    return { key, fact: recordFact(world, memo) };
  });
}
