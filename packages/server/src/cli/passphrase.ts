import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { done, refuse, Secret } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import type { Words } from './answer.ts';
import { text } from './session.ts';
import type { Options, Use } from './session.ts';

/**
 * From the file that was named, or typed at the terminal without being shown. Never an argument: those stand in the list of processes
 * and in the shell's history.
 * @param asked what to ask; a second one asks again, for a new passphrase.
 */
export async function readPassphrase(use: Use, options: Options, asked: readonly Words[]): Promise<Result<Secret>> {
  const file = text(options, 'passphraseFile');
  if (file !== undefined) {
    try {
      return done(new Secret(readFileSync(file, 'utf8')));
    } catch (error) {
      return refuse('keys.file_unusable', { file, why: (error as { code?: string }).code ?? '' });
    }
  }
  if (!process.stdin.isTTY) return refuse('keys.passphrase_missing');
  const typed: string[] = [];
  for (const words of asked) {
    use.tell.line(words);
    typed.push(await typeUnseen());
  }
  const [first = ''] = typed;
  if (typed.some((one) => one !== first)) return refuse('keys.passphrase_missing', { why: 'typed twice, differently' });
  return done(new Secret(first));
}

/** The terminal echoes to the output it is given, and this one swallows it. */
async function typeUnseen(): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, settle) => settle() });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return await terminal.question('');
  } finally {
    terminal.close();
  }
}
