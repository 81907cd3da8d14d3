// One process of the re-push story, for the tests beside it: it goes on from wherever an earlier process was killed.
// Prints what it came to as one line of JSON.
import { addAccount } from '../../src/accounts/index.ts';
import { openInstallation } from '../../src/app/installation.ts';
import { openApp } from '../../src/app/parts.ts';
import type { App } from '../../src/app/parts.ts';
import { Stepper } from '../../src/app/stepper.ts';
import {
  countWaiting,
  decidePlan,
  findPlansOfReport,
  importPayments,
  importPortList,
  judgeReport,
  proposeRepush,
  runPlan,
  showPlan,
  startTriage,
} from '../../src/customs/index.ts';
import { foundUsers, systemActor } from '../../src/identity/index.ts';
import type { Actor } from '../../src/identity/index.ts';
import { hours, plus, Secret } from '../../src/kernel/index.ts';
import type { Instant, Result } from '../../src/kernel/index.ts';
import { readSandboxClock, SteppedClock } from '../../src/platform/clock.ts';
import { readCrashAt } from '../../src/platform/crash-points.ts';
import { openDatabase } from '../../src/platform/db.ts';
import type { Database } from '../../src/platform/db.ts';

/** What the test hands to the process. */
export type StoryInput = {
  readonly databaseUrl: string;
  readonly alipayUrl: string;
  readonly folder: string;
  readonly start: number;
  readonly partner: string;
  readonly md5Key: string;
  readonly payments: string;
  readonly portList: string;
  /** As LIUSHUI_CRASH_AT; empty: to the end. */
  readonly crashAt: string;
};

export type StoryEnd = {
  readonly shown: { readonly effective: number; readonly ineffective: number; readonly open: number };
  readonly items: unknown;
  readonly states: unknown;
  readonly jobsLeft: number;
  readonly quarantined: number;
  /** Calls that were written down and whose end nobody heard, by operation. */
  readonly unheard: Readonly<Record<string, number>>;
};

const merchant = 'demo';
const wang: Actor = { userId: 'wang', name: '王', roles: ['maker'], merchants: [merchant], door: 'cli' };
const zhao: Actor = { userId: 'zhao', name: '赵', roles: ['checker'], merchants: [merchant], door: 'cli' };

function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.refusal.code} ${JSON.stringify(result.refusal.params)}`);
  return result.value;
}

/** The later of what the database and the simulators last knew: a clock that went back would break every gap. */
async function openClock(input: StoryInput, db: Database): Promise<SteppedClock> {
  const ask = async (): Promise<{ now_ms: number; hanging: number }> =>
    (await (await fetch(`${input.alipayUrl}/control/clock`)).json()) as { now_ms: number; hanging: number };
  const known = (await readSandboxClock(db))?.sandbox_at ?? input.start;
  const at = Math.max(input.start, known, (await ask()).now_ms) as Instant;
  return new SteppedClock(at, async () => (await ask()).hanging);
}

async function open(input: StoryInput, db: Database, clock: SteppedClock): Promise<App> {
  const installation = must(await openInstallation(db, 'sandbox', clock.now()));
  const crashAt = readCrashAt(input.crashAt);
  const config = {
    ...({ dataFolder: input.folder, lang: 'en', colour: false, accessible: true } as const),
    listen: { host: '127.0.0.1', port: 0 },
    ...(crashAt ? { crashAt } : {}),
  };
  return must(await openApp({ config, db, installation, logTo: 'stderr', logLevel: 'error', clock }));
}

async function ensureAccount(input: StoryInput, app: App): Promise<string> {
  const [known] = await app.db.query<{ id: string }>('select id from channel_accounts');
  if (known) return known.id;
  return app.db.transaction(async (tx) => {
    const stamp = { at: app.clock.now(), ids: app.customs.ids };
    await tx.query(`insert into merchants (id, name_zh, name_en, created_at) values ($1, '', '', now())`, [merchant]);
    const people = [wang, zhao].map(({ userId, name, roles, merchants }) => ({ id: userId, name, roles, merchants }));
    await foundUsers(tx, people, systemActor, stamp);
    const settings = { partner: input.partner, gateway_url: `${input.alipayUrl}/gateway.do` };
    const secrets = { md5_key: new Secret(input.md5Key) };
    const account = { merchantId: merchant, channel: 'alipay', name: 'test', settings, secrets };
    return must(await addAccount(tx, app.customs, account)).id;
  });
}

async function planOf(app: App, stepper: Stepper, reportId: string): Promise<string> {
  const [known] = await findPlansOfReport(app.db, reportId);
  if (known) return known.id;
  const triage = must(await startTriage(app.customs, wang, reportId));
  await stepper.runUntil(plus(app.clock.now(), hours(2)), async () => (await countWaiting(app.customs, triage)) === 0);
  must(await judgeReport(app.customs, reportId));
  return must(await proposeRepush(app.customs, wang, { reportId }, { reason: 'test' })).plan.id;
}

async function play(input: StoryInput, app: App, stepper: Stepper): Promise<StoryEnd> {
  const accountId = await ensureAccount(input, app);
  const file = { merchantId: merchant, accountId, fileName: 'payments.csv', defaults: {} };
  must(await importPayments(app.customs, wang, { ...file, bytes: Buffer.from(input.payments) }));
  const list = { merchantId: merchant, fileName: 'list.txt', bytes: Buffer.from(input.portList) };
  const { report } = must(await importPortList(app.customs, wang, { ...list, meaning: 'missing' }));
  const planId = await planOf(app, stepper, report.id);
  if (must(await showPlan(app.db, planId)).plan.state === 'asked')
    must(await decidePlan(app.customs, zhao, planId, 'approve', ''));
  must(await runPlan(app.customs, wang, planId));
  const isOver = async (): Promise<boolean> => must(await showPlan(app.db, planId)).open === 0;
  await stepper.runUntil(plus(app.clock.now(), hours(3)), isOver);
  return ended(app, planId);
}

async function ended(app: App, planId: string): Promise<StoryEnd> {
  const { effective, ineffective, open } = must(await showPlan(app.db, planId));
  const count = async (from: string): Promise<number> => (await app.db.query(`select from ${from}`)).length;
  const unheard = await app.db.query<{ operation: string; count: number }>(
    `select e.operation, count(*)::int4 as count from exchanges e
       left join exchange_answers a on a.bucket = e.bucket and a.exchange_id = e.id
     where coalesce(a.kind, 'lost') = 'lost' group by e.operation`,
  );
  return {
    shown: { effective, ineffective, open },
    items: await app.db.query(
      `select d.request_no, i.state, i.evidence from plan_items i
         join customs_declarations d on d.bucket = i.bucket and d.id = i.declaration_id order by d.request_no`,
    ),
    states: await app.db.query('select request_no, state from customs_declarations order by request_no'),
    jobsLeft: await count(`jobs where wanted > done and kind = 'customs.push'`),
    quarantined: await count(`cases where kind = 'item.quarantined'`),
    unheard: Object.fromEntries(unheard.map(({ operation, count }) => [operation, count])),
  };
}

async function main(input: StoryInput): Promise<void> {
  const db = openDatabase(input.databaseUrl, { applicationName: 'story', max: 4 });
  const clock = await openClock(input, db);
  const app = await open(input, db, clock);
  const end = await play(input, app, new Stepper(app.worker, db, clock));
  process.stdout.write(`${JSON.stringify(end)}\n`);
  clock.stop();
  await app.close();
  await db.close();
}

await main(JSON.parse(process.argv[2] ?? '') as StoryInput);
