// Goal: a backup that was taken while pushes were under way becomes a new life that repeats nothing of the lost one.
// Method: life one imports, judges and pushes; a backup is taken meanwhile; it goes on, pushing what the backup does not know, draws
// numbers, and is destroyed in the middle. Life two is restored into another database, looked at, resumed and run to its end against the
// same simulators. Then their books, which know both lives, are compared with ours.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadBackup } from '../../src/app/backup/restore.ts';
import type { Restored } from '../../src/app/backup/restore.ts';
import { checkBackup } from '../../src/app/backup/read.ts';
import { takeBackup } from '../../src/app/backup/take.ts';
import { openInstallation } from '../../src/app/installation.ts';
import { openApp } from '../../src/app/parts.ts';
import type { App } from '../../src/app/parts.ts';
import { Stepper } from '../../src/app/stepper.ts';
import { setLanePaused } from '../../src/cli/store.ts';
import { decidePlan, proposeRepush, resumePlan, runPlan, showPlan } from '../../src/customs/index.ts';
import type { Actor } from '../../src/identity/index.ts';
import { done, hours, minutes, plus, seconds } from '../../src/kernel/index.ts';
import type { Instant } from '../../src/kernel/index.ts';
import { SteppedClock } from '../../src/platform/clock.ts';
import { openDatabase } from '../../src/platform/db.ts';
import type { Database } from '../../src/platform/db.ts';
import { loadMasterKey, masterKeyFileOf } from '../../src/platform/keys-master.ts';
import { nextSerials } from '../../src/platform/serials.ts';
import { adopt, fault, good, list, numbersOf, ordersOf, seed, triage } from '../journeys/steps.ts';
import { useDatabase } from '../kit/database.ts';
import { useWorld, wang, zhao } from '../kit/world.ts';

const gapMs = minutes(5);
const chen: Actor = { userId: 'chen', name: '陈', roles: ['admin'], merchants: ['*'], door: 'cli' };
const first = useWorld('2015-10-28 16:20:00');
const second = useDatabase({ migrated: false });

const orders = ordersOf(1, 60);
/** Of these life one hears nothing, though they were booked; those of the other list are booked and have no effect. */
const hanging = orders.filter((_order, index) => index % 9 === 4);
const dead = orders.filter((_order, index) => index % 9 === 7);
const buckets = [0, 7, 7, 999];

type Attempt = { readonly at: number; readonly executed: boolean };
type Booked = {
  readonly out_request_no: string;
  readonly attempts: readonly Attempt[];
  readonly port?: { readonly payment_received_at?: number; readonly lost?: boolean };
};

type Two = { readonly app: App; readonly clock: SteppedClock; readonly stepper: Stepper };
type Look = { readonly calls: number; readonly attempts: number };
let planId: string;
let lostAt: Instant;
let restored: Restored;
let two: Two;
let unseen: Look;
let unasked: Look;
let numbers: { readonly before: readonly string[]; readonly after: readonly string[] };
let end: readonly Booked[];
let knownAtBackup: ReadonlySet<string>;

async function books(): Promise<readonly Booked[]> {
  const told = (await first.world.post('alipay', '/control/books/declarations', {
    request_nos: numbersOf(orders),
    limit: 1000,
  })) as { declarations: Booked[] };
  return told.declarations;
}

const count = async (db: Database, from: string): Promise<number> => (await db.query(`select from ${from}`)).length;
const pushes = (db: Database): Promise<number> => count(db, `exchanges where operation = 'customs.declare'`);

/** Waits for a moment of the story, which goes on meanwhile. */
async function until(reached: () => Promise<boolean>): Promise<void> {
  while (!(await reached())) await new Promise((resolve) => setImmediate(resolve));
}

const draw = (db: Database, at: Instant): Promise<readonly string[]> =>
  db.transaction(async (tx) => nextSerials(tx, at, buckets));

