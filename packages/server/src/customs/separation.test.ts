import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseShanghai } from '../kernel/index.ts';
import { readTable } from '../platform/tables/index.ts';
import { readPortList } from './port-list.ts';
import { findSeparation, type SeparationMember } from './separation.ts';

async function realMembers(): Promise<SeparationMember[]> {
  const file = new URL('../../test/fixtures/2015-10-28/port-list-1.txt', import.meta.url);
  const table = await readTable(readFileSync(file), 'port-list-1.txt');
  const list = table.ok ? readPortList(table.value) : table;
  if (!list.ok) throw new Error('refused');
  return list.value.rows.map((row) => ({ ...row, released: row.released === true }));
}

test('in the list of 28 October 2015 it is the hour that separates, perfectly; the carriers do not', async () => {
  const { stuck, released, best, dimensions } = findSeparation(await realMembers());
  expect({ stuck, released }).toEqual({ stuck: 19, released: 6 });
  expect(best).toMatchObject({
    name: 'hour',
    perfect: true,
    exceptions: 0,
    stuckSide: [{ from: '19:45', to: '20:11' }],
    releasedSide: [{ from: '11:12', to: '16:19' }],
  });
  expect(best?.lift).toBeGreaterThan(10);
  expect(dimensions.find(({ name }) => name === 'carrier')).toMatchObject({ perfect: false });
});

type Made = Partial<SeparationMember> & { readonly at: string };
const member = ({ at, ...rest }: Made, index: number): SeparationMember => ({
  orderNo: `${at.replace(/\D/g, '')}${String(index).padStart(11, '0')}`,
  released: false,
  ...rest,
});
/** Seeded, so that a failure can be seen again (Park and Miller, "Random number generators: good ones are hard to find"). */
function randoms(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

const two = (value: number) => String(value).padStart(2, '0');

function crowd(
  count: number,
  isReleased: (hour: number, index: number, random: number) => boolean,
): SeparationMember[] {
  const random = randoms(7);
  return Array.from({ length: count }, (_, index) => {
    const hour = Math.floor(random() * 24);
    const at = `2015-10-27 ${two(hour)}:${two(Math.floor(random() * 60))}`;
    const waybillNo = `${1130 + Math.floor(random() * 8)}${index + 100_000_000}`;
    return member(
      { at, waybillNo, account: index % 3 === 0 ? 'a' : 'b', released: isReleased(hour, index, random()) },
      index,
    );
  });
}

test('a group that was released in the middle of the day is found, with the stuck on both sides of it', () => {
  const { best } = findSeparation(crowd(2000, (hour) => hour >= 11 && hour <= 16));
  expect(best).toMatchObject({ name: 'hour', perfect: true });
  expect(best?.stuckSide.map(({ from, to }) => `${from.slice(0, 2)}-${to.slice(0, 2)}`)).toEqual(['00-10', '17-23']);
  expect(best?.releasedSide.map(({ from, to }) => `${from.slice(0, 2)}-${to.slice(0, 2)}`)).toEqual(['11-16']);
});

test('a few exceptions do not hide the hour, and they are counted', () => {
  const { best } = findSeparation(crowd(34_000, (hour, _index, random) => (random < 0.01 ? hour >= 12 : hour < 12)));
  expect(best).toMatchObject({ name: 'hour', perfect: false });
  expect(best?.exceptions).toBeGreaterThan(200);
  expect(best?.exceptions).toBeLessThan(500);
});

test('another dimension wins when it is the one that separates', () => {
  expect(findSeparation(crowd(300, (_hour, index) => index % 3 === 0)).best).toMatchObject({
    name: 'account',
    perfect: true,
    stuckSide: [{ from: 'b', to: 'b' }],
    releasedSide: [{ from: 'a', to: 'a' }],
  });
  const bySplit = crowd(300, () => false).map((one, index) => ({
    ...one,
    isSplit: index % 7 < 2,
    released: index % 7 >= 2,
  }));
  expect(findSeparation(bySplit).best?.name).toBe('split');
});

const own = (field: 'account' | 'place') =>
  crowd(40, (_hour, _index, random) => random < 0.5).map((one, index) => ({ ...one, [field]: `own${index}` }));
const smallAccount = (one: SeparationMember, index: number): SeparationMember =>
  index % 20 === 0 ? { ...one, account: 'small', released: false } : { ...one, account: 'large' };

test('what only few orders have is no dimension', () => {
  const members = crowd(100, (_hour, index) => index % 2 === 0).map((one, index) => ({
    ...one,
    account: index < 30 ? (one.released ? 'a' : 'b') : undefined,
  }));
  expect(findSeparation(members).dimensions.map(({ name }) => name)).not.toContain('account');
});

test.each([
  ['chance decides', crowd(34_000, (_hour, _index, random) => random < 0.5)],
  ['chance decides and few are stuck', crowd(34_000, (_hour, _index, random) => random < 0.999)],
  ['chance decides in a short list', crowd(30, (_hour, _index, random) => random < 0.5)],
  ['every order has an account of its own', own('account')],
  ['a small account is stuck more often', crowd(4000, (_hour, _index, random) => random < 0.5).map(smallAccount)],
  [
    'only noon leaves the port, and one in ten of it',
    crowd(4000, (hour, _index, random) => hour === 12 && random < 0.1),
  ],
  ['all are stuck', crowd(50, () => false)],
  ['all are released', crowd(50, () => true)],
  ['two orders prove nothing', crowd(2, (_hour, index) => index === 0)],
  ['there is nobody', []],
])('nothing separates when %s', (_why, members) => {
  expect(findSeparation(members).best).toBeUndefined();
});

test('over several days the hour is a place on the time line, with its date', () => {
  const members = crowd(600, () => false).map((one, index) => {
    const orderNo = index % 2 === 0 ? one.orderNo : one.orderNo.replace('20151027', '20151028');
    return { ...one, orderNo, released: orderNo < '2015102717' };
  });
  expect(findSeparation(members).best).toMatchObject({ name: 'hour', perfect: true });
  expect(findSeparation(members).best?.stuckSide[0]?.from).toMatch(/^2015-10-27 17:/);
});

test('numbers that count on behind the date tell no hour: the time of acceptance does', () => {
  const members = Array.from({ length: 60 }, (_, index) => ({
    orderNo: `20151027${two(index)}${two(index)}0000`,
    released: index % 2 === 0,
    acceptedAt: parseShanghai(`2015-10-27 ${index % 2 === 0 ? '09' : '21'}:30:00`),
  }));
  expect(findSeparation(members).best).toMatchObject({
    name: 'hour',
    perfect: true,
    stuckSide: [{ from: '21:30', to: '21:30' }],
  });
});

test('any members give ranked lifts and counts that add up', () => {
  const one = fc.record({
    orderNo: fc.oneof(fc.string(), fc.constantFrom('201510271546321', '201510272007101')),
    released: fc.boolean(),
    waybillNo: fc.option(fc.string(), { nil: undefined }),
    place: fc.option(fc.constantFrom('ZONGSHU', 'zongshu', 'HENAN'), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 40 }), (members) => {
      const { stuck, released, dimensions } = findSeparation(members);
      expect(stuck + released).toBe(members.length);
      const lifts = dimensions.map(({ lift }) => lift);
      expect(lifts).toEqual([...lifts].sort((a, b) => b - a));
      for (const { exceptions, perfect, gap } of dimensions) {
        expect(perfect).toBe(exceptions === 0);
        expect(gap).toBeLessThanOrEqual(1 + 1e-9);
      }
    }),
  );
});
