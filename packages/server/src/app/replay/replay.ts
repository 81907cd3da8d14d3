import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { done, hours, minutes, plus } from '../../kernel/index.ts';
import type { Result } from '../../kernel/index.ts';
import {
  countWaiting,
  decidePlan,
  findPlan,
  findPlansOfReport,
  importPortList,
  judgeReport,
  proposeRepush,
  runPlan,
  showPlan,
  startTriage,
} from '../../customs/index.ts';
import type { ShownPlan } from '../../customs/index.ts';
import type { Incident } from '../../incidents/index.ts';
import { makePacks } from '../../packs/index.ts';
import type { Config } from '../../platform/config.ts';
import { crashPoint } from '../../platform/crash-points.ts';
import { readCpu, StageCpu } from './cpu.ts';
import { measure } from './measure.ts';
import type { ReplayFigures } from './measure.ts';
import { passDay } from './day.ts';
import { makeScenario, onsetOf } from './scenario.ts';
import type { Scenario } from './scenario.ts';
import { seedSimulators } from './seed.ts';
import { checker, checkFolder, maker, merchantId, openWorld } from './world.ts';
import type { ReplayPlan, ReplayWorld, SigningReading } from './world.ts';

export type ReplayOptions = {
  readonly orders: number;
  readonly seed: number;
  readonly signing: SigningReading;
  /** Begins when people act, at 16:20 on the 28th. */
  readonly skipDay: boolean;
  /** Absent: a temporary folder that is removed at the end. */
  readonly dataFolder: string | undefined;
  readonly resume: boolean;
  readonly config: Config;
  readonly onProgress: (progress: ReplayProgress) => void;
};

export type ReplayStage =
  'world' | 'seed' | 'day' | 'alert' | 'lists' | 'triage' | 'plan' | 'push' | 'look' | 'packs' | 'compare';
export type ReplayAlert = { readonly at: string; readonly afterMinutes: number };
export type ReplayProgress = {
  readonly stage: ReplayStage;
  readonly at: string;
  readonly done?: number;
  readonly of?: number;
  /** Of the stage `alert`: when the product saw it by itself. */
  readonly alert?: ReplayAlert;
};

export type ReplayResult = ReplayFigures & {
  readonly wall_seconds: number;
  readonly cpu_seconds: number;
  /** CPU seconds by stage, of this process and PostgreSQL; simulators are not counted. */
  readonly cpu: Readonly<Record<string, number>>;
  /** The most that this process ever held, seeding and comparing included. */
  readonly server_memory_mib: number;
};

/** Plays 2015-10-28 with a database, simulators and a clock of its own. Every stage may be repeated: a replay that was killed goes on. */
export async function runReplay(options: ReplayOptions): Promise<Result<ReplayResult>> {
  const began = performance.now();
  const temporary = options.dataFolder === undefined;
  const folder = options.dataFolder ?? temporaryFolder();
  const { orders, seed, signing, skipDay } = options;
  const plan = checkFolder(folder, { orders, seed, signing, skipDay }, options.resume);
  if (!plan.ok) return plan;
  const opened = await openWorld(folder, plan.value, options.config, temporary);
  if (!opened.ok) return opened;
  const world = opened.value;
  try {
    const scenario = makeScenario(plan.value.orders, plan.value.seed, realLists());
    const stages = new StageCpu(() => readCpu(world.postgresPid));
    const figures = await playDay(world, scenario, plan.value, folder, (progress) => {
      stages.enter(progress.stage);
      options.onProgress(progress);
    });
    if (!figures.ok) return figures;
    const cpu = { cpu_seconds: readCpu(world.postgresPid), cpu: stages.figures() };
    const server_memory_mib = process.resourceUsage().maxRSS / 1024;
    return done({ ...figures.value, ...cpu, server_memory_mib, wall_seconds: (performance.now() - began) / 1000 });
  } finally {
    await world.close();
    if (temporary) rmSync(folder, { recursive: true, force: true });
  }
}

