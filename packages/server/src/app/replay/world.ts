import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { done, parseShanghai, refuse, Secret } from '../../kernel/index.ts';
import type { Instant, Result } from '../../kernel/index.ts';
import { addAccount, listAccounts } from '../../accounts/index.ts';
import { foundUsers, listUsers, systemActor } from '../../identity/index.ts';
import type { Actor } from '../../identity/index.ts';
import { readSandboxClock, SteppedClock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import { openDatabase } from '../../platform/db.ts';
import type { Database } from '../../platform/db.ts';
import { seededRandomBytes } from '../../platform/ids.ts';
import { createLog } from '../../platform/log.ts';
import { ensureDatabase, startPostgres } from '../../platform/postgres.ts';
import { bringSchemaForward } from '../database.ts';
import { openInstallation } from '../installation.ts';
import { openApp } from '../parts.ts';
import type { App } from '../parts.ts';
import { anyPorts, superviseSimulators } from '../simulators.ts';
import { Stepper } from '../stepper.ts';
import { doorsOf } from './simulators.ts';
import type { SimulatorDoors } from './simulators.ts';
import { dayNames } from './scenario.data.ts';

export type SigningReading = 'A' | 'B' | 'C' | 'none';

/** What makes two replays the same one; kept in the data folder, so that a later process can go on. */
export type ReplayPlan = {
  readonly orders: number;
  readonly seed: number;
  readonly signing: SigningReading;
  /** Begins at 16:20 on the 28th, when people act: nothing is detected, all else is the same. */
  readonly skipDay: boolean;
};

type Kept = ReplayPlan & { readonly seeded: boolean; readonly fed?: number };

export const merchantId = 'replay';
export const partner = '2088000000000028';
/** Two hours before the first order of the incident, with the night's ordinary traffic behind it. */
const storyBegins = parseShanghai('2015-10-27 09:00:00') as Instant;
/** After the hand-made re-push of 15:57 on the 28th: from here people act. */
export const peopleActAt = parseShanghai('2015-10-28 16:20:00') as Instant;
/** Calls per second that this merchant agreed with the channel. */
const pace = 20;

const md5Key = 'replay0only0replay0only0replay00';
const person = (userId: string, name: string, role: 'maker' | 'checker'): Actor => ({
  ...{ userId, name, door: 'cli' as const },
  roles: [role],
  merchants: [merchantId],
});
export const maker = person('wang', dayNames.maker, 'maker');
export const checker = person('zhao', dayNames.checker, 'checker');

export type ReplayWorld = {
  readonly app: App;
  readonly clock: SteppedClock;
  readonly stepper: Stepper;
  readonly simulators: SimulatorDoors;
  readonly accountId: string;
  readonly postgresPid: number | undefined;
  readonly seeded: boolean;
  markSeeded(): void;
  /** How many of the day's declarations the shop has handed over, in the order of their acceptance. */
  fed(): number;
  markFed(count: number): void;
  close(): Promise<void>;
};

const planFile = 'replay.json';

/** Refuses a folder that holds something else, or nothing to go on with. */
export function checkFolder(folder: string, plan: ReplayPlan, resume: boolean): Result<ReplayPlan> {
  const path = join(folder, planFile);
  const there = existsSync(path);
  if (!resume) return there ? refuse('replay.folder_in_use', { folder }) : done(plan);
  if (!there) return refuse('replay.not_resumable', { folder, why: `no ${planFile}` });
  const { orders, seed, signing, skipDay } = JSON.parse(readFileSync(path, 'utf8')) as Kept;
  return done({ orders, seed, signing, skipDay });
}

/** Server, database and simulators of one replay, on one clock that jumps; new, or as the last process left them. */
export async function openWorld(
  folder: string,
  plan: ReplayPlan,
  config: Config,
  throwAway: boolean,
): Promise<Result<ReplayWorld>> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, planFile);
  let kept: Kept = existsSync(path)
    ? (JSON.parse(readFileSync(path, 'utf8')) as Kept)
    : { ...plan, seeded: false };
  const keep = (change: Partial<Kept>): void => {
    kept = { ...kept, ...change };
    writeFileSync(path, `${JSON.stringify(kept, undefined, 2)}\n`);
  };
  keep({});
  const database = await openReplayDatabase(folder, config, throwAway);
  await bringSchemaForward(database.db);
  const begin = (await readSandboxClock(database.db))?.sandbox_at ?? (plan.skipDay ? peopleActAt : storyBegins);
  const logTo = { file: join(folder, 'replay.log') };
  let hanging = (): Promise<number> => Promise.resolve(0);
  const clock = new SteppedClock(begin, () => hanging());
  const log = createLog({ clock, to: logTo, level: 'info' });
  const running = await superviseSimulators({ dataFolder: folder, clock, log, clockMode: 'stepped', ports: anyPorts });
  const simulators = doorsOf(running);
  hanging = async () =>
    (JSON.parse(await simulators.get('alipay', '/control/clock')) as { hanging: number }).hanging;
  const installation = await openInstallation(database.db, 'sandbox', begin);
  if (!installation.ok) return installation;
  const opened = await openApp({
    config: { ...config, dataFolder: folder },
    db: database.db,
    installation: installation.value,
    logTo,
    logLevel: 'info',
    clock,
    random: seededRandomBytes(`${plan.seed}/${process.pid}/${begin}`),
  });
  if (!opened.ok) return opened;
  const app = opened.value;
  const accountId = await furnish(app, running.alipayUrl);
  return done({
    ...{ app, clock, simulators, accountId },
    stepper: new Stepper(app.worker, app.db, clock),
    postgresPid: database.pid,
    seeded: kept.seeded,
    markSeeded: () => keep({ seeded: true }),
    fed: () => kept.fed ?? 0,
    markFed: (count) => keep({ fed: count }),
    async close() {
      await app.close();
      clock.stop();
      await running.stop();
      await database.close();
    },
  });
}

