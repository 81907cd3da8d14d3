// Goal: what happened on a day lies here the next morning as the channel wrote it, proved and read; and where it does not, somebody knows by noon.
// Method: the simulated WeChat Pay writes its bills from its own books, with named faults, on a moved clock; our lines are compared with its books.
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { listCases } from '../../src/cases/index.ts';
import type { CaseKindName } from '../../src/cases/index.ts';
import { days, hours, minutes, parseShanghai, plus, shanghaiDate } from '../../src/kernel/index.ts';
import type { BusinessDate, Instant } from '../../src/kernel/index.ts';
import {
  askStatements,
  findLines,
  listDays,
  openStatementFile,
  showStatement,
  wishStatements,
} from '../../src/statements/index.ts';
import { statementWorks } from '../../src/statements/index.ts';
import { Worker } from '../../src/platform/worker.ts';
import type { LaneWork } from '../../src/platform/worker.ts';
import { hasCollected } from '../../src/payments/index.ts';
import { stepsOn } from '../kit/pay-steps.ts';
import { useWechatWorld } from '../kit/wechat-world.ts';
import { merchant, people } from '../stories/people.ts';

const own = useWechatWorld('2026-12-01 10:00:00');
const { wish, pay, refund } = stepsOn(() => own.world);
let faults = 0;

async function fault(name: string, api: string, times = 1): Promise<void> {
  await own.world.post('/control/faults', [{ id: `s-${(faults += 1)}`, fault: name, times, match: { api } }]);
}

/** Lets time pass until that moment in Beijing. */
async function until(moment: string): Promise<void> {
  const at = parseShanghai(moment);
  if (at === undefined) throw new Error(moment);
  await own.world.pass(at - own.world.clock.now());
}

const today = (): BusinessDate => shanghaiDate(own.world.clock.now());
const after = (day: string, count: number): BusinessDate =>
  shanghaiDate(plus(parseShanghai(day) as Instant, days(count)));

/** Somebody pays a hundred yuan. */
async function paid() {
  const started = await wish({ product: 'native' });
  if (!started.ok) throw new Error(JSON.stringify(started.refusal));
  const { order, attempt } = started.value;
  await own.world.pass(1000);
  await pay(attempt.serialNo);
  await own.world.pass(10_000);
  return { order, serialNo: attempt.serialNo };
}

const daysOf = (day: BusinessDate, kind = 'trade') =>
  listDays(own.world.app.db, { merchants: 'all', kinds: [kind], from: day, to: day, limit: 10 });

async function dayOf(day: BusinessDate, kind = 'trade') {
  const [found, ...more] = await daysOf(day, kind);
  expect(more).toEqual([]);
  if (!found) throw new Error(`nothing planned for ${day}`);
  return found;
}

async function linesOf(day: BusinessDate, kind = 'trade') {
  const { statementId = '' } = await dayOf(day, kind);
  return findLines(own.world.app.db, statementId, 1000);
}

const openCases = async (kind: CaseKindName) =>
  (await listCases(own.world.app.db, { merchants: [merchant], kind, state: 'open', limit: 100 })) as readonly {
    subject: string;
    params: Readonly<Record<string, unknown>>;
  }[];

const calls = async (operation: string): Promise<number> =>
  (await own.world.app.db.query(`select from exchanges where operation = $1`, [operation])).length;

const ask = (day: BusinessDate, kind = 'trade') =>
  askStatements(own.world.app.customs, people.wang, { accountId: own.world.accountId, kind, from: day, to: day });

const ownBooks = (id: string, span: { from: Instant; to: Instant }) => hasCollected(own.world.app.db, id, span);

