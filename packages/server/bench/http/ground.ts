import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { addAccount } from '../../src/accounts/index.ts';
import { cpuOfFamily } from '../../src/app/replay/cpu.ts';
import { createUser, issueToken, permissionsOfRole, systemActor } from '../../src/identity/index.ts';
import type { NewUser, TokenWish } from '../../src/identity/index.ts';
import { rfc3339, Secret } from '../../src/kernel/index.ts';
import { writeSandboxClock } from '../../src/platform/clock.ts';
import type { Tx } from '../../src/platform/db.ts';
import { good, md5Key, merchant, partner } from '../server.ts';
import type { BenchServer, BenchWorld } from '../server.ts';
import { startChild } from './child.ts';
import type { Child } from './child.ts';
import type { Actors } from './load.ts';

/** The server as operators start it, PostgreSQL, the channel's simulator and the load: each a process of its own. */
export type Ground = {
  readonly world: BenchWorld;
  readonly actors: Actors;
  readonly channelPublicPem: string;
  readonly load: Child;
  /** To the simulator's control doors. */
  readonly post: (path: string, body: unknown) => Promise<unknown>;
  readonly cpu: () => Cpu;
  /** Seconds of a process and its children. */
  readonly cpuOf: (pid: number) => number;
  /** Waits until every message that was acknowledged is told to its order; for how many seconds. */
  readonly allBooked: () => Promise<number>;
  /** Transactions and bytes of log so far. */
  readonly written: () => Promise<{ readonly commits: number; readonly walBytes: number }>;
  close(): Promise<void>;
};

/** CPU seconds so far, by process. */
export type Cpu = { readonly server: number; readonly postgres: number; readonly simulator: number };

const root = resolve(import.meta.dirname, '../../../..');
const tokensNeeded = 24;
const seller = '2088000000000009';
const appId = '2015102800000001';

const pemOf = (key: KeyObject, type: 'pkcs8' | 'spki'): string => key.export({ type, format: 'pem' }).toString();

export async function openGround(server: BenchServer): Promise<Ground> {
  const world = await server.openWorld();
  const children: Child[] = [];
  const close = async (): Promise<void> => {
    for (const child of children.splice(0).reverse()) await child.stop();
    await world.close();
  };
  const child = async (program: string, options: Parameters<typeof startChild>[1]): Promise<Child> => {
    const started = await startChild(join(root, program), options);
    children.push(started);
    return started;
  };
  try {
    return await fill(world, child, close);
  } catch (error) {
    await close();
    throw error;
  }
}

type StartChild = (program: string, options: Parameters<typeof startChild>[1]) => Promise<Child>;

