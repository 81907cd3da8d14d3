import { performance } from 'node:perf_hooks';
import { days, hours, minutes, plus, rfc3339, shanghaiDate } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { systemActor, writeAudit } from '../identity/index.ts';
import type { AppClock } from '../platform/clock.ts';
import type { Database, Queryable } from '../platform/db.ts';
import type { Ids } from '../platform/ids.ts';
import { enqueue, finishJobs, priorities } from '../platform/jobs.ts';
import type { Lease } from '../platform/jobs.ts';
import { sweepAll } from '../platform/retention-store.ts';
import type { LaneWork } from '../platform/worker.ts';

export type RetentionParts = {
  readonly db: Database;
  readonly clock: AppClock;
  readonly ids: Ids;
  readonly owner: string;
};

const operation = 'retention';
/** There is one such work in an installation; a job needs a subject all the same. */
const subject = '00000000-0000-7000-8000-000000000001';

/** Within a lease's minute, with room for the chunk that is on its way. */
const workMs = 20_000;

/** The next half past three in the morning in Beijing, when ports and channels are quiet. */
function nextNight(at: Instant): Instant {
  const night = plus(Date.parse(`${shanghaiDate(at)}T00:00:00+08:00`) as Instant, hours(3.5));
  return night > at ? night : plus(night, days(1));
}

/** Makes the chore due where it is not yet. A server calls it when it starts. */
export async function wishRetention(db: Queryable, at: Instant): Promise<void> {
  const wish = { bucket: 0, kind: operation, subject, lane: `chores/${operation}` };
  await enqueue(db, [{ ...wish, dueAt: nextNight(at), priority: priorities.bulk }]);
}

/** Once a night: deletes what its terms let go of, for twenty seconds at a time with pauses in which others come first. */
export function retentionWork(parts: RetentionParts): LaneWork {
  return {
    operation,
    async prepare(lease) {
      const jobs = lease.calls.flatMap((call) => call.jobs);
      if (jobs.length === 0) return [];
      const at = parts.clock.now();
      const finished = await sweepFor(workMs, parts, at);
      const againAt = finished ? nextNight(at) : plus(at, minutes(1));
      await finishJobs(
        parts.db,
        parts.owner,
        jobs.map((job) => ({ job, againAt })),
      );
      return [];
    },
    hear: (_lease: Lease) => Promise.resolve(),
  };
}

/** False when time was up before everything was gone. */
async function sweepFor(ms: number, { db, ids }: RetentionParts, at: Instant): Promise<boolean> {
  const begun = performance.now();
  const swept = await sweepAll(db, {
    at,
    goOn: () => performance.now() - begun < ms,
    record: (tx, name, before, deleted) => {
      const detail = { before: rfc3339(before), ...deleted };
      return writeAudit(tx, [{ actor: systemActor, act: 'retention.deleted', subject: name, detail }], { at, ids });
    },
  });
  return swept.finished;
}
