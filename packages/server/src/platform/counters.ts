import { assert } from '../kernel/index.ts';
import type { Queryable } from './db.ts';

/**
 * The next `count` numbers people read aloud (A-1, C-1042), rising from 1. The counter's row stays locked until the transaction ends, so
 * two transactions never get the same number; one that rolls back gives its numbers back.
 */
export async function nextNumbers(tx: Queryable, name: string, count: number): Promise<readonly number[]> {
  assert(Number.isInteger(count) && count >= 0, `cannot draw ${count} numbers`);
  if (count === 0) return [];
  const [row] = await tx.query<{ value: bigint }>(
    `INSERT INTO counters (name, value) VALUES ($1, $2)
     ON CONFLICT (name) DO UPDATE SET value = counters.value + excluded.value RETURNING value`,
    [name, count],
  );
  assert(row, `counter ${name} gave no number`);
  const first = Number(row.value) - count + 1;
  return Array.from({ length: count }, (_, index) => first + index);
}
