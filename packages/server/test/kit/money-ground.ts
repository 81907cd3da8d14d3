// What journeys of money stand on, whichever channels they play: server with its HTTP door, simulators, one moved clock.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulators } from '@liushui/simulator';
import type { RunningSimulators } from '@liushui/simulator';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll } from 'vitest';
import { createServer } from '../../src/api/server.ts';
import { openInstallation } from '../../src/app/installation.ts';
import { openApp } from '../../src/app/parts.ts';
import type { App } from '../../src/app/parts.ts';
import { Stepper } from '../../src/app/stepper.ts';
import { SteppedClock } from '../../src/platform/clock.ts';
import { seededRandomBytes } from '../../src/platform/ids.ts';
import { useDatabase } from './database.ts';
import { doorsOf, foundMerchant, freePort, passing } from './pay-side.ts';
import type { Doors } from './pay-side.ts';
import { at } from './world.ts';

export type Ground = {
  readonly app: App;
  readonly clock: SteppedClock;
  readonly stepper: Stepper;
  readonly server: FastifyInstance;
};

/** An account of ours at a channel, and the channel's own doors. */
export type Side = Doors & { readonly accountId: string };

/** One channel of the ground; time passes at all of them. */
export type ChannelStage = Ground & Side & { readonly pass: (ms: number) => Promise<void> };

/** Opens our side and theirs of one channel. */
export type Furnish = (app: App, simulators: RunningSimulators) => Promise<Side>;

/** One stage for each name. */
export function useStages<Name extends string>(
  start: string,
  sides: Readonly<Record<Name, Furnish>>,
  channelFolders: readonly string[] = [],
): { readonly world: Readonly<Record<Name, ChannelStage>> } {
  const database = useDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'liushui-money-'));
  let made: Readonly<Record<Name, ChannelStage>> | undefined;
  let close: () => Promise<void> = () => Promise.resolve();
  beforeAll(async () => {
    const simulators = await startSimulators({ dataDir: join(folder, 'simulators'), clock: 'stepped', at: at(start) });
    const ports = Object.entries(simulators).flatMap(([name, url]) => {
      return typeof url === 'string' ? [[name.replace(/Url$/, ''), Number(new URL(url).port)]] : [];
    });
    writeFileSync(join(folder, 'simulators', 'ports.json'), JSON.stringify(Object.fromEntries(ports)));
    const { get } = doorsOf(simulators.alipayUrl);
    const clock = new SteppedClock(at(start), async () => (await get<{ hanging: number }>('/control/clock')).hanging);
    const installation = await openInstallation(database.db, 'sandbox', at(start));
    if (!installation.ok) throw new Error(installation.refusal.code);
    const listen = { host: '127.0.0.1', port: await freePort() };
    const opened = await openApp({
      config: { ...{ dataFolder: folder, lang: 'en', colour: false, accessible: true }, listen },
      ...{ db: database.db, installation: installation.value, logTo: 'stderr', logLevel: 'error', clock },
      ...{ random: seededRandomBytes(start), channelFolders },
    });
    if (!opened.ok) throw new Error(opened.refusal.code);
    const app = opened.value;
    await foundMerchant(app);
    const names = Object.keys(sides) as Name[];
    const furnished = new Map<Name, Side>();
    for (const name of names) furnished.set(name, await sides[name](app, simulators));
    const server = createServer(app);
    await server.listen(listen);
    const stepper = new Stepper(app.worker, app.db, clock);
    const pass = passing(app, clock, stepper, [...furnished.values()]);
    const stages = [...furnished].map(([name, side]) => [name, { app, clock, stepper, server, ...side, pass }]);
    made = Object.fromEntries(stages) as Record<Name, ChannelStage>;
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
