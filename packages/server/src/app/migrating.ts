import { done } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { systemActor, writeAudit } from '../identity/index.ts';
import { systemClock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import type { Database } from '../platform/db.ts';
import { createIds, systemRandomBytes } from '../platform/ids.ts';
import { spareRunning } from '../platform/migrate-guard.ts';
import { migrate, migrationsDir, readMigrations, readStanding } from '../platform/migrate.ts';
import { isAlive, readProcesses } from '../platform/processes.ts';
import type { SeenProcess } from '../platform/processes.ts';
import { leaveDatabase, openExisting } from './session.ts';

export type MigrationReport = {
  readonly database: number;
  readonly program: number;
  readonly files: readonly { readonly name: string; readonly worksWith: number }[];
  readonly applied: boolean;
  /** Those that serve now, and whether they may go on beside the newest schema. */
  readonly processes: readonly (SeenProcess & { readonly shutOut: boolean })[];
};

/**
 * `liushui migrate`: brings the database forward beside the processes that serve, or only looks.
 * @throws StartRefused as `migrate` and `spareRunning` do.
 */
export async function migrateInstallation(config: Config, look: boolean): Promise<Result<MigrationReport>> {
  const place = await openExisting(config, () => undefined);
  if (!place.ok) return place;
  const { opened } = place.value;
  try {
    const known = await readMigrations(migrationsDir);
    const { database, program } = await readStanding(opened.db, known);
    const files = known.slice(database).map(({ name, worksWith }) => ({ name, worksWith }));
    const needs = Math.max(0, ...files.map(({ worksWith }) => worksWith));
    const alive = (await readProcesses(opened.db)).filter(isAlive);
    if (!look) await apply(opened.db);
    return done({
      ...{ database, program, files },
      applied: !look,
      processes: alive.map((one) => ({ ...one, shutOut: one.schema < needs })),
    });
  } finally {
    await leaveDatabase(opened);
  }
}

async function apply(db: Database): Promise<void> {
  const applied = await migrate(db, await readMigrations(migrationsDir), spareRunning);
  if (applied.length === 0) return;
  const clock = systemClock();
  const stamp = { at: clock.now(), ids: createIds(clock, systemRandomBytes) };
  const entries = applied.map((name) => ({ actor: systemActor, act: 'schema.migrated', subject: name }));
  await db.transaction((tx) => writeAudit(tx, entries, stamp));
}
