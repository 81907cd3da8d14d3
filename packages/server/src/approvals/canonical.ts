import { createHash } from 'node:crypto';
import { assert } from '../kernel/index.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/**
 * One text for one value: names sorted by UTF-16 code units, no blanks, numbers as ECMAScript writes them (RFC 8785 §3.2).
 * @throws Bug for what JSON cannot carry exactly: it would be left out or rounded, and two inputs would share a digest.
 */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(canonicalJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${members.map(([name, inner]) => `${JSON.stringify(name)}:${canonicalJson(inner)}`).join(',')}}`;
  }
  assert(
    value === null || typeof value === 'string' || typeof value === 'boolean' || isExact(value),
    `an input of an approval holds a ${typeof value} that JSON cannot carry exactly`,
  );
  return JSON.stringify(value);
}

/** Integers above 2^53 may already have been rounded: they travel as text. */
function isExact(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
}

/** What the checker agrees to. Another command, subject or input has another digest. 64 hex letters (SHA-256). */
export function digestOf(act: { readonly command: string; readonly subject: string; readonly input: Json }): string {
  const { command, subject, input } = act;
  return createHash('sha256').update(canonicalJson({ command, subject, input })).digest('hex');
}