test('the morning after, both bills of a day lie here: the lines are what the channel booked, and the file is as it came', async () => {
  const { app, get } = own.world;
  await wishStatements(app.db, own.world.clock.now());
  const day = today();
  const [first, second] = [await paid(), await paid()];
  await own.world.pass(minutes(2));
  expect(await refund(first.order, 'R1', 300n)).toMatchObject({ ok: true });
  await own.world.pass(minutes(2));
  await until(`${after(day, 1)} 09:59:59`);
  expect(await dayOf(day)).toMatchObject({ state: 'due' });
  await until(`${after(day, 1)} 10:01:00`);
  const { state, statementId = '' } = await dayOf(day);
  expect(state).toBe('received');

  type Order = {
    out_trade_no: string;
    transaction_id: string;
    amount_fen: number;
    fee_fen: number;
    refunds: readonly Refund[];
  };
  type Refund = { out_refund_no: string; amount_fen: number };
  const numbers = [first.serialNo, second.serialNo];
  const { orders } = await get<{ orders: readonly Order[] }>(`/books?out_trade_nos=${numbers.join(',')}`);
  const yuan = (fen: number): string => (fen / 100).toFixed(2);
  const theirs = orders.flatMap((order) => [
    [
      'payment',
      order.out_trade_no,
      order.transaction_id,
      undefined,
      yuan(order.amount_fen),
      `-${yuan(order.fee_fen)}000`,
    ],
    ...order.refunds.map((one) => [
      'refund',
      order.out_trade_no,
      order.transaction_id,
      one.out_refund_no,
      yuan(-one.amount_fen),
    ]),
  ]);
  const ours = (await linesOf(day)).map((line) => [
    ...[line.kind, line.serialNo, line.tradeNo, line.refundNo, line.amount],
    ...(line.kind === 'payment' ? [line.fee] : []),
  ]);
  expect(theirs).toHaveLength(3);
  expect(new Set(ours.map(String))).toEqual(new Set(theirs.map(String)));
  const flow = await linesOf(day, 'flow');
  expect(flow.map(({ kind, amount }) => [kind, amount])).toEqual(
    expect.arrayContaining([
      ['payment', '100.00'],
      ['fee', '-0.60'],
      ['refund', '-3.00'],
    ]) as unknown,
  );

  const shown = await showStatement(app.customs, people.wang, statementId);
  if (!shown.ok) throw new Error(shown.refusal.code);
  const { statement, sums } = shown.value;
  expect(statement).toMatchObject({ version: 1, hasFile: true, trust: 'verified', lines: 3, unread: undefined });
  expect(sums.map(({ kind, lines, amount }) => [kind, lines, amount])).toEqual([
    ['payment', 2, '200.00'],
    ['refund', 1, '-3.00'],
  ]);
  const file = await openStatementFile(app.customs, people.wang, statementId, 'test');
  if (!file.ok) throw new Error(file.refusal.code);
  const bytes = await buffer(file.value.pieces);
  const digests = ['sha1', 'sha256'].map((name) => createHash(name).update(bytes).digest('hex'));
  expect(digests).toEqual([statement.channelDigest, statement.sha256]);
  expect(bytes.subarray(0, 3)).toEqual(Buffer.of(0xef, 0xbb, 0xbf));
  expect((await app.db.query('select from statement_pieces')).length).toBe(2);
});

test('a day on which nothing happened is an empty statement with the answer that says so, and is asked about twice more', async () => {
  const day = today();
  await until(`${after(day, 1)} 10:01:00`);
  const { state, statementId = '', empties } = await dayOf(day);
  expect([state, empties]).toEqual(['empty', 1]);
  const shown = await showStatement(own.world.app.customs, people.wang, statementId);
  expect(shown).toMatchObject({ ok: true, value: { statement: { hasFile: false, lines: 0, bytes: 0, version: 1 } } });
  const proof = shown.ok ? shown.value.statement.askedExchange : '';
  const kept = await own.world.app.db.query(`select http_status from exchange_answers where exchange_id = $1`, [proof]);
  expect(kept).toEqual([{ http_status: 400 }]);
  await until(`${after(day, 2)} 10:30:00`);
  expect(await dayOf(day)).toMatchObject({ state: 'empty', empties: 3, statementId });
  const file = await openStatementFile(own.world.app.customs, people.wang, statementId, 'test');
  expect(file.ok && (await buffer(file.value.pieces)).byteLength).toBe(0);
});

