import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulators } from '@liushui/simulator';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect } from 'vitest';
import { createServer } from '../../src/api/server.ts';
import { openInstallation } from '../../src/app/installation.ts';
import { openApp } from '../../src/app/parts.ts';
import type { App } from '../../src/app/parts.ts';
import { Stepper } from '../../src/app/stepper.ts';
import { SteppedClock } from '../../src/platform/clock.ts';
import { seededRandomBytes } from '../../src/platform/ids.ts';
import { useDatabase } from './database.ts';
import { bothBooks, brokenLaws } from './pay-books.ts';
import { doorsOf, freePort, furnish, makeKeys, passing } from './pay-side.ts';
import type { Doors } from './pay-side.ts';
import { at } from './world.ts';

export { seller } from './pay-side.ts';

export type PayWorld = Doors & {
  readonly app: App;
  readonly clock: SteppedClock;
  readonly stepper: Stepper;
  readonly server: FastifyInstance;
  readonly accountId: string;
  /** Lets time pass on both sides, messages of the channel included. */
  readonly pass: (ms: number) => Promise<void>;
};

/** Whatever happened: what we booked at this place is what the channel has, and the laws of ledger and records hold. */
export async function expectEqualBooks(world: PayWorld, accountId = world.accountId): Promise<void> {
  const { ours, theirs } = await bothBooks(world.app.db, world, accountId);
  expect(ours).toEqual(theirs);
  expect(await brokenLaws(world.app.db)).toEqual([]);
}

/** Server with its HTTP door and the simulated OpenAPI gateway on one moved clock. */
export function usePayWorld(start: string): { readonly world: PayWorld } {
  const database = useDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'liushui-pay-'));
  let made: PayWorld | undefined;
  let close: () => Promise<void> = () => Promise.resolve();
  beforeAll(async () => {
    const simulators = await startSimulators({ dataDir: join(folder, 'simulators'), clock: 'stepped', at: at(start) });
    const doors = doorsOf(simulators.alipayUrl);
    const { get } = doors;
    const clock = new SteppedClock(at(start), async () => (await get<{ hanging: number }>('/control/clock')).hanging);
    const installation = await openInstallation(database.db, 'sandbox', at(start));
    if (!installation.ok) throw new Error(installation.refusal.code);
    const port = await freePort();
    const opened = await openApp({
      config: {
        ...{ dataFolder: folder, lang: 'en', colour: false, accessible: true },
        listen: { host: '127.0.0.1', port },
      },
      ...{ db: database.db, installation: installation.value, logTo: 'stderr', logLevel: 'error', clock },
      random: seededRandomBytes(start),
    });
    if (!opened.ok) throw new Error(opened.refusal.code);
    const app = opened.value;
    const accountId = await furnish(app, `${simulators.alipayUrl}/gateway.do`, doors, makeKeys());
    const server = createServer(app);
    await server.listen({ host: '127.0.0.1', port });
    const stepper = new Stepper(app.worker, app.db, clock);
    const pass = passing(app, clock, stepper, doors);
    made = { app, clock, stepper, server, accountId, ...doors, pass };
    close = async () => {
      await server.close();
      await app.close();
      clock.stop();
      await simulators.close();
      rmSync(folder, { recursive: true, force: true });
    };
  }, 120_000);
  afterAll(() => close());
  return {
    get world() {
      if (!made) throw new Error('the world is made in beforeAll');
      return made;
    },
  };
}