type ReplayDatabase = { readonly db: Database; readonly pid: number | undefined; close(): Promise<void> };

/** A database of the replay's own, on the operator's server where DATABASE_URL names one. */
async function openReplayDatabase(folder: string, config: Config, throwAway: boolean): Promise<ReplayDatabase> {
  const options = { applicationName: 'liushui replay', max: 8 };
  if (config.databaseUrl !== undefined) {
    const name = `liushui_replay_${folder.replace(/[^a-z0-9]+/gi, '_').toLowerCase().slice(-40)}`;
    const db = openDatabase(await ensureDatabase(config.databaseUrl, name), options);
    return { db, pid: undefined, close: () => db.close() };
  }
  const postgres = await startPostgres({
    dataDir: join(folder, 'postgres'),
    log: () => undefined,
    durable: !throwAway,
  });
  const db = openDatabase(await ensureDatabase(postgres.url, 'liushui'), options);
  return {
    db,
    pid: postgres.pid,
    async close() {
      await db.close();
      await postgres.stop();
    },
  };
}

/** Merchant, two people, one account at the agreed pace. Everything that is there already stays. */
async function furnish(app: App, alipayUrl: string): Promise<string> {
  const gateway = `${alipayUrl}/gateway.do`;
  const [known] = await listAccounts(app.db, [merchantId]);
  if (known) {
    // The simulators may have come back on other ports.
    await app.db.query(`update channel_accounts set settings = settings || $2::jsonb where id = $1`, [
      known.id,
      JSON.stringify({ gateway_url: gateway }),
    ]);
    return known.id;
  }
  const stamp = { at: app.clock.now(), ids: app.customs.ids };
  const added = await app.db.transaction(async (tx) => {
    await tx.query(
      `insert into merchants (id, name_zh, name_en, created_at) values ($1, $2, $3, $4)`,
      [merchantId, dayNames.shopZh, dayNames.shopEn, new Date(stamp.at).toISOString()],
    );
    if ((await listUsers(tx)).length === 0) {
      const people = [maker, checker].map(({ userId, name, roles, merchants }) => ({ id: userId, name, roles, merchants }));
      const founded = await foundUsers(tx, people, systemActor, stamp);
      if (!founded.ok) return founded;
    }
    return addAccount(tx, app.customs, {
      merchantId,
      channel: 'alipay',
      name: 'replay',
      isFurnished: true,
      settings: { partner, gateway_url: gateway },
      secrets: { md5_key: new Secret(md5Key) },
    });
  });
  if (!added.ok) throw new Error(added.refusal.code);
  await app.db.query('update lanes set calls_per_second = $1 where account_id = $2', [pace, added.value.id]);
  return added.value.id;
}

/** The channel knows this partner by the same key. */
export const partnerAtChannel = { partner, md5_key: md5Key };
