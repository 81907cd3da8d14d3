import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../platform/db.ts';
import type { Database } from '../platform/db.ts';
import type { Config } from '../platform/config.ts';
import { migrate, readMigrations, migrationsDir } from '../platform/migrate.ts';
import { ensureDatabase, startPostgres } from '../platform/postgres.ts';
import type { Postgres } from '../platform/postgres.ts';

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

export async function bringSchemaForward(db: Database): Promise<string[]> {
  return migrate(db, await readMigrations(migrationsDir));
}
