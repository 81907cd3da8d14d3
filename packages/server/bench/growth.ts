import { customsWorks, importPortList, judgeReport, startTriage } from '../src/customs/index.ts';
import { plus } from '../src/kernel/index.ts';
import { leaseLane } from '../src/platform/jobs.ts';
import type { Lease } from '../src/platform/jobs.ts';
import type { HeardCall, LaneWork, PreparedCall } from '../src/platform/worker.ts';
import { figureOf, shortText, spreadOf } from './bench.ts';
import type { Bench, BenchContext, BenchResult, Figure, Table } from './bench.ts';
import { adopt, newOrders, portList, queryAnswer } from './orders.ts';
import type { Order } from './orders.ts';
import { actor, good, merchant } from './server.ts';
import type { BenchServer, BenchWorld } from './server.ts';

/** How the CPU time of an incident grows with its size: the same way once for each size, without the network. */
export const growth: Bench = {
  name: 'growth',
  says: 'CPU of import and triage at 1,000, 10,000 and 100,000 declarations',
  run,
};

const stages = ['import payments', 'import port list', 'start triage', 'lease', 'prepare', 'hear', 'judge'] as const;
type Stage = (typeof stages)[number];

/** CPU seconds of one way through all stages. */
type Way = { readonly size: number; readonly cpu: Readonly<Record<Stage, number>> };

/** What an item may cost at the largest size against the smallest. */
const linear = { atMost: 1.3 };
/** Triage of 33,593 declarations in 12 s of CPU: server, workers and PostgreSQL. */
const budget = { declarations: 33_593, cpuSeconds: 12 };
/** The stages that are triage: asking about all, hearing the answers, sorting them. */
const triage: readonly Stage[] = ['start triage', 'lease', 'prepare', 'hear', 'judge'];

async function run({ quick, server, tell }: BenchContext): Promise<BenchResult> {
  const [small, medium, large] = quick ? ([20, 40, 80] as const) : ([1000, 10_000, 100_000] as const);
  const order = quick ? [small, medium, large] : [small, medium, small, large, small, small];
  const running = await server();
  if (!quick) await wayThrough(running, small); // compiles what will be measured
  const ways: Way[] = [];
  for (const [index, size] of order.entries()) {
    tell(`growth ${index + 1}/${order.length}: ${shortText(size)} declarations`);
    ways.push(await wayThrough(running, size));
  }
  const ofSize = (size: number): Way[] => ways.filter((way) => way.size === size);
  const figures = [...stages, 'all of triage' as const].map((stage) =>
    growthFigure(stage, ofSize(small), ofSize(large)),
  );
  return {
    figures: [...figures, budgetFigure(ofSize(large))],
    tables: [costTable([small, medium, large].map(ofSize))],
  };
}

const cpuOf = ({ cpu }: Way, stage: Stage | 'all of triage'): number =>
  stage === 'all of triage' ? triage.reduce((sum, one) => sum + cpu[one], 0) : cpu[stage];

/** CPU microseconds per declaration. */
const costOf = (way: Way, stage: Stage | 'all of triage'): number => (cpuOf(way, stage) / way.size) * 1e6;

function growthFigure(stage: Stage | 'all of triage', small: readonly Way[], large: readonly Way[]): Figure {
  const baseline = spreadOf(small.map((way) => costOf(way, stage))).median;
  return figureOf(
    {
      bench: 'growth',
      measure: `${stage}, ${shortText(large[0]?.size ?? 0)} declarations`,
      against: `${shortText(small[0]?.size ?? 0)} declarations`,
      unit: 'CPU µs per declaration',
      target: linear,
    },
    large.map((way) => ({ subject: costOf(way, stage), baseline })),
  );
}

function budgetFigure(large: readonly Way[]): Figure {
  const baseline = (budget.cpuSeconds / budget.declarations) * 1e6;
  return figureOf(
    {
      bench: 'growth',
      measure: `all of triage, ${shortText(large[0]?.size ?? 0)} declarations`,
      against: '12 s of CPU for 33,593',
      unit: 'CPU µs per declaration',
      target: { atMost: 1 },
    },
    large.map((way) => ({ subject: costOf(way, 'all of triage'), baseline })),
  );
}

