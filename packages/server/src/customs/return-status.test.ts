import { expect, test } from 'vitest';
import { meaningOf } from './return-status.ts';

test.each([
  ['2', 'at_eport', 2],
  ['3', 'to_customs', 3],
  ['4', 'hop_failed', 0],
  ['100', 'refused', 0],
  ['120', 'stored', 4],
  ['399', 'settled', 5],
  ['599', 'seized', 4],
  ['800', 'released', 5],
  ['-401007', 'present', 2],
  ['－401008', 'present', 3],
  ['-401004', 'absent', 0],
  ['-401011', 'retry', 0],
  ['-10102', 'registration', 0],
  ['-505017', 'exception', 0],
  ['SUCC', 'at_eport', 2],
  ['fail', 'refused', 0],
  ['777', 'unknown', 0],
  ['toString', 'unknown', 0],
  ['', 'unknown', 0],
])('the status %s is %s and proves rank %i', (status, name, rank) => {
  expect(meaningOf(status)).toEqual({ class: name, rank });
});

test('the ladder rises: e-port, passed on, stored, settled', () => {
  const ranks = ['777', '1', '2', '3', '120', '399'].map((status) => meaningOf(status).rank);
  expect(ranks).toEqual([...ranks].sort((one, other) => one - other));
  expect(new Set(ranks).size).toBe(ranks.length);
});
