import type { Fields } from '../input.ts';
import type { Version } from './types.ts';

/** What stands at a path such as `amount.total`; `undefined` when a part of the way is no object. */
function at(fields: Fields, path: string): unknown {
  let value: unknown = fields;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Fields)[name];
  }
  return value;
}

/** A text that is there and not empty. */
export function word(fields: Fields, path: string): string | undefined {
  const value = at(fields, path);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Fen: in APIv3 a JSON number and nothing else, in v2 digits. */
export function fenAt(fields: Fields, path: string, version: Version): number | undefined {
  if (version === 'v2') return wholeAt(fields, path);
  const value = at(fields, path);
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** A whole number written as digits, as in a query string. */
export function wholeAt(fields: Fields, path: string): number | undefined {
  const digits = word(fields, path);
  return digits !== undefined && /^\d{1,12}$/.test(digits) ? Number(digits) : undefined;
}

/** The same text for the same content, whatever the order of the names. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, inside]) => `${JSON.stringify(name)}:${canonical(inside)}`).join(',')}}`;
}
