// Goal: where the channel contradicts itself or us, nothing is booked on one word, delivery is held, and a person sees both figures.
// Method: the simulated gateway lies in one way a test. In each, the books differ by what is disputed and by nothing else.
import { afterEach, expect, test } from 'vitest';
import { proposeAttemptVerdict } from '../../src/payments/index.ts';
import { bothBooks, brokenLaws } from '../kit/pay-books.ts';
import { codeOf, stepsOn } from '../kit/pay-steps.ts';
import { pauseBeforeSend } from '../kit/paused-worker.ts';
import { usePayWorld } from '../kit/pay-world.ts';
import { wang } from '../kit/world.ts';

const own = usePayWorld('2015-10-28 16:20:00');
const { begin, cancel, seen, pay, open, fault, refund, events, cases, states } = stepsOn(() => own.world);
const s = 1000;
const m = 60 * s;

/** Serial numbers and what the channel has more of them than we have, in fen. */
const disputed = new Map<string, number>();

afterEach(async () => {
  const { app, accountId } = own.world;
  const { ours, theirs } = await bothBooks(app.db, own.world, accountId);
  const differing = theirs.lines.flatMap((line, index) => {
    const more = line.received - (ours.lines[index]?.received ?? 0);
    return more === 0 ? [] : [[line.no, more] as const];
  });
  expect(new Map(differing)).toEqual(disputed);
  expect(theirs.atPlace - ours.atPlace).toBe([...disputed.values()].reduce((sum, fen) => sum + fen, 0));
  expect(await brokenLaws(app.db)).toEqual([]);
});

/** What a case tells people. */
async function told(kind: string): Promise<unknown> {
  const [found] = await own.world.app.db.query<{ params: unknown }>(
    `select params from cases where kind = $1 and state = 'open' order by opened_at desc limit 1`,
    [kind],
  );
  return found?.params;
}

test('wrong amount: the payer paid a fen less, signed by message and answer; held, with both figures', async () => {
  const { order, serialNo } = await begin();
  await pay(serialNo, { amount: '99.99' });
  await own.world.pass(m);
  disputed.set(serialNo, 9999);
  expect((await states(order)).order).toBe('unpaid');
  expect(await events(order)).toContain('payment.disputed');
  expect(await cases(order)).toContain('payment.amount_differs');
  expect(await told('payment.amount_differs')).toMatchObject({ ours: '10000 CNY', theirs: '99.99 CNY' });
  await own.world.pass(45 * m);
  for (const verdict of ['paid', 'unpaid'] as const) {
    const word = { verdict, evidence: 'the letter of the channel' };
    const { attempts } = await seen(order);
    const asked = await proposeAttemptVerdict(
      own.world.app.payments,
      wang,
      await seen(order),
      attempts[0]?.id ?? '',
      word,
    );
    expect(codeOf(asked)).toBe('attempt.other_amount');
  }
  // Neither unpaid nor paid: not closed by our clock, and no event says that it failed.
  expect((await states(order)).attempts).toEqual(['closing']);
  expect(await events(order)).not.toContain('payment.closed');
});

test('two trade numbers under one serial: the second is a case at once, and booked by nobody', async () => {
  const { order, serialNo } = await begin();
  await fault('second_trade_no', serialNo, { method: 'payer.pay' });
  await pay(serialNo);
  await own.world.pass(m);
  disputed.set(serialNo, 10_000);
  expect(await states(order)).toMatchObject({ order: 'paid', payments: ['paid'], surplus: [] });
  expect((await events(order)).filter((type) => type !== 'payment.succeeded')).toEqual([]);
  expect(await cases(order)).toEqual(['payment.second_trade_no']);
});

test('two truths: a signed success while we close, and then the close is carried out; both are kept, with a case', async () => {
  const { order, serialNo } = await begin();
  await open(serialNo);
  await own.world.pass(2 * m);
  await cancel(order);
  const closing = await pauseBeforeSend(own.world);
  await closing.stands;
  await own.world.post('/control/openapi/forge', {
    ...{ out_trade_no: serialNo, event: 'paid', signed: true, fields: { trade_status: 'TRADE_SUCCESS' } },
  });
  await own.world.pass(5 * s);
  expect((await closing.wake(0)).map(({ kind }) => kind)).toEqual(['answered']);
  await own.world.pass(m);
  disputed.set(serialNo, -10_000);
  expect(await states(order)).toMatchObject({ payments: ['paid'], attempts: ['succeeded'] });
  expect(await cases(order)).toEqual(['payment.contradiction']);
});

test('money under a number that nobody here gave out: acknowledged, kept, and a case', async () => {
  const { serialNo } = await begin();
  await open(serialNo);
  const fields = { out_trade_no: '15102801009000000012', trade_status: 'TRADE_SUCCESS' };
  await own.world.post('/control/openapi/forge', { out_trade_no: serialNo, event: 'paid', signed: true, fields });
  await own.world.pass(5 * s);
  expect(await told('notice.unknown')).toMatchObject({ serial_no: fields.out_trade_no, amount: '100.00 CNY' });
  const { notices } = await own.world.get<{ notices: { state: string; fields: { out_trade_no: string } }[] }>(
    `/openapi/books?out_trade_nos=${serialNo}`,
  );
  expect(notices.map(({ state }) => state)).toEqual(['acknowledged']);
});

test('refund news about a number that is not ours: somebody gave back at the console of the channel, and a person looks', async () => {
  const { order, serialNo } = await begin();
  await pay(serialNo);
  await own.world.pass(10 * s);
  const fields = { refund_fee: '40.00', out_biz_no: 'CONSOLE1', gmt_refund: '2015-10-28 16:40:00.000' };
  await own.world.post('/control/openapi/forge', { out_trade_no: serialNo, event: 'refunded', signed: true, fields });
  await own.world.pass(m);
  expect(await states(order)).toMatchObject({ order: 'paid', refunds: [] });
  expect(await cases(order)).toEqual(['payment.contradiction']);
  expect((await refund(order, 'R1', 1000n)).ok).toBe(true);
  await own.world.pass(m);
  expect((await seen(order)).refunds).toMatchObject([{ state: 'refunded' }]);
});
