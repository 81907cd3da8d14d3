import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { inDoubt, minutes, parseShanghai, plus } from '../kernel/index.ts';
import type { BusinessDate, Instant } from '../kernel/index.ts';
import type { AskReading, StatementRules } from '../channels/contract/index.ts';
import { dayAfter, daysToPlan, isDay, kindsOf, lateAt, readyAt } from './days.ts';
import { dayStates, hearAnswer } from './statement.ts';
import type { DayState, StatementDay } from './statement.ts';

const rules: StatementRules = {
  kinds: {},
  ...{ readyAfterMinutes: 600, lateAfterMinutes: 720, retryMinutes: 30, daysBack: 90, addressMinutes: 5 },
  emptyAgainMinutes: [120, 1440],
};
const at = (text: string): Instant => parseShanghai(text) as Instant;
const day = (text: string): BusinessDate => text as BusinessDate;

const words: Readonly<Record<string, AskReading['outcome']>> = {
  address: { kind: 'succeeded', facts: { found: true, address: { url: 'u', digest: 'd' } } },
  nothing: { kind: 'succeeded', facts: { found: false, words: '' } },
  not_ready: { kind: 'accepted', facts: { found: false, words: '' } },
  refused: { kind: 'rejected', code: '403 NO_AUTH', text: 'no permission' },
  doubt: inDoubt('html'),
};

/** At ten the file is due, at noon it is late. `again`: minutes, or never. */
const table = `
  from      at     fails empties  heard      becomes   fails empties again
  due       10:00  0     0        address    waiting   0     0       never
  due       10:00  0     0        nothing    empty     0     1       120
  due       10:00  0     0        not_ready  waiting   0     0       30
  waiting   12:00  0     0        not_ready  waiting   0     0       240
  due       10:00  0     0        refused    refused   1     0       1
  refused   10:01  1     0        refused    refused   2     0       2
  refused   11:00  9     0        refused    refused   10    0       30
  refused   13:00  9     0        address    waiting   9     0       never
  due       10:00  0     0        doubt      waiting   1     0       1
  waiting   12:30  3     0        doubt      waiting   4     0       240
  empty     12:00  0     1        nothing    empty     0     2       1320
  empty     10:07  0     9        nothing    empty     0     10      113
  empty     34:00  0     2        nothing    empty     0     3       never
  empty     12:00  0     1        doubt      empty     1     1       240
  empty     12:00  0     1        address    empty     0     1       never
  received  12:00  0     0        nothing    received  0     1       never
  received  12:00  0     0        refused    received  1     0       never
  received  12:00  0     0        not_ready  received  0     0       never
`;

const rows = table
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.trim().split(/\s+/));

test.each(rows)('%s at %s after %s failures and %s words of emptiness, told %s, becomes %s', (...row) => {
  const [from = '', time = '', fails, empties, heard = '', becomes, failsThen, emptiesThen, again] = row;
  const moment = plus(at('2026-12-02 00:00:00'), minutes(Number(time.slice(0, 2)) * 60 + Number(time.slice(3))));
  const one: StatementDay = {
    ...{ bucket: 1, id: 'x', accountId: 'A1', merchantId: 'm', kind: 'trade', day: day('2026-12-01'), why: '' },
    ...{ readyAt: readyAt(day('2026-12-01'), rules), lateAt: lateAt(day('2026-12-01'), rules) },
    ...{ state: from as DayState, askedAt: undefined, statementId: undefined },
    ...{ failures: Number(fails), empties: Number(empties) },
  };
  const { state, failures, empties: words2, againAt } = hearAnswer(one, rules, words[heard] ?? inDoubt(''), moment);
  const pause = againAt === undefined ? 'never' : String((againAt - moment) / minutes(1));
  expect([state, failures, words2, pause]).toEqual([becomes, Number(failsThen), Number(emptiesThen), again]);
});

