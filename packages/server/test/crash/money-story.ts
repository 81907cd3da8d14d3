// One process of the money story, for the test beside it: it goes on from wherever an earlier process was killed.
// Prints what it came to as one line of JSON.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { createServer } from '../../src/api/server.ts';
import { openInstallation } from '../../src/app/installation.ts';
import { openApp } from '../../src/app/parts.ts';
import type { App } from '../../src/app/parts.ts';
import { Stepper } from '../../src/app/stepper.ts';
import { hours, minutes, plus, Secret, seconds } from '../../src/kernel/index.ts';
import type { Instant, Result } from '../../src/kernel/index.ts';
import { findOrder, watchPayment } from '../../src/payments/index.ts';
import type { Order, PaymentWish } from '../../src/payments/index.ts';
import { readSandboxClock, SteppedClock } from '../../src/platform/clock.ts';
import { armCrashPoint, readCrashAt } from '../../src/platform/crash-points.ts';
import { openDatabase } from '../../src/platform/db.ts';
import type { Database } from '../../src/platform/db.ts';
import { bothBooks, brokenLaws } from '../kit/pay-books.ts';
import type { Books } from '../kit/pay-books.ts';
import { doorsOf, foundMerchant, furnish, passing } from '../kit/pay-side.ts';
import type { PayKeys } from '../kit/pay-side.ts';
import { stepsOn } from '../kit/pay-steps.ts';
import { merchant } from '../stories/people.ts';

/** What the test hands to the process. */
export type MoneyInput = {
  readonly databaseUrl: string;
  readonly alipayUrl: string;
  readonly folder: string;
  readonly port: number;
  readonly start: number;
  readonly keys: PayKeys;
  /** `chapter/point:n`: killed at that point when it is reached for the nth time in that chapter. Empty: to the end. */
  readonly crashAt: string;
};

type Shown = Awaited<ReturnType<ReturnType<typeof stepsOn>['states']>>;
export type MoneyEnd = {
  readonly orders: Readonly<Record<string, Omit<Shown, 'attempts'> & { readonly received: number }>>;
  readonly events: Readonly<Record<string, readonly string[]>>;
  readonly cases: Readonly<Record<string, readonly string[]>>;
  readonly books: { readonly ours: Books; readonly theirs: Books };
  readonly broken: readonly string[];
  /** Calls that were written down and whose end nobody heard, by operation. */
  readonly unheard: Readonly<Record<string, number>>;
};

// A process that is killed leaves nothing for the next one to read faster, unless it says so before.
flushCompileCache();
const input = JSON.parse(process.argv[2] ?? '') as MoneyInput;
const [doubled, dropped, parted, charged] = ['doubled', 'dropped', 'parted', 'charged'];
const doors = doorsOf(input.alipayUrl);

