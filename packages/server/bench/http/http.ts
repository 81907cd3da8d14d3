import { availableParallelism } from 'node:os';
import { figureOf, shortText } from '../bench.ts';
import type { Bench, BenchContext, BenchResult, Figure, Table } from '../bench.ts';
import { openGround } from './ground.ts';
import type { Cpu, Ground } from './ground.ts';
import type { Arrivals, LoadAnswer, Served } from './load.ts';

/** Pay-ins as they happen: a shop's request over HTTP, the payer's page, the channel's signed message, and the money booked. */
export const http: Bench = {
  name: 'http',
  says: 'pay-ins a second over HTTP at open-model load, own time at 100 a second, time until the QR code',
  run,
};

const heldTarget = 300;
const p50TargetMs = 15;
const p99TargetMs = 50;
/** Of the arrivals of a rate that is held, all but one in a hundred are acknowledged within this time of being due, and then all are booked within it. */
const heldWithinMs = 1000;
const heldShare = 0.99;

type Step = {
  readonly ratePerSecond: number;
  readonly answer: LoadAnswer;
  readonly held: boolean;
  readonly cpu: Cpu;
  readonly commits: number;
  readonly walBytes: number;
};

async function run({ quick, server, tell }: BenchContext): Promise<BenchResult> {
  const ground = await openGround(await server());
  try {
    tell('http: warming up');
    await step(ground, { ratePerSecond: 20, seconds: quick ? 0.5 : 10, seed: 'warm' });
    const rates = quick ? [20] : [50, 100, 150, 200, 250, 300, 350, 400, 500, 600];
    const steps = await ramp(ground, rates, quick ? 1 : 6, tell);
    const steadyRate = quick ? 20 : 100;
    tell(`http: ${steadyRate} a second, steady`);
    const steady = await step(ground, { ratePerSecond: steadyRate, seconds: quick ? 1 : 20, seed: 'steady' });
    const codes: (readonly [number, LoadAnswer])[] = [];
    for (const delayMs of quick ? [0] : [0, 50]) codes.push([delayMs, await codesWith(ground, delayMs, quick, tell)]);
    return {
      figures: [...rampFigures(steps), ...steadyFigures(steady)],
      tables: [stepTable([...steps, steady]), partTable(steady), codeTable(codes)],
    };
  } finally {
    await ground.close();
  }
}

async function step(ground: Ground, arrivals: Arrivals): Promise<Step> {
  const [cpu, written] = [ground.cpu(), await ground.written()];
  const answer = await ground.load.ask<LoadAnswer>({ kind: 'pay_ins', actors: ground.actors, arrivals });
  const bookingSeconds = await ground.allBooked();
  const [cpuAfter, writtenAfter] = [ground.cpu(), await ground.written()];
  const { served } = answer;
  const inTime = served.filter(({ problem, wholeMs }) => problem === undefined && wholeMs <= heldWithinMs);
  return {
    ratePerSecond: arrivals.ratePerSecond,
    answer: { ...answer, seconds: answer.seconds + bookingSeconds },
    held: inTime.length >= served.length * heldShare && bookingSeconds * 1000 <= heldWithinMs,
    cpu: {
      server: cpuAfter.server - cpu.server,
      postgres: cpuAfter.postgres - cpu.postgres,
      simulator: cpuAfter.simulator - cpu.simulator,
    },
    commits: writtenAfter.commits - written.commits,
    walBytes: writtenAfter.walBytes - written.walBytes,
  };
}

/** Faster and faster, until a rate is not held. */
async function ramp(
  ground: Ground,
  rates: readonly number[],
  seconds: number,
  tell: BenchContext['tell'],
): Promise<Step[]> {
  const steps: Step[] = [];
  for (const ratePerSecond of rates) {
    tell(`http: ${ratePerSecond} a second`);
    const one = await step(ground, { ratePerSecond, seconds, seed: `ramp ${ratePerSecond}` });
    steps.push(one);
    if (!one.held) break;
  }
  return steps;
}

/** What came out of the fastest rate that was held; with none, what came out of the first. */
function rampFigures(steps: readonly Step[]): Figure[] {
  const best = steps.findLast(({ held }) => held) ?? steps[0];
  if (!best) return [];
  const { served, seconds } = best.answer;
  const booked = served.filter(({ problem }) => problem === undefined).length;
  const named = { bench: 'http', measure: 'pay-ins over HTTP, booked', unit: 'pay-ins/s', target: { atLeast: 1 } };
  return [
    figureOf({ ...named, against: `${heldTarget} a second` }, [{ subject: booked / seconds, baseline: heldTarget }]),
  ];
}

