import { linkSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { assert, done, refuse } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import type { Database, Tx } from './db.ts';
import type { RandomBytes } from './ids.ts';
import {
  fingerprintOfWrapped,
  loadMasterKeyAlone,
  newKeyText,
  nextKeyFile,
  previousKeyFile,
  syncFolder,
  writeKeyFile,
} from './keys-master.ts';
import { createKeyStore } from './keys-store.ts';
import { keyContext } from './keys.ts';
import { updateRows } from './sql.ts';

/*
 * A new master key, in steps of which each may be the last before a power cut:
 *   1. the new key is written beside the old one (`.next`)         the store is under the old one: the file opens it
 *   2. one transaction wraps every data key anew                   the store is under the new one: `.next` opens it
 *   3. the old file gets a second name (`.previous`)
 *   4. `.next` takes the place of the file                         the file opens it
 * Readers look at all three names, so there is no moment at which nothing opens. `settleRotation` carries a broken one to its end.
 */

/** Of all who rotate or settle, one at a time. */
const lockOut = 'lock table data_keys in share row exclusive mode';

export type Rotation = { readonly before: string; readonly after: string; readonly wrapped: number };

/**
 * Steps 1 and 2, in the caller's transaction; `settleRotation` follows once it has committed.
 * @returns refusals keys.previous_kept (the last rotation was not checked yet), keys.not_all_open, keys.master_missing and the like.
 */
export async function rewrapDataKeys(tx: Tx, path: string, random: RandomBytes): Promise<Result<Rotation>> {
  if (isThere(previousKeyFile(path))) return refuse('keys.previous_kept', { file: previousKeyFile(path) });
  const before = loadMasterKeyAlone(path);
  if (!before.ok) return before;
  // Who adds a key meanwhile waits, and then finds that it was wrapped by the key of yesterday.
  await tx.query(lockOut);
  const rows = (await createKeyStore(tx).all()).filter((row) => row.wrapped.length > 0);
  const contexts = rows.map((row) => keyContext(row.id, row.month, row.class));
  const opened = await Promise.all(
    rows.map(async (row, index) => before.value.unwrap(row.wrapped, contexts[index] ?? '')),
  );
  const closed = opened.filter((raw) => raw === undefined).length;
  if (closed > 0) return refuse('keys.not_all_open', { closed, fingerprint: before.value.fingerprint });
  writeKeyFile(nextKeyFile(path), newKeyText(random));
  const after = loadMasterKeyAlone(nextKeyFile(path));
  if (!after.ok) return after;
  const wrapped = await Promise.all(
    rows.map(async (row, index) => {
      const raw = opened[index];
      assert(raw, 'a data key that was opened a moment ago');
      return { id: row.id, wrapped: await after.value.wrap(raw, contexts[index] ?? '', random) };
    }),
  );
  await updateRows(tx, 'data_keys', { id: 'uuid', wrapped: 'bytea' }, ['id'], wrapped);
  return done({ before: before.value.fingerprint, after: after.value.fingerprint, wrapped: wrapped.length });
}

/** Steps 3 and 4. The old key stays as `.previous`: backups of before need it, and so does the check that has not been made yet. */
function finishRotation(path: string): void {
  if (!isThere(previousKeyFile(path))) linkSync(path, previousKeyFile(path));
  renameSync(nextKeyFile(path), path);
  syncFolder(dirname(path));
}

export type Settled = 'nothing' | 'finished' | 'taken_back';

/**
 * Finishes a rotation that has committed. Of one that broke off before, it throws the unused key away; one that is still under way it
 * waits for, or the only copy of the key that is about to be needed would go.
 */
export async function settleRotation(db: Database, path: string): Promise<Settled> {
  if (!isThere(nextKeyFile(path))) return 'nothing';
  return db.transaction(async (tx) => {
    await tx.query(lockOut);
    if (!isThere(nextKeyFile(path))) return 'nothing';
    const live = (await createKeyStore(tx).all()).find((row) => row.wrapped.length > 0);
    const next = loadMasterKeyAlone(nextKeyFile(path));
    if (live && next.ok && next.value.fingerprint === fingerprintOfWrapped(live.wrapped)) {
      finishRotation(path);
      return 'finished';
    }
    rmSync(nextKeyFile(path));
    syncFolder(dirname(path));
    return 'taken_back';
  });
}

/** The old key goes, after a check. True when there was one. */
export function forgetPrevious(path: string): boolean {
  if (!isThere(previousKeyFile(path))) return false;
  rmSync(previousKeyFile(path));
  syncFolder(dirname(path));
  return true;
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
