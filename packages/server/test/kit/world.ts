import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulators } from '@liushui/simulator';
import { afterAll, beforeAll } from 'vitest';
import { addAccount } from '../../src/accounts/index.ts';
import { openInstallation } from '../../src/app/installation.ts';
import { openApp } from '../../src/app/parts.ts';
import type { App } from '../../src/app/parts.ts';
import { Stepper } from '../../src/app/stepper.ts';
import { foundUsers } from '../../src/identity/index.ts';
import type { Actor } from '../../src/identity/index.ts';
import { systemActor } from '../../src/identity/index.ts';
import { parseShanghai, Secret } from '../../src/kernel/index.ts';
import type { Instant } from '../../src/kernel/index.ts';
import { SteppedClock } from '../../src/platform/clock.ts';
import { seededRandomBytes } from '../../src/platform/ids.ts';
import { useDatabase } from './database.ts';
import type { TestDatabase } from './database.ts';

export const merchant = 'demo';
export const partner = '2088000000000001';
export const md5Key = 'test0only0test0only0test0only0md';

export const wang: Actor = { userId: 'wang', name: '王', roles: ['maker'], merchants: [merchant], door: 'cli' };
export const zhao: Actor = { userId: 'zhao', name: '赵', roles: ['checker'], merchants: [merchant], door: 'cli' };

export type World = {
  readonly app: App;
  readonly clock: SteppedClock;
  readonly stepper: Stepper;
  readonly alipayUrl: string;
  readonly portUrl: string;
  readonly accountId: string;
  readonly post: (door: 'alipay' | 'port', path: string, body: unknown) => Promise<unknown>;
  readonly get: (door: 'alipay' | 'port', path: string) => Promise<string>;
};

export function at(text: string): Instant {
  const instant = parseShanghai(text);
  if (instant === undefined) throw new Error(`no time: ${text}`);
  return instant;
}

/** Server and simulators on one moved clock: a journey ends by comparing our books with theirs. */
export function useWorld(start: string): { readonly world: World; readonly database: TestDatabase } {
  const database = useDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'liushui-world-'));
  let made: World | undefined;
  let close: () => Promise<void> = () => Promise.resolve();
  beforeAll(async () => {
    const simulators = await startSimulators({ dataDir: join(folder, 'simulators'), clock: 'stepped', at: at(start) });
    const post: World['post'] = async (door, path, body) => {
      const base = door === 'alipay' ? simulators.alipayUrl : simulators.portUrl;
      const answer = await fetch(base + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
      return text === '' ? undefined : JSON.parse(text);
    };
    const get: World['get'] = async (door, path) =>
      (await fetch((door === 'alipay' ? simulators.alipayUrl : simulators.portUrl) + path)).text();
    const clock = new SteppedClock(
      at(start),
      async () => (JSON.parse(await get('alipay', '/control/clock')) as { hanging: number }).hanging,
    );
    const installation = await openInstallation(database.db, 'sandbox', at(start));
    if (!installation.ok) throw new Error(installation.refusal.code);
    const config = {
      dataFolder: folder,
      lang: 'en',
      colour: false,
      accessible: true,
      listen: { host: '127.0.0.1', port: 0 },
    } as const;
    const opened = await openApp({
      config,
      db: database.db,
      installation: installation.value,
      logTo: 'stderr',
      logLevel: 'error',
      clock,
      random: seededRandomBytes(start),
    });
    if (!opened.ok) throw new Error(opened.refusal.code);
    const app = opened.value;
    await post('alipay', '/control/partners', [{ partner, md5_key: md5Key }]);
    const accountId = await database.db.transaction(async (tx) => {
      const stamp = { at: clock.now(), ids: app.customs.ids };
      await tx.query(
        `insert into merchants (id, name_zh, name_en, created_at) values ($1, '示例商城', 'Demo shop', now())`,
        [merchant],
      );
      const people = [wang, zhao].map((person) => ({
        id: person.userId,
        name: person.name,
        roles: person.roles,
        merchants: person.merchants,
      }));
      await foundUsers(tx, people, systemActor, stamp);
      const added = await addAccount(tx, app.customs, {
        merchantId: merchant,
        channel: 'alipay',
        name: 'test',
        isFurnished: true,
        settings: { partner, gateway_url: `${simulators.alipayUrl}/gateway.do` },
        secrets: { md5_key: new Secret(md5Key) },
      });
      if (!added.ok) throw new Error(added.refusal.code);
      return added.value.id;
    });
    made = { app, clock, stepper: new Stepper(app.worker, app.db, clock), ...simulators, accountId, post, get };
    close = async () => {
      await app.close();
      clock.stop();
      await simulators.close();
      rmSync(folder, { recursive: true, force: true });
    };
  }, 120_000);
  afterAll(() => close());
  return {
    database,
    get world() {
      if (!made) throw new Error('the world is made in beforeAll');
      return made;
    },
  };
}
