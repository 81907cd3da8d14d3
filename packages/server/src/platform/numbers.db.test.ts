import { expect, test } from 'vitest';
import { useDatabase } from '../../test/kit/database.ts';
import { findNumbers, indexNumbers, normalForm } from './numbers.ts';

const own = useDatabase();
const record = (number: number): string => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`;

test('what people paste is compared by what it means', () => {
  const same = [
    'ls0012ab',
    ' LS0012AB ',
    '"LS0012AB"',
    'ＬＳ００１２ＡＢ',
    '|LS0012AB|',
    "'LS0012AB",
    'LS00\t12AB',
    'LS0012AB，',
    '\ufeffLS0012AB\u200b',
  ];
  expect(new Set(same.map(normalForm))).toEqual(new Set(['LS0012AB']));
  expect(normalForm('LS-0012_AB')).toBe('LS-0012_AB');
});

test('a number leads to every record that carries it, of the merchants that are asked for', async () => {
  const row = (number: number, merchantId: string, kind: string, text: string) => ({
    bucket: number,
    merchantId,
    number: text,
    kind,
    record: record(number),
  });
  const rows = [
    row(1, 'a', 'order', 'x100'),
    row(2, 'a', 'trade', 'X100'),
    row(3, 'b', 'order', 'X100'),
    row(4, 'a', 'order', ' " '),
  ];
  await indexNumbers(own.db, rows);
  await indexNumbers(own.db, rows.toReversed());
  expect(await findNumbers(own.db, ['a'], ['ｘ１００'])).toEqual([
    { number: 'X100', merchantId: 'a', bucket: 1, kind: 'order', record: record(1) },
    { number: 'X100', merchantId: 'a', bucket: 2, kind: 'trade', record: record(2) },
  ]);
  expect(await findNumbers(own.db, ['a', 'b'], ['x100'])).toHaveLength(3);
  expect(await findNumbers(own.db, ['a', 'b'], ['', 'y'])).toEqual([]);
  const [all] = await own.db.query('select count(*)::int4 as n from numbers');
  expect(all).toEqual({ n: 3 });
});