test('what is not ready is asked for every half hour; missing at noon it is a case, which the file closes', async () => {
  const day = today();
  await paid();
  await until(`${after(day, 1)} 09:30:00`);
  await fault('statement_late', 'tradebill', 9);
  const before = await calls('statement.ask');
  await until(`${after(day, 1)} 11:59:00`);
  expect(await dayOf(day)).toMatchObject({ state: 'waiting', why: 'not ready' });
  expect(await openCases('statement.late')).toEqual([]);
  // Trade bill at 10:00, 10:30, 11:00, 11:30; the fund-flow bill once, and what was empty before once or twice.
  expect((await calls('statement.ask')) - before).toBeGreaterThanOrEqual(5);
  await until(`${after(day, 1)} 12:00:05`);
  expect(await openCases('statement.late')).toMatchObject([
    { subject: `${own.world.accountId} trade ${day}`, params: { day, why: 'not ready' } },
  ]);
  await until(`${after(day, 2)} 12:30:00`);
  expect((await dayOf(day)).state).toBe('received');
  expect(await openCases('statement.late')).toEqual([]);
  expect((await linesOf(day)).map(({ kind }) => kind)).toEqual(['payment']);
});

test('a word that nothing happened is not believed on a day on which we took money', async () => {
  const day = today();
  await paid();
  await until(`${after(day, 1)} 09:30:00`);
  await fault('statement_empty', 'tradebill', 20);
  await until(`${after(day, 1)} 11:59:00`);
  expect(await dayOf(day)).toMatchObject({ state: 'waiting', why: expect.stringContaining('we took money') as string });
  expect((await dayOf(day)).statementId).toBeUndefined();
  await until(`${after(day, 1)} 12:00:05`);
  expect(await openCases('statement.late')).toMatchObject([{ subject: `${own.world.accountId} trade ${day}` }]);
  await until(`${after(day, 3)} 23:00:00`);
  expect((await dayOf(day)).state).toBe('received');
  expect(await openCases('statement.late')).toEqual([]);
});

test('a file whose digest differs is not kept as one; the next address brings it', async () => {
  const day = today();
  await paid();
  await until(`${after(day, 1)} 09:30:00`);
  await fault('statement_wrong_hash', 'tradebill');
  await until(`${after(day, 1)} 10:00:30`);
  const waiting = await dayOf(day);
  expect(waiting).toMatchObject({ state: 'waiting', why: expect.stringContaining('digest') as string });
  expect(waiting.statementId).toBeUndefined();
  await until(`${after(day, 1)} 10:02:00`);
  expect((await dayOf(day)).state).toBe('received');
  expect(await openCases('statement.late')).toEqual([]);
});

test('an address that is over is asked for anew, whether the channel says so or the clock', async () => {
  const { app, accountId } = own.world;
  const day = today();
  await paid();
  await until(`${after(day, 1)} 09:30:00`);
  await fault('statement_url_expired', 'billfile');
  await until(`${after(day, 1)} 10:10:00`);
  expect((await dayOf(day)).state).toBe('received');
  // The lane of downloads stands still for longer than an address holds.
  const setPaused = (at: string) =>
    app.db.query(`update lanes set paused_at = ${at} where id = '${accountId}/statement.fetch'`);
  const next = today();
  await paid();
  await until(`${after(next, 1)} 09:30:00`);
  await setPaused('now()');
  await until(`${after(next, 1)} 10:20:00`);
  const [asked, fetched] = [await calls('statement.ask'), await calls('statement.fetch')];
  await setPaused('null');
  await own.world.pass(minutes(1));
  expect((await dayOf(next)).state).toBe('received');
  // Asked anew for both bills, and no old address was tried.
  expect([(await calls('statement.ask')) - asked, (await calls('statement.fetch')) - fetched]).toEqual([2, 2]);
});

test('killed between the download and its row, the day is fetched again and kept once', async () => {
  const { app, clock } = own.world;
  const day = today();
  await paid();
  await until(`${after(day, 1)} 09:59:59`);
  const dies: LaneWork[] = statementWorks({ ...app.customs, owner: 'dies' }, ownBooks).map((work) => ({
    ...work,
    hear: (lease, heard) =>
      work.operation === 'statement.fetch' ? Promise.reject(new Error('killed')) : work.hear(lease, heard),
  }));
  clock.moveTo(plus(clock.now(), 2000));
  await own.world.post('/control/clock', { now_ms: clock.now() });
  const errors: unknown[] = [];
  const parts = { db: app.db, clock, transport: app.transport, owner: 'dies' };
  await new Worker({ ...parts, works: dies, onError: (error) => void errors.push(error) }).runDue();
  expect(errors.map(String)).toContain('Error: killed');
  expect((await dayOf(day)).statementId).toBeUndefined();
  await own.world.pass(minutes(5));
  expect((await dayOf(day)).state).toBe('received');
  const rows = await app.db.query(
    `select from statements s join statement_days d on d.bucket = s.day_bucket and d.id = s.day_id where d.day = $1 and d.kind = 'trade'`,
    [day],
  );
  expect(rows).toHaveLength(1);
});