function costTable(bySize: readonly (readonly Way[])[]): Table {
  const rows = [...stages, 'all of triage' as const].map((stage) => [
    stage,
    ...bySize.map((ways) => shortText((spreadOf(ways.map((way) => costOf(way, stage))).median * 10_000) / 1e6)),
  ]);
  const sizes = bySize.map((ways) => `of ${shortText(ways[0]?.size ?? 0)}`);
  return {
    title: 'growth: CPU seconds of server and PostgreSQL per 10,000 declarations',
    columns: ['stage', ...sizes],
    rows,
  };
}

async function wayThrough(server: BenchServer, size: number): Promise<Way> {
  const world = await server.openWorld();
  try {
    return { size, cpu: await measureStages(world, newOrders(size)) };
  } finally {
    await world.close();
  }
}

async function measureStages(world: BenchWorld, orders: readonly Order[]): Promise<Record<Stage, number>> {
  const cpu = Object.fromEntries(stages.map((stage) => [stage, 0])) as Record<Stage, number>;
  const measured = async <T>(stage: Stage, work: () => Promise<T>): Promise<T> => {
    const before = world.cpu();
    const value = await work();
    cpu[stage] += world.cpu() - before;
    return value;
  };
  const { customs } = world.app;
  await measured('import payments', () => adopt(world, orders));
  const file = { merchantId: merchant, fileName: 'list.csv', bytes: portList(orders), meaning: 'missing' as const };
  const { report } = good(await measured('import port list', () => importPortList(customs, actor, file)));
  const { asked } = good(await measured('start triage', () => startTriage(customs, actor, report.id)));
  if (asked !== orders.length) throw new Error(`${asked} of ${orders.length} declarations are to be asked about`);
  await askAll(world, orders, measured);
  const judged = good(await measured('judge', () => judgeReport(customs, report.id)));
  if (judged.length !== orders.length) throw new Error(`${judged.length} of ${orders.length} members were judged`);
  return cpu;
}

/** Calls per second of the lane, as in the replay, and how many of them the worker hears together (1.5 s). */
const pace = 20;
const heardTogether = 30;

/** The worker's round without transport and waiting: every answer says that the e-port took the record. */
async function askAll(
  { app, accountId, clock }: BenchWorld,
  orders: readonly Order[],
  measured: <T>(stage: Stage, work: () => Promise<T>) => Promise<T>,
): Promise<void> {
  const lane = `${accountId}/customs.query`;
  const work = customsWorks(app.customs).find(({ operation }) => operation === 'customs.query');
  if (!work) throw new Error('nothing asks the channel');
  await app.db.query('update lanes set calls_per_second = $1', [pace]);
  const answerTo = answersFrom(orders);
  for (let left = orders.length; left > 0;) {
    const lease = await measured('lease', () => leaseLane(app.db, lane, app.customs.owner, clock.now()));
    const calls = await measured('prepare', () => work.prepare(lease));
    await hearAll(work, lease, calls, (call) => ({ ...call, ...answerTo(call), heardAt: clock.now() }), measured);
    const heard = calls.reduce((sum, call) => sum + call.jobs.length, 0);
    if (heard === 0) throw new Error(`${left} declarations were never asked about`);
    left -= heard;
    clock.moveTo(plus(clock.now(), 4000)); // as far as one lease spends the pace ahead
  }
}

async function hearAll(
  work: LaneWork,
  lease: Lease,
  calls: readonly PreparedCall[],
  hear: (call: PreparedCall) => HeardCall,
  measured: <T>(stage: Stage, work: () => Promise<T>) => Promise<T>,
): Promise<void> {
  for (let from = 0; from < calls.length; from += heardTogether) {
    const heard = calls.slice(from, from + heardTogether).map(hear);
    await measured('hear', () => work.hear(lease, heard));
  }
}

/** Reads the numbers out of the request, as the channel would. */
function answersFrom(orders: readonly Order[]): (call: PreparedCall) => Pick<HeardCall, 'sent'> {
  const byRequestNo = new Map(orders.map((order) => [order.requestNo, order]));
  return ({ at, request }) => {
    const form = new URLSearchParams(Buffer.from(request.body ?? []).toString() || request.url.split('?')[1]);
    const numbers = (form.get('out_request_nos') ?? '').split(',');
    const asked = numbers.flatMap((requestNo) => byRequestNo.get(requestNo) ?? []);
    return { sent: { kind: 'answered', answer: queryAnswer(asked), sentAt: at, ms: 1 } };
  };
}