/** A slow machine must not let life one push everything while its backup is written: no lease of the lane until then. */
function holdPushes<T>(db: Database, work: Promise<T>): Promise<T> {
  return db.transaction(async (tx) => {
    await tx.query(`select from lanes where operation = 'customs.declare' for update`);
    return work;
  });
}

/** Life one, until it is destroyed. Returns the file of the backup. */
async function liveOnce(): Promise<string> {
  const { app, clock, stepper } = first.world;
  await seed(first.world, orders);
  await fault(first.world, 'book_then_hang', hanging, { operation: 'declare', is_repush: true }, { times: 3 });
  await fault(first.world, 'no_effect_repush', dead, { is_repush: true });
  await adopt(first.world, orders);
  const { id } = await list(first.world, orders);
  await triage(first.world, id);
  // All at once, without a canary: there is to be a crowd of pushes to fall into.
  const options = { reason: 'drill', groups: { canary: 0, control: 0 } };
  planId = good(await proposeRepush(app.customs, wang, { reportId: id }, options)).plan.id;
  good(await decidePlan(app.customs, zhao, planId, 'approve', ''));
  good(await runPlan(app.customs, wang, planId));
  await app.db.query(
    `insert into idempotency_keys (token_digest, key, body_digest, state, created_at) values ('\\x01', 'k-1', 'b', 'running', now())`,
  );
  // Slowly, so that there is a middle to be destroyed in.
  await app.db.query(`update lanes set calls_per_second = 1 where operation = 'customs.declare'`);
  let over = false;
  const running = stepper.runUntil(plus(clock.now(), hours(3)), () => Promise.resolve(over));
  await until(async () => (await pushes(app.db)) >= 12);
  const stamp = { at: clock.now(), ids: app.customs.ids };
  const taking = takeBackup(app.db, app.config.dataFolder, chen, stamp, () => undefined);
  await until(async () => (await pushes(app.db)) >= 24);
  const taken = good(await holdPushes(app.db, taking));
  await until(async () => (await pushes(app.db)) >= 32);
  const drawn = await draw(app.db, clock.now());
  numbers = { before: drawn, after: [] };
  over = true;
  app.worker.stop();
  await running;
  lostAt = clock.now();
  return taken.file;
}

async function destroy(): Promise<void> {
  const name = new URL(first.database.url).pathname.slice(1);
  const admin = openDatabase(second.url, { applicationName: 'drill', max: 1 });
  await admin.query(`drop database "${name}" with (force)`);
  await admin.close();
}

async function restore(file: string): Promise<Restored> {
  const { config } = first.world.app;
  const backup = good(await checkBackup(file, () => undefined));
  const master = good(loadMasterKey(masterKeyFileOf(config) ?? ''));
  const at = plus(lostAt, seconds(90));
  const witness = { now: () => Promise.resolve(at), who: () => Promise.resolve(done(chen)) };
  const wish = { file, reason: 'drill' };
  const result = good(await loadBackup(second.db, backup, wish, master, witness, () => undefined));
  await backup.close();
  return result;
}

async function openTwo(at: Instant): Promise<Two> {
  const hanging = async (): Promise<number> =>
    (JSON.parse(await first.world.get('alipay', '/control/clock')) as { hanging: number }).hanging;
  const clock = new SteppedClock(at, hanging);
  const installation = good(await openInstallation(second.db, 'sandbox', at));
  const { config } = first.world.app;
  const options = { config, db: second.db, installation, logTo: 'stderr', logLevel: 'error', clock } as const;
  const app = good(await openApp(options));
  return { app, clock, stepper: new Stepper(app.worker, app.db, clock) };
}

const attemptsIn = (booked: readonly Booked[]): number => booked.reduce((sum, one) => sum + one.attempts.length, 0);

