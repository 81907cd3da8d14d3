// Goal: a file that could not be read, kept or believed at first is not lost: it comes again, nobody asks for it every minute, and somebody knows.
// Method: the simulated WeChat Pay's bills, taken by a program that lacks something: it reads no bills, keeps no lines, or takes small answers only.
import { expect, test } from 'vitest';
import { listCases } from '../../src/cases/index.ts';
import type { CaseKindName } from '../../src/cases/index.ts';
import { days, hours, minutes, parseShanghai, plus, refuse, shanghaiDate } from '../../src/kernel/index.ts';
import type { BusinessDate, Instant } from '../../src/kernel/index.ts';
import { askStatements, findLines, listDays, statementWorks, wishStatements } from '../../src/statements/index.ts';
import { hasCollected } from '../../src/payments/index.ts';
import { Worker } from '../../src/platform/worker.ts';
import type { Connector } from '../../src/channels/contract/index.ts';
import { stepsOn } from '../kit/pay-steps.ts';
import { useWechatWorld } from '../kit/wechat-world.ts';
import { merchant, people } from '../stories/people.ts';

const own = useWechatWorld('2026-12-01 10:00:00');
const { wish, pay } = stepsOn(() => own.world);
let faults = 0;

async function fault(name: string, api: string, times = 1): Promise<void> {
  await own.world.post('/control/faults', [{ id: `a-${(faults += 1)}`, fault: name, times, match: { api } }]);
}

async function until(moment: string): Promise<void> {
  await own.world.pass((parseShanghai(moment) as Instant) - own.world.clock.now());
}

const today = (): BusinessDate => shanghaiDate(own.world.clock.now());
const after = (day: string, count: number): BusinessDate =>
  shanghaiDate(plus(parseShanghai(day) as Instant, days(count)));

/** A payment, and the next morning one second before its bills are asked for. */
async function morningAfter(): Promise<BusinessDate> {
  const day = today();
  const started = await wish({ product: 'native' });
  if (!started.ok) throw new Error(started.refusal.code);
  await own.world.pass(1000);
  await pay(started.value.attempt.serialNo);
  await until(`${after(day, 1)} 09:59:59`);
  return day;
}

