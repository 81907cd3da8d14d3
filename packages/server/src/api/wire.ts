import { assert, rfc3339 } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';

/** What JSON can carry. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** Members that hold an Instant: `…At`, `…Until`, `…Before`, `at`, `since`. */
const isMoment = (name: string): boolean => /^(at|since)$|[a-z](At|Until|Before)$/.test(name);

const snakes = new Map<string, string>();
/** Names of ours are few; those that are data are not, and are not remembered beyond this. */
const snakesMax = 2000;

function snake(name: string): string {
  const known = snakes.get(name);
  if (known !== undefined) return known;
  const written = /^[a-z][A-Za-z0-9]*$/.test(name)
    ? name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    : name;
  if (snakes.size < snakesMax) snakes.set(name, written);
  return written;
}

/**
 * Our values as the API writes them: snake_case, moments in RFC 3339 with Beijing's offset, exact integers, bytes in base64. Names that are
 * data (a column's heading, an evidence level) stay as they are. Members that are undefined are left out.
 */
export function toWire(value: unknown, name = ''): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return exact(value);
  if (typeof value === 'number') return isMoment(name) ? rfc3339(value as Instant) : value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map((item) => toWire(item, name));
  const members = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(members.map(([inner, item]) => [snake(inner), toWire(item, inner)]));
}

/** JSON readers keep integers up to 2^53 exactly (RFC 8259 §6). */
function exact(value: bigint): number {
  assert(
    value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= -BigInt(Number.MAX_SAFE_INTEGER),
    'an amount beyond 2^53',
  );
  return Number(value);
}

/** Opaque to the caller: where the next page begins. */
export function writeCursor(place: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** Undefined for what is no cursor of ours with these kinds of parts. */
export function readCursor(text: string, kinds: readonly ('string' | 'number')[]): (string | number)[] | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
  if (!Array.isArray(parsed) || parsed.length !== kinds.length) return undefined;
  const parts: unknown[] = parsed;
  const fits = kinds.every((kind, index) => typeof parts[index] === kind && isPlain(parts[index]));
  return fits ? (parts as (string | number)[]) : undefined;
}

/** What a statement takes as a parameter. */
function isPlain(part: unknown): boolean {
  if (typeof part === 'number') return Number.isSafeInteger(part) && Math.abs(part) < 8.64e15;
  return typeof part === 'string' && part.length <= 128 && isKeepable(part);
}

/** PostgreSQL takes neither NUL nor halves of characters: what holds them is refused before anything is looked up. */
export function isKeepable(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\u0000');
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, inner]) => isKeepable(name) && isKeepable(inner));
}
