import { done, refuse } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { everyMerchant, foundUsers, issueToken, systemActor } from '../identity/index.ts';
import type { NewUser, Role } from '../identity/index.ts';
import { systemClock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { timestamp } from '../platform/db.ts';
import type { Tx } from '../platform/db.ts';
import { systemRandomBytes } from '../platform/ids.ts';
import { ensureMasterKey } from '../platform/keys-master.ts';
import { bringSchemaForward, openOwnDatabase } from './database.ts';
import { openInstallation } from './installation.ts';
import { openApp } from './parts.ts';
import type { App } from './parts.ts';

export type Founding = {
  readonly people: readonly { readonly id: string; readonly name: string; readonly roles: readonly Role[] }[];
  readonly merchant: { readonly id: string; readonly nameZh: string; readonly nameEn: string };
};

/** Sets up production: birth mark, master key, first people with a login each (shown once), first merchant. */
export async function initProduction(config: Config, founding: Founding): Promise<Result<Record<string, string>>> {
  if (config.databaseUrl === undefined) return needs('DATABASE_URL', 'postgres://user@host:5432/liushui');
  if (config.masterKeyFile === undefined) return needs('LIUSHUI_MASTER_KEY_FILE', '/etc/liushui/master.key, mode 0600');
  // Two people before anything is written: a database is born once.
  if (founding.people.length < 2) return refuse('user.too_few', { needed: 2 });
  const { db } = await openOwnDatabase(config, 'liushui init', () => undefined);
  try {
    await bringSchemaForward(db);
    const installation = await openInstallation(db, 'production', systemClock().now());
    if (!installation.ok) return installation;
    const master = ensureMasterKey(config.masterKeyFile, systemRandomBytes);
    if (!master.ok) return master;
    const opened = await openApp({ config, db, installation: installation.value, logTo: 'stderr', logLevel: 'error' });
    if (!opened.ok) return opened;
    const app = opened.value;
    try {
      return await db.transaction((tx) => found(tx, app, founding));
    } finally {
      await app.close();
    }
  } finally {
    await db.close();
  }
}

const needs = (name: string, rule: string): Result<never> => refuse('config.invalid', { name, found: '', rule });

async function found(tx: Tx, app: App, { people, merchant }: Founding): Promise<Result<Record<string, string>>> {
  const stamp = { at: app.clock.now(), ids: app.customs.ids };
  await tx.query(
    'insert into merchants (id, name_zh, name_en, created_at) values ($1, $2, $3, $4) on conflict (id) do nothing',
    [merchant.id, merchant.nameZh, merchant.nameEn, timestamp(stamp.at)],
  );
  const users = people.map((person): NewUser => {
    const everywhere = person.roles.includes('admin') || person.roles.includes('auditor');
    return { ...person, merchants: [everywhere ? everyMerchant : merchant.id] };
  });
  const founded = await foundUsers(tx, users, systemActor, stamp);
  if (!founded.ok) return founded;
  const change = { by: systemActor, consent: { kind: 'founding' }, reason: '' } as const;
  const wish = { kind: 'cli', label: 'init', scopes: [], merchants: [everyMerchant], ipAllow: [] } as const;
  const logins: Record<string, string> = {};
  for (const { id } of users) {
    const issued = await issueToken(tx, { ...wish, userId: id, expiresInMs: undefined }, change, app.tokens, stamp);
    if (!issued.ok) return issued;
    logins[id] = issued.value.token;
  }
  return done(logins);
}