async function dayOf(day: BusinessDate, kind = 'trade') {
  const [found] = await listDays(own.world.app.db, { merchants: 'all', kinds: [kind], from: day, to: day, limit: 10 });
  if (!found) throw new Error(`no row for ${kind} of ${day}`);
  return found;
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

/** What is due now, by a program whose connector is another. */
async function workWith(change: (connector: Connector) => Connector, passMs = 2000): Promise<void> {
  const { app, clock } = own.world;
  clock.moveTo(plus(clock.now(), passMs));
  await own.world.post('/control/clock', { now_ms: clock.now() });
  const all = (): Connector[] => app.customs.channels.all().map(change);
  const channels = { get: (id: string) => all().find(({ manifest }) => manifest.id === id), all };
  const onError = (error: unknown): void => {
    throw error instanceof Error ? error : new Error(String(error));
  };
  const works = statementWorks({ ...app.customs, channels, owner: 'other' }, (id, span) =>
    hasCollected(app.db, id, span),
  );
  const worker = new Worker({ db: app.db, clock, transport: app.transport, owner: 'other', onError, works });
  for (let turn = 0; turn < 3; turn += 1) await worker.runDue();
}

const readsAs = (connector: Connector, read: NonNullable<Connector['statement']>['read']): Connector =>
  connector.statement ? { ...connector, statement: { ...connector.statement, read } } : connector;

test('a file that an older program could not read is read when the newer one is given it again', async () => {
  const { app } = own.world;
  await wishStatements(app.db, own.world.clock.now());
  const day = await morningAfter();
  await workWith((one) => readsAs(one, () => refuse('statement.heading_unknown', { row: 1, column: 'old' })));
  const { statementId = '' } = await dayOf(day);
  const unread = () =>
    app.db.query<{ unread: unknown; lines: number }>('select unread, lines from statements where id = $1', [
      statementId,
    ]);
  expect(await unread()).toMatchObject([{ unread: { params: { column: 'old' } }, lines: 0 }]);
  expect(await openCases('statement.unreadable')).toHaveLength(2);
  await ask(day);
  await workWith((one) => readsAs(one, () => refuse('statement.heading_unknown', { row: 1, column: 'new' })));
  expect(await unread()).toMatchObject([{ unread: { params: { column: 'new' } }, lines: 0 }]);
  expect(await openCases('statement.unreadable')).toHaveLength(2);
  await ask(day);
  await own.world.pass(minutes(1));
  expect(await dayOf(day)).toMatchObject({ state: 'received', statementId });
  expect(await unread()).toEqual([{ unread: null, lines: 1 }]);
  expect(await findLines(app.db, statementId, 10)).toMatchObject([{ kind: 'payment', amount: '100.00' }]);
  expect(await openCases('statement.unreadable')).toMatchObject([{ params: { file: 'flow' } }]);
  // Read once, it is not read again.
  await ask(day);
  await own.world.pass(minutes(1));
  expect(await findLines(app.db, statementId, 10)).toHaveLength(1);
});

test('a file that cannot be kept says why, and is fetched again after a pause that grows', async () => {
  const day = await morningAfter();
  const throws = (one: Connector): Connector =>
    readsAs(one, (contents, question, account) => {
      const read = one.statement?.read(contents, question, account) ?? refuse('statement.not_whole', {});
      if (!read.ok) return read;
      return { ok: true, value: { ...read.value, lines: read.value.lines.map((line) => ({ ...line, about: '\0' })) } };
    });
  await workWith(throws);
  const first = await dayOf(day);
  expect(first).toMatchObject({
    state: 'waiting',
    failures: 1,
    why: expect.stringContaining('could not be kept') as string,
  });
  const before = await calls('statement.fetch');
  for (let minute = 0; minute < 9; minute += 1) await workWith(throws, minutes(1));
  // After 1, 2 and 4 minutes, of two bills; without a pause it would be eighteen.
  expect((await calls('statement.fetch')) - before).toBe(6);
  expect((await dayOf(day)).failures).toBe(4);
  await own.world.pass(minutes(20));
  expect((await dayOf(day)).state).toBe('received');
});

test.each([
  ['unfolds', 'too_large: '],
  ['arrives', 'answer exceeds 100 bytes'],
])(
  'of a file that is too large as it %s somebody knows at once; nothing of it is kept, and it is fetched once a day',
  async (how, why) => {
    const { app, accountId } = own.world;
    const day = await morningAfter();
    const small = (one: Connector): Connector => {
      const lane = one.manifest.lanes['statement.fetch'];
      if (!one.statement || !lane) return one;
      if (how === 'arrives')
        return {
          ...one,
          manifest: {
            ...one.manifest,
            lanes: { ...one.manifest.lanes, 'statement.fetch': { ...lane, answerBytesMax: 100 } },
          },
        };
      const outcome = { kind: 'rejected', code: 'too_large', text: 'far too large' } as const;
      const fetch = { ...one.statement.fetch, interpret: () => ({ outcome, trust: 'transport_only' }) as const };
      return { ...one, statement: { ...one.statement, fetch } };
    };
    await workWith(small);
    expect(await dayOf(day)).toMatchObject({ state: 'waiting', why: expect.stringContaining(why) as string });
    expect(
      (await openCases('statement.late')).map(({ subject, params }) => [
        subject,
        String(params['why']).startsWith(why),
      ]),
    ).toEqual(expect.arrayContaining([[`${accountId} trade ${day}`, true]]) as unknown);
    const kept = await app.db.query<{ bytes: number; reading: object }>(
      `select octet_length(a.answer) as bytes, a.reading from exchange_answers a join exchanges e on e.id = a.exchange_id
     where e.operation = 'statement.fetch' order by e.created_at desc limit 1`,
    );
    expect(kept.every(({ bytes }) => bytes < 600)).toBe(true);
    const before = await calls('statement.fetch');
    for (let hour = 0; hour < 23; hour += 1) await workWith(small, hours(1));
    expect((await calls('statement.fetch')) - before).toBe(0);
    await own.world.pass(hours(2));
    expect((await dayOf(day)).state).toBe('received');
    expect(await openCases('statement.late')).toEqual([]);
  },
);

test('asked by hand again and again, an empty day is still asked about later, and an empty list of movements is not believed beside payments', async () => {
  const day = await morningAfter();
  await fault('statement_empty', 'fundflowbill', 12);
  await own.world.pass(2000);
  for (let times = 0; times < 3; times += 1) {
    // The first word came before the trade bill was here.
    await own.world.app.db.query(
      `update statement_days set state = 'empty', why = '' where day = $1 and kind = 'flow'`,
      [day],
    );
    await ask(day, 'flow');
    await own.world.pass(1000);
  }
  expect(await dayOf(day)).toMatchObject({ state: 'received' });
  expect(await dayOf(day, 'flow')).toMatchObject({
    state: 'waiting',
    why: expect.stringContaining('trade bill') as string,
  });
  await until(`${after(day, 4)} 09:00:00`);
  expect((await dayOf(day, 'flow')).state).toBe('received');
});

test('a day that was late, then empty, then missing again is told of again', async () => {
  const { app, clock } = own.world;
  const day = today();
  await until(`${after(day, 1)} 09:59:00`);
  await fault('statement_late', 'tradebill', 9);
  await until(`${after(day, 1)} 12:00:05`);
  const about = [{ subject: `${own.world.accountId} trade ${day}` }];
  expect(await openCases('statement.late')).toMatchObject(about);
  await until(`${after(day, 2)} 13:00:00`);
  expect((await dayOf(day)).state).toBe('empty');
  expect(await openCases('statement.late')).toEqual([]);
  // A receipt of that day comes to light.
  await ask(day);
  clock.moveTo(plus(clock.now(), 1000));
  await own.world.post('/control/clock', { now_ms: clock.now() });
  const parts = { db: app.db, clock, transport: app.transport, owner: 'other', onError: () => undefined };
  await new Worker({
    ...parts,
    works: statementWorks({ ...app.customs, owner: 'other' }, () => Promise.resolve(true)),
  }).runDue();
  expect((await dayOf(day)).state).toBe('waiting');
  await own.world.pass(minutes(1));
  expect(await openCases('statement.late')).toMatchObject(about);
});

test('a day that somebody asked for by hand hides none of those before it', async () => {
  const { app, clock } = own.world;
  const day = today();
  await app.db.query(`update jobs set wanted = done where kind = 'statement.plan'`);
  clock.moveTo(plus(clock.now(), days(4)));
  await own.world.post('/control/clock', { now_ms: clock.now() });
  await ask(after(day, 3));
  await own.world.pass(minutes(1));
  const asked = (await dayOf(after(day, 3))).askedAt;
  await wishStatements(app.db, clock.now());
  await own.world.pass(minutes(2));
  for (const count of [0, 1, 2, 3]) expect((await dayOf(after(day, count))).state, `${count}`).toBe('empty');
  // What is there is not asked for again.
  expect((await dayOf(after(day, 3))).askedAt).toBe(asked);
});
