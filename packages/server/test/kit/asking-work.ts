import { plus, seconds } from '../../src/kernel/index.ts';
import type { AppClock } from '../../src/platform/clock.ts';
import type { Database } from '../../src/platform/db.ts';
import { recordEnds, recordStarts } from '../../src/platform/exchanges.ts';
import type { Ids } from '../../src/platform/ids.ts';
import { finishJobs } from '../../src/platform/jobs.ts';
import type { Lease } from '../../src/platform/jobs.ts';
import type { Keyring } from '../../src/platform/keys.ts';
import type { HeardCall, LaneWork, PreparedCall } from '../../src/platform/worker.ts';

export type Heard = readonly HeardCall[];

type Side = {
  readonly db: Database;
  readonly clock: AppClock;
  readonly keyring: Keyring;
  readonly ids: Ids;
  /** Where the other side listens on this machine. */
  readonly port: number;
};

/** The smallest work that keeps the rules: one call for each job, the row before the call, the end with the answer. */
export function askingWork(
  { db, clock, keyring, ids, port }: Side,
  more: Partial<LaneWork>,
): { readonly work: LaneWork; readonly heard: Heard[] } {
  const heard: Heard[] = [];
  const made: LaneWork = {
    operation: 'ask',
    async prepare(lease: Lease) {
      const calls = lease.calls.flatMap(({ at, jobs }) => jobs.map((job) => ({ at, job, exchangeId: ids.next() })));
      const prepared = calls.map(({ at, job, exchangeId }): PreparedCall => {
        const url = `http://127.0.0.1:${port}/${Number(job.subject.slice(-12))}`;
        const request = { method: 'POST' as const, url, headers: {}, body: Buffer.from('n=1') };
        const limits = { timeoutMs: 5000, answerBytesMax: 1000 };
        return { exchangeId, bucket: job.bucket, at, request, limits, jobs: [job], context: undefined };
      });
      const starts = prepared.map(({ exchangeId, bucket, request, jobs }) => ({
        ...{ bucket, id: exchangeId, accountId: 'A-1', operation: 'ask', worker: lease.owner, createdAt: clock.now() },
        ...{ sendBefore: plus(clock.now(), seconds(10)), request },
        subjects: jobs.map((job) => ({ bucket, id: job.subject, try: job.tries })),
      }));
      await db.transaction((tx) => recordStarts(tx, keyring, starts));
      return prepared;
    },
    async hear(lease, calls) {
      heard.push(calls);
      await db.transaction(async (tx) => {
        const ends = calls.map(({ bucket, exchangeId, sent, heardAt }) => ({
          bucket,
          id: exchangeId,
          sent,
          heardAt,
          reading: {},
        }));
        await recordEnds(tx, keyring, ends);
        await finishJobs(
          tx,
          lease.owner,
          calls.flatMap((call) => call.jobs.map((job) => ({ job }))),
        );
      });
    },
    ...more,
  };
  return { work: made, heard };
}
