import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { done, parseShanghai, Secret } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import { addAccount } from '../accounts/index.ts';
import { createUser, foundUsers, issueToken, listUsers, permissionsOfRole, systemActor } from '../identity/index.ts';
import type { NewUser, TokenWish } from '../identity/index.ts';
import { readSandboxClock, writeSandboxClock } from '../platform/clock.ts';
import { timestamp } from '../platform/db.ts';
import type { Database, Tx } from '../platform/db.ts';
import { demoShop } from './sandbox.data.ts';
import type { App } from './parts.ts';
import { registerApplication, sandboxApp, sandboxMd5Key, sandboxPartner } from './sandbox-world.ts';
import { loginsFolder } from './session.ts';
import { followSimulators } from './sign-up.ts';
import type { Simulators } from './simulators.ts';

const sandboxMerchant = 'demo';

const people: readonly NewUser[] = [
  { id: 'wang', name: demoShop.wang, roles: ['maker'], merchants: [sandboxMerchant] },
  { id: 'zhao', name: demoShop.zhao, roles: ['checker'], merchants: [sandboxMerchant] },
  { id: 'chen', name: demoShop.chen, roles: ['admin', 'auditor'], merchants: ['*'] },
];

/** A new sandbox begins in the afternoon of the incident and goes on with real time from there. */
export async function ensureSandboxClock(db: Database): Promise<void> {
  if (await readSandboxClock(db)) return;
  const start = parseShanghai('2015-10-28 16:20:00') as Instant;
  await writeSandboxClock(db, start, true);
}

/** What a first start hands out; a later start hands out nothing. */
export type FirstLogins = Readonly<Record<string, string>>;

/**
 * Demo shop, three people and the account at the simulated channel, in one transaction; the logins are written before it commits,
 * so that a kill leaves a shop with logins or none.
 */
export async function furnishSandbox(app: App, simulators: Simulators): Promise<Result<FirstLogins>> {
  const gateway = `${simulators.alipayUrl}/gateway.do`;
  const stamp = { at: app.clock.now(), ids: app.customs.ids };
  if ((await listUsers(app.db)).length > 0) {
    await followGateway(app.db, gateway);
    await followSimulators(app.db, app.config.dataFolder, stamp);
    return done({});
  }
  const keys = applicationKeys();
  await registerApplication(simulators, { ourPublic: keys.ourPublic, theirPrivate: keys.theirPrivate });
  return app.db.transaction(async (tx) => {
    await tx.query('insert into merchants (id, name_zh, name_en, created_at) values ($1, $2, $3, $4)', [
      sandboxMerchant,
      demoShop.nameZh,
      demoShop.nameEn,
      timestamp(stamp.at),
    ]);
    const founded = await foundUsers(tx, people, systemActor, stamp);
    if (!founded.ok) return founded;
    const added = await addAccount(tx, app.customs, {
      merchantId: sandboxMerchant,
      channel: 'alipay',
      name: demoShop.accountName,
      isFurnished: true,
      settings: {
        ...{ partner: sandboxPartner, gateway_url: gateway, openapi_gateway_url: gateway },
        ...{ openapi_mode: 'key', app_id: sandboxApp.appId, seller_id: sandboxApp.sellerId },
      },
      secrets: {
        md5_key: new Secret(sandboxMd5Key),
        app_private_key: new Secret(keys.ourPrivate),
        alipay_openapi_public_key: new Secret(keys.theirPublic),
      },
    });
    if (!added.ok) return added;
    const logins = await issueFirstLogins(tx, app);
    if (logins.ok) writeLogins(app.config.dataFolder, logins.value);
    return logins;
  });
}

/** Keys of the sandbox's application, made for this installation: ours to sign with, and those of the simulated channel. */
function applicationKeys() {
  const pair = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = (key: KeyObject, type: 'pkcs8' | 'spki') => key.export({ type, format: 'pem' }).toString();
  const [ours, theirs] = [pair(), pair()];
  return {
    ...{ ourPrivate: pem(ours.privateKey, 'pkcs8'), ourPublic: pem(ours.publicKey, 'spki') },
    ...{ theirPrivate: pem(theirs.privateKey, 'pkcs8'), theirPublic: pem(theirs.publicKey, 'spki') },
  };
}

/** The simulators had to take other ports than last time. Addresses of a channel change by two people elsewhere; these are our own. */
async function followGateway(db: Database, gateway: string): Promise<void> {
  await db.query(
    `update channel_accounts set settings = settings || jsonb_build_object('gateway_url', $2::text)
       || case when settings ? 'openapi_gateway_url' then jsonb_build_object('openapi_gateway_url', $2::text) else '{}' end
     where settings->>'partner' = $1 and settings->>'gateway_url' <> $2
       and exists (select from installation where born_as = 'sandbox')`,
    [sandboxPartner, gateway],
  );
}

async function issueFirstLogins(tx: Tx, app: App): Promise<Result<FirstLogins>> {
  const common = { merchants: ['*'], ipAllow: [], expiresInMs: undefined };
  const wishes: [string, TokenWish][] = people.map((person) => [
    person.id,
    { ...common, userId: person.id, kind: 'cli', label: 'first start', scopes: [] },
  ]);
  // The API key belongs to a person of its own kind in production; here it may do what a maker may.
  const programs: NewUser = { id: 'shop', name: demoShop.program, roles: ['maker'], merchants: [sandboxMerchant] };
  const stamp = { at: app.clock.now(), ids: app.customs.ids };
  const change = { by: systemActor, consent: { kind: 'founding' }, reason: '' } as const;
  const made = await createUser(tx, programs, change, stamp);
  if (!made.ok) return made;
  wishes.push([
    'api-key',
    { ...common, userId: 'shop', kind: 'api_key', label: 'first start', scopes: permissionsOfRole.maker },
  ]);
  const logins: Record<string, string> = {};
  for (const [name, wish] of wishes) {
    const issued = await issueToken(tx, wish, change, app.tokens, stamp);
    if (!issued.ok) return issued;
    logins[name] = issued.value.token;
  }
  return done(logins);
}

function writeLogins(dataFolder: string, logins: FirstLogins): void {
  const folder = join(dataFolder, loginsFolder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [name, token] of Object.entries(logins)) writeFileSync(join(folder, name), `${token}\n`, { mode: 0o600 });
  const { wang } = logins;
  if (wang !== undefined) writeFileSync(join(dataFolder, 'login'), `${wang}\n`, { mode: 0o600 });
}
