import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { done, refuse } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { authenticate, LoginAttempts } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import { readSandboxClock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import type { Database } from '../platform/db.ts';
import { StartRefused } from '../platform/postgres-refused.ts';
import { bringSchemaForward, openOwnDatabase, schemaFits } from './database.ts';
import type { OpenDatabase } from './database.ts';
import { readInstallation } from './installation.ts';
import type { Installation } from './installation.ts';
import { openApp } from './parts.ts';
import type { App } from './parts.ts';

/** One command of the command line: a process of its own on the same database, as a person who is logged in. */
export type OpenSession = {
  readonly app: App;
  readonly actor: Actor;
  /** Whether time passes by itself: a sandbox clock may stand. */
  readonly clockRuns: boolean;
  close(): Promise<void>;
};

/** The folder of the first logins, inside the data folder: a sandbox is one person's, and that person plays everybody. */
export const loginsFolder = 'logins';

/** Where `login` keeps the token of this machine's user. */
export function loginFileOf(config: Config): string {
  return join(config.dataFolder, 'login');
}

export async function openSession(config: Config, log: (line: string) => void): Promise<Result<OpenSession>> {
  const place = await openExisting(config, log);
  if (!place.ok) return place;
  const { opened, installation } = place.value;
  const leave = (): Promise<void> => leaveDatabase(opened);
  const result = await openAsActor(config, opened, installation);
  if (!result.ok) {
    await leave();
    return result;
  }
  const { app, actor } = result.value;
  const sandboxClock = await readSandboxClock(app.db);
  const close = async (): Promise<void> => {
    await app.close();
    await leave();
  };
  return done({ app, actor, clockRuns: sandboxClock?.running ?? true, close });
}

export type Existing = { readonly opened: OpenDatabase; readonly installation: Installation };

/** The database of an installation that somebody has set up; never makes one. */
export async function openExisting(config: Config, log: (line: string) => void): Promise<Result<Existing>> {
  const missing = refuse('installation.missing', { where: config.databaseUrl ? 'DATABASE_URL' : config.dataFolder });
  if (config.databaseUrl === undefined && !existsSync(join(config.dataFolder, 'postgres', 'cluster'))) return missing;
  const database = await openReachable(config, log);
  if (!database.ok) return database;
  const installation = await readInstallation(database.value.db).catch(noTable);
  if (installation) {
    return done({ opened: database.value, installation });
  }
  await leaveDatabase(database.value);
  return missing;
}

/** undefined_table: somebody's database, not ours yet. */
function noTable(error: unknown): undefined {
  if ((error as { code?: string }).code === '42P01') return undefined;
  throw error;
}

async function openReachable(config: Config, log: (line: string) => void): Promise<Result<OpenDatabase>> {
  try {
    const opened = await openOwnDatabase(config, `liushui cli ${process.pid}`, log);
    await opened.db.query('select 1');
    return done(opened);
  } catch (error) {
    if (error instanceof StartRefused) return refuse('installation.start_refused', { why: error.message });
    return refuse('server.database_unreachable', { why: (error as { code?: string }).code ?? String(error) });
  }
}

async function openAsActor(
  config: Config,
  opened: OpenDatabase,
  installation: Installation,
): Promise<Result<{ app: App; actor: Actor }>> {
  // A sandbox has one program; production is brought forward by `migrate` or by a server, when nobody is shut out.
  if (installation.bornAs === 'sandbox') await bringSchemaForward(opened.db);
  const fits = await schemaFits(opened.db);
  if (!fits.ok) return fits;
  const token = tokenOf(config);
  if (token === undefined) return refuse('auth.login_required');
  const app = await openApp({ config, db: opened.db, installation, logTo: logFileOf(config), logLevel: 'warn' });
  if (!app.ok) return app;
  const { db, clock, tokens } = app.value;
  const parts = { digest: tokens.digest, attempts: new LoginAttempts() };
  const visit = { door: 'cli', ip: undefined } as const;
  const logged = await authenticate(db, token, visit, parts, clock.now());
  if (logged.ok) return done({ app: app.value, actor: logged.value.actor });
  await app.value.close();
  return logged;
}

function logFileOf(config: Config): { readonly file: string } {
  return { file: join(config.dataFolder, 'logs', 'cli.log') };
}

/** The login that a command was given: by the environment, or kept by `login`. */
export function tokenOf(config: Config): string | undefined {
  // tidy-allow reveal: authenticate of identity/ takes the token as text, and the command line is where it comes in
  if (config.token) return config.token.reveal();
  const file = loginFileOf(config);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

/** Ends our own PostgreSQL only when this command started it and nobody else has come in meanwhile. */
export async function leaveDatabase(opened: OpenDatabase): Promise<void> {
  const { db, embedded } = opened;
  const lonely = embedded !== undefined && !embedded.adopted && !(await othersAreHere(db));
  await db.close();
  if (lonely) await embedded.stop();
}

async function othersAreHere(db: Database): Promise<boolean> {
  const rows = await db.query(
    `select from pg_stat_activity where datname = current_database() and application_name like 'liushui%'
       and application_name <> current_setting('application_name') limit 1`,
  );
  return rows.length > 0;
}
