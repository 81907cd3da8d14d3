import { assert, composeSerialNo, shanghaiDate } from '../kernel/index.ts';
import type { Instant, SerialNo } from '../kernel/index.ts';
import { kept } from './db.ts';
import type { Database, Queryable, Tx } from './db.ts';
import { commitAtLeisure, insertRows } from './sql.ts';

/** The life of this database: part of every serial number, so that a restored copy never repeats one that was sent (architecture rule 9). */
export async function readEpoch(db: Queryable): Promise<number> {
  const [row] = await db.query<{ epoch: number }>(kept('select epoch from installation'));
  assert(row, 'serial numbers are drawn only after the installation has its birth mark');
  return row.epoch;
}

const columns = { bucket: 'int2', epoch: 'int2', day: 'date', next: 'int4' } as const;

/**
 * One new serial number per bucket named, in the order of the list; a bucket named twice gets two. Draws of one bucket wait for each
 * other until the transaction ends, so nobody else gets the same number; one that rolls back gives its numbers back.
 * @param at the day of the number is Beijing's (`yymmdd`); each day of an epoch counts from 1 in every bucket.
 */
export function nextSerials(
  tx: Tx,
  at: Instant,
  epoch: number,
  buckets: readonly number[],
): Promise<readonly SerialNo[]> {
  return draw(tx, at, epoch, buckets, '');
}

/**
 * The same outside of a transaction, for what is committed later: numbers that nobody comes to use are gaps. They are as safe as the first
 * commit that uses them.
 */
export async function drawSerials(db: Database, at: Instant, buckets: readonly number[]): Promise<readonly SerialNo[]> {
  return draw(db, at, await readEpoch(db), buckets, `where ${commitAtLeisure}`);
}

async function draw(
  db: Queryable,
  at: Instant,
  epoch: number,
  buckets: readonly number[],
  condition: string,
): Promise<readonly SerialNo[]> {
  const counts = new Map<number, number>();
  for (const bucket of buckets) counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  const rows = [...counts]
    .sort(([a], [b]) => a - b)
    .map(([bucket, count]) => ({ bucket, epoch, day: shanghaiDate(at), next: count + 1 }));
  const drawn = await insertRows<typeof columns, { bucket: number; next: number }>(
    db,
    'serial_sequences',
    columns,
    rows,
    `${condition} on conflict (bucket, epoch, day) do update set next = serial_sequences.next + excluded.next - 1
     returning bucket, next`,
  );
  const free = new Map(drawn.map(({ bucket, next }) => [bucket, next - (counts.get(bucket) ?? 0)]));
  return buckets.map((bucket) => {
    const sequence = free.get(bucket);
    assert(sequence !== undefined, `no serial number was drawn for bucket ${bucket}`);
    free.set(bucket, sequence + 1);
    return composeSerialNo(at, epoch, bucket, sequence);
  });
}
