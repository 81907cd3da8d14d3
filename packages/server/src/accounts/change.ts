import { CNY, minutes, plus, rfc3339 } from '../kernel/index.ts';
import type { Instant, Secret } from '../kernel/index.ts';
import type { AccountSecrets, Connector, Moment } from '../channels/contract/index.ts';
import type { AccountRow } from './store.ts';

type Settings = Readonly<Record<string, string>>;

/** `now` is the moment at which it is carried out: nobody knows it before the account is locked. */
export type OldUntil = 'now' | Instant;

/** What is to become of an account; whatever is not named stays. */
export type AccountChange = {
  readonly name?: string;
  readonly settings: Settings;
  /** Settings that fall back to their default, or to nothing. */
  readonly unset: readonly string[];
  /** Valid from now on. */
  readonly secrets: Readonly<Record<string, Secret>>;
  /** How long the secrets before those verify besides. Absent: as long as channels repeat what they signed with them. */
  readonly oldUntil?: OldUntil;
};

export function settingsAfter(before: Settings, { settings, unset }: AccountChange): Settings {
  const kept = Object.entries(before).filter(([name]) => !unset.includes(name));
  return { ...Object.fromEntries(kept), ...settings };
}

/** Names of settings whose value differs, in the order of the manifest. */
export function movedSettings({ manifest }: Connector, before: Settings, after: Settings): readonly string[] {
  return manifest.settings.map(({ name }) => name).filter((name) => before[name] !== after[name]);
}

/**
 * Of the moved settings those that say whose account it is at the channel, and those with whose value alone an answer can be had about what was
 * sent. What was empty may be filled in: nothing was sent with another value. But for the owner's numbers: an empty one is a statement, too.
 */
export function identityMoved(
  { manifest, opening }: Connector,
  before: Settings,
  moved: readonly string[],
): readonly string[] {
  const owner = opening?.ownerSettings ?? [];
  const stays = manifest.settings.filter(({ staysOnceUsed }) => staysOnceUsed === true).map(({ name }) => name);
  return moved.filter((name) => owner.includes(name) || (stays.includes(name) && before[name] !== undefined));
}

export type Asker = { readonly settings: Settings; readonly secrets: AccountSecrets };

const anyNumber = '26010112345678901234';

/** What the account can ask its channel: about declarations, and about payments with each product. */
export function questionsOf(
  { manifest, customs, pay }: Connector,
  { settings, secrets }: Asker,
  moment: Moment,
): readonly string[] {
  const account = { id: anyNumber, settings };
  const [place = ''] = Object.keys(manifest.customs?.places ?? {});
  const declared = [{ requestNo: anyNumber, serialNo: anyNumber, tradeNo: '', place, isSplit: false }];
  const terms = {
    ...{ serialNo: anyNumber, amount: { minor: 1n, currency: CNY }, subject: anyNumber, notifyUrl: '' },
    deadlineAt: plus(moment.at, minutes(30)),
  };
  const asksCustoms = customs?.query.build(declared, account, moment, secrets).ok === true;
  const products = Object.keys(manifest.pay?.products ?? {}).filter(
    (product) => pay?.query.build({ ...terms, product }, account, moment, secrets).ok === true,
  );
  return [...(asksCustoms ? ['customs.query'] : []), ...products];
}

/** The newest of each secret that there is or that is given: what requests are signed with. */
export function newestSecrets(
  live: AccountSecrets,
  given: Readonly<Record<string, Secret>>,
): Readonly<Record<string, Secret>> {
  const newest = Object.entries(live).flatMap(([field, [secret]]) => (secret ? [[field, secret] as const] : []));
  return { ...Object.fromEntries(newest), ...given };
}

/** What stands in an approval for such a change: secrets by their keyed digests, since approvals are read. */
export type ChangeWords = Omit<AccountChange, 'secrets'> & { readonly digests: Readonly<Record<string, string>> };

export const changeName = 'change';

/** What two people agree to. Whichever door asks, the other may carry it out. */
export function changeAct(
  { id, merchantId }: Pick<AccountRow, 'id' | 'merchantId'>,
  { oldUntil, ...change }: ChangeWords,
) {
  const until = typeof oldUntil === 'number' ? rfc3339(oldUntil) : oldUntil;
  const input = { act: changeName, account: id, ...change, ...(until === undefined ? {} : { oldUntil: until }) };
  return { command: 'accounts.change', subject: id, merchantId, input } as const;
}
