import { done, refuse } from '../kernel/index.ts';
import type { Instant, Result, Secret } from '../kernel/index.ts';
import type { AccountSecrets, ChannelAccount, Connector, Manifest, SecretField } from '../channels/contract/index.ts';

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

/** Checks the form of an account against its channel's manifest and fills in defaults. What is wrong is named by field. */
export function checkAccount(manifest: Manifest, given: NewAccount): Result<Readonly<Record<string, string>>> {
  const settings: Record<string, string> = {};
  for (const field of manifest.settings) {
    const value = given.settings[field.name] ?? field.default ?? '';
    const fits = new RegExp(field.pattern).test(value) && (!field.oneOf || field.oneOf.includes(value));
    if ((value === '' && field.required) || (value !== '' && !fits)) {
      const allowed = field.oneOf?.join(' | ') ?? field.pattern;
      return refuse(
        'account.setting_invalid',
        { field: field.name, label: field.labelEn, found: value, allowed },
        `/settings/${field.name}`,
      );
    }
    if (value !== '') settings[field.name] = value;
  }
  const known = new Set(manifest.settings.map((field) => field.name));
  const stranger = Object.keys(given.settings).find((name) => !known.has(name));
  if (stranger !== undefined) {
    const allowed = [...known].join(', ');
    return refuse(
      'account.setting_invalid',
      { field: stranger, label: stranger, found: given.settings[stranger] ?? '', allowed },
      `/settings/${stranger}`,
    );
  }
  const lacking = manifest.secrets.find((field) => isNeeded(field, settings) && isLacking(given.secrets[field.name]));
  if (lacking)
    return refuse(
      'account.secret_missing',
      { field: lacking.name, label: lacking.labelEn },
      `/secrets/${lacking.name}`,
    );
  return done(settings);
}

const isLacking = (secret: Secret | undefined): boolean => !secret || secret.isEmpty();

function isNeeded(field: SecretField, settings: Readonly<Record<string, string>>): boolean {
  const { neededWhen } = field;
  return !neededWhen || neededWhen.oneOf.includes(settings[neededWhen.setting] ?? '');
}

export type SecretRow = {
  readonly field: string;
  readonly secret: Secret;
  readonly validFrom: Instant;
  readonly validTo: Instant | undefined;
};

/** The secrets that are live at this moment, newest first, by field. */
export function liveSecrets(rows: readonly SecretRow[], at: Instant): AccountSecrets {
  const live: Record<string, Secret[]> = {};
  const sorted = [...rows].sort((a, b) => b.validFrom - a.validFrom);
  for (const row of sorted) {
    if (row.validFrom > at || (row.validTo !== undefined && row.validTo <= at)) continue;
    (live[row.field] ??= []).push(row.secret);
  }
  return live;
}