/** How many calls left while so long passed, by our books and by theirs. */
async function callsWithin(ms: number): Promise<Look> {
  const { app, clock, stepper } = two;
  const figures = async (): Promise<Look> => ({
    calls: await count(app.db, 'exchanges'),
    attempts: attemptsIn(await books()),
  });
  const before = await figures();
  await stepper.runUntil(plus(clock.now(), ms));
  const after = await figures();
  return { calls: after.calls - before.calls, attempts: after.attempts - before.attempts };
}

/** Nobody looks; then plan and pushes are resumed, in the wrong order, before anything may be asked; then the questions. */
async function liveAgain(): Promise<void> {
  const { app, clock, stepper } = two;
  unseen = await callsWithin(minutes(2));
  const lane = (operation: string): string => `${first.world.accountId}/${operation}`;
  await setLanePaused(app.db, lane('customs.declare'), undefined, '');
  for (const plan of restored.pausedPlans) good(await resumePlan(app.customs, wang, plan, 'looked'));
  unasked = await callsWithin(minutes(20));
  await setLanePaused(app.db, lane('customs.query'), undefined, '');
  await stepper.runUntil(plus(clock.now(), minutes(5)));
  const isOver = async (): Promise<boolean> => good(await showPlan(app.db, planId)).open === 0;
  await stepper.runUntil(plus(clock.now(), hours(4)), isOver);
  numbers = { ...numbers, after: await draw(app.db, clock.now()) };
}

beforeAll(async () => {
  const file = await liveOnce();
  await destroy();
  restored = await restore(file);
  knownAtBackup = new Set(
    (
      await second.db.query<{ no: string }>(
        `select d.request_no as no from exchange_subjects s join customs_declarations d on d.id = s.subject
         where s.operation = 'customs.declare'`,
      )
    ).map(({ no }) => no),
  );
  two = await openTwo(restored.at);
  await liveAgain();
  end = await books();
}, 300_000);

afterAll(async () => {
  two.clock.stop();
  await two.app.close();
});

const repushes = ({ attempts }: Booked): readonly Attempt[] =>
  attempts.filter((attempt) => attempt.at > restored.at - hours(1));
const byLife = (one: Booked): { lost: readonly Attempt[]; now: readonly Attempt[] } => ({
  lost: repushes(one).filter((attempt) => attempt.at < restored.at),
  now: repushes(one).filter((attempt) => attempt.at >= restored.at),
});

test('the story is the one to be tried: the lost life sent what the backup does not know, and left some unsent', () => {
  const unknown = end.filter((one) => byLife(one).lost.length > 0 && !knownAtBackup.has(one.out_request_no));
  expect(knownAtBackup.size).toBeGreaterThanOrEqual(12);
  expect(unknown.length).toBeGreaterThan(5);
  expect(end.filter((one) => byLife(one).lost.length === 0).length).toBeGreaterThan(5);
  expect(end.filter((one) => byLife(one).now.length > 0).length).toBeGreaterThan(5);
});

test('a new epoch, paused lanes, and nothing leaves before a person has looked', async () => {
  expect([restored.manifest.epoch, restored.epoch, two.app.installation.epoch]).toEqual([1, 2, 2]);
  const operations = [
    'customs.declare',
    'customs.query',
    'pay.cancel',
    'pay.close',
    'pay.query',
    'pay.submit',
    'refund.query',
    'refund.submit',
  ];
  expect([...restored.lanes].sort()).toEqual(
    [...operations, ...['bind', 'query', 'submit', 'unbind'].map((act) => `share.${act}`)].map(
      (operation) => `${first.world.accountId}/${operation}`,
    ),
  );
  expect(unseen).toEqual({ calls: 0, attempts: 0 });
  expect(restored.pausedPlans).toEqual([planId]);
  const [kept] = await second.db.query('select epoch, restored_by, reason, sha256 from restores');
  expect(kept).toEqual({ epoch: 2, restored_by: 'chen', reason: 'drill', sha256: restored.sha256 });
  const [told] = await second.db.query(`select actor, reason from audit_entries where act = 'installation.restored'`);
  expect(told).toEqual({ actor: 'chen', reason: 'drill' });
});

