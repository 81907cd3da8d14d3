import { minutes } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { finishJobs } from '../platform/jobs.ts';
import type { LaneWork } from '../platform/worker.ts';
import { lookOnce } from './look.ts';
import type { IncidentParts } from './look.ts';
import { isAnythingFresh } from './look-store.ts';

const operation = 'incident.look';

const nextMinute = (at: Instant): Instant => ((Math.floor(at / minutes(1)) + 1) * minutes(1)) as Instant;

/** Looks at all groups each whole minute, as long as there is something to see. Whoever brings fresh declarations wishes the first look. */
export function incidentWorks(parts: IncidentParts): LaneWork[] {
  return [
    {
      operation,
      async prepare(lease) {
        const jobs = lease.calls.flatMap((call) => call.jobs);
        if (jobs.length === 0) return [];
        const at = parts.clock.now();
        const look = await lookOnce(parts, at);
        const goesOn = look.open > 0 || (await isAnythingFresh(parts.db, at));
        const again = goesOn ? { againAt: nextMinute(at) } : {};
        await finishJobs(
          parts.db,
          parts.owner,
          jobs.map((job) => ({ job, ...again })),
        );
        return [];
      },
      hear: () => Promise.resolve(),
    },
  ];
}
