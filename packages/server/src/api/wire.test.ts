import { expect, test } from 'vitest';
import { isKeepable, readCursor, toWire, writeCursor } from './wire.ts';

test('values are written as the API promises: snake_case, offsets, exact integers, data names untouched', () => {
  const at = Date.parse('2015-10-28T08:20:00Z');
  const value = {
    dueAt: at,
    seen: { lastAt: at },
    at,
    minor: 42000n,
    byEvidence: { E0: 1, row_14: 2, 订单号: 'x' },
    gone: undefined,
  };
  expect(toWire(value)).toEqual({
    ...{ due_at: '2015-10-28T16:20:00+08:00', seen: { last_at: '2015-10-28T16:20:00+08:00' } },
    ...{ at: '2015-10-28T16:20:00+08:00', minor: 42000, by_evidence: { E0: 1, row_14: 2, 订单号: 'x' } },
  });
  expect(() => toWire({ minor: 2n ** 60n })).toThrow(/2\^53/);
});

test('a cursor is ours or none', () => {
  const cursor = writeCursor([1446020400000, 'R-1']);
  expect(readCursor(cursor, ['number', 'string'])).toEqual([1446020400000, 'R-1']);
  for (const bad of [
    '',
    'x',
    cursor.slice(2),
    writeCursor(['R-1', 1]),
    writeCursor([1]),
    writeCursor([1e20, 'a']),
    writeCursor([1, '\u0000']),
  ])
    expect(readCursor(bad, ['number', 'string']), bad).toBeUndefined();
});

test('what the database takes is told from what it does not, however deep it lies', () => {
  for (const good of [undefined, null, 1, 'a\n🚛', { a: ['b', { c: 'd' }] }]) expect(isKeepable(good)).toBe(true);
  for (const bad of ['\u0000', '\ud800', ['a', '\u0000'], { a: { b: '\udc00' } }, { '\u0000': 1 }])
    expect(isKeepable(bad)).toBe(false);
});
