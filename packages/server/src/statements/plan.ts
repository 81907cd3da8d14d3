import { minutes, plus } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import type { Connector } from '../channels/contract/index.ts';
import { choreWish } from '../platform/chores.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import { enqueue, ensureLanes, finishJobs, priorities } from '../platform/jobs.ts';
import type { LaneWork } from '../platform/worker.ts';
import { askOperation, fetchOperation, wishFor } from './calls.ts';
import { beginningOf, bucketOfDay, dayAfter, daysToPlan, kindsOf, lastDay, lateAt, readyAt } from './days.ts';
import type { StatementParts } from './parts.ts';
import type { StatementDay } from './statement.ts';
import { accountsToPlan, findDays, insertDays, nextLateAt, takeLate } from './store.ts';
import type { NewDay, PlannedAccount } from './store.ts';
import { openLate } from './take.ts';

const operation = 'statement.plan';
/** After midnight, when the day that ended has its rows made. */
const afterMidnightMs = minutes(5);

/** Makes the chore due. A server calls it when it starts: days that passed meanwhile are planned at once. */
export async function wishStatements(db: Queryable, at: Instant): Promise<void> {
  await enqueue(db, [choreWish(operation, '', at)]);
}

/** Once a day plans the day that ended, and at the moment at which a file is late tells somebody. */
export function planWork(parts: StatementParts): LaneWork {
  return {
    operation,
    async prepare(lease) {
      const jobs = lease.calls.flatMap((call) => call.jobs);
      if (jobs.length === 0) return [];
      const at = parts.clock.now();
      await planStatements(parts, at);
      await tellLate(parts, at);
      const againAt = await nextTurn(parts.db, at);
      await finishJobs(
        parts.db,
        parts.owner,
        jobs.map((job) => ({ job, againAt })),
      );
      return [];
    },
    hear: () => Promise.resolve(),
  };
}

async function nextTurn(db: Queryable, at: Instant): Promise<Instant> {
  const morning = plus(beginningOf(dayAfter(lastDay(at), 2)), afterMidnightMs);
  const late = await nextLateAt(db, at);
  return late !== undefined && late < morning ? late : morning;
}

async function planStatements(parts: StatementParts, at: Instant): Promise<void> {
  const back = parts.channels.all().map(({ manifest }) => manifest.statement?.daysBack ?? 0);
  const accounts = await accountsToPlan(parts.db, dayAfter(lastDay(at), -Math.max(1, ...back)));
  for (const account of accounts) {
    const days = newDays(parts, account, at);
    const connector = parts.channels.get(account.channel);
    if (connector && days.length > 0) await parts.db.transaction((tx) => addDays(tx, connector, days, at));
  }
}

/** The days of all kinds of an account that nobody planned yet. */
function newDays({ channels, ids }: StatementParts, account: PlannedAccount, at: Instant): readonly NewDay[] {
  const connector = channels.get(account.channel);
  const rules = connector?.manifest.statement;
  if (!connector || !rules) return [];
  const daily = kindsOf(connector, account.settings).filter(([, { isDaily }]) => isDaily);
  return daily.flatMap(([kind]) => {
    const known = { createdAt: account.createdAt, planned: account.planned[kind] };
    return daysToPlan(rules, known, at).map((day) => ({
      ...{ bucket: bucketOfDay(account.id, kind, day), id: ids.next(), accountId: account.id },
      ...{ merchantId: account.merchantId, kind, day, readyAt: readyAt(day, rules), lateAt: lateAt(day, rules) },
    }));
  });
}

/** Rows, lanes that older accounts lack, and the questions: each for the moment at which its file should lie there, or by hand for now. */
export async function addDays(
  tx: Tx,
  { manifest }: Connector,
  days: readonly NewDay[],
  at: Instant,
  byHand = false,
): Promise<readonly StatementDay[]> {
  const accounts = [...new Set(days.map(({ accountId }) => accountId))];
  const lanes = accounts.flatMap((accountId) =>
    [askOperation, fetchOperation].map((operation) => {
      const { callsPerSecond = 1, itemsPerCall = 1, gapMinutes = 0 } = manifest.lanes[operation] ?? {};
      const pace = { callsPerSecond, itemsPerCall, gapMs: minutes(gapMinutes) };
      return { id: `${accountId}/${operation}`, accountId, operation, ...pace };
    }),
  );
  await ensureLanes(tx, lanes, at);
  const fresh = await insertDays(tx, days);
  const there = await findDays(tx, days);
  const wishes = byHand
    ? there.map((day) => wishFor(askOperation, day, at, priorities.operator))
    : there.filter(({ id }) => fresh.has(id)).map((day) => wishFor(askOperation, day, day.readyAt));
  await enqueue(tx, wishes);
  return there;
}

/** Once for each day: who closed the case knows of it. */
async function tellLate({ db }: StatementParts, at: Instant): Promise<void> {
  await db.transaction(async (tx) => openLate(tx, await takeLate(tx, at), at));
}
