import type { Command } from 'commander';
import { done, plus, refuse, rfc3339 } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { allowed, writeAudit } from '../identity/index.ts';
import type { Words } from './answer.ts';
import { stampOf } from './consent.ts';
import { bilingualTable, count, readDuration, time } from './layout.ts';
import { group, leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { operationsTexts as t } from './operations.texts.ts';
import { merchantsSeen } from './scope.ts';
import { firstArg, text } from './session.ts';
import type { Run, Session } from './session.ts';
import { listJobs, listLanes, merchantOfLane, setLanePaused, whoMayNotResume } from './store.ts';
import type { DueJob, LaneView } from './store.ts';

export function jobCommands(kit: Kit, program: Command): void {
  const jobs = group(kit, program, 'jobs', t.jobs);
  leaf(kit, jobs, 'due', t.dueAbout, due, [['--within <time>', t.withinOption]]);
  const lanes = group(kit, program, 'lanes', t.lanes);
  leaf(kit, lanes, 'list', t.lanesListAbout, lanesList);
  leaf(kit, lanes, 'pause <lane>', t.pauseAbout, setPaused(true), [['--reason <text>', t.reasonOption]]);
  leaf(kit, lanes, 'resume <lane>', t.resumeAbout, setPaused(false), [['--reason <text>', t.reasonOption]]);
}

function mayRead({ actor }: Session): Result<void> {
  const merchants = merchantsSeen(actor);
  return allowed(actor, 'jobs.read', merchants === 'all' ? undefined : merchants[0]);
}

const groupsShown = 30;

type JobGroup = { readonly first: DueJob; n: number; lastError: string };

/** Work that is due together, of one kind on one lane, is one line. */
function groupJobs(jobs: readonly DueJob[]): JobGroup[] {
  const groups = new Map<string, JobGroup>();
  for (const job of jobs) {
    const key = `${job.dueAt} ${job.kind} ${job.lane} ${job.priority}`;
    const together = groups.get(key) ?? { first: job, n: 0, lastError: '' };
    together.n += 1;
    together.lastError ||= job.lastError ?? '';
    groups.set(key, together);
  }
  return [...groups.values()];
}

const due: Run = async (use, _args, options) => {
  const withinMs = readDuration(text(options, 'within') ?? '30m');
  if (withinMs === undefined)
    return refuse('usage.bad_input', { field: '--within', value: text(options, 'within') ?? '', problem: '30m, 2h' });
  const opened = await use.session();
  if (!opened.ok) return opened;
  const may = mayRead(opened.value);
  if (!may.ok) return may;
  const { db, actor, clock } = opened.value;
  const now = clock.now();
  const lanes = await listLanes(db, merchantsSeen(actor), now);
  const jobs = await listJobs(db, merchantsSeen(actor), plus(now, withinMs), 1000);
  const groups = groupJobs(jobs);
  const rows = groups
    .slice(0, groupsShown)
    .map(({ first, n, lastError }) => [
      ...[time(first.dueAt), count(n), first.kind, first.lane, String(first.priority), lastError.slice(0, 60)],
    ]);
  const lines = [
    ...lanesTable(lanes),
    ...(jobs.length === 0 ? [t.noJobs] : bilingualTable(t.jobHeads, rows, [1, 4])),
    ...(groups.length > groupsShown ? [t.more(groupsShown)] : []),
  ];
  const json = {
    at: rfc3339(now),
    lanes: lanes.map(laneJson),
    jobs: jobs.map(({ dueAt, lastError, ...job }) => ({
      ...job,
      due_at: rfc3339(dueAt),
      last_error: lastError ?? null,
    })),
  };
  return done({ exit: 0, lines, json, next: 'liushui lanes list' });
};

function laneJson(lane: LaneView): Record<string, unknown> {
  const { id, accountId, operation, perSecond, perCall, failures, closedUntil, pausedAt, pausedWhy, oldestDueAt } =
    lane;
  return {
    ...{ lane: id, account: accountId, operation, calls_per_second: perSecond, items_per_call: perCall, failures },
    ...{ due: lane.due, waiting: lane.waiting },
    oldest_due_at: oldestDueAt === undefined ? null : rfc3339(oldestDueAt),
    closed_until: closedUntil === undefined ? null : rfc3339(closedUntil),
    paused_at: pausedAt === undefined ? null : rfc3339(pausedAt),
    paused_why: pausedWhy,
    slowed_to: lane.slowedTo ?? null,
  };
}

function stateOf(lane: LaneView): Words {
  if (lane.pausedAt !== undefined) return t.lanePaused(time(lane.pausedAt), lane.pausedWhy);
  if (lane.closedUntil !== undefined) return t.laneClosed(time(lane.closedUntil), lane.failures);
  if (lane.slowedTo !== undefined) return t.laneSlowed(String(Number(lane.slowedTo.toPrecision(3))));
  return t.laneOpen;
}

function lanesTable(lanes: readonly LaneView[]): Words[] {
  const rows = (lang: 'zh' | 'en'): string[][] =>
    lanes.map((lane) => [
      ...[lane.id, String(lane.perSecond), String(lane.perCall), count(lane.due), count(lane.waiting)],
      stateOf(lane)[lang],
    ]);
  const en = bilingualTable(t.laneHeads, rows('en'), [1, 2, 3, 4]);
  return bilingualTable(t.laneHeads, rows('zh'), [1, 2, 3, 4]).map((line, index) => ({
    zh: line.zh,
    en: en[index]?.en ?? '',
  }));
}

const lanesList: Run = async (use) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const may = mayRead(opened.value);
  if (!may.ok) return may;
  const { db, actor, clock } = opened.value;
  const lanes = await listLanes(db, merchantsSeen(actor), clock.now());
  return done({ exit: 0, lines: lanesTable(lanes), json: { lanes: lanes.map(laneJson) }, next: 'liushui jobs due' });
};

function setPaused(paused: boolean): Run {
  return async (use, args, options) => {
    const opened = await use.session();
    if (!opened.ok) return opened;
    const session = opened.value;
    const lane = firstArg(args);
    const merchant = await merchantOfLane(session.db, lane);
    if (merchant === undefined) return refuse('lane.not_found', { lane });
    // Who may send may stop sending.
    const may = allowed(session.actor, 'customs.repush.run', merchant);
    if (!may.ok) return may;
    const barred = paused ? undefined : await whoMayNotResume(session.db, lane);
    if (barred !== undefined && barred === session.actor.userId)
      return refuse('lane.resume_needs_another', { lane, by: barred });
    const reason = text(options, 'reason') ?? '';
    const at = session.clock.now();
    await session.db.transaction(async (tx) => {
      await setLanePaused(tx, lane, paused ? at : undefined, paused ? reason : '');
      const act = paused ? 'lane.paused' : 'lane.resumed';
      await writeAudit(tx, [{ actor: session.actor, act, subject: lane, reason }], stampOf(session));
    });
    const lines = [paused ? t.paused(lane) : t.resumed(lane)];
    const next = paused ? `liushui lanes resume ${lane}` : 'liushui jobs due';
    return done({ exit: 0, lines, json: { lane, paused }, next });
  };
}
