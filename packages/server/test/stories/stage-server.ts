import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../src/platform/db.ts';
import { migrate, migrationsDir, readMigrations } from '../../src/platform/migrate.ts';
import { ensureDatabase, startPostgres } from '../../src/platform/postgres.ts';

export type StageServer = {
  /** Goes with the server: for whatever a thread keeps on disk. */
  readonly folder: string;
  databaseFor(thread: number): Promise<string>;
  stop(): Promise<void>;
};

async function makeDatabase(url: string, name: string): Promise<string> {
  const own = await ensureDatabase(url, name);
  const db = openDatabase(own, { applicationName: 'stories setup', max: 1 });
  try {
    await migrate(db, await readMigrations(migrationsDir));
  } finally {
    await db.close();
  }
  return own;
}

/** A PostgreSQL of its own in a temporary folder, which promises nothing after a crash of the machine. */
export async function startStageServer(): Promise<StageServer> {
  const dataDir = await mkdtemp(join(tmpdir(), `liushui-stories-${process.pid}-`));
  const postgres = await startPostgres({ dataDir, durable: false, log: () => undefined });
  const kill = (): void => {
    process.kill(postgres.pid, 'SIGQUIT');
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 10 });
  };
  process.once('exit', kill);
  // Without a listener a signal ends the process before its exit is told, and the server would be left behind.
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  return {
    folder: dataDir,
    databaseFor: (thread) => makeDatabase(postgres.url, `stories_${thread}`),
    async stop() {
      process.off('exit', kill);
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
