import type { Instant } from '../kernel/index.ts';
import { timestamp } from '../platform/db.ts';
import type { Tx } from '../platform/db.ts';
import { priorities } from '../platform/jobs.ts';
import { takeBackDue } from './plan-cell-store.ts';
import { endPlan } from './plan-step.ts';
import { lockPlan } from './plan-store.ts';

export type AskedFirst = {
  /** Declarations that will be asked about as soon as their lane is resumed. */
  readonly asked: number;
  /** Plans that were running, and wait for a person now. */
  readonly pausedPlans: readonly string[];
  /** Plans that declare anew: the lost life may have declared under numbers that nobody knows here. */
  readonly stoppedPlans: readonly string[];
};

/**
 * After a restore: every open declaration is due to be asked about, those of live plans before the others, running plans wait until a
 * person has looked, and plans that declare anew are over. That nothing is pushed before such an answer is decided at each push (push-jobs.ts).
 */
export async function askAllFirst(tx: Tx, at: Instant, why: string): Promise<AskedFirst> {
  const asked = await tx.query(
    `insert into jobs (bucket, kind, subject, lane, due_at, priority)
     select d.bucket, 'customs.ask', d.id, d.account_id || '/customs.query', $1, case when i.live then $2::int2 else $3::int2 end
     from customs_declarations d cross join lateral (select exists (
       select from plan_items i where i.bucket = d.bucket and i.declaration_id = d.id
         and i.state in ('held', 'due', 'pushing', 'pushed')) as live) i
     where d.request_no is not null
       and (i.live or d.state not in ('at_customs', 'released', 'closed', 'closed_manual', 'cancelled'))
     order by d.bucket, d.id
     on conflict (bucket, kind, subject) do update set
       wanted = greatest(jobs.wanted, jobs.done + 1), due_at = excluded.due_at,
       priority = least(jobs.priority, excluded.priority), lane = excluded.lane
     returning subject`,
    [timestamp(at), priorities.operator, priorities.bulk],
  );
  const stoppedPlans = await stopAnew(tx, at);
  const paused = await tx.query<{ id: string }>(
    `update plans set state = 'paused', paused_why = $1 where state = 'running' returning id`,
    [why],
  );
  // They are decided anew when the plan goes on, by what the channel has said until then.
  for (const { id } of paused) await takeBackDue(tx, id);
  return { asked: asked.length, pausedPlans: paused.map((row) => row.id).sort(), stoppedPlans };
}

/**
 * A push under a number that the lost life drew is known to the channel only, and that number to nobody: it cannot be asked about first, so
 * that whatever such a plan has left could be declared twice. A new one is proposed after a look at the channel.
 */
async function stopAnew(tx: Tx, at: Instant): Promise<string[]> {
  const found = await tx.query<{ id: string }>(
    `select id from plans where kind = 'declare_anew' and state in ('asked', 'approved', 'running', 'paused') order by id`,
  );
  for (const { id } of found) {
    const plan = await lockPlan(tx, id);
    if (plan) await endPlan(tx, plan, 'stopped', 'restored', at);
  }
  return found.map((row) => row.id);
}