test('pushes that are resumed before the questions wait for them', () => {
  expect(unasked).toEqual({ calls: 0, attempts: 0 });
});

test('no number of the lost life is handed out again', () => {
  expect(numbers.before).toHaveLength(buckets.length);
  expect(numbers.after.map((no) => no.slice(0, 6))).toEqual(numbers.before.map((no) => no.slice(0, 6)));
  expect(new Set([...numbers.before, ...numbers.after]).size).toBe(2 * buckets.length);
});

test('in the books of the channel no trade was pushed twice within the gap, whichever life pushed', () => {
  for (const one of end) {
    const times = one.attempts.map((attempt) => attempt.at).sort((a, b) => a - b);
    const closest = Math.min(...times.slice(1).map((time, index) => time - (times[index] ?? 0)));
    expect(closest, one.out_request_no).toBeGreaterThanOrEqual(gapMs);
    for (const attempt of byLife(one).now) expect(attempt.at).toBeGreaterThanOrEqual(restored.at + gapMs);
  }
});

test('what had arrived was not pushed again', () => {
  const alive = end.filter((one) => !numbersOf(dead).includes(one.out_request_no));
  expect(alive.map((one) => [one.out_request_no, repushes(one).filter(({ executed }) => executed).length])).toEqual(
    alive.map((one) => [one.out_request_no, 1]),
  );
});

test('every open record was asked about, and every push only after an answer from after the restore', async () => {
  const calls = await second.db.query<{ no: string; operation: string; at: Instant; heard: Instant | null }>(
    `select d.request_no as no, x.operation, x.created_at as at, a.heard_at as heard
     from customs_declarations d join exchange_subjects s on s.bucket = d.bucket and s.subject = d.id
       join exchanges x on x.bucket = s.exchange_bucket and x.id = s.exchange_id
       left join exchange_answers a on a.bucket = x.bucket and a.exchange_id = x.id
     where x.created_at >= $1 order by x.created_at`,
    [new Date(restored.at).toISOString()],
  );
  const asks = calls.filter((call) => call.operation === 'customs.query');
  expect(new Set(asks.map((call) => call.no)).size).toBe(orders.length);
  const sent = calls.filter((call) => call.operation === 'customs.declare');
  expect(sent.length).toBeGreaterThan(5);
  for (const push of sent) {
    const heard = asks.filter((ask) => ask.no === push.no && ask.heard !== null && ask.heard < push.at);
    expect(Math.max(...heard.map((ask) => ask.heard ?? 0)), push.no).toBeGreaterThan(restored.at + gapMs);
  }
});

test('what we say in the end is what the books say', async () => {
  const items = await second.db.query<{ no: string; state: string; why: string; evidence: string | null }>(
    `select d.request_no as no, i.state, i.why, i.evidence from plan_items i
       join customs_declarations d on d.bucket = i.bucket and d.id = i.declaration_id where i.plan_id = $1`,
    [planId],
  );
  expect(items).toHaveLength(orders.length);
  const arrived = new Set(
    end.filter(({ port }) => port?.payment_received_at !== undefined && !port.lost).map((one) => one.out_request_no),
  );
  const proved = items.filter(({ state, why, evidence }) =>
    state === 'skipped' ? /^(eport|customs)_has_it$|^released$/.test(why) : evidence === 'E2' || evidence === 'E3',
  );
  expect(new Set(proved.map((item) => item.no))).toEqual(arrived);
});

test('a client whose request was running hears that its result is lost', async () => {
  const [kept] = await second.db.query<{ state: string; status: number; code: string }>(
    `select state, status, answer->>'code' as code from idempotency_keys where key = 'k-1'`,
  );
  expect(kept).toEqual({ state: 'answered', status: 409, code: 'idempotency.result_lost' });
});
