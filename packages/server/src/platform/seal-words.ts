import { Secret } from '../kernel/index.ts';

/** Whether a secret has a form, for refusals that do not repeat it. */
export const hasForm = (secret: Secret, pattern: string): boolean => new RegExp(pattern).test(secret.reveal());

/** Enough to know a number again on a screen: its last four, of a short one its last two. */
export function maskedNumber(secret: Secret): string {
  const text = secret.reveal();
  return `****${text.slice(text.length > 8 ? -4 : -2)}`;
}

/** A name but for its last letter. */
export const maskedName = (secret: Secret): string => `*${[...secret.reveal()].at(-1) ?? ''}`;

/** Secrets and plain words as one JSON text, to be sealed in one piece; whole numbers of any length as text. */
export function sealableText(value: unknown): Secret {
  const open = function (this: Readonly<Record<string, unknown>>, name: string): unknown {
    // Not what the replacer is given: a secret has turned into asterisks by then.
    const member = this[name];
    if (member instanceof Secret) return member.reveal();
    return typeof member === 'bigint' ? String(member) : member;
  };
  return new Secret(JSON.stringify(value, open));
}
