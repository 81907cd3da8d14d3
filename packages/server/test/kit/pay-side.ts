// The other side of money in, for journeys and for processes that are killed: doors, keys, an account, and time on both sides.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { addAccount } from '../../src/accounts/index.ts';
import type { App } from '../../src/app/parts.ts';
import type { Stepper } from '../../src/app/stepper.ts';
import { foundUsers, systemActor } from '../../src/identity/index.ts';
import { Secret } from '../../src/kernel/index.ts';
import type { Instant } from '../../src/kernel/index.ts';
import type { SteppedClock } from '../../src/platform/clock.ts';
import { md5Key, merchant, partner, people } from '../stories/people.ts';

export const seller = '2088000000000009';
const appId = '2015102800000001';

/** Control doors of the simulator, and its books. */
export type Doors = {
  readonly post: <T = unknown>(path: string, body: unknown) => Promise<T>;
  readonly get: <T = unknown>(path: string) => Promise<T>;
  readonly remove: (path: string) => Promise<void>;
  /** A wallet opens the text that an app was given. */
  readonly openInWallet: (text: string) => Promise<void>;
};

export function doorsOf(url: string): Doors {
  return {
    post: async <T>(path: string, body: unknown) => {
      const answer = await fetch(url + path, {
        ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
      return (text === '' ? undefined : JSON.parse(text)) as T;
    },
    get: async <T>(path: string) => (await (await fetch(url + path)).json()) as T,
    openInWallet: async (text) => void (await fetch(`${url}/app`, { method: 'POST', body: text, redirect: 'manual' })),
    remove: async (path) => void (await fetch(url + path, { method: 'DELETE' })),
  };
}

export async function freePort(): Promise<number> {
  const socket = createServer();
  await new Promise<void>((resolve) => socket.listen(0, '127.0.0.1', resolve));
  const { port } = socket.address() as AddressInfo;
  await new Promise((resolve) => socket.close(resolve));
  return port;
}

export type PayKeys = {
  readonly ourPrivate: string;
  readonly ourPublic: string;
  readonly theirPrivate: string;
  readonly theirPublic: string;
};

/** Keys of both sides of one application, made for the run. */
export function makeKeys(): PayKeys {
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

/** A merchant and two people of it. */
export async function foundMerchant(app: App): Promise<void> {
  await app.db.transaction(async (tx) => {
    const stamp = { at: app.clock.now(), ids: app.customs.ids };
    await tx.query(`insert into merchants (id, name_zh, name_en, created_at) values ($1, '示例商城', 'Demo', now())`, [
      merchant,
    ]);
    const users = [people.wang, people.zhao].map(({ userId: id, name, roles, merchants }) => {
      return { id, name, roles, merchants };
    });
    await foundUsers(tx, users, systemActor, stamp);
  });
}

/** An account of ours at the OpenAPI gateway, and the same application at the simulator. */
export async function furnish(app: App, gateway: string, { post }: Doors, keys: PayKeys): Promise<string> {
  await post('/control/openapi/apps', [
    {
      ...{ app_id: appId, seller_id: seller, merchant_public_key_pem: keys.ourPublic },
      ...{ alipay_private_key_pem: keys.theirPrivate, balance: '1000000.00' },
    },
  ]);
  const account = {
    ...{ merchantId: merchant, channel: 'alipay', name: 'test', isFurnished: true as const },
    settings: {
      ...{ partner, gateway_url: gateway, openapi_mode: 'key', app_id: appId, seller_id: seller },
      openapi_gateway_url: gateway,
    },
    secrets: {
      md5_key: new Secret(md5Key),
      app_private_key: new Secret(keys.ourPrivate),
      alipay_openapi_public_key: new Secret(keys.theirPublic),
    },
  };
  return idOf(await app.db.transaction((tx) => addAccount(tx, app.customs, account)));
}

export function idOf(added: Awaited<ReturnType<typeof addAccount>>): string {
  if (!added.ok) throw new Error(JSON.stringify(added.refusal));
  return added.value.id;
}

/** Lets time pass on both sides, messages of these channels included. */
export function passing(app: App, clock: SteppedClock, stepper: Stepper, doors: readonly Doors[]) {
  const tellTime = () => Promise.all(doors.map(({ post }) => post('/control/clock', { now_ms: clock.now() })));
  /** Carries what is due at each of them; when the next of their own comes. */
  async function settle(): Promise<number> {
    const dues: number[] = [];
    for (const { post } of doors) {
      const { next_due_ms: next } = await post<{ next_due_ms: number | null }>('/control/openapi/settle', {});
      if (next !== null && next > clock.now()) dues.push(next);
    }
    await app.notices.idle();
    await app.notices.sweep();
    return Math.min(...dues);
  }
  return async (ms: number): Promise<void> => {
    const until = (clock.now() + ms) as Instant;
    for (;;) {
      await tellTime();
      const next = Math.min(await settle(), until) as Instant;
      // Ours may come sooner; whatever it makes them say is carried before time goes on.
      let worked = 0;
      await stepper.runUntil(next, () => Promise.resolve((worked += 1) > 1));
      if (clock.now() >= until) break;
    }
    await tellTime();
    await settle();
    await app.worker.runDue();
  };
}
