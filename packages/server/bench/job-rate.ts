import { plus } from '../src/kernel/index.ts';
import type { Instant } from '../src/kernel/index.ts';
import { timestamp } from '../src/platform/db.ts';
import { enqueue, finishJobs, leaseLane, priorities } from '../src/platform/jobs.ts';
import { byTurns, figureOf, secondsOf, shortText } from './bench.ts';
import type { Bench, BenchContext, BenchResult } from './bench.ts';
import type { BenchWorld } from './server.ts';

/** What pace, gaps, priorities and lost leases cost: our jobs against the barest queue that the same database can be. */
export const jobRate: Bench = {
  name: 'jobs',
  says: 'jobs leased and finished a second, against a bare UPDATE … RETURNING',
  run,
};

const kept = { atLeast: 0.2 };

/** Works `count` jobs of a filled queue in batches, two transactions each: one takes them, one ends them. */
type Queue = {
  readonly fill: (count: number) => Promise<void>;
  readonly work: (count: number, batch: number) => Promise<void>;
};

async function run({ quick, server, tell }: BenchContext): Promise<BenchResult> {
  const batches = quick ? [10] : [10, 100, 1000];
  const rounds = quick ? 1 : 5;
  /** Due besides those that are worked. */
  const waiting = quick ? 50 : 2000;
  const world = await (await server()).openWorld();
  try {
    const queues = { ours: await ourQueue(world), bare: await bareQueue(world) };
    const figures = [];
    for (const batch of batches) {
      tell(`jobs: batches of ${shortText(batch)}`);
      const count = quick ? 20 : Math.max(batch * 2, 500);
      const rates = await byTurns(rounds, [queues.ours, queues.bare], async (queue) => {
        await queue.fill(count + waiting);
        await world.app.db.query('analyze jobs, bench_bare');
        return count / (await secondsOf(() => queue.work(count, batch)));
      });
      const pairs = rates.map(([subject = NaN, baseline = NaN]) => ({ subject, baseline }));
      const measure = `lease and finish, batches of ${shortText(batch)}`;
      figures.push(
        figureOf({ bench: 'jobs', measure, against: 'bare UPDATE … RETURNING', unit: 'jobs/s', target: kept }, pairs),
      );
    }
    return { figures, tables: [] };
  } finally {
    await world.close();
  }
}

async function ourQueue({ app, accountId, clock }: BenchWorld): Promise<Queue> {
  const { db } = app;
  const lane = `${accountId}/bench`;
  await db.query(
    `insert into lanes (id, account_id, operation, calls_per_second, items_per_call, next_free_at)
     values ($1, $2, 'bench', 0.25, 1, now() - interval '100 years')`,
    [lane, accountId],
  );
  return {
    async fill(count) {
      await db.query('delete from jobs where lane = $1', [lane]);
      const wishes = Array.from({ length: count }, (_, index) => ({
        ...{ bucket: index % 1000, kind: 'bench', subject: app.customs.ids.next() },
        ...{ lane, dueAt: clock.now(), priority: priorities.plan },
      }));
      await db.transaction((tx) => enqueue(tx, wishes));
    },
    async work(count, batch) {
      // One call of that many items per lease: a lane spends four seconds of its pace at a time.
      await db.query('update lanes set items_per_call = $2 where id = $1', [lane, batch]);
      for (let left = count; left > 0; left -= batch) {
        clock.moveTo(plus(clock.now(), 4000));
        const { calls } = await leaseLane(db, lane, 'bench', clock.now());
        const jobs = calls.flatMap((call) => call.jobs);
        if (jobs.length !== batch) throw new Error(`${jobs.length} of ${batch} jobs were leased`);
        await db.transaction((tx) =>
          finishJobs(
            tx,
            'bench',
            jobs.map((job) => ({ job })),
          ),
        );
      }
    },
  };
}

async function bareQueue({ app, clock }: BenchWorld): Promise<Queue> {
  const { db } = app;
  await db.query(`
    create table bench_bare (id bigserial primary key, due_at timestamptz not null, owner text, done boolean not null default false, payload jsonb not null default '{}');
    create index on bench_bare (due_at) where not done`);
  return {
    async fill(count) {
      await db.query('truncate bench_bare');
      await db.query('insert into bench_bare (due_at) select $2 from generate_series(1, $1)', [
        count,
        timestamp(clock.now()),
      ]);
    },
    async work(count, batch) {
      for (let left = count; left > 0; left -= batch) {
        const ids = await db.transaction((tx) => takeBare(tx, batch, clock.now()));
        await db.transaction((tx) => tx.query('update bench_bare set done = true where id = any($1::int8[])', [ids]));
      }
    },
  };
}

async function takeBare(tx: Parameters<typeof enqueue>[0], batch: number, at: Instant): Promise<bigint[]> {
  const rows = await tx.query<{ id: bigint; payload: unknown }>(
    `update bench_bare set owner = 'bench' where id in (
       select id from bench_bare where not done and owner is null and due_at <= $2 order by due_at limit $1 for update)
     returning id, payload`,
    [batch, timestamp(at)],
  );
  if (rows.length !== batch) throw new Error(`${rows.length} of ${batch} bare jobs were taken`);
  return rows.map((row) => row.id);
}
