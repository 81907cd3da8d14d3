import { expect, test } from 'vitest';
import { Secret } from '../kernel/index.ts';
import { systemRandomBytes } from './ids.ts';
import { makeEscrow, openEscrow } from './keys-escrow.ts';
import { newKeyText, readMasterKey } from './keys-master.ts';

const passphrase = new Secret('correct horse battery staple');
const keyText = newKeyText(systemRandomBytes);
const fingerprint = readMasterKey(keyText.reveal())?.fingerprint ?? '';

async function escrow(): Promise<string> {
  const made = await makeEscrow(keyText, passphrase, systemRandomBytes);
  if (!made.ok) throw new Error(made.refusal.code);
  return made.value;
}

test('the passphrase opens it, and it is the same key', async () => {
  const text = await escrow();
  const opened = await openEscrow(text, new Secret(' correct horse battery staple\n'), 'e');
  expect(opened.ok && [opened.value.fingerprint, opened.value.keyText.reveal()]).toEqual([
    fingerprint,
    keyText.reveal(),
  ]);
  expect(text).not.toContain(keyText.reveal().slice(21, 40));
  expect(text).toContain(fingerprint);
});

test('another passphrase opens nothing, nor does a file in which one letter differs', async () => {
  const text = await escrow();
  const other = await openEscrow(text, new Secret('correct horse battery stapler'), 'e');
  expect(other.ok ? '' : other.refusal.code).toBe('keys.passphrase_wrong');
  const file = JSON.parse(text) as Record<string, string>;
  const changed = { ...file, fingerprint: file['fingerprint']!.replace(/^./, (c) => (c === '0' ? '1' : '0')) };
  const moved = await openEscrow(JSON.stringify(changed), passphrase, 'e');
  expect(moved.ok ? '' : moved.refusal.code).toBe('keys.passphrase_wrong');
});

test('a passphrase that is guessed in an hour is not taken; what is no escrow is told apart from a wrong passphrase', async () => {
  const short = await makeEscrow(keyText, new Secret('   hunter2      '), systemRandomBytes);
  expect(short.ok ? '' : short.refusal.code).toBe('keys.passphrase_short');
  for (const text of ['', '[]', 'null', keyText.reveal(), '{"format":"liushui-escrow-1"}']) {
    const opened = await openEscrow(text, passphrase, 'e');
    expect(opened.ok ? '' : opened.refusal.code).toBe('keys.escrow_malformed');
  }
});
