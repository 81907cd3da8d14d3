import type { Queryable } from '../platform/db.ts';
import { lawsOfTheBooks, readLaw } from './store-invariants.ts';
import type { Law } from './store-invariants.ts';

/** A law that does not hold, with the first few places where it does not. */
export type Broken = { readonly law: string; readonly says: string; readonly found: readonly string[] };

const shownMax = 20;

/** Reads all of the books, and says which laws they break: none, or there is a mistake of ours or of somebody who changed them. */
export async function checkLedger(db: Queryable, more: readonly Law[] = []): Promise<readonly Broken[]> {
  const broken: Broken[] = [];
  for (const { name, says, sql } of [...lawsOfTheBooks, ...more]) {
    const rows = await readLaw(db, sql, shownMax);
    if (rows.length > 0) broken.push({ law: name, says, found: rows.map((row) => row.found) });
  }
  return broken;
}
