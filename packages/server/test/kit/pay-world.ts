import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createSocket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulators } from '@liushui/simulator';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll } from 'vitest';
import { addAccount } from '../../src/accounts/index.ts';
import { createServer } from '../../src/api/server.ts';
import { openInstallation } from '../../src/app/installation.ts';
import { openApp } from '../../src/app/parts.ts';
import type { App } from '../../src/app/parts.ts';
import { Stepper } from '../../src/app/stepper.ts';
import { foundUsers, systemActor } from '../../src/identity/index.ts';
import { Secret } from '../../src/kernel/index.ts';
import type { Instant } from '../../src/kernel/index.ts';
import { SteppedClock } from '../../src/platform/clock.ts';
import { seededRandomBytes } from '../../src/platform/ids.ts';
import { useDatabase } from './database.ts';
import { at, md5Key, merchant, partner, wang, zhao } from './world.ts';

export const seller = '2088000000000009';
export const appId = '2015102800000001';

export type PayWorld = {
  readonly app: App;
  readonly clock: SteppedClock;
  readonly stepper: Stepper;
  readonly server: FastifyInstance;
  readonly accountId: string;
  /** Control doors of the simulator, and its books. */
  readonly post: <T = unknown>(path: string, body: unknown) => Promise<T>;
  readonly get: <T = unknown>(path: string) => Promise<T>;
  /** Lets time pass on both sides, messages of the channel included. */
  readonly pass: (ms: number) => Promise<void>;
};

async function freePort(): Promise<number> {
  const socket = createSocket();
  await new Promise<void>((resolve) => socket.listen(0, '127.0.0.1', resolve));
  const { port } = socket.address() as AddressInfo;
  await new Promise((resolve) => socket.close(resolve));
  return port;
}

/** Keys of both sides of one application, made for the run. */
export function makeKeys() {
  const pair = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
  const [ours, theirs] = [pair(), pair()];
  const pem = (key: (typeof ours)['privateKey'], type: 'pkcs8' | 'spki') =>
    key.export({ type, format: 'pem' }).toString();
  return {
    ourPrivate: pem(ours.privateKey, 'pkcs8'),
    ourPublic: pem(ours.publicKey, 'spki'),
    theirPrivate: pem(theirs.privateKey, 'pkcs8'),
    theirPublic: pem(theirs.publicKey, 'spki'),
  };
}

/** Server with its HTTP door and the simulated OpenAPI gateway on one moved clock. */
export function usePayWorld(start: string): { readonly world: PayWorld } {
  const database = useDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'liushui-pay-'));
  let made: PayWorld | undefined;
  let close: () => Promise<void> = () => Promise.resolve();
  beforeAll(async () => {
    const simulators = await startSimulators({ dataDir: join(folder, 'simulators'), clock: 'stepped', at: at(start) });
    const post: PayWorld['post'] = async <T>(path: string, body: unknown) => {
      const answer = await fetch(simulators.alipayUrl + path, {
        ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
      return (text === '' ? undefined : JSON.parse(text)) as T;
    };
    const get: PayWorld['get'] = async <T>(path: string) =>
      (await (await fetch(simulators.alipayUrl + path)).json()) as T;
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
    const accountId = await furnish(app, `${simulators.alipayUrl}/gateway.do`, post);
    const server = createServer(app);
    await server.listen({ host: '127.0.0.1', port });
    const stepper = new Stepper(app.worker, app.db, clock);
    const pass = async (ms: number): Promise<void> => {
      const until = (clock.now() + ms) as Instant;
      for (;;) {
        await post('/control/clock', { now_ms: clock.now() });
        const { next_due_ms: theirs } = await post<{ next_due_ms: number | null }>('/control/openapi/settle', {});
        const next = theirs !== null && theirs > clock.now() && theirs < until ? (theirs as Instant) : until;
        // Ours may come sooner; whatever it makes them say is carried before time goes on.
        let worked = 0;
        await stepper.runUntil(next, () => Promise.resolve((worked += 1) > 1));
        if (clock.now() >= until) break;
      }
      await post('/control/clock', { now_ms: clock.now() });
      await post('/control/openapi/settle', {});
      await app.worker.runDue();
    };
    made = { app, clock, stepper, server, accountId, post, get, pass };
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

async function furnish(app: App, gateway: string, post: PayWorld['post']): Promise<string> {
  const keys = makeKeys();
  await post('/control/openapi/apps', [
    {
      ...{ app_id: appId, seller_id: seller, merchant_public_key_pem: keys.ourPublic },
      ...{ alipay_private_key_pem: keys.theirPrivate, balance: '1000000.00' },
    },
  ]);
  return app.db.transaction(async (tx) => {
    const stamp = { at: app.clock.now(), ids: app.customs.ids };
    await tx.query(`insert into merchants (id, name_zh, name_en, created_at) values ($1, '示例商城', 'Demo', now())`, [
      merchant,
    ]);
    const people = [wang, zhao].map(({ userId, name, roles, merchants }) => ({ id: userId, name, roles, merchants }));
    await foundUsers(tx, people, systemActor, stamp);
    const added = await addAccount(tx, app.customs, {
      ...{ merchantId: merchant, channel: 'alipay', name: 'test' },
      settings: {
        ...{ partner, gateway_url: gateway, openapi_mode: 'key', app_id: appId, seller_id: seller },
        openapi_gateway_url: gateway,
      },
      secrets: {
        md5_key: new Secret(md5Key),
        app_private_key: new Secret(keys.ourPrivate),
        alipay_openapi_public_key: new Secret(keys.theirPublic),
      },
    });
    if (!added.ok) throw new Error(JSON.stringify(added.refusal));
    return added.value.id;
  });
}
