import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { done, refuse } from '../kernel/index.ts';
import type { Result, Secret } from '../kernel/index.ts';
import { allowed, writeAudit } from '../identity/index.ts';
import { systemRandomBytes } from '../platform/ids.ts';
import { makeEscrow, openEscrow } from '../platform/keys-escrow.ts';
import type { OpenedEscrow } from '../platform/keys-escrow.ts';
import { masterKeyFileOf, readKeyText, writeKeyFile } from '../platform/keys-master.ts';
import { stampOf } from './consent.ts';
import { keysTexts as t } from './keys.texts.ts';
import { leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { optionMissing } from './option-missing.ts';
import { readPassphrase } from './passphrase.ts';
import { firstArg, text } from './session.ts';
import type { Options, Run, Session, Use } from './session.ts';

const fromFile = ['--passphrase-file <file>', t.passphraseOption] as const;

export function escrowCommands(kit: Kit, program: Command, keys: Command): void {
  const escrow = leaf(kit, keys, 'escrow', t.escrowAbout, save, [['--to <file>', t.escrowToOption], fromFile]);
  // It has options of its own and commands below it: what stands behind the word `check` belongs to that.
  for (const command of [program, keys, escrow]) command.enablePositionalOptions();
  leaf(kit, escrow, 'check <file>', t.escrowCheckAbout, check, [fromFile]);
  leaf(kit, escrow, 'open <file>', t.escrowOpenAbout, open, [['--to <file>', t.openToOption], fromFile]);
}

function target(options: Options): Result<string> {
  const to = text(options, 'to');
  if (to === undefined) return optionMissing('--to', 'FILE');
  return existsSync(to) ? refuse('keys.file_exists', { file: to }) : done(to);
}

async function keep(session: Session, act: string, file: string, fingerprint: string): Promise<void> {
  const entry = { actor: session.actor, act, subject: 'master key', detail: { file, fingerprint } };
  await session.db.transaction((tx) => writeAudit(tx, [entry], stampOf(session)));
}

const save: Run = async (use, _args, options) => {
  const to = target(options);
  if (!to.ok) return to;
  const opened = await use.session();
  if (!opened.ok) return opened;
  const may = allowed(opened.value.actor, 'keys.change', undefined);
  if (!may.ok) return may;
  const keyText = keyTextOf(use);
  if (!keyText.ok) return keyText;
  const passphrase = await readPassphrase(use, options, [t.askPassphrase, t.askAgain]);
  if (!passphrase.ok) return passphrase;
  const made = await makeEscrow(keyText.value, passphrase.value, systemRandomBytes);
  if (!made.ok) return made;
  const { fingerprint } = JSON.parse(made.value) as { fingerprint: string };
  const written = write(to.value, () => writeFileSync(to.value, made.value, { flag: 'wx', mode: 0o600, flush: true }));
  if (!written.ok) return written;
  await keep(opened.value, 'keys.escrowed', to.value, fingerprint);
  const lines = [t.escrowed(to.value, fingerprint), t.escrowAdvice];
  const next = `liushui keys escrow check ${to.value}`;
  return done({ exit: 0, lines, json: { file: to.value, fingerprint }, next });
};

function keyTextOf({ config }: Use): Result<Secret> {
  const file = masterKeyFileOf(config);
  if (file !== undefined) return readKeyText(file);
  return config.masterKey ? done(config.masterKey) : refuse('keys.master_missing', { file: '' });
}

function write(file: string, work: () => void): Result<void> {
  try {
    work();
    return done(undefined);
  } catch (error) {
    return refuse('keys.file_unusable', { file, why: (error as { code?: string }).code ?? '' });
  }
}

async function openFile(use: Use, file: string, options: Options): Promise<Result<OpenedEscrow>> {
  let words: string;
  try {
    words = readFileSync(file, 'utf8');
  } catch (error) {
    return refuse('keys.file_unusable', { file, why: (error as { code?: string }).code ?? '' });
  }
  const passphrase = await readPassphrase(use, options, [t.askPassphrase]);
  return passphrase.ok ? openEscrow(words, passphrase.value, file) : passphrase;
}

/** Works beside an installation and without one: a copy in the safe is tried where the safe stands. */
const check: Run = async (use, args, options) => {
  const file = firstArg(args);
  const opened = await openFile(use, file, options);
  if (!opened.ok) return opened;
  const { fingerprint } = opened.value;
  const session = await use.session();
  if (session.ok) await keep(session.value, 'keys.escrow_checked', file, fingerprint);
  return done({ exit: 0, lines: [t.escrowOpens(file, fingerprint)], json: { file, fingerprint, opens: true } });
};

const open: Run = async (use, args, options) => {
  const to = target(options);
  if (!to.ok) return to;
  const opened = await openFile(use, firstArg(args), options);
  if (!opened.ok) return opened;
  const { fingerprint, keyText } = opened.value;
  const written = write(to.value, () => writeKeyFile(to.value, keyText));
  if (!written.ok) return written;
  return done({ exit: 0, lines: [t.keyWritten(to.value, fingerprint)], json: { file: to.value, fingerprint } });
};
