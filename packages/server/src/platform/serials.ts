import { assert, composeSerialNo, shanghaiDate } from '../kernel/index.ts';
import type { Instant, SerialNo } from '../kernel/index.ts';
import { kept } from './db.ts';
import type { Database, Queryable, Tx } from './db.ts';
import { commitAtLeisure, unnest } from './sql.ts';

const columns = { bucket: 'int2', day: 'date', next: 'int4' } as const;
const noRows = unnest(columns, []);

/** The epoch is the life of this database: part of every serial number, so that a restored copy never repeats one that was sent (architecture rule 9). */
const drawText = (condition: string): string =>
  kept(`insert into serial_sequences (bucket, epoch, day, next)
    select t.bucket, i.epoch, t.day, t.next from ${noRows.sql} cross join installation i where ${condition}
    on conflict (bucket, epoch, day) do update set next = serial_sequences.next + excluded.next - 1
    returning bucket, epoch, next`);

const drawNow = drawText('true');
const drawAtLeisure = drawText(commitAtLeisure);

/**
 * One new serial number per bucket named, in the order of the list; a bucket named twice gets two. Draws of one bucket wait for each
 * other until the transaction ends, so nobody else gets the same number; one that rolls back gives its numbers back.
 * @param at the day of the number is Beijing's (`yymmdd`); each day of an epoch counts from 1 in every bucket.
 */
export function nextSerials(tx: Tx, at: Instant, buckets: readonly number[]): Promise<readonly SerialNo[]> {
  return draw(tx, at, buckets, drawNow);
}

/**
 * The same outside of a transaction, for what is committed later: numbers that nobody comes to use are gaps. They are as safe as the first
 * commit that uses them.
 */
export function drawSerials(db: Database, at: Instant, buckets: readonly number[]): Promise<readonly SerialNo[]> {
  return draw(db, at, buckets, drawAtLeisure);
}

async function draw(
  db: Queryable,
  at: Instant,
  buckets: readonly number[],
  text: string,
): Promise<readonly SerialNo[]> {
  if (buckets.length === 0) return [];
  const counts = new Map<number, number>();
  for (const bucket of buckets) counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  const day = shanghaiDate(at);
  const rows = [...counts].sort(([a], [b]) => a - b).map(([bucket, count]) => ({ bucket, day, next: count + 1 }));
  type Drawn = { bucket: number; epoch: number; next: number };
  const drawn = await db.query<Drawn>(text, unnest(columns, rows).values);
  const free = new Map(
    drawn.map(({ bucket, epoch, next }) => [bucket, { epoch, sequence: next - (counts.get(bucket) ?? 0) }]),
  );
  return buckets.map((bucket) => {
    const own = free.get(bucket);
    assert(own, 'serial numbers are drawn only after the installation has its birth mark');
    const { epoch, sequence } = own;
    free.set(bucket, { epoch, sequence: sequence + 1 });
    return composeSerialNo(at, epoch, bucket, sequence);
  });
}
