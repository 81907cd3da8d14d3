import { createHash, createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { done, refuse, Secret } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import type { Config } from './config.ts';
import type { RandomBytes } from './ids.ts';
import { keyIdOf, seal, unseal } from './seal.ts';

type Awaitable<T> = T | Promise<T>;

/**
 * The key that wraps data keys. It lives outside the database and outside its backup (architecture rule 16). What is asked of it here is all
 * that is asked of a key service (KMS) too, which answers over the network: hence the promises. It is asked when keys are loaded, never
 * while something is sealed or opened.
 */
export type MasterKey = {
  /** Hex groups, for the escrow note and for messages; it tells nothing about the key. */
  readonly fingerprint: string;
  /** Whether what the key of this fingerprint wrapped opens here: with the key itself, or with one that stands beside it. */
  opens(fingerprint: string): boolean;
  /** `like`: what the store holds already. The key that wrapped it wraps again, so that no store is under two keys. */
  wrap(dataKey: Uint8Array, context: string, random: RandomBytes, like?: Uint8Array): Awaitable<Uint8Array>;
  /** Undefined when it is not this key's, or not for this context. Throws when the service does not answer. */
  unwrap(wrapped: Uint8Array, context: string): Awaitable<Uint8Array | undefined>;
};

const heading = 'liushui-master-key-1 ';

/** Reads the text of a master key: `liushui-master-key-1 ` and 32 bytes in base64. Undefined when it is not one. */
export function readMasterKey(text: string): MasterKey | undefined {
  const one = readOne(text);
  return one && masterKeyOf(one, () => []);
}

/** One key by itself, with the id that the seals under it carry. */
type OneKey = { readonly id: string; readonly fingerprint: string; readonly key: KeyObject };

function readOne(text: string): OneKey | undefined {
  const match = /^liushui-master-key-1 ([A-Za-z0-9+/]{43}=)\s*$/.exec(text);
  if (match?.[1] === undefined) return undefined;
  const raw = Buffer.from(match[1], 'base64');
  const digest = createHash('sha256').update('liushui master key fingerprint\0').update(raw).digest('hex');
  const id = digest.slice(0, 32);
  return { id, fingerprint: fingerprintOf(id), key: createSecretKey(raw) };
}

function fingerprintOf(id: string): string {
  return (id.slice(0, 16).match(/.{4}/g) ?? []).join(' ');
}

const masterIdOf = (wrapped: Uint8Array): string => keyIdOf(wrapped)?.replaceAll('-', '') ?? '';

/** The fingerprint of the master key that wrapped a data key: told by the seal itself. */
export function fingerprintOfWrapped(wrapped: Uint8Array): string {
  return fingerprintOf(masterIdOf(wrapped));
}

/** @param beside the keys of a rotation that is under way or was not checked yet, looked for when the main one does not fit. */
function masterKeyOf(main: OneKey, beside: () => readonly OneKey[]): MasterKey {
  const find = (id: string): OneKey | undefined => (main.id === id ? main : beside().find((one) => one.id === id));
  return {
    fingerprint: main.fingerprint,
    opens: (fingerprint) => [main, ...beside()].some((one) => one.fingerprint === fingerprint),
    wrap(dataKey, context, random, like) {
      const { key, id } = (like && find(masterIdOf(like))) ?? main;
      return seal(key, id, dataKey, context, random);
    },
    unwrap(wrapped, context) {
      const one = find(masterIdOf(wrapped));
      return one && unseal(one.key, wrapped, context);
    },
  };
}

/** From the environment, where no file is wanted. */
export function masterKeyFrom(value: Secret): Result<MasterKey> {
  const master = readMasterKey(value.reveal());
  return master ? done(master) : refuse('keys.master_malformed', { where: 'LIUSHUI_MASTER_KEY' });
}

/** Where a rotation keeps the key that comes and the key that went, beside the file of the master key. */
export const nextKeyFile = (path: string): string => `${path}.next`;
export const previousKeyFile = (path: string): string => `${path}.previous`;

/** The file of the master key; undefined where it comes from the environment. */
export function masterKeyFileOf(config: Config): string | undefined {
  if (config.masterKey) return undefined;
  return config.masterKeyFile ?? join(config.dataFolder, 'master.key');
}

/**
 * Refuses a file that is missing, that others may read, or that holds something else. A process that was killed within a rotation, and
 * one that slept through it, find the other key beside the file: what was sealed opens at every step.
 */
export function loadMasterKey(path: string): Result<MasterKey> {
  const main = readKeyFile(path);
  if (!main.ok) return main;
  const files = [path, nextKeyFile(path), previousKeyFile(path)];
  const beside = (): OneKey[] => files.map(readKeyFile).flatMap((one) => (one.ok ? [one.value] : []));
  return done(masterKeyOf(main.value, beside));
}

/** The key of this file and no other. */
export function loadMasterKeyAlone(path: string): Result<MasterKey> {
  const main = readKeyFile(path);
  return main.ok ? done(masterKeyOf(main.value, () => [])) : main;
}

function readKeyFile(path: string): Result<OneKey> {
  const text = readKeyText(path);
  if (!text.ok) return text;
  const one = readOne(text.value.reveal());
  return one ? done(one) : refuse('keys.master_malformed', { where: path });
}

/** The line of the file itself, for escrow. @returns refusals keys.master_missing, keys.master_readable_by_others. */
export function readKeyText(path: string): Result<Secret> {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile()) return refuse('keys.master_missing', { file: path });
  if ((stat.mode & 0o077) !== 0) return refuse('keys.master_readable_by_others', { file: path });
  return done(new Secret(readFileSync(path, 'utf8')));
}

/** Makes the file when there is none. Two processes that start at once end up with the same key: the first link wins. */
export function ensureMasterKey(path: string, random: RandomBytes): Result<MasterKey> {
  if (statSync(path, { throwIfNoEntry: false })) return loadMasterKey(path);
  const draft = `${path}.${Buffer.from(random(6)).toString('hex')}`;
  writeKeyFile(draft, newKeyText(random));
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

export function newKeyText(random: RandomBytes): Secret {
  return new Secret(`${heading}${Buffer.from(random(32)).toString('base64')}\n`);
}

/** Throws when there is a file of this name: a key is never written over. */
export function writeKeyFile(path: string, text: Secret): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeSync(file, text.reveal());
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  syncFolder(dirname(path));
}

/** A key file that a power cut forgets would take every sealed value with it. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
