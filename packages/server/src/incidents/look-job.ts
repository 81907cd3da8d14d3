import { minutes } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { finishJobs } from '../platform/jobs.ts';
import type { LaneWork } from '../platform/worker.ts';
import { lookOnce } from './look.ts';
import type { IncidentParts } from './look.ts';
import { isAnythingFresh } from './look-store.ts';

const operation = 'incident.look';

/** What is known already is followed at the pace of its samples; a second group is seen as fast as the first one. */
const whileKnownMs = minutes(5);

const nextGrid = (at: Instant, stepMs: number): Instant => ((Math.floor(at / stepMs) + 1) * stepMs) as Instant;
const nextMinute = (at: Instant): Instant => nextGrid(at, minutes(1));

/** Looks at all groups each whole minute as long as something new can show, and every five while all that is wrong is known. */
export function incidentWorks(parts: IncidentParts): LaneWork[] {
  return [
    {
      operation,
      async prepare(lease) {
        const jobs = lease.calls.flatMap((call) => call.jobs);
        if (jobs.length === 0) return [];
        const at = parts.clock.now();
        const look = await lookOnce(parts, at);
        const isFresh = await isAnythingFresh(parts.db, at);
        const next = isFresh ? nextMinute(at) : look.open > 0 ? nextGrid(at, whileKnownMs) : undefined;
        const again = next === undefined ? {} : { againAt: next };
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
