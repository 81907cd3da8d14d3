import { createCipheriv, createDecipheriv, scrypt } from 'node:crypto';
import { done, refuse, Secret } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import type { RandomBytes } from './ids.ts';
import { readMasterKey } from './keys-master.ts';

/*
 * A copy of the master key for the safe, under a passphrase: scrypt (RFC 7914) with N = 2^17, r = 8, p = 1, which takes 128 MiB and about
 * half a second for each guess, then AES-256-GCM with the heading bound in.
 */
const format = 'liushui-escrow-1';
const cost = { N: 1 << 17, r: 8, p: 1, maxmem: 256 << 20 };
const passphraseLettersMin = 12;

/** The file: JSON, so that it can be printed and typed in again. Bytes in base64. */
type EscrowFile = {
  readonly format: typeof format;
  /** Of the master key inside; it tells nothing about it. */
  readonly fingerprint: string;
  readonly kdf: 'scrypt N=131072 r=8 p=1';
  readonly cipher: 'aes-256-gcm';
  readonly salt: string;
  readonly nonce: string;
  readonly tag: string;
  readonly sealed: string;
};

const boundIn = (fingerprint: string): Buffer => Buffer.from(JSON.stringify([format, fingerprint]));

/**
 * @param keyText the line of the master key's file.
 * @returns the text of the escrow file; refusals keys.passphrase_short, keys.master_malformed.
 */
export async function makeEscrow(keyText: Secret, passphrase: Secret, random: RandomBytes): Promise<Result<string>> {
  if ([...normalForm(passphrase)].length < passphraseLettersMin)
    return refuse('keys.passphrase_short', { letters: passphraseLettersMin });
  const master = readMasterKey(keyText.reveal());
  if (!master) return refuse('keys.master_malformed', { where: 'LIUSHUI_MASTER_KEY' });
  const [salt, nonce] = [Buffer.from(random(16)), Buffer.from(random(12))];
  const cipher = createCipheriv('aes-256-gcm', await stretch(passphrase, salt), nonce);
  cipher.setAAD(boundIn(master.fingerprint));
  const sealed = Buffer.concat([cipher.update(keyText.reveal().trim()), cipher.final()]);
  const file: EscrowFile = {
    ...{ format, fingerprint: master.fingerprint, kdf: 'scrypt N=131072 r=8 p=1', cipher: 'aes-256-gcm' },
    salt: salt.toString('base64'),
    nonce: nonce.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
    sealed: sealed.toString('base64'),
  };
  return done(`${JSON.stringify(file, undefined, 2)}\n`);
}

export type OpenedEscrow = { readonly fingerprint: string; readonly keyText: Secret };

/** @returns the master key's line; refusals keys.escrow_malformed, keys.passphrase_wrong. */
export async function openEscrow(text: string, passphrase: Secret, path: string): Promise<Result<OpenedEscrow>> {
  const file = readEscrow(text);
  if (!file) return refuse('keys.escrow_malformed', { file: path });
  const bytes = (base64: string): Buffer => Buffer.from(base64, 'base64');
  const key = await stretch(passphrase, bytes(file.salt));
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes(file.nonce), { authTagLength: 16 });
    decipher.setAAD(boundIn(file.fingerprint));
    decipher.setAuthTag(bytes(file.tag));
    const opened = Buffer.concat([decipher.update(bytes(file.sealed)), decipher.final()]).toString('utf8');
    const master = readMasterKey(opened);
    if (!master) return refuse('keys.escrow_malformed', { file: path });
    return done({ fingerprint: master.fingerprint, keyText: new Secret(`${opened}\n`) });
  } catch {
    return refuse('keys.passphrase_wrong', { file: path });
  }
}

function readEscrow(text: string): EscrowFile | undefined {
  try {
    const file = JSON.parse(text) as Partial<Record<keyof EscrowFile, unknown>> | null;
    const names = ['fingerprint', 'salt', 'nonce', 'tag', 'sealed'] as const;
    const whole = file?.format === format && names.every((name) => typeof file[name] === 'string');
    return whole ? (file as EscrowFile) : undefined;
  } catch {
    return undefined;
  }
}

/** From another keyboard the same letters may come composed otherwise. One form for all, as RFC 8265 §4.2 asks of passwords. */
function normalForm(passphrase: Secret): string {
  return passphrase.reveal().normalize('NFC').trim();
}

function stretch(passphrase: Secret, salt: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) =>
    scrypt(normalForm(passphrase), salt, 32, cost, (error, key) => (error ? reject(error) : resolve(key))),
  );
}
