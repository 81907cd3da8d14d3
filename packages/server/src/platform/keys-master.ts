import { createHash, createSecretKey } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { done, refuse } from '../kernel/index.ts';
import type { Result, Secret } from '../kernel/index.ts';
import type { RandomBytes } from './ids.ts';
import { seal, unseal } from './seal.ts';

/** The key that wraps data keys. It lives outside the database and outside its backup (architecture rule 16). */
export type MasterKey = {
  /** Hex groups, for the escrow note and for messages; it tells nothing about the key. */
  readonly fingerprint: string;
  wrap(dataKey: Uint8Array, context: string, random: RandomBytes): Uint8Array;
  unwrap(wrapped: Uint8Array, context: string): Uint8Array | undefined;
};

const heading = 'liushui-master-key-1 ';

/** Reads the text of a master key: `liushui-master-key-1 ` and 32 bytes in base64. Undefined when it is not one. */
export function readMasterKey(text: string): MasterKey | undefined {
  const match = /^liushui-master-key-1 ([A-Za-z0-9+/]{43}=)\s*$/.exec(text);
  return match?.[1] === undefined ? undefined : masterKeyOf(Buffer.from(match[1], 'base64'));
}

function masterKeyOf(raw: Uint8Array): MasterKey {
  const key = createSecretKey(raw);
  const digest = createHash('sha256').update('liushui master key fingerprint\0').update(raw).digest('hex');
  const keyId = digest.slice(0, 32);
  return {
    fingerprint: (keyId.slice(0, 16).match(/.{4}/g) ?? []).join(' '),
    wrap: (dataKey, context, random) => seal(key, keyId, dataKey, context, random),
    unwrap: (wrapped, context) => unseal(key, wrapped, context),
  };
}

/** From the environment, where no file is wanted. */
export function masterKeyFrom(value: Secret): Result<MasterKey> {
  const master = readMasterKey(value.reveal());
  return master ? done(master) : refuse('keys.master_malformed', { where: 'LIUSHUI_MASTER_KEY' });
}

/** Refuses a file that is missing, that others may read, or that holds something else. */
export function loadMasterKey(path: string): Result<MasterKey> {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile()) return refuse('keys.master_missing', { file: path });
  if ((stat.mode & 0o077) !== 0) return refuse('keys.master_readable_by_others', { file: path });
  const master = readMasterKey(readFileSync(path, 'utf8'));
  return master ? done(master) : refuse('keys.master_malformed', { where: path });
}

/** Makes the file when there is none. Two processes that start at once end up with the same key: the first link wins. */
export function ensureMasterKey(path: string, random: RandomBytes): Result<MasterKey> {
  if (statSync(path, { throwIfNoEntry: false })) return loadMasterKey(path);
  const draft = `${path}.${Buffer.from(random(6)).toString('hex')}`;
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeSync(file, `${heading}${Buffer.from(random(32)).toString('base64')}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
  syncFolder(dirname(path));
  return loadMasterKey(path);
}

/** A key file that a power cut forgets would take every sealed value with it. */
function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