/**
 * Own time: what somebody waits for, from being due to its answer. The shop waits for its request, the channel for its word; the payer's
 * minutes lie between them, and no call to the channel in either.
 */
function steadyFigures({ ratePerSecond, answer: { served } }: Step): Figure[] {
  const requests = served.map(({ wishMs }) => wishMs);
  const messages = served.flatMap(({ noticeMs }) => noticeMs ?? []);
  const figure = (of: string, values: readonly number[], share: number, targetMs: number): Figure => {
    const measure = `own time of a ${of} at ${ratePerSecond}/s, p${share * 100}`;
    const named = { bench: 'http', measure, against: `${targetMs} ms`, unit: 'ms', target: { atMost: 1 } };
    return figureOf(named, [{ subject: quantile(values, share), baseline: targetMs }]);
  };
  return [
    figure('request', requests, 0.5, p50TargetMs),
    figure('request', requests, 0.99, p99TargetMs),
    figure('message', messages, 0.5, p50TargetMs),
    figure('message', messages, 0.99, p99TargetMs),
  ];
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

const cores = availableParallelism();

/** The rate that the CPU would allow were it all ours: of these figures the one that other programs on the machine disturb least. */
function stepTable(steps: readonly Step[]): Table {
  const row = ({ ratePerSecond, answer, held, cpu, commits, walBytes }: Step): string[] => {
    const { served, seconds, cpuSeconds } = answer;
    const booked = served.filter(({ problem }) => problem === undefined).length;
    const each = (amount: number): string => shortText(amount / booked);
    const whole = served.map(({ wholeMs }) => wholeMs);
    return [
      ...[String(ratePerSecond), shortText(booked / seconds), held ? 'yes' : 'no', String(served.length - booked)],
      ...[0.5, 0.95, 0.99].map((share) => shortText(quantile(whole, share))),
      ...[each(cpu.server * 1000), each(cpu.postgres * 1000), each(cpuSeconds * 1000)],
      ...[shortText((cores * booked) / (cpu.server + cpu.postgres + cpuSeconds)), each(commits), each(walBytes)],
    ];
  };
  return {
    title:
      'http: a pay-in by the rate of arrivals; whole = from due to acknowledged, the load signing in between; CPU in ms for each',
    columns: [
      ...['due/s', 'booked/s', 'held', 'failed', 'whole p50 ms', 'p95', 'p99'],
      ...['CPU server', 'PostgreSQL', 'load', 'CPU allows/s', 'commits', 'log bytes'],
    ],
    rows: steps.map(row),
  };
}

const ownMsOf = ({ wishMs, noticeMs }: Served): number => wishMs + (noticeMs ?? 0);

const shares = [0.5, 0.95, 0.99, 1];
const shareColumns = ['p50', 'p95', 'p99', 'most'];
const quantileCells = (values: readonly number[]): string[] =>
  shares.map((share) => shortText(quantile(values, share)));

function partTable({ ratePerSecond, answer: { served } }: Step): Table {
  return {
    title: `http: own time at ${ratePerSecond} a second, ms`,
    columns: ['part', ...shareColumns],
    rows: [
      ['request for a payment, from due', ...quantileCells(served.map(({ wishMs }) => wishMs))],
      ['channel message until acknowledged', ...quantileCells(served.flatMap(({ noticeMs }) => noticeMs ?? []))],
      ['both', ...quantileCells(served.map(ownMsOf))],
    ],
  };
}

const codesPerSecond = 10;

async function codesWith(ground: Ground, delayMs: number, quick: boolean, tell: Tell): Promise<LoadAnswer> {
  tell(`http: codes, the channel answering after ${delayMs} ms`);
  if (delayMs > 0)
    await ground.post('/control/faults', { fault: 'slow_ms', match: { method: 'precreate' }, params: { ms: delayMs } });
  const arrivals = { ratePerSecond: codesPerSecond, seconds: quick ? 0.5 : 10, seed: `codes ${delayMs}` };
  return ground.load.ask<LoadAnswer>({ kind: 'codes', actors: ground.actors, arrivals });
}

type Tell = BenchContext['tell'];

function codeTable(codes: readonly (readonly [number, LoadAnswer])[]): Table {
  return {
    title: `http: from request to QR code at ${codesPerSecond} a second, one call to the simulated channel in between, ms`,
    columns: ['the channel answers after', 'codes', 'failed', ...shareColumns],
    rows: codes.map(([delayMs, { served }]) => {
      const shown = served.filter(({ problem }) => problem === undefined).map(({ wishMs }) => wishMs);
      const counts = [String(shown.length), String(served.length - shown.length)];
      return [`${delayMs} ms`, ...counts, ...quantileCells(shown)];
    }),
  };
}
