import { done, hours, plus, refuse, rfc3339 } from '../kernel/index.ts';
import type { Instant, Refusal, Result, Secret } from '../kernel/index.ts';
import type { AccountSecrets, Connector, Moment } from '../channels/contract/index.ts';
import type { Tx } from '../platform/db.ts';
import { checkAccount, liveSecrets, refuseName } from './account.ts';
import { identityMoved, movedSettings, newestSecrets, questionsOf, settingsAfter } from './change.ts';
import type { AccountChange, Asker } from './change.ts';
import { refuseOwner } from './commands.ts';
import type { AccountParts } from './commands.ts';
import { isNeeded } from './form.ts';
import { refuseProducts } from './opening.ts';
import { endSecrets, findSecrets, insertSecrets, lockAccount, lockOwners, saveAccount, usesOf } from './store.ts';
import type { AccountRow } from './store.ts';

/** What moved, by name; never what a secret is. */
export type ChangedAccount = {
  readonly id: string;
  readonly isRenamed: boolean;
  readonly settings: readonly string[];
  readonly secrets: readonly string[];
  /** Until when the secrets before these verify; absent where none was replaced. */
  readonly oldUntil?: Instant;
};

/** What of it is told and kept: which fields moved, never what a secret was or is. */
export const detailOf = ({ isRenamed, settings, secrets, oldUntil }: ChangedAccount) => ({
  ...{ renamed: isRenamed, settings, secret_fields: secrets },
  ...(oldUntil === undefined ? {} : { old_until: rfc3339(oldUntil) }),
});

/** Channels repeat a message for about a day (25 hours at most), signed and sealed as at first. */
const oldVerifiesForMs = hours(48);

/**
 * Changes an account in the caller's transaction: audit and approval commit with it. The whole account is checked as when it was added, and
 * whatever was sent under it stays answerable. Nothing is deleted: a secret that has a successor gets its last moment.
 */
export async function changeAccount(
  tx: Tx,
  parts: AccountParts,
  id: string,
  change: AccountChange,
): Promise<Result<ChangedAccount>> {
  const unfit = change.name === undefined ? undefined : refuseName(change.name);
  if (unfit) return { ok: false, refusal: unfit };
  const row = await lockAccount(tx, id);
  const connector = row && parts.channels.get(row.channel);
  if (!row || !connector) return refuse('account.not_found', { account: id });
  const stranger = change.unset.find((name) => !connector.manifest.settings.some((field) => field.name === name));
  if (stranger !== undefined)
    return refuse('account.field_unknown', knownTo(connector, stranger), `/unset/${stranger}`);
  const at = parts.clock.now();
  const oldUntil = change.oldUntil === 'now' ? at : (change.oldUntil ?? plus(at, oldVerifiesForMs));
  if (oldUntil < at) return refuse('account.old_until_past', { asked: oldUntil, now: at }, '/old_until');
  const checked = await checkChanged(tx, parts, row, connector, change, at);
  if (!checked.ok) return checked;
  const settings = movedSettings(connector, row.settings, checked.value);
  const secrets = Object.keys(change.secrets);
  const isRenamed = change.name !== undefined && change.name !== row.name;
  if (settings.length + secrets.length === 0 && !isRenamed) return refuse('account.nothing_changed', { account: id });
  await saveAccount(tx, id, change.name ?? row.name, checked.value);
  const ended = await endSecrets(tx, id, secrets, oldUntil);
  const rows = Object.entries(change.secrets).map(([field, secret]) => ({
    ...{ id: parts.ids.next(), accountId: id, field, secret },
  }));
  await insertSecrets(tx, parts.keyring, rows, at);
  return done({ id, isRenamed, settings, secrets, ...(ended > 0 ? { oldUntil } : {}) });
}

const knownTo = ({ manifest }: Connector, field: string) => ({
  field,
  known: manifest.settings.map(({ name }) => name).join(', '),
});

/** The settings afterwards, or what stands against them. */
async function checkChanged(
  tx: Tx,
  parts: AccountParts,
  row: AccountRow,
  connector: Connector,
  change: AccountChange,
  at: Instant,
): Promise<Result<Readonly<Record<string, string>>>> {
  const live = liveSecrets(await findSecrets(tx, parts.keyring, row.id), at);
  const wanted = settingsAfter(row.settings, change);
  // A secret that is no longer needed may have ended or be unreadable by now: it stands in nobody's way.
  const needed = connector.manifest.secrets.filter((field) => isNeeded(field, wanted)).map(({ name }) => name);
  const held = Object.entries(newestSecrets(live, change.secrets));
  const secrets = held.filter(([name]) => needed.includes(name) || Object.hasOwn(change.secrets, name));
  const given = { name: change.name ?? row.name, settings: wanted, secrets: Object.fromEntries(secrets) };
  const settings = checkAccount(connector, given, at);
  if (!settings.ok) return settings;
  const after = settings.value;
  const refusal =
    refuseProducts(connector, { products: row.products ?? [] }) ??
    (await refuseSilence(tx, {
      ...{ row, connector, moment: { at, nonce: parts.ids.next() } },
      before: { settings: row.settings, secrets: live },
      after: { settings: after, secrets: eachAlone(secrets) },
    })) ??
    (await refuseNewOwner(tx, connector, row, after));
  return refusal ? { ok: false, refusal } : settings;
}

const eachAlone = (secrets: readonly (readonly [string, Secret])[]): AccountSecrets =>
  Object.fromEntries(secrets.map(([name, secret]) => [name, [secret]]));

type Switch = {
  readonly row: AccountRow;
  readonly connector: Connector;
  readonly before: Asker;
  readonly after: Asker;
  readonly moment: Moment;
};

/** Everything that was sent stays answerable: under the numbers that it was sent with, and by a question that can still be asked. */
async function refuseSilence(tx: Tx, { row, connector, before, after, moment }: Switch): Promise<Refusal | undefined> {
  const moved = movedSettings(connector, before.settings, after.settings);
  const numbers = identityMoved(connector, before.settings, moved);
  const askable = questionsOf(connector, after, moment);
  const lost = questionsOf(connector, before, moment).filter((question) => !askable.includes(question));
  // Whether anything was sent is looked up where it matters only: nothing says it by account at once.
  if (numbers.length + lost.length === 0) return undefined;
  const used = await usesOf(tx, row.id);
  const account = row.id;
  if (numbers.length > 0 && used.length > 0)
    return { code: 'account.identity_in_use', params: { account, fields: numbers.join(', ') } };
  const silent = lost.filter((question) => used.includes(question));
  if (silent.length === 0) return undefined;
  return { code: 'account.would_fall_silent', params: { account, questions: silent.join(', ') } };
}

async function refuseNewOwner(
  tx: Tx,
  connector: Connector,
  row: AccountRow,
  after: Readonly<Record<string, string>>,
): Promise<Refusal | undefined> {
  const moved = movedSettings(connector, row.settings, after);
  if (!(connector.opening?.ownerSettings ?? []).some((name) => moved.includes(name))) return undefined;
  await lockOwners(tx);
  return refuseOwner(tx, connector, row, after);
}
