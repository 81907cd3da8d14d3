// Goal: a port that falls silent is an incident within minutes; its group is sampled, a second wave joins it, recovery closes it.
// Method: twenty orders a minute, declared and taken over as they are paid; from one minute on the channel swallows them.
import { expect, test } from 'vitest';
import { importPayments } from '../../src/customs/index.ts';
import { listIncidents } from '../../src/incidents/index.ts';
import type { Incident } from '../../src/incidents/index.ts';
import { minutes, plus, shanghaiText } from '../../src/kernel/index.ts';
import type { Instant } from '../../src/kernel/index.ts';
import { at, merchant, partner, useWorld, wang } from '../kit/world.ts';
import { fault, good, orderOf } from './steps.ts';
import type { Order } from './steps.ts';

const start = at('2015-10-27 10:00:00');
const own = useWorld('2015-10-27 10:00:00');
const perMinute = 20;

const paidAtOf = (n: number): Instant => plus(start, Math.floor((n * minutes(1)) / perMinute));
const ordersOfMinute = (minute: number): { order: Order; paidAt: Instant }[] =>
  Array.from({ length: perMinute }, (_, index) => {
    const n = minute * perMinute + index;
    return { order: orderOf(n + 1), paidAt: paidAtOf(n) };
  });

/** The channel's side of these minutes: paid, declared at once, and lost where the minute says so. Moments ahead wait for the clock. */
async function seedMinutes(from: number, to: number, lost: boolean): Promise<void> {
  const all = Array.from({ length: to - from }, (_, index) => ordersOfMinute(from + index)).flat();
  const trades = all.map(({ order, paidAt }) => ({
    ...{ partner, trade_no: order.tradeNo, out_trade_no: order.orderNo, amount: '420.00', paid_at: paidAt },
  }));
  await own.world.post('alipay', '/control/trades', trades);
  const orders = all.map(({ order }) => order);
  if (lost) await fault(own.world, 'swallow_declaration', orders, { is_repush: false });
  const declarations = all.map(({ order, paidAt }) => ({
    ...{ partner, out_request_no: order.requestNo, trade_no: order.tradeNo, place: order.place },
    ...{ customs_code: '3301TEST01', customs_name: '测试公司', amount: order.amount, accepted_at_ms: paidAt },
  }));
  await own.world.post('alipay', '/control/declarations', declarations);
}

const head = 'order_no,request_no,place,customs_code,customs_name,declared_amount,is_split,trade_no,waybill_no,paid_at';

async function adoptMinute(minute: number): Promise<void> {
  const rows = ordersOfMinute(minute).map(({ order, paidAt }) =>
    [order.orderNo, order.requestNo, order.place, '3301TEST01', '测试公司', order.amount, 'F', order.tradeNo]
      .concat(order.waybillNo, shanghaiText(paidAt))
      .join(','),
  );
  const file = { merchantId: merchant, accountId: own.world.accountId, fileName: `m${minute}.csv`, defaults: {} };
  const { customs } = own.world.app;
  const bytes = Buffer.from([head, ...rows].join('\n'));
  expect(good(await importPayments(customs, wang, { ...file, bytes }))).toMatchObject({ adopted: perMinute });
}

/** Lets minutes pass, taking over what was paid in each; ends when `enough`. Returns the minute at which it stood. */
async function live(from: number, to: number, enough = (_all: readonly Incident[]): boolean => false): Promise<number> {
  for (let minute = from; minute < to; minute += 1) {
    await own.world.stepper.runUntil(plus(start, minutes(minute + 1)));
    await adoptMinute(minute);
    if (enough(await incidents())) return minute + 1;
  }
  await own.world.stepper.runUntil(plus(start, minutes(to)));
  return to;
}

const incidents = (): Promise<readonly Incident[]> => listIncidents(own.world.app.db, { merchants: [merchant] });
const asksSince = async (since: Instant): Promise<number> => {
  const [row] = await own.world.app.db.query<{ n: number }>(
    `select count(*)::int4 as n from exchange_subjects s join exchanges e on e.bucket = s.exchange_bucket and e.id = s.exchange_id
     where e.operation = 'customs.query' and e.created_at >= $1`,
    [new Date(since).toISOString()],
  );
  return row?.n ?? 0;
};

const onset = 30;

test('half an hour of receipts that come raises no alarm', async () => {
  await seedMinutes(0, onset, false);
  await seedMinutes(onset, onset + 40, true);
  await live(0, onset);
  expect(await incidents()).toEqual([]);
}, 120_000);

test('when receipts stop, the incident is open within fifteen minutes and knows its first minute', async () => {
  const seenAt = await live(onset, onset + 20, (all) => all.length > 0);
  expect(seenAt - onset).toBeLessThanOrEqual(15);
  const [incident] = await incidents();
  expect(incident).toMatchObject({ state: 'open', place: 'ZONGSHU', onsetAt: plus(start, minutes(onset)) });
  expect(incident?.findings.members).toBeGreaterThanOrEqual(perMinute * (seenAt - onset - 1));
  const told = await own.world.app.db.query<{ type: string }>('select type from webhook_events order by at');
  expect(told.map(({ type }) => type)).toContain('incident.opened');
}, 120_000);

test('while it is open its group is sampled, and what is still lost joins the same incident', async () => {
  const from = Math.round((own.world.clock.now() - start) / minutes(1));
  // Those that were taken over before it was seen are still asked at their own time.
  await live(from, from + 12);
  const since = own.world.clock.now();
  await live(from + 12, from + 22);
  expect(await asksSince(since)).toBeLessThanOrEqual(60);
  const all = await incidents();
  expect(all.map(({ id, state }) => `${id} ${state}`)).toEqual(['I-1 open']);
  expect(all[0]?.findings.members).toBeGreaterThan(perMinute * 30);
}, 120_000);

test('when receipts come again it closes by itself, once customs has what was lost', async () => {
  const from = Math.round((own.world.clock.now() - start) / minutes(1));
  await seedMinutes(onset + 40, from + 110, false);
  await live(from, from + 100, ([incident]) => incident?.state === 'closing');
  expect((await incidents()).map(({ state }) => state)).toEqual(['closing']);
  // What a re-push would do, for all that were lost: the port has them, and says so to whoever asks.
  await own.world.app.db.query(
    `update customs_declarations set summary = summary || '{"best": {"rank": 3, "code": "3", "class": "to_customs", "at": 0, "text": ""}}'
     where not answered`,
  );
  await own.world.stepper.runUntil(plus(own.world.clock.now(), minutes(3)));
  expect(await incidents()).toMatchObject([{ state: 'closed', closeReason: 'recovered', rest: [] }]);
}, 180_000);
