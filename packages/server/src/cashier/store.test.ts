// Goal: a look reads the rows of its own attempts, and not those of a whole bucket.
import { expect, test } from 'vitest';
import type { Queryable } from '../platform/db.ts';
import { readHeard } from './store.ts';

function listening() {
  const asked: unknown[] = [];
  const query = (statement: unknown, values: unknown): Promise<never[]> => {
    asked.push([JSON.stringify(statement), values]);
    return Promise.resolve([]);
  };
  return { asked, db: { query } as unknown as Queryable };
}

test('what was heard is asked for by attempt, which is what the indexes know', async () => {
  const { asked, db } = listening();
  await readHeard(db, 7, { open: ['a', 'b'], closing: ['b'] });
  expect(asked).toEqual([
    [expect.stringContaining('subject = any($2)'), [7, ['b']]],
    [expect.stringContaining('subject = any($2)'), [7, ['a', 'b']]],
  ]);
});

test('an order with nothing open is not asked about', async () => {
  const { asked, db } = listening();
  await readHeard(db, 7, { open: [], closing: [] });
  expect(asked).toEqual([]);
});
