import { expect, test } from 'vitest';
import { refusalCodes } from '../platform/refusals.ts';
import { hiddenReasons } from './hidden.texts.ts';

test('every reason that a payer is told is one that a way to pay can be refused with', () => {
  const unknown = hiddenReasons.map(([code]) => code).filter((code) => !refusalCodes.some((known) => known === code));
  expect(unknown).toEqual([]);
});
