import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { useDatabase } from '../../test/kit/database.ts';
import type { Instant } from '../kernel/index.ts';
import type { Tx } from './db.ts';
import { createIds, systemRandomBytes } from './ids.ts';
import { ensureMasterKey, loadMasterKey, loadMasterKeyAlone } from './keys-master.ts';
import type { MasterKey } from './keys-master.ts';
import { forgetPrevious, rewrapDataKeys, settleRotation } from './keys-rotate.ts';
import type { Rotation } from './keys-rotate.ts';
import { createKeyStore } from './keys-store.ts';
import { checkKeys, createKeyring } from './keys.ts';
import type { Keyring } from './keys.ts';

const database = useDatabase();
const october = Date.parse('2015-10-28T16:20:00+08:00') as Instant;
const november = Date.parse('2015-11-28T16:20:00+08:00') as Instant;
const place = { table: 't', column: 'c', rowId: 'r' };

let folder: string;
let path: string;
let sealed: Uint8Array;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'liushui-keys-'));
  path = join(folder, 'master.key');
  await database.db.query('delete from data_keys');
  const made = ensureMasterKey(path, systemRandomBytes);
  if (!made.ok) throw new Error(made.refusal.code);
  sealed = (await ringOf(made.value, october)).sealText('personal', '张三', place);
});
afterEach(() => rmSync(folder, { recursive: true }));

async function ringOf(master: MasterKey, at: Instant): Promise<Keyring> {
  const clock = { now: () => at };
  const ids = createIds(clock, systemRandomBytes);
  const store = createKeyStore(database.db);
  const ring = createKeyring({ master, store, ids, random: systemRandomBytes, clock });
  await ring.prepare(at);
  return ring;
}

function loaded(load: typeof loadMasterKey): MasterKey {
  const master = load(path);
  if (!master.ok) throw new Error(master.refusal.code);
  return master.value;
}

/** A process that starts now reads what was sealed before. */
async function expectItOpens(): Promise<void> {
  const ring = await ringOf(loaded(loadMasterKey), october);
  expect(ring.openText(sealed, place)).toEqual({ kind: 'opened', value: '张三' });
}

async function rewrap(): Promise<Rotation> {
  const result = await database.db.transaction((tx) => rewrapDataKeys(tx, path, systemRandomBytes));
  if (!result.ok) throw new Error(result.refusal.code);
  return result.value;
}

test('after a rotation the new key alone opens everything, and the old one nothing', async () => {
  const old = loaded(loadMasterKeyAlone);
  const { before, after, wrapped } = await rewrap();
  expect(await settleRotation(database.db, path)).toBe('finished');
  const store = createKeyStore(database.db);
  expect(before).toBe(old.fingerprint);
  expect(loaded(loadMasterKeyAlone).fingerprint).toBe(after);
  expect(await checkKeys(loaded(loadMasterKeyAlone), store)).toMatchObject({ opened: wrapped, closed: [] });
  expect((await checkKeys(old, store)).opened).toBe(0);
  await expectItOpens();
});

test('whichever step was the last, everything opens, and settling ends in one of two clean states', async () => {
  const files = ['', '.next', '.previous'];
  const old = readFileSync(path, 'utf8');
  // Killed between the new file and the commit.
  await expect(
    database.db.transaction(async (tx) => {
      const result = await rewrapDataKeys(tx, path, systemRandomBytes);
      expect(result.ok).toBe(true);
      throw new Error('killed');
    }),
  ).rejects.toThrow('killed');
  expect(existsSync(`${path}.next`)).toBe(true);
  await expectItOpens();
  expect(await settleRotation(database.db, path)).toBe('taken_back');
  expect(files.map((end) => existsSync(path + end))).toEqual([true, false, false]);
  // Killed after the commit.
  await rewrap();
  await expectItOpens();
  // Killed between the two names.
  copyFileSync(path, `${path}.previous`);
  await expectItOpens();
  expect(await settleRotation(database.db, path)).toBe('finished');
  expect(files.map((end) => existsSync(path + end))).toEqual([true, false, true]);
  expect([readFileSync(path, 'utf8') === old, readFileSync(`${path}.previous`, 'utf8')]).toEqual([false, old]);
  await expectItOpens();
  expect(await settleRotation(database.db, path)).toBe('nothing');
});

test('whoever settles while a rotation is under way waits for it, and does not throw its key away', async () => {
  const rewrapped = Promise.withResolvers<void>();
  const settled = rewrapped.promise.then(() => settleRotation(database.db, path));
  await database.db.transaction(async (tx) => {
    expect((await rewrapDataKeys(tx, path, systemRandomBytes)).ok).toBe(true);
    rewrapped.resolve();
    expect(await Promise.race([settled, waiting(tx)])).toBe('waits');
  });
  expect(await settled).toBe('finished');
  expect(await settleRotation(database.db, path)).toBe('nothing');
  await expectItOpens();
});

/** Comes back once somebody waits for the lock. */
async function waiting(tx: Tx): Promise<'waits'> {
  for (;;) {
    const rows = await tx.query(`select from pg_locks where relation = 'data_keys'::regclass and not granted`);
    if (rows.length > 0) return 'waits';
  }
}

test('a process that slept through a rotation makes the keys of the next month under the new master key', async () => {
  const sleeper = await ringOf(loaded(loadMasterKey), october);
  await rewrap();
  expect(await settleRotation(database.db, path)).toBe('finished');
  await sleeper.prepare(november);
  const check = await checkKeys(loaded(loadMasterKeyAlone), createKeyStore(database.db));
  expect(check.closed).toEqual([]);
  expect(forgetPrevious(path)).toBe(true);
  await expectItOpens();
});

test('a second rotation waits until the first was checked', async () => {
  await rewrap();
  expect(await settleRotation(database.db, path)).toBe('finished');
  const again = await database.db.transaction((tx) => rewrapDataKeys(tx, path, systemRandomBytes));
  expect(again.ok ? '' : again.refusal.code).toBe('keys.previous_kept');
  expect(existsSync(`${path}.next`)).toBe(false);
});

test('a key that does not open everything is not replaced', async () => {
  rmSync(path);
  expect(ensureMasterKey(path, systemRandomBytes).ok).toBe(true);
  const result = await database.db.transaction((tx) => rewrapDataKeys(tx, path, systemRandomBytes));
  expect(result.ok ? '' : result.refusal.code).toBe('keys.not_all_open');
  expect(existsSync(`${path}.next`)).toBe(false);
});