test('a word of emptiness about a day on which we took money is doubt, and unmakes what was empty', () => {
  const moment = at('2026-12-02 10:00:00');
  const one = (state: DayState): StatementDay => ({
    ...{ bucket: 1, id: 'x', accountId: 'A1', merchantId: 'm', kind: 'trade', day: day('2026-12-01'), why: '', state },
    ...{ readyAt: moment, lateAt: at('2026-12-02 12:00:00'), askedAt: undefined, statementId: undefined },
    ...{ failures: 0, empties: 1 },
  });
  const hear = (state: DayState, heard: string) =>
    hearAnswer(one(state), rules, words[heard] ?? inDoubt(''), moment, 'we took money');
  for (const state of ['due', 'empty'] as const)
    expect(hear(state, 'nothing')).toMatchObject({
      state: 'waiting',
      failures: 1,
      empties: 1,
      againAt: moment + minutes(1),
    });
  expect(hear('received', 'nothing').state).toBe('received');
  expect(hear('due', 'address')).toMatchObject({ state: 'waiting', failures: 0 });
});

test('the states in the table of days are those of the program', () => {
  const sql = readFileSync(`${import.meta.dirname}/../../migrations/0016_statements.sql`, 'utf8');
  const [, list = ''] = /state text not null check \(state in \(([^)]*)\)\)/.exec(sql) ?? [];
  expect(list.split(', ')).toEqual(dayStates.map((state) => `'${state}'`));
});

test('every day that is missing is planned, from the first that is there, never from before the account, nor beyond what the channel gives', () => {
  const plan = (created: string, there: string, now: string) => {
    const [first, ...more] = there.split(' ').map(day);
    const planned = first === undefined || there === '' ? undefined : { first, days: [first, ...more] };
    const account = { createdAt: at(`${created} 09:00:00`), planned };
    const days = daysToPlan(rules, account, at(`${now} 00:05:00`));
    return days.length > 3 ? `${days[0]} … ${days.at(-1)}: ${days.length}` : days.join(' ');
  };
  expect(plan('2026-11-01', '', '2026-12-02')).toBe('2026-12-01');
  expect(plan('2026-12-02', '', '2026-12-02')).toBe('');
  expect(plan('2026-12-01', '', '2026-12-02')).toBe('2026-12-01');
  expect(plan('2026-11-01', '2026-12-01', '2026-12-02')).toBe('');
  expect(plan('2026-11-01', '2026-11-29', '2026-12-02')).toBe('2026-11-30 2026-12-01');
  expect(plan('2026-11-01', '2026-11-28 2026-12-01', '2026-12-02')).toBe('2026-11-29 2026-11-30');
  expect(plan('2026-11-30', '2026-11-28 2026-12-01', '2026-12-02')).toBe('2026-11-30');
  expect(plan('2025-01-01', '2026-01-31', '2026-12-02')).toBe('2026-09-03 … 2026-12-01: 90');
  expect(dayAfter(day('2028-02-28'))).toBe('2028-02-29');
});

test('a day is one that the calendar has and the database too', () => {
  const days = ['2026-12-01', '2028-02-29', '2026-02-29', '0000-01-01', '0001-01-01', '2026-1-1'];
  expect(days.filter(isDay)).toEqual(['2026-12-01', '2028-02-29', '0001-01-01']);
});

test('an account has the kinds of files that its settings leave open', () => {
  const kind = { nameZh: 'x', nameEn: 'x', view: 'trade', isRead: true, isDaily: true } as const;
  const kinds = { a: kind, b: { ...kind, closedBy: [{ setting: 'sub' }] } };
  const connector = { manifest: { statement: { ...rules, kinds } } } as unknown as Parameters<typeof kindsOf>[0];
  const names = (settings: Readonly<Record<string, string>>) => kindsOf(connector, settings).map(([name]) => name);
  expect(names({})).toEqual(['a', 'b']);
  expect(names({ sub: '19' })).toEqual(['a']);
  expect(names({ sub: '' })).toEqual(['a', 'b']);
});
