import { bucketOf, CNY, minutes, plus } from '../src/kernel/index.ts';
import type { OrderDoor } from '../src/payments/index.ts';
import { byTurns, figureOf, secondsOf, shortText } from './bench.ts';
import type { Bench, BenchContext, BenchResult, Figure } from './bench.ts';
import { good, merchant } from './server.ts';
import type { BenchWorld } from './server.ts';

/** A whole pay-in at the door of orders: the shop's wish, and the channel's word that it was paid. No HTTP and no signatures. */
export const payIns: Bench = {
  name: 'payins',
  says: 'whole pay-ins (wish, success, postings, news) in lists of 1 to 1,000, and what one writes',
  run,
};

type Input = Parameters<OrderDoor['tell']>[0];
const bytesMax = 6 * 1024;
const rowsMax = 16;
const target = { atLeast: 10 };

async function run({ quick, server, tell }: BenchContext): Promise<BenchResult> {
  const sizes = quick ? [1, 10] : [1, 10, 100, 1000];
  const rounds = quick ? 1 : 5;
  const world = await (await server()).openWorld();
  try {
    await payIn(world, quick ? 10 : 200, 10);
    tell(`payins: lists of ${sizes.map(shortText).join(', ')}`);
    const rates = await byTurns(rounds, sizes, async (size) => {
      const count = quick ? 10 : Math.max(size, Math.min(60 * size, 400));
      return count / (await secondsOf(() => payIn(world, count, size)));
    });
    const named = { bench: 'payins', against: 'one by one', unit: 'pay-ins/s' };
    const figures = sizes.slice(1).map((size, index): Figure => {
      const pairs = rates.map((row) => ({ subject: row[index + 1] ?? NaN, baseline: row[0] ?? NaN }));
      const measure = `a whole pay-in, list of ${shortText(size)}`;
      return figureOf(size === 100 ? { ...named, measure, target } : { ...named, measure }, pairs);
    });
    return { figures: [...figures, ...(await writtenBy(world, quick ? 10 : 400))], tables: [] };
  } finally {
    await world.close();
  }
}

let made = 0;

/** Two commands for each, as in life: the wish commits before anybody can pay. */
async function payIn({ app, accountId, clock }: BenchWorld, count: number, size: number): Promise<void> {
  const at = clock.now();
  for (let from = 0; from < count; from += size) {
    const wishes = Array.from({ length: Math.min(size, count - from) }, () => wishOf(app, accountId, at));
    for (const result of await app.orders.tellAll(wishes)) good(result);
    for (const result of await app.orders.tellAll(wishes.map((wish) => successOf(wish, at)))) good(result);
  }
}

type Wish = Extract<Input, { readonly kind: 'open' }>;

function wishOf(app: BenchWorld['app'], accountId: string, at: ReturnType<BenchWorld['clock']['now']>): Wish {
  const orderNo = `B${(made += 1)}`;
  const amount = { minor: 4200n, currency: CNY };
  const deadlineAt = plus(at, minutes(30));
  const attempt = {
    ...{
      id: app.customs.ids.next(),
      serialNo: `1510280${String(made).padStart(13, '0')}`,
      accountId,
      channel: 'alipay',
    },
    ...{
      product: 'page',
      scene: 'online' as const,
      amount,
      subject: '测试',
      deadlineAt,
      notifyUrl: 'http://127.0.0.1/n',
    },
  };
  return {
    ...{ key: { bucket: bucketOf(merchant, orderNo), id: app.customs.ids.next() }, kind: 'open' as const },
    ...{ order: { merchantId: merchant, orderNo, subject: '测试', due: amount }, paymentId: app.customs.ids.next() },
    ...{ expiresAt: deadlineAt, attempt, keepOthers: false },
  };
}

function successOf({ key, attempt }: Wish, at: ReturnType<BenchWorld['clock']['now']>): Input {
  const { serialNo, amount, id: attemptId } = attempt;
  const facts = { serialNo, tradeNo: `2015102822${serialNo}`, amount, paidAt: at, channelStatus: 'TRADE_SUCCESS' };
  const heard = { by: 'query', outcome: { kind: 'succeeded', facts }, trust: 'verified', heardAt: at } as const;
  return { key, kind: 'heard', attemptId, heard };
}

const written = `select pg_current_wal_lsn() - '0/0'::pg_lsn as wal,
  (select coalesce(sum(n_tup_ins + n_tup_upd), 0)::int8 from pg_stat_user_tables) as rows`;

/** Rows and log bytes of one pay-in among many, against what they may be. */
async function writtenBy(world: BenchWorld, count: number): Promise<Figure[]> {
  const { db } = world.app;
  const read = async (): Promise<{ wal: number; rows: number }> => {
    await db.query('select pg_stat_force_next_flush()');
    const [row] = await db.query<{ wal: unknown; rows: unknown }>(written);
    return { wal: Number(row?.wal), rows: Number(row?.rows) };
  };
  const before = await read();
  await payIn(world, count, Math.min(count, 100));
  const after = await read();
  const each = { wal: (after.wal - before.wal) / count, rows: (after.rows - before.rows) / count };
  const atMost = { target: { atMost: 1 }, bench: 'payins' };
  return [
    figureOf({ ...atMost, measure: 'log of a pay-in', against: `${bytesMax} bytes`, unit: 'bytes' }, [
      { subject: each.wal, baseline: bytesMax },
    ]),
    figureOf({ ...atMost, measure: 'rows of a pay-in', against: `${rowsMax} rows`, unit: 'rows' }, [
      { subject: each.rows, baseline: rowsMax },
    ]),
  ];
}
