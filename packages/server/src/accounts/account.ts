import { done, isOneLine, shownOnOneLine } from '../kernel/index.ts';
import type { Instant, Refusal, Result, Secret } from '../kernel/index.ts';
import type { AccountSecrets, ChannelAccount, Connector } from '../channels/contract/index.ts';
import { readForm, together } from './form.ts';

type Settings = Readonly<Record<string, string>>;

/** One of the merchant's accounts at a channel, ready to build and sign with. */
export type OpenAccount = {
  readonly account: ChannelAccount;
  readonly merchantId: string;
  readonly channel: string;
  readonly name: string;
  readonly connector: Connector;
  readonly secrets: AccountSecrets;
};

export type NewAccount = {
  readonly merchantId: string;
  readonly channel: string;
  readonly name: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, Secret>>;
  /** Products that the channel has opened. Absent: nobody said so, and its settings alone tell. */
  readonly products?: readonly string[];
  /** What a sandbox is furnished with collects at once. Whatever people add waits for the walk, in a sandbox too. */
  readonly isFurnished?: true;
};

type Whole = Pick<NewAccount, 'name' | 'settings' | 'secrets'>;

/**
 * Holds the whole account against what its channel wants, and fills in defaults. What the manifest and what the connector find wrong is told in
 * one answer; of one field the manifest speaks first.
 */
export function checkAccount(connector: Connector, given: Whole, at: Instant): Result<Settings> {
  const { settings, problems } = readForm(connector.manifest, given);
  const held = Object.fromEntries(Object.entries(given.secrets).map(([field, secret]) => [field, [secret]]));
  const more = connector.refuseAccount?.({ id: given.name, settings }, held, at) ?? [];
  const named = new Set(problems.map(({ pointer }) => pointer));
  const refusal = together([...problems, ...more.filter(({ pointer }) => !named.has(pointer))]);
  return refusal ? { ok: false, refusal } : done(settings);
}

/** Names stand in lists, and in commands that others are told to type. */
export function refuseName(name: string): Refusal | undefined {
  if (isOneLine(name)) return undefined;
  const params = {
    field: 'name',
    value: shownOnOneLine(name),
    problem: 'U+0000–001F, 007F–009F, 202A–202E, 2066–2069',
  };
  return { code: 'usage.bad_input', params, pointer: '/name' };
}

export type SecretRow = {
  readonly field: string;
  readonly secret: Secret;
  readonly validFrom: Instant;
  readonly validTo: Instant | undefined;
};

/** The secrets that are live at this moment, newest first, by field; of two of one moment, the one that stands first in `rows`. */
export function liveSecrets(rows: readonly SecretRow[], at: Instant): AccountSecrets {
  const live: Record<string, Secret[]> = {};
  const sorted = [...rows].sort((a, b) => b.validFrom - a.validFrom);
  for (const row of sorted) {
    if (row.validFrom > at || (row.validTo !== undefined && row.validTo <= at)) continue;
    (live[row.field] ??= []).push(row.secret);
  }
  return live;
}
