import type { Instant } from '../kernel/index.ts';
import type { Ids } from '../platform/ids.ts';
import type { Actor } from './actor.ts';

export type AuditValue =
  string | number | boolean | null | readonly AuditValue[] | { readonly [name: string]: AuditValue };
export type AuditDetail = Readonly<Record<string, AuditValue>>;

/** Who did what to which record, by which door, and why. Written in the transaction that does it, so neither exists alone. */
export type AuditEntry = {
  readonly actor: Actor;
  /** `approval.approved`, `user.created`: subject and past participle. */
  readonly act: string;
  /** The number people use: `P-3`, `A-1`, a user id. */
  readonly subject: string;
  readonly reason?: string;
  readonly detail?: AuditDetail;
};

export type AuditRecord = {
  readonly id: string;
  readonly at: Instant;
  readonly actor: string;
  readonly door: string;
  readonly act: string;
  readonly subject: string;
  readonly reason: string;
  readonly detail: AuditDetail;
};

/** When an act takes place, and where its rows get their ids from. */
export type Stamp = { readonly at: Instant; readonly ids: Ids };

const secretName = /(^|_)(secret|password|passphrase|token|(private|secret|api|md5)_?key)$/i;
const secretText =
  /ls_(?:cli|key)_[0-9A-Za-z]{32}|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]+-----|$)/g;

/** A token of ours or a private key within a text becomes `***`. */
export function hideText(text: string): string {
  return text.replace(secretText, '***');
}

/** Hides what must never be kept in clear: an entry that is too curious still gets written, without the secret. */
export function hideSecrets(value: AuditValue): AuditValue {
  if (typeof value === 'string') return hideText(value);
  if (Array.isArray(value)) return (value as readonly AuditValue[]).map(hideSecrets);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, secretName.test(name) ? '***' : hideSecrets(inner)]),
  );
}
