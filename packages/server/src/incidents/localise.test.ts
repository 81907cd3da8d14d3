import { expect, test } from 'vitest';
import { localise, quietNeighbours } from './localise.ts';
import type { Cell } from './localise.ts';

/** `alipay/ZONGSHU!30`: red, 30 declarations in its window. */
const cellsOf = (text: string): Cell[] =>
  text.split(' ').map((word) => {
    const [, channel = '', place = '', red, of = ''] = /^(\w+)\/(\w+)([!.])(\d+)$/.exec(word) ?? [];
    return { channel, place, red: red === '!', of: Number(of), hits: red === '!' ? Number(of) : 0 };
  });

const table = `
  a/P!30 a/Q!30 b/P.30  channel
  a/P!30 a/Q.30 b/P!30  port
  a/P!30 a/Q.30 b/P.30  cell
  a/P!30 a/Q!30 b/P!30  us
  a/P!30 b/Q!30         us
  a/P!30                alone
  a/P!30 b/P.3          alone
  a/P!30 b/P.30         cell
  a/P!30 a/Q.30         cell
`;
test.each(
  table
    .trim()
    .split('\n')
    .map((line) => /^(.*\d)\s+(\w+)$/.exec(line.trim())?.slice(1) ?? []),
)('%s points at %s', (cells = '', blame = '') => {
  expect(localise(cellsOf(cells), { channel: 'a', place: 'P' }).blame).toBe(blame);
});

test('the neighbours of a cell share its channel or its place', () => {
  const found = localise(cellsOf('a/P!30 a/Q.20 b/P.40 b/Q.90 a/R.3'), { channel: 'a', place: 'P' });
  expect(quietNeighbours(found, { channel: 'a', place: 'P' }).map(({ channel, place }) => channel + place)).toEqual([
    'bP',
    'aQ',
  ]);
});
