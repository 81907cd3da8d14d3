import { done } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { badInput } from './problems.ts';
import { readCursor, writeCursor } from './wire.ts';

export type Paging = { readonly limit?: number; readonly cursor?: string };

export const pageSize = ({ limit }: Paging): number => limit ?? 50;

/** Where the page begins, as the parts that `writeCursor` was given; undefined on the first page. */
export function placeOf(
  { cursor }: Paging,
  kinds: readonly ('string' | 'number')[],
): Result<readonly (string | number)[] | undefined> {
  if (cursor === undefined) return done(undefined);
  const place = readCursor(cursor, kinds);
  return place ? done(place) : { ok: false, refusal: badInput('cursor', cursor, 'take it from next_cursor') };
}

export type Page<T> = { readonly items: readonly T[]; readonly nextCursor: string | null };

/** A page out of one item more than it shows: whether another follows is known, not guessed. */
export function pageOut<T>(
  found: readonly T[],
  size: number,
  placeAfter: (last: T) => readonly (string | number)[],
): Page<T> {
  const items = found.slice(0, size);
  const last = items.at(-1);
  return { items, nextCursor: last !== undefined && found.length > size ? writeCursor(placeAfter(last)) : null };
}

/** A page of a list that is read whole, behind the item with this id. An item that left the list meanwhile ends the pages. */
export function pageById<T extends { readonly id: string }>(all: readonly T[], paging: Paging): Result<Page<T>> {
  const place = placeOf(paging, ['string']);
  if (!place.ok) return place;
  const [after] = place.value ?? [];
  const from = after === undefined ? 0 : all.findIndex((item) => item.id === after) + 1;
  if (after !== undefined && from === 0)
    return { ok: false, refusal: badInput('cursor', String(after), 'the list has changed: begin again') };
  const size = pageSize(paging);
  return done(pageOut(all.slice(from, from + size + 1), size, (item) => [item.id]));
}
