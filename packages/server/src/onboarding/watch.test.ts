import { expect, test } from 'vitest';
import { days, parseShanghai, plus } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import type { Step } from './walk.ts';
import { licencePaper, stageOf, warningsOf } from './watch.ts';

const at = parseShanghai('2026-12-01 08:30:00') as Instant;

test.each([
  [90, undefined],
  [60.5, undefined],
  [60, 60],
  [31, 60],
  [30, 30],
  [7, 7],
  [0.5, 7],
  [0, 0],
  [-400, 0],
])('what ends in %s days is in stage %s', (left, stage) => {
  expect(stageOf(plus(at, days(left)), at)).toBe(stage);
});

test('a paper is warned of by name, day and stage, and a licence holds to the end of its last day', () => {
  const papers = [
    ...licencePaper('2026-12-01'),
    ...licencePaper(undefined),
    { name: 'key', endsAt: plus(at, days(40)) },
  ];
  expect(warningsOf('A3', papers, [], at)).toEqual([
    {
      ...{ kind: 'account.paper_ends', subject: 'A3 licence 2026-12-01 -7' },
      params: { account: 'A3', paper: 'licence', ends_on: '2026-12-01', within_days: 7 },
    },
    {
      ...{ kind: 'account.paper_ends', subject: 'A3 key 2027-01-10 -60' },
      params: { account: 'A3', paper: 'key', ends_on: '2027-01-10', within_days: 60 },
    },
  ]);
});

test('only an application whose day has passed is warned of', () => {
  const step = { key: 'statements', expectedOn: '2026-11-30', contact: 'Li' } as Step;
  expect(warningsOf('A3', [], [step], at)).toEqual([]);
  expect(warningsOf('A3', [], [{ ...step, isLate: true }], at)).toEqual([
    {
      ...{ kind: 'account.application_late', subject: 'A3 statements 2026-11-30' },
      params: { account: 'A3', step: 'statements', expected_on: '2026-11-30', contact: 'Li' },
    },
  ]);
});
