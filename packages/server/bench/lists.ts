import { observe } from '../src/customs/calls.ts';
import type { Fact } from '../src/customs/facts.ts';
import { importPayments, importPortList } from '../src/customs/index.ts';
import { plus } from '../src/kernel/index.ts';
import type { RecordKey } from '../src/platform/commands.ts';
import { enqueue, finishJobs, leaseLane, priorities } from '../src/platform/jobs.ts';
import type { Job } from '../src/platform/jobs.ts';
import { byTurns, figureOf, secondsOf, shortText, spreadOf } from './bench.ts';
import type { Bench, BenchContext, BenchResult, Figure } from './bench.ts';
import { adopt, keysOf, newOrders, paymentFile, portList } from './orders.ts';
import type { Order } from './orders.ts';
import { actor, good, merchant } from './server.ts';
import type { BenchWorld } from './server.ts';

/** What a list saves against its items one by one, for the commands as they are. */
export const lists: Bench = {
  name: 'lists',
  says: 'lists of 1, 10, 100 and 1,000 against the same items one by one',
  run,
};

/** Makes ready `count` new items outside the clock, and returns what runs them as lists of that size. */
type Subject = {
  readonly name: string;
  readonly ready: (count: number) => Promise<(from: number, to: number) => Promise<unknown>>;
};

type Cost = { readonly size: number; readonly wall: number; readonly cpu: number; readonly items: number };

const target = { atLeast: 10 };

async function run({ quick, server, tell }: BenchContext): Promise<BenchResult> {
  const sizes = quick ? [1, 10] : [1, 10, 100, 1000];
  const rounds = quick ? 1 : 5;
  const world = await (await server()).openWorld();
  try {
    const known = newOrders(quick ? quickCount : 1000);
    tell(`lists: adopting ${shortText(known.length)} declarations to talk about`);
    await adopt(world, known);
    const subjects = await subjectsOf(world, known);
    const figures: Figure[] = [];
    const rows: string[][] = [];
    for (const [index, subject] of subjects.entries()) {
      tell(`lists ${index + 1}/${subjects.length}: ${subject.name}`);
      if (!quick) await measure(world, subject, 10, 400); // compiles and plans what will be measured
      const measured = await byTurns(rounds, sizes, (size) =>
        measure(world, subject, size, quick ? quickCount : countFor(size)),
      );
      figures.push(...figuresOf(subject.name, sizes, measured));
      rows.push([subject.name, ...sizes.map((_size, at) => costText(measured.flatMap((row) => row[at] ?? [])))]);
    }
    const columns = ['command', ...sizes.map((size) => `lists of ${shortText(size)}`)];
    return {
      figures,
      tables: [{ title: 'lists: µs per item, wall time / CPU of server and PostgreSQL', columns, rows }],
    };
  } finally {
    await world.close();
  }
}

/** Enough items that a round is worth its time, and no more: one by one they wait for the disk each. */
const countFor = (size: number): number => Math.max(size, Math.min(60 * size, 400));
const quickCount = 10;

async function measure(world: BenchWorld, { ready }: Subject, size: number, count: number): Promise<Cost> {
  const runList = await ready(count);
  const cpuBefore = world.cpu();
  const wall = await secondsOf(async () => {
    for (let from = 0; from < count; from += size) await runList(from, Math.min(from + size, count));
  });
  return { size, wall: wall / count, cpu: (world.cpu() - cpuBefore) / count, items: count };
}

function figuresOf(name: string, sizes: readonly number[], measured: readonly (readonly Cost[])[]): Figure[] {
  return sizes.slice(1).map((size, index) => {
    const pairs = measured.map((row) => ({
      subject: 1 / (row[index + 1]?.wall ?? NaN),
      baseline: 1 / (row[0]?.wall ?? NaN),
    }));
    const named = {
      bench: 'lists',
      measure: `${name}, list of ${shortText(size)}`,
      against: 'one by one',
      unit: 'items/s',
    };
    return figureOf(size === 100 ? { ...named, target } : named, pairs);
  });
}

function costText(costs: readonly Cost[]): string {
  const items = costs.reduce((sum, cost) => sum + cost.items, 0);
  const cpu = costs.reduce((sum, cost) => sum + cost.cpu * cost.items, 0) / items;
  return `${shortText(spreadOf(costs.map(({ wall }) => wall)).median * 1e6)} / ${shortText(cpu * 1e6)}`;
}

