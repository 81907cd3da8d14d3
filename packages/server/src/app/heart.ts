import { hostname } from 'node:os';
import manifest from '../../package.json' with { type: 'json' };
import { measureOffset } from '../platform/clock.ts';
import { migrationsDir, readMigrations, readStanding } from '../platform/migrate.ts';
import { beat, beatEveryMs, leave } from '../platform/processes.ts';
import type { ServingProcess } from '../platform/processes.ts';
import type { App } from './parts.ts';

export type Heart = { stop(): Promise<void> };

/**
 * Says every few seconds that this process serves, and looks whether the database still works with it. It should never come to that
 * (migrations wait for running processes), but whoever forces it must not have two programs that disagree about one database.
 */
export async function startHeart(app: App, role: ServingProcess['role']): Promise<Heart> {
  const known = await readMigrations(migrationsDir);
  const { owner } = app.customs;
  const self = { id: owner, role, program: manifest.version, schema: known.length, host: hostname(), pid: process.pid };
  const once = async (): Promise<void> => {
    await beat(app.db, self, await measureOffset(app.db));
    const { worksWith, program } = await readStanding(app.db, known);
    if (worksWith <= program) return;
    app.log.error('schema.newer', { works_with: worksWith, program });
    app.worker.stop();
  };
  const told = (error: unknown): void => app.log.error('heart.failed', { error: String(error) });
  await once();
  const timer = setInterval(() => void once().catch(told), beatEveryMs);
  return {
    async stop() {
      clearInterval(timer);
      await leave(app.db, owner).catch(told);
    },
  };
}
