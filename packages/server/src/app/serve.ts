import { join } from 'node:path';
import { done, refuse } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { lapseApprovals } from '../approvals/index.ts';
import { settlePlan } from '../customs/index.ts';
import type { Config } from '../platform/config.ts';
import { spareRunning } from '../platform/migrate-guard.ts';
import { wishWatch } from '../onboarding/index.ts';
import { wishStatements } from '../statements/index.ts';
import { bringSchemaForward } from './database.ts';
import { startHeart } from './heart.ts';
import { openApp } from './parts.ts';
import type { App } from './parts.ts';
import { wishRetention } from './retention.ts';
import { listenNear } from './serve-api.ts';
import { leaveDatabase, openExisting } from './session.ts';

const serveRoles = ['api', 'worker', 'all'] as const;
export type ServeRole = (typeof serveRoles)[number];

export type Serving = {
  /** Where the API answers; undefined for a worker alone. */
  readonly address: string | undefined;
  /** The port that was asked for, when another process held it. */
  readonly busyPort: number | undefined;
  stop(): Promise<void>;
};

const sweepMs = 5_000;

/**
 * API, worker, or both, in this process. What ends by the clock alone (approvals, finished plans, new key months) is swept by workers, and
 * so are messages of channels that a process kept and had no time to tell.
 */
export async function serve(app: App, role: ServeRole): Promise<Serving> {
  const api = role === 'worker' ? undefined : await listenNear(app, app.config.listen);
  const works = role !== 'api';
  const heart = await startHeart(app, role);
  if (works) await wishRetention(app.db, app.clock.now());
  if (works) await wishStatements(app.db, app.clock.now());
  if (works) await wishWatch(app.db, app.clock.now());
  const working = works ? app.worker.run() : Promise.resolve();
  const sweep = works ? setInterval(() => void sweepOnce(app), sweepMs) : undefined;
  return {
    address: api?.address,
    busyPort: api?.busyPort,
    async stop() {
      clearInterval(sweep);
      await api?.close();
      await app.notices.idle();
      app.worker.stop();
      await app.transport.drain();
      await working;
      await heart.stop();
    },
  };
}

async function sweepOnce(app: App): Promise<void> {
  try {
    const at = app.clock.now();
    await app.customs.keyring.prepare(at);
    await app.notices.sweep();
    await app.db.transaction((tx) => lapseApprovals(tx, { at, ids: app.customs.ids }));
    const running = await app.db.query<{ id: string }>(`select id from plans where state = 'running'`);
    for (const { id } of running) await settlePlan(app.customs, id);
  } catch (error) {
    app.log.error('sweep.failed', { error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

export type Served = Serving & { readonly bornAs: string };

/** `serve --role …`: on an installation that exists, as many processes on as many machines as wanted. */
export async function serveInstallation(config: Config, role: string): Promise<Result<Served>> {
  const known = serveRoles.find((one) => one === role);
  if (!known) return refuse('usage.bad_input', { field: '--role', value: role, problem: serveRoles.join(' | ') });
  const place = await openExisting(config, () => undefined);
  if (!place.ok) return place;
  const { opened, installation } = place.value;
  await bringSchemaForward(opened.db, spareRunning);
  const logTo =
    installation.bornAs === 'production' ? 'stderr' : { file: join(config.dataFolder, 'logs', 'server.log') };
  const made = await openApp({ config, db: opened.db, installation, logTo, logLevel: 'info' });
  if (!made.ok) {
    await leaveDatabase(opened);
    return made;
  }
  const app = made.value;
  const serving = await serve(app, known);
  const stop = async (): Promise<void> => {
    await serving.stop();
    await app.close();
    await leaveDatabase(opened);
  };
  return done({ ...serving, bornAs: installation.bornAs, stop });
}