async function subjectsOf(world: BenchWorld, known: readonly Order[]): Promise<Subject[]> {
  const keys = await keysOf(world);
  return [
    observing(world, keys),
    importingPayments(world),
    importingPortLists(world, known),
    ...(await jobSubjects(world)),
  ];
}

/** A query answer that tells something new each time, as when a receipt has come in. */
export function recordFact({ app, clock }: BenchWorld, memo: string): Fact {
  const at = clock.now();
  const pushedPaymentNo = '2015102721001004930000000001';
  const declared = {
    place: 'ZONGSHU',
    customsCode: '3301TEST01',
    customsName: '测试公司',
    amountMinor: '42000',
    isSplit: false,
  };
  const receipt = { code: '2', text: '新增申报成功', at: plus(at, -60_000) };
  const snapshot = { progress: 'done', channelStatus: 'succ', pushedPaymentNo, ...declared, memo, receipt } as const;
  const told = { source: 'channel', trust: 'verified', happenedAt: at, heardAt: at } as const;
  return { ...told, id: app.customs.ids.next(), body: { kind: 'channel_record', snapshot } };
}

function observing(world: BenchWorld, keys: readonly RecordKey[]): Subject {
  let told = 0;
  return {
    name: 'customs.observe',
    async ready(count) {
      told += 1;
      if (count > keys.length) throw new Error(`there are only ${keys.length} declarations`);
      const inputs = keys.slice(0, count).map((key) => ({ key, fact: recordFact(world, `told ${told}`) }));
      return async (from, to) => (await observe(world.app.customs, inputs.slice(from, to))).forEach(good);
    },
  };
}

function importingPayments({ app, accountId }: BenchWorld): Subject {
  return {
    name: 'import payments, a file each',
    async ready(count) {
      const orders = newOrders(count);
      const file = { merchantId: merchant, accountId, fileName: 'payments.csv', defaults: {} };
      return async (from, to) => {
        const bytes = paymentFile(orders.slice(from, to));
        const { adopted } = good(await importPayments(app.customs, actor, { ...file, bytes }));
        if (adopted !== to - from) throw new Error(`${adopted} of ${to - from} orders were adopted`);
      };
    },
  };
}

/** A line of its own at the end makes every file another one. */
function importingPortLists({ app }: BenchWorld, known: readonly Order[]): Subject {
  let files = 0;
  const bytesOf = (orders: readonly Order[]): Uint8Array =>
    Buffer.concat([portList(orders), Buffer.from(`NOBODY${(files += 1)},0\n`)]);
  return {
    name: 'import a port list, a file each',
    async ready(count) {
      const orders = known.slice(0, count);
      const file = { merchantId: merchant, fileName: 'list.csv', meaning: 'missing' as const };
      return async (from, to) => {
        const bytes = bytesOf(orders.slice(from, to));
        good(await importPortList(app.customs, actor, { ...file, bytes }));
      };
    },
  };
}

async function jobSubjects({ app, accountId, clock }: BenchWorld): Promise<Subject[]> {
  const lane = `${accountId}/bench`;
  const added = `insert into lanes (id, account_id, operation, calls_per_second, items_per_call, next_free_at) values ($1, $2, 'bench', 1000, 10, now() - interval '100 years')`;
  await app.db.query(added, [lane, accountId]);
  const wishesFor = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      ...{ bucket: index % 1000, kind: 'bench', subject: app.customs.ids.next() },
      ...{ lane, dueAt: clock.now(), priority: priorities.plan },
    }));
  const emptied = (): Promise<unknown> => app.db.query('delete from jobs where lane = $1', [lane]);
  return [
    {
      name: 'enqueue jobs',
      async ready(count) {
        await emptied();
        const wishes = wishesFor(count);
        return (from, to) => app.db.transaction((tx) => enqueue(tx, wishes.slice(from, to)));
      },
    },
    {
      name: 'finish jobs',
      async ready(count) {
        await emptied();
        await app.db.transaction((tx) => enqueue(tx, wishesFor(count)));
        const lease = await leaseLane(app.db, lane, 'bench', clock.now());
        clock.moveTo(plus(clock.now(), 4000));
        const jobs: Job[] = lease.calls.flatMap((call) => call.jobs);
        if (jobs.length !== count) throw new Error(`${jobs.length} of ${count} jobs were leased`);
        return (from, to) =>
          app.db.transaction((tx) =>
            finishJobs(
              tx,
              'bench',
              jobs.slice(from, to).map((job) => ({ job })),
            ),
          );
      },
    },
  ];
}
