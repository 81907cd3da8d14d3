import type { Instant } from '../kernel/index.ts';
import { timestamp } from './db.ts';
import type { Queryable } from './db.ts';

const failuresUntilClosed = 5;

export type LaneChange = 'closed' | 'opened';

/**
 * What a lane learns from its calls: a run of failures closes it, for longer each time; one answer opens it.
 * A closed lane's jobs stay due and lose nothing. Returns what changed for those who watch the lane.
 */
export async function learn(
  tx: Queryable,
  lane: string,
  result: { readonly failed: number; readonly answered: number },
  at: Instant,
): Promise<LaneChange | undefined> {
  if (result.answered > 0) {
    const [opened] = await tx.query<{ was_closed: boolean }>(
      `update lanes l set failures = 0, closed_until = null
       from (select id, failures from lanes where id = $1 and failures > 0 for update) old where l.id = old.id
       returning old.failures >= $2 as was_closed`,
      [lane, failuresUntilClosed],
    );
    return opened?.was_closed ? 'opened' : undefined;
  }
  if (result.failed === 0) return undefined;
  const [closed] = await tx.query<{ is_closed: boolean }>(
    `update lanes set failures = failures + $2, closed_until = case when failures + $2 < $3 then closed_until
       else $4::timestamptz + make_interval(secs => least(600, 15 * power(2, least(10, floor((failures + $2) / $3::float8))))) end
     where id = $1 returning failures >= $3 as is_closed`,
    [lane, result.failed, failuresUntilClosed, timestamp(at)],
  );
  return closed?.is_closed ? 'closed' : undefined;
}

const doublingsMax = 6;

/** How often the gap of a lane is doubled at a moment: each minute without another such answer takes one back. */
const doublingsAt = (moment: string): string =>
  `greatest(0, slowed - floor(extract(epoch from (${moment}::timestamptz - slowed_at)) / 60))`;

/** SQL: the calls a second that a lane makes at a moment, slowed as it is then. */
export const paceAt = (moment: string): string => `(calls_per_second / power(2, ${doublingsAt(moment)})::float8)`;

/**
 * The channel answered that it is asked too often: the gap doubles. Answers to what was sent before it last did say nothing new.
 * @param sentAt when the call left that was answered so.
 */
export async function slowDown(tx: Queryable, lane: string, sentAt: Instant, at: Instant): Promise<void> {
  await tx.query(
    `update lanes set slowed = least($4, ${doublingsAt('$3')} + 1), slowed_at = $3
     where id = $1 and (slowed_at is null or slowed_at < $2)`,
    [lane, timestamp(sentAt), timestamp(at), doublingsMax],
  );
}
