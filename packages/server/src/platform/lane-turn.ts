import type { Instant } from '../kernel/index.ts';
import { timestamp } from './db.ts';
import type { Queryable } from './db.ts';
import { paceAt } from './lane-health.ts';

/**
 * One call that a person waits for and no job makes: it takes its turn in the lane's pace like every other.
 * Undefined when the lane is paused, closed or not there: then nothing may be sent.
 */
export async function takeTurn(db: Queryable, lane: string, at: Instant): Promise<Instant | undefined> {
  const [row] = await db.query<{ turn: Instant }>(
    `update lanes set next_free_at = greatest(next_free_at, $2) + make_interval(secs => 1 / ${paceAt('$2')})
     where id = $1 and paused_at is null and (closed_until is null or closed_until <= $2)
     returning next_free_at - make_interval(secs => 1 / ${paceAt('$2')}) as turn`,
    [lane, timestamp(at)],
  );
  return row?.turn;
}
