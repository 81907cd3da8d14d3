import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { done } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { openDatabase } from '../platform/db.ts';
import type { Database } from '../platform/db.ts';
import type { Config } from '../platform/config.ts';
import { fitOf, migrate, readMigrations, migrationsDir, readStanding } from '../platform/migrate.ts';
import type { MigrationGuard } from '../platform/migrate.ts';
import { ensureDatabase, startPostgres } from '../platform/postgres.ts';
import type { Postgres } from '../platform/postgres.ts';
import { refuseAs } from '../platform/refusals.ts';

export type OpenDatabase = {
  readonly db: Database;
  readonly url: string;
  /** Absent when the operator's own server is used. */
  readonly embedded: Postgres | undefined;
};

/** The operator's PostgreSQL where DATABASE_URL names one, else our own: started, or taken over when it outlived its parent. */
export async function openOwnDatabase(
  config: Config,
  applicationName: string,
  log: (line: string) => void,
): Promise<OpenDatabase> {
  const options = { applicationName, max: 8 };
  if (config.databaseUrl !== undefined) {
    return { db: openDatabase(config.databaseUrl, options), url: config.databaseUrl, embedded: undefined };
  }
  mkdirSync(config.dataFolder, { recursive: true });
  const embedded = await startPostgres({ dataDir: join(config.dataFolder, 'postgres'), log });
  const url = await ensureDatabase(embedded.url, 'liushui');
  return { db: openDatabase(url, options), url, embedded };
}

/** Without a guard only where nobody else can be serving. */
export async function bringSchemaForward(db: Database, guard?: MigrationGuard): Promise<string[]> {
  return migrate(db, await readMigrations(migrationsDir), guard);
}

/**
 * Whether this program may work on a database that it does not migrate itself.
 * @returns refusals server.schema_older, server.schema_newer.
 */
export async function schemaFits(db: Database): Promise<Result<void>> {
  const standing = await readStanding(db, await readMigrations(migrationsDir));
  const { database, program, worksWith } = standing;
  const fit = fitOf(standing);
  if (fit === 'behind') return refuseAs('server.schema_older', { database, program });
  if (fit === 'newer') return refuseAs('server.schema_newer', { database, program, worksWith });
  return done(undefined);
}
