import { beforeEach, expect, test } from 'vitest';
import { useDatabase } from '../../test/kit/database.ts';
import { hours, plus } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { caseKinds, closeCase, closeCasesOf, findCase, listCases, openCases } from './index.ts';
import type { CaseToOpen } from './index.ts';

const shared = useDatabase();
const at = Date.parse('2015-10-28T08:00:00Z') as Instant;
const about = (subject: string, more: Partial<CaseToOpen> = {}): CaseToOpen => ({
  ...{ merchantId: 'm1', kind: 'customs.repush_without_effect', subjectKind: 'customs_declaration', bucket: 7 },
  ...{ subject, params: { order_no: `order ${subject}` } },
  ...more,
});
const open = (...list: CaseToOpen[]) => shared.db.transaction((tx) => openCases(tx, list, at));
const list = () => listCases(shared.db, { merchants: ['m1'], state: 'open', limit: 100 });

beforeEach(() => shared.db.query('TRUNCATE cases, counters'));

test('one case per kind and subject, however often it is asked for', async () => {
  expect(await open(about('d2'), about('d1'), about('d2', { params: { order_no: 'other words' } }))).toEqual([
    { id: 'C-2', fresh: true },
    { id: 'C-1', fresh: true },
    { id: 'C-2', fresh: true },
  ]);
  expect(await open(about('d3'), about('d1'), about('d1', { kind: 'customs.numbers_differ' }))).toEqual([
    { id: 'C-4', fresh: true },
    { id: 'C-1', fresh: false },
    { id: 'C-3', fresh: true },
  ]);
  expect(await open(about('d1'))).toEqual([{ id: 'C-1', fresh: false }]);
  expect(await open()).toEqual([]);
  expect(await list()).toHaveLength(4);
  expect((await findCase(shared.db, 'C-2'))?.params).toEqual({ order_no: 'order d2' });
  expect(await open(about('d9'))).toEqual([{ id: 'C-5', fresh: true }]);
});

test('lists that open the same cases at once, in any order, agree on them', async () => {
  const subjects = Array.from({ length: 40 }, (_, index) => about(`d${index}`));
  const answers = await Promise.all([open(...subjects), open(...subjects.toReversed()), open(...subjects)]);
  const ids = answers.map((answer) => answer.map((one) => one.id));
  expect(ids[1]!.toReversed()).toEqual(ids[0]);
  expect(ids[2]).toEqual(ids[0]);
  expect(answers.flat().filter((one) => one.fresh)).toHaveLength(40);
  expect(await list()).toHaveLength(40);
});

test('a closed case stays closed, and the same trouble later is a new case', async () => {
  const { db } = shared;
  await open(about('d1'));
  const close = () => db.transaction((tx) => closeCase(tx, 'C-1', plus(at, 5)));
  expect(await close()).toMatchObject({ value: { id: 'C-1', state: 'closed', closedAt: at + 5 } });
  expect(await close()).toMatchObject({ refusal: { code: 'case.already_closed' } });
  expect(await db.transaction((tx) => closeCase(tx, 'C-9', at))).toMatchObject({ refusal: { code: 'case.not_found' } });
  expect(await open(about('d1'))).toEqual([{ id: 'C-2', fresh: true }]);
});

test('evidence closes what it is about and nothing else', async () => {
  await open(
    about('d1'),
    about('d2'),
    about('d1', { kind: 'customs.numbers_differ' }),
    about('d1', { merchantId: 'm2' }),
  );
  const closed = await shared.db.transaction((tx) => closeCasesOf(tx, [about('d1'), about('unknown')], at));
  expect(closed.map((one) => `${one.merchantId} ${one.kind} ${one.subject}`)).toEqual([
    'm1 customs.repush_without_effect d1',
  ]);
  expect(await list()).toHaveLength(2);
});

test('what is due first stands first, and merchants see their own', async () => {
  await open(
    about('d1'),
    about('lane-1', { kind: 'lane.closed', subjectKind: 'lane' }),
    about('d2', { merchantId: 'm2' }),
  );
  const due = (await list()).map((one) => [one.kind, (one.dueAt - at) / hours(1)]);
  expect(due).toEqual([
    ['lane.closed', 1],
    ['customs.repush_without_effect', 8],
  ]);
  expect(await listCases(shared.db, { merchants: 'all', limit: 100 })).toHaveLength(3);
  expect(await listCases(shared.db, { merchants: 'all', kind: 'lane.closed', limit: 100 })).toHaveLength(1);
  expect(await listCases(shared.db, { merchants: 'all', subject: 'd2', limit: 100 })).toHaveLength(1);
});

test('every kind has words in both languages, a term and a sheet', () => {
  for (const [name, kind] of Object.entries(caseKinds)) {
    expect(kind.zh, name).toMatch(/\p{Script=Han}/u);
    expect(kind.en, name).toMatch(/^[A-Z]/);
    expect(kind.dueHours, name).toBeGreaterThan(0);
    expect(kind.runbook, name).toBe(name.replaceAll(/[._]/g, '-'));
  }
});