async function fill(world: BenchWorld, child: StartChild, close: () => Promise<void>): Promise<Ground> {
  const { app, clock, databaseUrl, postgresPid } = world;
  const folder = join(app.config.dataFolder, new URL(databaseUrl).pathname.slice(1));
  const at = ['--clock', 'running', '--at', rfc3339(clock.now()), '--with-parent'];
  const simulator = await child('packages/simulator/src/main.ts', { args: ['--data', folder, ...at] });
  const origin = String(simulator.ready['alipay']);
  const post = (path: string, body: unknown): Promise<unknown> => postJson(origin + path, body);
  const furnished = await furnish(world, `${origin}/gateway.do`, post);
  await writeSandboxClock(app.db, clock.now(), true);
  const profile = process.env['LIUSHUI_BENCH_PROFILE']; // a folder: where to put a CPU profile of the server
  const serving = await child('packages/server/bin/liushui.js', {
    args: ['serve', '--role', 'all', '--json'],
    env: {
      ...{ DATABASE_URL: databaseUrl, LIUSHUI_DATA: app.config.dataFolder, LIUSHUI_LISTEN: '127.0.0.1:17788' },
      LIUSHUI_TRUSTED_PROXIES: '127.0.0.1',
    },
    execArgv: profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`],
  });
  const load = await child('packages/server/bench/http/load-main.ts', {});
  const paid = { amount: '42.00', appId, sellerId: seller, paidAt: '2015-10-28 16:21:00' };
  return {
    world,
    actors: { server: String(serving.ready['address']), ...furnished, paid },
    channelPublicPem: furnished.channelPublicPem,
    load,
    post,
    cpu: () => ({
      server: cpuOfFamily(serving.pid),
      postgres: cpuOfFamily(postgresPid),
      simulator: cpuOfFamily(simulator.pid),
    }),
    cpuOf: cpuOfFamily,
    allBooked: () => waitBooked(world),
    written: () => readWritten(world),
    close,
  };
}

async function postJson(url: string, body: unknown): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${text}`);
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}

type Furnished = Pick<Actors, 'tokens' | 'accountId' | 'channelKeyPem'> & { readonly channelPublicPem: string };

/** An application at the channel, an account of it, and keys enough for the load. */
async function furnish({ app, clock }: BenchWorld, gateway: string, post: Ground['post']): Promise<Furnished> {
  const pair = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
  const [ours, theirs] = [pair(), pair()];
  const channelKeyPem = pemOf(theirs.privateKey, 'pkcs8');
  const channelPublicPem = pemOf(theirs.publicKey, 'spki');
  await post('/control/openapi/apps', [
    {
      ...{ app_id: appId, seller_id: seller, merchant_public_key_pem: pemOf(ours.publicKey, 'spki') },
      ...{ alipay_private_key_pem: channelKeyPem, balance: '1000000.00' },
    },
  ]);
  return app.db.transaction(async (tx) => {
    const added = await addAccount(tx, app.customs, {
      ...{ merchantId: merchant, channel: 'alipay', name: 'http', isFurnished: true as const },
      settings: {
        ...{ partner, gateway_url: gateway, openapi_gateway_url: gateway, openapi_mode: 'key' },
        ...{ app_id: appId, seller_id: seller },
      },
      secrets: {
        md5_key: new Secret(md5Key),
        app_private_key: new Secret(pemOf(ours.privateKey, 'pkcs8')),
        alipay_openapi_public_key: new Secret(channelPublicPem),
      },
    });
    const tokens = await issueTokens(tx, app, { at: clock.now(), ids: app.customs.ids });
    return { tokens, accountId: good(added).id, channelKeyPem, channelPublicPem };
  });
}

async function issueTokens(tx: Tx, app: BenchWorld['app'], stamp: Parameters<typeof createUser>[3]): Promise<string[]> {
  const change = { by: systemActor, consent: { kind: 'one_person' }, reason: 'bench' } as const;
  const shop: NewUser = { id: 'shop', name: 'shop', roles: ['maker'], merchants: [merchant] };
  good(await createUser(tx, shop, change, stamp));
  const wish: TokenWish = {
    ...{ userId: shop.id, kind: 'api_key', label: 'bench', merchants: ['*'], ipAllow: [], expiresInMs: undefined },
    scopes: permissionsOfRole.maker,
  };
  const tokens: string[] = [];
  while (tokens.length < tokensNeeded) tokens.push(good(await issueToken(tx, wish, change, app.tokens, stamp)).token);
  return tokens;
}

async function waitBooked({ app }: BenchWorld): Promise<number> {
  const began = performance.now();
  const waiting = `select from inbound_notices where state = 'stored' limit 1`;
  while ((await app.db.query(waiting)).length > 0) await delay(2);
  return (performance.now() - began) / 1000;
}

const writtenNow = `select pg_current_wal_lsn() - '0/0'::pg_lsn as wal, xact_commit as commits
  from pg_stat_database where datname = current_database()`;

async function readWritten({ app }: BenchWorld): Promise<{ commits: number; walBytes: number }> {
  const [row] = await app.db.query<{ wal: unknown; commits: unknown }>(writtenNow);
  return { commits: Number(row?.commits), walBytes: Number(row?.wal) };
}
