import type { Instant } from '../kernel/index.ts';
import { timestamp } from '../platform/db.ts';
import type { Queryable } from '../platform/db.ts';

export type LoggedEvent = {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly body: string;
  /** When it happened, or when somebody had it sent again. */
  readonly at: Instant;
  readonly isAgain: boolean;
};

export type EventsOf = {
  readonly merchants: readonly string[] | 'all';
  /** Undefined: every type. */
  readonly types: readonly string[] | undefined;
};

/** What was told since then, and what was sent again since then by hand, oldest first. A delivery begun anew has a later `since`. */
export async function readEventsSince(
  db: Queryable,
  { merchants, types }: EventsOf,
  since: Instant,
): Promise<readonly LoggedEvent[]> {
  return db.query<LoggedEvent>(
    `with told as (
       select id, type, subject, body, at, false as again, merchant_id from webhook_events where at >= $1
       union select e.id, e.type, e.subject, e.body, d.since, true, e.merchant_id
         from webhook_deliveries d join webhook_events e on e.id = d.event_id where d.since >= $1 and d.since > e.at)
     select id, type, subject, body, at, again as "isAgain" from told
     where ($2::text[] is null or merchant_id = any($2)) and ($3::text[] is null or type = any($3))
     order by at, id`,
    [timestamp(since), merchants === 'all' ? null : merchants, types ?? null],
  );
}
