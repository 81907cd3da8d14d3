import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { done, refuse } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { allowed, writeAudit } from '../identity/index.ts';
import type { AuditDetail } from '../identity/index.ts';
import { systemRandomBytes } from '../platform/ids.ts';
import { checkSealed } from '../platform/keys-check.ts';
import type { SealedCheck } from '../platform/keys-check.ts';
import { loadMasterKeyAlone, masterKeyFileOf, masterKeyFrom, previousKeyFile } from '../platform/keys-master.ts';
import type { MasterKey } from '../platform/keys-master.ts';
import { forgetPrevious, rewrapDataKeys, settleRotation } from '../platform/keys-rotate.ts';
import type { Rotation, Settled } from '../platform/keys-rotate.ts';
import { createKeyStore } from '../platform/keys-store.ts';
import { checkKeys } from '../platform/keys.ts';
import type { KeysCheck } from '../platform/keys.ts';
import type { Answer, Words } from './answer.ts';
import { stampOf, withConsent } from './consent.ts';
import { consentTexts } from './consent.texts.ts';
import { escrowCommands } from './keys-escrow.ts';
import { keysTexts as t } from './keys.texts.ts';
import { count } from './layout.ts';
import { group, leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { text } from './session.ts';
import type { Run, Session, Use } from './session.ts';

export function keysCommands(kit: Kit, program: Command): void {
  const keys = group(kit, program, 'keys', t.keys);
  leaf(kit, keys, 'check', t.checkAbout, check, [['--forget-previous', t.forgetOption]]);
  leaf(kit, keys, 'rotate', t.rotateAbout, rotate, [
    ['--approval <id>', consentTexts.approvalOption],
    ['--reason <text>', consentTexts.reasonOption],
  ]);
  escrowCommands(kit, program, keys);
}

/** What the key that is used from now on opens by itself: not what a forgotten file beside it still opens. */
function masterAlone({ config }: Use): Result<MasterKey> {
  const file = masterKeyFileOf(config);
  if (file !== undefined) return loadMasterKeyAlone(file);
  return config.masterKey ? masterKeyFrom(config.masterKey) : refuse('keys.master_missing', { file: '' });
}

async function audit(session: Session, act: string, reason: string, detail: AuditDetail): Promise<void> {
  await session.db.transaction((tx) =>
    writeAudit(tx, [{ actor: session.actor, act, subject: 'master key', reason, detail }], stampOf(session)),
  );
}

type Checked = {
  readonly keys: KeysCheck;
  readonly sealed: SealedCheck;
  readonly lacking: readonly string[];
  readonly settled: Settled;
};

const check: Run = async (use, _args, options) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const session = opened.value;
  const may = allowed(session.actor, 'keys.read', undefined);
  if (!may.ok) return may;
  const file = masterKeyFileOf(use.config);
  const settled = file === undefined ? 'nothing' : await settleRotation(session.db, file);
  const master = masterAlone(use);
  if (!master.ok) return master;
  const store = createKeyStore(session.db);
  const keys = await checkKeys(master.value, store);
  const { keyring } = session.customs;
  const sealed = await checkSealed(session.db, keyring);
  const lacking = await keyring.lacking(session.clock.now());
  const passed = keys.closed.length + sealed.broken.length === 0;
  const previous = file !== undefined && existsSync(previousKeyFile(file));
  const forgotten = passed && previous && options['forgetPrevious'] === true && forgetPrevious(file);
  const { fingerprint } = keys;
  await audit(session, 'keys.checked', '', { fingerprint, passed, previous_forgotten: forgotten });
  const answer = answerOfCheck({ keys, sealed, lacking, settled }, previous && !forgotten, forgotten);
  return done({ ...answer, exit: passed ? 0 : 1 });
};

function answerOfCheck(checked: Checked, previous: boolean, forgotten: boolean): Omit<Answer, 'exit'> {
  const { keys, sealed, lacking, settled } = checked;
  const lines: Words[] = [
    t.fingerprint(keys.fingerprint),
    t.dataKeys(count(keys.opened), count(keys.erased), keys.closed.join(', ')),
    t.sealed(count(sealed.opened), count(sealed.erased), sealed.broken.slice(0, 10).join('; ')),
    lacking.length === 0 ? t.monthsGood : t.monthsLacking(lacking.join(', ')),
    ...(settled === 'nothing' ? [] : [t.settled[settled]]),
    ...(previous ? [t.previousKept] : []),
    ...(forgotten ? [t.previousForgotten] : []),
  ];
  const json = {
    fingerprint: keys.fingerprint,
    data_keys: { opened: keys.opened, erased: keys.erased, closed: keys.closed },
    sealed: { opened: sealed.opened, erased: sealed.erased, broken: sealed.broken },
    months_lacking: lacking,
    rotation: settled,
    previous_kept: previous,
  };
  return { lines, json, ...(previous ? { next: 'liushui keys check --forget-previous' } : {}) };
}

const rotate: Run = async (use, _args, options) => {
  const file = masterKeyFileOf(use.config);
  if (file === undefined) return refuse('keys.rotate_needs_file');
  const opened = await use.session();
  if (!opened.ok) return opened;
  const session = opened.value;
  const settled = await settleRotation(session.db, file);
  if (settled === 'finished') return done(settledAnswer);
  const subject = 'master key';
  const act = { command: 'keys.change', subject, input: { act: 'rotate', file } } as const;
  const reason = text(options, 'reason') ?? '';
  let rotation: Rotation | undefined;
  const answer = await withConsent(session, act, options, async (tx, consent) => {
    const rewrapped = await rewrapDataKeys(tx, file, systemRandomBytes);
    if (!rewrapped.ok) return rewrapped;
    rotation = rewrapped.value;
    const agreed = consent.kind === 'approval' ? consent.id : consent.kind;
    const detail = { ...rotation, agreed_by: agreed };
    await writeAudit(tx, [{ actor: session.actor, act: 'keys.rotated', subject, reason, detail }], stampOf(session));
    return done(answerOfRotation(rotation));
  });
  // Only now: a commit of which nobody heard is found out by the next command that settles.
  if (answer.ok && rotation) await settleRotation(session.db, file);
  return answer;
};

const settledAnswer: Answer = {
  exit: 0,
  lines: [t.settled.finished],
  json: { rotation: 'finished' },
  next: 'liushui keys check',
};

function answerOfRotation({ before, after, wrapped }: Rotation): Answer {
  const lines = [t.rotated(before, after, count(wrapped)), t.escrowNow];
  return { exit: 0, lines, json: { before, after, data_keys: wrapped }, next: 'liushui keys escrow --to FILE' };
}