test('two processes that fetch one day keep one statement', async () => {
  const { app, clock } = own.world;
  const day = today();
  await paid();
  await until(`${after(day, 1)} 09:59:59`);
  clock.moveTo(plus(clock.now(), 2000));
  await own.world.post('/control/clock', { now_ms: clock.now() });
  const onError = (error: unknown): void => {
    throw error instanceof Error ? error : new Error(String(error));
  };
  const worker = (owner: string): Worker =>
    new Worker({
      ...{ db: app.db, clock, transport: app.transport, owner, onError },
      works: statementWorks({ ...app.customs, owner }, ownBooks),
    });
  await Promise.all([worker('one').runDue(), worker('two').runDue()]);
  await own.world.pass(minutes(1));
  const shown = await showStatement(app.customs, people.wang, (await dayOf(day)).statementId ?? '');
  expect(shown).toMatchObject({
    ok: true,
    value: { statement: { version: 1, seenCount: 1 }, versions: { length: 1 } },
  });
});

test('fetched again, the same contents only count up; others are a version beside the first, and a case', async () => {
  const { app } = own.world;
  const day = today();
  await paid();
  await until(`${after(day, 1)} 10:01:00`);
  const { statementId: first = '' } = await dayOf(day);
  expect(await ask(day)).toMatchObject({ ok: true });
  await own.world.pass(minutes(1));
  expect(await showStatement(app.customs, people.wang, first)).toMatchObject({
    value: { statement: { seenCount: 2 } },
  });
  expect(await openCases('statement.changed')).toEqual([]);
  await fault('settle_again', 'tradebill');
  await ask(day);
  await own.world.pass(minutes(1));
  const { statementId: second = '' } = await dayOf(day);
  expect(second).not.toBe(first);
  const shown = await showStatement(app.customs, people.wang, second);
  expect(shown).toMatchObject({
    value: { statement: { version: 2, lines: 2 }, versions: [{ id: second }, { id: first }] },
  });
  expect(await findLines(app.db, first, 10)).toHaveLength(1);
  expect(await openCases('statement.changed')).toMatchObject([{ params: { statement: second, before: first } }]);
  // A word that nothing happened does not take away what lies here.
  await fault('statement_empty', 'tradebill');
  await ask(day);
  await own.world.pass(minutes(1));
  expect(await dayOf(day)).toMatchObject({ state: 'received', statementId: second });
});

test('days that cannot be had are refused with those that can, and strangers ask for nothing', async () => {
  const { app, accountId } = own.world;
  const refusal = async (from: string, more = {}) => {
    const wanted = { accountId, from: from as BusinessDate, to: from as BusinessDate, ...more };
    const asked = await askStatements(app.customs, people.wang, wanted);
    return asked.ok ? 'asked' : asked.refusal.code;
  };
  expect(await refusal(today())).toBe('statement.day_unfit');
  expect(await refusal(after(today(), -91))).toBe('statement.day_unfit');
  expect(await refusal(after(today(), -1), { kind: 'toString' })).toBe('statement.kind_unknown');
  expect(await refusal(after(today(), -1), { accountId: 'A99' })).toBe('account.not_found');
  const stranger = { ...people.wang, merchants: ['elsewhere'] };
  const asked = await askStatements(app.customs, stranger, {
    accountId,
    from: after(today(), -1),
    to: after(today(), -1),
  });
  expect(asked).toMatchObject({ ok: false, refusal: { code: 'auth.merchant_missing' } });
});

test('after a standstill of days the server plans all that it missed, and asks at once', async () => {
  const { app, clock } = own.world;
  const day = today();
  await app.db.query(`update jobs set wanted = done where kind = 'statement.plan'`);
  clock.moveTo(plus(clock.now(), days(3) + hours(2)));
  await wishStatements(app.db, clock.now());
  await own.world.pass(minutes(2));
  for (const missed of [day, after(day, 1), after(day, 2)]) expect((await dayOf(missed)).state, missed).toBe('empty');
});
