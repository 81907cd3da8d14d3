import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { done, hours, plus } from '../../kernel/index.ts';
import type { Result } from '../../kernel/index.ts';
import {
  countWaiting,
  decidePlan,
  findPlansOfReport,
  importPayments,
  importPortList,
  judgeReport,
  proposeRepush,
  runPlan,
  settlePlan,
  showPlan,
  startTriage,
} from '../../customs/index.ts';
import type { Config } from '../../platform/config.ts';
import { crashPoint } from '../../platform/crash-points.ts';
import { readCpu, StageCpu } from './cpu.ts';
import { measure } from './measure.ts';
import type { ReplayFigures } from './measure.ts';
import { makeScenario } from './scenario.ts';
import type { Scenario } from './scenario.ts';
import { paymentFile, seedSimulators } from './seed.ts';
import { checker, checkFolder, maker, merchantId, openWorld } from './world.ts';
import type { ReplayPlan, ReplayWorld, SigningReading } from './world.ts';

export type ReplayOptions = {
  readonly orders: number;
  readonly seed: number;
  readonly signing: SigningReading;
  /** Absent: a temporary folder that is removed at the end. */
  readonly dataFolder: string | undefined;
  readonly resume: boolean;
  readonly config: Config;
  readonly onProgress: (progress: ReplayProgress) => void;
};

export type ReplayStage = 'world' | 'seed' | 'payments' | 'lists' | 'triage' | 'plan' | 'push' | 'look' | 'compare';
export type ReplayProgress = { readonly stage: ReplayStage; readonly at: string; readonly done?: number; readonly of?: number };

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
  const { orders, seed, signing } = options;
  const plan = checkFolder(folder, { orders, seed, signing }, options.resume);
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

type Told = (stage: ReplayStage, done?: number, of?: number) => void;

async function playDay(
  world: ReplayWorld,
  scenario: Scenario,
  plan: ReplayPlan,
  folder: string,
  onProgress: ReplayOptions['onProgress'],
): Promise<Result<ReplayFigures>> {
  const tell: Told = (stage, count, of) => {
    const at = new Date(world.clock.now()).toISOString();
    onProgress({ stage, at, ...(count === undefined ? {} : { done: count }), ...(of === undefined ? {} : { of }) });
  };
  tell('seed');
  if (!world.seeded) {
    await seedSimulators(world, scenario, plan);
    world.markSeeded();
  }
  const payments = await takePayments(world, scenario, tell);
  if (!payments.ok) return payments;
  const reportId = await takeLists(world, folder, tell);
  if (!reportId.ok) return reportId;
  const planId = await planFor(world, reportId.value, tell);
  if (!planId.ok) return planId;
  const pushed = await pushAndLook(world, planId.value, tell);
  if (!pushed.ok) return pushed;
  tell('compare');
  return measure(world, scenario, { reportId: reportId.value, planId: planId.value });
}

async function takePayments(world: ReplayWorld, scenario: Scenario, tell: Told): Promise<Result<void>> {
  const file = {
    merchantId,
    accountId: world.accountId,
    fileName: 'payments-2015-10-28.csv',
    bytes: paymentFile(scenario),
    defaults: {},
  };
  const imported = await importPayments(world.app.customs, maker, file, (count, of) => tell('payments', count, of));
  crashPoint('replay.round_done');
  return imported.ok ? done(undefined) : imported;
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
  await world.stepper.runUntil(limit, async () => {
    const shown = await showPlan(db, planId);
    if (!shown.ok) return true;
    const { plan, counts, open } = shown.value;
    const pushed = plan.size - (counts.byState['due'] ?? 0) - (counts.byState['planned'] ?? 0);
    tell(pushed < plan.size ? 'push' : 'look', pushed < plan.size ? pushed : plan.size - open, plan.size);
    crashPoint('replay.round_done');
    return open === 0;
  });
  await settlePlan(customs, planId);
  return done(undefined);
}