function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.refusal.code} ${JSON.stringify(result.refusal.params)}`);
  return result.value;
}

/** The later of what the database and the simulators last knew. */
async function openClock(db: Database): Promise<SteppedClock> {
  const ask = () => doors.get<{ now_ms: number; hanging: number }>('/control/clock');
  const known = (await readSandboxClock(db))?.sandbox_at ?? input.start;
  const at = Math.max(input.start, known, (await ask()).now_ms) as Instant;
  return new SteppedClock(at, async () => (await ask()).hanging);
}

async function open(db: Database, clock: SteppedClock): Promise<App> {
  const installation = must(await openInstallation(db, 'sandbox', clock.now()));
  const config = {
    ...({ dataFolder: input.folder, lang: 'en', colour: false, accessible: true } as const),
    listen: { host: '127.0.0.1', port: input.port },
  };
  return must(await openApp({ config, db, installation, logTo: 'stderr', logLevel: 'error', clock }));
}

async function ensureAccount(app: App): Promise<string> {
  const [known] = await app.db.query<{ id: string }>('select id from channel_accounts');
  if (known) return known.id;
  await foundMerchant(app);
  return furnish(app, `${input.alipayUrl}/gateway.do`, doors, input.keys);
}

const db = openDatabase(input.databaseUrl, { applicationName: 'money story', max: 6 });
const clock = await openClock(db);
const app = await open(db, clock);
const accountId = await ensureAccount(app);
const server = createServer(app);
await server.listen({ host: '127.0.0.1', port: input.port });
const pass = passing(app, clock, new Stepper(app.worker, db, clock), [doors]);
const steps = stepsOn(() => ({ ...doors, app, accountId, pass }));
const payerCode = '280000000000000001';

/** The shop after a crash: it looks before it begins anew. */
async function ensure(orderNo: string, product: string, more: Partial<PaymentWish> = {}): Promise<void> {
  const known = await findOrder(app, { merchantId: merchant, orderNo });
  const attempt = known?.attempts.find((one) => one.product === product);
  if (attempt) return void (await steps.load(attempt));
  await steps.begin({ orderNo, product, expiresAt: plus(clock.now(), hours(4)), ...more });
}

const serialOf = async (orderNo: string, product: string): Promise<string> => {
  const { attempts } = await steps.seen({ orderNo });
  return attempts.find((one) => one.product === product)?.serialNo ?? '';
};

/** Time passes until it is so, and no longer than the patience of a shop. */
async function until(isSo: () => Promise<boolean>, everyMs = seconds(10), patienceMs = minutes(10)): Promise<void> {
  for (let waited = 0; waited < patienceMs && !(await isSo()); waited += everyMs) await pass(everyMs);
}

const isTrue = (orderNo: string, test: (order: Order) => boolean) => async (): Promise<boolean> =>
  test(await steps.seen({ orderNo }));

/** Each may be read again from its beginning; it ends in rest. */
const chapters: Readonly<Record<string, () => Promise<void>>> = {
  async begin() {
    for (const orderNo of [doubled, dropped, parted]) await ensure(orderNo, 'page');
  },
  /** A second cashier for the first order: the channel makes a code for it. */
  async code() {
    await ensure(doubled, 'precreate', { keepOthers: true });
    const isOver = ({ attempts }: Order) => !attempts.some(({ state }) => state === 'submitting');
    await until(isTrue(doubled, isOver), seconds(5));
    const hasCode = ({ attempts }: Order) => attempts.some((one) => one.handOut !== undefined);
    // A code that never came is not waited for: the shop shows another cashier.
    if (!(await isTrue(doubled, hasCode)())) await ensure(doubled, 'wap', { keepOthers: true });
  },
  /** The payer's code is charged at once. */
  async charge() {
    await doors.post('/control/openapi/codes', [{ auth_code: payerCode, does: 'pay' }]);
    await ensure(charged, 'barcode', { payerCode: new Secret(payerCode) });
    const isOver = ({ attempts }: Order) => attempts.every(({ state }) => ['succeeded', 'closing'].includes(state));
    await until(isTrue(charged, isOver), seconds(5), minutes(5));
  },
  /** Both cashiers of the first order are paid in the same second. */
  async pay() {
    const other = (await serialOf(doubled, 'wap')) || (await serialOf(doubled, 'precreate'));
    const serials = [await serialOf(doubled, 'page'), other, await serialOf(parted, 'page')];
    for (const serialNo of serials) await steps.pay(serialNo);
    await until(isTrue(doubled, ({ surplus }) => surplus.length > 0));
    await until(isTrue(parted, ({ payments }) => payments[0]?.state === 'paid'));
  },
  /** What a race leaves behind is over before the policy acts: the next chapter begins with nothing else under way. */
  async wait() {
    const { surplus } = await steps.seen({ orderNo: doubled });
    const left = (surplus[0]?.actAt ?? 0) - clock.now() - seconds(5);
    if (left > 0) await pass(left);
  },
  async surplus() {
    const isOver = ({ surplus }: Order) => surplus.every(({ state }) => state === 'returned');
    await until(isTrue(doubled, isOver), seconds(15), minutes(30));
  },
  /** The payer has opened the trade, and somebody looks at the cashier. */
  async open() {
    await steps.open(await serialOf(dropped, 'page'));
    const order = await steps.seen({ orderNo: dropped });
    must(await watchPayment(app.payments, app.orders, order, order.attempts[0]?.id ?? ''));
    await until(
      isTrue(dropped, ({ attempts }) => attempts[0]?.state === 'trade_open'),
      seconds(5),
    );
  },
  /** He does not pay, and the shop cancels. */
  async cancel() {
    const order = await steps.seen({ orderNo: dropped });
    must(await steps.cancel(order));
    await until(
      isTrue(dropped, ({ payments }) => payments[0]?.state === 'closed'),
      seconds(5),
    );
  },
  async refund() {
    must(await steps.refund({ orderNo: parted }, 'R1', 4000n));
    must(await steps.refund({ orderNo: parted }, 'R2', 3000n));
    const isOver = ({ refunds }: Order) => refunds.every(({ state }) => state === 'refunded');
    await until(isTrue(parted, isOver), seconds(5), minutes(30));
  },
  /** What nobody paid is proven unpaid, or with a person. */
  async rest() {
    const isOpen = `state not in ('succeeded', 'rejected', 'closed')`;
    const isCased = `exists (select from cases c where c.state = 'open' and c.subject = payment_attempts.id::text)`;
    const sql = `select from payment_attempts where ${isOpen} and not ${isCased}`;
    await until(async () => (await db.query(sql)).length === 0, minutes(30), hours(6));
    await pass(hours(24)); // messages of the channel that found nobody come again
  },
};

async function ended(): Promise<MoneyEnd> {
  const orders = [doubled, dropped, parted, charged].map((orderNo) => ({ orderNo }));
  const each = async <T>(look: (order: { orderNo: string }) => Promise<T>): Promise<Record<string, T>> =>
    Object.fromEntries(await Promise.all(orders.map(async (one) => [one.orderNo, await look(one)] as const)));
  const unheard = await db.query<{ operation: string; count: number }>(
    `select e.operation, count(*)::int4 as count from exchanges e
       left join exchange_answers a on a.bucket = e.bucket and a.exchange_id = e.id
     where coalesce(a.kind, 'lost') = 'lost' group by e.operation order by 1`,
  );
  return {
    orders: await each(async (order) => {
      const { attempts: _differ, ...shown } = await steps.states(order);
      const { attempts } = await steps.seen(order);
      return { ...shown, received: attempts.reduce((sum, one) => sum + Number(one.receivedMinor), 0) };
    }),
    events: await each(async (order) => (await steps.events(order)).toSorted()),
    cases: await each(steps.cases),
    books: await bothBooks(db, doors, accountId),
    broken: await brokenLaws(db),
    unheard: Object.fromEntries(unheard.map(({ operation, count }) => [operation, count])),
  };
}

/** Where an earlier process was in the story. */
const bookmark = join(input.folder, 'chapter');
const from = existsSync(bookmark) ? readFileSync(bookmark, 'utf8') : 'begin';
const [crashChapter, crashPoint = ''] = input.crashAt.split('/');
let reached = false;
for (const [name, read] of Object.entries(chapters)) {
  reached ||= name === from;
  if (!reached) continue;
  writeFileSync(bookmark, name);
  armCrashPoint(name === crashChapter ? readCrashAt(crashPoint) : undefined, true);
  await read();
}
armCrashPoint(undefined, true);
process.stdout.write(`${JSON.stringify(await ended())}\n`);
await server.close();
await app.close();
clock.stop();
await db.close();