/** PostgreSQL under root runs as another account, which must be able to pass. What is secret in there has its own 0600. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'liushui-replay-'));
  chmodSync(folder, 0o711);
  return folder;
}

const listNames = ['port-list-1.txt', 'port-list-2.txt'] as const;

function realLists(): [string, string] {
  const [first, second] = listNames.map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'));
  return [first ?? '', second ?? ''];
}

type Told = (stage: ReplayStage, done?: number, of?: number, alert?: ReplayAlert) => void;

async function playDay(
  world: ReplayWorld,
  scenario: Scenario,
  plan: ReplayPlan,
  folder: string,
  onProgress: ReplayOptions['onProgress'],
): Promise<Result<ReplayFigures>> {
  const tell: Told = (stage, count, of, alert) => {
    const at = new Date(world.clock.now()).toISOString();
    const share = count === undefined || of === undefined ? {} : { done: count, of };
    onProgress({ stage, at, ...share, ...(alert ? { alert } : {}) });
  };
  tell('seed');
  if (!world.seeded) {
    await seedSimulators(world, scenario, plan);
    world.markSeeded();
  }
  const day = await passDay(world, scenario, ({ fed, of, incident }) => {
    if (incident) tell('alert', fed, of, alertOf(scenario, incident));
    else tell('day', fed, of);
  });
  if (!day.ok) return day;
  const reportId = await takeLists(world, folder, tell);
  if (!reportId.ok) return reportId;
  const planId = await planFor(world, reportId.value, tell);
  if (!planId.ok) return planId;
  const pushed = await pushAndLook(world, planId.value, tell);
  if (!pushed.ok) return pushed;
  tell('packs');
  const packs = await makePacks(world.app.customs, maker, reportId.value, {});
  if (!packs.ok && packs.refusal.code !== 'pack.nothing_to_say') return packs;
  crashPoint('replay.round_done');
  tell('compare');
  const ids = { reportId: reportId.value, planId: planId.value };
  return measure(world, scenario, ids, { incident: day.value, packs: packs.ok ? packs.value.packs : [] });
}

/** What the alert says: when it was seen, and how long after the first order that got no receipt. */
function alertOf(scenario: Scenario, { seenAt }: Incident): ReplayAlert {
  return { at: new Date(seenAt).toISOString(), afterMinutes: (seenAt - onsetOf(scenario)) / 60_000 };
}

/** The two lists as the port mailed them, then the port's complete complaint of that hour. Returns the complete report. */
async function takeLists(world: ReplayWorld, folder: string, tell: Told): Promise<Result<string>> {
  tell('lists');
  const complaint = join(folder, 'complaint.txt');
  if (!existsSync(complaint)) {
    await world.simulators.post('port', '/control/clock', { now_ms: world.clock.now() });
    writeFileSync(complaint, await world.simulators.get('port', '/port-list?format=pipes&only=stuck'));
  }
  let last = '';
  for (const path of [...listNames.map((name) => join(import.meta.dirname, name)), complaint]) {
    const file = { merchantId, fileName: path.split('/').at(-1) ?? path, bytes: readFileSync(path), meaning: 'missing' as const };
    const report = await importPortList(world.app.customs, maker, file);
    if (!report.ok) return report;
    last = report.value.report.id;
  }
  crashPoint('replay.round_done');
  return done(last);
}

/** Asks, judges, proposes and lets a second person approve; goes on where an earlier process stopped. */
async function planFor(world: ReplayWorld, reportId: string, tell: Told): Promise<Result<string>> {
  const { customs, db } = world.app;
  const [known] = await findPlansOfReport(db, reportId);
  let plan = known;
  if (!plan) {
    tell('triage');
    const triage = await startTriage(customs, maker, reportId);
    if (!triage.ok) return triage;
    const { value: start } = triage;
    await world.stepper.runUntil(plus(world.clock.now(), hours(4)), async () => {
      const waiting = await countWaiting(customs, start);
      tell('triage', start.asked - waiting, start.asked);
      return waiting === 0;
    });
    const judged = await judgeReport(customs, reportId);
    if (!judged.ok) return judged;
    tell('plan');
    const proposed = await proposeRepush(customs, maker, { reportId }, { reason: 'payment records missing at the port' });
    if (!proposed.ok) return proposed;
    plan = proposed.value.plan;
  }
  crashPoint('replay.round_done');
  if (plan.state === 'asked') {
    const decided = await decidePlan(customs, checker, plan.id, 'approve', '');
    if (!decided.ok) return decided;
  }
  return done(plan.id);
}

async function pushAndLook(world: ReplayWorld, planId: string, tell: Told): Promise<Result<void>> {
  const { customs, db } = world.app;
  tell('push');
  const running = await runPlan(customs, maker, planId);
  if (!running.ok) return running;
  const limit = plus(world.clock.now(), hours(12));
  let told = -Infinity;
  await world.stepper.runUntil(limit, async () => {
    crashPoint('replay.round_done');
    const now = world.clock.now();
    // A count of all items at every step would cost more than the pushes.
    if (now >= told + minutes(1)) {
      told = now;
      const shown = await showPlan(db, planId);
      if (shown.ok) tell(...progressOf(shown.value));
    }
    return (await findPlan(db, planId))?.state !== 'running';
  });
  return done(undefined);
}

/** While anything is due: how many are decided; then how many of these have their end. */
function progressOf({ plan, counts, open }: ShownPlan): [stage: ReplayStage, done: number, of: number] {
  const waiting = (counts.byState['due'] ?? 0) + (counts.byState['pushing'] ?? 0);
  return waiting > 0 ? ['push', plan.size - open + (counts.byState['pushed'] ?? 0), plan.size] : ['look', plan.size - open, plan.size];
}
