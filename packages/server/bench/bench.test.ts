// Goal: the benchmarks run, compare what they say they compare, and judge as they say. Their figures are looked at by people, never here.
import { expect, test } from 'vitest';
import { byTurns, figureOf, spreadOf, verdictOf } from './bench.ts';
import { answerBench } from './main.ts';
import type { Report } from './report.ts';

test('every bench runs in its smallest size and gives finite ratios', async () => {
  const lines: string[] = [];
  const { out, code } = await answerBench(['--quick', '--json'], (line) => lines.push(line));
  const report = JSON.parse(out) as Report;
  expect(code).toBe(0);
  expect(report.quick).toBe(true);
  expect([...new Set(report.figures.map((figure) => figure.bench))]).toEqual([
    'rates',
    'jobs',
    'ledger',
    'payins',
    'http',
    'notify',
    'lists',
    'poison',
    'growth',
  ]);
  for (const { measure, ratio, subject, baseline } of report.figures)
    for (const value of [ratio.median, subject.median, baseline.median]) expect(value, measure).toBeGreaterThan(0);
  expect(report.tables.length).toBeGreaterThan(1);
  expect(report.machine.postgresql).toMatch(/^\d+\.\d+/);
  expect(lines.length).toBeGreaterThan(10);
}, 120_000);

test('words that no bench knows are answered with those that there are', async () => {
  const tell = (): void => undefined;
  expect(await answerBench(['--only', 'lsits'], tell)).toMatchObject({
    code: 2,
    out: expect.stringContaining('growth'),
  });
  expect(await answerBench(['--fast'], tell)).toMatchObject({ code: 2, out: expect.stringContaining('--quick') });
});

test('a ratio is taken within each round, so that a slow round counts on both sides', () => {
  const named = { bench: 'b', measure: 'm', against: 'a', unit: 'items/s', target: { atLeast: 10 } };
  const pairs = [
    { subject: 100, baseline: 10 },
    { subject: 12, baseline: 1 },
    { subject: 110, baseline: 10 },
  ];
  const figure = figureOf(named, pairs);
  expect(figure.ratio).toEqual({ median: 11, low: 10, high: 12 });
  expect(figure).toMatchObject({ rounds: 3, verdict: 'pass', subject: { median: 100 }, baseline: { median: 10 } });
});

test.each([
  [9.99, { atLeast: 10 }, 'FAIL'],
  [10, { atLeast: 10 }, 'pass'],
  [1.3, { atMost: 1.3 }, 'pass'],
  [1.31, { atMost: 1.3 }, 'FAIL'],
  [NaN, { atMost: 1.3 }, 'FAIL'],
  [5, undefined, 'shown'],
] as const)('a ratio of %d against %o is: %s', (ratio, target, verdict) => {
  expect(verdictOf(ratio, target)).toBe(verdict);
});

test('the median of an even number of rounds is the middle of both', () => {
  expect(spreadOf([4, 1, 3, 2])).toEqual({ median: 2.5, low: 1, high: 4 });
});

test('each round begins with another side, and results stand in the order of the sides', async () => {
  const ran: string[] = [];
  const results = await byTurns(3, ['a', 'b'], (side, round) => (ran.push(side), Promise.resolve(`${side}${round}`)));
  expect(ran.join('')).toBe('abbaab');
  expect(results).toEqual([
    ['a0', 'b0'],
    ['a1', 'b1'],
    ['a2', 'b2'],
  ]);
});
