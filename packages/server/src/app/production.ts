import { hostname, userInfo } from 'node:os';
import { refuse } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import {
  everyMerchant,
  foundUsers,
  permissionsOfRole,
  registerClaims,
  systemActor,
  takeClaim,
} from '../identity/index.ts';
import type { NewUser, Permission, Role } from '../identity/index.ts';
import { systemClock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { timestamp } from '../platform/db.ts';
import type { Database, Tx } from '../platform/db.ts';
import { systemRandomBytes } from '../platform/ids.ts';
import { ensureMasterKey } from '../platform/keys-master.ts';
import { bringSchemaForward, openOwnDatabase, schemaFits } from './database.ts';
import { openInstallation } from './installation.ts';
import { openApp } from './parts.ts';
import type { App } from './parts.ts';
import { leaveDatabase, openExisting } from './session.ts';

export type Founding = {
  readonly people: readonly {
    readonly id: string;
    readonly name: string;
    readonly roles: readonly Role[];
    /** Of the login that this person made: `liushui claim make`. */
    readonly claim: string;
  }[];
  readonly merchant: { readonly id: string; readonly nameZh: string; readonly nameEn: string };
};

/**
 * Sets up production: birth mark, master key, first merchant, first people. It hands out no login: whoever runs it would hold them all,
 * and be two people alone. Each comes with one of their own (`claimLogin`).
 */
export async function initProduction(config: Config, founding: Founding): Promise<Result<void>> {
  if (config.databaseUrl === undefined) return needs('DATABASE_URL', 'postgres://user@host:5432/liushui');
  if (config.masterKeyFile === undefined) return needs('LIUSHUI_MASTER_KEY_FILE', '/etc/liushui/master.key, mode 0600');
  // Two people before anything is written: a database is born once.
  if (founding.people.length < 2) return refuse('user.too_few', { needed: 2 });
  if (!arePair(founding.people)) return refuse('claim.no_pair', {});
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
      return await allOrNothing(db, (tx) => found(tx, app, founding));
    } finally {
      await app.close();
    }
  } finally {
    await db.close();
  }
}

/** A refusal takes back what was written before it. */
async function allOrNothing(db: Database, work: (tx: Tx) => Promise<Result<void>>): Promise<Result<void>> {
  let refused: Result<void> | undefined;
  try {
    return await db.transaction(async (tx) => {
      const result = await work(tx);
      if (result.ok) return result;
      refused = result;
      throw new Error('taken back');
    });
  } catch (error) {
    if (refused) return refused;
    throw error;
  }
}

const needs = (name: string, rule: string): Result<never> => refuse('config.invalid', { name, found: '', rule });

async function found(tx: Tx, app: App, { people, merchant }: Founding): Promise<Result<void>> {
  const stamp = { at: app.clock.now(), ids: app.customs.ids };
  await tx.query(
    'insert into merchants (id, name_zh, name_en, created_at) values ($1, $2, $3, $4) on conflict (id) do nothing',
    [merchant.id, merchant.nameZh, merchant.nameEn, timestamp(stamp.at)],
  );
  const users = people.map(({ id, name, roles }): NewUser => {
    const everywhere = roles.includes('admin') || roles.includes('auditor');
    return { id, name, roles, merchants: [everywhere ? everyMerchant : merchant.id] };
  });
  const founded = await foundUsers(tx, users, systemActor, stamp);
  if (!founded.ok) return founded;
  return registerClaims(
    tx,
    people.map(({ id, claim }) => ({ userId: id, claim })),
    stamp,
  );
}

/** One who changes users, and somebody else who approves it: with those two everything else can be set up. One name twice is one person. */
function arePair(people: Founding['people']): boolean {
  const may = (roles: readonly Role[], permission: Permission): boolean =>
    roles.some((role) => permissionsOfRole[role].includes(permission));
  const names = new Set(people.map(({ name }) => name.normalize('NFKC').trim().toLowerCase()));
  return (
    names.size === people.length &&
    people.some(
      (one) =>
        may(one.roles, 'users.change') &&
        people.some((other) => other.id !== one.id && may(other.roles, 'users.change.approve')),
    )
  );
}

/** The person comes in person: with the login that they made on their own machine, and that nobody else has seen. */
export async function claimLogin(config: Config, token: string): Promise<Result<{ readonly userId: string }>> {
  const place = await openExisting(config, () => undefined);
  if (!place.ok) return place;
  const { opened, installation } = place.value;
  try {
    const fits = await schemaFits(opened.db);
    if (!fits.ok) return fits;
    const made = await openApp({ config, db: opened.db, installation, logTo: 'stderr', logLevel: 'error' });
    if (!made.ok) return made;
    const app = made.value;
    try {
      const from = { host: hostname(), account: userInfo().username };
      const stamp = { at: app.clock.now(), ids: app.customs.ids };
      return await opened.db.transaction((tx) => takeClaim(tx, { token, from }, app.tokens.digest, stamp));
    } finally {
      await app.close();
    }
  } finally {
    await leaveDatabase(opened);
  }
}
